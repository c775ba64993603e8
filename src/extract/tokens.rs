//! Cuts a text into words and signs, and words into sentences.

use super::lexicon::{Class, Classes, PHRASE_WORDS_MAX, classes, is_common, reach};
use crate::model::{PlaceKind, place};
use crate::names::is_known_name;
use std::ops::Range;

/// A word, number or sign of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Bytes in the text.
    pub range: Range<usize>,
    pub lower: String,
    pub shape: Shape,
    /// Its shape was guessed: the text is all in capitals or all in small letters.
    pub guessed: bool,
    /// What the word alone may be.
    pub classes: Classes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `Ablyazov`, `al-Shabaab`, `iFinex`, `K.`
    Capital,
    /// `BTA`
    Upper,
    Lower,
    /// Letters of a script without case.
    Caseless,
    Number,
    /// `'s`
    Possessive,
    Sign,
    LineEnd,
}

impl Token {
    pub(super) fn is_capital(&self) -> bool {
        matches!(self.shape, Shape::Capital | Shape::Upper)
    }

    pub(super) fn is_sign(&self, signs: &[char]) -> bool {
        self.shape == Shape::Sign && self.lower.starts_with(signs)
    }
}

/// How much of a text's letters must be capitals for it to be shouted, or how little for it to be muttered, in per cent.
const SHOUTED_PERCENT: usize = 70;
const MUTTERED_PER_MILLE: usize = 2;

/// Words and signs in order. A text all in capitals or all in small letters gets its capitals back: on every word that
/// everyday language does not know.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::with_capacity(text.len() / 5);
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        if next == '\n' {
            push(text, at..at + 1, Shape::LineEnd, &mut found);
            at += 1;
        } else if next.is_whitespace() {
            at += next.len_utf8();
        } else if next.is_alphanumeric() {
            let end = at + word_length(&text[at..]);
            at = word(text, at..end, &mut found);
        } else {
            push(text, at..at + next.len_utf8(), Shape::Sign, &mut found);
            at += next.len_utf8();
        }
    }
    let (mut upper, mut lower) = (0, 0);
    for letter in text.chars() {
        upper += usize::from(letter.is_uppercase());
        lower += usize::from(letter.is_lowercase());
    }
    let shouted = upper > 20 && upper * 100 > (upper + lower) * SHOUTED_PERCENT;
    let muttered = lower > 60 && upper * 1000 < lower * MUTTERED_PER_MILLE;
    if shouted || muttered {
        let all = 0..found.len();
        restore_capitals(&mut found, all);
    } else {
        for headline in headlines(&found) {
            restore_capitals(&mut found, headline);
        }
    }
    found
}

/// Lines in which nearly every longer word has a capital, and none ends a sentence: there, capitals say nothing.
fn headlines(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in 0..=tokens.len() {
        if tokens.get(end).is_some_and(|token| token.shape != Shape::LineEnd) {
            continue;
        }
        let words = tokens[start..end]
            .iter()
            .filter(|token| token.lower.chars().count() > 3 && token.shape != Shape::Number && token.shape != Shape::Sign);
        let (mut capital, mut all, mut common) = (0, 0, 0);
        for word in words {
            all += 1;
            capital += usize::from(word.is_capital());
            common += usize::from(word.is_capital() && is_common(&word.lower));
        }
        let stop = end > start && tokens[end - 1].is_sign(&['.', '"', '”']);
        if all >= 4 && capital * 10 >= all * 8 && common >= 2 && !stop && end - start < 30 {
            found.push(start..end);
        }
        start = end + 1;
    }
    found
}

/// Letters and digits, with apostrophes, hyphens, full stops and the like inside.
fn word_length(text: &str) -> usize {
    let mut end = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((at, letter)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        let inside = matches!(letter, '\'' | '’' | '-' | '‑' | '.' | '/' | '&' | ',' | '·') && next.is_some_and(char::is_alphanumeric);
        let joins = match letter {
            _ if letter.is_alphanumeric() || is_mark(letter) => true,
            ',' => inside && ends_with_digit(&text[..at]) && next.is_some_and(|next| next.is_ascii_digit()),
            // `U.S`, `24.kg`, `S.Paulo`, but not `end.Next`
            '.' => inside && last_part_is_short(&text[..at]),
            '/' => inside && last_part_is_short_or_capital(&text[..at]),
            _ => inside,
        };
        if !joins {
            break;
        }
        end = at + letter.len_utf8();
    }
    end
}

/// Marks that belong to the letter before them.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{65F}' | '\u{900}'..='\u{903}' | '\u{93A}'..='\u{94F}' | '\u{E31}' | '\u{E34}'..='\u{E4E}')
}

fn ends_with_digit(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
}

fn last_part_is_short(text: &str) -> bool {
    let part = text.rsplit(['.', '-']).next().unwrap_or(text);
    part.chars().count() <= 2 || part.chars().all(|c| c.is_ascii_digit())
}

fn last_part_is_short_or_capital(text: &str) -> bool {
    let part = text.rsplit('/').next().unwrap_or(text);
    part.chars().count() <= 2 || part.chars().all(char::is_uppercase)
}

/// Adds one word, and its `'s` as another; returns where they end.
fn word(text: &str, range: Range<usize>, found: &mut Vec<Token>) -> usize {
    let raw = &text[range.clone()];
    for ending in ["'s", "’s", "'S", "’S"] {
        if let Some(stem) = raw.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
            let split = range.start + stem.len();
            plain_word(text, range.start..split, found);
            push(text, split..range.end, Shape::Possessive, found);
            return range.end;
        }
    }
    plain_word(text, range, found)
}

fn plain_word(text: &str, mut range: Range<usize>, found: &mut Vec<Token>) -> usize {
    let raw = &text[range.clone()];
    // The full stop of `U.S.`, `K.` and `Ltd.` is part of the word.
    if text[range.end..].starts_with('.') && takes_full_stop(raw) {
        range.end += 1;
    }
    let (shape, end) = (shape(&text[range.clone()]), range.end);
    push(text, range, shape, found);
    end
}

fn takes_full_stop(raw: &str) -> bool {
    let mut letters = raw.chars();
    let is_initial = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
    is_initial
        || (raw.contains('.') && !raw.contains(|c: char| c.is_ascii_digit()))
        || classes(&format!("{}.", raw.to_lowercase())) != Classes::default()
}

fn shape(raw: &str) -> Shape {
    let mut letters = raw.chars().filter(|c| c.is_alphabetic()).peekable();
    if letters.peek().is_none() {
        return Shape::Number;
    }
    if raw.starts_with(|c: char| c.is_ascii_digit()) && !raw.contains(char::is_uppercase) {
        return Shape::Number;
    }
    let (mut upper, mut lower) = (0, 0);
    for letter in letters {
        upper += usize::from(letter.is_uppercase());
        lower += usize::from(letter.is_lowercase());
    }
    match (upper, lower) {
        (0, 0) => Shape::Caseless,
        (0, _) => Shape::Lower,
        (2.., 0) => Shape::Upper,
        _ if raw.contains('-') && !raw.starts_with(char::is_uppercase) && !has_particle_hyphen(raw) => Shape::Lower,
        _ => Shape::Capital,
    }
}

/// `al-Shabaab` is a name, `ex-President` and `pro-Russian` are not.
fn has_particle_hyphen(raw: &str) -> bool {
    raw.split('-').next().is_some_and(|first| {
        classes(first).has(Class::Particle) || matches!(first, "an" | "ad" | "as" | "ar" | "at" | "ul" | "ur" | "ush" | "ash" | "az")
    })
}

fn push(text: &str, range: Range<usize>, shape: Shape, found: &mut Vec<Token>) {
    let lower = text[range.clone()].to_lowercase().replace('’', "'");
    let classes = classes(&lower);
    found.push(Token { range, lower, shape, guessed: false, classes });
}

fn restore_capitals(tokens: &mut [Token], range: Range<usize>) {
    let known = known_phrases(tokens, range.clone());
    for (at, token) in tokens.iter_mut().enumerate().take(range.end).skip(range.start) {
        if !matches!(token.shape, Shape::Capital | Shape::Upper | Shape::Lower) {
            continue;
        }
        token.guessed = true;
        let ordinary = is_common(&token.lower)
            || token.classes.has_any(&[
                Class::CommonCapital,
                Class::Particle,
                Class::BreaksDescription,
                Class::CompanyNoun,
                Class::VesselNoun,
                Class::MediaNoun,
                Class::OrganisationHead,
                Class::OfficialHead,
            ])
            || token.classes.has_any(Classes::TITLES)
            || token.lower.ends_with("ed") && token.lower.len() > 5
            || token.lower.ends_with("ing") && token.lower.len() > 6;
        let proper = known[at - range.start]
            || !is_common(&token.lower) && token.classes.has_any(&[Class::KnownMedia, Class::KnownOfficial, Class::LegalForm])
            || !is_common(&token.lower) && is_known_name(&token.lower);
        token.shape = if ordinary && !proper { Shape::Lower } else { Shape::Capital };
    }
    // The head of an organisation's name after its own words: "southwark crown court".
    for at in range.start + 1..range.end {
        let after_name = tokens[at - 1].shape == Shape::Capital && place(&tokens[at - 1].lower).is_none();
        let head = tokens[at].classes.has_any(&[Class::OrganisationHead, Class::OfficialHead]);
        let next_is_head = tokens
            .get(at + 1)
            .is_some_and(|next| at + 1 < range.end && next.classes.has_any(&[Class::OrganisationHead, Class::OfficialHead]));
        if after_name
            && tokens[at].shape == Shape::Lower
            && (head
                || next_is_head && is_common(&tokens[at].lower) && !tokens[at].classes.has_any(&[Class::BreaksDescription, Class::Joiner]))
        {
            tokens[at].shape = Shape::Capital;
        }
    }
}

/// Which tokens of a range belong to a name of the table: "national crime agency".
fn known_phrases(tokens: &[Token], range: Range<usize>) -> Vec<bool> {
    let mut known = vec![false; range.len()];
    for at in range.clone() {
        let most = reach(&tokens[at].lower).min(PHRASE_WORDS_MAX).min(range.end - at);
        for length in (2..=most).rev() {
            let words: Vec<&str> = tokens[at..at + length].iter().map(|token| token.lower.as_str()).collect();
            if classes(&words.join(" ")).has_any(&[Class::KnownMedia, Class::KnownOfficial]) || place(&words.join(" ")).is_some() {
                known[at - range.start..at + length - range.start].fill(true);
                break;
            }
        }
        known[at - range.start] |=
            matches!(place(&tokens[at].lower), Some((PlaceKind::Country | PlaceKind::Town, _))) && !is_common(&tokens[at].lower);
    }
    known
}

/// Sentences as ranges of tokens, without the line ends between them.
pub(super) fn sentences(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..tokens.len() {
        let token = &tokens[at];
        let mut end = at + 1;
        if token.shape == Shape::LineEnd {
            if start < at {
                found.push(start..at);
            }
            start = end;
        } else if ends_sentence(tokens, at) {
            // a closing quote or bracket belongs to the sentence it closes
            while tokens.get(end).is_some_and(|next| next.is_sign(&['"', '”', '»', '\'', '’', ')', ']'])) {
                end += 1;
            }
            if start < end {
                found.push(start..end);
            }
            start = start.max(end);
        }
    }
    if start < tokens.len() {
        found.push(start..tokens.len());
    }
    found
}

/// A sentence closes at most so many quotation marks and brackets.
const CLOSING_MAX: usize = 8;

fn ends_sentence(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    // A stop, or an abbreviation with its full stop; nothing else is looked at twice.
    let stop = token.is_sign(&['.', '!', '?', '。', '…']);
    let abbreviation = token.lower.ends_with('.') && token.lower.len() > 1;
    if !stop && !abbreviation {
        return false;
    }
    let Some(next) = tokens[at + 1..]
        .iter()
        .take(CLOSING_MAX)
        .find(|next| !next.is_sign(&['"', '”', '»', '\'', '’', ')', ']', '“', '«', '‘', '(', '[']))
    else {
        return token.is_sign(&['.', '!', '?', '。', '…']);
    };
    let starts_new = next.is_capital() || next.guessed || matches!(next.shape, Shape::Number | Shape::Caseless | Shape::LineEnd);
    if token.is_sign(&['.', '!', '?', '。', '…']) {
        return starts_new && next.range.start > token.range.end || token.lower == "。";
    }
    // An abbreviation with its full stop ends a sentence only where a word follows that begins one.
    let may_end = token.lower.ends_with('.') && token.lower.len() > 1 && !token.classes.has_any(Classes::TITLES);
    let begins_name = next.classes.has_any(&[Class::OrganisationHead, Class::OfficialHead]) || next.classes.has_any(Classes::TITLES);
    may_end && next.is_capital() && !begins_name && next.classes.has(Class::CommonCapital) && is_common(&next.lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        let tokens = tokens(text);
        sentences(&tokens).into_iter().map(|range| &text[tokens[range.start].range.start..tokens[range.end - 1].range.end]).collect()
    }

    #[test]
    fn abbreviations_and_initials_do_not_end_a_sentence() {
        assert_eq!(cut("The U.S. fined J. Smith Inc. yesterday. He left."), ["The U.S. fined J. Smith Inc. yesterday.", "He left."]);
        assert_eq!(cut("He fled the U.S. He was found."), ["He fled the U.S.", "He was found."]);
        assert_eq!(cut("He said \"no.\" Then he left!"), ["He said \"no.\"", "Then he left!"]);
        assert_eq!(cut("Gen. Pavel Dorokhin left. Folha de S.Paulo wrote."), ["Gen. Pavel Dorokhin left.", "Folha de S.Paulo wrote."]);
        assert_eq!(cut("One\nTwo"), ["One", "Two"]);
        assert!(cut("").is_empty());
        assert_eq!(cut("..."), ["..."]);
    }

    #[test]
    fn words_keep_what_belongs_to_them() {
        let words = |text: &str| tokens(text).into_iter().map(|token| token.lower).collect::<Vec<_>>();
        assert_eq!(words("Kazakhstan's BTA"), ["kazakhstan", "'s", "bta"]);
        assert_eq!(words("$5,000 al-Shabaab, d.o.o. end.Next"), ["$", "5,000", "al-shabaab", ",", "d.o.o.", "end", ".", "next"]);
        assert_eq!(words("RFE/RL and/or"), ["rfe/rl", "and", "/", "or"]);
    }

    #[test]
    fn shouted_texts_get_their_small_letters_back() {
        let tokens = tokens("THE COURT CONVICTED VIKTOR HALVORSEN OF FRAUD ON MONDAY");
        let capitals: Vec<&str> = tokens.iter().filter(|token| token.is_capital()).map(|token| token.lower.as_str()).collect();
        assert!(capitals.contains(&"halvorsen") && !capitals.contains(&"convicted") && !capitals.contains(&"court"), "{capitals:?}");
    }
}
