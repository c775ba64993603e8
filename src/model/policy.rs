//! What counts as a hit and what is published.

use super::{AlertEntity, Stage, Tier};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

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
    /// Whether free text of events is screened too.
    pub texts: bool,
    /// At most so many hits a party, best first; more are counted and the last kept hit is marked `truncated`.
    pub hits_per_party_max: usize,
    /// Hash of all the others, once somebody has asked for it.
    #[serde(skip)]
    pub hash: OnceLock<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            threshold: 0.70,
            tiers: vec![Tier::High, Tier::Medium],
            lists: Vec::new(),
            offences: Vec::new(),
            stages: Vec::new(),
            texts: true,
            hits_per_party_max: 20,
            hash: OnceLock::new(),
        }
    }
}

impl Policy {
    /// Hash of the whole policy, 16 hexadecimal digits: it stands in every hit.
    pub fn fingerprint(&self) -> &str {
        self.hash.get_or_init(|| crate::hex(&Sha256::digest(serde_json::json!(self).to_string())[..8]))
    }

    /// Whether an alert entity may hit at all, by its tier, list, offences and stage.
    pub fn allows(&self, entity: &AlertEntity) -> bool {
        let list = self.lists.is_empty() || self.lists.contains(&entity.list);
        // Offences and stages are read from documents; list records have none.
        let accusation = &entity.accusation;
        let from_document = entity.quote.is_some();
        let offence = !from_document || self.offences.is_empty() || accusation.offences.iter().any(|code| self.offences.contains(code));
        let stage = !from_document || self.stages.is_empty() || accusation.stage.is_some_and(|stage| self.stages.contains(&stage));
        self.tiers.contains(&entity.tier) && list && offence && stage
    }
}
