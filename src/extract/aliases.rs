//! Finds what a text says is another name: "also known as", "formerly", brackets, quotation marks.

use super::coreference::is_acronym;
use super::mentions::{Mention, MentionKind};
use crate::model::NameClass;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// One "is also called".
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AliasLink {
    /// The mention that has the other name.
    pub owner: usize,
    /// The owner's own mention is its former name.
    pub renamed: bool,
    /// The mention that is the other name, or `None` for a quoted text.
    pub mention: Option<usize>,
    pub text: String,
    pub class: NameClass,
}

struct Phrase {
    pattern: Regex,
    class: NameClass,
    /// The owner is whom the sentence is about, not the name just before.
    of_sentence: bool,
    /// The new name follows: what its owner was called before is the former one.
    renames: bool,
}

impl Phrase {
    fn renaming(self) -> Self {
        Self { renames: true, ..self }
    }
}

/// Wordings of "is also called". Quoted or single-word aliases are weak, whatever the wording.
static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let phrase = |words: &str, class: NameClass, of_sentence: bool| {
        #[allow(clippy::unwrap_used, reason = "constant patterns, compiled by every test")]
        let pattern = Regex::new(&format!(r"(?i)(?:^|[\s,(;–—-])(?:{words})[\s:,]*(?:as |the name |by |to |named )?")).unwrap();
        Phrase { pattern, class, of_sentence, renames: false }
    };
    use NameClass::{Alias, Previous, WeakAlias};
    vec![
        phrase(
            r"(?:has |have |had )?(?:since |recently )?changed (?:its|his|her|the vessel's|the ship's|their) name(?: from)?|(?:has )?renamed itself|rebranded(?: itself)?|was renamed(?: to)?|were renamed|since been renamed",
            Alias,
            true,
        )
        .renaming(),
        phrase(r"(?:which was |has been |have been |was |since )?(?:later )?renamed(?: to)?|now (?:known|called|named|sails)(?: as)?", Alias, false).renaming(),
        phrase(
            r"formerly(?: known(?: as)?| called| named| registered as| the)?|previously(?: known(?: as)?| called| named| sailed as)|until [\w ]{3,20} (?:sailed|known|traded) as|sailed as|then (?:known|called)(?: as)?|originally (?:named|called|known as)|ex-name|бывш(?:ий|ая) |ранее(?: называвш\w+)?",
            Previous,
            false,
        ),
        phrase(
            r"also known(?: online)? as|better known(?: online| locally)?(?: as| by)?|best known as|known(?: online| locally| widely| popularly| in the underworld| to (?:the )?[\w ]{3,20})?(?: only)? as|known by (?:the|his|her) (?:alias|name|street name)|also (?:spelled|spelt|written|transliterated|called|named)(?: as)?|a\.?\s?k\.?\s?a\.?|alias(?:es)?|doing business as|d/b/a|dba|trading as|operating as|trades as|real name|whose real name is|born|née|nee|using the (?:name|alias|pseudonym)|under the (?:name|alias|pseudonym)s?|goes by|going by|calls? itself|called itself|calling itself|codenamed|code-named|by the name of|identified himself as|passport in the name of|who used the name|also used the names?|он же|также известн\w+ как|известн\w+ как",
            Alias,
            false,
        ),
        phrase(
            r"nicknamed|nickname|dubbed|whose nom de guerre is|nom de guerre|street name|по прозвищу|по кличке|прозвище",
            WeakAlias,
            false,
        ),
    ]
});

/// Longest quoted alias, in characters.
const ALIAS_CHARACTERS_MAX: usize = 60;
/// The owner stands at most so many bytes before the phrase.
const OWNER_BYTES_MAX: usize = 90;

const QUOTES: [char; 8] = ['"', '“', '”', '\'', '‘', '’', '«', '»'];

/// Every alias link of a document. `sentences` are byte ranges.
pub(super) fn alias_links(text: &str, sentences: &[Range<usize>], mentions: &[Mention]) -> Vec<AliasLink> {
    let mut links = Vec::new();
    for (number, sentence) in sentences.iter().enumerate() {
        let first = mentions.partition_point(|mention| mention.sentence < number);
        let last = mentions.partition_point(|mention| mention.sentence <= number);
        let body = &text[sentence.clone()];
        for phrase in PHRASES.iter() {
            for found in phrase.pattern.find_iter(body) {
                let range = sentence.start + found.start()..sentence.start + found.end();
                phrase_link(text, mentions, first..last, range, phrase, &mut links);
            }
        }
        bracket_links(text, mentions, first..last, sentence.end, &mut links);
    }
    links
}

fn phrase_link(text: &str, mentions: &[Mention], of: Range<usize>, found: Range<usize>, phrase: &Phrase, links: &mut Vec<AliasLink>) {
    let is_named = |number: &usize| mentions[*number].kind != MentionKind::Place;
    let owner = if phrase.of_sentence {
        of.clone().filter(is_named).find(|&number| mentions[number].range.end <= found.start)
    } else {
        let near =
            |number: &usize| mentions[*number].range.end <= found.start + 1 && found.start <= mentions[*number].range.end + OWNER_BYTES_MAX;
        of.clone().rev().filter(is_named).find(near)
    };
    let Some(owner) = owner else { return };
    let mut at = found.end;
    // Up to four names: "alias A, 'B' and C".
    for _ in 0..4 {
        let Some(end) = one_alias(text, mentions, of.clone(), at, owner, phrase, links) else { break };
        let rest = &text[end..];
        let Some(skip) = [", and ", ", or ", " and ", " or ", ", "].into_iter().find(|joiner| rest.starts_with(joiner)) else { break };
        at = end + skip.len();
        // Only a further quoted name goes on the list: a bare one may be anybody.
        if !text[at..].starts_with(QUOTES) {
            break;
        }
    }
}

/// One name after an alias phrase; returns where it ends.
fn one_alias(
    text: &str,
    mentions: &[Mention],
    of: Range<usize>,
    at: usize,
    owner: usize,
    phrase: &Phrase,
    links: &mut Vec<AliasLink>,
) -> Option<usize> {
    let (class, renamed) = (phrase.class, phrase.renames);
    let rest = &text[at..];
    let skipped = rest.len() - rest.trim_start_matches("the ").trim_start_matches("The ").len();
    let start = at + skipped;
    if text[start..].starts_with(QUOTES) {
        let open = text[start..].chars().next()?;
        let inside = &text[start + open.len_utf8()..];
        let close = inside.char_indices().find(|(at, c)| {
            QUOTES.contains(c) && (!matches!(c, '’' | '\'') || !inside[at + c.len_utf8()..].starts_with(char::is_alphabetic))
        })?;
        let name = inside[..close.0].trim_matches([',', '.', ' ']);
        if name.is_empty() || name.chars().count() > ALIAS_CHARACTERS_MAX {
            return None;
        }
        let end = start + open.len_utf8() + close.0 + close.1.len_utf8();
        let mention = of
            .clone()
            .find(|&number| mentions[number].text == name && mentions[number].range.start >= start && mentions[number].range.end <= end);
        let weak = if class == NameClass::Previous { class } else { NameClass::WeakAlias };
        links.push(AliasLink { owner, renamed, mention, text: name.to_owned(), class: weak });
        return Some(end);
    }
    let mention = of.clone().find(|&number| mentions[number].range.start >= at && mentions[number].range.start <= start + 1)?;
    if mentions[mention].kind == MentionKind::Place || mention == owner {
        return None;
    }
    let single = mentions[mention].kind == MentionKind::Single && mentions[owner].kind == MentionKind::Person;
    let class = if single && class == NameClass::Alias { NameClass::WeakAlias } else { class };
    links.push(AliasLink { owner, renamed, mention: Some(mention), text: mentions[mention].text.clone(), class });
    Some(mentions[mention].range.end)
}

/// `Economic and Financial Crimes Commission (EFCC)`, `Мухтар Аблязов (Mukhtar Ablyazov)`, `Meng Guoliang (孟国良)`, `, the CDNA,`.
fn bracket_links(text: &str, mentions: &[Mention], of: Range<usize>, sentence_end: usize, links: &mut Vec<AliasLink>) {
    for owner in of.clone() {
        let mention = &mentions[owner];
        if mention.kind == MentionKind::Place {
            continue;
        }
        let rest = &text[mention.range.end..sentence_end];
        if let Some(inside) = rest.trim_start_matches(QUOTES).strip_prefix(" (").or_else(|| rest.strip_prefix('(')) {
            let Some(close) = inside.find(')').filter(|close| *close <= 120) else { continue };
            let inside = inside[..close].trim().trim_matches(QUOTES).trim_start_matches("the ");
            let from = mention.range.end;
            let other = of.clone().find(|&number| {
                number != owner
                    && mentions[number].range.start >= from
                    && mentions[number].range.end <= from + close + 4
                    && mentions[number].text == inside
            });
            if let Some(class) = bracket_class(mention, inside, other.map(|other| &mentions[other])) {
                links.push(AliasLink { owner, renamed: false, mention: other, text: inside.to_owned(), class });
            }
        } else if let Some(other) = of.clone().find(|&number| number == owner + 1)
            && mention.kind == MentionKind::Organisation
            && matches!(&text[mention.range.end..mentions[other].range.start], ", the " | ", or " | ", or the ")
            && is_upper(&mentions[other].text)
            && text[mentions[other].range.end..].starts_with([',', '.', ')'])
        {
            links.push(AliasLink {
                owner,
                renamed: false,
                mention: Some(other),
                text: mentions[other].text.clone(),
                class: NameClass::Alias,
            });
        }
    }
}

fn is_upper(text: &str) -> bool {
    text.chars().all(|c| !c.is_lowercase()) && text.chars().filter(|c| c.is_uppercase()).count() >= 2
}

/// What a name in brackets is to the name before it; `None` = nothing of that name (a party, a newspaper, an age).
fn bracket_class(owner: &Mention, inside: &str, other: Option<&Mention>) -> Option<NameClass> {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    let script = |text: &str| text.chars().find(|c| c.is_alphabetic()).map(|c| (c as u32) >= 0x250);
    if letters(inside) == 0 || inside.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    if script(inside) != script(&owner.text) && inside.split_whitespace().count() <= 8 {
        return Some(NameClass::Alias);
    }
    let words: Vec<String> = owner.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let parts: Vec<String> = inside.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let organisation = owner.kind == MentionKind::Organisation;
    if organisation
        && (is_acronym(&words, &inside.to_lowercase())
            || is_upper(inside)
                && parts.len() == 1
                && other.is_none_or(|other| other.known_as.is_none() || owner.known_as == other.known_as))
    {
        return Some(NameClass::Alias);
    }
    if parts.iter().all(|part| words.contains(part)) {
        return Some(if organisation { NameClass::Alias } else { NameClass::WeakAlias });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::mentions::Finder;
    use super::super::tokens::{sentences, tokens};
    use super::*;

    fn links(text: &str) -> Vec<(String, String, NameClass)> {
        let tokens = tokens(text);
        let ranges = sentences(&tokens);
        let mentions: Vec<Mention> = ranges
            .iter()
            .enumerate()
            .flat_map(|(number, sentence)| Finder { text, tokens: &tokens, sentence: sentence.clone(), number }.mentions())
            .collect();
        let bytes: Vec<Range<usize>> =
            ranges.iter().map(|range| tokens[range.start].range.start..tokens[range.end - 1].range.end).collect();
        alias_links(text, &bytes, &mentions).into_iter().map(|link| (mentions[link.owner].text.clone(), link.text, link.class)).collect()
    }

    #[test]
    fn wordings_of_another_name() {
        use NameClass::{Alias, Previous, WeakAlias};
        for (text, owner, alias, class) in [
            ("Marines arrested Ricardo Salazar, alias 'El Contador', on Tuesday.", "Ricardo Salazar", "El Contador", WeakAlias),
            ("Petkov, better known as 'The Skull', left.", "Petkov", "The Skull", WeakAlias),
            ("It raided his firm Tabak Group AD, formerly known as Trakia Leaf.", "Tabak Group AD", "Trakia Leaf", Previous),
            ("It listed Iryna Kavalchuk (also spelled Irina Kovalchuk) too.", "Iryna Kavalchuk", "Irina Kovalchuk", Alias),
            ("The tanker Ocean Saffron has changed its name to Lucky Star.", "Ocean Saffron", "Lucky Star", Alias),
            ("The head of TuranAlem bank, which was later renamed BTA.", "TuranAlem bank", "BTA", Alias),
            ("The Economic and Financial Crimes Commission (EFCC) said.", "Economic and Financial Crimes Commission", "EFCC", Alias),
            ("France's National Court of Asylum Issues, the CDNA, had granted it.", "National Court of Asylum Issues", "CDNA", Alias),
            ("Meng Guoliang (孟国良) was sentenced.", "Meng Guoliang", "孟国良", Alias),
            ("Бизнесмена Мухтара Аблязова (Mukhtar Ablyazov) ищут.", "Мухтара Аблязова", "Mukhtar Ablyazov", Alias),
        ] {
            let found = links(text);
            assert!(found.contains(&(owner.to_owned(), alias.to_owned(), class)), "{text}: {found:?}");
        }
    }
}
