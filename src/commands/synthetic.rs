//! Large lists made by rule from the words of a given one, so that speed can be measured on any size without other data.

use crate::lists::AlertRecord;
use serde_json::{Value, json};

/// The same list each time.
const SEED: u64 = 1;

/// Of 100 made entities so many are people, the others companies.
const PEOPLE: u32 = 72;
/// Of 100 surnames so many are put together from two, so that rare words grow with the list as they do in real ones.
const RARE: u32 = 33;
/// Of 100 entities so many have a second name.
const ALIASES: u32 = 30;

/// Words of the given list; one that comes often there comes often in what is made.
#[derive(Default)]
pub(super) struct Words {
    given: Vec<String>,
    family: Vec<String>,
    company: Vec<String>,
    legal: Vec<String>,
    /// Names read.
    pub names: usize,
}

impl Words {
    /// Takes the words of a list record; documents have none.
    pub(super) fn learn(&mut self, record: &AlertRecord) {
        let Ok(body) = serde_json::from_slice::<Value>(&record.value) else { return };
        for name in ["name", "alias"].iter().filter_map(|property| body["properties"][property].as_array()).flatten() {
            self.names += 1;
            let words: Vec<String> = name.as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
            let [first, .., last] = words.as_slice() else { continue };
            if body["schema"] == "Person" {
                self.given.push(first.clone());
                self.family.push(last.clone());
            } else {
                self.legal.push(last.clone());
                self.company.extend_from_slice(&words[..words.len() - 1]);
            }
        }
    }

    /// Makes entities until there are so many names in all. `None` where no person or no company has two words or more.
    pub(super) fn fill_up(&self, names: usize) -> Option<impl Iterator<Item = AlertRecord>> {
        if self.given.is_empty() || self.company.is_empty() {
            return None;
        }
        let mut maker = Maker { words: self, random: fastrand::Rng::with_seed(SEED) };
        let mut made = self.names;
        Some((0usize..).map_while(move |number| {
            (made < names).then(|| {
                let (schema, all) = maker.entity();
                made += all.len();
                let key = format!("synthetic/{number}");
                let properties = json!({"name": &all[..1], "alias": &all[1..], "topics": ["sanction"]});
                AlertRecord {
                    key,
                    value: json!({"id": number.to_string(), "schema": schema, "properties": properties}).to_string().into_bytes(),
                }
            })
        }))
    }
}

struct Maker<'a> {
    words: &'a Words,
    random: fastrand::Rng,
}

impl Maker<'_> {
    fn happens(&mut self, percent: u32) -> bool {
        self.random.u32(..100) < percent
    }

    fn pick(&mut self, words: &'_ [String]) -> String {
        self.random.choice(words).cloned().unwrap_or_default()
    }

    fn entity(&mut self) -> (&'static str, Vec<String>) {
        let count = 1 + usize::from(self.happens(ALIASES));
        if self.happens(PEOPLE) {
            let family = self.family();
            ("Person", (0..count).map(|_| format!("{} {family}", self.pick(&self.words.given))).collect())
        } else {
            ("Organization", (0..count).map(|_| self.company()).collect())
        }
    }

    fn family(&mut self) -> String {
        let (one, other) = (self.pick(&self.words.family), self.pick(&self.words.family));
        if !self.happens(RARE) {
            return one;
        }
        let half = |word: &str| word.chars().count() / 2;
        one.chars().take(half(&one).max(2)).chain(other.chars().skip(half(&other))).collect()
    }

    fn company(&mut self) -> String {
        let words: Vec<String> = (0..self.random.usize(2..=3)).map(|_| self.pick(&self.words.company)).collect();
        format!("{} {}", words.join(" "), self.pick(&self.words.legal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_filled_up_to_a_size_and_the_same_each_time() {
        let mut words = Words::default();
        for (schema, name) in [("Person", "Viktor Halvorsen"), ("Person", "Nasreen Darwish"), ("Company", "Sevmorgaz Trading LLC")] {
            let value = json!({"id": "x", "schema": schema, "properties": {"name": [name]}}).to_string().into_bytes();
            words.learn(&AlertRecord { key: "t/x".to_owned(), value });
        }
        let fill_up = || words.fill_up(500).expect("enough words").collect::<Vec<AlertRecord>>();
        let made = fill_up();
        let names: usize = made.iter().map(|record| String::from_utf8_lossy(&record.value).matches(' ').count()).sum();
        assert!(made.len() > 300 && made.len() < 497 && names > 500, "{} entities", made.len());
        assert_eq!(made, fill_up());
        assert!(Words::default().fill_up(500).is_none());
    }
}
