//! How alike are two tokens? Equal, a spelling variant, a name that stands for another, an initial, or a few typos.

use super::edits::{edit_budget, edit_distance, letters_of};
use super::heard::Heard;
use super::sound::{is_vowel, skeleton, skeleton_of_consonants, sounds_alike};
use super::tables::{Equivalence, TABLES, is_known_name};
use super::token::{Tag, Vowels};
use super::word::{after_merged_abd, is_patronymic};
use crate::model::TokenMatch;
use std::sync::LazyLock;

/// Similarity from 0 to 1 and how the tokens met; `None` when they have nothing to do with each other. Symmetric.
pub fn token_similarity(heard_a: &Heard<'_>, heard_b: &Heard<'_>) -> Option<(f32, TokenMatch)> {
    let (a, b) = (heard_a.token, heard_b.token);
    if a.syllabic != b.syllabic && a.tag != Tag::LegalForm && b.tag != Tag::LegalForm {
        // Many characters share one reading: a reading that is spelled alike proves less.
        return token_similarity(&heard_a.spelled_out(), &heard_b.spelled_out())
            .map(|(similarity, how)| (similarity * 0.86, if how == TokenMatch::Same { TokenMatch::SpellingVariant } else { how }));
    }
    if a.text == b.text {
        let legal = a.tag == Tag::LegalForm;
        return ((a.tag == Tag::LegalForm) == (b.tag == Tag::LegalForm))
            .then_some((1.0, if legal { TokenMatch::LegalForm } else { TokenMatch::Same }));
    }
    if a.tag == Tag::LegalForm || b.tag == Tag::LegalForm {
        return None;
    }
    if a.syllabic && b.syllabic {
        return is_dropped_r(a.text, b.text).then_some((0.94, TokenMatch::SpellingVariant));
    }
    if a.tag == Tag::Number || b.tag == Tag::Number {
        return heard_a.equivalence(heard_b).map(|_| (0.96, TokenMatch::Translation));
    }
    if a.tag == Tag::Initial || b.tag == Tag::Initial {
        let stands_for =
            a.text.as_bytes()[0] == b.text.as_bytes()[0] && matches!((a.tag, b.tag), (Tag::Initial, Tag::Word) | (Tag::Word, Tag::Initial));
        return stands_for.then_some((0.75, TokenMatch::Initial));
    }
    if a.is_vowelless() || b.is_vowelless() {
        return vowelless_similarity(heard_a, heard_b);
    }
    let found = written_similarity(heard_a, heard_b);
    if a.vowels == b.vowels && a.vowels == Vowels::Written {
        return found;
    }
    // The vowels are a habit of spelling; the list may have another one.
    let other_habit = same_consonants_by_habit(a.text, b.text).map(|similarity| (similarity, TokenMatch::SpellingVariant));
    [found, other_habit].into_iter().flatten().max_by(|x, y| x.0.total_cmp(&y.0))
}

/// Two words with vowels.
fn written_similarity(heard_a: &Heard<'_>, heard_b: &Heard<'_>) -> Option<(f32, TokenMatch)> {
    let (a, b) = (heard_a.token.text, heard_b.token.text);
    match heard_a.equivalence(heard_b) {
        Some(Equivalence::Abbreviation) => Some((0.96, TokenMatch::Abbreviation)),
        Some(Equivalence::Translation) if heard_a.sounds_as(heard_b) => Some((0.96, TokenMatch::SpellingVariant)),
        // `Zavod` means plant; that `Camino` means path does not make them one name.
        Some(Equivalence::Translation) => {
            let generic = heard_a.token.tag == Tag::Generic || heard_b.token.tag == Tag::Generic;
            Some((if generic { 0.92 } else { 0.80 }, TokenMatch::Translation))
        }
        // Many groups hold spellings that the sound tells, too: that is the closer bond.
        Some(Equivalence::Name) if heard_a.sounds_as(heard_b) => Some((0.94, TokenMatch::SpellingVariant)),
        // `Aliaksandr` and `Alexander`: one name in two languages, no pet name.
        Some(Equivalence::Name) if is_one_name(heard_a, heard_b) => Some((0.92, TokenMatch::SpellingVariant)),
        Some(Equivalence::Name) => Some((0.90, TokenMatch::Nickname)),
        None => match glued_legal_form(a, b).or_else(|| spelling_similarity(heard_a, heard_b)) {
            Some((similarity, how)) if TABLES.are_distinct_names(a, b) => Some((similarity.min(DISTINCT_NAMES_MAX), how)),
            Some((similarity, TokenMatch::Typo)) if is_known_name(a) && is_known_name(b) => {
                Some((similarity.min(KNOWN_NAMES_MAX), TokenMatch::Typo))
            }
            None => without_abd(a, b).or_else(|| without_article(a, b)),
            found => found,
        },
    }
}

/// So many consonants in the same order are hardly chance.
const CONSONANTS_TELLING_MIN: usize = 4;

/// `Viktor` and `Viktoria`, `Khalid` and `Khalil`: nearly always two people.
const DISTINCT_NAMES_MAX: f32 = 0.40;

/// `Asif` and `Arif`: both are names, so that one is hardly a misspelling of the other.
const KNOWN_NAMES_MAX: f32 = 0.60;

/// One given name in two languages: the same first letter, or vowels, and the same consonants, of many all but one.
fn is_one_name(heard_a: &Heard<'_>, heard_b: &Heard<'_>) -> bool {
    let (x, y) = (heard_a.skeleton(), heard_b.skeleton());
    let (a, b) = (heard_a.token.text, heard_b.token.text);
    let many = x.len().min(y.len()) >= 4;
    // `Ronnie` is a pet name of `Ron`, `Olena` another spelling of `Elena`.
    let short = x.len() == 2 && (a.starts_with(b) || b.starts_with(a));
    let (first_a, first_b) = (a.as_bytes()[0], b.as_bytes()[0]);
    (first_a == first_b || is_vowel(first_a) && is_vowel(first_b))
        && (x == y && x.len() >= 2 && !short || many && edit_distance(x.as_bytes(), y.as_bytes()) == 1)
}

/// `Chodorkowski` and `Khodorkovskiy`: habits of spelling leave one sound apart in a long word, however many letters.
fn nearly_sounds_alike(a: &Heard<'_>, b: &Heard<'_>) -> bool {
    let (first_a, first_b) = (a.token.text.as_bytes()[0], b.token.text.as_bytes()[0]);
    // `Manning` is no `Channing`; what spells one hushing or throaty sound may be one.
    let spelled = |byte: u8| matches!(byte, b'c' | b'h' | b'j' | b'k' | b's' | b't' | b'x' | b'y' | b'z');
    let begin_alike = first_a == first_b || spelled(first_a) && spelled(first_b);
    let shorter = a.token.text.len().min(b.token.text.len());
    shorter >= SOUNDS_APART_LETTERS_MIN && begin_alike && a.at_most_apart(b, 1) && a.sound().apart(b.sound()) == 1
}

/// What the same sounds but one prove.
pub(super) const NEARLY_SOUNDS_ALIKE: f32 = 0.84;

/// One sound more or less tells short words apart.
const SOUNDS_APART_LETTERS_MIN: usize = 7;

/// `dmytrovych` and `dmitrievich`: the same consonants, but for one.
fn nearly_same_consonants(a: &Heard<'_>, b: &Heard<'_>) -> bool {
    let (a, b) = (a.skeleton(), b.skeleton());
    a.len() >= 3 && b.len() >= 3 && edit_distance(a.as_bytes(), b.as_bytes()) <= 1
}

/// Words of legal forms by their length, and which letters they have.
static LEGAL_WORDS: LazyLock<Vec<Vec<(&'static str, u64)>>> = LazyLock::new(|| {
    let mut by_length = Vec::new();
    for word in TABLES.legal_words() {
        by_length.resize(by_length.len().max(word.len() + 1), Vec::new());
        by_length[word.len()].push((word, letters_of(word)));
    }
    by_length
});

/// A legal form, or a word of a long one, with a typo: `lgda`, `aktslonernoe`.
pub fn is_near_legal_word(text: &str) -> bool {
    legal_word_near(text, if text.len() >= 7 { 2 } else { 1 }).is_some()
}

/// The word of a legal form that a word is, but for so many edits at the most.
pub fn legal_word_near(text: &str, budget: usize) -> Option<&'static str> {
    let letters = letters_of(text);
    let near = |&(word, word_letters): &(&'static str, u64)| {
        // One edit changes at most two letters of the set: most words are turned away here.
        let likely = (word_letters ^ letters).count_ones() as usize <= 2 * budget && text.len() >= 3;
        let distance = likely.then(|| edit_distance(word.as_bytes(), text.as_bytes()))?;
        (distance <= budget).then_some((distance, word))
    };
    let lengths = text.len().saturating_sub(budget)..=text.len() + budget;
    let of_length = |length: usize| LEGAL_WORDS.get(length).into_iter().flatten();
    lengths.flat_map(of_length).filter_map(near).min().map(|(_, word)| word)
}

/// What is left of a word without a legal form written together with it: `reyco` of `reycogmbh`.
pub fn without_glued_form(text: &str) -> impl Iterator<Item = &str> {
    let splits = (GLUED_LETTERS_MIN..text.len().saturating_sub(1)).rev();
    splits.filter(|&split| TABLES.legal_form(&text[split..]).is_some()).map(|split| &text[..split])
}

/// What is written together with a legal form has so many letters.
const GLUED_LETTERS_MIN: usize = 4;

/// `reycogmbh` and `reyco`.
fn glued_legal_form(a: &str, b: &str) -> Option<(f32, TokenMatch)> {
    let (longer, shorter) = if a.len() > b.len() { (a, b) } else { (b, a) };
    let form = longer.strip_prefix(shorter)?;
    // `Zainab` is no `Zain AB`.
    let glued = shorter.len() >= GLUED_LETTERS_MIN
        && form.len() >= 2
        && TABLES.legal_form(form).is_some()
        && ![longer, shorter].into_iter().any(is_known_name);
    glued.then_some((0.96, TokenMatch::Joined))
}

/// Characters of Han or Hangul are themselves or others, however alike their readings; but the south of Korea writes `I`, `Yu`
/// and `No` for the `Ri`, `Ryu` and `Ro` of the north.
fn is_dropped_r(a: &str, b: &str) -> bool {
    dropped_r_spellings(a).any(|other| other == b)
}

/// How the other half of Korea may write a syllable.
pub fn dropped_r_spellings(syllable: &str) -> impl Iterator<Item = String> {
    let of_north = syllable.strip_prefix('r').map(|rest| [rest.to_owned(), format!("n{rest}")]);
    let of_south = [format!("r{syllable}"), syllable.strip_prefix('n').map(|rest| format!("r{rest}")).unwrap_or_default()];
    of_north.into_iter().flatten().chain(of_south).filter(|other| !other.is_empty())
}

/// What a name proves where one side has left `Abd` out of it.
const WITHOUT_ABD: f32 = 0.84;

/// `Abdul Aziz` and `Aziz`: servant of the Mighty, and the Mighty, who is not a man's name but a usual short form of it.
fn without_abd(a: &str, b: &str) -> Option<(f32, TokenMatch)> {
    let (longer, shorter) = if a.len() > b.len() { (a, b) } else { (b, a) };
    let rest = after_merged_abd(longer)?;
    (rest == shorter || sounds_alike(rest, shorter) || same_consonants_by_habit(rest, shorter).is_some())
        .then_some((WITHOUT_ABD, TokenMatch::SpellingVariant))
}

/// `Essabar` and `Sabbar`: the article of Arabic takes the sound of the letter that follows it, and is written with the name.
fn without_article(a: &str, b: &str) -> Option<(f32, TokenMatch)> {
    let (longer, shorter) = if a.len() > b.len() { (a, b) } else { (b, a) };
    let [b'a' | b'e', article @ (b'd' | b'n' | b'r' | b's' | b't' | b'z'), letter, ..] = longer.as_bytes() else { return None };
    let rest = &longer[2..];
    let same = article == letter && rest.len() >= ARTICLED_LETTERS_MIN && sounds_alike(rest, shorter);
    same.then_some((WITHOUT_ARTICLE, TokenMatch::SpellingVariant))
}

/// What a name proves where one side has its article written with it.
const WITHOUT_ARTICLE: f32 = 0.88;
/// `Anna` is not `Na` with an article.
const ARTICLED_LETTERS_MIN: usize = 5;

/// Words whose sets of letters differ by more than this have nothing to do with each other: three habits of spelling
/// (`ph`/`f` and the like) change at most that many.
const LETTERS_APART_MAX: u32 = 7;

/// Typos and spelling variants of two words with vowels.
fn spelling_similarity(heard_a: &Heard<'_>, heard_b: &Heard<'_>) -> Option<(f32, TokenMatch)> {
    let (a, b) = (heard_a.token.text, heard_b.token.text);
    let (shorter, longer) = if a.len() <= b.len() { (a.len(), b.len()) } else { (b.len(), a.len()) };
    if shorter < 2 || longer - shorter > 4 || (heard_a.letters() ^ heard_b.letters()).count_ones() > LETTERS_APART_MAX {
        return None;
    }
    if longer > 3 && heard_a.sounds_as(heard_b) {
        return Some((0.94, TokenMatch::SpellingVariant));
    }
    if is_patronymic(a) && is_patronymic(b) && nearly_same_consonants(heard_a, heard_b) {
        return Some((0.90, TokenMatch::SpellingVariant));
    }
    let (budget, distance) = (edit_budget(shorter), edit_distance(a.as_bytes(), b.as_bytes()));
    let is_typo = distance <= budget && a.as_bytes()[0] == b.as_bytes()[0];
    if !is_typo && nearly_sounds_alike(heard_a, heard_b) {
        return Some((NEARLY_SOUNDS_ALIKE, TokenMatch::SpellingVariant));
    }
    if budget == 0 || longer - shorter > budget + 1 {
        return None;
    }
    // `Qasempur` and `Ghasempour`: more edits than a typo has, but every consonant is the same.
    let same_consonants = || heard_a.skeleton() == heard_b.skeleton();
    if distance == budget + 1 && shorter >= 7 && same_consonants() && heard_a.skeleton().len() >= CONSONANTS_TELLING_MIN {
        return Some((0.84, TokenMatch::SpellingVariant));
    }
    if distance > budget {
        return None;
    }
    let same_consonants = distance == 2 && longer >= 5 && same_consonants();
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
fn vowelless_similarity(a: &Heard<'_>, b: &Heard<'_>) -> Option<(f32, TokenMatch)> {
    let consonants = |heard: &Heard<'_>| match heard.token.is_vowelless() {
        true => skeleton_of_consonants(heard.token.text),
        false => heard.skeleton(),
    };
    let (a, b) = (consonants(a), consonants(b));
    let shorter = a.len().min(b.len());
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
    // `Nadir` and `Andrew` have the same consonants, but begin otherwise.
    let begin_alike = is_vowel(a.as_bytes()[0]) == is_vowel(b.as_bytes()[0]);
    if x != y || !begin_alike || TABLES.are_distinct_names(a, b) {
        return None;
    }
    match x.len() {
        0..=2 => None,
        3 => Some(0.80),
        _ => Some(0.86),
    }
}

/// A pet name made by cutting: `Vic`, `Norby`, `Bennie`, `Gare` for Victor, Norbert, Benjamin, Gareth. For given names only.
pub fn is_cut_name(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let stem = cut_name_stem(short);
    stem.len() >= 3
        && long.len() >= stem.len() + 2
        && short.len() < long.len()
        && long.starts_with(stem)
        && is_known_name(long)
        && !is_patronymic(long)
        && !TABLES.are_distinct_names(a, b)
}

/// `norby` -> `norb`, `bennie` -> `ben`.
pub fn cut_name_stem(text: &str) -> &str {
    let long_enough = |stem: &&str| stem.len() >= 4 || stem.len() == 3 && !text.ends_with('i');
    let stem = ["ie", "ey", "y", "i"].iter().find_map(|end| text.strip_suffix(end)).filter(long_enough).unwrap_or(text);
    let bytes = stem.as_bytes();
    let doubled = bytes.len() >= 4 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2];
    if doubled { &stem[..stem.len() - 1] } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Name;
    use proptest::prelude::*;

    fn similarity(a: &str, b: &str) -> Option<(f32, TokenMatch)> {
        let (a, b) = (Name::new(a), Name::new(b));
        token_similarity(&Heard::new(a.tokens().next()?), &Heard::new(b.tokens().next()?))
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
            ("abdulaziz", "aziz", TokenMatch::SpellingVariant),
            ("essabar", "sabbar", TokenMatch::SpellingVariant),
            ("أبو", "abou", TokenMatch::SpellingVariant),
            ("نسرين", "nasreen", TokenMatch::SpellingVariant),
        ] {
            assert_eq!(similarity(a, b).map(|found| found.1), Some(how), "{a} {b}");
        }
        for (a, b) in [("smith", "jones"), ("li", "lo"), ("1420", "11420"), ("m", "anna")] {
            assert_eq!(similarity(a, b), None, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn similarity_is_symmetric(a in "[a-z]{1,10}", b in "[a-z]{1,10}") {
            prop_assert_eq!(similarity(&a, &b), similarity(&b, &a));
        }
    }
}
