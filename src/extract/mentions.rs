//! Finds the capitalised names in a sentence and says what they look like.

use super::words::{ADJECTIVE_ENDS, CALENDAR, JOINERS, OPENERS, ORGANISATION_WORDS, PARTICLES, TITLES, TOWNS};
use crate::model::PartyKind;
use crate::names::{Name, Tag};
use std::ops::Range;

/// A name as it stands in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention {
    /// Bytes in the document.
    pub range: Range<usize>,
    /// The sentence it stands in, by number.
    pub sentence: usize,
    pub text: String,
    pub kind: MentionKind,
    /// A title stood before it: `President`.
    pub title: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MentionKind {
    Person,
    Organisation,
    Place,
    /// One word that may be a surname or a short name.
    Single,
}

impl MentionKind {
    pub(super) fn party_kind(self) -> PartyKind {
        match self {
            Self::Person => PartyKind::Person,
            Self::Organisation => PartyKind::Organisation,
            Self::Place | Self::Single => PartyKind::Unknown,
        }
    }
}

/// Every capitalised name of a sentence. `start` is where the sentence stands in the document.
pub(super) fn mentions(sentence: &str, start: usize, number: usize) -> Vec<Mention> {
    let words = words(sentence);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if !is_capitalised(&words[at].text) {
            at += 1;
            continue;
        }
        let end = run_end(&words, at);
        push_run(sentence, &words[at..end], at == 0, start, number, &mut found);
        at = end;
    }
    found
}

struct Word {
    range: Range<usize>,
    text: String,
    /// A comma, bracket or quote stands between this word and the next.
    breaks: bool,
}

fn words(sentence: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut start = None;
    for (at, character) in sentence.char_indices().chain([(sentence.len(), ' ')]) {
        let inside = character.is_alphanumeric()
            || matches!(character, '-' | '\'' | '\u{2019}' | '&')
            || character == '.' && is_inner_stop(sentence, at);
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let text =
                    sentence[from..at].trim_end_matches("'s").trim_end_matches("\u{2019}s").trim_end_matches(['\'', '\u{2019}', '-']);
                let possessive = text.len() < at - from;
                words.push(Word {
                    range: from..from + text.len(),
                    text: text.to_owned(),
                    breaks: !character.is_whitespace() || possessive,
                });
                start = None;
            }
            (false, None) if !character.is_whitespace() => {
                if let Some(last) = words.last_mut() {
                    last.breaks = true;
                }
            }
            _ => {}
        }
    }
    words.retain(|word| !word.text.is_empty());
    words
}

/// The stop in `U.S.` or `J. Smith` belongs to the word.
fn is_inner_stop(sentence: &str, at: usize) -> bool {
    let before = sentence[..at].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    before.chars().count() == 1 && before.chars().all(char::is_uppercase)
}

fn is_capitalised(word: &str) -> bool {
    let prefix = word.to_lowercase();
    let arabic = ["al-", "el-", "ad-", "as-", "ash-", "an-", "ur-", "ul-"].iter().any(|article| prefix.starts_with(article));
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        || arabic && word.split('-').nth(1).is_some_and(|part| part.chars().next().is_some_and(char::is_uppercase))
}

/// The end of the run of capitalised words that starts here, with particles and joiners between them.
fn run_end(words: &[Word], start: usize) -> usize {
    let mut end = start + 1;
    let mut is_organisation = is_organisation_word(&words[start].text);
    while end < words.len() && !words[end - 1].breaks {
        let word = &words[end];
        let lower = word.text.to_lowercase();
        let next_capital = |from: usize| words.get(from).is_some_and(|word| is_capitalised(&word.text));
        if is_capitalised(&word.text) {
            is_organisation |= is_organisation_word(&word.text);
            end += 1;
        } else if lower == "bank" || lower == "group" {
            is_organisation = true;
            end += 1;
        } else if let Some(after) = after_particles(words, end).filter(|&after| next_capital(after)) {
            end = after + 1;
        } else if is_organisation && JOINERS.contains(&lower.as_str()) && !word.breaks {
            let skip = usize::from(words.get(end + 1).is_some_and(|word| word.text == "the"));
            if !next_capital(end + 1 + skip) {
                break;
            }
            end += 2 + skip;
        } else {
            break;
        }
    }
    end
}

/// The word after one or two particles that start here, if any do.
fn after_particles(words: &[Word], start: usize) -> Option<usize> {
    let count =
        words[start..].iter().take(2).take_while(|word| PARTICLES.contains(&word.text.to_lowercase().as_str()) && !word.breaks).count();
    (count > 0).then_some(start + count)
}

fn push_run(sentence: &str, run: &[Word], opens_sentence: bool, start: usize, number: usize, found: &mut Vec<Mention>) {
    let mut run = run;
    let mut title = None;
    let mut first = opens_sentence;
    while let Some(word) = run.first() {
        let lower = word.text.to_lowercase();
        let is_title = TITLES.contains(&lower.as_str()) && run.len() > 1 && !run[1..].iter().any(|word| is_organisation_word(&word.text));
        let is_adjective = ADJECTIVE_ENDS.iter().any(|end| lower.ends_with(end));
        let before_name = run.len() > 2 || run.get(1).is_some_and(|next| TITLES.contains(&next.text.to_lowercase().as_str()));
        let heads_organisation = run.last().is_some_and(|last| is_organisation_word(&last.text));
        if is_title {
            title = Some(title.map_or(lower.clone(), |before: String| format!("{before} {lower}")));
        } else if !(lower == "the" || first && OPENERS.contains(&lower.as_str()) || is_adjective && before_name && !heads_organisation) {
            break;
        }
        first = false;
        run = &run[1..];
    }
    let (Some(head), Some(tail)) = (run.first(), run.last()) else { return };
    let range = head.range.start..tail.range.end;
    let text = sentence[range.clone()].to_owned();
    if let Some(kind) = kind_of(&text, run) {
        found.push(Mention { range: start + range.start..start + range.end, sentence: number, text, kind, title });
    }
}

fn kind_of(text: &str, run: &[Word]) -> Option<MentionKind> {
    let lower = text.to_lowercase();
    if CALENDAR.contains(&lower.as_str()) || text.chars().count() < 2 || OPENERS.contains(&lower.as_str()) {
        return None;
    }
    if crate::model::country_code(&lower).is_some_and(|_| lower.len() > 2) || is_town(&lower) {
        return Some(MentionKind::Place);
    }
    let name = Name::new(text);
    let has_legal_form = name.tokens().any(|token| token.tag == Tag::LegalForm);
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let is_acronym =
        run.len() == 1 && (2..=6).contains(&letters) && text.chars().all(|letter| letter.is_uppercase() || letter == '.' || letter == '-');
    if is_acronym || run.len() > 1 && (has_legal_form || run.iter().any(|word| is_organisation_word(&word.text))) {
        return Some(MentionKind::Organisation);
    }
    if run.len() == 1 && !text.contains('-') {
        return Some(if is_organisation_word(text) { MentionKind::Organisation } else { MentionKind::Single });
    }
    Some(if run.len() == 1 { MentionKind::Single } else { MentionKind::Person })
}

fn is_organisation_word(word: &str) -> bool {
    ORGANISATION_WORDS.contains(&word.to_lowercase().as_str())
}

fn is_town(lower: &str) -> bool {
    TOWNS.contains(&lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sentence: &str) -> Vec<(String, MentionKind)> {
        mentions(sentence, 0, 0).into_iter().map(|mention| (mention.text, mention.kind)).collect()
    }

    #[test]
    fn names_are_found_with_their_kind() {
        assert_eq!(
            found("The court sentenced Anna van der Berg and Ruritania's Northern Trade Bank in Moscow."),
            [
                ("Anna van der Berg".to_owned(), MentionKind::Person),
                ("Ruritania".to_owned(), MentionKind::Single),
                ("Northern Trade Bank".to_owned(), MentionKind::Organisation),
                ("Moscow".to_owned(), MentionKind::Place),
            ]
        );
    }

    #[test]
    fn titles_and_nationalities_are_not_part_of_a_name() {
        let found = mentions("Kazakh President Anna Example spoke.", 0, 0);
        assert_eq!((found[0].text.as_str(), found[0].title.as_deref()), ("Anna Example", Some("president")));
    }

    #[test]
    fn ranges_point_into_the_document() {
        let text = "He met Anna Example.";
        for mention in mentions(text, 0, 0) {
            assert_eq!(&text[mention.range.clone()], mention.text);
        }
    }
}
