//! Parties that were found clear are remembered while the list stays the same: payments repeat their parties.
//!
//! Remembered is the whole party, not a hash of it, so that no chance can make somebody clear; and only that nothing at all was
//! found, so that a hit is always judged anew.

use crate::index::SnapshotId;
use crate::model::{Party, PartyKind};
use rustc_hash::FxHashSet;

/// Bytes of parties that are remembered at the most, with what the set and the allocator add for each; then it starts over.
const BYTES_MAX: usize = 16 << 20;
const BYTES_BESIDE: usize = 64;

/// The memory of one thread; remembers nothing unless told to.
#[derive(Debug, Default)]
pub(super) struct ClearParties {
    on: bool,
    snapshot: Option<SnapshotId>,
    known: FxHashSet<Box<[u8]>>,
    bytes: usize,
    key: Vec<u8>,
}

impl ClearParties {
    /// One that remembers.
    pub(super) fn remembering() -> Self {
        Self { on: true, ..Self::default() }
    }

    /// Whether nothing was found for this party under the same threshold in the same snapshot.
    pub(super) fn knows(&mut self, party: &Party, threshold: f32, snapshot: SnapshotId) -> bool {
        if !self.on {
            return false;
        }
        if self.snapshot != Some(snapshot) {
            self.snapshot = Some(snapshot);
            self.known.clear();
            self.bytes = 0;
        }
        write_key(&mut self.key, party, threshold);
        self.known.contains(&self.key[..])
    }

    /// Nothing was found for the party last asked for.
    pub(super) fn remember(&mut self) {
        if !self.on {
            return;
        }
        let bytes = self.key.len() + BYTES_BESIDE;
        if self.bytes + bytes > BYTES_MAX {
            self.known.clear();
            self.bytes = 0;
        }
        self.bytes += bytes;
        self.known.insert(self.key.as_slice().into());
    }
}

/// Everything of a party that a verdict looks at, and the threshold; parts end in a byte that no text has.
fn write_key(key: &mut Vec<u8>, party: &Party, threshold: f32) {
    const END: u8 = 0xFF;
    let Party { path: _, role: _, kind, name, birth_dates, countries, gender, address, identifiers } = party;
    key.clear();
    key.extend_from_slice(&threshold.to_bits().to_le_bytes());
    key.push(match kind {
        PartyKind::Person => 1,
        PartyKind::Organisation => 2,
        PartyKind::Vessel => 3,
        PartyKind::Unknown => 0,
    });
    key.push(gender.map_or(0, |gender| 1 + gender as u8));
    let mut text = |text: &str| {
        key.extend_from_slice(text.as_bytes());
        key.push(END);
    };
    text(name);
    text(address);
    birth_dates.iter().for_each(|date| text(&date.to_string()));
    text("");
    countries.iter().for_each(|country| text(country));
    text("");
    for identifier in identifiers {
        text(identifier.kind.words());
        text(&identifier.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Gender, Identifier, IdentifierKind, PartialDate};

    #[test]
    fn parties_that_differ_in_anything_a_verdict_looks_at_are_others() {
        let anna = Party { name: "Anna Example".to_owned(), ..Party::default() };
        let others = [
            Party { name: "Anna Exampl".to_owned(), ..Party::default() },
            Party { kind: PartyKind::Person, ..anna.clone() },
            Party { gender: Some(Gender::Female), ..anna.clone() },
            Party { gender: Some(Gender::Male), ..anna.clone() },
            Party { countries: vec!["fr".to_owned()], ..anna.clone() },
            Party { address: "Lyon".to_owned(), ..anna.clone() },
            Party { birth_dates: PartialDate::parse("1970").into_iter().collect(), ..anna.clone() },
            Party { birth_dates: PartialDate::parse("1970-01").into_iter().collect(), ..anna.clone() },
            Party { identifiers: Identifier::new(IdentifierKind::Passport, "714402918").into_iter().collect(), ..anna.clone() },
            Party { identifiers: Identifier::new(IdentifierKind::National, "714402918").into_iter().collect(), ..anna.clone() },
        ];
        let (first, second) = (SnapshotId::for_test(1), SnapshotId::for_test(2));
        let mut clear = ClearParties::remembering();
        assert!(!clear.knows(&anna, 0.7, first));
        clear.remember();
        assert!(clear.knows(&anna, 0.7, first) && clear.knows(&Party { role: "debtor".to_owned(), ..anna.clone() }, 0.7, first));
        for (number, other) in others.iter().enumerate() {
            assert!(!clear.knows(other, 0.7, first), "{other:?}");
            clear.remember();
            assert_eq!(clear.known.len(), number + 2);
        }
        assert!(!clear.knows(&anna, 0.6, first) && clear.knows(&anna, 0.7, first));
        assert!(!clear.knows(&anna, 0.7, second), "another list knows nobody yet");
        assert!(!ClearParties::default().knows(&anna, 0.7, first));
    }
}
