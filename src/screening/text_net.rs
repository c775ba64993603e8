//! The text net's part of screening: a party whose names stand near each other in the text of an alert, though the reader
//! took them for nobody. Such a hit is of medium tier at most, of the grade "text only", and quotes the sentence.

use super::judge::{Verdict, judge_entity};
use crate::index::{IndexError, Snapshot, find_texts, text_words};
use crate::model::{AlertEntity, EntityRole, NameClass, NameForm, Party, Tier};
use crate::names::{Comparer, Name, Token};
use std::ops::Range;

/// A longer sentence is quoted up to here on either side of the name, in bytes.
const QUOTE_BYTES_MAX: usize = 300;

/// What the text net came to.
pub(super) struct TextVerdicts {
    /// Entities made of the places where the party's names stand.
    pub found: Vec<(AlertEntity, Verdict)>,
    /// There were too many texts to look at them all.
    pub truncated: bool,
}

/// Places with their verdicts at or over `least`. Alerts in `named` already have a better answer.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn search(
    comparer: &mut Comparer,
    party: &Party,
    tokens: &[Token<'_>],
    snapshot: &Snapshot,
    least: f32,
    named: &[String],
) -> Result<TextVerdicts, IndexError> {
    let mut found = Vec::new();
    let (finds, truncated) = find_texts(snapshot, tokens)?;
    for find in finds {
        let document = snapshot.entity(find.text)?;
        if named.contains(&document.alert_id) {
            continue;
        }
        let Some(entity) = entity_at(document, &find.words) else { continue };
        let verdict = judge_entity(comparer, party, &entity);
        if verdict.score >= least {
            found.push((entity, verdict));
        }
    }
    Ok(TextVerdicts { found, truncated })
}

/// The words found as an alert entity.
fn entity_at(document: AlertEntity, words: &[u32]) -> Option<AlertEntity> {
    let body = document.text.as_ref()?;
    let ranges = text_words(&body.text);
    let places: Vec<Range<usize>> = words.iter().filter_map(|&word| ranges.get(word as usize).cloned()).collect();
    let (first, last) = (places.first()?.start, places.last()?.end);
    let plain = |word: &str| word.trim_end_matches("'s").trim_end_matches("’s").to_owned();
    let name = places.iter().map(|place| plain(&body.text[place.clone()])).collect::<Vec<_>>().join(" ");
    // Never above what the reader made of a name on the same place: a lawyer stays a lawyer.
    let on_place = body.named.iter().filter(|named| named.from < last && first < named.to);
    let (tier, role) =
        on_place.map(|named| (named.tier, named.role)).max_by_key(|(tier, _)| *tier).unwrap_or((Tier::Medium, EntityRole::Mentioned));
    let mut sorted: Vec<String> = Name::new(&name).tokens().map(|token| token.text.to_owned()).collect();
    sorted.sort();
    Some(AlertEntity {
        subject_key: format!("{}|{}", sorted.join(" "), document.alert_id),
        names: vec![NameForm { text: name, class: NameClass::Text }],
        // One word proves little, whatever the reader made of it.
        tier: tier.max(if words.len() == 1 { Tier::Low } else { Tier::Medium }),
        role: Some(role),
        quote: Some(sentence_around(&body.text, first, last).to_owned()),
        text: None,
        ..document
    })
}

/// The sentence that holds a place, cut where it goes on for ever.
fn sentence_around(text: &str, first: usize, last: usize) -> &str {
    let mut from = first.saturating_sub(QUOTE_BYTES_MAX);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = (last + QUOTE_BYTES_MAX).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let ends = |part: &str| part.rfind(['\n', '。']).map(|at| at + 1).max(part.rfind(". ").map(|at| at + 2));
    let from = ends(&text[from..first]).filter(|at| text.is_char_boundary(from + at)).map_or(from, |at| from + at);
    let stop = [". ", "\n", "。"].iter().filter_map(|end| text[last..to].find(end)).min();
    text[from..stop.map_or(to, |at| last + at)].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_around_a_name_is_cut_out() {
        let text = "It rained. The court heard Anna Example on Monday. He left.";
        let first = text.find("Anna").expect("there");
        assert_eq!(sentence_around(text, first, first + 12), "The court heard Anna Example on Monday");
    }
}
