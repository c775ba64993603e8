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
    /// Words that stand near each other in the text of an alert, taken for nobody's name by its reader.
    Text,
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
    /// Saw or knows something, and says so.
    Witness,
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

impl EntityRole {
    /// How much it matters, unless more is known: a case that was cleared, a tier that an operator gave.
    pub fn tier(self) -> Tier {
        match self {
            Self::Subject => Tier::High,
            Self::Associate => Tier::Medium,
            Self::Victim | Self::Witness | Self::Pep | Self::Mentioned => Tier::Low,
            Self::Official | Self::Lawyer | Self::Media | Self::Platform | Self::Employer | Self::Place => Tier::None,
        }
    }
}

/// How far a case has come, as a document tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Somebody says so.
    Alleged,
    /// Arrested, searched, questioned.
    Investigated,
    /// Charged or indicted.
    Charged,
    /// Before a court.
    OnTrial,
    /// On a sanctions list.
    Sanctioned,
    /// Found guilty, or pleaded so.
    Convicted,
    /// Found guilty, and an appeal is pending.
    Appeal,
    /// Acquitted, dropped or overturned.
    Cleared,
}

impl Stage {
    /// Every stage, the least serious first; `cleared` last.
    pub const ALL: [Self; 8] =
        [Self::Alleged, Self::Investigated, Self::Charged, Self::OnTrial, Self::Sanctioned, Self::Convicted, Self::Appeal, Self::Cleared];

    /// As written in records and configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alleged => "alleged",
            Self::Investigated => "investigated",
            Self::Charged => "charged",
            Self::OnTrial => "on-trial",
            Self::Sanctioned => "sanctioned",
            Self::Convicted => "convicted",
            Self::Appeal => "appeal",
            Self::Cleared => "cleared",
        }
    }

    /// The stage of a name, as [`Self::as_str`] gives it.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }
}

/// What a document says that an entity is said to have done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Accusation {
    /// Offence codes of the reader's table, e.g. `embezzlement`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offences: Vec<String>,
    /// How far the case has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Convicted in absentia.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_absentia: bool,
    /// Countries that want the entity, ISO 3166-1 alpha-2 in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted_by: Vec<String>,
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
    /// Postal addresses as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
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
    /// What a document says it did; empty for list records.
    #[serde(default, skip_serializing_if = "Accusation::is_empty")]
    pub accusation: Accusation,
    /// The whole text, in the one record of a document that has no names; searched by the text net.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Box<AlertText>>,
    /// The sentence of the document that names it; absent for list records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// When the alert was published, milliseconds since 1970; 0 = unknown. Orders alerts, newest first.
    #[serde(default)]
    pub alert_time_ms: i64,
}

/// The text of an alert document and whom its reader found where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertText {
    /// Cleaned of tags and broken lines.
    pub text: String,
    /// Places of the entities read.
    pub named: Vec<NamedPlace>,
}

/// Where a text names an entity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NamedPlace {
    /// First byte.
    pub from: usize,
    /// The byte after the last.
    pub to: usize,
    /// Tier of the entity.
    pub tier: Tier,
    /// Its part.
    pub role: EntityRole,
}

/// What an operator says of one subject of one alert, against what was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The part it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<EntityRole>,
    /// How much it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub author: String,
}

impl Accusation {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl AlertEntity {
    /// The name shown to people.
    pub fn caption(&self) -> &str {
        self.names.first().map_or("", |form| &form.text)
    }
}
