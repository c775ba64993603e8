//! Sample alerts of our own writing, and a stream of customers and payments made by rule from a seed: mostly clean, some
//! naming listed parties the way payments do, a few broken.

use crate::lists::{AlertRecord, ListError, read_list};
use crate::model::EventKind;
use serde_json::{Value, json};

const LIST: &str = include_str!("samples/list.jsonl");
const DOCUMENTS: &str = include_str!("samples/documents.txt");
const JSON_DOCUMENTS: &str = include_str!("samples/documents.jsonl");

/// All sample alerts, as they are published.
///
/// # Errors
/// Never in a released program: a test reads them.
pub fn sample_alerts() -> Result<Vec<AlertRecord>, ListError> {
    let mut alerts = Vec::new();
    for text in [LIST, DOCUMENTS, JSON_DOCUMENTS] {
        read_list(text.as_bytes(), "demo", |record| alerts.push(record))?;
    }
    Ok(alerts)
}

/// An event to send.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoEvent {
    /// Transaction or customer.
    pub kind: EventKind,
    /// Key.
    pub key: String,
    /// Value; not always JSON.
    pub value: Vec<u8>,
}

const GIVEN: &[&str] = &[
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elif",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Katarzyna",
    "Luca",
    "Mariam",
    "Nils",
    "Olga",
    "Pedro",
    "Qiang",
    "Rosa",
    "Samir",
    "Tomoko",
    "Umberto",
    "Vera",
    "Wei",
    "Xenia",
    "Yann",
    "Zofia",
    "Amara",
    "Bogdan",
    "Chiara",
    "Dilnoza",
    "Estelle",
    "Florian",
    "Gulnara",
    "Hiroshi",
];
const FAMILY: &[&str] = &[
    "Abelson",
    "Brandvold",
    "Castellani",
    "Dimitrov",
    "Eriksen",
    "Fontaine",
    "Grabowska",
    "Hashimoto",
    "Iversen",
    "Jovanovic",
    "Kowalczyk",
    "Lindqvist",
    "Marchetti",
    "Nakagawa",
    "Oduya",
    "Pettersson",
    "Quispe",
    "Rasmussen",
    "Schaefer",
    "Tanaka",
    "Ueda",
    "Vandenberg",
    "Wojciechowski",
    "Xenakis",
    "Yamamoto",
    "Zimmermann",
    "Achterberg",
    "Bellamy",
    "Corrigan",
    "Delacroix",
    "Engstrom",
    "Fairweather",
    "Gunnarsson",
    "Hollingsworth",
];
const COMPANIES: &[&str] = &[
    "Greenfield Bakery Ltd",
    "Sunrise Dental Clinic GmbH",
    "Atelier Mirabelle SARL",
    "Northgate Plumbing Inc",
    "Pixelforge Studio BV",
    "Harvest Lane Grocers LLC",
    "Copper Kettle Cafe",
    "Alpenblick Hotel AG",
    "Riverbend Cycles Ltd",
    "Mosaic Language School SL",
];
/// Listed names as payments write them.
const LISTED: &[&str] = &[
    "HALVORSEN VIKTOR",
    "Виктор Халворсен",
    "Nasrin Qassem Darwish",
    "MUHAMMAD YUSEF TARABZUNI",
    "JORGE I VELARDE QUINTANILLA",
    "LEUNG WAI CHUNG",
    "Aleksandra Zabolotnaya",
    "THEODOROS KASTRINAKIS",
    "SEVMORGAZ TRADING OOO",
    "BLUE LANTERN MARITIME",
    "MT OSTRAVA PEARL",
    "Emanuel Nguemo",
    "RUSLAN TEMIRKHANOV",
    "MR R TEMIRKHANOV",
    "Chukwuemeka Adaeze",
    "Timur Rakhimbaev",
    "SALMA BENHADDOU",
    "BANCO MERCANTIL DEL ISTMO",
    "BLACKWATER RIDGE HOLDINGS LIMITED",
    "Kim Cholhyok",
];

/// Of 1,000 events, so many name a listed party.
const LISTED_PER_MILLE: u32 = 25;
/// One event in so many is broken.
const BROKEN_EVERY: u64 = 150;

/// Makes events; the same seed makes the same events.
pub struct Feeder {
    random: fastrand::Rng,
    number: u64,
}

impl Feeder {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), number: 0 }
    }

    fn one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.random.usize(..texts.len())]
    }

    fn person(&mut self) -> String {
        let (given, family) = (self.one_of(GIVEN), self.one_of(FAMILY));
        if self.random.bool() { format!("{given} {family}") } else { format!("{family} {given}").to_uppercase() }
    }

    fn party(&mut self, role: &str) -> Value {
        let listed = self.random.u32(..1000) < LISTED_PER_MILLE / 2;
        let name = match self.random.u32(..10) {
            _ if listed => self.one_of(LISTED).to_owned(),
            0..=2 => self.one_of(COMPANIES).to_owned(),
            _ => self.person(),
        };
        json!({"role": role, "name": name})
    }

    fn broken(&mut self) -> Vec<u8> {
        match self.random.u32(..3) {
            0 => b"{\"id\": \"cut off".to_vec(),
            1 => b"{\"id\": \"nobody\", \"parties\": []}".to_vec(),
            _ => b"\xFF\xFE not text".to_vec(),
        }
    }
}

impl Iterator for Feeder {
    type Item = DemoEvent;

    /// Never ends.
    fn next(&mut self) -> Option<DemoEvent> {
        self.number += 1;
        let number = self.number;
        let kind = if self.random.u32(..5) == 0 { EventKind::Customer } else { EventKind::Transaction };
        let broken = number.is_multiple_of(BROKEN_EVERY);
        let (key, value) = match kind {
            EventKind::Customer => {
                let mut party = self.party("customer");
                party["birth_date"] =
                    json!(format!("{}-{:02}-{:02}", self.random.u32(1940..2005), self.random.u32(1..13), self.random.u32(1..29)));
                (format!("c{number}"), json!({"id": format!("c{number}"), "party": party}))
            }
            EventKind::Transaction => {
                let parties = [self.party("debtor"), self.party("creditor")];
                (format!("t{number}"), json!({"id": format!("t{number}"), "parties": parties, "remittance": format!("INVOICE {number}")}))
            }
        };
        let value = if broken { self.broken() } else { value.to_string().into_bytes() };
        Some(DemoEvent { kind, key, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts;

    #[test]
    fn sample_alerts_can_all_be_read() {
        let samples = sample_alerts().expect("samples");
        assert!(samples.len() > 15);
        for sample in samples {
            let change = alerts::read(Some(sample.key.as_bytes()), Some(&sample.value), 0).expect(&sample.key);
            assert!(!change.entities.is_empty(), "{}", sample.key);
        }
    }

    #[test]
    fn one_seed_makes_one_stream() {
        let first: Vec<DemoEvent> = Feeder::new(7).take(500).collect();
        assert_eq!(first, Feeder::new(7).take(500).collect::<Vec<_>>());
        assert!(first.iter().any(|event| event.kind == EventKind::Customer));
    }
}
