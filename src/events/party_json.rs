//! Reads a party from JSON, in our own field names or FollowTheMoney's.

use crate::model::{Gender, Identifier, IdentifierKind, PartialDate, Party, PartyKind, Unreadable, country_code};
use serde_json::{Map, Value};

/// No name is longer; a hit, which repeats it, must fit into a Kafka record.
pub(super) const NAME_BYTES_MAX: usize = 4096;

/// A role is repeated in every hit.
const ROLE_CHARACTERS_MAX: usize = 200;

/// One party object. Unknown fields are ignored; a name is the one thing it must have.
///
/// # Errors
/// When it is no object or has no name.
pub fn party(value: &Value, path: &str) -> Result<Party, Unreadable> {
    let object = value.as_object().ok_or_else(|| Unreadable::new("bad_party", format!("{path} must be an object")))?;
    let name = object.get("name").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if name.is_empty() {
        return Err(Unreadable::new("missing_field", format!("{path}/name is missing or empty")));
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(Unreadable::new("field_too_long", format!("{path}/name is longer than {NAME_BYTES_MAX} bytes")));
    }
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
    let schema = if text("kind").is_empty() { text("schema") } else { text("kind") };
    let mut countries: Vec<String> = ["country", "countries", "nationality"]
        .iter()
        .flat_map(|field| texts(object.get(*field)))
        .filter_map(|text| country_code(&text))
        .collect();
    countries.dedup();
    Ok(Party {
        path: path.to_owned(),
        role: text("role").chars().take(ROLE_CHARACTERS_MAX).collect(),
        kind: PartyKind::of_schema(schema),
        name: name.to_owned(),
        birth_dates: ["birth_date", "birthDate"]
            .iter()
            .flat_map(|field| texts(object.get(*field)))
            .filter_map(|text| PartialDate::parse(&text))
            .collect(),
        countries,
        gender: Gender::parse(text("gender")),
        address: text("address").to_owned(),
        identifiers: identifiers(object),
    })
}

/// A party line of `screen`: the party itself is the whole object.
///
/// # Errors
/// As [`party`].
pub fn party_line(value: &Value) -> Result<Party, Unreadable> {
    party(value, "")
}

/// `identifiers: {passport: ..}` and identifier fields beside the name.
fn identifiers(object: &Map<String, Value>) -> Vec<Identifier> {
    let nested = object.get("identifiers").and_then(Value::as_object).into_iter().flatten();
    // `id` beside a name is the producer's own key, not a document of the party.
    let beside = object.iter().filter(|(field, _)| !matches!(field.as_str(), "id" | "number" | "document" | "identifiers" | "name"));
    let mut found: Vec<Identifier> = Vec::new();
    for (field, value) in nested.chain(beside) {
        let Some(kind) = IdentifierKind::of_field(field) else { continue };
        for identifier in texts(Some(value)).iter().filter_map(|text| Identifier::new(kind, text)) {
            if !found.contains(&identifier) {
                found.push(identifier);
            }
        }
    }
    found
}

/// A text, or a list of texts; numbers count as text.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::Array(values)) => values.iter().flat_map(|value| texts(Some(value))).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_spellings_of_fields_are_read_and_unknown_ones_ignored() {
        let ours = json!({"name": " Anna Example ", "kind": "person", "birth_date": "1970", "country": "Kazakhstan", "identifiers": {"passport": "N1234567"}, "x": 1});
        let theirs = json!({"id": "q1", "name": "Anna Example", "schema": "Person", "birthDate": "1970", "country": ["kz"], "passportNumber": ["N1234567"]});
        assert_eq!(party(&ours, "").expect("a party"), party(&theirs, "").expect("a party"));
    }

    #[test]
    fn a_party_without_a_name_says_where() {
        let reason = party(&json!({"role": "debtor"}), "/parties/0").expect_err("no name");
        assert_eq!((reason.code.as_str(), reason.sentence.as_str()), ("missing_field", "/parties/0/name is missing or empty"));
        assert_eq!(party(&json!({"name": "x".repeat(5000)}), "").expect_err("too long").code, "field_too_long");
    }
}
