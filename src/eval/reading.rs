//! How well alert documents are read: entities found, subjects right, offences proven. Pure.

use crate::extract::{Extracted, topic_of};
use crate::model::{EntityRole, PartyKind, Tier};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A document with what a person read in it.
#[derive(Debug, Clone, Deserialize)]
pub struct LabelledDocument {
    /// The publisher's key.
    pub alert_id: String,
    /// Name of the header, often empty.
    #[serde(default)]
    pub name: String,
    /// The text.
    pub text: String,
    /// Who is named in it.
    pub entities: Vec<LabelledEntity>,
}

/// An entity as a person labelled it.
#[derive(Debug, Clone, Deserialize)]
pub struct LabelledEntity {
    /// The longest form.
    pub name: String,
    /// `PERSON`, `ORG` or `VESSEL`; ships count as organisations.
    #[serde(rename = "type")]
    pub kind: String,
    /// Other forms.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// `subject`, `associate`, `victim`, `official`, `media` or `other`.
    pub role: String,
    /// FollowTheMoney topics and a few of the labeller's own.
    #[serde(default)]
    pub topics: Vec<String>,
}

/// Right, wrong and missed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Counts {
    fn f1(self) -> f64 {
        2.0 * self.right as f64 / (2 * self.right + self.wrong + self.missed).max(1) as f64
    }
    fn precision(self) -> f64 {
        self.right as f64 / (self.right + self.wrong).max(1) as f64
    }
    fn recall(self) -> f64 {
        self.right as f64 / (self.right + self.missed).max(1) as f64
    }
}

/// Sums over all documents.
#[derive(Debug, Clone, Default)]
pub struct ReadingReport {
    documents: usize,
    people: Counts,
    organisations: Counts,
    subjects: Counts,
    longest: usize,
    gold_subjects: usize,
    top: usize,
    offences: Counts,
    missed: Vec<String>,
    invented: Vec<String>,
    not_subjects: Vec<String>,
    lost_subjects: Vec<String>,
    suppressed: Vec<String>,
    raised: Vec<String>,
    offence_errors: Vec<String>,
}

impl ReadingReport {
    /// Lists of errors with their titles, the worst kind first.
    pub fn errors(&self) -> [(&'static str, &[String]); 7] {
        [
            ("true subjects given a part that never hits", &self.suppressed),
            ("officials and media raised to HIGH", &self.raised),
            ("subjects not seen as such", &self.lost_subjects),
            ("taken for a subject", &self.not_subjects),
            ("names missed", &self.missed),
            ("names that are none", &self.invented),
            ("offences", &self.offence_errors),
        ]
    }
}

impl std::fmt::Display for ReadingReport {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(out, "documents                  {}", self.documents)?;
        let counts = [
            ("people", self.people),
            ("organisations, vessels", self.organisations),
            ("subjects", self.subjects),
            ("offences of subjects", self.offences),
        ];
        for (name, counts) in counts {
            writeln!(out, "{name:<26} F1 {:.3}  precision {:.3}  recall {:.3}", counts.f1(), counts.precision(), counts.recall())?;
        }
        writeln!(out, "longest form of subjects   {:.3}", self.longest as f64 / self.gold_subjects.max(1) as f64)?;
        writeln!(out, "first subject is one       {} of {}", self.top, self.documents)?;
        writeln!(out, "subjects suppressed        {}", self.suppressed.len())?;
        writeln!(out, "officials, media raised    {}", self.raised.len())
    }
}

const HARMLESS: [EntityRole; 7] = [
    EntityRole::Official,
    EntityRole::Lawyer,
    EntityRole::Media,
    EntityRole::Platform,
    EntityRole::Place,
    EntityRole::Witness,
    EntityRole::Victim,
];

/// Which of our offence codes prove a labeller's topic; a topic not named here is proven by every code that maps to it.
const PROOFS: &[(&str, &[&str])] = &[
    ("sanction", &["sanctions"]),
    ("sanction.linked", &["sanctions", "sanctions-evasion"]),
    ("sanction.evasion", &["sanctions-evasion", "sanctions"]),
    ("crime.corruption", &["corruption", "embezzlement"]),
    ("crime.fin", &["money-laundering", "embezzlement", "fraud", "tax", "corruption", "market-abuse"]),
    ("crime.fraud", &["fraud", "embezzlement", "forgery", "cybercrime"]),
    ("crime.cyber", &["cybercrime", "fraud"]),
    ("crime.terror", &["terrorism"]),
    ("crime.env", &["environment"]),
    ("crime.traffick.drug", &["narcotics", "smuggling"]),
    ("crime.traffick.human", &["human-trafficking", "sexual-exploitation", "smuggling"]),
    ("crime.murder", &["murder"]),
    ("crime.org", &["organised-crime"]),
    ("crime.tax", &["tax", "fraud"]),
    ("export.control", &["export-control", "sanctions-evasion", "smuggling"]),
    ("reg.action", &["regulatory-action"]),
    ("wanted", &["wanted"]),
    ("role.pep", &["pep"]),
];

fn proves(code: &str, topic: &str) -> bool {
    match PROOFS.iter().find(|(known, _)| *known == topic) {
        Some((_, codes)) => codes.contains(&code),
        None => topic_of(code) == Some(topic),
    }
}

/// Topics that say how a case went, not what it is about.
fn is_offence(topic: &str) -> bool {
    !matches!(topic, "cleared" | "acquitted" | "convicted")
}

/// Adds one document to the report.
pub fn measure_reading(gold: &LabelledDocument, found: &[Extracted], report: &mut ReadingReport) {
    report.documents += 1;
    let id = &gold.alert_id;
    let found: Vec<(BTreeSet<String>, &Extracted)> =
        found.iter().map(|entity| (entity.names.iter().map(|form| plain(&form.text)).collect(), entity)).collect();
    let labelled: Vec<(BTreeSet<String>, &LabelledEntity)> = gold
        .entities
        .iter()
        .map(|entity| (entity.aliases.iter().chain([&entity.name]).map(|form| plain(form)).collect(), entity))
        .collect();
    for (forms, entity) in &labelled {
        let same: Vec<&(BTreeSet<String>, &Extracted)> = found.iter().filter(|(names, _)| !names.is_disjoint(forms)).collect();
        let counts = if entity.kind.eq_ignore_ascii_case("person") { &mut report.people } else { &mut report.organisations };
        if same.is_empty() {
            counts.missed += 1;
            report.missed.push(format!("{id}: {} ({})", entity.name, entity.role));
        } else {
            counts.right += 1;
        }
        if matches!(entity.role.as_str(), "official" | "media") && same.iter().any(|(_, found)| found.tier == Tier::High) {
            report.raised.push(format!("{id}: {} ({})", entity.name, entity.role));
        }
        if entity.role == "subject" {
            measure_subject(id, entity, &same, report);
        }
    }
    for (names, entity) in &found {
        let known = labelled.iter().any(|(forms, _)| !forms.is_disjoint(names));
        // Places are no entities of the labels.
        if !known && entity.role != EntityRole::Place {
            let counts = if entity.kind == PartyKind::Person { &mut report.people } else { &mut report.organisations };
            counts.wrong += 1;
            report.invented.push(format!("{id}: {} ({:?}, {:?})", entity.names[0].text, entity.kind, entity.role));
        }
        let right = labelled.iter().any(|(forms, labelled)| labelled.role == "subject" && !forms.is_disjoint(names));
        if entity.role == EntityRole::Subject && !right {
            report.subjects.wrong += 1;
            report.not_subjects.push(format!("{id}: {} \u{2014} {}", entity.names[0].text, entity.quote));
        }
    }
    let first = found.iter().find(|(_, entity)| entity.role == EntityRole::Subject);
    report.top += usize::from(
        first.is_some_and(|(names, _)| labelled.iter().any(|(forms, labelled)| labelled.role == "subject" && !forms.is_disjoint(names))),
    );
}

fn measure_subject(id: &str, entity: &LabelledEntity, same: &[&(BTreeSet<String>, &Extracted)], report: &mut ReadingReport) {
    report.gold_subjects += 1;
    let longest = entity.aliases.iter().chain([&entity.name]).max_by_key(|form| form.chars().count()).map(|form| plain(form));
    report.longest += usize::from(longest.is_some_and(|longest| same.iter().any(|(names, _)| names.contains(&longest))));
    let roles: Vec<EntityRole> = same.iter().map(|(_, found)| found.role).collect();
    if !roles.is_empty() && roles.iter().all(|role| HARMLESS.contains(role)) {
        report.suppressed.push(format!("{id}: {} as {roles:?}", entity.name));
    }
    if !roles.contains(&EntityRole::Subject) {
        report.subjects.missed += 1;
        report.lost_subjects.push(format!("{id}: {} as {roles:?}", entity.name));
        return;
    }
    report.subjects.right += 1;
    let codes: BTreeSet<&str> = same.iter().flat_map(|(_, found)| found.accusation.offences.iter().map(String::as_str)).collect();
    let topics: Vec<&str> = entity.topics.iter().map(String::as_str).filter(|topic| is_offence(topic)).collect();
    for topic in &topics {
        if codes.iter().any(|code| proves(code, topic)) {
            report.offences.right += 1;
        } else {
            report.offences.missed += 1;
            report.offence_errors.push(format!("{id}: {} lacks {topic}, has {codes:?}", entity.name));
        }
    }
    for code in codes.iter().filter(|code| !topics.is_empty() && !topics.iter().any(|topic| proves(code, topic))) {
        report.offences.wrong += 1;
        report.offence_errors.push(format!("{id}: {} is said to be of {code}, labels {topics:?}", entity.name));
    }
}

/// Titles that labels and readers may keep or drop.
const TITLES: &[&str] = &[
    "the",
    "mr",
    "mrs",
    "ms",
    "dr",
    "prof",
    "sir",
    "chief",
    "gen",
    "general",
    "colonel",
    "col",
    "justice",
    "judge",
    "president",
    "datuk",
    "seri",
    "minister",
    "governor",
    "prosecutor",
];

/// A form without case, signs, titles and the possessive.
fn plain(form: &str) -> String {
    let lower = form.to_lowercase().replace(['\'', '’'], "");
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let start = words.iter().take(words.len().saturating_sub(1)).take_while(|word| TITLES.contains(word)).count();
    words[start..].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{Document, extract};

    #[test]
    fn a_right_reading_scores_one_and_a_wrong_label_counts_against_it() {
        let text = "A court in Ruritania convicted Anna Example of fraud, Reuters reported.";
        let label = |name: &str, kind: &str, role: &str, topics: &[&str]| LabelledEntity {
            name: name.to_owned(),
            kind: kind.to_owned(),
            aliases: Vec::new(),
            role: role.to_owned(),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        };
        let mut gold = LabelledDocument {
            alert_id: "X".to_owned(),
            name: String::new(),
            text: text.to_owned(),
            entities: vec![label("Anna Example", "PERSON", "subject", &["crime.fraud"]), label("Reuters", "ORG", "media", &[])],
        };
        let found = extract(&Document::new("X".to_owned(), String::new(), text).expect("a document"));
        let mut report = ReadingReport::default();
        measure_reading(&gold, &found, &mut report);
        assert_eq!((report.people.f1(), report.organisations.f1(), report.subjects.f1(), report.offences.f1()), (1.0, 1.0, 1.0, 1.0));
        gold.entities[0].role = "victim".to_owned();
        measure_reading(&gold, &found, &mut report);
        assert!(report.subjects.precision() < 1.0 && report.errors()[3].1.len() == 1);
    }
}
