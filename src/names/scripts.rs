//! What a letter says of its script, and the consonants of Arabic.

use any_ascii::any_ascii_char;

/// One letter for each consonant of Arabic script, in the code that [`super::skeleton`] reads: no two letters for one sound,
/// which could not be told from two sounds side by side.
pub(super) fn consonant(character: char) -> &'static str {
    match character {
        'ا' | 'أ' | 'إ' | 'آ' | 'ٱ' => "a",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ث' | 'ط' | 'ٹ' => "t",
        'ج' => "j",
        'چ' | 'ش' => "x",
        'ح' | 'خ' | 'ه' | 'ہ' | 'ة' | 'ۀ' => "h",
        'د' | 'ض' | 'ڈ' => "d",
        'ذ' | 'ز' | 'ظ' | 'ژ' => "z",
        'ر' | 'ڑ' => "r",
        'س' | 'ص' => "s",
        'ع' | 'ء' => "",
        'غ' | 'گ' => "g",
        'ف' => "f",
        'ق' => "q",
        'ك' | 'ک' => "k",
        'ل' => "l",
        'م' => "m",
        'ن' | 'ں' => "n",
        'و' | 'ؤ' => "w",
        'ي' | 'ی' | 'ى' | 'ئ' => "y",
        other => any_ascii_char(other),
    }
}

/// Apostrophes, modifier letters and vowel marks: they come and go between spellings.
pub(super) fn is_silent(character: char) -> bool {
    matches!(character,
        '\'' | '`' | '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{00B4}' | '\u{02B0}'..='\u{02FF}' | '\u{0300}'..='\u{036F}'
        | '\u{0591}'..='\u{05C7}' | '\u{0610}'..='\u{061A}' | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{200B}'..='\u{200F}' | '\u{FEFF}'
        | '\u{093C}' | '\u{094D}')
}

/// Arabic and Hebrew: vowels are not written.
pub(super) fn is_vowelless_script(character: char) -> bool {
    matches!(character, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

/// Scripts that write one syllable a character: each becomes a token, and the comparison joins them where the list has them joined.
pub(super) fn is_syllabic_script(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Appends the Latin letters of a character. `next` is the one after it.
pub(super) fn push_latin(character: char, next: Option<char>, letters: &mut String) {
    if let Some(parts) = korean_syllable(character) {
        parts.into_iter().for_each(|part| letters.push_str(part));
    } else if let Some((latin, has_vowel)) = devanagari(character, next) {
        letters.push_str(latin);
        letters.push_str(if has_vowel { "a" } else { "" });
    } else {
        letters.extend(any_ascii_char(character).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
    }
}

/// A syllable of Hangul in the spelling that sanctions lists and passports of the north use (`Pak Yong Chol`), after McCune and
/// Reischauer (1939) without its marks: initial, vowel, final.
fn korean_syllable(character: char) -> Option<[&'static str; 3]> {
    const INITIALS: [&str; 19] = ["k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "ch", "tch", "ch", "k", "t", "p", "h"];
    const VOWELS: [&str; 21] =
        ["a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "u", "ui", "i"];
    const FINALS: [&str; 28] = [
        "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t",
        "p", "t",
    ];
    let index = (character as usize).checked_sub(0xAC00).filter(|index| *index < 19 * 21 * 28)?;
    Some([INITIALS[index / (21 * 28)], VOWELS[index / 28 % 21], FINALS[index % 28]])
}

/// Changes the consonant before it (`क़` is `q`); compatibility forms are taken apart into letter and nukta.
pub(super) const NUKTA: char = '\u{093C}';

/// Letters of Devanagari: a consonant is followed by `a` unless a vowel sign, a virama or the end of the word takes it away.
/// `None` for what is no Devanagari.
fn devanagari(character: char, next: Option<char>) -> Option<(&'static str, bool)> {
    if !matches!(character, '\u{0900}'..='\u{097F}') {
        return None;
    }
    let letters = match character {
        'च' => "ch",
        'छ' => "chh",
        'श' | 'ष' => "sh",
        'ँ' | 'ं' => "n",
        'ः' => "",
        other => any_ascii_char(other),
    };
    let is_consonant = matches!(character, 'क'..='ह');
    let goes_on = next.is_some_and(|next| matches!(next, 'अ'..='ह' | 'ं' | 'ँ'));
    Some((letters, is_consonant && goes_on))
}

#[cfg(test)]
mod tests {
    use crate::names::Name;

    #[test]
    fn scripts_are_read_as_their_people_spell_them() {
        for (written, read) in [
            ("राजेश चतुर्वेदी", "rajesh chaturvedi"),
            ("अमित शर्मा", "amit sharma"),
            ("क़मर", "kamar"),
            ("박 영철", "pak yong chol"),
            ("Ελένη", "eleni"),
            ("Žižek", "zizek"),
        ] {
            assert_eq!(Name::new(written).joined(), read);
        }
    }
}
