//! A name as written -> tokens. The same function for a party and for the list, always.

use super::scripts::{NUKTA, is_silent, is_syllabic_script, is_vowelless_script, push_latin};
use super::tables::{TABLES, WEIGHT_PARTICLE, is_known_name};
use super::token::{Tag, Token, Vowels};
use super::translation::translated;
use super::word::{after_abd, classify, follows_a_name, read_look_alikes, read_number};
use unicode_normalization::UnicodeNormalization;

mod arabic;
mod legal_forms;
mod phrases;

/// A normalised name. Holds its letters itself, so that one can be reused for many names without allocating.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Name {
    letters: String,
    spans: Vec<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    start: u32,
    end: u32,
    tag: Tag,
    weight: u8,
    vowels: Vowels,
    syllabic: bool,
    /// Set instead of the letters for a legal form.
    class: Option<&'static str>,
}

impl Name {
    /// More tokens than this say nothing more of who it is; the rest is left out of the comparison.
    pub const TOKENS_MAX: usize = 24;
    /// No real name has more characters; the rest is not read.
    const CHARACTERS_MAX: usize = 512;

    /// Reads one name.
    pub fn new(text: &str) -> Self {
        let mut name = Self::default();
        name.read(text);
        name
    }

    /// Reads another name into the same memory.
    pub fn read(&mut self, text: &str) {
        self.letters.clear();
        self.spans.clear();
        if text.is_ascii() {
            self.read_words(text.chars().take(Self::CHARACTERS_MAX));
        } else {
            let text: String = text.nfkc().take(Self::CHARACTERS_MAX).collect();
            let english = translated(&text);
            self.read_words(english.as_ref().unwrap_or(&text).chars());
        }
        self.read_styles();
        self.merge_abd();
        self.merge_al_din();
        self.keep_titles_in_front();
        self.lighten_acronyms();
        self.mend_legal_words();
        self.fold_legal_forms();
        self.fold_countries();
        self.join_letters();
        self.spans.truncate(Self::TOKENS_MAX);
        self.keep_at_least_one_telling_token();
    }

    /// The tokens in the order written.
    pub fn tokens(&self) -> impl ExactSizeIterator<Item = Token<'_>> {
        self.spans.iter().map(|span| Token {
            text: span.class.unwrap_or(&self.letters[span.start as usize..span.end as usize]),
            tag: span.tag,
            weight: span.weight,
            vowels: span.vowels,
            syllabic: span.syllabic,
        })
    }

    /// Nothing that could be compared was in it.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Tokens joined by a space.
    pub fn joined(&self) -> String {
        self.tokens().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    fn read_words(&mut self, mut characters: impl Iterator<Item = char> + Clone) {
        let mut word = Word { start: self.letters.len(), ..Word::default() };
        let mut arabic = String::new();
        while let Some(character) = characters.next() {
            if character.is_ascii_alphanumeric() {
                word.note(character, self.letters.len());
                self.letters.push(character.to_ascii_lowercase());
            } else if is_silent(character) {
                // an apostrophe or a vowel mark inside a word: the word goes on
            } else if character == '&' {
                word = self.end_word(word, &mut arabic);
                self.letters.push_str("and");
                word = self.end_word(word, &mut arabic);
            } else if character.is_ascii() || !character.is_alphanumeric() {
                let hyphen = character == '-';
                // `Lashkar-e-Taiba`, `Jaish-i-Mohammed`: of.
                let izafa = hyphen && word.linked && matches!(&self.letters[word.start..], "e" | "i");
                word = Word { linked: hyphen, ..self.end_word(word, &mut arabic) };
                if izafa && let Some(span) = self.spans.last_mut() {
                    (span.tag, span.weight) = (Tag::Particle, WEIGHT_PARTICLE);
                }
            } else {
                let syllabic = is_syllabic_script(character);
                if syllabic {
                    word = self.end_word(word, &mut arabic);
                }
                if is_vowelless_script(character) {
                    arabic.push(character);
                }
                word.syllabic = syllabic;
                push_latin(character, characters.clone().find(|next| *next != NUKTA), &mut self.letters);
                if syllabic {
                    word = self.end_word(word, &mut arabic);
                }
            }
        }
        self.end_word(word, &mut arabic);
    }

    /// Ends the word in work and returns an empty one.
    fn end_word(&mut self, word: Word, arabic: &mut String) -> Word {
        if !arabic.is_empty() {
            self.letters.truncate(word.start);
            self.push_arabic(arabic);
            arabic.clear();
        } else if self.letters.len() > word.start {
            word.mend(&mut self.letters);
            self.push_span(word.start, Vowels::Written, word.syllabic);
        }
        Word { start: self.letters.len(), ..Word::default() }
    }

    fn push_span(&mut self, start: usize, vowels: Vowels, syllabic: bool) {
        read_number(&mut self.letters, start);
        read_look_alikes(&mut self.letters, start);
        let (tag, weight) = classify(&self.letters[start..]);
        let weight = if syllabic { weight.min(WEIGHT_SYLLABLE_MAX) } else { weight };
        self.spans.push(Span { start: start as u32, end: self.letters.len() as u32, tag, weight, vowels, syllabic, class: None });
    }

    fn text(&self, index: usize) -> &str {
        &self.letters[self.spans[index].start as usize..self.spans[index].end as usize]
    }

    /// `Abd al-Rahman`, `Abdul Rahman`, `Abdelrahman` and `Abdurrahman` all become `abdrahman`.
    fn merge_abd(&mut self) {
        let mut index = 0;
        while index < self.spans.len() {
            let article = |text: &str| matches!(text, "al" | "el" | "ul" | "ar" | "as" | "ur" | "er" | "or");
            let rest = match self.text(index) {
                "abd" if index + 2 < self.spans.len() && article(self.text(index + 1)) => Some(index + 2),
                "abd" if index + 1 < self.spans.len() && self.text(index + 1) == "allah" => Some(index + 1),
                "abd" | "abdul" | "abdel" | "abdal" | "abdoul" | "abdu" | "abdur" | "abdol" | "abdool" | "abdoel"
                    if index + 1 < self.spans.len() && self.text(index + 1).len() >= 4 && self.spans[index + 1].tag != Tag::Honorific =>
                {
                    Some(index + 1)
                }
                _ => None,
            };
            let joined = match rest {
                Some(rest) if self.text(rest) == "allah" => Some("abdullah".to_owned()),
                Some(rest) => Some(format!("abd{}", self.text(rest))),
                None => after_abd(self.text(index)).map(|rest| format!("abd{rest}")),
            };
            if let Some(joined) = joined {
                let start = self.letters.len() as u32;
                self.letters.push_str(&joined);
                let end = self.letters.len() as u32;
                let last = self.spans[rest.unwrap_or(index)];
                let merged = Span { start, end, tag: Tag::Word, weight: 90, class: None, ..last };
                self.spans.splice(index..=rest.unwrap_or(index), [merged]);
            }
            index += 1;
        }
    }

    /// `Saif al-Din`, `Nour ad Dine`: "of the faith" is one word, as in `Saifuddin` and in Arabic.
    fn merge_al_din(&mut self) {
        for index in (1..self.spans.len().saturating_sub(1)).rev() {
            let article = matches!(self.text(index), "al" | "el" | "ul" | "ad" | "ed" | "ud");
            if article && matches!(self.text(index + 1), "din" | "dine" | "deen" | "dein") {
                let (start, (tag, weight)) = (self.letters.len() as u32, classify(AL_DIN));
                self.letters.push_str(AL_DIN);
                let merged = Span { start, end: self.letters.len() as u32, tag, weight, ..self.spans[index + 1] };
                self.spans.splice(index..=index + 1, [merged]);
            }
        }
    }

    /// `H.E. Sheikh`: in front of a title, `he` and its like are a style of address and no name.
    fn read_styles(&mut self) {
        let is_style = |text: &str| matches!(text, "he" | "hh" | "hrh" | "hm");
        if self.spans.len() > 2 && is_style(self.text(0)) && self.spans[1].tag == Tag::Honorific {
            self.spans.remove(0);
        } else if self.spans.len() > 3 && self.text(0) == "h" && matches!(self.text(1), "e" | "h") && self.spans[2].tag == Tag::Honorific {
            self.spans.drain(..2);
        } else if self.spans.len() > 3 && self.text(0) == "tan" && self.text(1) == "sri" {
            // Alone, `Tan` is one of the most frequent surnames of Singapore.
            self.spans.drain(..2);
        }
    }

    /// A title is one in front of a name only: `Qadi Ahmad`, but `Samir AL-QADI`. A few follow it.
    fn keep_titles_in_front(&mut self) {
        let mut in_front = true;
        for index in 0..self.spans.len() {
            if self.spans[index].tag != Tag::Honorific {
                in_front = false;
            } else if !in_front && !follows_a_name(self.text(index)) {
                let weight = TABLES.word(self.text(index)).weight.unwrap_or(WEIGHT_TITLE_AS_NAME);
                self.spans[index] = Span { tag: Tag::Word, weight, ..self.spans[index] };
            }
        }
    }

    /// `NIOC National Iranian Oil Company`: letters that the other words of the name spell say nothing more.
    fn lighten_acronyms(&mut self) {
        let words = self.spans.len().min(Self::TOKENS_MAX);
        for index in 0..words {
            let letters = self.text(index).len();
            let told_again = self.spans[index].tag == Tag::Word
                && (ACRONYM_LETTERS.contains(&letters) && words > letters)
                && (0..words).any(|first| self.spells(first..words, index))
                && !is_known_name(self.text(index));
            if told_again {
                self.spans[index].weight = WEIGHT_ACRONYM;
            }
        }
    }

    /// Whether the words from the first on, some word of an organisation among them, begin with the letters of the word at
    /// `acronym`, small words left out or not.
    fn spells(&self, words: std::ops::Range<usize>, acronym: usize) -> bool {
        let first = words.start;
        let mut letters = self.text(acronym).bytes().peekable();
        let mut of_organisation = false;
        for index in words {
            if index == acronym {
                return false;
            }
            if letters.peek() == self.text(index).as_bytes().first() {
                letters.next();
                of_organisation |= self.spans[index].tag == Tag::Generic;
                if letters.peek().is_none() {
                    return of_organisation;
                }
            } else if index == first || self.text(index).len() > SMALL_WORD_LETTERS_MAX {
                return false;
            }
        }
        false
    }

    /// A name of small words only ("The Who", "General Bank") must still be comparable: its words then weigh more.
    fn keep_at_least_one_telling_token(&mut self) {
        let telling = self.spans.iter().any(|span| matches!(span.tag, Tag::Word | Tag::Generic | Tag::Number));
        if !telling {
            for span in &mut self.spans {
                if span.class.is_none() {
                    span.weight = span.weight.max(50);
                }
            }
        }
    }
}

/// The word in work while a name is read.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    start: usize,
    syllabic: bool,
    /// A hyphen stands before it.
    linked: bool,
    /// Capitals, and small letters that are not read for a capital.
    capitals: u8,
    small: u8,
    /// Bit i is set where letter i is a small `l`.
    small_l: u32,
}

impl Word {
    fn note(&mut self, letter: char, at: usize) {
        let place = at - self.start;
        if letter == 'l' && place < 32 {
            self.small_l |= 1 << place;
        } else {
            self.capitals = self.capitals.saturating_add(u8::from(letter.is_ascii_uppercase()));
            self.small = self.small.saturating_add(u8::from(letter.is_ascii_lowercase()));
        }
    }

    /// `AKTSlONERNOE`: a small `l` among capitals is an `I` that was read so from an image.
    fn mend(&self, letters: &mut String) {
        if self.small_l == 0 || self.small > 0 || self.capitals < 2 {
            return;
        }
        let word: String =
            letters[self.start..].char_indices().map(|(at, c)| if at < 32 && self.small_l >> at & 1 == 1 { 'i' } else { c }).collect();
        letters.truncate(self.start);
        letters.push_str(&word);
    }
}

/// How `al-Din` is written as a word of its own.
const AL_DIN: &str = "uddin";

/// Letters of an acronym.
const ACRONYM_LETTERS: std::ops::RangeInclusive<usize> = 3..=6;
/// An acronym beside the words that it stands for.
const WEIGHT_ACRONYM: u8 = 8;
/// `of`, `the`, `for` and the like have no letter in an acronym.
const SMALL_WORD_LETTERS_MAX: usize = 3;

/// A title that stands inside a name is part of it, if not a telling one.
const WEIGHT_TITLE_AS_NAME: u8 = 60;
/// One syllable tells less than a word.
const WEIGHT_SYLLABLE_MAX: u8 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        Name::new(text).joined()
    }

    #[test]
    fn case_accents_apostrophes_and_scripts_are_folded() {
        assert_eq!(joined("Julián GONZÁLEZ"), "julian gonzalez");
        assert_eq!(joined("O'Neil, Qa\u{2019}id"), "oneil qaid");
        assert_eq!(joined("Мухтар Аблязов"), "mukhtar ablyazov");
        assert_eq!(joined("Søren Müller"), "soren muller");
        assert_eq!(joined("محمد نسرين"), "muhammad nisrin");
        assert_eq!(joined("عبد الرحمن الدرويش"), "abdrahman al darwish");
        assert_eq!(joined("H1SSENE Danie1"), "hissene daniei");
        assert_eq!(joined("Factory 256"), "factory 256");
        assert_eq!(joined("2nd Tower III, 14th Star"), "2 tower 3 14 star");
        assert_eq!(joined("Lashkar-i-Sahra"), joined("lashkar-I-sahra"));
        assert_eq!(joined("习近平"), "xi jin ping");
        assert_eq!(joined("Tan Sri Lim Kok Han"), "lim kok han");
        assert_eq!(joined("Tan Kok Han"), "tan kok han");
    }

    #[test]
    fn abd_names_have_one_spelling() {
        for text in ["Abd al-Rahman", "Abdul Rahman", "Abdulrahman", "Abdelrahman", "Abdurrahman", "Abd-ar-Rahman", "Abdurahman"] {
            assert_eq!(joined(text), "abdrahman", "{text}");
        }
        for text in ["Abdullah", "Abd Allah", "عبد الله", "عبدالله"] {
            assert_eq!(joined(text), "abdullah", "{text}");
        }
    }

    #[test]
    fn legal_forms_become_their_class() {
        assert_eq!(joined("Transservis, Limited Liability Company"), "transservis llc");
        assert_eq!(joined("OOO Transservis"), "llc transservis");
        assert_eq!(joined("MEXGLOBO, S.A. de C.V."), "mexglobo sa");
        assert_eq!(joined("S.A. Khan"), "s a khan");
        assert_eq!(joined("Smith & Co. Ltd."), "smith company ltd");
        assert_eq!(joined("Volksrad Bank G.m.b.H."), "volksrad bank llc");
        assert_eq!(joined("Carlow Partners L.P."), "carlow partners partnership");
    }

    #[test]
    fn small_words_are_marked_and_weigh_little() {
        let name = Name::new("Dr. Ludwig van Beethoven Trading 42");
        let tags: Vec<Tag> = name.tokens().map(|token| token.tag).collect();
        assert_eq!(tags, [Tag::Honorific, Tag::Word, Tag::Particle, Tag::Word, Tag::Generic, Tag::Number]);
    }

    #[test]
    fn letters_that_the_name_spells_out_weigh_little() {
        let weight = |text: &str, word: &str| Name::new(text).tokens().find(|token| token.text == word).map(|token| token.weight);
        assert_eq!(weight("NIOC National Iranian Oil Company", "nioc"), Some(WEIGHT_ACRONYM));
        assert_eq!(weight("Islamic Republic of Iran Shipping Lines (IRISL)", "irisl"), Some(WEIGHT_ACRONYM));
        assert_eq!(weight("NIOC Trading", "nioc"), Some(100));
        assert_ne!(weight("Ali Abbas Latif Ibrahim", "ali"), Some(WEIGHT_ACRONYM), "a given name, whatever follows");
        assert_eq!(joined("S.A.L. Perera"), "s a l perera");
        assert_eq!(weight("Ali Abdi Musa", "ali"), Some(Name::new("Ali").tokens().next().expect("a token").weight));
    }

    #[test]
    fn endless_and_empty_input_is_bounded() {
        assert!(Name::new("").is_empty());
        assert!(Name::new("--- ''' !!!").is_empty());
        assert!(Name::new(&"ab ".repeat(10_000)).tokens().len() <= Name::TOKENS_MAX);
    }
}
