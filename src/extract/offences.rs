//! Offences and stages that a sentence speaks of; the tables are `data/offences.txt` and `data/stages.txt`.

use super::features::Features;
use super::patterns::{Sieve, compile};
use super::regression::Table;
use crate::model::Stage;
use regex::bytes::Regex;
use std::sync::LazyLock;

const OFFENCES: &str = include_str!("data/offences.txt");
const STAGES: &str = include_str!("data/stages.txt");
pub(super) const WEIGHTS: &str = include_str!("data/offence_weights.txt");

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(WEIGHTS));
/// From this chance on a text that names no offence is taken to be about one: a little over the chance of the best F1, since an
/// accusation is written into a hit.
const OFFENCE_CHANCE: f32 = 0.25;

/// An offence code with its FollowTheMoney topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offence {
    pub code: &'static str,
    pub topic: &'static str,
}

struct Triggers {
    offences: Vec<(Offence, Regex)>,
    offence_sieve: Sieve,
    mask: Option<Regex>,
    stages: Vec<(Stage, Regex)>,
    stage_sieve: Sieve,
    absentia: Option<Regex>,
}

static TRIGGERS: LazyLock<Triggers> = LazyLock::new(|| {
    let mut offences = Vec::new();
    let mut mask = None;
    let mut in_mask = false;
    for line in lines(OFFENCES) {
        if line == "[mask]" {
            in_mask = true;
        } else if in_mask {
            mask = compile(&format!(r"\b(?:{})\b", line.split(", ").collect::<Vec<_>>().join("|")));
        } else if let Some((head, words)) = line.split_once('=')
            && let Some((code, topic)) = head.split_once('|')
            && let Some(pattern) = triggers(words)
        {
            offences.push((Offence { code: code.trim(), topic: topic.trim() }, pattern));
        }
    }
    let mut stages = Vec::new();
    let mut absentia = None;
    for line in lines(STAGES).filter(|line| !line.starts_with('[')) {
        match line.split_once('=') {
            Some((name, words)) => stages.extend(Stage::of(name.trim()).zip(triggers(words))),
            None => absentia = triggers(line),
        }
    }
    let offence_sieve = Sieve::new(offences.iter().map(|(_, pattern)| pattern));
    let stage_sieve = Sieve::new(stages.iter().map(|(_, pattern)| pattern));
    Triggers { offences, offence_sieve, mask, stages, stage_sieve, absentia }
});

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Phrases as one pattern: `*` ends a word that may go on, `..` stands for up to three words.
fn triggers(words: &str) -> Option<Regex> {
    let phrases: Vec<String> = words
        .split(',')
        .map(|phrase| phrase.trim().replace(" .. ", r" (?:[\w'$.,\x01\x02-]+ ){0,3}").replace('*', r"\w*"))
        .filter(|phrase| !phrase.is_empty())
        .collect();
    compile(&format!(r"(?:{})(?:[^\w]|$)", phrases.join("|")))
}

/// A sentence in lower case without what only sounds like an offence: the names of those who fight it.
pub(super) fn masked(lower: &str) -> String {
    TRIGGERS
        .mask
        .as_ref()
        .map_or_else(|| lower.to_owned(), |mask| String::from_utf8_lossy(&mask.replace_all(lower.as_bytes(), b"_".as_slice())).into_owned())
}

/// The offences that a masked sentence speaks of, with where, in the order of the sentence.
pub(super) fn offences_in(masked: &str) -> Vec<(Offence, usize)> {
    let likely = TRIGGERS.offence_sieve.that_may_fit(masked).map(|number| &TRIGGERS.offences[number]);
    let mut found: Vec<(Offence, usize)> = likely.filter_map(|(offence, pattern)| Some((*offence, find_word(pattern, masked)?))).collect();
    found.sort_by_key(|(_, at)| *at);
    found
}

/// Where a trigger starts that begins a word. The pattern itself does not ask for it, so that it starts with its words and
/// the search can jump to them.
fn find_word(pattern: &Regex, text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = pattern.find_at(text.as_bytes(), from) {
        let inside = text.as_bytes()[..found.start()].last().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
        if !inside {
            return Some(found.start());
        }
        from = found.start() + 1;
    }
    None
}

/// The offence that a text is most likely about where it does not say so in the words of the table. The weights,
/// `data/offence_weights.txt`, are measured on labelled texts like those of roles.
pub(super) fn likeliest_offence(text: &Features) -> Option<&'static str> {
    let chances = TABLE.chances(text, None);
    let (likeliest, chance) = chances.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    TABLE.classes.get(likeliest).copied().filter(|_| *chance >= OFFENCE_CHANCE)
}

/// The stages that a sentence in lower case speaks of.
pub(super) fn stages_in(lower: &str) -> Vec<Stage> {
    let likely = TRIGGERS.stage_sieve.that_may_fit(lower).map(|number| &TRIGGERS.stages[number]);
    likely.filter(|(_, pattern)| find_word(pattern, lower).is_some()).map(|(stage, _)| *stage).collect()
}

pub(super) fn is_in_absentia(lower: &str) -> bool {
    TRIGGERS.absentia.as_ref().is_some_and(|pattern| find_word(pattern, lower).is_some())
}

/// Every offence code of the table.
pub fn offence_codes() -> Vec<&'static str> {
    TRIGGERS.offences.iter().map(|(offence, _)| offence.code).collect()
}

/// The FollowTheMoney topic of an offence code of the table.
pub fn topic_of(code: &str) -> Option<&'static str> {
    TRIGGERS.offences.iter().find(|(offence, _)| offence.code == code).map(|(offence, _)| offence.topic)
}

/// The tables as written, for the fingerprint of the reader.
pub(super) fn tables() -> [&'static str; 3] {
    [OFFENCES, STAGES, WEIGHTS]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        offences_in(&masked(text)).into_iter().map(|(offence, _)| offence.code).collect()
    }

    #[test]
    fn every_line_of_the_tables_is_read() {
        let written = lines(OFFENCES).take_while(|line| *line != "[mask]").count();
        assert_eq!((TRIGGERS.offences.len(), TRIGGERS.stages.len()), (written, 8));
        assert!(TRIGGERS.mask.is_some() && TRIGGERS.absentia.is_some());
    }

    #[test]
    fn words_prove_offences() {
        assert_eq!(codes("he was convicted of embezzlement and abuse of office"), ["embezzlement", "corruption"]);
        assert_eq!(codes("charged with laundering the proceeds of drug trafficking"), ["money-laundering", "narcotics"]);
        assert_eq!(codes("he evaded some 30 million leva in excise tax"), ["tax"]);
        assert_eq!(codes("the anti-corruption agency and the fraud squad met the tax office"), [""; 0]);
        assert_eq!(codes("он обвиняется в хищении средств и объявлен в розыск"), ["embezzlement", "wanted"]);
    }

    #[test]
    fn words_prove_stages() {
        assert_eq!(stages_in("the court acquitted him"), [Stage::Cleared]);
        assert!(stages_in("she was sentenced in absentia to nine years in prison").contains(&Stage::Convicted));
        assert!(is_in_absentia("she was sentenced in absentia"));
    }
}
