//! Brings the mentions of one entity together: full names, surnames, short forms, acronyms, other scripts, aliases.

use super::aliases::AliasLink;
use super::lexicon::{Class, classes};
use super::mentions::{Mention, MentionKind};
use super::tokens::Token;
use crate::model::{EntityRole, NameClass, PlaceKind, place};

/// Everything that a text calls one entity.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    pub kind: MentionKind,
    /// Mentions by number, in text order.
    pub mentions: Vec<usize>,
    /// Names that are not mentions: `El Chapo`, a name in another script.
    pub aliases: Vec<(String, NameClass)>,
    pub known_as: Option<EntityRole>,
    /// Class of a mention's form where an alias phrase says it.
    pub classes: Vec<(usize, NameClass)>,
    /// The different forms, as words.
    forms: Vec<Vec<String>>,
}

/// A document that names more is no news item; the rest of its names is not read.
pub(super) const MENTIONS_MAX: usize = 1000;

/// Groups the mentions of a document, in the order of first mention.
pub(super) fn clusters(mentions: &[Mention], links: &[AliasLink]) -> Vec<Cluster> {
    let words: Vec<Vec<String>> = mentions.iter().map(form_words).collect();
    let mut found: Vec<Cluster> = Vec::new();
    // Full forms first, so that a surname finds whom it belongs to even where it stands earlier in the text; longest first among
    // those of one surname is not needed: a longer form joins the shorter one.
    let is_short = |number: &usize| mentions[*number].kind == MentionKind::Single || words[*number].len() == 1;
    let (short, full): (Vec<usize>, Vec<usize>) = (0..mentions.len()).partition(is_short);
    for number in full.into_iter().chain(short) {
        let mention = &mentions[number];
        let owner = find_owner(&found, mentions, mention, &words[number]);
        match owner {
            Some(owner) => add(&mut found[owner], number, mention, &words[number]),
            None => found.push(Cluster {
                kind: mention.kind,
                mentions: vec![number],
                aliases: Vec::new(),
                known_as: mention.known_as,
                classes: Vec::new(),
                forms: vec![words[number].clone()],
            }),
        }
    }
    for link in links {
        follow(link, &mut found);
    }
    for cluster in &mut found {
        cluster.mentions.sort_unstable();
        for nickname in cluster.mentions.iter().filter_map(|&number| mentions[number].nickname.clone()) {
            if !cluster.aliases.iter().any(|(alias, _)| *alias == nickname) {
                cluster.aliases.push((nickname, NameClass::WeakAlias));
            }
        }
    }
    found.sort_by_key(|cluster| cluster.mentions.first().copied());
    found
}

/// "Адвокат Аблязова Бота Джардемали": a surname before another's name is its owner's, if the text knows that surname.
pub(super) fn part_owners(text: &str, tokens: &[Token], mentions: &mut [Mention]) {
    let surnames: Vec<String> = mentions
        .iter()
        .filter(|mention| mention.kind == MentionKind::Person && mention.tokens.len() == 2)
        .map(|mention| tokens[mention.tokens.end - 1].lower.clone())
        .collect();
    for mention in mentions.iter_mut().filter(|mention| mention.kind == MentionKind::Person && mention.tokens.len() == 3) {
        let first = &tokens[mention.tokens.start];
        let cyrillic = first.lower.chars().all(|c| matches!(c, '\u{400}'..='\u{4FF}' | '-'));
        if cyrillic && surnames.iter().any(|surname| same_word(surname, &first.lower)) {
            mention.tokens.start += 1;
            mention.range.start = tokens[mention.tokens.start].range.start;
            mention.text = text[mention.range.clone()].to_owned();
        }
    }
}

fn add(cluster: &mut Cluster, number: usize, mention: &Mention, words: &[String]) {
    cluster.mentions.push(number);
    if !cluster.forms.iter().any(|form| form == words) {
        cluster.forms.push(words.to_vec());
    }
    if cluster.kind == MentionKind::Single
        || (cluster.kind == MentionKind::Person && matches!(mention.kind, MentionKind::Organisation | MentionKind::Vessel))
    {
        cluster.kind = mention.kind;
    }
    cluster.known_as = cluster.known_as.or(mention.known_as);
}

/// Joins what an alias phrase says is the same.
fn follow(link: &AliasLink, found: &mut Vec<Cluster>) {
    let of = |number: usize, found: &[Cluster]| found.iter().position(|cluster| cluster.mentions.contains(&number));
    let Some(owner) = of(link.owner, found) else { return };
    if link.renamed {
        found[owner].classes.push((link.owner, NameClass::Previous));
    }
    match link.mention {
        Some(mention) => {
            let Some(other) = of(mention, found) else { return };
            if other == owner {
                found[owner].classes.push((mention, link.class));
                return;
            }
            let apart = found[other].known_as.is_some() && found[other].known_as != found[owner].known_as
                || found[owner].kind == MentionKind::Place;
            let differ = matches!((found[owner].kind, found[other].kind), (MentionKind::Person, MentionKind::Person))
                && found[other].mentions.len() > 2
                && found[owner].mentions.len() > 2;
            if apart || differ {
                return;
            }
            let taken = found.remove(other);
            let owner = if other < owner { owner - 1 } else { owner };
            let into = &mut found[owner];
            into.classes.push((mention, link.class));
            into.mentions.extend(taken.mentions);
            into.forms.extend(taken.forms);
            into.aliases.extend(taken.aliases);
            if into.kind == MentionKind::Single {
                into.kind = taken.kind;
            }
        }
        None => {
            let aliases = &mut found[owner].aliases;
            if !aliases.iter().any(|(alias, _)| *alias == link.text) {
                aliases.push((link.text.clone(), link.class));
            }
        }
    }
}

/// The words of a form that tell it from others: without signs, "the", titles inside, legal forms and quoted nicknames.
fn form_words(mention: &Mention) -> Vec<String> {
    let mut text = mention.text.to_lowercase().replace('’', "'");
    if let Some(nickname) = &mention.nickname {
        text = text.replace(&nickname.to_lowercase(), " ");
    }
    let all: Vec<String> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '“' | '”' | '(' | ')' | '«' | '»'))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '.').to_owned())
        .filter(|word| !word.is_empty() && word != "the")
        .collect();
    if mention.kind != MentionKind::Organisation {
        return all;
    }
    let is_legal = |word: &String| classes(word).has(Class::LegalForm);
    let kept: Vec<String> = match all.iter().skip(1).position(is_legal) {
        Some(cut) if all[cut + 1..].iter().all(|word| is_legal(word) || word == "de") => all[..=cut].to_vec(),
        _ => all.clone(),
    };
    if kept.is_empty() { all } else { kept }
}

fn find_owner(found: &[Cluster], mentions: &[Mention], mention: &Mention, words: &[String]) -> Option<usize> {
    let same = found.iter().position(|cluster| cluster.forms.iter().any(|form| same_words(form, words)));
    if same.is_some() || mention.kind == MentionKind::Place || words.is_empty() {
        return same;
    }
    let fits = |cluster: &Cluster| cluster.forms.iter().any(|form| is_form_of(form, cluster.kind, words, mention));
    let owners: Vec<usize> = (0..found.len()).filter(|&number| fits(&found[number])).collect();
    if owners.len() <= 1 {
        return owners.first().copied();
    }
    let people: Vec<usize> = owners.iter().copied().filter(|&number| found[number].kind == MentionKind::Person).collect();
    let owners = if people.is_empty() { owners } else { people };
    if owners.len() == 1 {
        return owners.first().copied();
    }
    // Two of one surname: the short form is the one it was used for before, else the one introduced last before it, if
    // the text had introduced only one by then.
    let used = owners.iter().copied().find(|&number| found[number].mentions.iter().any(|&other| other_short(mentions, other, words)));
    if used.is_some() {
        return used;
    }
    let introduced: Vec<usize> = owners
        .iter()
        .copied()
        .filter(|&number| found[number].mentions.iter().any(|&other| mentions[other].range.start < mention.range.start))
        .collect();
    match introduced.as_slice() {
        [only] => Some(*only),
        // The one that the text began with is whom it goes on about.
        [first, ..] if is_earliest(found, mentions, *first, &owners) => Some(*first),
        _ => None,
    }
}

fn other_short(mentions: &[Mention], other: usize, words: &[String]) -> bool {
    let form = form_words(&mentions[other]);
    form.len() < 2 && same_words(&form, words)
}

fn is_earliest(found: &[Cluster], mentions: &[Mention], candidate: usize, owners: &[usize]) -> bool {
    let start = |number: usize| found[number].mentions.iter().map(|&mention| mentions[mention].range.start).min();
    let first_count = found[candidate].mentions.len();
    owners.iter().all(|&other| start(candidate) <= start(other)) && first_count >= 1
}

fn same_words(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_word(a, b))
}

/// Equal, but for the case ending of a Russian word.
fn same_word(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let cyrillic = |word: &str| word.chars().all(|c| matches!(c, '\u{400}'..='\u{4FF}' | '-'));
    if !cyrillic(a) || !cyrillic(b) {
        return false;
    }
    let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.chars().count(), b.chars().count());
    shared >= 3 && a - shared <= 3 && b - shared <= 3 && shared + 1 >= a.min(b)
}

/// Whether these words are a shorter or longer form of a known one.
fn is_form_of(form: &[String], kind: MentionKind, words: &[String], mention: &Mention) -> bool {
    match (kind, mention.kind) {
        (MentionKind::Person, MentionKind::Person) if words.len() > 1 => part_of_person(form, words) || part_of_person(words, form),
        (MentionKind::Person, MentionKind::Single | MentionKind::Person) => {
            form.len() > 1 && words.len() == 1 && form.iter().any(|part| same_word(part, &words[0])) && words[0].chars().count() > 1
        }
        (MentionKind::Organisation, MentionKind::Person) if words.len() > 1 => {
            starts_with(form, words) && form.len() > words.len() && mention.titles == Default::default()
        }
        (MentionKind::Organisation | MentionKind::Vessel, MentionKind::Organisation | MentionKind::Single | MentionKind::Vessel) => {
            short_form_of_organisation(form, words) || short_form_of_organisation(words, form)
        }
        _ => false,
    }
}

/// `Viktor Sartakov` of `Viktor Yemelyanovich Sartakov`; `J. Smith` of `John Smith`; `Figueira Neto` of `João Batista Figueira Neto`.
fn part_of_person(long: &[String], short: &[String]) -> bool {
    if short.len() < 2 || short.len() > long.len() {
        return false;
    }
    let initial =
        |short: &str, long: &str| short.trim_end_matches('.').chars().count() == 1 && long.starts_with(short.trim_end_matches('.'));
    let mut rest = long.iter();
    let in_order = short.iter().all(|word| rest.any(|other| same_word(other, word) || initial(word, other)));
    let ends = same_word(&long[long.len() - 1], &short[short.len() - 1]);
    let starts = same_word(&long[0], &short[0]) || initial(&short[0], &long[0]);
    in_order && (ends || starts)
}

fn starts_with(long: &[String], short: &[String]) -> bool {
    short.len() <= long.len() && long.iter().zip(short).all(|(a, b)| same_word(a, b))
}

fn short_form_of_organisation(long: &[String], short: &[String]) -> bool {
    if short.len() >= long.len() || short.is_empty() {
        return false;
    }
    let first_place = |words: &[String]| matches!(place(&words[0]), Some((PlaceKind::Adjective | PlaceKind::Country, _)));
    if first_place(short) && short.len() == 1 {
        return false;
    }
    let generic = |word: &String| {
        classes(word).has_any(&[Class::OrganisationHead, Class::OfficialHead, Class::LegalForm, Class::Joiner]) || place(word).is_some()
    };
    if starts_with(long, short) && !short.iter().all(generic) {
        return true;
    }
    if first_place(long) && same_words(&long[1..], short) {
        return true;
    }
    // `Treasury` of `U.S. Treasury Department`, `Orion` of `Zavod Orion`
    if short.len() == 1 {
        let word = &short[0];
        let distinctive = !super::lexicon::is_common(word) && !generic(word);
        return distinctive && word.chars().count() > 3 && long.iter().any(|other| same_word(other, word)) || is_acronym(long, word);
    }
    false
}

/// Whether letters are the first letters of an organisation's words, joiners left out or not.
pub(super) fn is_acronym(words: &[String], letters: &str) -> bool {
    let letters: String = letters.chars().filter(|c| c.is_alphanumeric()).collect();
    let count = letters.chars().count();
    if !(2..=10).contains(&count) || words.len() < 2 {
        return false;
    }
    let parts: Vec<&str> = words.iter().flat_map(|word| word.split(['-', '/', '.'])).filter(|part| !part.is_empty()).collect();
    let all: String = parts.iter().filter_map(|part| part.chars().next()).collect();
    let strong: String = parts.iter().filter(|part| !classes(part).has(Class::Joiner)).filter_map(|part| part.chars().next()).collect();
    all == letters || strong == letters || strong.strip_prefix('u').is_some_and(|rest| rest.strip_prefix('s').unwrap_or(rest) == letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.to_lowercase().split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn shorter_forms_belong_to_longer_ones() {
        assert!(part_of_person(&words("Viktor Yemelyanovich Sartakov"), &words("Viktor Sartakov")));
        assert!(part_of_person(&words("John Smith"), &words("J. Smith")));
        assert!(!part_of_person(&words("Viktor Sartakov"), &words("Anna Sartakov")));
        assert!(short_form_of_organisation(&words("Tana Gold"), &words("Tana")));
        assert!(short_form_of_organisation(&words("Zavod Orion"), &words("Orion")));
        assert!(!short_form_of_organisation(&words("Bank of Lagos"), &words("Bank")));
        assert!(is_acronym(&words("Economic and Financial Crimes Commission"), "efcc"));
        assert!(is_acronym(&words("U.S. Securities and Exchange Commission"), "sec"));
    }

    #[test]
    fn russian_case_endings_do_not_part_a_name() {
        assert!(same_words(&words("Мухтар Аблязов"), &words("Мухтара Аблязова")));
        assert!(!same_words(&words("Мухтар Аблязов"), &words("Мухтар Абдулов")));
    }
}
