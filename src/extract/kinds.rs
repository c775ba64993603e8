//! What a name looks like: person, organisation, vessel, place, or nobody.

use super::lexicon::{Class, Classes, classes, is_common};
use super::mentions::{Finder, MentionKind};
use super::tokens::{Shape, Token};
use crate::model::{EntityRole, place};
use crate::names::is_known_name;
use std::ops::Range;

impl Finder<'_> {
    /// What a name looks like; `None` = it is nobody's name.
    pub(super) fn classify(&self, range: Range<usize>, titles: Classes) -> (Option<MentionKind>, Option<EntityRole>) {
        use MentionKind::{Organisation, Person, Place, Single, Vessel};
        let lower = self.lower(range.clone());
        let plain = lower.trim_start_matches("the ");
        let mut known = classes(&lower).with(classes(plain));
        let lead = self.tokens[range.start].lower.as_str();
        if range.len() > 2 && place(lead).is_some() && classes(&self.lower(range.start + 1..range.end)).has(Class::KnownMedia) {
            known = known.with(classes(&self.lower(range.start + 1..range.end)));
        }
        let tokens = &self.tokens[range.clone()];
        let last = &tokens[tokens.len() - 1];
        let before = self.words_before(range.start);
        if known.has(Class::KnownMedia)
            && !(self.capital_at(range.end)
                || tokens.len() == 1 && is_common(&lower) && tokens[0].shape != Shape::Upper && !self.after_the(range.start))
        {
            return (Some(Organisation), Some(EntityRole::Media));
        }
        if known.has(Class::KnownOfficial) {
            return (Some(Organisation), Some(EntityRole::Official));
        }
        if known.has(Class::KnownPlatform) {
            return (Some(Organisation), Some(EntityRole::Platform));
        }
        if known.has(Class::KnownBody) && !(tokens.len() == 1 && is_common(&lower) && tokens[0].shape != Shape::Upper) {
            return (Some(Organisation), None);
        }
        let announced = |class: Class| before.iter().any(|phrase| classes(phrase).has(class));
        let flagged = before.first().is_some_and(|word| word.ends_with("-flagged"));
        let aboard = before.iter().any(|phrase| matches!(phrase.as_str(), "aboard" | "aboard the"));
        if announced(Class::VesselNoun) || flagged || aboard || self.imo_follows(range.end) {
            return (Some(Vessel), None);
        }
        if self.ends_with_legal_form(range.clone()) {
            return (Some(Organisation), None);
        }
        if place(plain).is_some() || known.has(Class::WiderPlace) || self.is_dateline(range.clone()) {
            return (Some(Place), Some(EntityRole::Place));
        }
        if known.has_any(&[Class::Calendar, Class::DocumentWord])
            || last.classes.has(Class::DocumentWord) && !titles.has_any(Classes::TITLES)
        {
            return (None, None);
        }
        let person_titles = titles.has_any(&[
            Class::Honorific,
            Class::Rank,
            Class::PepTitle,
            Class::OfficialTitle,
            Class::LawyerTitle,
            Class::BystanderTitle,
            Class::MediaTitle,
        ]);
        let official = self.official_head(range.clone());
        if official && (tokens.len() > 1 || last.shape == Shape::Upper) && (!person_titles || last.classes.has(Class::OfficialHead)) {
            return (Some(Organisation), Some(EntityRole::Official));
        }
        let direction = matches!(
            tokens[0].lower.as_str(),
            "north"
                | "south"
                | "east"
                | "west"
                | "northern"
                | "southern"
                | "eastern"
                | "western"
                | "southeast"
                | "southwest"
                | "northeast"
                | "northwest"
                | "upper"
                | "lower"
                | "greater"
                | "central"
        );
        let water = matches!(tokens[0].lower.as_str(), "lake" | "mount" | "port" | "cape" | "fort" | "isle");
        if (direction || water) && tokens.len() == 2 && !last.classes.has_any(&[Class::OrganisationHead, Class::OfficialHead]) {
            return (Some(Place), Some(EntityRole::Place));
        }
        if last.classes.has(Class::PlaceWord) && !last.classes.has_any(&[Class::OrganisationHead]) && !person_titles {
            return (Some(Place), Some(EntityRole::Place));
        }
        if person_titles {
            return (Some(if tokens.len() == 1 { Single } else { Person }), None);
        }
        if announced(Class::MediaNoun) {
            return (Some(Organisation), Some(EntityRole::Media));
        }
        let headed = tokens.iter().any(|token| token.classes.has(Class::OrganisationHead));
        if headed && tokens.len() > 1 {
            return (Some(Organisation), None);
        }
        let first_is_name = is_known_name(&tokens[0].lower);
        if self.is_quoted_russian(range.clone()) && !(first_is_name && tokens.len() > 1) {
            return (Some(Organisation), None);
        }
        if (announced(Class::CompanyNoun) || announced(Class::PlatformNoun)) && !(first_is_name && tokens.len() > 1) {
            return (Some(Organisation), None);
        }
        if tokens.len() == 1 {
            let kind = self.classify_single(range);
            return (kind, (kind == Some(Place)).then_some(EntityRole::Place));
        }
        if self.place_noun_of(range.start) {
            return (Some(Place), Some(EntityRole::Place));
        }
        if !first_is_name && self.is_operation(range.start) {
            return (None, None);
        }
        if titles.has(Class::OtherTitle) || first_is_name {
            return (Some(Person), None);
        }
        let before = (range.start > self.sentence.start).then(|| self.tokens[range.start - 1].lower.as_str());
        if matches!(before, Some("in" | "near" | "into" | "outside" | "off" | "at")) {
            return (Some(Place), Some(EntityRole::Place));
        }
        let english = |token: &Token| is_common(&token.lower) && !is_known_name(&token.lower);
        let has_particle = tokens.iter().any(|token| token.shape == Shape::Lower && token.classes.has(Class::Particle));
        let joined = tokens.iter().any(|token| matches!(token.lower.as_str(), "of" | "for" | "and" | "&" | "the"));
        let acronym = tokens.iter().any(|token| token.shape == Shape::Upper && token.lower.len() > 2)
            && !tokens.iter().all(|token| token.shape == Shape::Upper);
        if joined
            || english(&tokens[0])
            || (tokens.len() > 5 && !has_particle)
            || acronym
            || self.after_the(range.start)
            || tokens.iter().all(english)
        {
            return (Some(Organisation), None);
        }
        (Some(Person), None)
    }

    pub(super) fn classify_single(&self, range: Range<usize>) -> Option<MentionKind> {
        let token = &self.tokens[range.start];
        let is_word = is_common(&token.lower) || token.classes.has(Class::CommonCapital);
        if is_word
            && token.shape != Shape::Upper
            && !self.after_the(range.start)
            && (range.start == self.sentence.start || token.classes.has(Class::CommonCapital))
        {
            return None;
        }
        if token.lower.chars().count() < 2 {
            return None;
        }
        if self.stands_as_place(range.start) {
            return Some(MentionKind::Place);
        }
        let the = self.after_the(range.start)
            || (range.start >= self.sentence.start + 2
                && self.tokens[range.start - 1].shape == Shape::Sign
                && self.tokens[range.start - 2].lower == "the");
        if the && !is_word {
            return Some(MentionKind::Organisation);
        }
        if (token.shape == Shape::Upper && token.lower.len() <= 6 && !is_known_name(&token.lower))
            || token.lower.contains('&')
            || token.lower.contains(|c: char| c.is_ascii_digit())
        {
            return Some(MentionKind::Organisation);
        }
        Some(MentionKind::Single)
    }

    /// "arrested in Ikoyi", "Pemberton, 61, of Winchester", "PUCALLPA, Peru -": a word where a place stands.
    pub(super) fn stands_as_place(&self, at: usize) -> bool {
        let before = |back: usize| (at >= self.sentence.start + back).then(|| self.tokens[at - back].lower.as_str());
        let after = self.tokens.get(at + 1).filter(|_| at + 1 < self.sentence.end);
        let known = is_known_name(&self.tokens[at].lower);
        let within = matches!(before(1), Some("in" | "near" | "outside" | "towards" | "off" | "into" | "via" | "around" | "across"));
        let home = self.place_noun_of(at);
        let region = after.is_some_and(|after| {
            after.shape == Shape::Lower
                && (after.classes.has(Class::PlaceWord)
                    || matches!(
                        after.lower.as_str(),
                        "regional" | "provincial" | "municipal" | "mayor" | "estuary" | "area" | "resident" | "residents" | "native"
                    ))
        });
        let dateline = at == self.sentence.start
            && self.tokens[at].shape == Shape::Upper
            && after.is_some_and(|after| after.is_sign(&[',', '-', '–', '—', '(', ':']));
        home || within && !known || dateline || region && !known
    }

    /// "the village of", "the mayor of", "north of", ", of" before the name.
    fn place_noun_of(&self, at: usize) -> bool {
        let before = |back: usize| (at >= self.sentence.start + back).then(|| &self.tokens[at - back]);
        let announces = |word: &Token| {
            word.classes.has(Class::PlaceWord)
                || matches!(
                    word.lower.as_str(),
                    "mayor"
                        | "governor"
                        | "councillor"
                        | "resident"
                        | "residents"
                        | "native"
                        | "outskirts"
                        | "outside"
                        | "north"
                        | "south"
                        | "east"
                        | "west"
                        | "port"
                        | ","
                )
        };
        before(1).is_some_and(|word| word.lower == "of") && before(2).is_some_and(announces)
    }

    /// `агентства «Барс-А»`: Russian writes the names of companies in angled quotation marks.
    fn is_quoted_russian(&self, range: Range<usize>) -> bool {
        let noun = |at: usize| self.tokens[at].shape == Shape::Lower && self.tokens[at].lower.chars().any(|c| matches!(c, 'а'..='я'));
        let form =
            |at: usize| matches!(self.tokens[at].lower.as_str(), "ооо" | "оао" | "зао" | "пао" | "ао" | "тоо" | "осоо" | "чп" | "ип");
        range.start >= self.sentence.start + 2
            && self.tokens[range.start - 1].lower == "«"
            && self.tokens.get(range.end).is_some_and(|close| close.lower == "»")
            && (noun(range.start - 2) || form(range.start - 2))
    }

    /// `PETALING JAYA:`, `HÀ NỘI —`: two or three words in capitals that open a sentence, before a colon or a dash.
    fn is_dateline(&self, range: Range<usize>) -> bool {
        range.start == self.sentence.start
            && (2..=3).contains(&range.len())
            && self.tokens[range.clone()].iter().all(|token| token.shape == Shape::Upper && !token.guessed)
            && self.tokens.get(range.end).is_some_and(|sign| sign.is_sign(&[':', '–', '—']))
    }

    /// The name of an investigation: `the trial known as "Quarta Luna"`, `Operation 'Fata Morgana'`.
    fn is_operation(&self, at: usize) -> bool {
        let quoted = at > self.sentence.start && self.tokens[at - 1].is_sign(&['"', '“', '«', '‘', '\'']);
        let words = &self.tokens[self.sentence.start.max(at.saturating_sub(6))..at.saturating_sub(1).max(self.sentence.start)];
        let is = |word: &Token, known: &[&str]| known.contains(&word.lower.as_str());
        let noun = words.iter().any(|word| is(word, &["operation", "investigation", "probe", "inquiry", "trial"]));
        let called =
            words.last().is_some_and(|word| is(word, &["operation", "investigation", "as", "named", "dubbed", "codenamed", "called"]));
        quoted && noun && called
    }

    /// A head word of official bodies at the end of the name, or before "of" and "for".
    pub(super) fn official_head(&self, range: Range<usize>) -> bool {
        let of = range.clone().find(|&at| matches!(self.tokens[at].lower.as_str(), "of" | "for" | "on" | "de" | "da" | "di" | "del"));
        let is_head = |at: usize| at >= range.start && self.tokens[at].classes.has(Class::OfficialHead);
        let first_of = of.is_some_and(|of| of > range.start && is_head(of - 1));
        let russian =
            self.tokens[range.start..range.end].iter().any(|token| token.classes.has(Class::OfficialHead) && !token.lower.is_ascii());
        is_head(range.end - 1)
            || first_of
            || russian
            || (is_head(range.start)
                && range.len() > 1
                && !is_known_name(&self.tokens[range.end - 1].lower)
                && !self.tokens[range.end - 1].classes.has(Class::LegalForm)
                && is_common(&self.tokens[range.end - 1].lower))
    }

    pub(super) fn after_the(&self, at: usize) -> bool {
        at > self.sentence.start && self.tokens[at - 1].lower == "the" || self.tokens[at].lower == "the"
    }

    pub(super) fn imo_follows(&self, at: usize) -> bool {
        self.tokens[at..self.sentence.end].iter().take(4).any(|token| token.lower == "imo")
    }

    /// The one to three words before a name, as phrases; quotation marks between are skipped.
    pub(super) fn words_before(&self, at: usize) -> Vec<String> {
        let mut end = at;
        while end > self.sentence.start && self.tokens[end - 1].is_sign(&['"', '“', '«', '‘', '\'']) {
            end -= 1;
        }
        (1..=3).filter(|length| end >= self.sentence.start + length).map(|length| self.lower(end - length..end)).collect()
    }
}
