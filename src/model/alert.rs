//! One searchable subject of an alert.

use super::{Gender, Identifier, PartialDate, PartyKind};
use serde::{Deserialize, Serialize};

/// How firmly a list or text holds a name form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameClass {
    /// The main name.
    Name,
    /// Another full name.
    Alias,
    /// A former name.
    Previous,
    /// A nickname or short name that alone proves little.
    WeakAlias,
}

/// One way to write the name of an alert entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameForm {
    /// As written.
    pub text: String,
    /// How firmly it is held.
    pub class: NameClass,
}

/// How much an alert on this entity matters. A tier never changes a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Named for what compliance must act on: sanctions, wanted, accused.
    High,
    /// Close to it, or not classified.
    Medium,
    /// Mentioned only, or a politically exposed person.
    Low,
    /// Kept for display, never hits.
    None,
}

/// The part an alert document gives to someone it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityRole {
    /// Whom the alert is about.
    Subject,
    /// Acts with or for the subject.
    Associate,
    /// Harmed by the subject.
    Victim,
    /// Court, police, ministry, or someone acting for one.
    Official,
    /// Speaks for a party in law.
    Lawyer,
    /// Reports.
    Media,
    /// Where something was published.
    Platform,
    /// Head of state, minister and the like.
    Pep,
    /// Where the subject works or worked.
    Employer,
    /// A town or country.
    Place,
    /// Named, part not known.
    Mentioned,
}

/// One person, organisation or vessel to watch for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertEntity {
    /// Id of the entity: the list record's own, or `<alert id>#<number>` for one read from a document.
    pub id: String,
    /// The key of the alert record it came from.
    pub alert_key: String,
    /// Same for every alert on the same subject.
    pub subject_key: String,
    /// Id of the alert, for people to find it again.
    pub alert_id: String,
    /// Name of the list.
    pub list: String,
    /// Source datasets as the list names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
    /// Person, organisation, vessel or unknown.
    pub kind: PartyKind,
    /// All name forms, main name first.
    pub names: Vec<NameForm>,
    /// Birth or incorporation dates; several when sources differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub birth_dates: Vec<PartialDate>,
    /// ISO 3166-1 alpha-2 in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Gender where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Numbers of documents and accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// FollowTheMoney topics, e.g. `sanction`, `crime.fin`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// How much it matters.
    pub tier: Tier,
    /// The part a document gives it; absent for list records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<EntityRole>,
    /// The sentence of the document that names it; absent for list records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// When the alert was published, milliseconds since 1970; 0 = unknown. Orders alerts, newest first.
    #[serde(default)]
    pub alert_time_ms: i64,
}

impl AlertEntity {
    /// The name shown to people.
    pub fn caption(&self) -> &str {
        self.names.first().map_or("", |form| &form.text)
    }
}
