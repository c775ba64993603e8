//! The key under which several alerts on one subject are grouped when a hit is made.

use crate::model::NameForm;
use crate::names::Name;

/// Normalised full name and one more fact of the same document (the country named first beside it). Where there is no
/// second fact, or only one word of a name, the alert stands alone: two people must never become one.
pub(super) fn key(names: &[NameForm], countries: &[String], alert_id: &str) -> String {
    let mut words: Vec<String> =
        names.first().map(|form| Name::new(&form.text).tokens().map(|token| token.text.to_owned()).collect()).unwrap_or_default();
    words.sort();
    let name = words.join(" ");
    match countries.first() {
        Some(country) if words.len() >= 2 => format!("{name}|{country}"),
        _ => format!("{name}|{alert_id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NameClass;

    fn of(name: &str, countries: &[&str], alert_id: &str) -> String {
        let countries: Vec<String> = countries.iter().map(|country| (*country).to_owned()).collect();
        key(&[NameForm { text: name.to_owned(), class: NameClass::Name }], &countries, alert_id)
    }

    #[test]
    fn same_name_and_country_is_one_subject_and_nothing_less_is() {
        assert_eq!(of("Anna Example", &["kz", "fr"], "T1"), of("EXAMPLE Anna", &["kz"], "T2"));
        assert_ne!(of("Anna Example", &[], "T1"), of("Anna Example", &[], "T2"));
        assert_ne!(of("Example", &["kz"], "T1"), of("Example", &["kz"], "T2"));
    }
}
