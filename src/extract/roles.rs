//! What part does a mention play? Judged from the words right before and right after it.

use super::mentions::{Mention, MentionKind};
use super::words::{KNOWN_MEDIA, KNOWN_PLATFORMS, OFFICIAL_WORDS, PEP_TITLES};
use crate::model::EntityRole;
use regex::Regex;
use std::sync::LazyLock;

/// One rule: a pattern on the words before the mention (`true`) or after it, and the role it proves.
struct Frame {
    before: bool,
    pattern: Regex,
    role: EntityRole,
}

/// Rules in order of strength: the first that fits decides for one mention.
static FRAMES: LazyLock<Vec<Frame>> = LazyLock::new(|| {
    let frame = |before: bool, role: EntityRole, pattern: &str| {
        let anchored = if before { format!(r"(?i)(?:{pattern})[\s,:\x22\u{{201C}}(]*$") } else { format!(r"(?i)^[\s,)]*(?:{pattern})") };
        #[allow(clippy::unwrap_used, reason = "constant patterns, compiled by every test")]
        let pattern = Regex::new(&anchored).unwrap();
        Frame { before, pattern, role }
    };
    use EntityRole::{Employer, Lawyer, Media, Official, Pep, Platform, Subject, Victim};
    vec![
        frame(
            true,
            Victim,
            r"\b(?:murder|killing|assassination|death|kidnapping|abduction|poisoning|rape|torture) of(?: the)?(?: \w+){0,2}",
        ),
        frame(true, Victim, r"\b(?:murdered|killed|assassinated|abducted|kidnapped|defrauded|victims?)(?: \w+)?"),
        frame(false, Victim, r"(?:was|were|had been) (?:murdered|killed|assassinated|shot dead|kidnapped|abducted|poisoned)"),
        frame(true, Lawyer, r"\b(?:lawyers?|attorneys?|solicitors?|barristers?|counsel|advocate)(?: for \w+)?"),
        frame(
            false,
            Lawyer,
            r"(?:who (?:represents|defends|represented)|(?:his|her|their|a|the) (?:lawyer|attorney|counsel|barrister|solicitor)|a lawyer for)",
        ),
        frame(
            true,
            Media,
            r"\b(?:newspaper|daily|magazine|weekly|broadcaster|news agency|newswire|website|outlet|channel|tabloid|journalist(?: from| at)?)",
        ),
        frame(false, Media, r"(?:reported|reports|newspaper|magazine|news agency|broadcast)\b"),
        frame(true, Platform, r"\b(?:wrote|posted|published|said|statement|tweeted) on"),
        frame(true, Official, r"\b(?:prosecutor|judge|spokes\w+|investigator|inspector|commissioner|detective|told)(?: general)?"),
        frame(false, Official, r"(?:said|told|added|stated|announced|ruled|the prosecutor|a spokes\w+)\b"),
        frame(true, Pep, r"\b(?:his|her|their) (?:predecessor|successor)"),
        frame(
            true,
            Employer,
            r"\b(?:head|chief|director|chairman|owner|president|employee|manager|ceo|founder|executive|governor) (?:of|at)(?: (?:the|[A-Z]\w+'s))?",
        ),
        frame(true, Employer, r"\b(?:head|chief|director|chairman|founder) (?:the )?"),
        frame(
            true,
            Subject,
            r"\b(?:arrest(?:ed)?|detain(?:ed)?|convict(?:ed|ion)|sentenc(?:ed|ing)|charg(?:ed|es)|indict(?:ed|ment)|accus(?:ed|ing|ations)|sanction(?:s|ed)|prosecution|trial|extradition|conviction|jailed|imprisoned|blacklisted|fugitive|wanted)(?: (?:of|on|against|for|that|the|former|ex-\w+|businessman|banker|politician|leader|opposition|\w+er))*",
        ),
        frame(
            false,
            Subject,
            r"(?:\w+[\w,' -]{0,60}?)?\b(?:is|was|were|are|has been|had been|been|be) (?:\w+ly )?(?:wanted|convicted|charged|sentenced|arrested|detained|indicted|accused|sanctioned|jailed|imprisoned|extradited|found guilty|under investigation|suspected|blacklisted|designated)",
        ),
        frame(
            false,
            Subject,
            r"(?:\w+ )?(?:pleaded guilty|pled guilty|admitted|faces|faced|embezzled|laundered|stole|fled|defrauded|bribed|smuggled|in absentia)",
        ),
    ]
});

/// The role that the words around this mention prove, or `None`.
pub(super) fn role(text: &str, sentence: std::ops::Range<usize>, mention: &Mention) -> Option<EntityRole> {
    let lower = mention.text.to_lowercase();
    if KNOWN_MEDIA.contains(&lower.as_str()) {
        return Some(EntityRole::Media);
    }
    if KNOWN_PLATFORMS.contains(&lower.as_str()) {
        return Some(EntityRole::Platform);
    }
    if mention.kind == MentionKind::Place {
        return Some(EntityRole::Place);
    }
    let is_organisation = mention.kind == MentionKind::Organisation;
    if is_organisation && lower.split(|c: char| !c.is_alphanumeric()).any(|word| OFFICIAL_WORDS.contains(&word)) {
        return Some(EntityRole::Official);
    }
    if let Some(title) = &mention.title
        && title.split(' ').any(|word| PEP_TITLES.contains(&word))
    {
        return Some(EntityRole::Pep);
    }
    if mention.title.as_deref().is_some_and(|title| title.contains("prosecutor") || title.contains("judge")) {
        return Some(EntityRole::Official);
    }
    let before = tail(&text[sentence.start..mention.range.start], CONTEXT_BYTES);
    let after = head(&text[mention.range.end..sentence.end], CONTEXT_BYTES);
    let fits = |frame: &&Frame| {
        let allowed = match frame.role {
            EntityRole::Lawyer | EntityRole::Victim | EntityRole::Pep => !is_organisation,
            EntityRole::Media | EntityRole::Employer | EntityRole::Platform => is_organisation || mention.kind == MentionKind::Single,
            _ => true,
        };
        allowed && frame.pattern.is_match(if frame.before { before } else { after })
    };
    FRAMES.iter().find(fits).map(|frame| frame.role)
}

/// Words further away say nothing of the mention.
const CONTEXT_BYTES: usize = 120;

fn tail(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

fn head(text: &str, bytes: usize) -> &str {
    let mut to = text.len().min(bytes);
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    &text[..to]
}

#[cfg(test)]
mod tests {
    use super::super::mentions::mentions;
    use super::*;

    fn role_of(sentence: &str, name: &str) -> Option<EntityRole> {
        let mention = mentions(sentence, 0, 0).into_iter().find(|mention| mention.text == name).expect(name);
        role(sentence, 0..sentence.len(), &mention)
    }

    #[test]
    fn frames_prove_roles() {
        for (sentence, name, expected) in [
            ("Anna Example was convicted of fraud.", "Anna Example", Some(EntityRole::Subject)),
            ("A court sentenced Anna Example to prison.", "Anna Example", Some(EntityRole::Subject)),
            ("He ordered the murder of Anna Example.", "Anna Example", Some(EntityRole::Victim)),
            ("His lawyer, Anna Example, wrote a letter.", "Anna Example", Some(EntityRole::Lawyer)),
            ("The ruling of the Supreme Court stands.", "Supreme Court", Some(EntityRole::Official)),
            ("The daily Le Monde reported it.", "Le Monde", Some(EntityRole::Media)),
            ("He is a critic of President Anna Example.", "Anna Example", Some(EntityRole::Pep)),
            ("Anna Example likes tea.", "Anna Example", None),
        ] {
            assert_eq!(role_of(sentence, name), expected, "{sentence}");
        }
    }
}
