//! How a word sounds: spelling habits folded into a key, and the consonants under that key.

use super::edits::edit_distance;
use rustc_hash::FxHasher;
use std::hash::Hasher;

const SOUND_MAX: usize = 32;

/// How a word sounds, spelling habits folded: `ph`/`f`, `kh`/`h`, `y`/`i`, `w`/`v`, double letters, silent ends. Vowels are kept as
/// classes, so `hamid` and `hamed` sound alike but `hamad` does not.
#[derive(Debug, Clone, Copy)]
pub struct Sound {
    codes: [u8; SOUND_MAX],
    length: u8,
}

impl Sound {
    /// Listens to a word in lower-case letters.
    pub fn of(text: &str) -> Self {
        let mut codes = [0u8; SOUND_MAX];
        let length = sound(text, &mut codes) as u8;
        Self { codes, length }
    }

    fn codes(&self) -> &[u8] {
        &self.codes[..usize::from(self.length)]
    }

    /// In how many sounds two words differ.
    pub(super) fn apart(&self, other: &Self) -> usize {
        edit_distance(self.codes(), other.codes())
    }

    /// The consonants of a word under spelling habits: `mhmd` for Muhammad, Mohamed and its Arabic spelling.
    pub fn skeleton(&self) -> Skeleton {
        skeleton_of(self.codes())
    }

    /// A number that is equal for words that sound alike (and, rarely, for others).
    pub fn code(&self) -> u32 {
        let mut hash = FxHasher::default();
        hash.write(self.codes());
        (hash.finish() >> 32) as u32
    }

    /// What tells most words apart without listening.
    pub fn sketch(&self) -> Sketch {
        Sketch { set: self.codes().iter().fold(0, |set, &code| set | 1 << (code % 32)), count: self.length }
    }
}

/// Which sounds a word has, as bits, and how many: equal for words that sound alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch {
    set: u32,
    count: u8,
}

impl Sketch {
    /// Whether so few sounds more, less or changed may part two words: each makes at most two bits of the set another.
    pub fn at_most_apart(self, other: Self, sounds: u8) -> bool {
        (self.set ^ other.set).count_ones() <= 2 * u32::from(sounds) && self.count.abs_diff(other.count) <= sounds
    }
}

impl PartialEq for Sound {
    fn eq(&self, other: &Self) -> bool {
        self.codes() == other.codes()
    }
}

/// Whether two words sound alike.
pub(super) fn sounds_alike(a: &str, b: &str) -> bool {
    Sound::of(a) == Sound::of(b)
}

/// Writes the codes of the sounds and returns how many there are.
fn sound(text: &str, key: &mut [u8; SOUND_MAX]) -> usize {
    let bytes = text.as_bytes();
    let mut length = 0;
    let mut index = 0;
    while index < bytes.len() && length < SOUND_MAX {
        let (byte, next) = (bytes[index], bytes.get(index + 1).copied().unwrap_or(0));
        let third = bytes.get(index + 2).copied().unwrap_or(0);
        let (code, taken) = match (byte, next) {
            (b's' | b't' | b'c', _) if let Some(letters) = hushing(&bytes[index..]) => (b'S', letters),
            (b'g', b'u') if matches!(third, b'e' | b'i') => (b'g', 2),
            (b'p', b'h') => (b'f', 2),
            (b'k', b'h') | (b'c', b'h') if byte == b'k' => (b'h', 2),
            (b'g', b'h') => (b'g', 2),
            (b's', b'h') | (b'c', b'h') | (b's', b'c') => (b'S', 2),
            (b't', b'h') => (b't', 2),
            (b'd', b'h') | (b'z', b'h') => (b'z', 2),
            (b'd', b'j') => (b'j', 2),
            (b'c', b'k') => (b'k', 2),
            (b't', b's') | (b't', b'z') => (b's', 2),
            // `Zarkaoui` and `Zarqawi`, `Ouali` and `Wali`; but `Louis` and `Luis`.
            (b'o', b'u') if is_vowel(third) && (index == 0 || is_vowel(bytes[index - 1])) => (b'v', 2),
            (b'o', b'u' | b'o' | b'e') | (b'u', b'e') => (b'u', 2),
            (b'a', b'e') => (b'a', 2),
            (b'e', b'e') => (b'i', 2),
            (b'a', b'i' | b'y') | (b'e', b'i' | b'y') => (b'e', 2),
            (b'i', b'y' | b'e') | (b'y', b'i') => (b'i', 2),
            // `Sergej`, `Dmitrij`: a vowel where none follows.
            (b'e', b'j') if !is_vowel(third) => (b'e', 2),
            (b'i' | b'y', b'j') if !is_vowel(third) => (b'i', 2),
            (b'q', b'u') => (b'k', 2),
            (b'c', b'e' | b'i') => (b's', 1),
            (b'c' | b'q', _) => (b'k', 1),
            (b'w', _) => (b'v', 1),
            (b'x', _) if (1..SOUND_MAX - 1).contains(&length) => {
                if key[length - 1] != b'k' {
                    key[length] = b'k';
                    length += 1;
                }
                (b's', 1)
            }
            (b'x', _) => (b'S', 1),
            (b'y', _) => (b'i', 1),
            (b'e', _) => (b'i', 1),
            (b'o', _) => (b'u', 1),
            (other, _) => (other, 1),
        };
        index += taken;
        if length == 0 || key[length - 1] != code {
            key[length] = code;
            length += 1;
        }
    }
    // an ending -h, or -e (here i) after a consonant, is a habit of spelling
    while length > 3 && key[length - 1] == b'h' {
        length -= 1;
    }
    length
}

/// Letters of one hushing sound at the beginning of a word's rest, in the English, French, German and Polish spelling of Cyrillic;
/// two letters are left to the other habits.
fn hushing(rest: &[u8]) -> Option<usize> {
    const SPELLINGS: [&[u8]; 9] = [b"schtsch", b"chtch", b"shtsh", b"tsch", b"szcz", b"shch", b"sch", b"tch", b"tsh"];
    SPELLINGS.iter().find(|spelling| rest.starts_with(spelling)).map(|spelling| spelling.len())
}

/// The consonants of a word; equal ones are equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Skeleton {
    letters: [u8; SOUND_MAX],
    length: u8,
}

impl Skeleton {
    /// The consonants in order.
    pub fn as_bytes(&self) -> &[u8] {
        &self.letters[..usize::from(self.length)]
    }

    /// A number that is equal for equal consonants (and, rarely, for others).
    pub fn code(&self) -> u16 {
        let mut hash = FxHasher::default();
        hash.write(self.as_bytes());
        (hash.finish() >> 48) as u16
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        usize::from(self.length)
    }

    fn push(&mut self, letter: u8) {
        if self.as_bytes().last() != Some(&letter) {
            self.letters[usize::from(self.length)] = letter;
            self.length += 1;
        }
    }
}

/// The consonants of a word: see [`Sound::skeleton`].
pub fn skeleton(text: &str) -> Skeleton {
    Sound::of(text).skeleton()
}

/// As [`skeleton`], for a word whose letters are consonants each of its own: `ts` are two sounds.
pub fn skeleton_of_consonants(text: &str) -> Skeleton {
    skeleton_of(&text.as_bytes()[..text.len().min(SOUND_MAX)])
}

fn skeleton_of(codes: &[u8]) -> Skeleton {
    let mut consonants = Skeleton::default();
    for (index, &code) in codes.iter().enumerate() {
        match code {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => {}
            b'v' | b'w' if index > 0 => {}
            b'w' => consonants.push(b'v'),
            b'c' | b'g' | b'q' => consonants.push(b'k'),
            b'S' | b'x' => consonants.push(b's'),
            b'z' => consonants.push(b'd'),
            b'p' => consonants.push(b'b'),
            other => consonants.push(other),
        }
    }
    if consonants.length > 2 && consonants.as_bytes().last() == Some(&b'h') {
        consonants.length -= 1;
        consonants.letters[usize::from(consonants.length)] = 0;
    }
    consonants
}

pub(super) fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::scripts::consonant;

    #[test]
    fn one_skeleton_for_latin_and_arabic_spelling() {
        for (latin, arabic) in
            [("nasreen", "نسرين"), ("shadi", "شادي"), ("motassadeq", "متصدق"), ("takhari", "تخاري"), ("qutb", "قطب"), ("fawwaz", "فواز")]
        {
            let consonants: String = arabic.chars().map(consonant).collect();
            assert_eq!(skeleton(latin), skeleton_of_consonants(&consonants), "{latin} {arabic}");
        }
    }

    #[test]
    fn habits_of_spelling_sound_alike() {
        for (a, b) in [("zarkaoui", "zarqawi"), ("ouali", "wali"), ("louis", "luis"), ("qaddafi", "kadafi"), ("sergej", "sergey")] {
            assert!(sounds_alike(a, b), "{a} {b}");
        }
        assert!(!sounds_alike("hamid", "hamad"));
    }
}
