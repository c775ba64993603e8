//! Which listed tokens could be a token of the party? Found by keys, verified, and remembered for the next party.

use super::companion::{Companion, TokenId};
use super::keys::token_keys;
use crate::names::{
    CHINESE_SPELLINGS, GLUED_SPELLING_LETTERS_MIN, Heard, Sketch, Tag, Token, Vowels, after_merged_abd, cut_name_stem, edit_budget,
    equivalents, is_patronymic, mandarin_respellings, token_similarity, without_glued_form,
};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Listed tokens that a short or cut-off word may stand for.
pub(super) const COMPLETIONS_MAX: usize = 64;
/// Pet names made by cutting are short.
const CUT_NAME_LETTERS_MAX: usize = 5;
/// Remembered tokens of each kind a segment; then it starts over.
const REMEMBERED_MAX: usize = 50_000;
/// Words of fewer letters are not taken for two.
const SPLIT_LETTERS_MIN: usize = 6;
/// Each of three words has so many.
const PART_OF_THREE_LETTERS_MIN: usize = 3;

/// A listed token and how well it stands for the one looked for, 0 to 1.
pub(super) type Near = (TokenId, f32);

/// A listed token that some letters of the token looked for are, and how much of it, 0 to 1.
pub(super) type Part = (TokenId, f32);

/// Remembers what tokens expanded to in one segment. Payments repeat names, and names repeat tokens.
#[derive(Debug, Default)]
pub(super) struct NearTokens {
    /// What is known of a word, apart for the same letters with other knowledge of their vowels.
    known: [FxHashMap<Box<str>, Found>; 3],
    near: Vec<Near>,
    parts: Vec<Part>,
    keys: Vec<u64>,
    /// Tokens that share a key with the one looked for and may be like it.
    likely: Vec<TokenId>,
}

/// Where the results of one token are.
#[derive(Debug, Clone, Default)]
struct Found {
    near: Range<u32>,
    parts: Range<u32>,
}

impl NearTokens {
    /// Listed tokens within the edits, sounds and equivalents of a word, best first; and, for a word that is not listed, the
    /// listed ones that make it.
    pub(super) fn of(&mut self, companion: &Companion, token: &Token<'_>) -> (&[Near], &[Part]) {
        let kind = token.vowels as usize;
        let found = match self.known[kind].get(token.text) {
            Some(found) => found.clone(),
            None => {
                if self.known[kind].len() >= REMEMBERED_MAX {
                    self.known.iter_mut().for_each(FxHashMap::clear);
                    self.near.clear();
                    self.parts.clear();
                }
                let (near, parts) = (self.near.len() as u32, self.parts.len() as u32);
                self.find(companion, token);
                for other in mandarin_respellings(token.text) {
                    self.find_parts(companion, &other);
                }
                if token.text.len() >= SPLIT_LETTERS_MIN && !self.near[near as usize..].iter().any(|(_, similarity)| *similarity == 1.0) {
                    self.find_parts(companion, token.text);
                }
                let found = Found { near: near..self.near.len() as u32, parts: parts..self.parts.len() as u32 };
                self.known[kind].insert(token.text.into(), found.clone());
                found
            }
        };
        let (near, parts) = (found.near.start as usize..found.near.end as usize, found.parts.start as usize..found.parts.end as usize);
        (&self.near[near], &self.parts[parts])
    }

    /// `alizeaiter` -> `ali` and `zeaiter`, `minaunghlaing` -> `min`, `aung` and `hlaing`, all listed.
    fn find_parts(&mut self, companion: &Companion, text: &str) {
        let share = |part: &str| part.len() as f32 / text.len() as f32;
        let listed = |part: &str| companion.exact(part).map(|id| (id, share(part)));
        for split in 2..text.len() - 1 {
            let (left, rest) = text.split_at(split);
            let Some(first) = listed(left) else { continue };
            if let Some(second) = listed(rest) {
                self.parts.extend([first, second]);
            }
            if left.len() < PART_OF_THREE_LETTERS_MIN {
                continue;
            }
            for second_split in PART_OF_THREE_LETTERS_MIN..(rest.len() + 1).saturating_sub(PART_OF_THREE_LETTERS_MIN) {
                let (middle, right) = rest.split_at(second_split);
                if let Some(third) = listed(right)
                    && let Some(second) = listed(middle)
                {
                    self.parts.extend([first, second, third]);
                }
            }
        }
    }

    fn find(&mut self, companion: &Companion, token: &Token<'_>) {
        let Self { near: found, keys, likely, .. } = self;
        let start = found.len();
        let plain = Heard::sketched(Token { tag: Tag::Word, weight: 100, syllabic: false, ..*token });
        let filter = Filter::new(&plain);
        token_keys(token.text, token.is_vowelless(), edit_budget(token.text.len()), keys);
        likely.clear();
        for &key in keys.iter() {
            companion.tokens_with_key(key, |id| {
                if filter.lets_pass(companion, id) {
                    likely.push(id);
                }
            });
        }
        // Most share several keys.
        likely.sort_unstable();
        likely.dedup();
        found.extend(likely.iter().filter_map(|&id| Some((id, token_similarity(&plain, &companion.heard(id))?.0))));
        let mut add = |id, similarity| {
            if !found[start..].iter().any(|(known, _)| *known == id) {
                found.push((id, similarity));
            }
        };
        for other in equivalents(token.text).filter(|other| *other != token.text) {
            if let Some(id) = companion.exact(other) {
                add(id, 0.92);
            }
        }
        for other in mandarin_respellings(token.text) {
            companion.exact(&other).into_iter().for_each(|id| add(id, CHINESE_SPELLINGS));
        }
        for stem in without_glued_form(token.text) {
            if let Some(id) = companion.exact(stem) {
                token_similarity(&plain, &companion.heard(id)).into_iter().for_each(|(similarity, _)| add(id, similarity));
            }
        }
        if !token.is_vowelless() {
            cut_names(companion, token.text, |id| add(id, 0.80));
        }
        // Best first: a document that has several of them is credited with the first.
        found[start..].sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    }
}

/// Glued neighbours as they are or, with letters enough, with the same consonants; not remembered, since pairs of words rarely
/// repeat.
pub(super) fn near_glued(companion: &Companion, token: &Token<'_>, keys: &mut Vec<u64>, mut found: impl FnMut(TokenId, f32)) {
    for other in mandarin_respellings(token.text) {
        companion.exact(&other).into_iter().for_each(|id| found(id, CHINESE_SPELLINGS));
    }
    if token.text.len() < GLUED_SPELLING_LETTERS_MIN {
        return companion.exact(token.text).into_iter().for_each(|id| found(id, 1.0));
    }
    let heard = Heard::sketched(*token);
    let filter = Filter::new(&heard);
    token_keys(token.text, token.is_vowelless(), 0, keys);
    for &key in keys.iter().filter(|&&key| companion.may_have_whole(key)) {
        companion.tokens_with_key(key, |id| {
            let alike = token.is_vowelless() || usize::from(companion.token_facts(id).length).abs_diff(token.text.len()) <= 1;
            if alike
                && filter.lets_pass(companion, id)
                && let Some((similarity, _)) = token_similarity(&heard, &companion.heard(id))
            {
                found(id, similarity);
            }
        });
    }
}

/// Shorter words that are one sound apart are two.
const SOUNDS_APART_LETTERS_MIN: usize = 7;

/// `Abd` makes a name so many letters longer, one more or less for how the rest is spelled.
const ABD_LETTERS: usize = 3;

/// Rejects most tokens that share a key by chance, at a few nanoseconds each.
struct Filter {
    letters: u64,
    length: usize,
    sketch: Sketch,
    consonants: u16,
    edits: usize,
    /// Only the whole comparison can tell.
    pass_all: bool,
}

impl Filter {
    fn new(heard: &Heard<'_>) -> Self {
        let Token { text, vowels, .. } = heard.token;
        let sound = heard.sound();
        Self {
            letters: heard.letters(),
            length: text.len(),
            sketch: sound.sketch(),
            consonants: sound.skeleton().code(),
            edits: edit_budget(text.len()),
            pass_all: vowels != Vowels::Written || is_patronymic(text) || after_merged_abd(text).is_some(),
        }
    }

    fn lets_pass(&self, companion: &Companion, id: TokenId) -> bool {
        let listed = companion.token_facts(id);
        if self.pass_all || listed.vowels != Vowels::Written {
            return true;
        }
        let sounds_apart = u8::from(self.length >= SOUNDS_APART_LETTERS_MIN);
        if listed.sketch.at_most_apart(self.sketch, sounds_apart) {
            return true;
        }
        let listed_length = usize::from(listed.length);
        let longer_by = listed_length.saturating_sub(self.length);
        if (ABD_LETTERS - 1..=ABD_LETTERS + 1).contains(&longer_by) && after_merged_abd(companion.token_text(id)).is_some() {
            return true;
        }
        // One edit, too, changes at most two letters of the set; where the consonants are the same one more is allowed.
        let edits = self.edits + usize::from(listed.consonants == self.consonants);
        let letters_apart = (listed.letters ^ self.letters).count_ones() as usize;
        letters_apart <= 2 * edits && listed_length.abs_diff(self.length) <= edits
    }
}

/// Listed names that a short name may be cut from, and listed short names that this one may be cut to.
fn cut_names(companion: &Companion, text: &str, mut found: impl FnMut(TokenId)) {
    let stem = cut_name_stem(text);
    if (3..=CUT_NAME_LETTERS_MAX).contains(&stem.len()) {
        companion
            .with_prefix(stem, COMPLETIONS_MAX)
            .filter(|&id| usize::from(companion.token_facts(id).length) >= stem.len() + 2)
            .for_each(&mut found);
    }
    for letters in 3..=CUT_NAME_LETTERS_MAX.min(text.len().saturating_sub(2)) {
        if let Some(id) = companion.exact(&text[..letters]) {
            found(id);
        }
    }
}
