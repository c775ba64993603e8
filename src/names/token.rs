//! One word of a name, with what kind of word it is and how much it tells.

use super::tables::is_known_name;

/// What kind of word a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Tag {
    /// A name or any other telling word.
    Word = 0,
    /// One letter.
    Initial = 1,
    /// Digits, or a word with digits.
    Number = 2,
    /// A legal form, written as its class.
    LegalForm = 3,
    /// A title.
    Honorific = 4,
    /// `van`, `al`, `bin` and the like.
    Particle = 5,
    /// A word that stands in very many organisation names.
    Generic = 6,
}

impl Tag {
    /// The inverse of `as u8`; unknown numbers are words.
    pub fn from_u8(number: u8) -> Self {
        match number {
            1 => Self::Initial,
            2 => Self::Number,
            3 => Self::LegalForm,
            4 => Self::Honorific,
            5 => Self::Particle,
            6 => Self::Generic,
            _ => Self::Word,
        }
    }
}

/// What is known of a word's vowels: Arabic and Hebrew script write none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
#[repr(u8)]
pub enum Vowels {
    /// As written.
    #[default]
    Written = 0,
    /// Not written, but habit has fixed how the name is spelled in Latin letters; others may spell it otherwise.
    ByHabit = 1,
    /// Not written: only the consonants can be compared.
    Missing = 2,
}

impl Vowels {
    /// The inverse of `as u8`; unknown numbers are missing vowels.
    pub fn from_u8(number: u8) -> Self {
        match number {
            0 => Self::Written,
            1 => Self::ByHabit,
            _ => Self::Missing,
        }
    }
}

/// A borrowed token: lower-case ASCII letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// The letters; for a legal form its class.
    pub text: &'a str,
    /// What kind of word.
    pub tag: Tag,
    /// How much it tells, in per cent of a rare word: 0..=100.
    pub weight: u8,
    /// Whether its vowels are known.
    pub vowels: Vowels,
    /// Read from a script that writes syllables (Han, Hangul): many characters share one reading.
    pub syllabic: bool,
}

impl Token<'_> {
    /// Whether only its consonants are known.
    pub fn is_vowelless(&self) -> bool {
        self.vowels == Vowels::Missing
    }

    /// Weight as a fraction of a rare word.
    pub fn share(&self) -> f32 {
        f32::from(self.weight) / 100.0
    }
}

/// Whether neighbours written together may be a word: four letters, or three of which each stands alone (`I A C`).
pub fn join_to_a_word(parts: &[Token<'_>]) -> bool {
    let letters: usize = parts.iter().map(|part| part.text.len()).sum();
    letters >= 4 || letters == 3 && parts.iter().all(|part| part.tag == Tag::Initial)
}

/// Which tokens may be the first letters of names written together (`TE Wetherell`, `Wetherell TE`): two or three letters at
/// either end that are no name, beside a word that is long enough to be one. Bit i for token i.
pub fn joined_initials(tokens: &[Token<'_>]) -> u32 {
    let is_word = |token: &Token<'_>| token.tag == Tag::Word && !token.syllabic && !token.is_vowelless();
    let may_be = |place: &usize| {
        let token = &tokens[*place];
        is_word(token) && (2..=3).contains(&token.text.len()) && !is_known_name(token.text)
    };
    if tokens.len() < 2 || !tokens.iter().any(|token| is_word(token) && token.text.len() >= 5) {
        return 0;
    }
    [0, tokens.len() - 1].into_iter().filter(may_be).fold(0, |bits, place| bits | 1 << place)
}
