//! Anyone named in an event, with what is known of them.

use super::{Identifier, PartialDate};
use serde::{Deserialize, Serialize};

/// What a name belongs to. `Unknown` agrees with every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartyKind {
    /// A natural person.
    Person,
    /// A company or any other body of people.
    Organisation,
    /// A ship or an aircraft.
    Vessel,
    /// Not said.
    #[default]
    Unknown,
}

impl PartyKind {
    /// Reads our own words and FollowTheMoney schema names; anything else is `Unknown`.
    pub fn of_schema(schema: &str) -> Self {
        match schema.to_ascii_lowercase().as_str() {
            "person" | "individual" | "natural_person" => Self::Person,
            "company" | "organization" | "organisation" | "publicbody" | "business" => Self::Organisation,
            "vessel" | "airplane" | "aircraft" | "vehicle" => Self::Vessel,
            _ => Self::Unknown,
        }
    }

    /// Whether two records of these kinds can be the same.
    pub fn agrees_with(self, other: Self) -> bool {
        self == other || self == Self::Unknown || other == Self::Unknown
    }
}

/// Gender as documents state it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Gender {
    /// Reads `f`, `female`, `m`, `male` in any case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "f" | "female" => Some(Self::Female),
            "m" | "male" => Some(Self::Male),
            _ => None,
        }
    }
}

/// One person or organisation named in an event: what is compared with the list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Party {
    /// JSON Pointer to the party inside the event, e.g. `/parties/0`.
    pub path: String,
    /// Its part in the event, e.g. `debtor`.
    pub role: String,
    /// Person, organisation, vessel or unknown.
    pub kind: PartyKind,
    /// The name as written.
    pub name: String,
    /// Birth dates (or incorporation dates) as far as known.
    pub birth_dates: Vec<PartialDate>,
    /// ISO 3166-1 alpha-2 codes in lower case: nationality, residence, registration.
    pub countries: Vec<String>,
    /// Gender where known.
    pub gender: Option<Gender>,
    /// Address as written.
    pub address: String,
    /// Numbers of documents and accounts.
    pub identifiers: Vec<Identifier>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_of_follow_the_money_have_a_kind() {
        assert_eq!(PartyKind::of_schema("Company"), PartyKind::Organisation);
        assert_eq!(PartyKind::of_schema("LegalEntity"), PartyKind::Unknown);
        assert!(PartyKind::Unknown.agrees_with(PartyKind::Vessel));
        assert!(!PartyKind::Person.agrees_with(PartyKind::Vessel));
    }
}
