//! Countries by code, name, adjective and town; the table is `data/countries.txt`.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

const COUNTRIES: &str = include_str!("data/countries.txt");

/// What a word of the table says of its country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaceKind {
    /// `kazakhstan`
    Country,
    /// `kazakh`
    Adjective,
    /// `almaty`
    Town,
}

static PLACES: LazyLock<FxHashMap<&'static str, (PlaceKind, &'static str)>> = LazyLock::new(|| {
    let mut places = FxHashMap::default();
    let lines = || COUNTRIES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    // A name of a country wins over an adjective, that over a town: `georgia`, `tripoli` in the first country that has it.
    for (column, kind) in [(0, PlaceKind::Country), (1, PlaceKind::Adjective), (2, PlaceKind::Town)] {
        for (code, names) in lines() {
            let names = names.split('|').nth(column).unwrap_or_default();
            for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                places.entry(name).or_insert((kind, code.trim()));
            }
        }
    }
    places
});

/// The country that a word or phrase in lower case names, belongs to or lies in, with what it is.
pub fn place(lower: &str) -> Option<(PlaceKind, &'static str)> {
    PLACES.get(lower).copied()
}

/// A country as its two-letter code in lower case. Two-letter input is taken as a code; longer input only where it is
/// one of the names that lists write most; anything else is `None` and gives no evidence.
pub fn country_code(text: &str) -> Option<String> {
    let plain = text.trim().to_lowercase();
    if plain.len() == 2 && plain.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Some(plain);
    }
    place(&plain).filter(|(kind, _)| *kind == PlaceKind::Country).map(|(_, code)| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_codes_or_known_names() {
        assert_eq!(country_code("KZ").as_deref(), Some("kz"));
        assert_eq!(country_code("Kazakhstan").as_deref(), Some("kz"));
        assert_eq!(country_code("Georgia").as_deref(), Some("ge"));
        assert_eq!(country_code("Almaty"), None);
        assert_eq!(country_code("Atlantis"), None);
        assert_eq!(place("almaty"), Some((PlaceKind::Town, "kz")));
        assert_eq!(place("kazakh"), Some((PlaceKind::Adjective, "kz")));
    }

    #[test]
    fn every_line_of_the_table_is_one_code_and_three_columns() {
        for line in COUNTRIES.lines().filter(|line| !line.starts_with('#')) {
            let (code, names) = line.split_once('=').expect(line);
            assert!(code.trim().len() == 2 && names.split('|').count() == 3, "{line}");
            assert_eq!(names, names.to_lowercase(), "{line}");
        }
    }
}
