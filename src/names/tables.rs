//! The tables shipped with the program, parsed once. Their source stands in each file under `data/`.

use super::token::Tag;
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const LEGAL_FORMS: &str = include_str!("data/legal_forms.txt");
const HONORIFICS: &str = include_str!("data/honorifics.txt");
const PARTICLES: &str = include_str!("data/particles.txt");
const GENERIC_WORDS: &str = include_str!("data/generic_words.txt");
const COMMON_NAMES: &str = include_str!("data/common_names.txt");
const GIVEN_NAMES: &str = include_str!("data/given_names.txt");
const EQUIVALENTS: &str = include_str!("data/equivalents.txt");
const ABBREVIATIONS: &str = include_str!("data/abbreviations.txt");
const PLACES: &str = include_str!("data/places.txt");
const ARABIC_NAMES: &str = include_str!("data/arabic_names.txt");
const COUNTRY_PHRASES: &str = include_str!("data/country_phrases.txt");
const STREET_WORDS: &str = include_str!("data/street_words.txt");
const ORGANISATION_WORDS: &str = include_str!("data/organisation_words.txt");
pub(super) const SCRIPT_WORDS: &str = include_str!("data/script_words.txt");
const DISTINCT_NAMES: &str = include_str!("data/distinct_names.txt");
const FIELD_WORDS: &str = include_str!("data/field_words.txt");

pub(super) const WEIGHT_HONORIFIC: u8 = 4;
pub(super) const WEIGHT_PARTICLE: u8 = 8;
pub(super) const WEIGHT_LEGAL_FORM: u8 = 6;
const WEIGHT_ABBREVIATION: u8 = 40;
const WEIGHT_PLACE: u8 = 45;
/// A word of a long legal form that stands alone.
const WEIGHT_LEGAL_WORD: u8 = 20;

/// What the tables know of one word.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct WordFacts {
    pub tag: Option<Tag>,
    pub weight: Option<u8>,
    /// Some legal form of several words starts with this word.
    pub starts_legal_form: bool,
    /// The long name of some country starts with this word.
    pub starts_country: bool,
    /// A town or country.
    pub place: bool,
    /// The word for a country with a long name.
    pub country: bool,
    /// `street`, `rue`, `via` and the like.
    pub street: bool,
}

/// What a word or phrase around a name in a payment field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldWord {
    /// The name follows, or an account, which ends it.
    Label,
    /// Another party follows.
    Party,
    /// A number follows.
    Reference,
    /// Ends the name.
    End,
    /// Ends the name where it is the last word.
    Department,
    /// Another holder follows.
    Joint,
    /// Another name of the same holder follows.
    Alias,
}

/// What kind of group two words share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Equivalence {
    /// Given names that stand for each other.
    Name,
    /// A word of an organisation's name and its short form.
    Abbreviation,
    /// Words of organisations' names in different languages.
    Translation,
}

/// All shipped tables.
pub(super) struct Tables {
    words: FxHashMap<&'static str, WordFacts>,
    /// `limited liability company` -> `llc`; words joined by one space.
    legal_forms: FxHashMap<&'static str, &'static str>,
    /// `islamic republic of iran` -> `iran`; words joined by one space.
    country_phrases: FxHashMap<&'static str, &'static str>,
    /// Words of three letters or more that legal forms are made of.
    legal_words: Vec<&'static str>,
    /// Groups a word stands in.
    groups: FxHashMap<&'static str, Vec<u16>>,
    members: Vec<Vec<&'static str>>,
    /// Groups from this one on hold words of organisations and how they are shortened.
    first_abbreviation_group: u16,
    /// Groups from this one on hold words of organisations in different languages.
    first_translation_group: u16,
    /// Given names and frequent family names.
    names: FxHashSet<&'static str>,
    /// Arabic script -> Latin.
    arabic_names: FxHashMap<String, &'static str>,
    /// Names that look alike and are not; each pair in both orders.
    distinct_names: FxHashSet<(&'static str, &'static str)>,
    /// Words and phrases around a name; words joined by one space.
    field_phrases: FxHashMap<String, FieldWord>,
    /// Their first words.
    field_starts: FxHashSet<String>,
}

pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(Tables::parse);

/// Most words of a legal form in the table.
pub(super) const LEGAL_FORM_WORDS_MAX: usize = 7;

/// Most words of a country's long name in the table.
pub(super) const COUNTRY_WORDS_MAX: usize = 8;

impl Tables {
    fn parse() -> Self {
        let mut words: FxHashMap<&'static str, WordFacts> = FxHashMap::default();
        let mut legal_forms = FxHashMap::default();
        for (class, forms) in lines(LEGAL_FORMS).filter_map(|line| line.split_once('=')) {
            for form in forms.split(',').map(str::trim) {
                legal_forms.insert(form, class.trim());
                let first = form.split(' ').next().unwrap_or(form);
                words.entry(first).or_default().starts_legal_form = true;
            }
        }
        let mut legal_words: Vec<&'static str> =
            legal_forms.keys().flat_map(|form: &&str| form.split(' ')).filter(|word| word.len() >= 3).collect();
        legal_words.sort_unstable();
        legal_words.dedup();
        for word in legal_words.iter().filter(|word| word.len() >= 5) {
            let facts = words.entry(word).or_default();
            (facts.tag, facts.weight) = (Some(Tag::Generic), Some(WEIGHT_LEGAL_WORD));
        }
        for (weight, names) in lines(COMMON_NAMES).chain(lines(GENERIC_WORDS)).filter_map(|line| line.split_once(' ')) {
            let weight = weight.parse().ok();
            for word in names.split(' ') {
                words.entry(word).or_default().weight = weight;
            }
        }
        let tags = [(GENERIC_WORDS, Tag::Generic), (PARTICLES, Tag::Particle), (HONORIFICS, Tag::Honorific)];
        for (table, tag) in tags {
            for word in lines(table).flat_map(|line| line.split(' ')).filter(|word| word.parse::<u8>().is_err()) {
                words.entry(word).or_default().tag = Some(tag);
            }
        }
        for word in lines(ABBREVIATIONS).flat_map(|line| line.split(' ')) {
            let facts = words.entry(word).or_default();
            facts.tag.get_or_insert(Tag::Generic);
            facts.weight.get_or_insert(WEIGHT_ABBREVIATION);
        }
        for word in lines(PLACES).flat_map(|line| line.split(' ')) {
            let facts = words.entry(word).or_default();
            facts.place = true;
            facts.tag.get_or_insert(Tag::Generic);
            facts.weight.get_or_insert(WEIGHT_PLACE);
        }
        for word in lines(STREET_WORDS).flat_map(|line| line.split(' ')) {
            words.entry(word).or_default().street = true;
        }
        let mut country_phrases = FxHashMap::default();
        for (country, phrases) in lines(COUNTRY_PHRASES).filter_map(|line| line.split_once(" = ")) {
            for phrase in phrases.split(',').map(str::trim) {
                country_phrases.insert(phrase, country);
                words.entry(phrase.split(' ').next().unwrap_or(phrase)).or_default().starts_country = true;
            }
            let facts = words.entry(country).or_default();
            (facts.place, facts.country) = (true, true);
            facts.tag.get_or_insert(Tag::Generic);
            facts.weight.get_or_insert(WEIGHT_PLACE);
        }
        let mut members: Vec<Vec<&'static str>> = lines(EQUIVALENTS).map(|line| line.split(' ').collect()).collect();
        let first_abbreviation_group = members.len() as u16;
        members.extend(lines(ABBREVIATIONS).map(|line| line.split(' ').collect::<Vec<_>>()));
        let first_translation_group = members.len() as u16;
        members.extend(lines(ORGANISATION_WORDS).map(|line| line.split(' ').collect::<Vec<_>>()));
        let mut groups: FxHashMap<&'static str, Vec<u16>> = FxHashMap::default();
        for (number, group) in members.iter().enumerate() {
            for word in group {
                groups.entry(word).or_default().push(number as u16);
            }
        }
        let mut arabic_names: FxHashMap<String, &'static str> = FxHashMap::default();
        for (word, latin) in lines(ARABIC_NAMES).filter_map(|line| line.split_once(' ')) {
            arabic_names.insert(word.to_owned(), latin);
            arabic_names.entry(arabic_letters(word)).or_insert(latin);
        }
        let names = lines(COMMON_NAMES).chain(lines(EQUIVALENTS)).chain(lines(GIVEN_NAMES)).flat_map(|line| line.split(' ')).collect();
        let pairs = lines(DISTINCT_NAMES).filter_map(|line| line.split_once(' '));
        let distinct_names = pairs.flat_map(|(a, b)| [(a, b), (b, a)]).collect();
        let field_phrases: FxHashMap<String, FieldWord> = lines(FIELD_WORDS)
            .filter_map(|line| line.split_once(':'))
            .flat_map(|(kind, phrases)| phrases.split_whitespace().map(move |phrase| (phrase.replace('+', " "), field_word(kind))))
            .collect();
        let field_starts = field_phrases.keys().filter_map(|phrase| Some(phrase.split(' ').next()?.to_owned())).collect();
        Self {
            words,
            legal_forms,
            country_phrases,
            legal_words,
            groups,
            members,
            first_abbreviation_group,
            first_translation_group,
            names,
            arabic_names,
            distinct_names,
            field_phrases,
            field_starts,
        }
    }

    pub(super) fn starts_field_phrase(&self, word: &str) -> bool {
        self.field_starts.contains(word)
    }

    pub(super) fn field_phrase(&self, phrase: &str) -> Option<FieldWord> {
        self.field_phrases.get(phrase).copied()
    }

    pub(super) fn word(&self, text: &str) -> WordFacts {
        self.words.get(text).copied().unwrap_or_default()
    }

    pub(super) fn legal_form(&self, phrase: &str) -> Option<&'static str> {
        self.legal_forms.get(phrase).copied()
    }

    /// The word for a country whose long name a phrase is.
    pub(super) fn country(&self, phrase: &str) -> Option<&'static str> {
        self.country_phrases.get(phrase).copied()
    }

    /// Whether a phrase is the beginning of a legal form, cut off.
    pub(super) fn starts_legal_form(&self, phrase: &str) -> bool {
        phrase.len() >= 3 && self.legal_forms.keys().any(|form| form.len() > phrase.len() && form.starts_with(phrase))
    }

    /// Every word of three letters or more that legal forms are made of.
    pub(super) fn legal_words(&self) -> impl Iterator<Item = &'static str> {
        self.legal_words.iter().copied()
    }

    /// Whether a word of three letters or more is part of a legal form.
    pub(super) fn is_legal_word(&self, word: &str) -> bool {
        self.legal_words.binary_search(&word).is_ok()
    }

    /// The Latin spelling of a name in Arabic script, where habit has fixed one.
    pub(super) fn arabic_name(&self, word: &str) -> Option<&'static str> {
        self.arabic_names.get(word).or_else(|| self.arabic_names.get(&arabic_letters(word))).copied()
    }

    /// Whether two words are names of different people, however alike.
    pub(super) fn are_distinct_names(&self, a: &str, b: &str) -> bool {
        self.distinct_names.contains(&(a, b))
    }

    /// Whether two words stand in one group, given the groups of each, and what kind of group that is.
    pub(super) fn equivalence(&self, a: &[u16], b: &[u16]) -> Option<Equivalence> {
        let shared = b.iter().find(|group| a.contains(group))?;
        Some(match *shared {
            group if group >= self.first_translation_group => Equivalence::Translation,
            group if group >= self.first_abbreviation_group => Equivalence::Abbreviation,
            _ => Equivalence::Name,
        })
    }

    /// Groups that a word stands in.
    pub(super) fn groups(&self, text: &str) -> &[u16] {
        self.groups.get(text).map_or(&[], Vec::as_slice)
    }
}

fn field_word(kind: &str) -> FieldWord {
    match kind {
        "label" => FieldWord::Label,
        "reference" => FieldWord::Reference,
        "party" => FieldWord::Party,
        "department" => FieldWord::Department,
        "joint" => FieldWord::Joint,
        "alias" => FieldWord::Alias,
        _ => FieldWord::End,
    }
}

/// One letter for those that Arabic, Persian and Urdu keyboards and habits of writing exchange.
pub(super) fn arabic_letters(word: &str) -> String {
    let one = |letter: char| match letter {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ی' | 'ى' | 'ئ' => 'ي',
        'ک' => 'ك',
        'ؤ' => 'و',
        'ة' | 'ۀ' | 'ہ' => 'ه',
        other => other,
    };
    word.chars().map(one).collect()
}

pub(super) fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether a word in lower case is among the given and family names of the tables.
pub fn is_known_name(text: &str) -> bool {
    TABLES.names.contains(text) || (!text.is_ascii() && TABLES.names.contains(any_ascii::any_ascii(text).to_lowercase().as_str()))
}

/// Whether a word in lower case is one of postal addresses: `street`, `rue`, `floor`.
pub fn is_street_word(text: &str) -> bool {
    TABLES.word(text).street
}

/// Other names that stand for this one (short forms, other languages); the word itself is among them when there are any.
pub fn equivalents(text: &str) -> impl Iterator<Item = &'static str> {
    TABLES.groups(text).iter().flat_map(|&group| TABLES.members[usize::from(group)].iter().copied())
}

/// Changes when any shipped table changes; part of an index's format, since token weights are stored there.
pub fn fingerprint() -> String {
    let mut hash = Sha256::new();
    let tables = [LEGAL_FORMS, HONORIFICS, PARTICLES, GENERIC_WORDS, COMMON_NAMES, EQUIVALENTS, ABBREVIATIONS, PLACES, ARABIC_NAMES];
    for table in tables.into_iter().chain([
        COUNTRY_PHRASES,
        STREET_WORDS,
        FIELD_WORDS,
        DISTINCT_NAMES,
        ORGANISATION_WORDS,
        SCRIPT_WORDS,
        GIVEN_NAMES,
    ]) {
        hash.update(table);
    }
    crate::hex(&hash.finalize()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_read() {
        assert_eq!(TABLES.legal_form("limited liability company"), Some("llc"));
        assert_eq!(TABLES.word("trading").tag, Some(Tag::Generic));
        assert_eq!(TABLES.word("al").tag, Some(Tag::Particle));
        assert_eq!(TABLES.word("dr").tag, Some(Tag::Honorific));
        assert_eq!(TABLES.word("smith").weight, Some(60));
        let equivalent = |a, b| TABLES.equivalence(TABLES.groups(a), TABLES.groups(b));
        assert_eq!(equivalent("shpg", "shipping"), Some(Equivalence::Abbreviation));
        assert!(TABLES.word("tehran").place && TABLES.word("calle").street);
        assert!(equivalents("bill").any(|name| name == "william"));
    }

    #[test]
    fn names_that_are_different_share_no_group() {
        assert!(TABLES.are_distinct_names("viktoria", "viktor") && !TABLES.are_distinct_names("viktor", "victor"));
        let equivalent = |a, b| TABLES.equivalence(TABLES.groups(a), TABLES.groups(b)).is_some();
        let both = TABLES.distinct_names.iter().filter(|(a, b)| equivalent(a, b)).collect::<Vec<_>>();
        assert!(both.is_empty(), "{both:?}");
        assert!(TABLES.groups.keys().all(|word| word.is_ascii()));
    }

    #[test]
    fn no_phrase_is_longer_than_the_search() {
        let longest = TABLES.legal_forms.keys().map(|form| form.split(' ').count()).max();
        assert!(longest <= Some(LEGAL_FORM_WORDS_MAX));
        let longest = TABLES.country_phrases.keys().map(|phrase| phrase.split(' ').count()).max();
        assert!(longest <= Some(COUNTRY_WORDS_MAX));
    }
}
