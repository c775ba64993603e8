//! Hits, decisions and dead letters as the JSON records that are published. Their schemas stand in `config/schemas/`.

use crate::model::{EventKind, Hit, Policy, Unreadable};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Version of the output records; consumers must accept added fields within one version.
pub const SCHEMA_VERSION: u32 = 1;

/// Where a record stood on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coordinates<'a> {
    /// Topic.
    pub topic: &'a str,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// The record's own time, milliseconds since 1970, where it has one.
    pub timestamp_ms: Option<i64>,
}

/// What stands in every output record.
#[derive(Debug, Clone, Copy)]
pub struct RecordContext<'a> {
    /// Where the event stood.
    pub at: Coordinates<'a>,
    /// The rule applied.
    pub policy: &'a Policy,
    /// Which content it was screened against, as text.
    pub list_version: &'a str,
    /// Whether that content lags behind the alert topic.
    pub list_stale: bool,
    /// Version of this program.
    pub program_version: &'a str,
    /// Hash of the effective configuration.
    pub config_fingerprint: &'a str,
    /// When it was decided, milliseconds since 1970.
    pub decided_at_ms: i64,
}

/// The three ends of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionKind {
    /// No hit.
    Clear,
    /// At least one hit.
    Hit,
    /// A dead letter.
    Unreadable,
}

impl DecisionKind {
    /// As in the published record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Hit => "hit",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Same input, same id, whenever and wherever it is processed again.
pub fn hit_id(at: Coordinates<'_>, party_path: &str, subject_key: &str, policy: &str) -> String {
    let mut hash = Sha256::new();
    for part in [at.topic, &at.partition.to_string(), &at.offset.to_string(), party_path, subject_key, policy] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    crate::hex(&hash.finalize()[..16])
}

fn envelope(context: &RecordContext<'_>, event: Value) -> Map<String, Value> {
    let mut record = Map::new();
    record.insert("schema_version".to_owned(), json!(SCHEMA_VERSION));
    record.insert("event".to_owned(), event);
    record.insert("decided_at".to_owned(), json!(timestamp(context.decided_at_ms)));
    record.insert("list_version".to_owned(), json!(context.list_version));
    if context.list_stale {
        record.insert("list_stale".to_owned(), json!(true));
    }
    record.insert("program_version".to_owned(), json!(context.program_version));
    record.insert("config_fingerprint".to_owned(), json!(context.config_fingerprint));
    record
}

fn event_json(at: Coordinates<'_>, kind: EventKind, id: Option<&str>, time: Option<&str>) -> Value {
    let mut event = json!({"kind": kind, "topic": at.topic, "partition": at.partition, "offset": at.offset});
    if let Some(id) = id {
        event["id"] = json!(id);
    }
    if let Some(time) = time {
        event["time"] = json!(time);
    }
    if let Some(timestamp_ms) = at.timestamp_ms {
        event["timestamp"] = json!(timestamp(timestamp_ms));
    }
    event
}

/// One hit, ready to publish; returns its id with it.
pub fn hit(context: &RecordContext<'_>, event: &crate::model::Event, party: &crate::model::Party, hit: &Hit) -> (String, Value) {
    let id = hit_id(context.at, &party.path, &hit.alert.subject_key, &context.policy.name);
    let mut record = envelope(context, event_json(context.at, event.kind, Some(&event.id), event.time.as_deref()));
    record.insert("hit_id".to_owned(), json!(id));
    record.insert("party".to_owned(), json!({"path": party.path, "role": party.role, "name": party.name}));
    record.insert("alert".to_owned(), json!(hit.alert));
    record.insert("matched_name".to_owned(), json!(hit.evidence.name.listed));
    record.insert("score".to_owned(), number(hit.score));
    record.insert("grade".to_owned(), json!(hit.grade));
    record.insert("policy".to_owned(), policy_json(context.policy));
    record.insert("evidence".to_owned(), rounded(json!(hit.evidence)));
    record.insert("sentence".to_owned(), json!(hit.sentence));
    record.insert("truncated".to_owned(), json!(hit.truncated));
    (id, Value::Object(record))
}

/// The policy's name, threshold and a hash of all of it.
fn policy_json(policy: &Policy) -> Value {
    json!({"name": policy.name, "threshold": number(policy.threshold), "fingerprint": policy.fingerprint()})
}

/// The one decision of an event, with its id and time as far as they could be read.
pub fn decision(
    context: &RecordContext<'_>,
    kind: EventKind,
    (id, time): (Option<&str>, Option<&str>),
    decision: DecisionKind,
    hit_ids: &[String],
) -> Value {
    let mut record = envelope(context, event_json(context.at, kind, id, time));
    record.insert("decision".to_owned(), json!(decision));
    record.insert("hit_ids".to_owned(), json!(hit_ids));
    record.insert("policy".to_owned(), policy_json(context.policy));
    Value::Object(record)
}

/// A record that could not be read, with its reason. Key, value and headers are text where they are UTF-8, else hex, and are
/// cut where the dead letter would not fit into a record of 1 MB, Kafka's default: what was cut stays at its source, whose
/// coordinates the dead letter names.
pub fn dead_letter(
    at: Coordinates<'_>,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[(String, Option<Vec<u8>>)],
    reason: &Unreadable,
    decided_at_ms: i64,
) -> Value {
    let render = |bytes_max: usize| {
        json!({
            "schema_version": SCHEMA_VERSION,
            "reason": reason.code,
            "sentence": reason.sentence,
            "source": event_source(at),
            "key": bytes_json(key, bytes_max),
            "value": bytes_json(value, bytes_max),
            "headers": headers
                .iter()
                .take(DEAD_LETTER_HEADERS_MAX)
                .map(|(name, value)| json!({"name": name.chars().take(200).collect::<String>(), "value": bytes_json(value.as_deref(), bytes_max / 16)}))
                .collect::<Vec<_>>(),
            "decided_at": timestamp(decided_at_ms),
        })
    };
    let fits = |record: &Value| record.to_string().len() <= DEAD_LETTER_BYTES_MAX;
    let sizes = [256 << 10, 64 << 10, 8 << 10, 512];
    sizes.into_iter().map(render).find(fits).unwrap_or_else(|| render(0))
}

/// Size of a dead letter as JSON; its key and headers on the wire come on top.
const DEAD_LETTER_BYTES_MAX: usize = 600_000;
/// More headers than this are not kept in a dead letter.
const DEAD_LETTER_HEADERS_MAX: usize = 100;

fn event_source(at: Coordinates<'_>) -> Value {
    json!({"topic": at.topic, "partition": at.partition, "offset": at.offset, "timestamp": at.timestamp_ms.map(timestamp)})
}

fn bytes_json(bytes: Option<&[u8]>, bytes_max: usize) -> Value {
    let Some(whole) = bytes else { return Value::Null };
    let bytes = &whole[..whole.len().min(bytes_max)];
    let mut json = match std::str::from_utf8(bytes) {
        Ok(text) => json!({"text": text}),
        Err(error) if whole.len() > bytes.len() && error.valid_up_to() + 4 > bytes.len() => {
            json!({"text": String::from_utf8_lossy(&bytes[..error.valid_up_to()])})
        }
        Err(_) => json!({"hex": crate::hex(bytes)}),
    };
    if whole.len() > bytes.len() {
        json["bytes_total"] = json!(whole.len());
        json["sha256"] = json!(crate::hex(&Sha256::digest(whole)));
    }
    json
}

/// Milliseconds since 1970 as RFC 3339 in UTC.
pub fn timestamp(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).map_or_else(|_| milliseconds.to_string(), |time| format!("{time:.3}"))
}

/// A score as the decimal it means: 0.9123, not the 0.9122999906539917 of the nearest binary fraction.
fn number(score: f32) -> Value {
    json!((f64::from(score) * 10_000.0).round() / 10_000.0)
}

/// Rounds every number in a structure, for the same reason.
pub fn rounded(value: Value) -> Value {
    match value {
        Value::Number(plain) if plain.is_f64() => json!((plain.as_f64().unwrap_or(0.0) * 10_000.0).round() / 10_000.0),
        Value::Array(values) => Value::Array(values.into_iter().map(rounded).collect()),
        Value::Object(fields) => Value::Object(fields.into_iter().map(|(name, value)| (name, rounded(value))).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Coordinates<'static> = Coordinates { topic: "transactions", partition: 1, offset: 42, timestamp_ms: Some(0) };

    #[test]
    fn a_hit_id_depends_on_every_part_and_nothing_else() {
        let id = hit_id(AT, "/parties/0", "demo/x", "default");
        assert_eq!(id, hit_id(AT, "/parties/0", "demo/x", "default"));
        assert_eq!(id, hit_id(Coordinates { timestamp_ms: None, ..AT }, "/parties/0", "demo/x", "default"));
        assert_ne!(id, hit_id(Coordinates { offset: 43, ..AT }, "/parties/0", "demo/x", "default"));
        assert_ne!(id, hit_id(AT, "/parties/1", "demo/x", "default"));
        assert_ne!(id, hit_id(AT, "/parties/0", "demo/y", "default"));
    }

    #[test]
    fn a_dead_letter_keeps_every_byte() {
        let reason = Unreadable::new("not_json", "the record is not JSON");
        let record = dead_letter(AT, Some(b"k"), Some(b"\xFF\x00"), &[("h".to_owned(), Some(b"v".to_vec()))], &reason, 0);
        assert_eq!(record["value"]["hex"], "ff00");
        assert_eq!(record["key"]["text"], "k");
        assert_eq!(record["headers"][0]["value"]["text"], "v");
        assert_eq!(record["source"]["timestamp"], "1970-01-01T00:00:00.000Z");
    }
}
