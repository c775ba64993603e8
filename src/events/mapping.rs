//! A mapping says where the parties of an event stand in any JSON; the producer need not change.

use super::decode::{ID_BYTES_MAX, PARTIES_MAX};
use super::party_json::NAME_BYTES_MAX;
use super::pointer::Pointer;
use crate::model::{
    Event, EventKind, FreeText, Gender, Identifier, IdentifierKind, PartialDate, Party, PartyKind, Unreadable, country_code,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A mapping as written in TOML.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMapping {
    /// Where the id of the event stands; several are tried in order.
    id: OneOrMany,
    /// Where its time stands.
    #[serde(default)]
    time: OneOrMany,
    /// Where its parties stand.
    #[serde(default)]
    parties: Vec<RawParty>,
    /// Where free text stands that may name somebody.
    #[serde(default)]
    texts: Vec<RawText>,
}

/// A pointer or several.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged, expecting = "expected a JSON Pointer such as \"/payer/name\", or a list of them")]
enum OneOrMany {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParty {
    #[serde(default)]
    at: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    role_from: OneOrMany,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    kind_from: OneOrMany,
    #[serde(default)]
    kind_values: BTreeMap<String, String>,
    name: OneOrMany,
    #[serde(default)]
    birth_date: OneOrMany,
    #[serde(default)]
    country: OneOrMany,
    #[serde(default)]
    gender: OneOrMany,
    #[serde(default)]
    address: OneOrMany,
    #[serde(default)]
    identifiers: BTreeMap<String, OneOrMany>,
    #[serde(default)]
    required: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawText {
    at: OneOrMany,
    #[serde(default = "text_role")]
    role: String,
}

fn text_role() -> String {
    "text".to_owned()
}

/// More texts than this in one record are a mistake of its producer or mapping: each word of each is looked up.
const TEXTS_MAX: usize = 200;

/// A mapping that can be used.
#[derive(Debug, Clone)]
pub struct Mapping {
    id: Vec<Pointer>,
    time: Vec<Pointer>,
    parties: Vec<MappedParty>,
    texts: Vec<(Vec<Pointer>, String)>,
}

#[derive(Debug, Clone)]
struct MappedParty {
    at: Pointer,
    role: String,
    role_from: Vec<Pointer>,
    kind: PartyKind,
    kind_from: Vec<Pointer>,
    kind_values: BTreeMap<String, PartyKind>,
    name: Vec<Pointer>,
    birth_date: Vec<Pointer>,
    country: Vec<Pointer>,
    gender: Vec<Pointer>,
    address: Vec<Pointer>,
    identifiers: Vec<(IdentifierKind, Vec<Pointer>)>,
    required: bool,
}

fn pointers(key: &str, written: &OneOrMany) -> Result<Vec<Pointer>, String> {
    let texts: Vec<&String> = match written {
        OneOrMany::None => Vec::new(),
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(texts) => texts.iter().collect(),
    };
    texts.into_iter().map(|text| Pointer::parse(text).map_err(|reason| format!("{key}: {reason}"))).collect()
}

impl RawMapping {
    /// Checks pointers and identifier kinds.
    ///
    /// # Errors
    /// With the key and what it may be.
    pub fn check(&self) -> Result<Mapping, String> {
        let id = pointers("id", &self.id)?;
        if id.is_empty() {
            return Err("id: say where the id of the event stands, e.g. id = \"/id\"".to_owned());
        }
        if self.parties.is_empty() && self.texts.is_empty() {
            return Err("[[parties]]: a mapping needs at least one party or text".to_owned());
        }
        let party = |(number, raw): (usize, &RawParty)| raw.check().map_err(|reason| format!("parties, number {}: {reason}", number + 1));
        let text = |raw: &RawText| Ok((pointers("texts.at", &raw.at)?, raw.role.clone()));
        Ok(Mapping {
            id,
            time: pointers("time", &self.time)?,
            parties: self.parties.iter().enumerate().map(party).collect::<Result<_, String>>()?,
            texts: self.texts.iter().map(text).collect::<Result<_, String>>()?,
        })
    }
}

impl RawParty {
    fn check(&self) -> Result<MappedParty, String> {
        let kind = PartyKind::of_schema(&self.kind);
        if kind == PartyKind::Unknown && !matches!(self.kind.as_str(), "" | "unknown") {
            return Err(format!("kind = \"{}\" must be person, organisation or vessel", self.kind));
        }
        let kind_value = |(value, kind): (&String, &String)| match PartyKind::of_schema(kind) {
            PartyKind::Unknown => Err(format!("kind_values: {value} = \"{kind}\" must be person, organisation or vessel")),
            kind => Ok((value.clone(), kind)),
        };
        let name = pointers("name", &self.name)?;
        if name.is_empty() {
            return Err("name: say where the name stands, e.g. name = \"/name\" or [\"/firstName\", \"/lastName\"]".to_owned());
        }
        if name.iter().any(|pointer| pointer.as_str().contains('*')) {
            return Err("name: `*` would glue several people into one name; put it into `at`, e.g. at = \"/parties/*\", name = \"/name\""
                .to_owned());
        }
        let identifier = |(field, at): (&String, &OneOrMany)| {
            let kind = IdentifierKind::of_field(field).ok_or_else(|| {
                format!(
                    "identifiers: \"{field}\" is no kind; e.g. passport, national, tax, registration, iban, lei, bic, imo, wallet, account"
                )
            })?;
            Ok((kind, pointers("identifiers", at)?))
        };
        Ok(MappedParty {
            at: Pointer::parse(&self.at).map_err(|reason| format!("at: {reason}"))?,
            role: self.role.clone(),
            role_from: pointers("role_from", &self.role_from)?,
            kind,
            kind_from: pointers("kind_from", &self.kind_from)?,
            kind_values: self.kind_values.iter().map(kind_value).collect::<Result<_, String>>()?,
            name,
            birth_date: pointers("birth_date", &self.birth_date)?,
            country: pointers("country", &self.country)?,
            gender: pointers("gender", &self.gender)?,
            address: pointers("address", &self.address)?,
            identifiers: self.identifiers.iter().map(identifier).collect::<Result<_, String>>()?,
            required: self.required,
        })
    }
}

impl Mapping {
    /// The id of an event, whatever else is wrong with it.
    ///
    /// # Errors
    /// When it is missing or too long.
    pub fn event_id(&self, body: &Value) -> Result<String, Unreadable> {
        let (_, id) = first(&self.id, body, "").ok_or_else(|| {
            let tried: Vec<&str> = self.id.iter().map(Pointer::as_str).collect();
            Unreadable::new("missing_field", format!("no id at {}", tried.join(", ")))
        })?;
        if id.len() > ID_BYTES_MAX {
            return Err(Unreadable::new("field_too_long", format!("the id is longer than {ID_BYTES_MAX} bytes")));
        }
        Ok(id)
    }

    /// Every place it looks at: key of the mapping, and the whole pointer.
    pub fn places(&self) -> Vec<(String, Pointer)> {
        let mut places: Vec<(String, Pointer)> = Vec::new();
        let mut add = |key: String, at: Option<&Pointer>, pointers: &[Pointer]| {
            places.extend(pointers.iter().map(|pointer| (key.clone(), at.map_or_else(|| pointer.clone(), |at| at.join(pointer)))));
        };
        add("id".to_owned(), None, &self.id);
        add("time".to_owned(), None, &self.time);
        for (number, party) in self.parties.iter().enumerate() {
            let fields = [
                ("role_from", &party.role_from),
                ("kind_from", &party.kind_from),
                ("name", &party.name),
                ("birth_date", &party.birth_date),
                ("country", &party.country),
                ("gender", &party.gender),
                ("address", &party.address),
            ];
            let role = if party.role.is_empty() { (number + 1).to_string() } else { format!("{} ({})", number + 1, party.role) };
            for (field, pointers) in fields {
                add(format!("party {role} {field}"), Some(&party.at), pointers);
            }
            for (kind, pointers) in &party.identifiers {
                add(format!("party {role} identifiers, {}", kind.words()), Some(&party.at), pointers);
            }
        }
        for (pointers, role) in &self.texts {
            add(format!("text ({role})"), None, pointers);
        }
        places
    }

    /// What a record has and the mapping makes nothing of: parties without a name, values that mean nothing to us.
    pub fn gaps(&self, body: &Value) -> Vec<String> {
        let mut gaps = Vec::new();
        self.parties.iter().for_each(|party| party.gaps(body, &mut gaps));
        gaps
    }

    /// Reads one record.
    ///
    /// # Errors
    /// With the reason for the dead letter: no id, nobody to screen.
    pub fn decode(&self, kind: EventKind, body: &Value) -> Result<Event, Unreadable> {
        let id = self.event_id(body)?;
        let mut parties = Vec::new();
        for mapped in &self.parties {
            let before = parties.len();
            for (path, value) in mapped.at.find(body, "") {
                let read = mapped.read(value, &path)?;
                // One nameless debtor among many must not pass unscreened.
                if mapped.required && read.is_empty() {
                    let tried: Vec<String> = mapped.name.iter().map(|name| format!("{path}{}", name.as_str())).collect();
                    return Err(Unreadable::new("missing_field", format!("no name at {}", tried.join(", "))));
                }
                parties.extend(read);
            }
            if mapped.required && parties.len() == before {
                let tried: Vec<String> = mapped.name.iter().map(|name| format!("{}{}", mapped.at.as_str(), name.as_str())).collect();
                return Err(Unreadable::new("missing_field", format!("no name at {}", tried.join(", "))));
            }
            if parties.len() > PARTIES_MAX {
                return Err(Unreadable::new("too_many_parties", format!("the record holds more than {PARTIES_MAX} parties")));
            }
        }
        let mut texts = Vec::new();
        for (at, role) in &self.texts {
            let found = at.iter().flat_map(|pointer| pointer.texts(body, ""));
            texts.extend(found.map(|(path, text)| FreeText { path, role: role.clone(), text }));
        }
        if texts.len() > TEXTS_MAX {
            return Err(Unreadable::new("too_many_texts", format!("the record holds more than {TEXTS_MAX} texts")));
        }
        if parties.is_empty() && texts.is_empty() {
            return Err(Unreadable::new("no_parties", "the mapping finds nobody to screen in the record"));
        }
        let time = first(&self.time, body, "").map(|(_, time)| time).filter(|time| time.len() <= ID_BYTES_MAX);
        Ok(Event { kind, id, time, parties, texts })
    }
}

impl MappedParty {
    /// The names of one party: several pointers are parts of one name, a list under the only pointer holds several names.
    fn names(&self, value: &Value, path: &str) -> Vec<(String, String)> {
        let texts: Vec<(String, String)> = self.name.iter().flat_map(|pointer| pointer.texts(value, path)).collect();
        if self.name.len() == 1 {
            return texts;
        }
        let Some((first, _)) = texts.first().cloned() else { return Vec::new() };
        vec![(first, texts.iter().map(|(_, part)| part.as_str()).collect::<Vec<_>>().join(" "))]
    }

    /// The party, once for each of its names; none when it has no name.
    fn read(&self, value: &Value, path: &str) -> Result<Vec<Party>, Unreadable> {
        let all = |at: &[Pointer]| -> Vec<(String, String)> { at.iter().flat_map(|pointer| pointer.texts(value, path)).collect() };
        let names = self.names(value, path);
        if let Some((path, _)) = names.iter().find(|(_, name)| name.len() > NAME_BYTES_MAX) {
            return Err(Unreadable::new("field_too_long", format!("{path} is longer than {NAME_BYTES_MAX} bytes")));
        }
        let mut identifiers: Vec<Identifier> = Vec::new();
        for (kind, at) in &self.identifiers {
            for identifier in all(at).iter().filter_map(|(_, text)| Identifier::new(*kind, text)) {
                if !identifiers.contains(&identifier) {
                    identifiers.push(identifier);
                }
            }
        }
        let kind = first(&self.kind_from, value, path).map_or(self.kind, |(_, text)| self.kind_of(&text));
        let mut countries: Vec<String> = all(&self.country).iter().filter_map(|(_, text)| country_code(text)).collect();
        countries.dedup();
        let party = |(name_path, name): (String, String)| Party {
            path: name_path,
            role: first(&self.role_from, value, path).map_or_else(|| self.role.clone(), |(_, role)| role.chars().take(200).collect()),
            kind,
            name,
            birth_dates: all(&self.birth_date).iter().filter_map(|(_, text)| PartialDate::parse(text)).collect(),
            countries: countries.clone(),
            gender: first(&self.gender, value, path).and_then(|(_, text)| Gender::parse(&text)),
            address: all(&self.address).iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(", "),
            identifiers: identifiers.clone(),
        };
        Ok(names.into_iter().map(party).collect())
    }

    fn kind_of(&self, text: &str) -> PartyKind {
        self.kind_values.get(text).copied().unwrap_or_else(|| PartyKind::of_schema(text))
    }

    /// Parties without a name and values that mean nothing to us, each in words.
    fn gaps(&self, body: &Value, gaps: &mut Vec<String>) {
        for (path, value) in self.at.find(body, "") {
            if self.names(value, &path).is_empty() {
                let tried: Vec<&str> = self.name.iter().map(Pointer::as_str).collect();
                gaps.push(format!("NOT SCREENED: {path} ({}) has no name at {}", self.role, tried.join(", ")));
                continue;
            }
            let mut check = |key: &str, pointers: &[Pointer], understood: &dyn Fn(&str) -> bool| {
                for (path, found) in pointers.iter().flat_map(|pointer| pointer.find(value, &path)) {
                    let texts = Pointer::default().texts(found, &path);
                    if texts.is_empty() {
                        gaps.push(format!("not understood: {key} at {path} is no text"));
                    }
                    let strange = texts.iter().filter(|(_, text)| !understood(text));
                    gaps.extend(strange.map(|(path, text)| format!("not understood: {key} at {path} is {text:?}")));
                }
            };
            check("kind_from", &self.kind_from, &|text| self.kind_of(text) != PartyKind::Unknown);
            check("birth_date", &self.birth_date, &|text| PartialDate::parse(text).is_some());
            check("country", &self.country, &|text| country_code(text).is_some());
            check("gender", &self.gender, &|text| Gender::parse(text).is_some());
            for (kind, pointers) in &self.identifiers {
                check(kind.words(), pointers, &|text| Identifier::new(*kind, text).is_some());
            }
        }
    }
}

fn first(at: &[Pointer], value: &Value, path: &str) -> Option<(String, String)> {
    at.iter().find_map(|pointer| pointer.texts(value, path).into_iter().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(text: &str) -> Result<Mapping, String> {
        toml::from_str::<RawMapping>(text).map_err(|error| error.to_string())?.check()
    }

    fn parse(record: &[u8]) -> Value {
        serde_json::from_slice(record).expect("JSON")
    }

    const PAYMENT: &str = r#"
        id = ["/GrpHdr/MsgId"]
        time = "/GrpHdr/CreDtTm"
        [[parties]]
        at = "/CdtTrfTxInf/*"
        role = "debtor"
        name = "/Dbtr/Nm"
        country = "/Dbtr/PstlAdr/Ctry"
        identifiers = { iban = "/DbtrAcct/Id/IBAN" }
        [[texts]]
        at = "/CdtTrfTxInf/*/RmtInf/Ustrd/*"
        role = "remittance"
    "#;

    #[test]
    fn a_nested_payment_is_read_with_the_path_of_each_party() {
        let record =
            br#"{"GrpHdr":{"MsgId":"M1","CreDtTm":"2026-01-01"},"CdtTrfTxInf":[{"Dbtr":{"Nm":"Anna Example","PstlAdr":{"Ctry":"FR"}},
            "DbtrAcct":{"Id":{"IBAN":"FR1420041010050500013M02606"}},"RmtInf":{"Ustrd":["rent May"]}},{"Dbtr":{"Nm":"Peter Sample"}}]}"#;
        let event = mapping(PAYMENT).expect("a mapping").decode(EventKind::Transaction, &parse(record)).expect("an event");
        assert_eq!((event.id.as_str(), event.time.as_deref()), ("M1", Some("2026-01-01")));
        let paths: Vec<(&str, &str)> = event.parties.iter().map(|party| (party.path.as_str(), party.name.as_str())).collect();
        assert_eq!(paths, [("/CdtTrfTxInf/0/Dbtr/Nm", "Anna Example"), ("/CdtTrfTxInf/1/Dbtr/Nm", "Peter Sample")]);
        assert_eq!((event.parties[0].countries.as_slice(), event.parties[0].identifiers.len()), (["fr".to_owned()].as_slice(), 1));
        assert_eq!((event.texts[0].path.as_str(), event.texts[0].text.as_str()), ("/CdtTrfTxInf/0/RmtInf/Ustrd/0", "rent May"));
    }

    #[test]
    fn names_in_parts_are_joined_and_records_without_anybody_have_a_reason() {
        let parts = mapping("id = \"/id\"\n[[parties]]\nname = [\"/first\", \"/last\"]\nkind = \"person\"").expect("a mapping");
        let read = |text: &str| parts.decode(EventKind::Customer, &parse(text.as_bytes()));
        assert_eq!(read(r#"{"id":1,"first":"Anna","last":"Example"}"#).expect("an event").parties[0].name, "Anna Example");
        for (text, code) in
            [(r#"{"id":1}"#, "no_parties"), (r#"{"first":"Anna"}"#, "missing_field"), ("[]", "missing_field"), ("7", "missing_field")]
        {
            assert_eq!(read(text).expect_err(text).code, code, "{text}");
        }
    }

    /// A debtor without a name beside one with a name once passed unscreened.
    #[test]
    fn every_required_party_needs_its_name() {
        let text = PAYMENT.replace("role = \"debtor\"", "role = \"debtor\"\nrequired = true");
        let record = br#"{"GrpHdr":{"MsgId":"M1"},"CdtTrfTxInf":[{"Dbtr":{"Nm":"Anna Example"}},{"Dbtr":{}}]}"#;
        let reason = mapping(&text).expect("a mapping").decode(EventKind::Transaction, &parse(record)).expect_err("nameless");
        assert_eq!(reason.sentence, "no name at /CdtTrfTxInf/1/Dbtr/Nm");
    }

    /// Of several names in a list all but the first once passed unscreened.
    #[test]
    fn lists_of_names_are_all_screened() {
        let names = |name: &str, record: &str| -> Vec<String> {
            let mapping = mapping(&format!("id = \"/id\"\n[[parties]]\nname = {name}")).expect("a mapping");
            let event = mapping.decode(EventKind::Customer, &parse(record.as_bytes())).expect("an event");
            event.parties.iter().map(|party| format!("{} {}", party.path, party.name)).collect()
        };
        assert_eq!(names("\"/n\"", r#"{"id":1,"n":["Anna Example","Ana Sample"]}"#), ["/n/0 Anna Example", "/n/1 Ana Sample"]);
        assert_eq!(names("[\"/g\", \"/f\"]", r#"{"id":1,"g":["Anna","Maria"],"f":"Example"}"#), ["/g/0 Anna Maria Example"]);
    }

    #[test]
    fn what_a_record_has_and_nobody_understands_is_told() {
        let text = "id = \"/id\"\n[[parties]]\nat = \"/p/*\"\nname = \"/n\"\nkind_from = \"/k\"\nkind_values = { MORAL = \"organisation\" }\ncountry = \"/c\"";
        let mapping = mapping(text).expect("a mapping");
        let body = parse(br#"{"id":1,"p":[{"n":"A B","k":"MORAL","c":"fr"},{"n":"C D","k":"FISICA","c":{"code":"fr"}},{"n":""}]}"#);
        let gaps = mapping.gaps(&body);
        for part in ["kind_from at /p/1/k is \"FISICA\"", "country at /p/1/c is no text", "NOT SCREENED: /p/2"] {
            assert!(gaps.iter().any(|gap| gap.contains(part)), "{part}: {gaps:?}");
        }
        assert_eq!(gaps.len(), 3, "{gaps:?}");
        assert_eq!(mapping.decode(EventKind::Customer, &body).expect("an event").parties[0].kind, PartyKind::Organisation);
    }

    #[test]
    fn mistakes_in_a_mapping_are_named() {
        for (text, part) in [
            ("id = \"id\"\n[[parties]]\nname = \"/n\"", "JSON Pointer"),
            ("id = \"/id\"", "at least one party"),
            ("id = \"/id\"\n[[parties]]\nname = \"/n\"\nkind = \"robot\"", "person, organisation or vessel"),
            ("id = \"/id\"\n[[parties]]\nname = \"/n\"\nidentifiers = { shoe = \"/s\" }", "shoe"),
            ("id = \"/id\"\n[[parties]]\nnmae = \"/n\"", "nmae"),
            ("id = \"/id\"\n[[parties]]\nname = \"/parties/*/name\"", "put it into `at`"),
        ] {
            let error = mapping(text).expect_err(text);
            assert!(error.contains(part), "{error}");
        }
    }
}
