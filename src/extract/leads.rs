//! What stands before a name inside the same run of capitals and is no part of it: openers, titles, offices, countries.

use super::lexicon::{Class, Classes, classes, is_common};
use super::mentions::Finder;
use super::tokens::Shape;
use crate::model::{PlaceKind, place};
use crate::names::is_known_name;
use std::ops::Range;

impl Finder<'_> {
    /// How many words open the sentence and are no part of the name: `The`, `Former`, `Prosecutors`.
    pub(super) fn opener_length(&self, range: Range<usize>) -> usize {
        let mut length = 0;
        for at in range.clone() {
            let token = &self.tokens[at];
            let opens_sentence = at == self.sentence.start || self.tokens[at - 1].shape == Shape::Sign || length > 0;
            if self.is_known(at..range.end) || place(&self.lower(at..range.end)).is_some() {
                break;
            }
            let article = matches!(token.lower.as_str(), "the" | "a" | "an" | "his" | "her" | "their" | "its");
            // An everyday noun before a whole name: "Rescuers John Smith".
            let noun =
                is_common(&token.lower) && !is_known_name(&token.lower) && at + 2 < range.end && is_known_name(&self.tokens[at + 1].lower);
            // "Невролог Оксана Штефан": a word of everyday Russian, or one that ends like a trade, before two that are none.
            let strange = |at: usize| at < range.end && !is_common(&self.tokens[at].lower) && self.tokens[at].shape == Shape::Capital;
            let trade = at + 3 == range.end
                && is_trade(&token.lower)
                && !is_known_name(&token.lower)
                && strange(at + 1)
                && strange(at + 2)
                && !is_patronymic(&self.tokens[at + 2].lower);
            let ordinary = token.classes.has(Class::CommonCapital) || ((noun || trade) && length == 0 && at == self.sentence.start);
            let keep = token.classes.has_any(&[Class::Honorific, Class::PepTitle, Class::OfficialTitle]) && at + 1 < range.end
                || token.shape == Shape::Upper && token.lower.len() > 2 && !token.classes.has(Class::CommonCapital);
            if article || (opens_sentence && ordinary && !keep && !self.begins_longer_name(at..range.end)) {
                length += 1;
            } else {
                break;
            }
        }
        length
    }

    /// `National Court of Asylum Issues`, `Federal Police`: an everyday word that does belong to the name after it.
    pub(super) fn begins_longer_name(&self, range: Range<usize>) -> bool {
        let first = self.tokens[range.start].lower.as_str();
        let adjective = matches!(
            first,
            "national"
                | "international"
                | "federal"
                | "central"
                | "global"
                | "public"
                | "state"
                | "private"
                | "royal"
                | "supreme"
                | "high"
                | "special"
                | "social"
                | "human"
                | "first"
                | "new"
                | "united"
                | "general"
                | "western"
                | "eastern"
                | "northern"
                | "southern"
                | "islamic"
                | "democratic"
                | "economic"
                | "financial"
                | "political"
                | "military"
                | "criminal"
                | "serious"
                | "independent"
                | "district"
                | "court"
                | "bank"
                | "gold"
                | "golden"
                | "oil"
                | "security"
                | "house"
                | "black"
                | "red"
                | "green"
                | "blue"
                | "white"
                | "sea"
                | "ocean"
                | "star"
                | "world"
        );
        adjective
            && range.len() > 1
            && (self.has_head(range.start + 1..range.end)
                || self.ends_with_legal_form(range.clone())
                || self.looks_like_organisation(range))
    }

    /// "Under Secretary of the Treasury for Intelligence Laura Whitfield": where the name after an office begins.
    pub(super) fn office_before_name(&self, range: Range<usize>) -> Option<(usize, Classes)> {
        let (at, length, title) = range.clone().find_map(|at| {
            let (length, title) = self.phrase(at, &[Class::PepTitle, Class::OfficialTitle])?;
            let field = self.tokens.get(at + length).is_some_and(|next| matches!(next.lower.as_str(), "of" | "for"));
            (field && at + length < range.end).then_some((at, length, title))
        })?;
        let range = at..range.end;
        let strange = |at: usize| {
            let token = &self.tokens[at];
            token.is_capital() && place(&token.lower).is_none() && (is_known_name(&token.lower) || !is_common(&token.lower))
        };
        let field = range.start + length + 1;
        let name = (field + 1..range.end.saturating_sub(1))
            .find(|&at| strange(at) && strange(at + 1) || strange(at) && at + 2 < range.end && strange(at + 2));
        Some((name.unwrap_or(range.end), title))
    }

    /// A title inside a run of capitals, `Federal Court Judge Priya Menon`: what stands before it, the name after it.
    pub(super) fn inner_title(&self, range: Range<usize>) -> Option<(Range<usize>, Range<usize>, Classes)> {
        for at in range.clone() {
            if let Some((length, found)) = self.phrase(at, Classes::TITLES)
                && at + length < range.end
            {
                return Some((range.start..at, at + length..range.end, found));
            }
        }
        None
    }

    /// `Kazakh` in `Kazakh Ablyazov`, `EU` ...: countries and adjectives before a name.
    pub(super) fn leading_place(&self, range: Range<usize>) -> Option<usize> {
        (1..range.len().min(4)).rev().find(|&length| {
            let lower = self.lower(range.start..range.start + length);
            // "Zambia Daily Mail" is one name.
            !self.is_known(range.start + length..range.end) && matches!(place(&lower), Some((PlaceKind::Country | PlaceKind::Adjective, _)))
                || classes(&lower).has(Class::WiderPlace)
        })
    }
}

/// A word that ends like the name of a trade: `criminologist`, `невролог`.
fn is_trade(lower: &str) -> bool {
    const ENDINGS: [&str; 10] = ["ologist", "ographer", "onomist", "inguist", "chemist", "keeper", "grower", "hunter", "worker", "олог"];
    ENDINGS.iter().any(|ending| lower.ends_with(ending)) || !lower.is_ascii() && is_common(lower)
}

/// `Петрович`, `Ивановна`: the last of three words, of which the first is then the surname.
fn is_patronymic(lower: &str) -> bool {
    ["вич", "вна", "чна"].iter().any(|ending| lower.ends_with(ending))
}
