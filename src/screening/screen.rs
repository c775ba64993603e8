//! Screens one party against one snapshot: candidates, verdicts, hits by the policy.

use super::clear::ClearParties;
use super::evidence::{evidence, sentence};
use super::facts::{facts_could_lift, score_worth_comparing};
use super::judge::{BestForm, NAME_ALONE_MAX, PreparedParty, TEXT_SCORE_MAX, Verdict, judge_entity, name_shape, names_of, round};
use super::text_net;
use crate::index::{Candidate, CandidateFinder, EntityAddress, IndexError, SearchTerms, SearchWork, Snapshot};
use crate::model::{AlertEntity, AlertSummary, EntityRole, Hit, Override, Party, Policy};
use crate::names::{Comparer, Token};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Screening fails only when the index does.
pub type ScreenError = IndexError;

/// What one party came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Screening {
    /// By score, best first; equal scores by entity id.
    pub hits: Vec<Hit>,
    /// Candidates under the threshold down to the floor, best first, if a floor was asked for.
    pub below: Vec<Hit>,
}

/// Screens parties, reusing its memory: one a thread.
#[derive(Default)]
pub struct Screener {
    finder: CandidateFinder,
    comparer: Comparer,
    party: PreparedParty,
    found: Vec<Candidate>,
    clear: ClearParties,
}

impl Screener {
    /// One that remembers who was clear while the list stays the same.
    pub fn remembering() -> Self {
        Self { clear: ClearParties::remembering(), ..Self::default() }
    }

    /// Hits of one party under a policy. With a `floor`, candidates that score under the threshold, or that the policy
    /// keeps out, are returned in `below`. `at_ms` is when the event was written, as in [`Policy::allows`].
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn screen(
        &mut self,
        party: &Party,
        snapshot: &Snapshot,
        policy: &Policy,
        at_ms: i64,
        floor: Option<f32>,
    ) -> Result<Screening, ScreenError> {
        let least = floor.map_or(policy.threshold, |floor| floor.min(policy.threshold));
        if floor.is_none() && self.clear.knows(party, least, snapshot.id()) {
            return Ok(Screening::default());
        }
        let (verdicts, mut truncated) = self.verdicts(party, snapshot, least)?;
        let mut nothing_found = verdicts.is_empty();
        let mut hits: BTreeMap<String, (Hit, Vec<(i64, String)>)> = BTreeMap::new();
        let mut below = Vec::new();
        // Alerts that name the party by an entity: the text net has nothing to add to them.
        let mut named: Vec<String> = Vec::new();
        for (address, verdict) in verdicts {
            let mut entity = snapshot.entity(address)?;
            let overruled = overrule(snapshot, &mut entity);
            if verdict.score >= policy.threshold {
                named.push(entity.alert_id.clone());
            }
            if verdict.score < policy.threshold || !policy.allows(&entity, at_ms) {
                if floor.is_some() {
                    below.push(with_override(self.hit(party, &entity, &verdict, truncated), overruled));
                }
                continue;
            }
            let alert = (entity.alert_time_ms, entity.alert_id.clone());
            match hits.get_mut(&entity.subject_key) {
                Some((hit, alerts)) => {
                    alerts.push(alert);
                    // Of alerts that score alike the most serious speaks for the subject, then the newest: not the first in
                    // this worker's index.
                    if verdict.score == hit.score && speaks_before(&entity, hit, alerts) {
                        *hit = with_override(self.hit(party, &entity, &verdict, truncated), overruled);
                    }
                }
                None => {
                    let hit = with_override(self.hit(party, &entity, &verdict, truncated), overruled);
                    hits.insert(entity.subject_key.clone(), (hit, vec![alert]));
                }
            }
        }
        // The text net cannot reach a stricter threshold: nothing is looked for then.
        if least <= TEXT_SCORE_MAX && snapshot.has_texts() {
            self.party.read(&party.name);
            let tokens: Vec<Token<'_>> = self.party.tokens().collect();
            let texts = text_net::search(&mut self.comparer, party, &tokens, snapshot, least, &named)?;
            truncated |= texts.truncated;
            nothing_found &= texts.found.is_empty();
            for (mut entity, verdict) in texts.found {
                let overruled = overrule(snapshot, &mut entity);
                let hit = with_override(self.hit(party, &entity, &verdict, truncated), overruled);
                if verdict.score >= policy.threshold && policy.allows(&entity, at_ms) {
                    hits.insert(entity.subject_key.clone(), (hit, vec![(entity.alert_time_ms, entity.alert_id)]));
                } else if floor.is_some() {
                    below.push(hit);
                }
            }
        }
        if floor.is_none() && nothing_found && !truncated {
            self.clear.remember();
        }
        let mut hits: Vec<Hit> = hits.into_values().map(|(hit, alerts)| with_alerts(hit, alerts)).collect();
        sort(&mut hits);
        sort(&mut below);
        if hits.len() > policy.hits_per_party_max {
            hits.truncate(policy.hits_per_party_max);
            hits.iter_mut().for_each(|hit| hit.truncated = true);
        }
        below.truncate(policy.hits_per_party_max);
        Ok(Screening { hits, below })
    }

    /// Verdicts at or over `least`, best first, equal ones in index order; and whether a cap of the search was reached.
    fn verdicts(&mut self, party: &Party, snapshot: &Snapshot, least: f32) -> Result<(Vec<(EntityAddress, Verdict)>, bool), ScreenError> {
        let (mut verdicts, mut truncated) = (Vec::new(), false);
        for (reading, name) in names_of(party).enumerate() {
            self.party.read(&name);
            truncated |= self.verdicts_of_reading(party, reading, snapshot, least, &mut verdicts)?;
        }
        // Several readings may reach one entity: its best verdict stays; of equal ones that of the first reading.
        verdicts.sort_by_key(|(address, verdict)| (*address, Reverse(verdict.score.to_bits()), verdict.reading));
        verdicts.dedup_by_key(|(address, _)| *address);
        verdicts.sort_by(|a, b| b.1.score.total_cmp(&a.1.score).then(a.0.cmp(&b.0)));
        Ok((verdicts, truncated))
    }

    /// Adds the verdicts of one of the names that the party's field holds, already read into `self.party`.
    fn verdicts_of_reading(
        &mut self,
        party: &Party,
        reading: usize,
        snapshot: &Snapshot,
        least: f32,
        verdicts: &mut Vec<(EntityAddress, Verdict)>,
    ) -> Result<bool, ScreenError> {
        let Self { finder, comparer, party: prepared, found, .. } = self;
        let tokens: Vec<Token<'_>> = prepared.tokens().collect();
        found.clear();
        let score_min = score_worth_comparing(party, least) / NAME_ALONE_MAX;
        let terms = SearchTerms { tokens: &tokens, kind: party.kind, identifiers: &party.identifiers, cut: prepared.cut, score_min };
        let truncated = finder.find(snapshot, terms, found)?;
        let mut listed = Vec::new();
        for forms in found.chunk_by(|a, b| a.entity == b.entity) {
            let address = forms[0].entity;
            let kind = snapshot.kind(address);
            let mut best_of = |forms: &[Candidate]| {
                let mut best = BestForm::none();
                for &candidate in forms {
                    snapshot.for_each_form(candidate, &mut listed, |number, class, form| {
                        let shape = name_shape(party.kind, kind, form);
                        best.consider(reading, number, class, || comparer.compare(&tokens, form, shape, prepared.cut).score);
                    });
                }
                best
            };
            let best = best_of(forms);
            if round(best.score) < least && !facts_could_lift(best.score, party, least) {
                continue;
            }
            let view = snapshot.view(address);
            if Verdict::conclude(best, party, &view).score < least {
                continue;
            }
            // The gate may have kept the best form back: a hit is judged on all of them, as `compare` does.
            let verdict = Verdict::conclude(best_of(&[Candidate { entity: address, form: None }]), party, &view);
            verdicts.push((address, verdict));
        }
        Ok(truncated)
    }

    /// What all searches have cost so far.
    pub fn work(&self) -> SearchWork {
        self.finder.work()
    }

    fn hit(&mut self, party: &Party, entity: &AlertEntity, verdict: &Verdict, truncated: bool) -> Hit {
        Hit { truncated, ..explained(&mut self.comparer, party, entity, verdict) }
    }
}

/// Compares two whole records, without index and policy: score, grade and evidence are those that screening gives.
pub fn compare(comparer: &mut Comparer, party: &Party, entity: &AlertEntity) -> Hit {
    let verdict = judge_entity(comparer, party, entity);
    explained(comparer, party, entity, &verdict)
}

fn explained(comparer: &mut Comparer, party: &Party, entity: &AlertEntity, verdict: &Verdict) -> Hit {
    let evidence = evidence(comparer, party, entity, verdict);
    let sentence = sentence(party, entity, &evidence);
    let alert = AlertSummary {
        entity_id: entity.id.clone(),
        subject_key: entity.subject_key.clone(),
        alert_ids: vec![entity.alert_id.clone()],
        list: entity.list.clone(),
        tier: entity.tier,
        topics: entity.topics.clone(),
        name: entity.caption().to_owned(),
        overruled: None,
    };
    Hit { alert, score: verdict.score, grade: verdict.grade, evidence, sentence, truncated: false }
}

/// Whether an entity goes before the one that a hit shows: by tier, then age, then id.
fn speaks_before(entity: &AlertEntity, hit: &Hit, alerts: &[(i64, String)]) -> bool {
    let shown_ms = alerts.iter().find(|(_, id)| hit.alert.alert_ids.contains(id)).map_or(0, |(time_ms, _)| *time_ms);
    let mine = (entity.tier, Reverse(entity.alert_time_ms), &entity.id);
    mine < (hit.alert.tier, Reverse(shown_ms), &hit.alert.entity_id)
}

/// Gives an entity the part and tier that an operator gave it.
fn overrule(snapshot: &Snapshot, entity: &mut AlertEntity) -> Option<Override> {
    let overruled = snapshot.override_of(&entity.alert_id, &entity.subject_key)?;
    entity.tier = overruled.tier.or(overruled.role.map(EntityRole::tier)).unwrap_or(entity.tier);
    entity.role = overruled.role.or(entity.role);
    Some(overruled.clone())
}

fn with_override(mut hit: Hit, overruled: Option<Override>) -> Hit {
    if let Some(overruled) = &overruled {
        hit.sentence.push_str(&format!(" Overruled by {}: {}.", overruled.author, overruled.reason.trim_end_matches('.')));
    }
    hit.alert.overruled = overruled;
    hit
}

/// The newest so many alerts of one subject are named in a hit.
const ALERT_IDS_MAX: usize = 100;

/// Every alert on the subject, newest first; of equal age by id, so that the order of arrival does not matter.
fn with_alerts(mut hit: Hit, mut alerts: Vec<(i64, String)>) -> Hit {
    alerts.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| b.1.cmp(&a.1)));
    alerts.dedup_by(|a, b| a.1 == b.1);
    hit.truncated |= alerts.len() > ALERT_IDS_MAX;
    hit.alert.alert_ids = alerts.into_iter().take(ALERT_IDS_MAX).map(|(_, id)| id).collect();
    hit
}

fn sort(hits: &mut [Hit]) {
    hits.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.alert.subject_key.cmp(&b.alert.subject_key))
            .then_with(|| a.alert.entity_id.cmp(&b.alert.entity_id))
    });
}
