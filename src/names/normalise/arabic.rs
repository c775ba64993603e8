//! Words in Arabic and Hebrew script, which write no vowels: names whose Latin spelling habit has fixed are read so, what is not
//! known is compared by its consonants.

use super::Name;
use crate::names::scripts::consonant;
use crate::names::tables::{TABLES, arabic_letters};
use crate::names::token::{Tag, Vowels};

const ALLAH: &str = "الله";

impl Name {
    /// Reads one word: by habit of spelling, else without `abd` and article, else as two names, else as consonants.
    pub(super) fn push_arabic(&mut self, word: &str) {
        let start = self.letters.len();
        if arabic_letters(word) == ALLAH && self.joins_allah() {
            return;
        }
        if let Some(latin) = TABLES.arabic_name(word) {
            self.letters.push_str(latin);
            return self.push_span(start, Vowels::ByHabit, false);
        }
        if let Some(rest) = word.strip_prefix("عبد").filter(|rest| rest.chars().count() >= 3) {
            self.letters.push_str("abd");
            self.push_span(start, Vowels::Written, false);
            return self.push_arabic(rest);
        }
        let stem = word.strip_prefix("ال").filter(|stem| stem.chars().count() >= 3);
        if let Some(stem) = stem {
            self.letters.push_str("al");
            self.push_span(start, Vowels::Written, false);
            return self.push_arabic(stem);
        }
        if let Some((first, second)) = two_arabic_names(word) {
            self.push_arabic(first);
            return self.push_arabic(second);
        }
        self.letters.extend(
            word.chars()
                .flat_map(|character| consonant(character).chars())
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_lowercase()),
        );
        if self.letters.len() > start {
            self.push_span(start, Vowels::Missing, false);
        }
    }

    /// `ثناء الله`: Sanaullah, one name. Not behind `abd`, which is joined like every name of that kind, nor alone.
    fn joins_allah(&mut self) -> bool {
        let Some(last) = self.spans.last().copied().filter(|last| last.end as usize == self.letters.len()) else { return false };
        let word = &self.letters[last.start as usize..];
        if word.len() < 3 || word == "abd" || matches!(last.tag, Tag::Honorific | Tag::Particle | Tag::Number) {
            return false;
        }
        self.letters.push_str(if last.vowels == Vowels::Missing { "alh" } else { "ullah" });
        self.spans.pop();
        self.push_span(last.start as usize, last.vowels, false);
        true
    }
}

/// `محمدعبد`: after a letter that joins none behind it the gap between two names looks like a space already, and none is written.
/// Both must be known names.
fn two_arabic_names(word: &str) -> Option<(&str, &str)> {
    let gaps = word.char_indices().filter(|(_, letter)| matches!(letter, 'ا' | 'د' | 'ذ' | 'ر' | 'ز' | 'و' | 'ة' | 'ه' | 'ہ'));
    let halves = gaps.map(|(at, letter)| word.split_at(at + letter.len_utf8()));
    let known = |half: &str| half.chars().count() >= NAME_LETTERS_MIN && TABLES.arabic_name(half).is_some();
    halves.into_iter().find(|(first, second)| known(first) && known(second))
}

/// Shorter words are too often the beginning or end of another.
const NAME_LETTERS_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use crate::names::Name;

    #[test]
    fn names_without_vowels_are_read_by_habit() {
        for (written, read) in [
            ("محمدعبد البصير", "muhammad abdbasir"),
            ("نصر الله", "nasrullah"),
            ("عبد الله", "abdullah"),
            ("عبدالله", "abdullah"),
            ("الله", "allah"),
            ("ثناء الله زخرفون", "sanaullah zhrfwn"),
        ] {
            assert_eq!(Name::new(written).joined(), read, "{written}");
        }
    }
}
