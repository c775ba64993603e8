//! Decodes a transaction or customer event of our own shape.

use super::party_json::party;
use crate::model::{Event, EventKind, FreeText, Party, Unreadable};
use serde_json::Value;

/// More parties than this in one event are a mistake of its producer.
pub(super) const PARTIES_MAX: usize = 1000;

/// An id is repeated in every output of its event.
pub(super) const ID_BYTES_MAX: usize = 1024;

/// Reads one event.
///
/// # Errors
/// With the reason for the dead letter: a field missing, no party in it.
pub fn decode(kind: EventKind, body: &Value) -> Result<Event, Unreadable> {
    let id = event_id(body)?;
    let parties = match kind {
        EventKind::Transaction => transaction_parties(body)?,
        EventKind::Customer => customer_parties(body)?,
    };
    let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
    let time = text("time").filter(|time| time.len() <= ID_BYTES_MAX);
    let remittance = text("remittance").filter(|text| !text.trim().is_empty());
    let texts =
        remittance.map(|text| FreeText { path: "/remittance".to_owned(), role: "remittance".to_owned(), text }).into_iter().collect();
    Ok(Event { kind, id, time, parties, texts })
}

/// The id of an event of our own shape, whatever else is wrong with it.
///
/// # Errors
/// When it is missing or too long.
pub fn event_id(body: &Value) -> Result<String, Unreadable> {
    match body.get("id") {
        Some(Value::String(id)) if id.len() > ID_BYTES_MAX => {
            Err(Unreadable::new("field_too_long", format!("/id is longer than {ID_BYTES_MAX} bytes")))
        }
        Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
        Some(Value::Number(id)) => Ok(id.to_string()),
        _ => Err(Unreadable::new("missing_field", "/id is missing or empty")),
    }
}

/// The JSON of a record.
///
/// # Errors
/// With the reason for the dead letter: no value, not JSON.
pub fn parse_json(value: Option<&[u8]>) -> Result<Value, Unreadable> {
    let bytes = value.filter(|bytes| !bytes.is_empty()).ok_or_else(|| Unreadable::new("empty", "the record has no value"))?;
    serde_json::from_slice(bytes).map_err(|error| {
        Unreadable::new("not_json", format!("the record is not JSON: stopped at line {} column {}", error.line(), error.column()))
    })
}

fn transaction_parties(body: &Value) -> Result<Vec<Party>, Unreadable> {
    let parties =
        body.get("parties").and_then(Value::as_array).ok_or_else(|| Unreadable::new("missing_field", "/parties is missing or no list"))?;
    if parties.is_empty() {
        return Err(Unreadable::new("no_parties", "/parties is empty: there is nobody to screen"));
    }
    read_all(parties, "/parties")
}

fn customer_parties(body: &Value) -> Result<Vec<Party>, Unreadable> {
    let main = body.get("party").ok_or_else(|| Unreadable::new("missing_field", "/party is missing"))?;
    let mut parties = vec![party(main, "/party")?];
    if parties[0].role.is_empty() {
        parties[0].role = "customer".to_owned();
    }
    if let Some(related) = body.get("related") {
        let related = related.as_array().ok_or_else(|| Unreadable::new("bad_party", "/related must be a list"))?;
        parties.extend(read_all(related, "/related")?);
    }
    Ok(parties)
}

fn read_all(values: &[Value], path: &str) -> Result<Vec<Party>, Unreadable> {
    if values.len() > PARTIES_MAX {
        return Err(Unreadable::new("too_many_parties", format!("{path} holds more than {PARTIES_MAX} parties")));
    }
    values.iter().enumerate().map(|(number, value)| party(value, &format!("{path}/{number}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: EventKind, value: Option<&[u8]>) -> Result<Event, Unreadable> {
        decode(kind, &parse_json(value)?)
    }

    fn reason(kind: EventKind, text: &str) -> String {
        read(kind, Some(text.as_bytes())).expect_err(text).code
    }

    #[test]
    fn events_are_read_with_the_path_of_each_party() {
        let event = read(
            EventKind::Transaction,
            Some(br#"{"id":"t1","time":"2026-01-01T00:00:00Z","parties":[{"role":"debtor","name":"A B"},{"role":"creditor","name":"C D"}],"remittance":"rent"}"#),
        )
        .expect("an event");
        assert_eq!((event.parties[1].path.as_str(), event.parties[1].role.as_str()), ("/parties/1", "creditor"));
        assert_eq!((event.texts[0].path.as_str(), event.texts[0].text.as_str()), ("/remittance", "rent"));
        let event = read(EventKind::Customer, Some(br#"{"id":7,"party":{"name":"A B"},"related":[{"role":"owner","name":"C D"}]}"#))
            .expect("an event");
        assert_eq!((event.id.as_str(), event.parties[0].role.as_str(), event.parties[1].path.as_str()), ("7", "customer", "/related/0"));
    }

    #[test]
    fn broken_events_have_a_reason() {
        assert_eq!(read(EventKind::Transaction, None).expect_err("no value").code, "empty");
        for (text, code) in [
            ("{", "not_json"),
            ("[]", "missing_field"),
            (r#"{"id":"1"}"#, "missing_field"),
            (r#"{"id":"1","parties":[]}"#, "no_parties"),
            (r#"{"id":"1","parties":[{"name":""}]}"#, "missing_field"),
            (r#"{"id":"1","parties":[7]}"#, "bad_party"),
        ] {
            assert_eq!(reason(EventKind::Transaction, text), code, "{text}");
        }
        assert_eq!(reason(EventKind::Customer, r#"{"id":"1","party":{"name":"A"},"related":{}}"#), "bad_party");
    }
}
