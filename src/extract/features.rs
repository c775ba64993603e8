//! What a text shows of an entity: the words around its names, the frames that fit, the form of the name. `roles` weighs it.
//!
//! A feature is a short text: `L1=` and `R1=` the word before and after, `L~` and `R~` the beginning of a word within a few words (`l~` and
//! `r~`: within three), `frame:` what a frame says, `N~` a word of the name. Names are `{p}` (person), `{o}`, `{v}` (vessel), `{x}` (several).

use super::coreference::Cluster;
use super::lexicon::{Class, classes, is_common};
use super::mentions::{Mention, MentionKind};
use super::roles::Weights;
use super::template::{CLOSE, OPEN};
use crate::model::{EntityRole, Stage};
use std::collections::BTreeSet;

/// The headline and the sentence that opens the text.
pub(super) const HEADLINE_SENTENCES: usize = 2;
/// So many words before a name, and two more after it, say something of it.
const SIDE: usize = 6;
/// Of a word so many letters count where it does not stand right beside the name.
const STEM: usize = 6;

/// The features of one entity, each as the hash of its text: a text of 350 words has a thousand.
#[derive(Debug, Default)]
pub(super) struct Features {
    pub(super) hashes: Vec<u64>,
    /// Where the text speaks of an offence or of a case.
    pub(super) case: Case,
    /// The texts, for who measures the weights.
    #[cfg(test)]
    pub(super) texts: BTreeSet<String>,
}

/// Where a text speaks of an offence or of a case, the least first.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Case {
    #[default]
    Nowhere,
    /// Not in a sentence that names the entity.
    Elsewhere,
    InItsSentences,
}

impl Features {
    fn add(&mut self, pieces: &[&str]) {
        self.hashes.push(hash(pieces));
        #[cfg(test)]
        self.texts.insert(pieces.concat());
    }

    /// `name>=2`, `name>=3`: so that more is never less.
    pub(super) fn add_steps(&mut self, name: &str, steps: impl IntoIterator<Item = u16>, reached: u16) {
        for step in steps.into_iter().filter(|step| reached >= *step) {
            self.add(&[name, ">=", &step.to_string()]);
        }
    }
}

/// FNV-1a, 64 bits: the same for a text and for its pieces.
pub(super) fn hash(pieces: &[&str]) -> u64 {
    pieces
        .iter()
        .flat_map(|piece| piece.bytes())
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// A sentence as words, and what it speaks of.
pub(super) struct Sentence<'a> {
    words: Vec<&'a str>,
    offences: &'a [&'static str],
    stages: &'a [Stage],
}

impl<'a> Sentence<'a> {
    pub(super) fn new(template: &'a str, (offences, stages): &'a (Vec<&'static str>, Vec<Stage>)) -> Self {
        Self { words: words(template), offences, stages }
    }

    pub(super) fn speaks_of_a_case(&self) -> bool {
        !self.offences.is_empty() || !self.stages.is_empty()
    }
}

/// What announces the list that a line stands in: `Victims:` before "A." and "B.".
pub(super) fn list_head<'a>(before: &'a [String], line: &str) -> Option<&'a str> {
    const LINES_MAX: usize = 12;
    const LINE_WORDS_MAX: usize = 8;
    let is_item = |line: &str| {
        let start = line.trim_start_matches(|c: char| !c.is_alphabetic() && c != OPEN);
        start.starts_with(OPEN) && line.split(' ').count() <= LINE_WORDS_MAX
    };
    if !is_item(line) {
        return None;
    }
    let mut lines = before.iter().rev().take(LINES_MAX).map(String::as_str);
    lines.find(|line| !is_item(line) || line.ends_with(':')).filter(|line| line.ends_with(':'))
}

/// Words and signs apart: `(`, `,` and `'s` are words of their own.
fn words(template: &str) -> Vec<&str> {
    const OPENING: [char; 3] = ['(', '"', '“'];
    const CLOSING: [char; 7] = [',', ';', ':', '.', ')', '"', '”'];
    let mut words = Vec::new();
    for part in template.split(' ').filter(|part| !part.is_empty()) {
        let mut rest = part;
        while let Some(sign) = rest.chars().next().filter(|sign| OPENING.contains(sign) && rest.len() > sign.len_utf8()) {
            words.push(&rest[..sign.len_utf8()]);
            rest = &rest[sign.len_utf8()..];
        }
        let mut closing = Vec::new();
        while let Some(sign) = rest.chars().next_back().filter(|sign| CLOSING.contains(sign) && rest.len() > sign.len_utf8()) {
            let end = rest.len() - sign.len_utf8();
            // `u.s.` keeps its points.
            if sign == '.' && rest[..end].contains('.') {
                break;
            }
            closing.push(&rest[end..]);
            rest = &rest[..end];
        }
        if let Some(owner) = rest.strip_suffix("'s").filter(|owner| !owner.is_empty()) {
            closing.push("'s");
            rest = owner;
        }
        words.push(rest);
        words.extend(closing.into_iter().rev());
    }
    words
}

/// A word as features show it.
fn shown(word: &str) -> &str {
    if let Some(rest) = word.strip_prefix(OPEN) {
        return match rest.as_bytes().first() {
            Some(b'p') => "{p}",
            Some(b'o') => "{o}",
            Some(b'v') => "{v}",
            _ => "{x}",
        };
    }
    match word.len() {
        _ if !word.starts_with(|c: char| c.is_ascii_digit()) => word,
        4 => "{year}",
        _ => "{number}",
    }
}

fn stem(word: &str) -> &str {
    word.char_indices().nth(STEM).map_or(word, |(end, _)| &word[..end])
}

/// Whether a word is the placeholder of this entity, or of a list that holds it.
fn holds(word: &str, number: usize) -> bool {
    let members = word.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)).and_then(|rest| rest.get(1..));
    members.is_some_and(|members| members.split('.').any(|member| member.parse() == Ok(number)))
}

/// Everything that the text shows of an entity. `weights` = what frames and titles say of it, `cases` = how many sentences of the text
/// speak of a case.
pub(super) fn features(
    number: usize,
    cluster: &Cluster,
    mentions: &[Mention],
    weights: &Weights,
    sentences: &[Sentence<'_>],
    cases: usize,
) -> Features {
    let mut found = Features::default();
    found.add(&["always"]);
    let kind = match cluster.kind {
        MentionKind::Person => "person",
        MentionKind::Organisation => "organisation",
        MentionKind::Vessel => "vessel",
        MentionKind::Place => "place",
        MentionKind::Single => "single",
    };
    found.add(&["kind:", kind]);
    form(cluster, mentions, kind, &mut found);
    weights.show(&mut found);
    found.add_steps("count", [2, 3, 4, 6], cluster.mentions.len().min(9) as u16);
    found.add_steps(&format!("{kind}:count"), [2, 3, 4, 6], cluster.mentions.len().min(9) as u16);
    let own: BTreeSet<usize> = cluster.mentions.iter().map(|&at| mentions[at].sentence).collect();
    let place = match own.first().copied().unwrap_or(0) {
        0 => "opens:",
        1 | 2 => "early:",
        first if first * 4 >= sentences.len() * 3 => "late:",
        _ => "later:",
    };
    found.add(&[place, kind]);
    let part_of = |count: usize| {
        if count == 0 {
            "none:"
        } else if count == own.len() {
            "all:"
        } else {
            "some:"
        }
    };
    found.add(&["offences:", part_of(own.iter().filter(|&&at| !sentences[at].offences.is_empty()).count()), kind]);
    found.add(&["stages:", part_of(own.iter().filter(|&&at| !sentences[at].stages.is_empty()).count()), kind]);
    found.add(&[
        "text:",
        if cases == 0 {
            "no case"
        } else if cases * 4 < sentences.len() {
            "little case"
        } else {
            "a case"
        },
    ]);
    for &at in &own {
        let sentence = &sentences[at];
        for stage in sentence.stages {
            found.add(&["stage:", stage.as_str()]);
        }
        around(&sentence.words, number, &mut found);
    }
    found.case = match cases {
        0 => Case::Nowhere,
        _ if own.iter().any(|&at| sentences[at].speaks_of_a_case()) => Case::InItsSentences,
        _ => Case::Elsewhere,
    };
    found.hashes.sort_unstable();
    found.hashes.dedup();
    found
}

/// What a whole text shows of the case it is about: the beginnings of its words, the offences it speaks of.
pub(super) fn features_of_text(sentences: &[Sentence<'_>]) -> Features {
    let mut found = Features::default();
    found.add(&["always"]);
    for (number, sentence) in sentences.iter().enumerate() {
        for word in sentence.words.iter().filter(|word| !word.starts_with(OPEN)) {
            found.add(&["D~", stem(word)]);
        }
        for code in sentence.offences {
            found.add(&["offence:", code]);
            if number < HEADLINE_SENTENCES {
                found.add(&["opens:", code]);
            }
        }
    }
    found.hashes.sort_unstable();
    found.hashes.dedup();
    found
}

/// What the name itself looks like.
fn form(cluster: &Cluster, mentions: &[Mention], kind: &str, found: &mut Features) {
    let known = match cluster.known_as {
        Some(EntityRole::Media) => "known:media",
        Some(EntityRole::Official) => "known:official",
        Some(EntityRole::Platform) => "known:platform",
        Some(_) => "known:place",
        None => "known:no",
    };
    found.add(&[known]);
    let longest = cluster.mentions.iter().map(|&at| mentions[at].text.as_str()).max_by_key(|text| text.len()).unwrap_or("");
    let lower = longest.to_lowercase();
    let parts: Vec<&str> = lower.split(' ').collect();
    found.add(&["words:", &parts.len().min(4).to_string(), kind]);
    for (class, name) in [
        (Class::LegalForm, "legal-form"),
        (Class::OrganisationHead, "organisation"),
        (Class::OfficialHead, "official"),
        (Class::PlaceWord, "place"),
        (Class::CompanyNoun, "company"),
        (Class::PepTitle, "pep"),
        (Class::OfficialTitle, "official-title"),
    ] {
        if parts.last().is_some_and(|last| classes(last).has(class)) {
            found.add(&["ends:", name]);
        }
        if parts.iter().any(|part| classes(part).has(class)) {
            found.add(&["holds:", name]);
        }
    }
    if matches!(cluster.kind, MentionKind::Organisation | MentionKind::Vessel) {
        for part in &parts {
            found.add(&["N~", stem(part)]);
        }
    }
    if !longest.chars().any(char::is_lowercase) {
        found.add(&["capitals:", &parts.len().min(2).to_string(), kind]);
    }
    if longest.chars().zip(longest.chars().skip(1)).any(|(before, now)| before.is_lowercase() && now.is_uppercase()) {
        found.add(&["camel"]);
    }
    let common = parts.iter().filter(|part| is_common(part)).count();
    found.add(&[
        "everyday:",
        if common == 0 {
            "none:"
        } else if common == parts.len() {
            "all:"
        } else {
            "some:"
        },
        kind,
    ]);
    for titles in cluster.mentions.iter().map(|&at| mentions[at].titles) {
        for (class, name) in [
            (Class::Honorific, "honorific"),
            (Class::Rank, "rank"),
            (Class::PepTitle, "pep"),
            (Class::OfficialTitle, "official"),
            (Class::LawyerTitle, "lawyer"),
            (Class::MediaTitle, "media"),
            (Class::BystanderTitle, "bystander"),
            (Class::OtherTitle, "other"),
        ] {
            if titles.has(class) {
                found.add(&["title:", name]);
            }
        }
    }
    if !cluster.aliases.is_empty() {
        found.add(&["alias"]);
    }
}

/// The words around each place where the entity is named.
fn around(words: &[&str], number: usize, found: &mut Features) {
    for here in (0..words.len()).filter(|&at| holds(words[at], number)) {
        let left = |back: usize| here.checked_sub(back).map_or("^", |at| shown(words[at]));
        let right = |on: usize| words.get(here + on).map_or("$", |word| shown(word));
        found.add(&["L1=", left(1)]);
        found.add(&["R1=", right(1)]);
        for (back, word) in (1..=SIDE).map(|back| (back, left(back))).take_while(|(_, word)| *word != "^") {
            found.add(&["L~", stem(word)]);
            if back <= SIDE / 2 {
                found.add(&["l~", stem(word)]);
            }
        }
        for (on, word) in (1..=SIDE + 2).map(|on| (on, right(on))).take_while(|(_, word)| *word != "$") {
            found.add(&["R~", stem(word)]);
            if on <= SIDE / 2 {
                found.add(&["r~", stem(word)]);
            }
        }
    }
}
