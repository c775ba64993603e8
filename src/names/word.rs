//! One word of a name, looked at alone: digits misread, numbers, what kind of word it is and how much it tells.

use super::tables::{TABLES, WEIGHT_HONORIFIC, WEIGHT_PARTICLE};
use super::token::Tag;

/// `H1SSENE` -> `hissene`: digits inside a word that is mostly letters are misread letters.
pub(super) fn read_look_alikes(letters: &mut String, start: usize) {
    let word = &letters[start..];
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || digits == word.len() || word.len() < 2 {
        return;
    }
    let read: String = word
        .chars()
        .map(|character| match character {
            '0' => 'o',
            '1' => 'i',
            '2' => 'z',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '6' => 'g',
            '7' => 't',
            '8' => 'b',
            '9' => 'g',
            other => other,
        })
        .collect();
    let mostly_letters = word.len() >= 3 && digits * 3 <= word.len();
    if mostly_letters || TABLES.legal_form(&read).is_some() {
        letters.truncate(start);
        letters.push_str(&read);
    }
}

/// `II`, `2nd` -> `2`. Not those that are names, too (`Xi`, `Vi`).
pub(super) fn read_number(letters: &mut String, start: usize) {
    let word = &letters[start..];
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
    if let Some(digits) = digits.filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return letters.truncate(start + digits.len());
    }
    let number = match word {
        "ii" => "2",
        "iii" => "3",
        "iv" => "4",
        "vii" => "7",
        "viii" => "8",
        "ix" => "9",
        "xii" => "12",
        _ => return,
    };
    letters.truncate(start);
    letters.push_str(number);
}

/// A patronymic is often left out.
const WEIGHT_PATRONYMIC: u8 = 55;

pub(super) fn follows_a_name(title: &str) -> bool {
    matches!(
        title,
        "jr" | "sr"
            | "snr"
            | "junior"
            | "senior"
            | "esq"
            | "phd"
            | "md"
            | "bey"
            | "effendi"
            | "efendi"
            | "pasha"
            | "sahib"
            | "saheb"
            | "agha"
    )
}

/// `Mikhailovich`, `Mykhailivna`.
pub fn is_patronymic(text: &str) -> bool {
    const ENDS: &[&str] = &["ovich", "evich", "ovych", "evych", "iyovych", "yovych", "avich", "ovna", "evna", "ivna", "yivna", "auna"];
    text.len() >= 7 && text.ends_with(['h', 'a']) && ENDS.iter().any(|end| text.ends_with(end))
}

/// What kind of word, and its weight in per cent.
pub(super) fn classify(text: &str) -> (Tag, u8) {
    if text.bytes().any(|byte| byte.is_ascii_digit()) {
        return (Tag::Number, 60);
    }
    if text.len() == 1 {
        return (Tag::Initial, 25);
    }
    let facts = TABLES.word(text);
    let by_length = match text.len() {
        2 => 60,
        3 => 80,
        _ => 100,
    };
    let weight = facts.weight.unwrap_or(if is_patronymic(text) { WEIGHT_PATRONYMIC } else { by_length });
    match facts.tag {
        Some(Tag::Honorific) => (Tag::Honorific, WEIGHT_HONORIFIC),
        Some(Tag::Particle) => (Tag::Particle, WEIGHT_PARTICLE),
        Some(tag) => (tag, weight),
        None => (Tag::Word, weight),
    }
}

/// Legal forms that are written before the name in some countries.
pub(super) fn is_leading_form(phrase: &str) -> bool {
    matches!(
        phrase,
        "ooo"
            | "oao"
            | "zao"
            | "pao"
            | "ao"
            | "too"
            | "tov"
            | "jsc"
            | "ojsc"
            | "cjsc"
            | "pjsc"
            | "pt"
            | "fgup"
            | "fsue"
            | "gup"
            | "njsc"
            | "llc"
            | "gmbh"
            | "sarl"
            | "srl"
            | "eood"
            | "doo"
            | "uab"
            | "sia"
            | "cia"
            | "sherkat"
            | "sherkate"
            | "shirkat"
            | "sharikat"
    )
}

/// What follows `abd` and its article in a glued name, if at least four letters do.
pub(super) fn after_abd(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("abd")?;
    let stem = rest.trim_start_matches(['a', 'e', 'o', 'u', 'i']);
    if stem.len() == rest.len() || rest.len() - stem.len() > 2 {
        return None;
    }
    let bytes = stem.as_bytes();
    let doubled = bytes.len() > 1 && bytes[0] == bytes[1];
    let stem = if bytes.first() == Some(&b'l') || doubled { &stem[1..] } else { stem };
    (stem.len() >= 4).then_some(stem)
}

/// What follows `abd` in a name as it is compared (`abdaziz`), if that is long enough to be a name of its own.
pub fn after_merged_abd(text: &str) -> Option<&str> {
    text.strip_prefix("abd").filter(|rest| rest.len() >= 4 && !rest.starts_with("ullah"))
}
