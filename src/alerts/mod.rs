//! One record of the alert topic -> what it changes in the index. Pure.
//!
//! A list record, an alert document (JSON or the raw one-line form) or a withdrawal. Each is indexed by itself; the subject
//! key says which entities of different alerts are the same subject, and does not depend on the order of arrival.

mod subject;

use crate::extract::{Document, Extracted, extract};
use crate::lists::ListRecord;
use crate::model::{
    Accusation, AlertEntity, AlertText, EntityRole, NameClass, NameForm, NamedPlace, Override, PartyKind, Tier, Unreadable,
};
use serde::Deserialize;

/// Name of the list that documents belong to.
pub const DOCUMENT_LIST: &str = "documents";

/// What one record of the alert topic changes.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertChange {
    /// Everything indexed under this key is replaced.
    pub key: String,
    /// By these; empty = withdrawn.
    pub entities: Vec<AlertEntity>,
    /// List and version, where the record names its version.
    pub list_version: Option<(String, String)>,
    /// `<alert id>/<subject key>` and what an operator says of it; `None` inside = no longer overruled.
    pub overruled: Option<(String, Option<Override>)>,
}

/// Keys of operators' records: `override/<alert id>/<subject key>`.
pub const OVERRIDE_PREFIX: &str = "override/";

/// Changes when documents are read in another way: an index built from them is then rebuilt.
pub fn fingerprint() -> String {
    crate::extract::fingerprint()
}

/// An alert document as JSON.
#[derive(Deserialize)]
struct DocumentRecord {
    alert_id: String,
    #[serde(default)]
    name: String,
    text: String,
}

/// What a record of the alert topic is, before the work of reading a text is done.
enum Shape {
    Withdrawal,
    List(Box<AlertEntity>, Option<(String, String)>),
    Document(Document),
    Override(String, Option<Override>),
}

/// Reads one record. `time_ms` is the record's own time, milliseconds since 1970.
///
/// # Errors
/// When there is no key, the body is none of the known forms, or its id differs from the key.
pub fn read(key: Option<&[u8]>, value: Option<&[u8]>, time_ms: i64) -> Result<AlertChange, Unreadable> {
    let (key, shape) = shape(key, value)?;
    let (entities, list_version) = match shape {
        Shape::Override(subject, overruled) => {
            let overruled = Some((subject, overruled));
            return Ok(AlertChange { key: key.to_owned(), entities: Vec::new(), list_version: None, overruled });
        }
        Shape::Withdrawal => (Vec::new(), None),
        Shape::List(entity, version) => (vec![AlertEntity { alert_time_ms: time_ms, ..*entity }], version),
        Shape::Document(document) => (document_entities(&document, time_ms), None),
    };
    Ok(AlertChange { key: key.to_owned(), entities, list_version, overruled: None })
}

/// What a record of the alert topic is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertKind {
    /// A record of a list, with the list's name, and its version where the record tells it.
    ListRecord(String, Option<String>),
    /// An alert document.
    Document,
    /// An operator's record.
    Override,
    /// Takes back what its key had.
    Withdrawal,
}

/// What [`read`] would find, without the work of reading a text.
///
/// # Errors
/// As [`read`].
pub fn check(key: Option<&[u8]>, value: Option<&[u8]>) -> Result<AlertKind, Unreadable> {
    Ok(match shape(key, value)?.1 {
        Shape::List(entity, version) => AlertKind::ListRecord(entity.list, version.map(|(_, version)| version)),
        Shape::Document(_) => AlertKind::Document,
        Shape::Override(_, Some(_)) => AlertKind::Override,
        Shape::Override(_, None) | Shape::Withdrawal => AlertKind::Withdrawal,
    })
}

fn shape<'a>(key: Option<&'a [u8]>, value: Option<&[u8]>) -> Result<(&'a str, Shape), Unreadable> {
    let key = key
        .filter(|key| !key.is_empty())
        .ok_or_else(|| Unreadable::new("no_key", "an alert record needs a key: `<list>/<entity id>` or the alert id"))?;
    let key = std::str::from_utf8(key).map_err(|_| Unreadable::new("key_not_utf8", "the key of an alert record must be UTF-8 text"))?;
    if let Some(subject) = key.strip_prefix(OVERRIDE_PREFIX) {
        return Ok((key, operators_record(subject, value)?));
    }
    let Some(value) = value else { return Ok((key, Shape::Withdrawal)) };
    match content(value)? {
        Content::List(body) => list_record(key, body),
        Content::Document(document) if key != document.alert_id => {
            Err(Unreadable::new("key_mismatch", "the key of an alert document must be its alert id"))
        }
        Content::Document(document) => Ok((key, Shape::Document(document))),
    }
}

/// The value of a record, whatever its key.
enum Content {
    List(serde_json::Value),
    Document(Document),
}

fn content(value: &[u8]) -> Result<Content, Unreadable> {
    let text = std::str::from_utf8(value).map_err(|_| Unreadable::new("not_utf8", "the alert record is not UTF-8 text"))?.trim();
    let bad_document = |reason: &str| Unreadable::new("bad_document", reason);
    if text.starts_with("Name:") {
        return Document::parse_raw(text).map(Content::Document).map_err(bad_document);
    }
    let body: serde_json::Value = serde_json::from_str(text)
        .map_err(|_| Unreadable::new("not_json", "the alert record is neither JSON nor text that starts with `Name:`"))?;
    if body.get("properties").is_some() {
        return Ok(Content::List(body));
    }
    if body.get("text").is_some() {
        let record: DocumentRecord =
            serde_json::from_value(body).map_err(|_| bad_document("`alert_id`, `name` and `text` of an alert document must be text"))?;
        return Document::new(record.alert_id, record.name, &record.text).map(Content::Document).map_err(bad_document);
    }
    Err(Unreadable::new("unknown_shape", "the alert record has neither `properties` (list record) nor `text` (alert document)"))
}

/// Reads the value of an alert document.
///
/// # Errors
/// As [`read`], and when it is a list record.
pub fn document(value: &[u8]) -> Result<Document, Unreadable> {
    match content(value)? {
        Content::Document(document) => Ok(document),
        Content::List(_) => Err(Unreadable::new("bad_document", "this is a list record, no alert document")),
    }
}

fn operators_record(subject: &str, value: Option<&[u8]>) -> Result<Shape, Unreadable> {
    let bad = |reason: String| Unreadable::new("bad_override", reason);
    if !subject.split_once('/').is_some_and(|(alert_id, subject_key)| !alert_id.is_empty() && !subject_key.is_empty()) {
        return Err(bad("the key of an override must be `override/<alert id>/<subject key>`".to_owned()));
    }
    let Some(value) = value else { return Ok(Shape::Override(subject.to_owned(), None)) };
    let overruled: Override = serde_json::from_slice(value)
        .map_err(|error| bad(format!("an override is {{\"role\"?, \"tier\"?, \"reason\", \"author\"}}: {error}")))?;
    if overruled.reason.trim().is_empty() || overruled.author.trim().is_empty() || (overruled.role.is_none() && overruled.tier.is_none()) {
        return Err(bad("an override needs `role` or `tier`, and both `reason` and `author`".to_owned()));
    }
    Ok(Shape::Override(subject.to_owned(), Some(overruled)))
}

fn list_record(key: &str, body: serde_json::Value) -> Result<(&str, Shape), Unreadable> {
    let record: ListRecord = serde_json::from_value(body)
        .map_err(|_| Unreadable::new("bad_list_record", "a list record needs `id` as text and `properties` with lists of text"))?;
    let list = key.strip_suffix(record.id.as_str()).and_then(|list| list.strip_suffix('/')).filter(|list| !list.is_empty());
    let list =
        list.ok_or_else(|| Unreadable::new("key_mismatch", "the key of a list record must be `<list>/<id>` with the id of its body"))?;
    let entity = record.entity(list, key)?;
    let version = record.list_version.map(|version| (list.to_owned(), version));
    Ok((key, Shape::List(Box::new(entity), version)))
}

fn document_entities(document: &Document, time_ms: i64) -> Vec<AlertEntity> {
    let mut entities: Vec<AlertEntity> = Vec::new();
    let read = extract(document);
    let text = document_text(document, &read, time_ms);
    for (number, extracted) in read.into_iter().enumerate() {
        let names = indexed_names(&extracted);
        if !names.is_empty() {
            entities.push(document_entity(document, number, names, extracted, time_ms));
        }
    }
    entities.push(text);
    entities
}

/// The text itself, as a record without names.
fn document_text(document: &Document, read: &[Extracted], time_ms: i64) -> AlertEntity {
    let place = |entity: &Extracted, span: &std::ops::Range<usize>| NamedPlace {
        from: span.start,
        to: span.end,
        tier: entity.tier,
        role: entity.role,
    };
    let named = read.iter().flat_map(|entity| entity.spans.iter().map(|span| place(entity, span))).collect();
    AlertEntity {
        id: format!("{}#text", document.alert_id),
        alert_key: document.alert_id.clone(),
        subject_key: format!("{}#text", document.alert_id),
        alert_id: document.alert_id.clone(),
        list: DOCUMENT_LIST.to_owned(),
        datasets: Vec::new(),
        kind: PartyKind::Unknown,
        names: Vec::new(),
        birth_dates: Vec::new(),
        countries: Vec::new(),
        addresses: Vec::new(),
        gender: None,
        identifiers: Vec::new(),
        topics: Vec::new(),
        tier: Tier::Medium,
        role: Some(EntityRole::Mentioned),
        accusation: Accusation::default(),
        text: Some(Box::new(AlertText { text: document.text.clone(), named })),
        quote: None,
        alert_time_ms: time_ms,
    }
}

/// Forms to search by. A part of a person's own name, a surname, is none: it would hit everyone who is called so.
fn indexed_names(extracted: &Extracted) -> Vec<NameForm> {
    let person = extracted.kind != PartyKind::Organisation && extracted.kind != PartyKind::Vessel;
    let caseless = |text: &str| !text.chars().any(|c| c.is_lowercase() || c.is_uppercase());
    let is_part = |form: &NameForm| {
        extracted.names.iter().any(|other| other.text != form.text && other.text.split(' ').any(|word| word == form.text))
    };
    let is_whole = |form: &&NameForm| {
        !person
            || form.text.contains(' ')
            || caseless(&form.text)
            || (form.class == NameClass::WeakAlias && !is_part(form) && extracted.names.len() > 1 && form.text != extracted.names[0].text)
    };
    extracted.names.iter().filter(is_whole).cloned().collect()
}

fn document_entity(document: &Document, number: usize, names: Vec<NameForm>, extracted: Extracted, time_ms: i64) -> AlertEntity {
    AlertEntity {
        id: format!("{}#{}", document.alert_id, number + 1),
        alert_key: document.alert_id.clone(),
        subject_key: subject::key(&names, &extracted.countries, &document.alert_id),
        alert_id: document.alert_id.clone(),
        list: DOCUMENT_LIST.to_owned(),
        datasets: Vec::new(),
        kind: extracted.kind,
        names,
        birth_dates: extracted.birth_date.into_iter().collect(),
        // Countries of a news item say where it happened, not who someone is: they are no evidence for a match.
        countries: Vec::new(),
        addresses: Vec::new(),
        gender: None,
        identifiers: extracted.identifiers,
        topics: extracted.topics,
        tier: extracted.tier,
        role: Some(extracted.role),
        accusation: extracted.accusation,
        text: None,
        quote: Some(extracted.quote),
        alert_time_ms: time_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Tier;

    fn code(key: &str, value: &str) -> Result<usize, String> {
        read(Some(key.as_bytes()), Some(value.as_bytes()), 0).map(|change| change.entities.len()).map_err(|reason| reason.code)
    }

    #[test]
    fn every_known_form_is_read_and_anything_else_has_a_reason() {
        assert_eq!(code("demo/x", r#"{"id":"x","properties":{"name":["Anna Example"]}}"#), Ok(1));
        // One entity, and the text itself for the text net.
        assert_eq!(code("T1", r#"{"alert_id":"T1","name":"","text":"A court convicted Anna Example of fraud."}"#), Ok(2));
        assert_eq!(code("T1", "Name: Alert ID: T1 A court convicted Anna Example of fraud."), Ok(2));
        // A schema or property that we do not know is no reason to lose a listed name.
        assert_eq!(code("demo/x", r#"{"id":"x","schema":"Spaceship","properties":{"name":["Anna Example"],"sail":["red"]}}"#), Ok(1));
        assert_eq!(code("override/T1/anna example|ru", r#"{"tier":"low","reason":"namesake","author":"ops"}"#), Ok(0));
        for (key, value, reason) in [
            ("demo/y", r#"{"id":"x","properties":{"name":["Anna"]}}"#, "key_mismatch"),
            ("x", r#"{"id":"x","properties":{"name":["Anna"]}}"#, "key_mismatch"),
            ("T2", "Name: Alert ID: T1 text", "key_mismatch"),
            ("T1", "hello", "not_json"),
            ("T1", "{}", "unknown_shape"),
            ("T1", r#"{"text":"x"}"#, "bad_document"),
            ("demo/x", r#"{"id":"x","properties":{"name":"Anna"}}"#, "bad_list_record"),
            ("demo/x", r#"{"id":"x","properties":{}}"#, "no_name"),
            ("override/T1", r#"{"tier":"low","reason":"namesake","author":"ops"}"#, "bad_override"),
            ("override/T1/x", r#"{"tier":"low","reason":"","author":"ops"}"#, "bad_override"),
            ("override/T1/x", r#"{"tire":"low","reason":"r","author":"ops"}"#, "bad_override"),
        ] {
            assert_eq!(code(key, value), Err(reason.to_owned()), "{value}");
        }
        assert_eq!(read(None, Some(b"{}"), 0).map_err(|reason| reason.code), Err("no_key".to_owned()));
        assert_eq!(read(Some(b"T1"), Some(b"\xFF"), 0).map_err(|reason| reason.code), Err("not_utf8".to_owned()));
    }

    #[test]
    fn a_null_value_withdraws() {
        let change = read(Some(b"demo/x"), None, 0).expect("a change");
        assert_eq!((change.key.as_str(), change.entities.len()), ("demo/x", 0));
    }

    #[test]
    fn a_document_names_its_subject_with_its_sentence() {
        let change =
            read(Some(b"T1"), Some(b"Name: Alert ID: T1 It rained. A court convicted Anna Example of fraud."), 5).expect("a change");
        let entity = &change.entities[0];
        assert_eq!((entity.tier, entity.alert_id.as_str(), entity.alert_time_ms), (Tier::High, "T1", 5));
        assert_eq!(entity.quote.as_deref(), Some("A court convicted Anna Example of fraud."));
    }
}
