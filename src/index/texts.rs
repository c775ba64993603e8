//! The text net: finds alert documents in whose text names of a party stand near each other.
//!
//! The words of a text are indexed with their positions, normalised as names are. So a name that the reader did not take
//! for an entity is found all the same. A name of one telling word is found wherever it stands.

use super::snapshot::{EntityAddress, Snapshot, SnapshotSegment};
use super::writer::Fields;
use crate::names::{Name, Tag, Token};
use std::ops::Range;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::tokenizer::{PreTokenizedString, Token as IndexedToken};
use tantivy::{DocSet, TERMINATED, Term};

/// Every text holds this word at its beginning, so that texts can be counted and a list without any costs nothing.
const MARK: &str = "\u{1}";
/// Words of one name stand at most so many words apart.
const GAP_WORDS_MAX: u32 = 3;
/// A word that tells at least so much, in per cent, must be among those found.
const TELLING_WEIGHT_MIN: u8 = 70;
/// So many words that each tell little are a name together: "China Electronics Technology Group".
const PLAIN_WORDS_MIN: usize = 4;
/// The only word of a name must have so many letters.
const LONE_LETTERS_MIN: usize = 3;
/// So many texts are looked at for one party.
const TEXTS_MAX: usize = 20_000;
/// The words of a party that are looked up.
const TOKENS_MAX: usize = 8;

/// Where the names of a party stand in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFind {
    /// The document's text.
    pub text: EntityAddress,
    /// Numbers of the words found, in text order; they go to [`text_words`].
    pub words: Vec<u32>,
}

/// The words of a text with where they stand; the number of a word is its place in this list.
pub fn text_words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices() {
        let inside = letter.is_alphanumeric() || matches!(letter, '\'' | '’' | '\u{300}'..='\u{36F}');
        match (inside, start) {
            // Scripts that write no spaces: every character is a word.
            (true, _) if is_han(letter) => {
                words.extend(start.take().map(|start| start..at));
                words.push(at..at + letter.len_utf8());
            }
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|start| start..text.len()));
    words
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

/// A text as the index takes it.
pub(super) fn tokenized(text: &str) -> PreTokenizedString {
    let token = |text: &str, position: usize| IndexedToken { position, text: text.to_owned(), ..IndexedToken::default() };
    let mut tokens = vec![token(MARK, 0)];
    for (number, range) in text_words(text).into_iter().enumerate() {
        let word = text[range].trim_end_matches("'s").trim_end_matches("’s");
        let name = Name::new(word);
        let telling = name.tokens().filter(|token| is_searched(token));
        tokens.extend(telling.map(|found| token(found.text, number + 1)));
    }
    PreTokenizedString { text: String::new(), tokens }
}

fn is_searched(token: &Token<'_>) -> bool {
    token.text.len() >= 2 && !matches!(token.tag, Tag::LegalForm | Tag::Honorific | Tag::Particle | Tag::Initial)
}

/// How many texts a segment holds.
pub(super) fn text_count(segment: &SnapshotSegment, fields: &Fields) -> tantivy::Result<u64> {
    let mark = Term::from_field_text(fields.body, MARK);
    let Some(alive) = segment.reader.alive_bitset() else {
        return Ok(u64::from(segment.texts.doc_freq(&mark)?));
    };
    let Some(mut postings) = segment.texts.read_postings(&mark, IndexRecordOption::Basic)? else { return Ok(0) };
    let mut count = 0;
    while postings.doc() != TERMINATED {
        count += u64::from(alive.is_alive(postings.doc()));
        postings.advance();
    }
    Ok(count)
}

/// Every text in which two or more names of the party stand near each other, one of them telling; and whether there were more
/// than are looked at.
///
/// # Errors
/// When the index cannot be read.
pub fn find_texts(snapshot: &Snapshot, tokens: &[Token<'_>]) -> tantivy::Result<(Vec<TextFind>, bool)> {
    let (mut found, mut truncated) = (Vec::new(), false);
    let mut searched: Vec<&Token<'_>> = tokens.iter().filter(|token| is_searched(token)).take(TOKENS_MAX).collect();
    searched.sort_by_key(|token| token.text);
    searched.dedup_by_key(|token| token.text);
    // One syllable tells little, three in a row are a name.
    let whole = searched.iter().filter(|token| token.syllabic).count() >= 3;
    let searched: Vec<(&str, u8)> =
        searched.into_iter().map(|token| (token.text, if whole && token.syllabic { 100 } else { token.weight })).collect();
    let telling = searched.iter().any(|(text, weight)| *weight >= TELLING_WEIGHT_MIN && text.len() >= LONE_LETTERS_MIN);
    if !telling && searched.len() < PLAIN_WORDS_MIN {
        return Ok((found, truncated));
    }
    for (number, segment) in snapshot.segments.iter().enumerate().filter(|(_, segment)| segment.text_count > 0) {
        truncated |= find_in_segment(snapshot, number as u32, segment, &searched, &mut found)?;
    }
    Ok((found, truncated))
}

fn find_in_segment(
    snapshot: &Snapshot,
    number: u32,
    segment: &SnapshotSegment,
    searched: &[(&str, u8)],
    found: &mut Vec<TextFind>,
) -> tantivy::Result<bool> {
    let mut lists: Vec<(Place, SegmentPostings)> = Vec::new();
    for (number, (text, weight)) in searched.iter().enumerate() {
        let term = Term::from_field_text(snapshot.fields().body, text);
        if let Some(postings) = segment.texts.read_postings(&term, IndexRecordOption::WithFreqsAndPositions)? {
            lists.push((Place { position: 0, term: number, weight: *weight }, postings));
        }
    }
    // Texts are taken from the rarest words on; the most frequent one alone finds nothing, unless it is the whole name.
    lists.sort_by_key(|(_, postings)| postings.doc_freq());
    let least_words = if searched.len() == 1 { 1 } else { 2 };
    let mut positions = Vec::new();
    let mut looked_at = 0;
    while lists.len() >= least_words && looked_at < TEXTS_MAX {
        let Some(doc) =
            lists[..=lists.len() - least_words].iter().map(|(_, postings)| postings.doc()).min().filter(|doc| *doc != TERMINATED)
        else {
            break;
        };
        let mut places: Vec<Place> = Vec::new();
        for (place, postings) in &mut lists {
            if postings.doc() < doc {
                postings.seek(doc);
            }
            if postings.doc() == doc {
                postings.positions(&mut positions);
                places.extend(positions.iter().map(|&position| Place { position, ..*place }));
                postings.advance();
            }
        }
        if segment.reader.alive_bitset().is_some_and(|alive| alive.is_deleted(doc)) {
            continue;
        }
        looked_at += 1;
        if let Some(words) = nearest(&mut places, least_words) {
            found.push(TextFind { text: EntityAddress { segment: number, doc }, words });
        }
    }
    Ok(looked_at >= TEXTS_MAX)
}

/// Where one of the words looked for stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    position: u32,
    /// Which word, by number.
    term: usize,
    weight: u8,
}

/// The run of words near each other that holds most different ones, a telling one among them; their numbers in the text.
fn nearest(places: &mut [Place], least_words: usize) -> Option<Vec<u32>> {
    places.sort_unstable_by_key(|place| place.position);
    let different = |run: &[Place]| {
        let mut terms: Vec<usize> = run.iter().map(|place| place.term).collect();
        terms.sort_unstable();
        terms.dedup();
        terms.len()
    };
    let is_telling = |run: &[Place]| run.iter().any(|place| place.weight >= TELLING_WEIGHT_MIN) || different(run) >= PLAIN_WORDS_MIN;
    let runs = places.chunk_by(|a, b| b.position - a.position <= GAP_WORDS_MAX);
    let telling = runs.filter(|run| different(run) >= least_words && is_telling(run));
    // Of equal ones the shorter run, then the earlier.
    let best = telling.min_by_key(|run| (std::cmp::Reverse(different(run)), run.len(), run[0].position))?;
    let mut seen = Vec::new();
    let mut words: Vec<u32> = Vec::new();
    for place in best.iter().filter(|place| least_words > 1 || place.position == best[0].position) {
        if !seen.contains(&place.term) {
            seen.push(place.term);
            // Position 0 is the mark.
            words.push(place.position - 1);
        }
    }
    words.dedup();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_places_in_every_script() {
        let words = |text: &str| text_words(text).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>();
        assert_eq!(words("Anna-Maria's, 5 men"), ["Anna", "Maria's", "5", "men"]);
        assert_eq!(words("被告孟国良"), ["被", "告", "孟", "国", "良"]);
        assert_eq!(words("اعتقلت مختار ابليازوف"), ["اعتقلت", "مختار", "ابليازوف"]);
    }

    #[test]
    fn only_words_near_each_other_are_a_find() {
        let find = |places: &[(u32, usize, u8)]| {
            let mut places: Vec<Place> = places.iter().map(|&(position, term, weight)| Place { position, term, weight }).collect();
            nearest(&mut places, 2)
        };
        assert_eq!(find(&[(5, 0, 100), (6, 1, 60)]), Some(vec![4, 5]));
        assert_eq!(find(&[(5, 0, 100), (60, 1, 60)]), None);
        assert_eq!(find(&[(5, 0, 55), (6, 1, 60)]), None);
        // One word three times is no name; the two words further on are.
        assert_eq!(find(&[(1, 0, 100), (2, 0, 100), (4, 0, 100), (20, 1, 60), (21, 0, 100)]), Some(vec![19, 20]));
    }
}
