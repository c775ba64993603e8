//! Legal forms in names: the words of one become one token that names its class; misspelled and cut ones, too.

use super::{Name, Span};
use crate::names::similarity::legal_word_near;
use crate::names::tables::{LEGAL_FORM_WORDS_MAX, TABLES, WEIGHT_LEGAL_FORM};
use crate::names::token::Tag;
use crate::names::word::is_leading_form;

impl Name {
    /// As [`Self::read`], for a name that may lack its end: a legal form that was cut is still one.
    pub fn read_cut(&mut self, text: &str) {
        self.read(text);
        for count in (1..=4.min(self.spans.len().saturating_sub(1))).rev() {
            let first = self.spans.len() - count;
            let tail = &self.spans[first..];
            if tail.iter().any(|span| span.class.is_some()) {
                continue;
            }
            let phrase = (first..self.spans.len()).map(|index| self.text(index)).collect::<Vec<_>>().join(" ");
            if TABLES.starts_legal_form(&phrase) {
                let folded = Span { tag: Tag::LegalForm, weight: WEIGHT_LEGAL_FORM, class: Some("cut"), ..self.spans[first] };
                self.spans.truncate(first);
                self.spans.push(folded);
                return;
            }
        }
    }

    /// Replaces the words of a legal form by one token that names its class. Never the first word of a name, unless the
    /// form is long enough to be nothing else.
    pub(super) fn fold_legal_forms(&mut self) {
        let mut phrase = String::new();
        let mut index = 0;
        while index < self.spans.len() {
            self.join_letters_of_form(index, &mut phrase);
            if TABLES.word(self.text(index)).starts_legal_form {
                let longest = LEGAL_FORM_WORDS_MAX.min(self.spans.len() - index);
                for words in (1..=longest).rev() {
                    self.phrase(index, words, &mut phrase);
                    let may_stand_first = words >= 2 && phrase.len() > 8 || is_leading_form(&phrase);
                    if let Some(class) = TABLES.legal_form(&phrase)
                        && (index > 0 || may_stand_first)
                        && words < self.spans.len()
                    {
                        let first = self.spans[index];
                        let folded = Span { tag: Tag::LegalForm, weight: WEIGHT_LEGAL_FORM, class: Some(class), ..first };
                        self.spans.splice(index..index + words, [folded]);
                        break;
                    }
                }
            }
            index += 1;
        }
    }

    /// `Bank G.m.b.H.`, `Partners L.P.`: letters at the end of an organisation's name that are a legal form together. In a
    /// person's they are initials.
    fn join_letters_of_form(&mut self, index: usize, phrase: &mut String) {
        let count = self.spans[index..].iter().take_while(|span| span.end - span.start == 1).count();
        let at_end = count >= 2 && index > 0 && index + count == self.spans.len();
        if !at_end || !self.spans.iter().any(|span| span.tag == Tag::Generic) {
            return;
        }
        phrase.clear();
        (index..index + count).for_each(|letter| phrase.push_str(&self.letters[self.spans[letter].start as usize..][..1]));
        if TABLES.legal_form(phrase).is_some() {
            self.replace_by_word(index, count, phrase);
        }
    }

    /// `OTKRYTOE AKTSOINERNOE OBSHCHESTVO`: beside words of long legal forms one that is nearly such a word is one.
    pub(super) fn mend_legal_words(&mut self) {
        let is_legal = |name: &Self, index: usize| name.text(index).len() >= LONG_LETTERS_MIN && TABLES.is_legal_word(name.text(index));
        for index in 0..self.spans.len() {
            let beside = index > 0 && is_legal(self, index - 1) || index + 1 < self.spans.len() && is_legal(self, index + 1);
            let unknown = self.text(index).len() >= LONG_LETTERS_MIN && TABLES.word(self.text(index)).tag.is_none();
            if beside
                && unknown
                && let Some(word) = legal_word_near(self.text(index), if self.text(index).len() >= TWO_EDITS_LETTERS_MIN { 2 } else { 1 })
            {
                self.replace_by_word(index, 1, word);
            }
        }
    }
}

/// Shorter words are too like others.
const LONG_LETTERS_MIN: usize = 7;
/// `Otkritie` is a bank, no misspelled `otkrytoe`.
const TWO_EDITS_LETTERS_MIN: usize = 10;

#[cfg(test)]
mod tests {
    use crate::names::Name;

    #[test]
    fn misspelled_legal_forms_are_read() {
        for (written, read) in [
            ("AKTSlONERNOE OBSHCHESTVO SEVERNY LUCH", "jsc severny luch"),
            ("SEVERNY LUCH OTKRYTOE AKTSOINERNOE OBSHCHESTVO", "severny luch jsc"),
            ("Severny Luch Open Joint Stock Co", "severny luch jsc"),
            ("Lattavia Port General Company", "lattavia port general company"),
            ("Kaspar Generalov", "kaspar generalov"),
        ] {
            assert_eq!(Name::new(written).joined(), read, "{written}");
        }
    }
}
