//! Screens free text of an event: every run of two to four words is looked up as a name. What is found is one tier lower
//! than a party would be, and of the grade "text only".

use super::screen::{ScreenError, Screener};
use crate::index::{Snapshot, text_words};
use crate::model::{FreeText, Grade, Hit, Party, Policy, Tier};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A name in free text has so many words.
const WORDS: std::ops::RangeInclusive<usize> = 2..=4;
/// Words beyond these are not looked at: remittance information holds 140 characters, an address line 70.
const TEXT_WORDS_MAX: usize = 80;
/// Any two words of a text may resemble somebody; only what a party would score clearly counts.
const SCORE_MIN: f32 = 0.88;

impl Screener {
    /// Hits in one text with the words that hit, best first, one a subject. `at_ms` as in [`Policy::allows`].
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn screen_text(
        &mut self,
        text: &FreeText,
        snapshot: &Snapshot,
        policy: &Policy,
        at_ms: i64,
    ) -> Result<Vec<(Party, Hit)>, ScreenError> {
        let words = text_words(&text.text);
        let words = &words[..words.len().min(TEXT_WORDS_MAX)];
        // A hit of the text is a tier lower: what would be low is nobody's concern, what is none stays none.
        let stricter = Policy { threshold: policy.threshold.max(SCORE_MIN), hash: OnceLock::new(), ..policy.clone() };
        let mut best: BTreeMap<String, (Party, Hit)> = BTreeMap::new();
        for length in WORDS {
            for run in words.windows(length) {
                let named = &text.text[run[0].start..run[length - 1].end];
                // Words parted by a full stop, a slash or a line end are no one name.
                if named.contains(['\n', '/', ';', ':', '|', '(']) || run.iter().any(|word| text.text[word.clone()].len() < 2) {
                    continue;
                }
                let party = Party { path: text.path.clone(), role: text.role.clone(), name: named.to_owned(), ..Party::default() };
                for mut hit in self.screen(&party, snapshot, &stricter, at_ms, None)?.hits {
                    hit.grade = Grade::TextOnly;
                    hit.alert.tier = lower(hit.alert.tier);
                    if !policy.tiers.contains(&hit.alert.tier) {
                        continue;
                    }
                    let known = best.get(&hit.alert.subject_key).is_some_and(|(_, known)| known.score >= hit.score);
                    if !known {
                        best.insert(hit.alert.subject_key.clone(), (party.clone(), hit));
                    }
                }
            }
        }
        let mut found: Vec<(Party, Hit)> = best.into_values().collect();
        found.sort_by(|a, b| b.1.score.total_cmp(&a.1.score).then_with(|| a.1.alert.entity_id.cmp(&b.1.alert.entity_id)));
        found.truncate(policy.hits_per_party_max);
        Ok(found)
    }
}

fn lower(tier: Tier) -> Tier {
    match tier {
        Tier::High => Tier::Medium,
        Tier::Medium => Tier::Low,
        Tier::Low | Tier::None => Tier::None,
    }
}
