//! What counts as a hit and what is published.

use super::{AlertEntity, Stage, Tier};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// What a worker does with events while the list lags behind the alert topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenStale {
    /// Reads no more of them until the list has caught up.
    #[default]
    Wait,
    /// Decides on the list it has, and says so in what it publishes.
    GoOn,
}

/// The rule from score to hit. A policy never changes a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name, carried in every hit.
    pub name: String,
    /// The score from which a candidate is a hit, 0 to 1.
    pub threshold: f32,
    /// Tiers that may hit.
    pub tiers: Vec<Tier>,
    /// Lists that may hit; empty = all.
    pub lists: Vec<String>,
    /// Offence codes that may hit, for entities read from documents; empty = all, and whoever is accused of none in particular.
    pub offences: Vec<String>,
    /// Stages that may hit, for entities read from documents; empty = all.
    pub stages: Vec<Stage>,
    /// Alert documents older than so many days when the event was written do not hit; 0 = no limit. Records of lists do not age.
    pub document_age_days_max: u32,
    /// Whether free text of events is screened too.
    pub texts: bool,
    /// At most so many hits a party, best first; more are counted and the last kept hit is marked `truncated`.
    pub hits_per_party_max: usize,
    /// What to do while the list is stale.
    pub when_stale: WhenStale,
    /// Where its hits go; `None` = where all go, empty = nowhere.
    pub hits_topic: Option<String>,
    /// Where its decisions go; `None` = where all go, empty = nowhere.
    pub decisions_topic: Option<String>,
    /// Hash of all the others, once somebody has asked for it.
    #[serde(skip)]
    pub hash: OnceLock<String>,
}

const DAY_MS: i64 = 86_400_000;

impl Default for Policy {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            threshold: 0.70,
            tiers: vec![Tier::High, Tier::Medium],
            lists: Vec::new(),
            offences: Vec::new(),
            stages: Vec::new(),
            document_age_days_max: 0,
            texts: true,
            hits_per_party_max: 20,
            when_stale: WhenStale::Wait,
            hits_topic: None,
            decisions_topic: None,
            hash: OnceLock::new(),
        }
    }
}

impl Policy {
    /// Hash of the whole policy, 16 hexadecimal digits: it stands in every hit.
    pub fn fingerprint(&self) -> &str {
        self.hash.get_or_init(|| crate::hex(&Sha256::digest(serde_json::json!(self).to_string())[..8]))
    }

    /// Whether an alert entity may hit at all, by its tier, list, offences, stage and age. `at_ms` is when the event was
    /// written, milliseconds since 1970; 0 = unknown: nothing is too old then.
    pub fn allows(&self, entity: &AlertEntity, at_ms: i64) -> bool {
        let list = self.lists.is_empty() || self.lists.contains(&entity.list);
        // Offences and stages are read from documents; list records have none.
        let accusation = &entity.accusation;
        let from_document = entity.quote.is_some();
        let offence = !from_document || self.offences.is_empty() || accusation.offences.iter().any(|code| self.offences.contains(code));
        let stage = !from_document || self.stages.is_empty() || accusation.stage.is_some_and(|stage| self.stages.contains(&stage));
        let dated = from_document && self.document_age_days_max > 0 && entity.alert_time_ms > 0;
        let young = !dated || at_ms.saturating_sub(entity.alert_time_ms) <= i64::from(self.document_age_days_max) * DAY_MS;
        self.tiers.contains(&entity.tier) && list && offence && stage && young
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PartyKind;

    #[test]
    fn documents_age_and_list_records_do_not() {
        let entity = |quote: Option<&str>| -> AlertEntity {
            let names = [serde_json::json!({"text": "Anna Example", "class": "name"})];
            let (id, tier, kind) = ("x", Tier::High, PartyKind::Person);
            let record = serde_json::json!({"id": id, "alert_key": id, "subject_key": id, "alert_id": id, "list": id, "kind": kind,
                "names": names, "tier": tier, "quote": quote, "alert_time_ms": DAY_MS});
            serde_json::from_value(record).expect("an entity")
        };
        let policy = Policy { document_age_days_max: 30, ..Policy::default() };
        let (document, listed) = (entity(Some("it was said")), entity(None));
        assert!(policy.allows(&document, 31 * DAY_MS) && !policy.allows(&document, 31 * DAY_MS + 1));
        assert!(policy.allows(&listed, 99 * DAY_MS) && Policy::default().allows(&document, 99 * DAY_MS));
        assert!(policy.allows(&document, 0), "an event without a time finds every document");
        assert_ne!(policy.fingerprint(), Policy::default().fingerprint());
    }
}
