//! Words that are one word in other spellings: long names of countries, and letters that stand apart in names of organisations.

use super::{Name, Span};
use crate::names::tables::{COUNTRY_WORDS_MAX, TABLES};
use crate::names::token::Tag;
use crate::names::word::classify;

impl Name {
    /// `U.S. Department of State`, `United States Department of State` -> `usa department of state`. Where the country's own word
    /// stands in its long name, the other words of it say little: `Islamic Republic of Iran Shipping Lines`.
    pub(super) fn fold_countries(&mut self) {
        let mut phrase = String::new();
        let mut index = 0;
        while index < self.spans.len() {
            if TABLES.word(self.text(index)).starts_country {
                let longest = COUNTRY_WORDS_MAX.min(self.spans.len() - index);
                for words in (1..=longest).rev() {
                    self.phrase(index, words, &mut phrase);
                    let Some(country) = TABLES.country(&phrase) else { continue };
                    match (index..index + words).find(|&word| self.text(word) == country) {
                        Some(own) => self.lighten((index..index + words).filter(|&word| word != own)),
                        None => self.replace_by_word(index, words, country),
                    }
                    break;
                }
            }
            index += 1;
        }
    }

    fn lighten(&mut self, words: impl Iterator<Item = usize>) {
        words.for_each(|word| self.spans[word].weight = self.spans[word].weight.min(WEIGHT_OF_LONG_NAME));
    }

    /// `L.X.C. Aviation` -> `lxc aviation`, `A & S Carrier` -> `as carrier`: in a name that has words of an organisation, letters
    /// beside each other are an acronym written with dots or spaces; in a person's they are initials.
    pub(super) fn join_letters(&mut self) {
        if !self.spans.iter().any(|span| matches!(span.tag, Tag::Generic | Tag::LegalForm)) {
            return;
        }
        let mut index = 0;
        while index < self.spans.len() {
            let (mut letters, mut end) = (String::new(), index);
            while let Some(next) = self.next_letter(end, !letters.is_empty()) {
                letters.push_str(self.text(next));
                end = next + 1;
            }
            if letters.len() >= 2 {
                self.replace_by_word(index, end - index, &letters);
            }
            index += 1;
        }
    }

    /// Where the next letter stands that is a word of its own: at `index` or, behind another letter, after an `and`.
    fn next_letter(&self, index: usize, behind_letter: bool) -> Option<usize> {
        let is_letter = |at: usize| self.spans.get(at).is_some_and(|span| span.tag == Tag::Initial && !span.syllabic);
        let and = behind_letter && index < self.spans.len() && self.text(index) == "and";
        [index, index + usize::from(and)].into_iter().find(|&at| is_letter(at))
    }

    /// The words from the first on, joined by one space; a legal form is no part of a phrase.
    pub(super) fn phrase(&self, first: usize, count: usize, phrase: &mut String) {
        phrase.clear();
        for index in first..first + count {
            if index > first {
                phrase.push(' ');
            }
            phrase.push_str(self.spans[index].class.map_or(self.text(index), |_| "/"));
        }
    }

    /// Puts one word where some stood.
    pub(super) fn replace_by_word(&mut self, first: usize, count: usize, word: &str) {
        let (start, (tag, weight)) = (self.letters.len() as u32, classify(word));
        self.letters.push_str(word);
        let one = Span { start, end: self.letters.len() as u32, tag, weight, class: None, ..self.spans[first] };
        self.spans.splice(first..first + count, [one]);
    }
}

/// `Islamic Republic of`, beside the country that it is.
const WEIGHT_OF_LONG_NAME: u8 = 20;

#[cfg(test)]
mod tests {
    use crate::names::Name;

    #[test]
    fn long_names_of_countries_and_letters_apart_are_one_word() {
        for (written, read) in [
            ("A & S Carrier Group", "as carrier group"),
            ("Marks & Spencer Group", "marks and spencer group"),
            ("Islamic Republic of Iran Shipping Lines", "islamic republic of iran shipping lines"),
            ("U.S. Department of State", "usa department of state"),
            ("United States Department of State", "usa department of state"),
            ("Bank of the Democratic People's Republic of Korea", "bank of the dprk"),
            ("L.X.C Aviation", "lxc aviation"),
            ("J.R.R. Sandoval", "j r r sandoval"),
            ("Republic Gold Mining", "republic gold mining"),
        ] {
            assert_eq!(Name::new(written).joined(), read, "{written}");
        }
    }
}
