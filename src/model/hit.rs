//! The published result of screening and why it scored so.

use super::{Accusation, EntityRole, NameClass, Override, Tier};
use serde::{Deserialize, Serialize};

/// What kind of proof a hit rests on, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// An equal strong identifier.
    Identifier,
    /// The name and at least one agreeing fact.
    NameAndFact,
    /// The name alone.
    NameOnly,
    /// Only a weak alias.
    WeakAlias,
    /// Only words near each other in the text of an alert.
    TextOnly,
}

impl Grade {
    /// As in the published record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::NameAndFact => "name_and_fact",
            Self::NameOnly => "name_only",
            Self::WeakAlias => "weak_alias",
            Self::TextOnly => "text_only",
        }
    }
}

/// How one token of the party met one token of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenMatch {
    /// Letter for letter.
    Same,
    /// Within the edits that its length allows.
    Typo,
    /// Same sound or transliteration.
    SpellingVariant,
    /// A short or other-language form of the same name.
    Nickname,
    /// An initial that stands for the name.
    Initial,
    /// Cut off at the end of a field.
    Truncated,
    /// Written together on one side and apart on the other.
    Joined,
    /// A short form, or the first letters of several words.
    Abbreviation,
    /// The same word of an organisation's name in another language.
    Translation,
    /// Legal forms of one class, e.g. OOO and LLC.
    LegalForm,
}

/// One pairing of tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenEvidence {
    /// What the party wrote.
    pub party: String,
    /// What the list has.
    pub listed: String,
    /// How they met.
    pub how: TokenMatch,
    /// 0 to 1.
    pub similarity: f32,
    /// Share in the name score, 0 to 1.
    pub weight: f32,
}

/// Why the names are the same, or how far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NameEvidence {
    /// The listed form that matched best, as written.
    pub listed: String,
    /// How firmly the list holds that form.
    pub class: NameClass,
    /// Name score before other facts, 0 to 1.
    pub score: f32,
    /// Token by token.
    pub tokens: Vec<TokenEvidence>,
    /// Words of the party that the list does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_party: Vec<String>,
    /// Words of the list that the party does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_listed: Vec<String>,
}

/// Which fact beside the name spoke for or against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// Birth date.
    BirthDate,
    /// Country.
    Country,
    /// Postal address.
    Address,
    /// Gender.
    Gender,
    /// Identifier.
    Identifier,
    /// Person against organisation against vessel.
    Kind,
}

/// One fact and what it did to the score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactEvidence {
    /// Which fact.
    pub fact: FactKind,
    /// What the party has.
    pub party: String,
    /// What the list has.
    pub listed: String,
    /// In words, e.g. `same day and month, year off by one`.
    pub how: String,
    /// Change of the score by this fact, -1 to 1.
    pub effect: f32,
}

/// Where an alert document names the entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentEvidence {
    /// The part the document gives it.
    pub role: EntityRole,
    /// The sentence that names it.
    pub quote: String,
    /// What the document says it did.
    #[serde(flatten)]
    pub accusation: Accusation,
}

/// All that speaks for and against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The name.
    pub name: NameEvidence,
    /// Other facts, in the order applied. Name score plus all effects is the score, up to rounding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<FactEvidence>,
    /// For entities read from a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentEvidence>,
}

/// What a hit says of the alert entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertSummary {
    /// The entity that scored best.
    pub entity_id: String,
    /// Same for every alert on this subject.
    pub subject_key: String,
    /// Every alert on this subject that scored over the threshold, newest first.
    pub alert_ids: Vec<String>,
    /// Name of the list.
    pub list: String,
    /// How much it matters.
    pub tier: Tier,
    /// FollowTheMoney topics.
    pub topics: Vec<String>,
    /// Main name of the entity.
    pub name: String,
    /// What an operator overruled, with reason and author; the tier above is what it came to.
    #[serde(default, rename = "override", skip_serializing_if = "Option::is_none")]
    pub overruled: Option<Override>,
}

/// One party against one subject. Without event coordinates: those are added where the hit is published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The alert entity.
    pub alert: AlertSummary,
    /// 0 to 1, rounded to four digits.
    pub score: f32,
    /// What kind of proof.
    pub grade: Grade,
    /// Structured.
    pub evidence: Evidence,
    /// The evidence as one sentence for a person who does not program.
    pub sentence: String,
    /// More hits than the policy keeps, or a search cap was reached.
    pub truncated: bool,
}
