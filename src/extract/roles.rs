//! Weighs what the text shows of an entity and gives it one role and one tier.
//!
//! The weights, `data/role_weights.txt`, are measured, not written: a logistic regression over the features of `features.rs` on
//! labelled texts of our own (`fit.rs` says how to measure them again). Strong frames stand as said; the others and titles are features
//! among others, so a line more in their tables counts at once, and how much, the next measurement says.

use super::coreference::Cluster;
use super::features::{Case, Features};
use super::frames::{FrameRole, Said};
use super::lexicon::{Class, Classes};
use super::mentions::{Mention, MentionKind};
use super::regression::Table;
use crate::model::{EntityRole, Tier};
use std::sync::LazyLock;

pub(super) const WEIGHTS: &str = include_str!("data/role_weights.txt");

/// What the labels of texts tell apart; the first: no entity at all, words in capitals.
pub(super) const PARTS: [&str; 7] = ["none", "subject", "associate", "victim", "official", "media", "other"];
const NONE: usize = 0;
const SUBJECT: usize = 1;
const ASSOCIATE: usize = 2;
const VICTIM: usize = 3;
const OFFICIAL: usize = 4;
const MEDIA: usize = 5;

/// From this chance on an entity is a subject. This and the chances below were set by the totals of `eval extract` on our texts.
const SUBJECT_CHANCE: f32 = 0.35;
/// The same where no frame of weight 2 accuses it and no sentence that names it speaks of a case; and where the whole text speaks of none.
const UNSAID_SUBJECT_CHANCE: f32 = 0.45;
const NO_CASE_SUBJECT_CHANCE: f32 = 0.6;
/// The same for those who hold another part: employers ("the former head of BTA bank") and holders of office, whom no frame of weight 3 accuses.
const HOLDER_SUBJECT_CHANCE: f32 = 0.6;
/// A frame of this weight accuses in so many words ("was convicted"): then no chance is asked.
const PLAINLY: u16 = 5;
/// A frame of this weight says as plainly that someone suffered or saw it ("was an eyewitness").
const PLAINLY_ASIDE: u16 = 6;
/// Weight of the frames that say that someone is not accused.
const NOT_ACCUSED: u16 = 7;
/// From this weight on a frame says something of whom it names.
const SAID: u16 = 4;
/// Under this chance nobody is given a part that never hits.
const HARMLESS_CHANCE: f32 = 0.4;
/// Over this chance of being one, nobody is given a part that never hits.
const DOUBT: f32 = 0.2;

/// From this chance on words in capitals that do not look like a person's are no name.
const NOBODY: f32 = 0.55;

/// Weight of a part that a name or a title proves by itself.
const KNOWN: u16 = 7;
const TITLED: u16 = 6;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(WEIGHTS));

/// What frames and titles say of one entity.
#[derive(Debug, Clone, Default)]
pub(super) struct Weights {
    best: [u16; FrameRole::COUNT],
    count: [u16; FrameRole::COUNT],
}

impl Weights {
    pub(super) fn add(&mut self, role: FrameRole, weight: u16) {
        let at = role as usize;
        self.best[at] = self.best[at].max(weight);
        self.count[at] += 1;
    }

    pub(super) fn add_said(&mut self, said: Said) {
        self.add(said.role, u16::from(said.weight));
    }

    /// The strongest frame for a role.
    pub(super) fn of(&self, role: FrameRole) -> u16 {
        self.best[role as usize]
    }

    /// Whether a frame says that someone is not accused, or did not do but suffer it.
    fn clears(&self) -> bool {
        self.of(FrameRole::Associate) >= NOT_ACCUSED || self.of(FrameRole::Victim) > self.of(FrameRole::Subject)
    }

    /// What names and titles prove without any frame.
    pub(super) fn add_titles(&mut self, cluster: &Cluster, mentions: &[Mention]) {
        let titles = cluster.mentions.iter().fold(Classes::default(), |titles, &number| titles.with(mentions[number].titles));
        for (class, role, weight) in [
            (Class::LawyerTitle, FrameRole::Lawyer, TITLED),
            (Class::OfficialTitle, FrameRole::Official, TITLED),
            (Class::MediaTitle, FrameRole::Media, 5),
            (Class::PepTitle, FrameRole::Pep, 5),
            (Class::BystanderTitle, FrameRole::Witness, 4),
            (Class::Rank, FrameRole::Official, 2),
        ] {
            if titles.has(class) {
                self.add(role, weight);
            }
        }
        let known = match cluster.known_as {
            Some(EntityRole::Media) => Some(FrameRole::Media),
            Some(EntityRole::Official) => Some(FrameRole::Official),
            Some(EntityRole::Platform) => Some(FrameRole::Platform),
            _ => None,
        };
        if let Some(role) = known {
            self.add(role, KNOWN);
        }
    }

    /// As features.
    pub(super) fn show(&self, found: &mut Features) {
        for role in FrameRole::ALL {
            found.add_steps(&format!("frame:{}", role.as_str()), 2..=7, self.best[role as usize]);
            found.add_steps(&format!("frames:{}", role.as_str()), 2..=4, self.count[role as usize]);
        }
    }

    pub(super) fn is_pep(&self) -> bool {
        self.of(FrameRole::Pep) >= 4
    }
}

/// The role of an entity; `None` = words in capitals that name nobody. What a frame says in so many words stands; else the
/// chances decide, and subjects lost cost more than subjects invented.
pub(super) fn role(cluster: &Cluster, weights: &Weights, features: &Features) -> Option<EntityRole> {
    let organisation = matches!(cluster.kind, MentionKind::Organisation | MentionKind::Vessel);
    if let Some(known) = cluster.known_as.filter(|_| organisation) {
        return Some(known);
    }
    if cluster.kind == MentionKind::Place {
        return Some(EntityRole::Place);
    }
    let accused = weights.of(FrameRole::Subject);
    if accused >= PLAINLY && !weights.clears() {
        return Some(EntityRole::Subject);
    }
    let aside = |part: &FrameRole| weights.of(*part) >= PLAINLY_ASIDE.max(accused + 1);
    if let Some(part) = [FrameRole::Victim, FrameRole::Witness].into_iter().find(aside) {
        return Some(part.entity_role());
    }
    // Words that look like a person's name, or of which a frame says something, are kept whatever they are.
    let named = cluster.kind == MentionKind::Person || accused >= SAID;
    let chances = TABLE.chances(features, named.then_some(NONE));
    let holder = accused < 3 && if organisation { weights.of(FrameRole::Employer) >= SAID } else { weights.is_pep() };
    let least = match features.case {
        _ if holder => HOLDER_SUBJECT_CHANCE,
        _ if accused >= 2 => SUBJECT_CHANCE,
        Case::InItsSentences => SUBJECT_CHANCE,
        Case::Elsewhere => UNSAID_SUBJECT_CHANCE,
        Case::Nowhere => NO_CASE_SUBJECT_CHANCE,
    };
    if chances[SUBJECT] >= least.max(chances[OFFICIAL]).max(chances[MEDIA]) {
        return Some(EntityRole::Subject);
    }
    let likeliest = (0..PARTS.len()).filter(|part| *part != SUBJECT).max_by(|a, b| chances[*a].total_cmp(&chances[*b])).unwrap_or(NONE);
    if holder && likeliest != VICTIM {
        return Some(if organisation { EntityRole::Employer } else { EntityRole::Pep });
    }
    let doubtful = chances[SUBJECT] > DOUBT || accused >= SAID;
    match likeliest {
        NONE if chances[NONE] < NOBODY => Some(EntityRole::Mentioned),
        NONE => None,
        ASSOCIATE => Some(EntityRole::Associate),
        _ if doubtful || chances[likeliest] < HARMLESS_CHANCE => Some(EntityRole::Mentioned),
        VICTIM => Some(EntityRole::Victim),
        OFFICIAL => Some(EntityRole::Official),
        MEDIA => Some(EntityRole::Media),
        _ => Some(bystander(weights)),
    }
}

/// Which of those who stand aside: as the strongest frame says.
fn bystander(weights: &Weights) -> EntityRole {
    let parts = [FrameRole::Lawyer, FrameRole::Platform, FrameRole::Employer, FrameRole::Witness, FrameRole::Pep];
    let best = parts.into_iter().rev().max_by_key(|part| weights.of(*part)).filter(|part| weights.of(*part) >= 2);
    best.map_or(EntityRole::Mentioned, FrameRole::entity_role)
}

/// How much a role matters. `lone` = only a surname or another single word is known of a person.
pub(super) fn tier(role: EntityRole, cleared: bool, lone: bool) -> Tier {
    match role {
        EntityRole::Subject if cleared || lone => Tier::Medium,
        role => role.tier(),
    }
}
