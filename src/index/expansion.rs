//! Which listed tokens could be a token of the party? Found by keys, verified, and remembered for the next party.

use super::companion::{Companion, TokenId};
use super::keys::token_keys;
use crate::names::{
    CHINESE_SPELLINGS, GLUED_SPELLING_LETTERS_MIN, Heard, Sketch, Tag, Token, Vowels, after_merged_abd, cut_name_stem, edit_budget,
    equivalents, is_known_name, is_near_legal_word, is_patronymic, mandarin_respellings, without_glued_form,
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
const SPLIT_LETTERS_MIN: usize = 4;
/// Each of three words has so many.
const PART_OF_THREE_LETTERS_MIN: usize = 2;
/// A word that is listed itself, and no known name, is two only where it has so many, and each of them.
const LISTED_SPLIT_LETTERS_MIN: usize = 8;
const PART_OF_LISTED_LETTERS_MIN: usize = 3;
/// A word so like a listed one is that one misspelled, not two.
const LIKE_ANOTHER: f32 = 0.90;
/// One of two words may be misspelled where it has so many letters, and the other so many.
const MISSPELLED_PART_LETTERS_MIN: usize = 4;
const PART_BESIDE_IT_LETTERS_MIN: usize = 3;

/// A listed token and how well it stands for the one looked for, 0 to 1.
pub(super) type Near = (TokenId, f32);

/// A listed token that some letters of the token looked for are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) token: TokenId,
    /// How much of it, 0 to 1.
    pub(super) share: f32,
    /// The rarest part of its split: a document without it need not be looked at.
    pub(super) leads: bool,
}

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
    /// May be a word of a legal form, misspelled.
    near_legal: bool,
}

/// What a token of the party may be.
pub(super) struct Meanings<'a> {
    /// Listed tokens that the whole of it may be, best first.
    pub(super) near: &'a [Near],
    /// Listed tokens that together make it.
    pub(super) parts: &'a [Part],
    /// A word of a legal form, misspelled.
    pub(super) near_legal: bool,
}

impl NearTokens {
    /// Listed tokens within the edits, sounds and equivalents of a word, and the listed ones that make it.
    pub(super) fn of(&mut self, companion: &Companion, token: &Token<'_>) -> Meanings<'_> {
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
                let respellings = mandarin_respellings(token.text);
                self.find(companion, token, &respellings);
                for other in &respellings {
                    self.find_parts(companion, other, false);
                }
                if token.text.len() >= SPLIT_LETTERS_MIN {
                    let like_another = self.near[near as usize..].iter().any(|(_, similarity)| *similarity >= LIKE_ANOTHER);
                    self.find_parts(companion, token.text, token.vowels == Vowels::Written && !like_another);
                }
                let found = Found {
                    near: near..self.near.len() as u32,
                    parts: parts..self.parts.len() as u32,
                    near_legal: is_near_legal_word(token.text),
                };
                self.known[kind].insert(token.text.into(), found.clone());
                found
            }
        };
        let (near, parts) = (found.near.start as usize..found.near.end as usize, found.parts.start as usize..found.parts.end as usize);
        Meanings { near: &self.near[near], parts: &self.parts[parts], near_legal: found.near_legal }
    }

    /// `alizeaiter` -> `ali` and `zeaiter`, `minaunghlaing` -> `min`, `aung` and `hlaing`, all listed; one of two may be misspelled.
    fn find_parts(&mut self, companion: &Companion, text: &str, misspelled: bool) {
        let is_listed = companion.exact(text).is_some();
        if is_listed && (text.len() < LISTED_SPLIT_LETTERS_MIN || is_known_name(text)) {
            return;
        }
        let least = if is_listed { PART_OF_LISTED_LETTERS_MIN } else { 2 };
        for split in least..(text.len() + 1).saturating_sub(least) {
            let Some((left, rest)) = text.split_at_checked(split) else { continue };
            let (first, second) = (companion.exact(left), companion.exact(rest));
            match (first, second) {
                (Some(first), Some(second)) => self.add_parts(companion, text, &[(first, left), (second, rest)]),
                (Some(listed), None) if misspelled => self.find_misspelled_part(companion, text, (listed, left), rest),
                (None, Some(listed)) if misspelled => self.find_misspelled_part(companion, text, (listed, rest), left),
                _ => {}
            }
            let Some(first) = first.filter(|_| !is_listed) else { continue };
            for second_split in PART_OF_THREE_LETTERS_MIN..(rest.len() + 1).saturating_sub(PART_OF_THREE_LETTERS_MIN) {
                let Some((middle, right)) = rest.split_at_checked(second_split) else { continue };
                if let Some(third) = companion.exact(right)
                    && let Some(second) = companion.exact(middle)
                {
                    self.add_parts(companion, text, &[(first, left), (second, middle), (third, right)]);
                }
            }
        }
    }

    /// `tomudal` -> `tom` and `udall`.
    fn find_misspelled_part(&mut self, companion: &Companion, text: &str, listed: (TokenId, &str), misspelled: &str) {
        if misspelled.len() < MISSPELLED_PART_LETTERS_MIN || listed.1.len() < PART_BESIDE_IT_LETTERS_MIN {
            return;
        }
        let plain = Heard::sketched(Token { text: misspelled, tag: Tag::Word, weight: 100, vowels: Vowels::Written, syllabic: false });
        let start = self.near.len();
        self.find_by_keys(companion, &plain);
        let near: Vec<Near> = self.near.drain(start..).collect();
        for (id, _) in near {
            self.add_parts(companion, text, &[listed, (id, misspelled)]);
        }
    }

    fn add_parts(&mut self, companion: &Companion, text: &str, parts: &[(TokenId, &str)]) {
        let rarest = parts.iter().map(|(token, _)| *token).min_by_key(|token| companion.token_facts(*token).doc_count);
        let part = |&(token, letters): &(TokenId, &str)| Part {
            token,
            share: letters.len() as f32 / text.len() as f32,
            leads: Some(token) == rarest,
        };
        self.parts.extend(parts.iter().map(part));
    }

    /// Adds the tokens that share a key with a word and are like it.
    fn find_by_keys(&mut self, companion: &Companion, heard: &Heard<'_>) {
        let Self { near, keys, likely, .. } = self;
        let (text, filter) = (heard.token.text, Filter::new(heard));
        token_keys(heard, edit_budget(text.len()), keys);
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
        near.extend(likely.iter().filter_map(|&id| Some((id, companion.similarity(heard, id)?))));
    }

    fn find(&mut self, companion: &Companion, token: &Token<'_>, respellings: &[String]) {
        let start = self.near.len();
        let plain = Heard::sketched(Token { tag: Tag::Word, weight: 100, syllabic: false, ..*token });
        self.find_by_keys(companion, &plain);
        let found = &mut self.near;
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
        for other in respellings {
            companion.exact(other).into_iter().for_each(|id| add(id, CHINESE_SPELLINGS));
        }
        // `reyco` is `reycogmbh` without the form, and the other way round.
        let with_form = companion.with_prefix(token.text, COMPLETIONS_MAX).filter(|_| token.text.len() >= SPLIT_LETTERS_MIN);
        for id in without_glued_form(token.text).filter_map(|stem| companion.exact(stem)).chain(with_form) {
            companion.similarity(&plain, id).into_iter().for_each(|similarity| add(id, similarity));
        }
        if !token.is_vowelless() {
            cut_names(companion, token.text, |id| add(id, 0.80));
        }
        // Best first: a document that has several of them is credited with the first.
        found[start..].sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    }
}

/// `tse`, `tung` -> `zedong`, listed.
pub(super) fn glued_syllables(companion: &Companion, glued: &str, mut found: impl FnMut(TokenId)) {
    mandarin_respellings(glued).iter().filter_map(|other| companion.exact(other)).for_each(&mut found);
}

/// Glued neighbours as they are, as their equivalents or, with letters enough, with the same consonants; not remembered, since
/// pairs of words rarely repeat.
pub(super) fn near_glued(companion: &Companion, token: &Token<'_>, keys: &mut Vec<u64>, mut found: impl FnMut(TokenId, f32)) {
    for other in equivalents(token.text).filter(|other| *other != token.text) {
        companion.exact(other).into_iter().for_each(|id| found(id, 0.92));
    }
    if token.text.len() < GLUED_SPELLING_LETTERS_MIN {
        return companion.exact(token.text).into_iter().for_each(|id| found(id, 1.0));
    }
    let heard = Heard::sketched(*token);
    token_keys(&heard, 0, keys);
    for &key in keys.iter() {
        companion.tokens_with_key(key, |id| {
            let alike = token.is_vowelless() || usize::from(companion.token_facts(id).length).abs_diff(token.text.len()) <= 1;
            if alike
                && Filter::new(&heard).lets_pass(companion, id)
                && let Some(similarity) = companion.similarity(&heard, id)
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
