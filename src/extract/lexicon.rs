//! The words that the reader knows, from `data/words.txt` and the most frequent words of English and Russian (package
//! `common-words-all`, MIT, from the counts of Google Books).

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

const WORDS: &str = include_str!("data/words.txt");

/// Most words of an entry of the table.
pub(super) const PHRASE_WORDS_MAX: usize = 6;

/// What a word or phrase may be; a set, since `general` is a rank and a word of everyday English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Classes(u32);

macro_rules! classes {
    ($($name:ident = $section:literal),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Class { $($name),* }
        /// Every class with the name of its section.
        const SECTIONS: &[(&str, Class)] = &[$(($section, Class::$name)),*];
    };
}

classes! {
    Particle = "particle",
    Joiner = "joiner",
    Honorific = "honorific",
    Rank = "rank",
    PepTitle = "pep_title",
    OfficialTitle = "official_title",
    LawyerTitle = "lawyer_title",
    MediaTitle = "media_title",
    BystanderTitle = "bystander_title",
    OtherTitle = "other_title",
    CompanyNoun = "company_noun",
    VesselNoun = "vessel_noun",
    MediaNoun = "media_noun",
    PlatformNoun = "platform_noun",
    OrganisationHead = "organisation_head",
    LegalForm = "legal_form",
    OfficialHead = "official_head",
    KnownOfficial = "known_official",
    KnownMedia = "known_media",
    KnownPlatform = "known_platform",
    KnownBody = "known_body",
    Currency = "currency",
    Measure = "measure",
    OfficeKind = "office_kind",
    CommonCapital = "common_capital",
    Calendar = "calendar",
    PlaceWord = "place_word",
    WiderPlace = "wider_place",
    DocumentWord = "document_word",
    BreaksDescription = "breaks_description",
    Abbreviation = "abbreviation",
}

impl Classes {
    pub(super) const TITLES: &[Class] = &[
        Class::Honorific,
        Class::Rank,
        Class::PepTitle,
        Class::OfficialTitle,
        Class::LawyerTitle,
        Class::MediaTitle,
        Class::BystanderTitle,
        Class::OtherTitle,
    ];

    pub(super) fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u32) != 0
    }

    pub(super) fn has_any(self, classes: &[Class]) -> bool {
        classes.iter().any(|class| self.has(*class))
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

struct Lexicon {
    entries: FxHashMap<&'static str, Classes>,
    /// Longest entry that starts with this word, in words.
    reach: FxHashMap<&'static str, usize>,
    common: FxHashSet<&'static str>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut entries: FxHashMap<&'static str, Classes> = FxHashMap::default();
    let mut reach: FxHashMap<&'static str, usize> = FxHashMap::default();
    let mut current = None;
    for line in WORDS.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = SECTIONS.iter().find(|(name, _)| *name == section).map(|(_, class)| *class);
            continue;
        }
        let Some(class) = current else { continue };
        for entry in line.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let classes = entries.entry(entry).or_default();
            *classes = classes.with(Classes(1 << class as u32));
            let first = entry.split(' ').next().unwrap_or(entry);
            let longest = reach.entry(first).or_default();
            *longest = (*longest).max(entry.split(' ').count());
        }
    }
    use common_words_all::{Language, NgramSize, get_array};
    let frequent = [Language::English, Language::Russian].into_iter().flat_map(|language| get_array(language, NgramSize::One));
    let common = frequent.map(|record| record.ngram).filter(|word| !word.chars().any(char::is_uppercase)).collect();
    Lexicon { entries, reach, common }
});

/// What a word or phrase in lower case may be.
pub(super) fn classes(lower: &str) -> Classes {
    LEXICON.entries.get(lower).copied().unwrap_or_default()
}

/// How many words the longest entry has that starts with this word.
pub(super) fn reach(first_word: &str) -> usize {
    LEXICON.reach.get(first_word).copied().unwrap_or(0)
}

/// Whether a word in lower case belongs to everyday language: the 10,000 most frequent forms, names left out.
pub(super) fn is_common(lower: &str) -> bool {
    LEXICON.common.contains(lower)
}

/// Whether words between two names hold a verb or somebody else's title. An apposition may hold "of" and "for".
pub(super) fn breaks(words: &str, strict: bool) -> bool {
    words.split([' ', ',']).filter(|word| !word.is_empty()).any(|word| {
        let found = classes(word);
        let link = matches!(
            word,
            "of" | "for" | "from" | "at" | "in" | "with" | "to" | "as" | "who" | "near" | "police" | "president" | "minister" | "is" | "be"
        );
        (found.has(Class::BreaksDescription) && (strict || !link))
            || found.has(Class::LawyerTitle)
            || found.has(Class::OfficialTitle) && strict
            || found.has(Class::MediaTitle) && strict
            || matches!(word, "reported" | "added" | "wrote" | "denied" | "denies" | "faces")
    })
}

/// A word that titles are made of.
pub(super) fn is_title_word(word: &str) -> bool {
    classes(word).has_any(Classes::TITLES)
        || matches!(word, "executive" | "chief" | "managing" | "general" | "deputy" | "vice" | "sales" | "finance" | "senior")
}

/// The table as written, for the fingerprint of the reader.
pub(super) fn table() -> &'static str {
    WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_the_table_is_a_class_and_no_entry_is_longer_than_the_search() {
        for line in WORDS.lines().filter(|line| line.starts_with('[')) {
            let name = line.trim_matches(['[', ']']);
            assert!(SECTIONS.iter().any(|(section, _)| *section == name), "{name}");
        }
        assert!(LEXICON.reach.values().all(|longest| *longest <= PHRASE_WORDS_MAX));
        assert!(LEXICON.entries.keys().all(|entry| *entry == entry.to_lowercase()));
    }

    #[test]
    fn common_words_are_no_names() {
        assert!(is_common("thousands") && is_common("суд") && !is_common("ablyazov") && !is_common("london"));
        assert!(classes("prime minister").has(Class::PepTitle) && classes("reuters").has(Class::KnownMedia));
    }
}
