//! Brings the mentions of one entity together and gives it a role, a tier and the sentence that shows it.

use super::document::Document;
use super::mentions::{Mention, MentionKind, mentions};
use super::roles::role;
use super::sentences::sentences;
use crate::model::{EntityRole, PartyKind, Tier};
use crate::names::Name;

/// An entity that a document names.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    /// The longest form, then the others, without repeats. Lone surnames are not among them.
    pub names: Vec<String>,
    /// Person, organisation or unknown.
    pub kind: PartyKind,
    /// Its part in the document.
    pub role: EntityRole,
    /// How much it matters.
    pub tier: Tier,
    /// The sentence that shows its role, or the first that names it.
    pub quote: String,
    /// Countries named in its sentences, two-letter codes, in the order of first mention.
    pub countries: Vec<String>,
}

/// A document that names more is no news item; the rest of its names is not read.
const MENTIONS_MAX: usize = 1000;
/// A longer sentence is quoted up to here.
const QUOTE_CHARACTERS_MAX: usize = 600;

struct Group {
    forms: Vec<String>,
    /// The forms normalised, in the same order.
    words: Vec<String>,
    kind: MentionKind,
    roles: Vec<(EntityRole, usize)>,
    sentences: Vec<usize>,
}

/// Every entity of a document, the most serious first.
pub fn extract(document: &Document) -> Vec<Extracted> {
    let text = &document.text;
    let ranges = sentences(text);
    let mut groups: Vec<Group> = Vec::new();
    let sentences = ranges.iter().enumerate();
    let all: Vec<Mention> =
        sentences.flat_map(|(number, range)| mentions(&text[range.clone()], range.start, number)).take(MENTIONS_MAX).collect();
    let places: Vec<&Mention> = all.iter().filter(|mention| mention.kind == MentionKind::Place).collect();
    // Full forms first, so that a surname finds whom it belongs to even where it stands earlier in the text.
    let (full, short): (Vec<&Mention>, Vec<&Mention>) = all.iter().partition(|mention| mention.kind != MentionKind::Single);
    for mention in full.into_iter().chain(short) {
        let proven = role(text, ranges[mention.sentence].clone(), mention);
        let group = match find_group(&groups, mention) {
            Some(found) => &mut groups[found],
            None => {
                groups.push(Group { forms: Vec::new(), words: Vec::new(), kind: mention.kind, roles: Vec::new(), sentences: Vec::new() });
                let last = groups.len() - 1;
                &mut groups[last]
            }
        };
        if !group.forms.contains(&mention.text) {
            group.words.push(Name::new(&mention.text).joined());
            group.forms.push(mention.text.clone());
        }
        group.roles.extend(proven.map(|role| (role, mention.sentence)));
        group.sentences.push(mention.sentence);
    }
    let mut found: Vec<Extracted> = groups.iter().filter_map(|group| conclude(group, text, &ranges, &places)).collect();
    if !document.name.is_empty() {
        take_header_name(document, text, &ranges, &mut found);
    }
    unclassified_are_medium(&mut found);
    found.sort_by_key(|entity| entity.tier);
    found
}

/// The group this mention belongs to: the same name, or a surname or first part of exactly one.
fn find_group(groups: &[Group], mention: &Mention) -> Option<usize> {
    let words = Name::new(&mention.text).joined();
    let same = groups.iter().position(|group| group.words.contains(&words));
    if same.is_some() || mention.kind == MentionKind::Place {
        return same;
    }
    let mut owners = groups.iter().enumerate().filter(|(_, group)| {
        group.words.iter().any(|form| match (group.kind, mention.kind) {
            (MentionKind::Person, MentionKind::Single | MentionKind::Person) => ends_with_words(form, &words),
            (MentionKind::Organisation, MentionKind::Single | MentionKind::Organisation) => starts_with_words(form, &words),
            _ => false,
        })
    });
    let owner = owners.next().map(|(number, _)| number);
    // Two people of one surname: attach to neither.
    if owners.next().is_some() { None } else { owner }
}

fn ends_with_words(long: &str, short: &str) -> bool {
    long.strip_suffix(short).is_some_and(|rest| rest.ends_with(' '))
}

fn starts_with_words(long: &str, short: &str) -> bool {
    long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '))
}

/// A sentence, cut where it goes on for ever.
fn quote(sentence: &str) -> String {
    match sentence.char_indices().nth(QUOTE_CHARACTERS_MAX) {
        Some((end, _)) => format!("{} ...", &sentence[..end]),
        None => sentence.to_owned(),
    }
}

fn conclude(group: &Group, text: &str, ranges: &[std::ops::Range<usize>], places: &[&Mention]) -> Option<Extracted> {
    // A lone word that belongs to nobody is kept out: it may be anything.
    if group.kind == MentionKind::Single && group.roles.is_empty() {
        return None;
    }
    let role = strongest(group);
    let sentence = group.roles.iter().find(|(proven, _)| *proven == role).map_or(group.sentences[0], |(_, sentence)| *sentence);
    let mut names: Vec<String> =
        group.forms.iter().filter(|form| group.kind != MentionKind::Person || form.contains(' ')).cloned().collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.chars().count()));
    let mut countries: Vec<String> = Vec::new();
    for place in places.iter().filter(|place| group.sentences.contains(&place.sentence)) {
        if let Some(code) = crate::model::country_code(&place.text).filter(|code| place.text.len() > 2 && !countries.contains(code)) {
            countries.push(code);
        }
    }
    let kind = group.kind.party_kind();
    Some(Extracted { names, kind, role, tier: tier(role, group.kind), quote: quote(&text[ranges[sentence].clone()]), countries })
}

/// A subject stays one whatever else is said of it; otherwise the first role proven counts.
fn strongest(group: &Group) -> EntityRole {
    let has = |role: EntityRole| group.roles.iter().any(|(proven, _)| *proven == role);
    if has(EntityRole::Subject) && !has(EntityRole::Victim) && !has(EntityRole::Lawyer) && !has(EntityRole::Media) {
        return EntityRole::Subject;
    }
    group.roles.iter().map(|(role, _)| *role).find(|role| *role != EntityRole::Subject).unwrap_or(EntityRole::Mentioned)
}

fn tier(role: EntityRole, kind: MentionKind) -> Tier {
    match role {
        EntityRole::Subject if kind == MentionKind::Single => Tier::Medium,
        EntityRole::Subject => Tier::High,
        EntityRole::Associate => Tier::Medium,
        EntityRole::Victim | EntityRole::Pep | EntityRole::Mentioned => Tier::Low,
        EntityRole::Official | EntityRole::Lawyer | EntityRole::Media | EntityRole::Platform | EntityRole::Employer | EntityRole::Place => {
            Tier::None
        }
    }
}

/// A name given in the header is the subject, under the form given.
fn take_header_name(document: &Document, text: &str, ranges: &[std::ops::Range<usize>], found: &mut Vec<Extracted>) {
    let header = Name::new(&document.name).joined();
    let known = found.iter_mut().find(|entity| entity.names.iter().any(|name| Name::new(name).joined() == header));
    match known {
        Some(entity) => (entity.role, entity.tier) = (EntityRole::Subject, Tier::High),
        None => {
            let quote = ranges.first().map_or_else(|| document.name.clone(), |range| quote(&text[range.clone()]));
            let names = vec![document.name.clone()];
            found.push(Extracted {
                names,
                kind: PartyKind::Unknown,
                role: EntityRole::Subject,
                tier: Tier::High,
                quote,
                countries: Vec::new(),
            });
        }
    }
}

/// No subject found at all: whoever is not excluded may be it.
fn unclassified_are_medium(found: &mut [Extracted]) {
    if found.iter().all(|entity| entity.tier != Tier::High) {
        for entity in found.iter_mut().filter(|entity| entity.role == EntityRole::Mentioned) {
            entity.tier = Tier::Medium;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of our own writing; a document of the same form as real alerts.
    const ALERT: &str = "A court in Ruritania sentenced Viktor Halvorsen in absentia to nine years in prison for embezzling some $40 million \
        from Northern Harbour Bank. Halvorsen, a former head of Northern Harbour Bank, is wanted by Ruritania. His lawyer, Maria Quell, wrote on \
        Facebook that the ruling was political. The daily Morning Courier reported on the case. He was found guilty of the murder of Jonas Petrell.";

    fn of<'a>(found: &'a [Extracted], name: &str) -> &'a Extracted {
        found.iter().find(|entity| entity.names.iter().any(|form| form == name)).unwrap_or_else(|| panic!("{name} in {found:#?}"))
    }

    #[test]
    fn the_accused_is_the_subject_and_the_others_are_not() {
        let document = Document::new("X1".to_owned(), String::new(), ALERT).expect("a document");
        let found = extract(&document);
        let subject = of(&found, "Viktor Halvorsen");
        assert_eq!((subject.role, subject.tier, subject.kind), (EntityRole::Subject, Tier::High, PartyKind::Person));
        assert!(subject.quote.contains("Halvorsen"));
        assert_eq!(of(&found, "Maria Quell").tier, Tier::None);
        assert_eq!(of(&found, "Jonas Petrell").tier, Tier::Low);
        assert_eq!(of(&found, "Northern Harbour Bank").tier, Tier::None);
        assert_eq!(of(&found, "Facebook").tier, Tier::None);
        assert!(found.iter().filter(|entity| entity.tier == Tier::High).count() == 1, "{found:#?}");
    }

    /// A line without an end, naming thousands, once took hours and gigabytes.
    #[test]
    fn an_endless_line_of_names_is_read_in_bounded_time_and_space() {
        let text: String = (0..20_000).map(|number| format!("Anna{number} Example{number}, ")).collect();
        let found = extract(&Document::new("X4".to_owned(), String::new(), &text).expect("a document"));
        assert!(found.len() <= MENTIONS_MAX && found.iter().all(|entity| entity.quote.chars().count() <= QUOTE_CHARACTERS_MAX + 4));
    }

    #[test]
    fn a_name_in_the_header_is_the_subject() {
        let document = Document::new("X2".to_owned(), "Anna Example".to_owned(), "Some text.").expect("a document");
        assert_eq!(of(&extract(&document), "Anna Example").tier, Tier::High);
    }

    #[test]
    fn without_a_subject_everyone_named_is_unclassified() {
        let document = Document::new("X3".to_owned(), String::new(), "Anna Example visited Peter Sample.").expect("a document");
        assert!(extract(&document).iter().all(|entity| entity.tier == Tier::Medium));
    }
}
