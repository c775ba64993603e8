//! What counts as a hit and what is published.

use super::Tier;
use serde::{Deserialize, Serialize};

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
    /// At most so many hits a party, best first; more are counted and the last kept hit is marked `truncated`.
    pub hits_per_party_max: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            threshold: 0.70,
            tiers: vec![Tier::High, Tier::Medium],
            lists: Vec::new(),
            hits_per_party_max: 20,
        }
    }
}

impl Policy {
    /// Whether an alert entity of this list and tier may hit at all.
    pub fn allows(&self, list: &str, tier: Tier) -> bool {
        self.tiers.contains(&tier) && (self.lists.is_empty() || self.lists.iter().any(|allowed| allowed == list))
    }
}
