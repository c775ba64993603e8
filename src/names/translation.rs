//! Words of organisations in their own script -> the English words they mean (`شركة` -> company, `贸易` -> trading), before the
//! rest is read by its letters. Names of people are left alone.

use super::scripts::{is_syllabic_script, is_vowelless_script};
use super::tables::{SCRIPT_WORDS, TABLES, arabic_letters, lines};
use super::token::Tag;
use aho_corasick::{AhoCorasick, MatchKind};
use std::ops::Range;
use std::sync::LazyLock;

/// A name of so many characters of a script without spaces is no person's.
const UNSPACED_MIN: usize = 5;

struct ScriptWords {
    finder: AhoCorasick,
    english: Vec<&'static str>,
}

static TABLE: LazyLock<Option<ScriptWords>> = LazyLock::new(|| {
    let pairs: Vec<(String, &'static str)> =
        lines(SCRIPT_WORDS).filter_map(|line| line.split_once(" = ")).map(|(phrase, english)| (arabic_letters(phrase), english)).collect();
    let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(pairs.iter().map(|(phrase, _)| phrase)).ok()?;
    Some(ScriptWords { finder, english: pairs.into_iter().map(|(_, english)| english).collect() })
});

/// The name with words of organisations in English; `None` where there are none.
pub(super) fn translated(text: &str) -> Option<String> {
    let is_unspaced = |c: char| is_syllabic_script(c) || matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}');
    let is_spaced =
        |c: char| is_vowelless_script(c) || matches!(c, '\u{0530}'..='\u{058F}' | '\u{0900}'..='\u{097F}' | '\u{10A0}'..='\u{10FF}');
    let unspaced = text.chars().filter(|&c| is_unspaced(c)).count();
    if unspaced < UNSPACED_MIN && !text.chars().any(is_spaced) {
        return None;
    }
    let table = TABLE.as_ref()?;
    let plain = arabic_letters(text);
    // Where words are parted by spaces, an organisation says in its first word what it is, or later `for trading`.
    let first_letter = plain.len() - plain.trim_start_matches(|c: char| !c.is_alphabetic()).len();
    let starts = table.finder.find_iter(&plain).any(|found| {
        let says_what = found.start() == first_letter && is_head(table.english[found.pattern().as_usize()]);
        stands_alone(&plain, found.range()) && (says_what || plain[found.range()].starts_with("لل"))
    });
    if unspaced < UNSPACED_MIN && !starts {
        return None;
    }
    let (mut english, mut from) = (String::new(), 0);
    for found in table.finder.find_iter(&plain) {
        let word = &plain[found.range()];
        if stands_alone(&plain, found.range()) || word.chars().all(is_unspaced) {
            english.push_str(&plain[from..found.start()]);
            english.push(' ');
            english.push_str(table.english[found.pattern().as_usize()]);
            english.push(' ');
            from = found.end();
        }
    }
    english.push_str(&plain[from..]);
    (from > 0).then_some(english)
}

fn stands_alone(text: &str, at: Range<usize>) -> bool {
    !text[..at.start].ends_with(char::is_alphabetic) && !text[at.end..].starts_with(char::is_alphabetic)
}

/// Whether an English word says what kind of organisation it is: `company`, `bank`, `ltd`; not `light` or `sun`, which are names.
fn is_head(english: &str) -> bool {
    let first = english.split(' ').next().unwrap_or(english);
    let is_name = matches!(
        first,
        "light" | "sun" | "star" | "gold" | "golden" | "diamond" | "moon" | "lion" | "people" | "war" | "general" | "house"
    );
    !is_name && (TABLES.word(first).tag == Some(Tag::Generic) || TABLES.legal_form(first).is_some())
}

#[cfg(test)]
mod tests {
    use crate::names::Name;

    #[test]
    fn words_of_organisations_are_translated_and_people_are_not() {
        for (written, read) in [
            ("宁波恒旭达贸易有限公司", "ningbo heng xu da trading ltd"),
            ("بانک ملی ایران", "bank national iran"),
            ("주식회사 한빛무역", "co ltd han pit trading"),
            ("王东方", "wang dong fang"),
            ("محمد حسين", "muhammad husayn"),
            ("عامر السوري", "amir al suri"),
            ("نور الدين", "nur uddin"),
            ("محمد علمی", "muhammad lmy"),
        ] {
            assert_eq!(Name::new(written).joined(), read, "{written}");
        }
    }
}
