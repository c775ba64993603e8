//! A sentence with every name replaced by a placeholder, so that rules can speak of "the person" and "the organisation".

use super::lexicon::{breaks, is_title_word};
use super::mentions::{Mention, MentionKind};
use super::tokens::{Shape, Token};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Around a placeholder: control characters, of which a cleaned text holds none.
pub(super) const OPEN: char = '\u{1}';
pub(super) const CLOSE: char = '\u{2}';

#[allow(clippy::unwrap_used, reason = "a constant pattern, compiled by every test")]
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| Regex::new("\x01([povx])([0-9.]+)\x02").unwrap());

/// Between two names that share what is said: "A, B and C". Ages, and what a name is called, may stand between.
#[allow(clippy::unwrap_used, reason = "constant patterns, compiled by every test")]
static AND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\)?(?: \([^()]{1,60}\))?(?:, (?P<app>[^;:]{1,110}))?(?:,|;)? (?:and|&|or|as well as|along with|together with|alongside|и|а также)(?: also)?,? (?P<desc>(?:(?:[\w'’.-]+|\x01[^\x02]+\x02(?:'s)?),? ){0,7})$").unwrap()
});
#[allow(clippy::unwrap_used, reason = "constant patterns, compiled by every test")]
static COMMA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\)?(?: \([^()]{1,60}\))?(?:, (?P<app>[^;:]{1,60}))?(?:,|;) (?P<desc>(?:(?:[\w'’.-]+|\x01[^\x02]+\x02(?:'s)?),? ){0,5})$")
        .unwrap()
});

/// The sentence in lower case; names are placeholders that hold the number of their entity.
pub(super) fn template(tokens: &[Token], sentence: Range<usize>, named: &[(&Mention, usize, MentionKind)]) -> String {
    let mut out = String::with_capacity(tokens[sentence.end - 1].range.end - tokens[sentence.start].range.start + 32);
    let mut at = sentence.start;
    let mut named = named.iter().peekable();
    let mut written_to = tokens[sentence.start].range.start;
    while at < sentence.end {
        let token = &tokens[at];
        if token.range.start > written_to {
            out.push(' ');
        }
        match named.peek() {
            Some((mention, cluster, kind)) if mention.tokens.start == at => {
                if *kind == MentionKind::Place {
                    out.push_str(&mention.text.to_lowercase());
                } else {
                    let letter = match kind {
                        MentionKind::Organisation => 'o',
                        MentionKind::Vessel => 'v',
                        _ => 'p',
                    };
                    out.push(OPEN);
                    out.push(letter);
                    out.push_str(&cluster.to_string());
                    out.push(CLOSE);
                }
                at = mention.tokens.end;
                written_to = mention.range.end;
                named.next();
            }
            _ => {
                // A dash between words parts like a comma.
                let dash = at > sentence.start && token.is_sign(&['–', '—', '-']) && token.range.start >= written_to;
                if dash && !out.ends_with(',') {
                    out.truncate(out.trim_end().len());
                    out.push(',');
                } else if !dash {
                    out.push_str(if token.shape == Shape::Possessive { "'s" } else { token.lower.as_str() });
                }
                written_to = token.range.end;
                at += 1;
            }
        }
    }
    merge_lists(&out)
}

struct Placeholder<'a> {
    range: Range<usize>,
    kind: char,
    entity: &'a str,
}

/// "A, B and C" becomes one placeholder. A name that only describes another ("X director A", "A, the owner of X, and B")
/// follows the list in brackets.
fn merge_lists(sentence: &str) -> String {
    let found: Vec<Placeholder<'_>> = PLACEHOLDER
        .captures_iter(sentence)
        .filter_map(|found| {
            let kind = found.get(1)?.as_str().chars().next()?;
            Some(Placeholder { range: found.get(0)?.range(), kind, entity: found.get(2)?.as_str() })
        })
        .collect();
    if found.len() < 2 {
        return sentence.to_owned();
    }
    let mut out = String::with_capacity(sentence.len());
    let mut written_to = 0;
    let mut first = 0;
    while first < found.len() {
        let (members, skipped, last) = list_from(sentence, &found, first);
        out.push_str(&sentence[written_to..found[first].range.start]);
        let kind = if members.iter().all(|&member| found[member].kind == found[first].kind) { found[first].kind } else { 'x' };
        let mut numbers: Vec<&str> = members.iter().map(|&member| found[member].entity).collect();
        numbers.dedup();
        out.push(OPEN);
        out.push(kind);
        out.push_str(&numbers.join("."));
        out.push(CLOSE);
        for other in skipped {
            out.push_str(&format!(" ({})", &sentence[found[other].range.clone()]));
        }
        written_to = found[last].range.end;
        // "A, and two directors, B and C, were": the comma closes what stands before B.
        if last > first && sentence[..found[last].range.start].ends_with(", ") | closes_description(sentence, &found, first, last) {
            written_to += usize::from(sentence[written_to..].starts_with(", "));
        }
        first = last + 1;
    }
    out.push_str(&sentence[written_to..]);
    out
}

/// Members of the list that starts here, the names skipped in it, and the last placeholder it takes up.
fn list_from(sentence: &str, found: &[Placeholder<'_>], first: usize) -> (Vec<usize>, Vec<usize>, usize) {
    let (mut members, mut skipped) = (vec![first], Vec::new());
    // What the list was when it last was one: up to an "and", the same entity again, or "and others".
    let mut whole = (1, 0, first);
    let mut at = first;
    while at + 1 < found.len() {
        let words = |to: usize| &sentence[found[at].range.end..found[to].range.start];
        let same = found[at].entity == found[at + 1].entity && words(at + 1).len() <= SAME_BYTES_MAX && !words(at + 1).contains('.');
        let describes = at + 2 < found.len() && is_owner_title(&sentence[found[at + 1].range.end..found[at + 2].range.start]);
        let (to, between) = match if same { Between::Same } else { what_parts(words(at + 1)) } {
            Between::Same => (at + 1, Between::Same),
            direct if direct != Between::Other && !describes => (at + 1, direct),
            _ if at + 2 < found.len() => (at + 2, what_parts(words(at + 2))),
            _ => break,
        };
        if between == Between::Other {
            break;
        }
        skipped.extend(at + 1..to);
        members.push(to);
        let closed =
            between == Between::And || (between == Between::Same && whole.2 == at) || closes_with_others(&sentence[found[to].range.end..]);
        at = to;
        if closed {
            whole = (members.len(), skipped.len(), to);
        }
    }
    members.truncate(whole.0);
    skipped.truncate(whole.1);
    (members, skipped, whole.2)
}

/// Whether a later member of the list was announced by a description between commas.
fn closes_description(sentence: &str, found: &[Placeholder<'_>], first: usize, last: usize) -> bool {
    (first + 1..last).any(|at| {
        let words = &sentence[found[at - 1].range.end..found[at].range.start];
        words.contains(" and ") && words.ends_with(", ")
    })
}

/// Between an organisation and its director: " director ", "'s chief executive ".
fn is_owner_title(words: &str) -> bool {
    let words = words.strip_prefix("'s").unwrap_or(words).trim();
    !words.is_empty() && words.split(' ').count() <= 4 && words.split(' ').all(is_title_word)
}

#[derive(Clone, Copy, PartialEq)]
enum Between {
    And,
    Comma,
    /// Both are the same entity: "A alias B".
    Same,
    Other,
}

/// "A, B and three others": the list ends here though no name follows.
fn closes_with_others(after: &str) -> bool {
    static OTHERS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?:, \d{1,2})?,? (?:and|as well as) (?:[\w-]+ ){0,3}(?:others|other|more)\b"));
    OTHERS.is_match(after)
}

#[allow(clippy::unwrap_used, reason = "constant patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

/// Words between two names of one entity: an alias phrase, not a clause.
const SAME_BYTES_MAX: usize = 40;

fn what_parts(words: &str) -> Between {
    let fits = |pattern: &Regex| {
        pattern.captures(words).is_some_and(|found| {
            let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
            !breaks(part("app"), false) && !breaks(part("desc"), true)
        })
    };
    if fits(&AND) {
        Between::And
    } else if fits(&COMMA) {
        Between::Comma
    } else {
        Between::Other
    }
}

/// The entities that a sentence names, by number.
pub(super) fn clusters_in(template: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for part in template.split(OPEN).skip(1) {
        let Some(end) = part.find(CLOSE) else { continue };
        found.extend(part[1..end].split('.').filter_map(|number| number.parse::<usize>().ok()));
    }
    found
}

/// Whether a sentence speaks of those before: he, she, the two, the group.
pub(super) fn refers_back(template: &str) -> bool {
    template.split([' ', ',']).take(4).any(|word| {
        matches!(
            word,
            "he" | "she"
                | "they"
                | "his"
                | "her"
                | "their"
                | "both"
                | "all"
                | "him"
                | "them"
                | "it"
                | "its"
                | "он"
                | "она"
                | "они"
                | "его"
                | "её"
                | "их"
        )
    })
}

/// Whether a sentence speaks of one person named before.
pub(super) fn has_singular_pronoun(template: &str) -> bool {
    template.split([' ', ',', '.']).any(|word| matches!(word, "he" | "she" | "his" | "him" | "her" | "он" | "она" | "его" | "её"))
}

/// Whether somebody named before is done something to: him, her, them.
pub(super) fn has_object_pronoun(template: &str) -> bool {
    template.split([' ', ',', '.']).any(|word| matches!(word, "him" | "her" | "them" | "его" | "её"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(words: &str) -> String {
        merge_lists(words).replace([OPEN, CLOSE], "|")
    }

    #[test]
    fn lists_are_one_placeholder() {
        let mark = |text: &str| text.replace('<', "\x01").replace('>', "\x02");
        assert_eq!(merged(&mark("<p1>, <p2> and <p3> were charged")), "|p1.2.3| were charged");
        assert_eq!(merged(&mark("<p1>, 29, and <p2>, 30, were charged")), "|p1.2|, 30, were charged");
        assert_eq!(merged(&mark("<p1> and his company, <o2>, with fraud")), "|x1.2| with fraud");
        assert_eq!(merged(&mark("arrested <p1>, a former police officer, and a businessman, <p2>, in")), "arrested |p1.2| in");
        assert_eq!(merged(&mark("<p1>, head of <o4>, and two directors, <p2> and <p3>, were held")), "|p1.2.3| (|o4|) were held");
        assert_eq!(merged(&mark("<p1> and his lawyer, <p2>, left")), "|p1| and his lawyer, |p2|, left");
        assert_eq!(merged(&mark("<p1> was freed and <p2> fled")), "|p1| was freed and |p2| fled");
        assert_eq!(merged(&mark("<p1>, <p2> said")), "|p1|, |p2| said");
    }
}
