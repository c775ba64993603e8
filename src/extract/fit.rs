//! Measures `data/role_weights.txt` and `data/offence_weights.txt`: multinomial logistic regressions with a penalty on large
//! weights (L2), over our labelled texts. To measure again, after a change of tables, of features or of texts:
//! `cargo test --release --lib fit_the_weights -- --ignored`, then `hitstream eval extract --gold tests/alerts/unseen.jsonl`:
//! texts that no weight was measured on.

#![cfg(test)]

use super::document::Document;
use super::entities::Reading;
use super::features::features_of_text;
use super::mentions::MentionKind;
use super::roles::PARTS;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const TEXTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/alerts/open.jsonl");
const TABLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/extract/data");
/// A feature of fewer documents says nothing of others.
const DOCUMENTS_MIN: usize = 3;
/// Weight of the penalty: half of it times the sum of the squares.
const PENALTY: f64 = 5.0;
const STEPS: usize = 2000;
/// Smaller weights, in hundredths, change nothing.
const WEIGHT_MIN: i32 = 2;

/// The offence codes that a label may stand for: those the text speaks of, or else the first.
const CODES_OF_TOPICS: [(&str, &[&str]); 18] = [
    ("crime.fin", &["money-laundering", "embezzlement", "market-abuse", "fraud", "corruption", "tax"]),
    ("crime.fraud", &["fraud", "embezzlement", "forgery", "cybercrime"]),
    ("crime.corruption", &["corruption", "embezzlement"]),
    ("crime.traffick.human", &["human-trafficking", "sexual-exploitation", "smuggling"]),
    ("crime.traffick.drug", &["narcotics", "smuggling"]),
    ("crime.traffick", &["arms", "smuggling"]),
    ("crime.theft", &["robbery-theft", "stolen-goods"]),
    ("crime.cyber", &["cybercrime", "fraud"]),
    ("crime.terror", &["terrorism"]),
    ("crime.env", &["environment"]),
    ("crime.murder", &["murder"]),
    ("crime.org", &["organised-crime"]),
    ("crime.tax", &["tax", "fraud"]),
    ("crime.war", &["war-crimes"]),
    ("sanction", &["sanctions"]),
    ("sanction.linked", &["sanctions-evasion", "sanctions"]),
    ("export.control", &["export-control", "sanctions-evasion", "smuggling"]),
    ("reg.action", &["regulatory-action"]),
];

/// What a text shows, and what a person said of it.
struct Example {
    document: usize,
    features: BTreeSet<String>,
    class: usize,
}

fn normal(form: &str) -> String {
    let lower = form.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && *word != "the").collect();
    words.join(" ")
}

/// Every entity with its part, and every text with the offences of its subjects, as numbers of `codes`.
fn examples(codes: &[&str]) -> (Vec<Example>, Vec<Example>) {
    let (mut parts, mut offences) = (Vec::new(), Vec::new());
    for (document, line) in std::fs::read_to_string(TEXTS).expect("our labelled texts").lines().enumerate() {
        let gold: Value = serde_json::from_str(line).expect("a labelled text");
        let read = Document::new("X".to_owned(), String::new(), gold["text"].as_str().expect("a text")).expect("a document");
        let reading = Reading::new(&read.text);
        let sentences = reading.shown();
        let labelled = gold["entities"].as_array().expect("entities");
        for (cluster, features) in reading.clusters.iter().zip(reading.features(&reading.weigh(), &sentences)) {
            if cluster.kind == MentionKind::Place {
                continue;
            }
            let forms: BTreeSet<String> = cluster.mentions.iter().map(|&at| normal(&reading.mentions[at].text)).collect();
            let same = labelled.iter().filter(|entity| {
                let aliases = entity["aliases"].as_array().into_iter().flatten();
                aliases.chain([&entity["name"]]).any(|form| form.as_str().is_some_and(|form| forms.contains(&normal(form))))
            });
            let roles: Vec<&str> = same.filter_map(|entity| entity["role"].as_str()).collect();
            let role = if roles.contains(&"subject") { "subject" } else { roles.first().copied().unwrap_or("none") };
            let class = PARTS.iter().position(|part| *part == role).expect("a known part");
            parts.push(Example { document, features: features.texts, class });
        }
        let subjects = labelled.iter().filter(|entity| entity["role"] == "subject");
        let topics: BTreeSet<&str> = subjects.flat_map(|entity| entity["topics"].as_array()).flatten().filter_map(Value::as_str).collect();
        let spoken_of: BTreeSet<&str> = reading.spoken_of.iter().flat_map(|(codes, _)| codes.iter().copied()).collect();
        let mut classes: BTreeSet<usize> = BTreeSet::new();
        for (_, likely) in CODES_OF_TOPICS.iter().filter(|(topic, _)| topics.contains(topic)) {
            let said: Vec<&&str> = likely.iter().filter(|code| spoken_of.contains(**code)).collect();
            let meant = if said.is_empty() { vec![&likely[0]] } else { said };
            classes.extend(meant.into_iter().filter_map(|code| codes.iter().position(|known| known == code)));
        }
        let features = features_of_text(&sentences).texts;
        offences.extend(classes.into_iter().map(|class| Example { document, features: features.clone(), class }));
    }
    (parts, offences)
}

/// The weights of each feature. Steps are as long as the gradients so far allow (AdaGrad), so that rare features learn too.
fn fit(examples: &[Example], classes: usize) -> BTreeMap<&str, Vec<f64>> {
    let mut documents: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for example in examples {
        for feature in &example.features {
            documents.entry(feature).or_default().insert(example.document);
        }
    }
    documents.retain(|_, of| of.len() >= DOCUMENTS_MIN);
    let numbers: BTreeMap<&str, usize> = documents.keys().enumerate().map(|(number, feature)| (*feature, number)).collect();
    let rows: Vec<Vec<usize>> = examples
        .iter()
        .map(|example| example.features.iter().filter_map(|feature| numbers.get(feature.as_str()).copied()).collect())
        .collect();
    let mut weights = vec![vec![0.0; classes]; numbers.len()];
    let mut squares = vec![vec![1e-8; classes]; numbers.len()];
    for step in 1..=STEPS {
        let mut gradients: Vec<Vec<f64>> = weights.iter().map(|weights| weights.iter().map(|weight| weight * PENALTY).collect()).collect();
        let mut loss = weights.iter().flatten().map(|weight| weight * weight * PENALTY / 2.0).sum::<f64>();
        for (row, example) in rows.iter().zip(examples) {
            let mut chances: Vec<f64> = (0..classes).map(|class| row.iter().map(|&feature| weights[feature][class]).sum()).collect();
            let most = chances.iter().copied().fold(f64::MIN, f64::max);
            let all: f64 = chances.iter().map(|sum| (sum - most).exp()).sum();
            chances.iter_mut().for_each(|sum| *sum = (*sum - most).exp() / all);
            loss -= chances[example.class].ln();
            chances[example.class] -= 1.0;
            for &feature in row {
                for (gradient, wrong) in gradients[feature].iter_mut().zip(&chances) {
                    *gradient += wrong;
                }
            }
        }
        for ((weights, squares), gradients) in weights.iter_mut().zip(&mut squares).zip(&gradients) {
            for ((weight, square), gradient) in weights.iter_mut().zip(squares).zip(gradients) {
                *square += gradient * gradient;
                *weight -= 0.3 * gradient / square.sqrt();
            }
        }
        if step % 100 == 0 {
            println!("step {step}: loss {loss:.1}");
        }
    }
    numbers.into_iter().zip(weights).map(|((feature, _), weights)| (feature, weights)).collect()
}

fn write(name: &str, what: &str, classes: &[&str], examples: &[Example]) {
    let mut table = format!(
        "# What each feature says for each {what}, in hundredths of a natural logarithm. Measured on {} labels of tests/alerts/open.jsonl\n\
         # by src/extract/fit.rs; not to be edited by hand.\n{}\n",
        examples.len(),
        classes.join(" ")
    );
    for (feature, weights) in fit(examples, classes.len()) {
        let hundredths: Vec<i32> = weights.iter().map(|weight| (weight * 100.0).round() as i32).collect();
        if hundredths.iter().any(|weight| weight.abs() >= WEIGHT_MIN) {
            let weights: Vec<String> = hundredths.iter().map(i32::to_string).collect();
            let _ = writeln!(table, "{} {feature}", weights.join(" "));
        }
    }
    std::fs::write(format!("{TABLES}/{name}"), table).expect("the table is written");
}

#[test]
#[ignore = "writes the tables anew"]
fn fit_the_weights() {
    let codes: BTreeSet<&str> = CODES_OF_TOPICS.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let (parts, offences) = examples(&codes);
    write("role_weights.txt", "part of an entity", &PARTS, &parts);
    write("offence_weights.txt", "offence of a text", &codes, &offences);
}
