//! Turns one batch of records into outputs. Pure: no clock, no network.

use crate::alerts;
use crate::bus::{InputRecord, OutputRecord};
use crate::events::{self, Coordinates, DecisionKind, Mapping, Pointer, RecordContext};
use crate::index::Snapshot;
use crate::model::{Event, EventKind, Hit, Party, Policy, Tier, Unreadable, WhenStale};
use crate::screening::{ScreenError, Screener};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Kafka takes records up to 1 MB by default; some room is left for what the client adds.
const OUTPUT_BYTES_MAX: usize = 900_000;

/// Outputs of one batch, roughly: a batch that comes to more is committed in parts. One event may go beyond it, by its own outputs.
const BATCH_OUTPUT_BYTES_MAX: usize = 16 << 20;

/// What an output carries on of its event's key and headers: they are repeated with every hit.
const CARRIED_BYTES_MAX: usize = 16 << 10;

/// An event with more hits than this is an attack or a mistake; the last one published is marked truncated.
const HITS_PER_EVENT_MAX: usize = 1000;

/// What a topic carries.
#[derive(Debug, Clone)]
pub enum RouteKind {
    /// Events to screen: every record gets one decision.
    Event(EventRules),
    /// The alert topic. The feed of every worker reads it; here, in the one lane of the group that owns the partition, an
    /// unreadable alert becomes one dead letter instead of one a worker.
    Alerts,
}

/// How the events of a topic are read and judged.
#[derive(Debug, Clone)]
pub struct EventRules {
    /// Transaction or customer.
    pub kind: EventKind,
    /// Where parties stand; `None` = our own shape.
    pub mapping: Option<Arc<Mapping>>,
    /// From score to hit.
    pub policy: Arc<Policy>,
    /// Other policies for events with certain values; the first that fits is taken.
    pub when: Vec<PolicyWhen>,
}

impl EventRules {
    /// Our own shape under one policy.
    pub fn plain(kind: EventKind, policy: Policy) -> Self {
        Self { kind, mapping: None, policy: Arc::new(policy), when: Vec::new() }
    }

    /// Every policy that an event may be judged by.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&*self.policy).chain(self.when.iter().map(|when| &*when.policy))
    }

    /// Reads one record: the event, and the policy that its values choose.
    ///
    /// # Errors
    /// With the reason for the dead letter.
    pub fn decode(&self, value: Option<&[u8]>) -> Result<(Event, &Policy), Unreadable> {
        let body = events::parse_json(value)?;
        let event = match &self.mapping {
            Some(mapping) => mapping.decode(self.kind, &body),
            None => events::decode(self.kind, &body),
        }?;
        Ok((event, self.policy_of(&body)))
    }

    fn event_id(&self, body: &Value) -> Result<String, Unreadable> {
        self.mapping.as_ref().map_or_else(|| events::event_id(body), |mapping| mapping.event_id(body))
    }

    /// The policy that the values of an event choose, readable or not.
    fn policy_of(&self, body: &Value) -> &Policy {
        self.when.iter().find(|when| when.fits(body)).map_or(&*self.policy, |when| &*when.policy)
    }
}

/// A policy for events in which a field has one of some values.
#[derive(Debug, Clone)]
pub struct PolicyWhen {
    /// The field.
    pub pointer: Pointer,
    /// The values, as text.
    pub equals: Vec<String>,
    /// The policy.
    pub policy: Arc<Policy>,
}

impl PolicyWhen {
    fn fits(&self, body: &Value) -> bool {
        let truths = self.pointer.find(body, "").into_iter().filter_map(|(_, value)| Some(value.as_bool()?.to_string()));
        let texts = self.pointer.texts(body, "").into_iter().map(|(_, text)| text);
        texts.chain(truths).any(|text| self.equals.contains(&text))
    }
}

/// An input topic and what it carries.
#[derive(Debug, Clone)]
pub struct Route {
    /// Topic.
    pub topic: Arc<str>,
    /// What it carries.
    pub kind: RouteKind,
}

impl Route {
    /// Whether a policy of the topic waits while the list is stale. One is enough: records of a partition are decided in order.
    pub fn waits_when_stale(&self) -> bool {
        match &self.kind {
            RouteKind::Event(rules) => rules.policies().any(|policy| policy.when_stale == WhenStale::Wait),
            RouteKind::Alerts => false,
        }
    }
}

/// Where outputs go.
#[derive(Debug, Clone)]
pub struct OutputTopics {
    /// Hits.
    pub hits: Arc<str>,
    /// Decisions; `None` = switched off.
    pub decisions: Option<Arc<str>>,
    /// Dead letters.
    pub dead_letters: Arc<str>,
}

impl OutputTopics {
    /// Where the hits of a policy go.
    pub fn hits_of(&self, policy: &Policy) -> Option<Arc<str>> {
        chosen(policy.hits_topic.as_deref(), Some(&self.hits))
    }

    /// Where the decisions of a policy go.
    pub fn decisions_of(&self, policy: &Policy) -> Option<Arc<str>> {
        chosen(policy.decisions_topic.as_deref(), self.decisions.as_ref())
    }
}

fn chosen(own: Option<&str>, all: Option<&Arc<str>>) -> Option<Arc<str>> {
    match own {
        Some("") => None,
        Some(topic) => Some(Arc::from(topic)),
        None => all.cloned(),
    }
}

/// All that a batch needs beside its records and the snapshot.
#[derive(Debug, Clone)]
pub struct BatchRules {
    /// Input topics.
    pub routes: Vec<Route>,
    /// Output topics.
    pub outputs: OutputTopics,
    /// Version of this program.
    pub program_version: String,
    /// Hash of the effective configuration.
    pub config_fingerprint: String,
}

impl BatchRules {
    /// Every policy that an event of any topic may be judged by; one may come several times.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        let events = self.routes.iter().filter_map(|route| match &route.kind {
            RouteKind::Event(rules) => Some(rules),
            RouteKind::Alerts => None,
        });
        events.flat_map(EventRules::policies)
    }

    /// Lists that policies name and that are not among these, each with the policy's name.
    pub fn unknown_lists(&self, known: &[&str]) -> BTreeSet<(String, String)> {
        let named = self.policies().flat_map(|policy| policy.lists.iter().map(|list| (policy.name.clone(), list.clone())));
        named.filter(|(_, list)| !known.contains(&list.as_str())).collect()
    }

    /// Every topic that hits go to, each once.
    pub fn hit_topics(&self) -> BTreeSet<Arc<str>> {
        self.policies().filter_map(|policy| self.outputs.hits_of(policy)).collect()
    }

    /// Every topic that is written to, each once.
    pub fn output_topics(&self) -> BTreeSet<Arc<str>> {
        let decisions = self.policies().filter_map(|policy| self.outputs.decisions_of(policy));
        let mut topics = self.hit_topics();
        topics.extend(decisions.chain([Arc::clone(&self.outputs.dead_letters)]));
        topics
    }
}

/// What a batch came to, for the metrics; counted once it is committed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// Decisions by kind.
    pub decisions: BTreeMap<&'static str, u64>,
    /// Parties screened.
    pub parties: u64,
    /// Hits by tier.
    pub hits: BTreeMap<&'static str, u64>,
    /// Hits marked as truncated.
    pub truncated: u64,
    /// Dead letters by reason.
    pub dead_letters: BTreeMap<String, u64>,
    /// Events read and events unreadable, by topic.
    pub by_topic: BTreeMap<Arc<str>, (u64, u64)>,
    /// Decisions made on a stale list.
    pub stale: u64,
}

/// Outputs of a batch, in the order of its records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchResult {
    /// So many records are done, from the first on: all of them, or as many as make outputs enough for one commit.
    pub records: usize,
    /// To write.
    pub outputs: Vec<OutputRecord>,
    /// To count.
    pub counts: BatchCounts,
}

/// What a batch is screened against.
#[derive(Clone, Copy)]
pub struct List<'a> {
    /// The content.
    pub snapshot: &'a Snapshot,
    /// It lags behind the alert topic; published with every decision made on it.
    pub stale: bool,
}

impl<'a> List<'a> {
    /// Up to date.
    pub fn fresh(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, stale: false }
    }
}

/// Decodes, screens and renders the records, the first ones at least. What cannot be read becomes a dead letter and an
/// `unreadable` decision.
///
/// # Errors
/// Only when the index cannot be read.
pub fn process_batch(
    records: &[InputRecord],
    list: &List<'_>,
    rules: &BatchRules,
    screener: &mut Screener,
    decided_at_ms: i64,
) -> Result<BatchResult, ScreenError> {
    let list_version = list.snapshot.version().to_string();
    let mut batch = Batch { list, rules, list_version, decided_at_ms, output_bytes: 0, result: BatchResult::default() };
    for record in records {
        if batch.output_bytes >= BATCH_OUTPUT_BYTES_MAX {
            break;
        }
        match rules.routes.iter().find(|route| route.topic == record.topic).map(|route| &route.kind) {
            Some(RouteKind::Event(rules)) => batch.event(record, rules, screener)?,
            Some(RouteKind::Alerts) => {
                if let Err(reason) = alerts::check(record.key.as_deref(), record.value.as_deref()) {
                    batch.dead_letter(record, &reason);
                }
            }
            None => batch.dead_letter(record, &Unreadable::new("unknown_topic", "the topic is not one of [[inputs]]")),
        }
        batch.result.records += 1;
    }
    Ok(batch.result)
}

struct Batch<'a> {
    list: &'a List<'a>,
    rules: &'a BatchRules,
    list_version: String,
    decided_at_ms: i64,
    output_bytes: usize,
    result: BatchResult,
}

impl Batch<'_> {
    fn event(&mut self, record: &InputRecord, rules: &EventRules, screener: &mut Screener) -> Result<(), ScreenError> {
        let seen = self.result.counts.by_topic.entry(Arc::clone(&record.topic)).or_default();
        seen.0 += 1;
        let (event, policy) = match rules.decode(record.value.as_deref()) {
            Ok(read) => read,
            Err(reason) => {
                seen.1 += 1;
                self.dead_letter(record, &reason);
                let body = events::parse_json(record.value.as_deref());
                let policy = body.as_ref().map_or(&*rules.policy, |body| rules.policy_of(body));
                let id = body.ok().and_then(|body| rules.event_id(&body).ok());
                self.decide(record, (rules.kind, policy), (id.as_deref(), None), DecisionKind::Unreadable, &[]);
                return Ok(());
            }
        };
        let (snapshot, at_ms) = (self.list.snapshot, record.timestamp_ms.unwrap_or(0));
        let mut hit_ids = Vec::new();
        for party in &event.parties {
            let screening = screener.screen(party, snapshot, policy, at_ms, None)?;
            self.result.counts.parties += 1;
            for hit in screening.hits {
                self.publish(record, policy, &event, party, hit, &mut hit_ids);
            }
        }
        if policy.texts {
            for text in &event.texts {
                for (party, hit) in screener.screen_text(text, snapshot, policy, at_ms)? {
                    self.publish(record, policy, &event, &party, hit, &mut hit_ids);
                }
            }
        }
        let decision = if hit_ids.is_empty() { DecisionKind::Clear } else { DecisionKind::Hit };
        self.decide(record, (rules.kind, policy), (Some(&event.id), event.time.as_deref()), decision, &hit_ids);
        Ok(())
    }

    fn publish(&mut self, record: &InputRecord, policy: &Policy, event: &Event, party: &Party, mut hit: Hit, hit_ids: &mut Vec<String>) {
        if hit_ids.len() >= HITS_PER_EVENT_MAX {
            self.result.counts.truncated += 1;
            return;
        }
        hit.truncated |= hit_ids.len() + 1 == HITS_PER_EVENT_MAX;
        let (id, json) = events::hit(&self.context(record, policy), event, party, &hit);
        // A place that is a party and a text too gives one hit, the stronger: parties come first.
        if hit_ids.contains(&id) {
            return;
        }
        *self.result.counts.hits.entry(tier_word(hit.alert.tier)).or_default() += 1;
        self.result.counts.truncated += u64::from(hit.truncated);
        hit_ids.push(id);
        if let Some(topic) = self.rules.outputs.hits_of(policy) {
            self.write(&topic, record, &json);
        }
    }

    fn decide(
        &mut self,
        record: &InputRecord,
        (kind, policy): (EventKind, &Policy),
        event: (Option<&str>, Option<&str>),
        decision: DecisionKind,
        hit_ids: &[String],
    ) {
        *self.result.counts.decisions.entry(decision.word()).or_default() += 1;
        self.result.counts.stale += u64::from(self.list.stale);
        if let Some(topic) = self.rules.outputs.decisions_of(policy) {
            let json = events::decision(&self.context(record, policy), kind, event, decision, hit_ids);
            self.write(&topic, record, &json);
        }
    }

    fn dead_letter(&mut self, record: &InputRecord, reason: &Unreadable) {
        *self.result.counts.dead_letters.entry(reason.code.clone()).or_default() += 1;
        let json = events::dead_letter(
            coordinates(record),
            record.key.as_deref(),
            record.value.as_deref(),
            &record.headers,
            reason,
            self.decided_at_ms,
        );
        self.write(&self.rules.outputs.dead_letters, record, &json);
    }

    /// Keyed as the input, with its headers. Where they are too large, or the output would not fit into a Kafka record for their
    /// sake, it loses the headers, then the key, and says so in a header: what the broker refuses would be tried for ever.
    fn write(&mut self, topic: &Arc<str>, record: &InputRecord, json: &Value) {
        let value = json.to_string().into_bytes();
        let mut output =
            OutputRecord { topic: Arc::clone(topic), key: record.key.clone(), value: Some(value), headers: record.headers.clone() };
        for (cut, part) in [("headers", 0), ("headers, key", 1)] {
            let json_bytes = output.value.as_ref().map_or(0, Vec::len);
            if output.bytes() > OUTPUT_BYTES_MAX.min(json_bytes + CARRIED_BYTES_MAX) {
                output.headers = vec![("hitstream-cut".to_owned(), Some(cut.as_bytes().to_vec()))];
                output.key = output.key.filter(|_| part == 0);
            }
        }
        self.output_bytes += output.bytes();
        self.result.outputs.push(output);
    }

    fn context<'c>(&'c self, record: &'c InputRecord, policy: &'c Policy) -> RecordContext<'c> {
        RecordContext {
            at: coordinates(record),
            policy,
            list_version: &self.list_version,
            list_stale: self.list.stale,
            program_version: &self.rules.program_version,
            config_fingerprint: &self.rules.config_fingerprint,
            decided_at_ms: self.decided_at_ms,
        }
    }
}

fn coordinates(record: &InputRecord) -> Coordinates<'_> {
    Coordinates { topic: &record.topic, partition: record.partition, offset: record.offset, timestamp_ms: record.timestamp_ms }
}

fn tier_word(tier: Tier) -> &'static str {
    match tier {
        Tier::High => "high",
        Tier::Medium => "medium",
        Tier::Low => "low",
        Tier::None => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::AlertIndex;

    /// One listed person of sanctions, high tier.
    fn listed() -> AlertIndex {
        let record = br#"{"id":"q1","schema":"Person","properties":{"name":["Viktor Halvorsen"],"topics":["sanction"]}}"#;
        let change = alerts::read(Some(b"demo/q1"), Some(record), 0).expect("a record");
        let mut index = AlertIndex::in_memory().expect("an index");
        index.replace(&change.key, &change.entities).expect("added");
        index.seal(&crate::index::FeedPosition::default()).expect("sealed");
        index
    }

    fn hits(rules: EventRules, event: &[u8]) -> Vec<Value> {
        let topic: Arc<str> = Arc::from("transactions");
        let rules = BatchRules {
            routes: vec![Route { topic: Arc::clone(&topic), kind: RouteKind::Event(rules) }],
            outputs: OutputTopics { hits: Arc::from("h"), decisions: None, dead_letters: Arc::from("x") },
            program_version: String::new(),
            config_fingerprint: String::new(),
        };
        let record =
            InputRecord { topic, partition: 0, offset: 0, timestamp_ms: None, key: None, value: Some(event.to_vec()), headers: Vec::new() };
        let result =
            process_batch(&[record], &List::fresh(&listed().snapshots().newest()), &rules, &mut Screener::default(), 0).expect("processed");
        result.outputs.iter().filter_map(|output| serde_json::from_slice(output.value.as_deref()?).ok()).collect()
    }

    #[test]
    fn a_name_in_the_remittance_text_is_a_hit_of_a_lower_tier() {
        let event = br#"{"id":"t","parties":[{"name":"Anna Example"}],"remittance":"invoice 4711 on behalf of HALVORSEN VIKTOR, thanks"}"#;
        let found = hits(EventRules::plain(EventKind::Transaction, Policy::default()), event);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(
            (&found[0]["grade"], &found[0]["alert"]["tier"], &found[0]["party"]["path"]),
            (&"text_only".into(), &"medium".into(), &"/remittance".into())
        );
        let without = Policy { texts: false, ..Policy::default() };
        assert!(hits(EventRules::plain(EventKind::Transaction, without), event).is_empty());
    }

    #[test]
    fn a_value_of_the_event_chooses_the_policy() {
        let instant = Policy { name: "instant".to_owned(), lists: vec!["other".to_owned()], ..Policy::default() };
        let pointer = Pointer::parse("/scheme").expect("a pointer");
        let when = vec![PolicyWhen { pointer, equals: vec!["INST".to_owned()], policy: Arc::new(instant) }];
        let rules = || EventRules { when: when.clone(), ..EventRules::plain(EventKind::Transaction, Policy::default()) };
        let event = |scheme: &str| format!(r#"{{"id":"t","scheme":"{scheme}","parties":[{{"name":"Viktor Halvorsen"}}]}}"#).into_bytes();
        assert!(hits(rules(), &event("INST")).is_empty());
        let found = hits(rules(), &event("SEPA"));
        assert_eq!((found.len(), found[0]["policy"]["name"].as_str()), (1, Some("default")));
        assert_eq!(found[0]["policy"]["fingerprint"].as_str().map(str::len), Some(16));
    }

    /// A payment that cannot be read is decided by the policy that its values choose, under its own id where it has one.
    #[test]
    fn an_unreadable_event_is_decided_under_its_id_and_policy() {
        let own = Policy { name: "instant".to_owned(), decisions_topic: Some("urgent".to_owned()), ..Policy::default() };
        let pointer = Pointer::parse("/scheme").expect("a pointer");
        let when = vec![PolicyWhen { pointer, equals: vec!["INST".to_owned()], policy: Arc::new(own) }];
        let event = EventRules { when, ..EventRules::plain(EventKind::Transaction, Policy::default()) };
        let topic: Arc<str> = Arc::from("t");
        let rules = BatchRules {
            routes: vec![Route { topic: Arc::clone(&topic), kind: RouteKind::Event(event) }],
            outputs: OutputTopics { hits: Arc::from("h"), decisions: Some(Arc::from("d")), dead_letters: Arc::from("x") },
            program_version: String::new(),
            config_fingerprint: String::new(),
        };
        let record = |value: &str| InputRecord {
            topic: Arc::clone(&topic),
            partition: 0,
            offset: 0,
            timestamp_ms: None,
            key: None,
            value: Some(value.as_bytes().to_vec()),
            headers: Vec::new(),
        };
        let records = [record(r#"{"id":"p1","scheme":"INST","parties":[]}"#), record("{")];
        let index = listed();
        let result =
            process_batch(&records, &List::fresh(&index.snapshots().newest()), &rules, &mut Screener::default(), 0).expect("processed");
        let topics: Vec<&str> = result.outputs.iter().map(|output| &*output.topic).collect();
        assert_eq!(topics, ["x", "urgent", "x", "d"]);
        let decision =
            |number: usize| -> Value { serde_json::from_slice(result.outputs[number].value.as_deref().expect("a value")).expect("JSON") };
        assert_eq!((decision(1)["event"]["id"].as_str(), decision(1)["policy"]["name"].as_str()), (Some("p1"), Some("instant")));
        assert_eq!((decision(3)["event"].get("id"), decision(3)["policy"]["name"].as_str()), (None, Some("default")));
    }

    #[test]
    fn a_policy_chooses_where_hits_and_decisions_go() {
        let all = OutputTopics { hits: Arc::from("h"), decisions: Some(Arc::from("d")), dead_letters: Arc::from("x") };
        let own = Policy { hits_topic: Some("urgent".to_owned()), decisions_topic: Some(String::new()), ..Policy::default() };
        assert_eq!((all.hits_of(&own).as_deref(), all.decisions_of(&own)), (Some("urgent"), None));
        let plain = Policy::default();
        assert_eq!((all.hits_of(&plain).as_deref(), all.decisions_of(&plain).as_deref()), (Some("h"), Some("d")));
        let when = vec![PolicyWhen { pointer: Pointer::parse("/scheme").expect("a pointer"), equals: Vec::new(), policy: Arc::new(own) }];
        let rules = EventRules { when, ..EventRules::plain(EventKind::Transaction, plain) };
        let rules = BatchRules {
            routes: vec![Route { topic: Arc::from("t"), kind: RouteKind::Event(rules) }],
            outputs: all,
            program_version: String::new(),
            config_fingerprint: String::new(),
        };
        assert_eq!(rules.output_topics().iter().map(|topic| &**topic).collect::<Vec<_>>(), ["d", "h", "urgent", "x"]);
    }

    /// A key or headers of nearly a record's size must not make outputs that no broker takes.
    #[test]
    fn no_output_is_larger_than_a_record_may_be() {
        let index = AlertIndex::in_memory().expect("an index");
        let topic: Arc<str> = Arc::from("transactions");
        let rules = BatchRules {
            routes: vec![Route {
                topic: Arc::clone(&topic),
                kind: RouteKind::Event(EventRules::plain(EventKind::Transaction, Policy::default())),
            }],
            outputs: OutputTopics { hits: Arc::from("h"), decisions: Some(Arc::from("d")), dead_letters: Arc::from("x") },
            program_version: String::new(),
            config_fingerprint: String::new(),
        };
        let huge = vec![b'k'; 950_000];
        let broken = vec![0xFFu8; 950_000];
        let headers = vec![("h".to_owned(), Some(huge.clone()))];
        let event = br#"{"id":"t","parties":[{"name":"Anna Example"}]}"#.to_vec();
        for (key, value, headers) in
            [(Some(huge.clone()), event.clone(), Vec::new()), (None, event, headers.clone()), (Some(huge), broken, headers)]
        {
            let record =
                InputRecord { topic: Arc::clone(&topic), partition: 0, offset: 0, timestamp_ms: None, key, value: Some(value), headers };
            let result = process_batch(&[record], &List::fresh(&index.snapshots().newest()), &rules, &mut Screener::default(), 0)
                .expect("processed");
            assert_eq!(result.counts.decisions.values().sum::<u64>(), 1);
            for output in result.outputs {
                assert!(output.bytes() <= OUTPUT_BYTES_MAX, "{} bytes to {}", output.bytes(), output.topic);
                assert_eq!(output.headers[0].0, "hitstream-cut");
            }
        }
    }
}
