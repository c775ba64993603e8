//! Weighs what the text says of an entity and gives it one role and one tier.

use super::coreference::Cluster;
use super::frames::{FrameRole, Said};
use super::lexicon::{Class, Classes};
use super::mentions::{Mention, MentionKind};
use crate::model::{EntityRole, Tier};

/// Weight of a part that a name or a title proves by itself.
const KNOWN: u16 = 7;
const TITLED: u16 = 6;
/// Weight of the frames that say that someone is not accused.
const NOT_ACCUSED: u16 = 7;
/// Every further frame for the same role adds one, so often.
const REPEATS_MAX: u16 = 3;

/// Evidence for each role of one entity.
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

    /// The strongest frame for a role, plus one for each further one.
    pub(super) fn of(&self, role: FrameRole) -> u16 {
        let at = role as usize;
        // Many weak signs of a harmless part never say what only words say.
        let most = if role == FrameRole::Associate && self.best[at] < NOT_ACCUSED { NOT_ACCUSED - 1 } else { u16::MAX };
        if self.count[at] == 0 { 0 } else { (self.best[at] + (self.count[at] - 1).min(REPEATS_MAX)).min(most) }
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

    /// Whether no frame says anything of it.
    pub(super) fn is_silent(&self) -> bool {
        self.best
            .iter()
            .enumerate()
            .all(|(role, best)| *best < 2 || role == FrameRole::Former as usize || role == FrameRole::Subject as usize && *best < 3)
    }

    pub(super) fn is_pep(&self) -> bool {
        self.of(FrameRole::Pep) >= 4
    }
}

/// The role of an entity. A true subject given a harmless role costs recall, so evidence for a subject wins when it is close.
pub(super) fn role(cluster: &Cluster, weights: &Weights) -> EntityRole {
    match cluster.kind {
        MentionKind::Place => EntityRole::Place,
        MentionKind::Organisation | MentionKind::Vessel => role_of_organisation(cluster, weights),
        MentionKind::Person | MentionKind::Single => role_of_person(weights),
    }
}

fn role_of_person(weights: &Weights) -> EntityRole {
    use FrameRole::{Associate, Lawyer, Media, Official, Pep, Subject, Victim, Witness};
    let subject = weights.of(Subject);
    // A former judge speaks for no court.
    let former = weights.of(FrameRole::Former) > 0 && subject >= 3;
    let speakers: &[FrameRole] = if former { &[Victim, Lawyer, Media, Witness] } else { &[Victim, Lawyer, Media, Official, Witness, Pep] };
    let (harmless, harmless_weight) = strongest(weights, speakers).unwrap_or((EntityRole::Mentioned, 0));
    // Who holds an office is politically exposed before being somebody who speaks for it.
    let harmless = if harmless == EntityRole::Official && weights.is_pep() { EntityRole::Pep } else { harmless };
    // "who has not been charged": said in so many words.
    if weights.of(Associate) >= NOT_ACCUSED {
        return EntityRole::Associate;
    }
    // Killed or robbed is said of nobody by mistake; "arrested" may stand near anyone.
    let margin = u16::from(harmless != EntityRole::Victim || harmless_weight < 6);
    if subject >= 4 && subject + margin >= harmless_weight {
        return EntityRole::Subject;
    }
    let associate = weights.of(Associate);
    if harmless_weight > subject && harmless_weight > associate && harmless_weight >= 2 {
        return harmless;
    }
    if subject >= 3 && subject >= associate {
        return EntityRole::Subject;
    }
    if associate >= 3 {
        return EntityRole::Associate;
    }
    if harmless_weight >= 2 { harmless } else { EntityRole::Mentioned }
}

fn role_of_organisation(cluster: &Cluster, weights: &Weights) -> EntityRole {
    use FrameRole::{Associate, Employer, Media, Official, Platform, Subject, Victim};
    if let Some(known) = cluster.known_as {
        return known;
    }
    let subject = weights.of(Subject);
    if let Some((role, weight)) = strongest(weights, &[Media, Platform, Official])
        && weight >= 3
        && weight >= subject
    {
        return role;
    }
    if weights.of(Associate) >= NOT_ACCUSED {
        return EntityRole::Associate;
    }
    let (victim, employer, associate) = (weights.of(Victim), weights.of(Employer), weights.of(Associate));
    if subject >= 3 && subject >= victim && subject + 1 >= employer && (subject >= 4 || subject >= associate) {
        return EntityRole::Subject;
    }
    strongest(weights, &[Victim, Associate, Employer]).filter(|(_, weight)| *weight >= 2).map_or(EntityRole::Mentioned, |(role, _)| role)
}

/// The role with most weight; of equal weight the first.
fn strongest(weights: &Weights, roles: &[FrameRole]) -> Option<(EntityRole, u16)> {
    let mut best: Option<(EntityRole, u16)> = None;
    for &role in roles {
        let weight = weights.of(role);
        if weight > best.map_or(0, |(_, weight)| weight) {
            best = Some((role.entity_role(), weight));
        }
    }
    best
}

/// How much a role matters. `lone` = only a surname or another single word is known of a person.
pub(super) fn tier(role: EntityRole, cleared: bool, lone: bool) -> Tier {
    match role {
        EntityRole::Subject if cleared || lone => Tier::Medium,
        role => role.tier(),
    }
}
