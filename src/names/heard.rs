//! A word as the comparison hears it: what takes time to find out is found out once, and only if it is asked for.

use super::edits::letters_of;
use super::sound::{Skeleton, Sketch, Sound};
use super::tables::{Equivalence, TABLES};
use super::token::Token;
use std::cell::OnceCell;

/// A token, with what is found out about it once that is asked for: one word is compared with many.
#[derive(Debug, Clone)]
pub struct Heard<'a> {
    /// The word.
    pub token: Token<'a>,
    letters: u64,
    sketch: Option<Sketch>,
    sound: OnceCell<Sound>,
    groups: OnceCell<&'static [u16]>,
}

impl<'a> Heard<'a> {
    /// Listens to a token later.
    pub fn new(token: Token<'a>) -> Self {
        Self { token, letters: letters_of(token.text), sketch: None, sound: OnceCell::new(), groups: OnceCell::new() }
    }

    /// Where some is known already.
    pub fn known(token: Token<'a>, letters: u64, sketch: Sketch) -> Self {
        Self { token, letters, sketch: Some(sketch), sound: OnceCell::new(), groups: OnceCell::new() }
    }

    /// Listens now.
    pub fn sketched(token: Token<'a>) -> Self {
        let heard = Self::new(token);
        Self { sketch: Some(heard.sound().sketch()), ..heard }
    }

    /// Which letters it has: see [`letters_of`].
    pub fn letters(&self) -> u64 {
        self.letters
    }

    /// How it sounds.
    pub fn sound(&self) -> &Sound {
        self.sound.get_or_init(|| Sound::of(self.token.text))
    }

    /// Its consonants.
    pub(super) fn skeleton(&self) -> Skeleton {
        self.sound().skeleton()
    }

    /// Groups of equivalents that it stands in.
    fn groups(&self) -> &'static [u16] {
        self.groups.get_or_init(|| TABLES.groups(self.token.text))
    }

    /// Whether both stand in one group of equivalents, and what kind of group that is.
    pub(super) fn equivalence(&self, other: &Self) -> Option<Equivalence> {
        if self.groups().is_empty() { None } else { TABLES.equivalence(self.groups(), other.groups()) }
    }

    /// Whether both sound alike.
    pub(super) fn sounds_as(&self, other: &Self) -> bool {
        self.at_most_apart(other, 0) && self.sound() == other.sound()
    }

    /// Whether so few sounds may part them, as far as the sketches tell.
    pub(super) fn at_most_apart(&self, other: &Self, sounds: u8) -> bool {
        self.sketch.zip(other.sketch).is_none_or(|(mine, theirs)| mine.at_most_apart(theirs, sounds))
    }

    /// The same word as if it were not read from a script of syllables.
    pub(super) fn spelled_out(&self) -> Self {
        Self { token: Token { syllabic: false, ..self.token }, ..self.clone() }
    }
}
