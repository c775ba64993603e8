//! Input topics with their mappings, and policies with what they inherit.

use super::parse_toml;
use crate::did_you_mean;
use crate::events::{Mapping, Pointer, RawMapping};
use crate::extract::{offence_codes, topic_of};
use crate::model::{EventKind, Policy, Stage, Tier, WhenStale};
use crate::worker::{EventRules, PolicyWhen};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// One input topic as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInput {
    pub topic: String,
    kind: EventKind,
    #[serde(default)]
    mapping: RawMappingSource,
    #[serde(default)]
    policy: Option<String>,
    #[serde(default)]
    when: Vec<RawWhen>,
}

/// A mapping: a file beside the configuration, or written out in it.
#[derive(Debug, Default)]
enum RawMappingSource {
    #[default]
    None,
    File(PathBuf),
    Inline(Box<RawMapping>),
}

/// By hand, so that a mistake in an inline mapping is named with its line.
impl<'de> Deserialize<'de> for RawMappingSource {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Source;
        impl<'de> Visitor<'de> for Source {
            type Value = RawMappingSource;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("the name of a mapping file, or a mapping written out")
            }

            fn visit_str<E>(self, file: &str) -> Result<RawMappingSource, E> {
                Ok(RawMappingSource::File(file.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawMappingSource, A::Error> {
                let raw = RawMapping::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawMappingSource::Inline(Box::new(raw)))
            }
        }
        source.deserialize_any(Source)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWhen {
    pointer: String,
    equals: Vec<String>,
    policy: String,
}

/// A policy as written; what is left out is inherited.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawPolicy {
    threshold: Option<f32>,
    tiers: Option<Vec<Tier>>,
    lists: Option<Vec<String>>,
    offences: Option<Vec<String>>,
    stages: Option<Vec<Stage>>,
    document_age_days_max: Option<u32>,
    texts: Option<bool>,
    hits_per_party_max: Option<usize>,
    when_stale: Option<WhenStale>,
    hits_topic: Option<String>,
    decisions_topic: Option<String>,
}

impl RawPolicy {
    /// The policy of this name over the one it inherits from.
    pub(super) fn over(&self, name: &str, inherited: &Policy) -> Result<Policy, String> {
        let policy = Policy {
            name: name.to_owned(),
            threshold: self.threshold.unwrap_or(inherited.threshold),
            tiers: self.tiers.clone().unwrap_or_else(|| inherited.tiers.clone()),
            lists: self.lists.clone().unwrap_or_else(|| inherited.lists.clone()),
            offences: self.offences.clone().unwrap_or_else(|| inherited.offences.clone()),
            stages: self.stages.clone().unwrap_or_else(|| inherited.stages.clone()),
            document_age_days_max: self.document_age_days_max.unwrap_or(inherited.document_age_days_max),
            texts: self.texts.unwrap_or(inherited.texts),
            hits_per_party_max: self.hits_per_party_max.unwrap_or(inherited.hits_per_party_max),
            when_stale: self.when_stale.unwrap_or(inherited.when_stale),
            hits_topic: self.hits_topic.clone().or_else(|| inherited.hits_topic.clone()),
            decisions_topic: self.decisions_topic.clone().or_else(|| inherited.decisions_topic.clone()),
            hash: OnceLock::new(),
        };
        let key = if name == "default" { "policy".to_owned() } else { format!("policies.{name}") };
        if !(0.3..=1.0).contains(&policy.threshold) {
            return Err(format!("{key}.threshold = {} must be from 0.3 to 1.0", policy.threshold));
        }
        if policy.tiers.is_empty() || policy.tiers.contains(&Tier::None) {
            return Err(format!("{key}.tiers must name some of high, medium, low: nobody would hit otherwise"));
        }
        if policy.lists.iter().any(|list| list.trim().is_empty()) {
            return Err(format!("{key}.lists has an empty name; leave the list empty for all lists"));
        }
        if !(1..=1000).contains(&policy.hits_per_party_max) {
            return Err(format!("{key}.hits_per_party_max = {} must be from 1 to 1000", policy.hits_per_party_max));
        }
        if let Some(unknown) = policy.offences.iter().find(|code| topic_of(code).is_none()) {
            let nearest = did_you_mean(unknown, &offence_codes());
            return Err(format!("{key}.offences: \"{unknown}\" is no offence code{nearest}; the README lists them"));
        }
        Ok(policy)
    }
}

/// Every policy by its name; `default` is the one of `[policy]`.
pub(super) fn policies(default: &RawPolicy, named: &BTreeMap<String, RawPolicy>) -> Result<BTreeMap<String, Arc<Policy>>, String> {
    let default = default.over("default", &Policy::default())?;
    let mut all = BTreeMap::new();
    for (name, raw) in named {
        if name == "default" {
            return Err("policies.default: the default policy is written as [policy]".to_owned());
        }
        all.insert(name.clone(), Arc::new(raw.over(name, &default)?));
    }
    all.insert("default".to_owned(), Arc::new(default));
    Ok(all)
}

impl RawInput {
    /// Our own shape under the default policy.
    pub(super) fn plain(topic: &str, kind: EventKind) -> Self {
        Self { topic: topic.to_owned(), kind, mapping: RawMappingSource::None, policy: None, when: Vec::new() }
    }

    /// Checks the input; mapping files are looked for beside `folder`. `fingerprint` takes in what they hold.
    pub(super) fn check(
        &self,
        policies: &BTreeMap<String, Arc<Policy>>,
        folder: &Path,
        fingerprint: &mut Sha256,
    ) -> Result<EventRules, String> {
        let named = |name: &str| {
            policies.get(name).cloned().ok_or_else(|| {
                let known: Vec<&str> = policies.keys().map(String::as_str).collect();
                let nearest = did_you_mean(name, &known);
                format!("[[inputs]] {}: there is no policy \"{name}\"{nearest}. Policies: {}", self.topic, known.join(", "))
            })
        };
        let when = |raw: &RawWhen| {
            let pointer = Pointer::parse(&raw.pointer).map_err(|reason| format!("[[inputs.when]] of {}: {reason}", self.topic))?;
            if raw.equals.is_empty() {
                return Err(format!("[[inputs.when]] of {}: equals is empty, so policy {} would never fit", self.topic, raw.policy));
            }
            Ok(PolicyWhen { pointer, equals: raw.equals.clone(), policy: named(&raw.policy)? })
        };
        let rules = EventRules {
            kind: self.kind,
            mapping: self.mapping(folder, fingerprint)?.map(Arc::new),
            policy: named(self.policy.as_deref().unwrap_or("default"))?,
            when: self.when.iter().map(when).collect::<Result<_, String>>()?,
        };
        if let Some(other) = rules.policies().find(|policy| policy.when_stale != rules.policy.when_stale) {
            return Err(format!(
                "[[inputs]] {}: policies \"{}\" and \"{}\" differ in when_stale, but a topic is read in order: it waits as a whole or goes \
                 on as a whole. Give those events a topic of their own, or both policies the same when_stale",
                self.topic, rules.policy.name, other.name
            ));
        }
        Ok(rules)
    }

    fn mapping(&self, folder: &Path, fingerprint: &mut Sha256) -> Result<Option<Mapping>, String> {
        match &self.mapping {
            RawMappingSource::None => Ok(None),
            RawMappingSource::Inline(raw) => raw.check().map(Some).map_err(|reason| format!("mapping of {}: {reason}", self.topic)),
            RawMappingSource::File(file) => {
                let path = folder.join(file);
                let named = |reason: String| format!("mapping {}: {reason}", path.display());
                let text = std::fs::read_to_string(&path).map_err(|error| named(error.to_string()))?;
                fingerprint.update(&text);
                parse_toml::<RawMapping>(&text).map_err(&named)?.check().map(Some).map_err(named)
            }
        }
    }
}
