//! How alike are two tokens? Equal, a spelling variant, a name that stands for another, an initial, or a few typos.

use super::tables::{Equivalence, TABLES, is_known_name};
use super::token::{Tag, Token, Vowels};
use super::word::{after_merged_abd, is_patronymic};
use crate::model::TokenMatch;
use rustc_hash::FxHasher;
use std::hash::Hasher;
use std::sync::LazyLock;

/// Typos allowed for a token of this many letters: 0 up to 2, 1 up to 4, 2 from 5.
pub fn edit_budget(letters: usize) -> usize {
    match letters {
        0..=2 => 0,
        3..=4 => 1,
        _ => 2,
    }
}

/// Similarity from 0 to 1 and how the tokens met; `None` when they have nothing to do with each other. Symmetric.
pub fn token_similarity(a: Token<'_>, b: Token<'_>) -> Option<(f32, TokenMatch)> {
    if a.syllabic != b.syllabic && a.tag != Tag::LegalForm && b.tag != Tag::LegalForm {
        // Many characters share one reading: a reading that is spelled alike proves less.
        let plain = |token: Token<'_>| token_similarity(Token { syllabic: false, ..a }, Token { syllabic: false, ..token });
        return plain(b)
            .map(|(similarity, how)| (similarity * 0.83, if how == TokenMatch::Same { TokenMatch::SpellingVariant } else { how }));
    }
    if a.text == b.text {
        let legal = a.tag == Tag::LegalForm;
        return ((a.tag == Tag::LegalForm) == (b.tag == Tag::LegalForm))
            .then_some((1.0, if legal { TokenMatch::LegalForm } else { TokenMatch::Same }));
    }
    if a.tag == Tag::LegalForm || b.tag == Tag::LegalForm {
        return None;
    }
    if a.tag == Tag::Number || b.tag == Tag::Number {
        return TABLES.equivalent(a.text, b.text).map(|_| (0.96, TokenMatch::Translation));
    }
    if a.tag == Tag::Initial || b.tag == Tag::Initial {
        let stands_for =
            a.text.as_bytes()[0] == b.text.as_bytes()[0] && matches!((a.tag, b.tag), (Tag::Initial, Tag::Word) | (Tag::Word, Tag::Initial));
        return stands_for.then_some((0.75, TokenMatch::Initial));
    }
    if a.is_vowelless() || b.is_vowelless() {
        return vowelless_similarity(a, b);
    }
    let found = written_similarity(a, b);
    if a.vowels == b.vowels && a.vowels == Vowels::Written {
        return found;
    }
    // The vowels are a habit of spelling; the list may have another one.
    let other_habit = same_consonants_by_habit(a.text, b.text).map(|similarity| (similarity, TokenMatch::SpellingVariant));
    [found, other_habit].into_iter().flatten().max_by(|x, y| x.0.total_cmp(&y.0))
}

/// Two words with vowels.
fn written_similarity(a: Token<'_>, b: Token<'_>) -> Option<(f32, TokenMatch)> {
    match TABLES.equivalent(a.text, b.text) {
        Some(Equivalence::Abbreviation) => Some((0.96, TokenMatch::Abbreviation)),
        Some(Equivalence::Translation) if sounds_alike(a.text, b.text) => Some((0.96, TokenMatch::SpellingVariant)),
        // `Zavod` means plant; that `Camino` means path does not make them one name.
        Some(Equivalence::Translation) => {
            let generic = a.tag == Tag::Generic || b.tag == Tag::Generic;
            Some((if generic { 0.92 } else { 0.80 }, TokenMatch::Translation))
        }
        // Many groups hold spellings that the sound tells, too: that is the closer bond.
        Some(Equivalence::Name) if sounds_alike(a.text, b.text) => Some((0.94, TokenMatch::SpellingVariant)),
        // `Aliaksandr` and `Alexander`: one name in two languages, no pet name.
        Some(Equivalence::Name) if is_one_name(a.text, b.text) => Some((0.92, TokenMatch::SpellingVariant)),
        Some(Equivalence::Name) => Some((0.90, TokenMatch::Nickname)),
        // Characters of Han or Hangul are themselves or others; a reading that differs by a letter is another character.
        None if a.syllabic && b.syllabic => None,
        None => match glued_legal_form(a.text, b.text).or_else(|| spelling_similarity(a.text, b.text)) {
            Some((similarity, how)) if TABLES.are_distinct_names(a.text, b.text) => Some((similarity.min(DISTINCT_NAMES_MAX), how)),
            None => without_abd(a.text, b.text),
            found => found,
        },
    }
}

/// So many consonants in the same order are hardly chance.
const CONSONANTS_TELLING_MIN: u8 = 4;

/// `Viktor` and `Viktoria`, `Khalid` and `Khalil`: nearly always two people.
const DISTINCT_NAMES_MAX: f32 = 0.40;

fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// One given name in two languages: the same first letter, or vowels, and the same consonants, of many all but one.
fn is_one_name(a: &str, b: &str) -> bool {
    let (x, y) = (skeleton(a), skeleton(b));
    let many = x.length.min(y.length) >= 4;
    let (first_a, first_b) = (a.as_bytes()[0], b.as_bytes()[0]);
    (first_a == first_b || is_vowel(first_a) && is_vowel(first_b))
        && x.length >= 3
        && (x == y || many && edit_distance(x.as_bytes(), y.as_bytes()) == 1)
}

/// `dmytrovych` and `dmitrievich`: the same consonants, but for one.
fn nearly_same_consonants(a: &str, b: &str) -> bool {
    let (a, b) = (skeleton(a), skeleton(b));
    a.length >= 3 && b.length >= 3 && edit_distance(a.as_bytes(), b.as_bytes()) <= 1
}

/// Words of legal forms, and which letters they have.
static LEGAL_WORDS: LazyLock<Vec<(&str, u64)>> = LazyLock::new(|| TABLES.legal_words().map(|word| (word, letters_of(word))).collect());

/// A legal form, or a word of a long one, with a typo: `lgda`, `aktslonernoe`.
pub fn is_near_legal_word(text: &str) -> bool {
    let budget = if text.len() >= 7 { 2 } else { 1 };
    let letters = letters_of(text);
    let near = |&(word, word_letters): &(&str, u64)| {
        // One edit changes at most two letters of the set: most words are turned away here.
        word.len().abs_diff(text.len()) <= budget
            && (word_letters ^ letters).count_ones() as usize <= 2 * budget
            && edit_distance(word.as_bytes(), text.as_bytes()) <= budget
    };
    text.len() >= 3 && LEGAL_WORDS.iter().any(near)
}

/// `reycogmbh` and `reyco`.
fn glued_legal_form(a: &str, b: &str) -> Option<(f32, TokenMatch)> {
    let (longer, shorter) = if a.len() > b.len() { (a, b) } else { (b, a) };
    let form = longer.strip_prefix(shorter)?;
    // `Zainab` is no `Zain AB`.
    let glued =
        shorter.len() >= 4 && form.len() >= 2 && TABLES.legal_form(form).is_some() && ![longer, shorter].into_iter().any(is_known_name);
    glued.then_some((0.96, TokenMatch::Joined))
}

/// What a name proves where one side has left `Abd` out of it.
const WITHOUT_ABD: f32 = 0.84;

/// `Abdul Aziz` and `Aziz`: servant of the Mighty, and the Mighty, who is not a man's name but a usual short form of it.
fn without_abd(a: &str, b: &str) -> Option<(f32, TokenMatch)> {
    let (longer, shorter) = if a.len() > b.len() { (a, b) } else { (b, a) };
    let rest = after_merged_abd(longer)?;
    (rest == shorter || sounds_alike(rest, shorter)).then_some((WITHOUT_ABD, TokenMatch::SpellingVariant))
}

/// Words whose sets of letters differ by more than this have nothing to do with each other: three habits of spelling
/// (`ph`/`f` and the like) change at most that many.
const LETTERS_APART_MAX: u32 = 7;

/// Which letters and digits a word has, as bits.
pub fn letters_of(text: &str) -> u64 {
    text.bytes().fold(0, |letters, byte| letters | 1 << slot(byte))
}

/// Typos and spelling variants of two words with vowels.
fn spelling_similarity(a: &str, b: &str) -> Option<(f32, TokenMatch)> {
    let (shorter, longer) = if a.len() <= b.len() { (a.len(), b.len()) } else { (b.len(), a.len()) };
    if shorter < 2 || longer - shorter > 4 || (letters_of(a) ^ letters_of(b)).count_ones() > LETTERS_APART_MAX {
        return None;
    }
    if longer > 3 && sounds_alike(a, b) {
        return Some((0.94, TokenMatch::SpellingVariant));
    }
    if is_patronymic(a) && is_patronymic(b) && nearly_same_consonants(a, b) {
        return Some((0.90, TokenMatch::SpellingVariant));
    }
    let budget = edit_budget(shorter);
    if budget == 0 || longer - shorter > budget + 1 {
        return None;
    }
    let distance = edit_distance(a.as_bytes(), b.as_bytes());
    // `Qasempur` and `Ghasempour`: more edits than a typo has, but every consonant is the same.
    let many_consonants = |text: &str| skeleton(text).length >= CONSONANTS_TELLING_MIN;
    if distance == budget + 1 && shorter >= 7 && many_consonants(a) && skeleton(a) == skeleton(b) {
        return Some((0.84, TokenMatch::SpellingVariant));
    }
    if distance > budget {
        return None;
    }
    let same_consonants = distance == 2 && longer >= 5 && skeleton(a) == skeleton(b);
    if are_known_apart(a, b) {
        return None;
    }
    let mut similarity = match (distance, longer) {
        (1, 0..=3) => 0.66,
        (1, 4) => 0.76,
        (1, 5) => 0.86,
        (1, 6..=7) => 0.90,
        (1, _) => 0.93,
        (_, 0..=5) => 0.58,
        (_, 6) => 0.70,
        (_, 7) => 0.76,
        (_, 8..=9) => 0.82,
        _ => 0.86,
    };
    if same_consonants {
        similarity = f32::max(similarity, 0.84);
    } else if a.as_bytes()[0] != b.as_bytes()[0] {
        similarity -= if distance == 2 { 0.20 } else { 0.14 };
    }
    Some((similarity, TokenMatch::Typo))
}

/// Two words that the tables know are no misspellings of each other, however alike: `Ghana` and `Guyana`, `northern` and
/// `southern`; but `industries` and `industrial` may be.
fn are_known_apart(a: &str, b: &str) -> bool {
    let (word_a, word_b) = (TABLES.word(a), TABLES.word(b));
    let places = word_a.place && word_b.place;
    let generic = word_a.tag == Some(Tag::Generic) && word_b.tag == Some(Tag::Generic);
    let shared = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    places || generic && shared < 4
}

/// Only consonants can be compared; the fewer there are, the less they prove.
fn vowelless_similarity(a: Token<'_>, b: Token<'_>) -> Option<(f32, TokenMatch)> {
    let consonants = |token: Token<'_>| if token.is_vowelless() { skeleton_of_consonants(token.text) } else { skeleton(token.text) };
    let (a, b) = (consonants(a), consonants(b));
    let shorter = usize::from(a.length.min(b.length));
    let equal = match shorter {
        0 => return None,
        1 => 0.62,
        2 => 0.78,
        3 => 0.86,
        _ => 0.92,
    };
    if a == b {
        return Some((equal, TokenMatch::SpellingVariant));
    }
    (shorter >= 4 && edit_distance(a.as_bytes(), b.as_bytes()) == 1).then_some((0.74, TokenMatch::SpellingVariant))
}

/// Two Latin spellings with the same consonants, three or more, of names that are not known to be two: `nisrin` and `nasreen`.
fn same_consonants_by_habit(a: &str, b: &str) -> Option<f32> {
    let (x, y) = (skeleton(a), skeleton(b));
    let known_apart = || TABLES.are_distinct_names(a, b);
    match x.length {
        3 if x == y && !known_apart() => Some(0.80),
        4.. if x == y && !known_apart() => Some(0.86),
        _ => None,
    }
}

/// A pet name made by cutting: `Vic`, `Norby`, `Bennie`, `Gare` for Victor, Norbert, Benjamin, Gareth. For given names only.
pub fn is_cut_name(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let stem = cut_name_stem(short);
    is_known_name(long)
        && !TABLES.are_distinct_names(a, b)
        && stem.len() >= 3
        && long.len() >= stem.len() + 2
        && short.len() < long.len()
        && long.starts_with(stem)
}

/// `norby` -> `norb`, `bennie` -> `ben`.
pub fn cut_name_stem(text: &str) -> &str {
    let long_enough = |stem: &&str| stem.len() >= 4 || stem.len() == 3 && !text.ends_with('i');
    let stem = ["ie", "ey", "y", "i"].iter().find_map(|end| text.strip_suffix(end)).filter(long_enough).unwrap_or(text);
    let bytes = stem.as_bytes();
    let doubled = bytes.len() >= 4 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2];
    if doubled { &stem[..stem.len() - 1] } else { stem }
}

/// Equal after spelling habits are folded: `ph`/`f`, `kh`/`h`, `y`/`i`, `w`/`v`, double letters, silent ends.
fn sounds_alike(a: &str, b: &str) -> bool {
    let (mut sound_a, mut sound_b) = ([0u8; SOUND_MAX], [0u8; SOUND_MAX]);
    let (length_a, length_b) = (sound(a, &mut sound_a), sound(b, &mut sound_b));
    sound_a[..length_a] == sound_b[..length_b]
}

const SOUND_MAX: usize = 32;

/// A number that is equal for words that sound alike (and, rarely, for others).
pub fn sound_code(text: &str) -> u32 {
    let mut key = [0u8; SOUND_MAX];
    let length = sound(text, &mut key);
    let mut hash = FxHasher::default();
    hash.write(&key[..length]);
    (hash.finish() >> 32) as u32
}

/// Writes the sound key and returns its length. Vowels are kept as classes, so `hamid` and `hamed` agree but `hamad` does not.
fn sound(text: &str, key: &mut [u8; SOUND_MAX]) -> usize {
    let bytes = text.as_bytes();
    let mut length = 0;
    let mut index = 0;
    while index < bytes.len() && length < SOUND_MAX {
        let (byte, next) = (bytes[index], bytes.get(index + 1).copied().unwrap_or(0));
        let third = bytes.get(index + 2).copied().unwrap_or(0);
        let (code, taken) = match (byte, next) {
            (b's' | b't', b'c') if third == b'h' => (b'S', 3),
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

    fn push(&mut self, letter: u8) {
        if self.as_bytes().last() != Some(&letter) {
            self.letters[usize::from(self.length)] = letter;
            self.length += 1;
        }
    }
}

/// The consonants of a word under spelling habits: `mhmd` for Muhammad, Mohamed and its Arabic spelling.
pub fn skeleton(text: &str) -> Skeleton {
    let mut key = [0u8; SOUND_MAX];
    let length = sound(text, &mut key);
    skeleton_of(&key[..length])
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

/// Optimal string alignment distance (insert, delete, replace, swap of neighbours), bit-parallel after Hyyrö (2003),
/// "A bit-vector algorithm for computing Levenshtein and Damerau edit distances". Words over 64 letters count as far apart.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    if a.is_empty() || b.is_empty() {
        return a.len().max(b.len());
    }
    if a.len() > 64 {
        return a.len().max(b.len());
    }
    let mut pattern = [0u64; 36];
    for (index, &byte) in a.iter().enumerate() {
        pattern[slot(byte)] |= 1 << index;
    }
    let last = 1u64 << (a.len() - 1);
    let (mut positive, mut negative, mut diagonal, mut previous) = (u64::MAX, 0u64, 0u64, 0u64);
    let mut distance = a.len();
    for &byte in b {
        let matches = pattern[slot(byte)];
        let transposed = ((!diagonal & matches) << 1) & previous;
        diagonal = (((matches & positive).wrapping_add(positive)) ^ positive) | matches | negative | transposed;
        let horizontal_positive = negative | !(diagonal | positive);
        let horizontal_negative = diagonal & positive;
        distance += usize::from(horizontal_positive & last != 0);
        distance -= usize::from(horizontal_negative & last != 0);
        let shifted = (horizontal_positive << 1) | 1;
        positive = (horizontal_negative << 1) | !(diagonal | shifted);
        negative = diagonal & shifted;
        previous = matches;
    }
    distance
}

/// Letters and digits only ever reach the comparison.
fn slot(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'0'..=b'9' => usize::from(byte - b'0') + 26,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Name;
    use crate::names::scripts::consonant;
    use proptest::prelude::*;

    fn similarity(a: &str, b: &str) -> Option<(f32, TokenMatch)> {
        let (a, b) = (Name::new(a), Name::new(b));
        token_similarity(a.tokens().next()?, b.tokens().next()?)
    }

    #[test]
    fn tokens_meet_in_the_way_they_should() {
        for (a, b, how) in [
            ("ablyazov", "ablyazov", TokenMatch::Same),
            ("ablyazov", "abliazov", TokenMatch::SpellingVariant),
            ("qaddafi", "kaddafi", TokenMatch::SpellingVariant),
            ("bill", "william", TokenMatch::Nickname),
            ("m", "mukhtar", TokenMatch::Initial),
            ("rodriguez", "rodrigeuz", TokenMatch::Typo),
            ("نسرين", "nasreen", TokenMatch::SpellingVariant),
            ("trdg", "trading", TokenMatch::Abbreviation),
            ("reycogmbh", "reyco", TokenMatch::Joined),
        ] {
            assert_eq!(similarity(a, b).map(|found| found.1), Some(how), "{a} {b}");
        }
        for (a, b) in [("smith", "jones"), ("li", "lo"), ("1420", "11420"), ("m", "anna")] {
            assert_eq!(similarity(a, b), None, "{a} {b}");
        }
    }

    #[test]
    fn one_skeleton_for_latin_and_arabic_spelling() {
        for (latin, arabic) in
            [("nasreen", "نسرين"), ("shadi", "شادي"), ("motassadeq", "متصدق"), ("takhari", "تخاري"), ("qutb", "قطب"), ("fawwaz", "فواز")]
        {
            let consonants: String = arabic.chars().map(consonant).collect();
            assert_eq!(skeleton(latin), skeleton_of_consonants(&consonants), "{latin} {arabic}");
        }
    }

    /// The textbook recurrence, as a yardstick.
    fn slow_distance(a: &[u8], b: &[u8]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let cost = usize::from(a[i - 1] != b[j - 1]);
                    let mut best = (table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(table[i - 1][j - 1] + cost);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn bit_parallel_distance_equals_the_textbook(a in "[a-d]{0,12}", b in "[a-d]{0,12}") {
            prop_assert_eq!(edit_distance(a.as_bytes(), b.as_bytes()), slow_distance(a.as_bytes(), b.as_bytes()));
        }

        #[test]
        fn similarity_is_symmetric(a in "[a-z]{1,10}", b in "[a-z]{1,10}") {
            prop_assert_eq!(similarity(&a, &b), similarity(&b, &a));
        }
    }
}
