//! How far a name reaches: the run of capitals with its particles, joiners, legal form and nickname.

use super::lexicon::{Class, Classes, is_common};
use super::mentions::{Finder, NAME_TOKENS_MAX};
use super::tokens::{Shape, Token};
use crate::model::place;
use crate::names::is_known_name;
use std::ops::Range;

impl Finder<'_> {
    /// The end of the name that starts here.
    pub(super) fn grow(&self, start: usize) -> usize {
        let named = self.phrase(start, &[Class::KnownOfficial, Class::KnownMedia, Class::KnownPlatform, Class::KnownBody]);
        let office = self.phrase(start, &[Class::PepTitle, Class::OfficialTitle]).filter(|(length, _)| {
            *length > 1 && self.tokens.get(start + length).is_some_and(|next| matches!(next.lower.as_str(), "of" | "for"))
        });
        let mut end = start + named.or(office).map_or(1, |(length, _)| length);
        while end < self.sentence.end && end - start < NAME_TOKENS_MAX {
            let token = &self.tokens[end];
            let next = end + 1;
            if self.name_token(end) {
                end = next;
            } else if token.shape == Shape::Number && token.lower.len() <= 4 && self.capital_at(next) {
                end = next + 1;
            } else if token.shape == Shape::Lower && is_written_legal_form(&token.lower) {
                return next;
            } else if token.lower == "&" && self.capital_at(next) {
                end = next + 1;
            } else if token.lower == "," {
                match self.legal_form_after_comma(next).or_else(|| self.field_list_end(start, end)) {
                    Some(after) => end = after,
                    None => break,
                }
            } else if let Some(after) = self.nickname_end(end) {
                end = after;
            } else if self.office_follows(start, end) {
                end = next + 1;
            } else if let Some(after) = self.joined_capital(start, end) {
                end = after;
            } else {
                break;
            }
        }
        if self.tokens.get(end).is_some_and(|token| matches!(token.lower.as_str(), "bank" | "clan" | "cartel"))
            && end < self.sentence.end
            && end - start <= 2
            && self.is_bank_name(start..end)
        {
            end += 1;
        }
        self.small_office_end(start, end).unwrap_or(end)
    }

    /// `Ministry of Trade, Industry and Energy`: where the list of fields ends that starts with the comma here.
    fn field_list_end(&self, start: usize, comma: usize) -> Option<usize> {
        let has_field = self.tokens[start..comma].iter().any(|token| token.lower == "of");
        if !has_field || !self.official_head(start..comma) || !is_common(&self.tokens[comma - 1].lower) {
            return None;
        }
        let field = |from: usize| {
            let end = (from..self.sentence.end).find(|&at| !self.capital_at(at) || !is_common(&self.tokens[at].lower))?;
            (end > from && end - from <= 3).then_some(end)
        };
        let mut at = comma;
        loop {
            match self.tokens.get(at).filter(|_| at < self.sentence.end)?.lower.as_str() {
                "," if self.tokens.get(at + 1).is_some_and(|next| matches!(next.lower.as_str(), "and" | "&")) => return field(at + 2),
                "," => at = field(at + 1)?,
                "and" | "&" => return field(at + 1),
                _ => return None,
            }
        }
    }

    /// `Antwerp criminal court`, `Pleven regional environment inspectorate`, `Vienna public prosecutor's office`: an office
    /// written small after the name of its place. Not `a Swiss federal court`.
    fn small_office_end(&self, start: usize, end: usize) -> Option<usize> {
        let named = self.tokens[start..end].iter().all(|token| {
            !token.classes.has(Class::CommonCapital)
                && !token.classes.has_any(Classes::TITLES)
                && !token.classes.has_any(&[Class::OfficialHead, Class::OrganisationHead])
        });
        let some =
            start > self.sentence.start && matches!(self.tokens[start - 1].lower.as_str(), "a" | "an" | "two" | "some" | "by" | "mr");
        if !named || some || end - start > 2 || self.is_known(start..end) {
            return None;
        }
        let lower = |at: usize| self.tokens.get(at).filter(|_| at < self.sentence.end).map_or("", |token| token.lower.as_str());
        let kinds = (end..self.sentence.end).take_while(|&at| self.tokens[at].classes.has(Class::OfficeKind)).count();
        let head = end + kinds;
        let office =
            lower(head).starts_with("prosecutor") && matches!(lower(head + 1), "'s" | "’s" | "'" | "’") && lower(head + 2) == "office";
        if office {
            return Some(head + 3);
        }
        let is_head = matches!(lower(head), "court" | "police" | "prosecution" | "council" | "inspectorate" | "directorate" | "tribunal");
        (kinds > 0 && is_head).then_some(head + 1)
    }

    /// `BTA bank`, `TuranAlem bank`; not `Swiss bank` nor `The bank`.
    pub(super) fn is_bank_name(&self, range: Range<usize>) -> bool {
        self.tokens[range].iter().all(|token| {
            place(&token.lower).is_none()
                && !token.classes.has(Class::CommonCapital)
                && !is_common(&token.lower)
                && !token.classes.has_any(Classes::TITLES)
        })
    }

    pub(super) fn legal_form_after_comma(&self, at: usize) -> Option<usize> {
        if !self.capital_at(at) {
            return None;
        }
        let (length, _) = self.phrase(at, &[Class::LegalForm])?;
        Some(at + length)
    }

    /// `"El Chapo" Guzmán`: a short quoted part inside a name.
    pub(super) fn nickname_end(&self, at: usize) -> Option<usize> {
        let open = &self.tokens[at];
        if !open.is_sign(&['"', '“', '\'', '‘', '«', '(']) {
            return None;
        }
        let close =
            (at + 2..(at + 5).min(self.sentence.end)).find(|&close| self.tokens[close].is_sign(&['"', '”', '\'', '’', '»', ')']))?;
        let bracket = open.lower == "(";
        let inside_is_name = self.tokens[at + 1..close].iter().all(|token| token.is_capital());
        // In brackets only one word: "Robert (Bob) Smith".
        (inside_is_name && self.capital_at(close + 1) && (!bracket || close == at + 2)).then_some(close + 1)
    }

    /// `Attorney General's Office`, `Magistrates' Court`.
    pub(super) fn office_follows(&self, start: usize, at: usize) -> bool {
        let token = &self.tokens[at];
        let owner = self.tokens[at - 1].lower.as_str();
        let is_owner = matches!(
            owner,
            "general"
                | "attorney-general"
                | "prosecutor-general"
                | "prosecutor"
                | "prosecutors"
                | "attorney"
                | "sheriff"
                | "people"
                | "commissioner"
                | "magistrates"
                | "magistrate"
                | "women"
                | "workers"
                | "king"
                | "queen"
                | "state"
                | "coroner"
                | "governor"
                | "children"
                | "farmers"
                | "mayor"
        );
        let possessive = token.shape == Shape::Possessive || token.is_sign(&['\'', '’']);
        possessive
            && is_owner
            && at > start
            && self.capital_at(at + 1)
            && self.tokens[at + 1].classes.has_any(&[Class::OfficialHead, Class::OrganisationHead])
    }

    /// Joiners and particles with the capital after them, where they belong to the name.
    pub(super) fn joined_capital(&self, start: usize, at: usize) -> Option<usize> {
        let joins = |token: &Token| token.shape == Shape::Lower && token.classes.has_any(&[Class::Particle, Class::Joiner]);
        let mut next = at;
        while next < self.sentence.end && next - at < 3 && joins(&self.tokens[next]) {
            next += 1;
        }
        if next == at || !self.capital_at(next) {
            return None;
        }
        let words: Vec<&str> = self.tokens[at..next].iter().map(|token| token.lower.as_str()).collect();
        let before = start..at;
        let after = &self.tokens[next];
        if after.classes.has(Class::DocumentWord) && after.shape != Shape::Upper || after.classes.has(Class::Currency) {
            return None;
        }
        if words == ["de"] && matches!(after.lower.as_str(), "c.v." | "cv" | "r.l.") {
            return Some(next + 1);
        }
        let particles = self.tokens[at..next].iter().all(|token| token.classes.has(Class::Particle));
        let allowed = match words[0] {
            "of" | "for" | "on" | "against" => {
                // "Justice Hauwa Bello of the High Court": her title is no head. "Affairs Department of the Police Force": two bodies.
                if self.is_titled_person(before.clone())
                    || words == ["of", "the"] && self.is_body(before.clone()) && self.is_body_from(next)
                {
                    return None;
                }
                let head = self.has_head(before.clone()) && !self.ends_with_legal_form(before.clone())
                    || (words[0] == "of" && self.may_be_headed(before.clone()))
                    || self.is_office(before.clone());
                let titled =
                    self.phrase(next, Classes::TITLES).is_some() && !after.classes.has_any(&[Class::OfficialHead, Class::OrganisationHead]);
                head && !titled && (words[0] == "of" || is_common(&after.lower) || place(&after.lower).is_some())
            }
            "and" | "&" | "the" | "und" | "et" => {
                let last = &self.tokens[at - 1].lower;
                let all_common = self.tokens[before.clone()].iter().all(|token| is_common(&token.lower));
                let field = self.tokens[before.clone()].iter().any(|token| matches!(token.lower.as_str(), "of" | "for"));
                let office = self.phrase(start, &[Class::PepTitle, Class::OfficialTitle]).is_some();
                let headed = self.has_head(before.clone()) || office || all_common && self.ends_with_head(next);
                let strange = is_known_name(&after.lower) || self.phrase(next, &[Class::KnownOfficial, Class::KnownMedia]).is_some();
                let ordinary = place(last).is_none()
                    && (is_common(last) || field)
                    && (is_common(&after.lower) || self.ends_with_common(next) || field && !strange);
                words == ["and"] && ordinary && headed && !self.is_known(before)
            }
            "y" | "e" | "og" | "och" => is_known_name(&self.tokens[at - 1].lower) || !is_common(&self.tokens[at - 1].lower),
            _ => particles && !self.ends_with_legal_form(before.clone()),
        };
        allowed.then_some(next + 1)
    }

    /// `Justice Hauwa Bello`: a title before words that are no everyday ones.
    fn is_titled_person(&self, range: Range<usize>) -> bool {
        let Some((length, _)) = self.phrase(range.start, Classes::TITLES) else { return false };
        let name = range.start + length..range.end;
        name.len() > 1
            && self.tokens[name].iter().all(|token| token.is_capital() && (!is_common(&token.lower) || is_known_name(&token.lower)))
    }

    /// `Commercial Affairs Department`: two words or more that end in the head of an official body.
    fn is_body(&self, range: Range<usize>) -> bool {
        range.len() > 1 && self.tokens[range.end - 1].classes.has(Class::OfficialHead)
    }

    /// The same for the run of capitals that starts here.
    fn is_body_from(&self, at: usize) -> bool {
        let end = (at..self.sentence.end).find(|&at| !self.capital_at(at)).unwrap_or(self.sentence.end);
        end > at && self.is_body(at..end)
    }

    /// `Under Secretary`, `Minister`: an office, whose field follows.
    pub(super) fn is_office(&self, range: Range<usize>) -> bool {
        self.phrase(range.start, &[Class::PepTitle, Class::OfficialTitle]).is_some_and(|(length, _)| range.start + length == range.end)
    }

    /// Whether the run of capitals from here ends in an everyday word: `Stateless Persons`.
    pub(super) fn ends_with_common(&self, at: usize) -> bool {
        let mut end = at;
        while self.capital_at(end) {
            end += 1;
        }
        end > at && is_common(&self.tokens[end - 1].lower) && !is_known_name(&self.tokens[at].lower)
    }

    /// Whether the run of capitals from here ends in a word that makes it an organisation.
    pub(super) fn ends_with_head(&self, at: usize) -> bool {
        let mut end = at;
        while self.capital_at(end) {
            end += 1;
        }
        end > at && self.tokens[end - 1].classes.has_any(&[Class::OrganisationHead, Class::OfficialHead])
    }

    /// `Voice of America`: an everyday word in capitals before "of" inside a sentence.
    pub(super) fn may_be_headed(&self, range: Range<usize>) -> bool {
        let last = &self.tokens[range.end - 1];
        range.start > self.sentence.start
            && is_common(&last.lower)
            && !last.classes.has_any(Classes::TITLES)
            && !last.classes.has(Class::DocumentWord)
    }
}

/// Legal forms that are written in small letters; others (`as`, `co`) are words too.
fn is_written_legal_form(lower: &str) -> bool {
    matches!(
        lower,
        "plc"
            | "d.o.o."
            | "d.o.o"
            | "a.s."
            | "s.r.o."
            | "e.v."
            | "z.o.o."
            | "gmbh"
            | "llc"
            | "ltd"
            | "ltd."
            | "inc"
            | "inc."
            | "a.d."
            | "d.d."
    )
}
