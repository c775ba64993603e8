//! One entity in the shape of FollowTheMoney (<https://followthemoney.tech>): properties hold lists of strings.

use crate::model::{
    AlertEntity, Gender, Identifier, IdentifierKind, NameClass, NameForm, PartialDate, PartyKind, Tier, Unreadable, country_code,
};
use crate::names::other_names_on_list;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A list record as written.
#[derive(Debug, Clone, Deserialize)]
pub struct ListRecord {
    /// The list's own id of the entity.
    pub id: String,
    #[serde(default)]
    schema: String,
    #[serde(default)]
    caption: String,
    properties: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    datasets: Vec<String>,
    /// Version of the list that this record belongs to, as its publisher names it.
    #[serde(default)]
    pub list_version: Option<String>,
}

/// Which properties hold names, and how firmly.
const NAME_PROPERTIES: &[(&str, NameClass)] =
    &[("name", NameClass::Name), ("alias", NameClass::Alias), ("previousName", NameClass::Previous), ("weakAlias", NameClass::WeakAlias)];
const DATE_PROPERTIES: &[&str] = &["birthDate", "incorporationDate"];
const COUNTRY_PROPERTIES: &[&str] = &["nationality", "citizenship", "country", "jurisdiction", "flag"];

impl ListRecord {
    /// The entity to index, under the list that its key names.
    ///
    /// # Errors
    /// When it has no name at all.
    pub fn entity(&self, list: &str, alert_key: &str) -> Result<AlertEntity, Unreadable> {
        let mut names: Vec<NameForm> = Vec::new();
        for (property, class) in NAME_PROPERTIES {
            for text in self.values(property).filter(|text| !text.trim().is_empty()) {
                push_new(&mut names, NameForm { text: text.clone(), class: *class });
            }
        }
        if names.is_empty() && !self.caption.trim().is_empty() {
            names.push(NameForm { text: self.caption.clone(), class: NameClass::Name });
        }
        if names.is_empty() {
            return Err(Unreadable::new("no_name", "the list record has no name: fill `properties.name` or `caption`"));
        }
        let kind = PartyKind::of_schema(&self.schema);
        for other in names.clone().iter().flat_map(|name| other_forms(name, kind)) {
            push_new(&mut names, other);
        }
        let mut countries: Vec<String> =
            COUNTRY_PROPERTIES.iter().flat_map(|property| self.values(property)).filter_map(|text| country_code(text)).collect();
        countries.sort();
        countries.dedup();
        let topics: Vec<String> = self.values("topics").cloned().collect();
        Ok(AlertEntity {
            id: self.id.clone(),
            alert_key: alert_key.to_owned(),
            subject_key: alert_key.to_owned(),
            alert_id: self.id.clone(),
            list: list.to_owned(),
            datasets: self.datasets.clone(),
            kind,
            names,
            birth_dates: DATE_PROPERTIES
                .iter()
                .flat_map(|property| self.values(property))
                .filter_map(|text| PartialDate::parse(text))
                .collect(),
            countries,
            addresses: self.values("address").filter(|text| !text.trim().is_empty()).cloned().collect(),
            gender: self.values("gender").find_map(|text| Gender::parse(text)),
            identifiers: self.identifiers(),
            tier: self.tier(&topics),
            topics,
            role: None,
            accusation: Default::default(),
            text: None,
            quote: None,
            alert_time_ms: 0,
        })
    }

    fn values(&self, property: &str) -> impl Iterator<Item = &String> {
        self.properties.get(property).into_iter().flatten()
    }

    fn identifiers(&self) -> Vec<Identifier> {
        let mut identifiers: Vec<Identifier> = Vec::new();
        for (property, values) in &self.properties {
            let Some(kind) = IdentifierKind::of_field(property) else { continue };
            for identifier in values.iter().filter_map(|value| Identifier::new(kind, value)) {
                if !identifiers.contains(&identifier) {
                    identifiers.push(identifier);
                }
            }
        }
        identifiers
    }

    /// Sanctions and wanted are high, a politically exposed person is low, anything else medium.
    fn tier(&self, topics: &[String]) -> Tier {
        let has = |starts: &[&str]| topics.iter().any(|topic| starts.iter().any(|start| topic.starts_with(start)));
        if has(&["sanction", "wanted", "crime", "debarment", "export.control"]) || self.properties.contains_key("program") {
            Tier::High
        } else if has(&["role.pep", "role.rca", "role.pol", "gov"]) {
            Tier::Low
        } else {
            Tier::Medium
        }
    }
}

fn push_new(names: &mut Vec<NameForm>, name: NameForm) {
    if !names.iter().any(|known| known.text == name.text) {
        names.push(name);
    }
}

/// The names that one name of a list holds beside itself: see [`other_names_on_list`].
pub fn other_forms(name: &NameForm, kind: PartyKind) -> Vec<NameForm> {
    let class_of = |weak: bool| match name.class {
        _ if weak => NameClass::WeakAlias,
        NameClass::Name => NameClass::Alias,
        class => class,
    };
    let others = other_names_on_list(&name.text, kind == PartyKind::Organisation).into_iter();
    others.map(|(text, weak)| NameForm { text, class: class_of(weak) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_becomes_an_entity() {
        let record: ListRecord = serde_json::from_str(
            r#"{"id":"x-1","schema":"Person","caption":"Anna Example","properties":{"name":["Anna Example"],"weakAlias":["Annie"],
            "birthDate":["1970-02"],"nationality":["Kazakhstan"],"passportNumber":["N 1234567"],"topics":["sanction"]},"datasets":["demo"]}"#,
        )
        .expect("a record");
        let entity = record.entity("demo", "demo/x-1").expect("an entity");
        assert_eq!((entity.tier, entity.kind, entity.countries.as_slice()), (Tier::High, PartyKind::Person, ["kz".to_owned()].as_slice()));
        assert_eq!(entity.names[1].class, NameClass::WeakAlias);
        assert_eq!(entity.identifiers[0].value, "N1234567");
    }

    #[test]
    fn brackets_in_a_name_hold_another_one() {
        let names = |schema: &str, name: &str| -> Vec<String> {
            let record = format!(r#"{{"id":"x-1","schema":"{schema}","properties":{{"name":["{name}"]}}}}"#);
            let record: ListRecord = serde_json::from_str(&record).expect("a record");
            record.entity("demo", "demo/x-1").expect("an entity").names.into_iter().map(|form| form.text).collect()
        };
        let brackets = "Compania General de Sal (SALVENA)";
        assert_eq!(names("Company", brackets), [brackets, "Compania General de Sal", "SALVENA"]);
        assert_eq!(names("Company", "Tin Works (Pvt) Ltd"), ["Tin Works (Pvt) Ltd", "Tin Works Ltd"]);
        assert_eq!(names("Person", "Anna (Annika) Example"), ["Anna (Annika) Example", "Anna Example"]);
    }

    #[test]
    fn a_record_without_a_name_says_so() {
        let record: ListRecord = serde_json::from_str(r#"{"id":"x-1","properties":{}}"#).expect("a record");
        assert_eq!(record.entity("demo", "demo/x-1").map_err(|reason| reason.code), Err("no_name".to_owned()));
    }
}
