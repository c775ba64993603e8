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

/// A country as its two-letter code in lower case. Two-letter input is taken as a code; longer input only where it is
/// one of the names that lists write most; anything else is `None` and gives no evidence.
pub fn country_code(text: &str) -> Option<String> {
    let plain = text.trim().to_lowercase();
    if plain.len() == 2 && plain.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Some(plain);
    }
    COUNTRY_NAMES.iter().find(|(name, _)| *name == plain).map(|(_, code)| (*code).to_owned())
}

/// Country names in English as lists and news write them. Source: ISO 3166-1 names, shortened to common use.
#[rustfmt::skip]
pub(crate) const COUNTRY_NAMES: &[(&str, &str)] = &[
    ("afghanistan", "af"), ("albania", "al"), ("algeria", "dz"), ("angola", "ao"), ("argentina", "ar"), ("armenia", "am"),
    ("australia", "au"), ("austria", "at"), ("azerbaijan", "az"), ("bahrain", "bh"), ("bangladesh", "bd"), ("belarus", "by"),
    ("belgium", "be"), ("bolivia", "bo"), ("bosnia and herzegovina", "ba"), ("brazil", "br"), ("britain", "gb"),
    ("bulgaria", "bg"), ("cambodia", "kh"), ("cameroon", "cm"), ("canada", "ca"), ("chile", "cl"), ("china", "cn"),
    ("colombia", "co"), ("congo", "cd"), ("croatia", "hr"), ("cuba", "cu"), ("cyprus", "cy"), ("czech republic", "cz"),
    ("denmark", "dk"), ("ecuador", "ec"), ("egypt", "eg"), ("el salvador", "sv"), ("estonia", "ee"), ("ethiopia", "et"),
    ("finland", "fi"), ("france", "fr"), ("georgia", "ge"), ("germany", "de"), ("ghana", "gh"), ("greece", "gr"),
    ("guatemala", "gt"), ("haiti", "ht"), ("honduras", "hn"), ("hong kong", "hk"), ("hungary", "hu"), ("iceland", "is"),
    ("india", "in"), ("indonesia", "id"), ("iran", "ir"), ("iraq", "iq"), ("ireland", "ie"), ("israel", "il"), ("italy", "it"),
    ("jamaica", "jm"), ("japan", "jp"), ("jordan", "jo"), ("kazakhstan", "kz"), ("kenya", "ke"), ("kosovo", "xk"),
    ("kuwait", "kw"), ("kyrgyzstan", "kg"), ("latvia", "lv"), ("lebanon", "lb"), ("libya", "ly"), ("liechtenstein", "li"),
    ("lithuania", "lt"), ("luxembourg", "lu"), ("malaysia", "my"), ("mali", "ml"), ("malta", "mt"), ("mexico", "mx"),
    ("moldova", "md"), ("monaco", "mc"), ("mongolia", "mn"), ("montenegro", "me"), ("morocco", "ma"), ("mozambique", "mz"),
    ("myanmar", "mm"), ("namibia", "na"), ("nepal", "np"), ("netherlands", "nl"), ("new zealand", "nz"), ("nicaragua", "ni"),
    ("nigeria", "ng"), ("north korea", "kp"), ("north macedonia", "mk"), ("norway", "no"), ("oman", "om"), ("pakistan", "pk"),
    ("palestine", "ps"), ("panama", "pa"), ("paraguay", "py"), ("peru", "pe"), ("philippines", "ph"), ("poland", "pl"),
    ("portugal", "pt"), ("qatar", "qa"), ("romania", "ro"), ("russia", "ru"), ("russian federation", "ru"), ("rwanda", "rw"),
    ("saudi arabia", "sa"), ("senegal", "sn"), ("serbia", "rs"), ("singapore", "sg"), ("slovakia", "sk"), ("slovenia", "si"),
    ("somalia", "so"), ("south africa", "za"), ("south korea", "kr"), ("south sudan", "ss"), ("spain", "es"), ("sri lanka", "lk"),
    ("sudan", "sd"), ("sweden", "se"), ("switzerland", "ch"), ("syria", "sy"), ("taiwan", "tw"), ("tajikistan", "tj"),
    ("tanzania", "tz"), ("thailand", "th"), ("tunisia", "tn"), ("turkey", "tr"), ("turkmenistan", "tm"), ("uganda", "ug"),
    ("ukraine", "ua"), ("united arab emirates", "ae"), ("united kingdom", "gb"), ("united states", "us"), ("uruguay", "uy"),
    ("uzbekistan", "uz"), ("venezuela", "ve"), ("vietnam", "vn"), ("yemen", "ye"), ("zambia", "zm"), ("zimbabwe", "zw"),
];

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

    #[test]
    fn countries_are_codes_or_known_names() {
        assert_eq!(country_code("KZ").as_deref(), Some("kz"));
        assert_eq!(country_code("Kazakhstan").as_deref(), Some("kz"));
        assert_eq!(country_code("Atlantis"), None);
    }
}
