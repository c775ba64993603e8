//! Frames, `data/frames.txt`: what the words around a name say of its part.

use super::lexicon::breaks;
use super::patterns::{Sieve, compile, compile_set};
use super::template::{CLOSE, OPEN};
use crate::model::EntityRole;
use regex::bytes::{Regex, RegexSet};
use std::sync::LazyLock;

const FRAMES: &str = include_str!("data/frames.txt");

/// A frame of words before the name.
struct Before {
    role: FrameRole,
    weight: u8,
    pattern: Regex,
    /// How many descriptions the pattern holds.
    descriptions: usize,
}

/// A frame of words after the name: its pattern, anchored there, stands in a set.
struct After {
    role: FrameRole,
    weight: u8,
    /// Letters of the placeholders that may be the name.
    kinds: &'static str,
    /// Words between commas may stand between the name and the pattern.
    apposition: bool,
    /// The name must stand between commas itself.
    apposed: bool,
}

struct Table {
    before: Vec<Before>,
    before_sieve: Sieve,
    after: Vec<After>,
    after_patterns: RegexSet,
}

/// What a frame gives: a role, or the part of someone who only speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum FrameRole {
    Subject,
    Associate,
    Victim,
    Official,
    Lawyer,
    Media,
    Platform,
    Witness,
    Employer,
    Pep,
    /// No role: sought by those who may arrest.
    Wanted,
    /// No role: an office is no longer held.
    Former,
}

impl FrameRole {
    pub(super) const COUNT: usize = 12;

    pub(super) const ALL: [Self; Self::COUNT] = [
        Self::Subject,
        Self::Associate,
        Self::Victim,
        Self::Official,
        Self::Lawyer,
        Self::Media,
        Self::Platform,
        Self::Witness,
        Self::Employer,
        Self::Pep,
        Self::Wanted,
        Self::Former,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Associate => "associate",
            Self::Victim => "victim",
            Self::Official => "official",
            Self::Lawyer => "lawyer",
            Self::Media => "media",
            Self::Platform => "platform",
            Self::Witness => "witness",
            Self::Employer => "employer",
            Self::Pep => "pep",
            Self::Wanted => "wanted",
            Self::Former => "former",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    pub(super) fn entity_role(self) -> EntityRole {
        match self {
            Self::Subject | Self::Wanted => EntityRole::Subject,
            Self::Associate => EntityRole::Associate,
            Self::Victim => EntityRole::Victim,
            Self::Official => EntityRole::Official,
            Self::Lawyer => EntityRole::Lawyer,
            Self::Media => EntityRole::Media,
            Self::Platform => EntityRole::Platform,
            Self::Witness => EntityRole::Witness,
            Self::Employer => EntityRole::Employer,
            Self::Pep => EntityRole::Pep,
            Self::Former => EntityRole::Mentioned,
        }
    }
}

const DESCRIPTION: &str = "(?:(?:[\\w$€£.'’%-]+|\x01[povx][0-9.]+\x02's),? ){0,8}?";
/// "the head of the works office," before a name: it may hold what a description may not.
const DESCRIBED: &str = r"(?:(?:the|an?|his|her|its|their) [\w'\x01\x02 .-]{3,80}, )?";
const APPOSITION: &str = r"(?: \([^()]{1,80}\))?(?:,(?: [^,;:]{1,90},){1,3})?";
const BE: &str =
    r"(?:is|are|was|were|be|been|being|has been|have been|had been|will be|remains?|remained|got|gets|would be|to be|could be|may be) ";
const ADVERB: &str = r"(?:(?:\w+ly|also|now|once|later|twice|still|already|first|being|then|all|both|each|again|among those|one of those|yesterday|today|on \w+|last \w+|in \w+|at the time|himself|herself|itself|even|in \w+ \d{4}|on \w+ \d+) )?";

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut lists: [String; 3] = Default::default();
    let mut section = "";
    let (mut before, mut after, mut after_patterns) = (Vec::new(), Vec::new(), Vec::new());
    for line in FRAMES.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            continue;
        }
        let words =
            |line: &str| line.split(',').map(|entry| entry.trim().replace(" .. ", r" (?:[\w-]+ ){0,3}")).collect::<Vec<_>>().join("|");
        match section {
            "accused" => lists[0] = format!(r"(?:{})\b", words(line)),
            "accuse" => lists[1] = format!(r"\b(?:{})", words(line)),
            "deed" => lists[2] = format!(r"(?:{})\b", words(line)),
            _ => match frame(line, &lists) {
                Some(Frame::Before(frame)) => before.push(frame),
                Some(Frame::After(frame, pattern)) => {
                    after.push(frame);
                    after_patterns.push(pattern);
                }
                None => {}
            },
        }
    }
    let before_sieve = Sieve::new(before.iter().map(|frame: &Before| &frame.pattern));
    Table { before, before_sieve, after, after_patterns: compile_set(&after_patterns) }
});

enum Frame {
    Before(Before),
    After(After, String),
}

/// What a name in focus may be, and the letters of its placeholder.
const FOCUS: [(&str, &str); 6] = [("{P}", "p"), ("{O}", "ov"), ("{V}", "v"), ("{X}", "povx"), ("{,P}", "p"), ("{,X}", "povx")];

/// A line of the table; `None` for one that is none, which a test looks for.
fn frame(line: &str, lists: &[String; 3]) -> Option<Frame> {
    let mut parts = line.splitn(3, ' ');
    let role = FrameRole::of(parts.next()?)?;
    let weight = parts.next()?.parse().ok()?;
    let mut pattern = parts.next()?.to_owned();
    pattern = pattern.replace("{n}", "\x01[povx][0-9.]+\x02").replace("{be}", BE).replace("{adv}", ADVERB);
    pattern = pattern.replace("{accused}", &lists[0]).replace("{accuse}", &lists[1]).replace("{deed}", &lists[2]);
    if let Some((focus, kinds)) = FOCUS.into_iter().find(|(focus, _)| pattern.starts_with(focus)) {
        let rest = &pattern[focus.len()..];
        let (rest, apposition) = rest.strip_prefix("{app}").map_or((rest, false), |rest| (rest.trim_start_matches('?'), true));
        let apposed = focus.starts_with("{,");
        let pattern = format!("^(?:{}{rest})", if apposed { "," } else { "" });
        compile(&pattern)?;
        return Some(Frame::After(After { role, weight, kinds, apposition, apposed }, pattern));
    }
    let mut descriptions = 0;
    while pattern.contains("{d}") {
        pattern = pattern.replacen("{d}", &format!("(?P<d{descriptions}>{DESCRIPTION}){DESCRIBED}"), 1);
        descriptions += 1;
    }
    for (name, kinds) in FOCUS {
        pattern = pattern.replace(name, &format!("\x01[{kinds}](?P<x>[0-9.]+)\x02"));
    }
    let pattern = compile(&pattern.replace("{app}", APPOSITION))?;
    Some(Frame::Before(Before { role, weight, pattern, descriptions }))
}

/// What one sentence says of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    pub cluster: usize,
    pub role: FrameRole,
    pub weight: u8,
}

/// Every frame that fits a sentence.
pub(super) fn said_in(template: &str) -> Vec<Said> {
    let mut said = Vec::new();
    let mut add = |members: &str, role: FrameRole, weight: u8| {
        for cluster in members.split('.').filter_map(|number| number.parse().ok()) {
            let one = Said { cluster, role, weight };
            if !said.contains(&one) {
                said.push(one);
            }
        }
    };
    for number in TABLE.before_sieve.that_may_fit(template) {
        let frame = &TABLE.before[number];
        let mut at = 0;
        // To ask whether it fits at all costs no memory, and most frames do not.
        while frame.pattern.is_match_at(template.as_bytes(), at)
            && let Some(found) = frame.pattern.captures_at(template.as_bytes(), at)
        {
            let Some(whole) = found.get(0) else { break };
            let describes = (0..frame.descriptions)
                .all(|number| found.name(DESCRIPTION_NAMES[number]).is_none_or(|words| describes_a_name(text_of(words.as_bytes()))));
            match found.name("x").filter(|_| describes) {
                Some(members) => {
                    add(text_of(members.as_bytes()), frame.role, frame.weight);
                    at = whole.end();
                }
                None => at = whole.start() + 1,
            }
            if at >= template.len() {
                break;
            }
        }
    }
    let mut from = 0;
    while let Some(open) = template[from..].find(OPEN).map(|open| from + open) {
        let Some(close) = template[open..].find(CLOSE).map(|close| open + close) else { break };
        let (kind, members) = template[open + 1..close].split_at(1);
        from = close + 1;
        let apposed = is_apposed(&template[..open]);
        let inside = kind != "p" && (template[from..].starts_with(", who ") || is_inside_apposition(&template[..open]));
        for (number, tail) in tails(&template[from..]).into_iter().enumerate() {
            for fits in TABLE.after_patterns.matches(tail.as_bytes()) {
                let frame = &TABLE.after[fits];
                let after_apposition = number > 0 && (!frame.apposition || inside);
                let comma = !frame.apposed || (apposed && number == 0);
                if frame.kinds.contains(kind) && !after_apposition && comma {
                    add(members, frame.role, frame.weight);
                }
            }
        }
    }
    said
}

/// Whether a name stands after a comma: "the founder of A, ", also with a few words of description between.
fn is_apposed(before: &str) -> bool {
    let before = before.trim_end_matches(' ');
    if before.is_empty() || before.ends_with([',', '"', ')', '”']) {
        return true;
    }
    match before.rsplit_once(", ") {
        Some((_, words)) => words.len() <= 50 && !words.contains(CLOSE) && !breaks(words, true),
        None => false,
    }
}

/// Whether a name is part of what is said of another: "Anna Example, a former head of A, is wanted" says nothing of A.
fn is_inside_apposition(before: &str) -> bool {
    let Some((_, words)) = before.rsplit_once(", ") else { return false };
    let opens = ["a ", "an ", "the ", "former ", "who ", "whose ", "head ", "chief ", "director ", "owner ", "founder ", "then "];
    words.len() <= 80 && opens.iter().any(|open| words.starts_with(open))
}

/// A longer part between commas is no apposition.
const APPOSITION_BYTES_MAX: usize = 160;

/// What follows a name: directly, after brackets, and after each of up to three parts between commas.
fn tails(after: &str) -> Vec<&str> {
    let mut found = vec![after];
    let mut rest = after;
    if let Some(close) = after.strip_prefix(" (").and_then(|inside| inside.find(')')).filter(|close| *close <= 80) {
        rest = &after[close + 3..];
        found.push(rest);
    }
    let mut body = match rest.strip_prefix(", ") {
        Some(body) => body,
        None => return found,
    };
    for _ in 0..3 {
        let Some(comma) = body.find([',', ';', ':']) else { break };
        if comma > APPOSITION_BYTES_MAX || !body[comma..].starts_with(',') {
            break;
        }
        body = &body[comma + 1..];
        found.push(body);
        body = body.strip_prefix(' ').unwrap_or(body);
    }
    found
}

/// Patterns cut between characters wherever they hold a name or a description.
fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Names of the groups of a pattern's descriptions.
const DESCRIPTION_NAMES: [&str; 3] = ["d0", "d1", "d2"];

/// Words before a name that describe it: no verb among them; "the head of the works office," may hold "of".
fn describes_a_name(words: &str) -> bool {
    // "arrested by FBI agent": whoever follows did it.
    if words.trim_start().starts_with("by ") {
        return false;
    }
    let article = ["the ", "a ", "an ", "his ", "her ", "its ", "their "].iter().any(|article| words.starts_with(article));
    !breaks(words, !(article && words.ends_with(", ")))
}

/// The table as written, for the fingerprint of the reader.
pub(super) fn table() -> &'static str {
    FRAMES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_frame() {
        let mut lists: [String; 3] = Default::default();
        lists.fill("x".to_owned());
        let lines = FRAMES.lines().skip_while(|line| *line != "[frames]").skip(1).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let read = frame(line, &lists);
            let fits = |frame: &Frame| {
                matches!(frame, Frame::After(..))
                    || matches!(frame, Frame::Before(before) if before.descriptions <= DESCRIPTION_NAMES.len())
            };
            assert!(read.as_ref().is_some_and(fits), "{line}");
        }
        assert!(TABLE.before.len() > 50 && TABLE.after.len() > 40 && TABLE.after_patterns.len() == TABLE.after.len());
    }

    #[test]
    fn frames_prove_roles() {
        let mark = |text: &str| text.replace('<', "\x01").replace('>', "\x02");
        for (sentence, cluster, role) in [
            ("<p1> was convicted of fraud.", 1, FrameRole::Subject),
            ("a court on march 14 sentenced former oil trader <p1> to prison.", 1, FrameRole::Subject),
            ("<p1>, 58, who worked for <o2>, admitted paying.", 1, FrameRole::Subject),
            ("he ordered the murder of <p1>, the head of <o2>.", 1, FrameRole::Victim),
            ("his lawyer, <p1>, wrote a letter.", 1, FrameRole::Lawyer),
            ("<o1> reported that he fled.", 1, FrameRole::Media),
            ("<p1>, a former head of <o2>, is wanted by russia.", 1, FrameRole::Subject),
            ("those listed include businessman <p1>, the owner.", 1, FrameRole::Subject),
            ("<p1>, a prosecutor in berlin, declined to comment.", 1, FrameRole::Official),
            ("his brother <p1> owns it.", 1, FrameRole::Associate),
        ] {
            let said = said_in(&mark(sentence));
            assert!(said.iter().any(|said| said.cluster == cluster && said.role == role), "{sentence}: {said:?}");
        }
        assert!(said_in(&mark("<p1> likes tea.")).is_empty());
        let said = said_in(&mark("he was charged, said prosecutor <p1>."));
        assert!(said.iter().all(|said| said.role != FrameRole::Subject), "{said:?}");
    }
}
