//! Finds the names in a sentence and says what each looks like: person, organisation, vessel or place.

use super::lexicon::{Class, Classes, PHRASE_WORDS_MAX, classes, is_common, reach};
use super::tokens::{Shape, Token};
use crate::model::{EntityRole, PartyKind, PlaceKind, place};
use crate::names::is_known_name;
use std::ops::Range;

/// A name as it stands in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention {
    pub tokens: Range<usize>,
    /// Bytes in the document.
    pub range: Range<usize>,
    /// The sentence it stands in, by number.
    pub sentence: usize,
    pub text: String,
    pub kind: MentionKind,
    /// What the words before the name call its bearer: `president`, `lawyer`.
    pub titles: Classes,
    /// A part that the name itself proves: a newspaper, a court.
    pub known_as: Option<EntityRole>,
    /// `El Chapo` in `Joaquín "El Chapo" Guzmán`.
    pub nickname: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MentionKind {
    Person,
    Organisation,
    Vessel,
    Place,
    /// One word that may be a surname or a short name.
    Single,
}

impl MentionKind {
    pub(super) fn party_kind(self) -> PartyKind {
        match self {
            Self::Person => PartyKind::Person,
            Self::Organisation => PartyKind::Organisation,
            Self::Vessel => PartyKind::Vessel,
            Self::Place | Self::Single => PartyKind::Unknown,
        }
    }
}

/// A longer run of capitals is a headline or a table, not one name; it is cut here.
const NAME_TOKENS_MAX: usize = 14;

/// Finds the names of one sentence.
pub(super) struct Finder<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub sentence: Range<usize>,
    pub number: usize,
}

impl Finder<'_> {
    /// Every name of the sentence, in order.
    pub(super) fn mentions(&self) -> Vec<Mention> {
        let mut found = Vec::new();
        let mut titles = Classes::default();
        let mut at = self.sentence.start;
        while at < self.sentence.end {
            let token = &self.tokens[at];
            if let Some((length, title)) = self.title(at) {
                titles = titles.with(title);
                at += length;
            } else if self.may_start(at) {
                let end = self.grow(at);
                self.conclude(at..end, titles, &mut found);
                titles = Classes::default();
                at = end;
            } else {
                // A title reaches over a comma and a quotation mark: "his lawyer, Anna Example".
                if !token.is_sign(&[',', '"', '“', '«', '‘']) && token.lower != "the" {
                    titles = Classes::default();
                }
                at += 1;
            }
        }
        found
    }

    fn name_token(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        token.is_capital() && !is_compound_adjective(token) && !is_amount(&token.lower) && !self.is_calendar(at)
    }

    /// A month or day; `May`, `April`, `Jan` and the like only beside a number or a word of time.
    fn is_calendar(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        if !token.classes.has(Class::Calendar) {
            return false;
        }
        if token.lower.chars().count() > 5 && token.lower != "august" {
            return true;
        }
        let number = |at: usize| self.tokens.get(at).is_some_and(|token| token.shape == Shape::Number);
        let time = at > self.sentence.start
            && matches!(
                self.tokens[at - 1].lower.as_str(),
                "in" | "on"
                    | "last"
                    | "since"
                    | "until"
                    | "by"
                    | "late"
                    | "early"
                    | "mid"
                    | "next"
                    | "from"
                    | "this"
                    | "before"
                    | "after"
                    | "till"
                    | "and"
                    | "to"
                    | "between"
                    | "of"
            );
        number(at + 1) || (at > 0 && number(at - 1)) || time || token.lower == "march" || token.lower == "sept."
    }

    fn capital_at(&self, at: usize) -> bool {
        at < self.sentence.end && self.name_token(at)
    }

    /// Longest title that starts here and stands before a name, with its classes.
    fn title(&self, at: usize) -> Option<(usize, Classes)> {
        let (length, found) = self.phrase(at, Classes::TITLES)?;
        let token = &self.tokens[at];
        if token.is_capital() {
            // "President Hotels", "Attorney General's Office": no title but the beginning of a name.
            let end = self.grow(at);
            if !self.capital_at(at + length) || self.looks_like_organisation(at..end) {
                return None;
            }
        } else {
            let mut next = at + length;
            while next < self.sentence.end && (self.tokens[next].is_sign(&[',', '"', '“', '«', '‘']) || self.tokens[next].lower == "the")
            {
                next += 1;
            }
            if !self.capital_at(next) && self.phrase(next, Classes::TITLES).is_none() {
                return None;
            }
        }
        Some((length, found))
    }

    /// The longest phrase of the table that starts here and is of one of these classes.
    fn phrase(&self, at: usize, wanted: &[Class]) -> Option<(usize, Classes)> {
        if at >= self.sentence.end {
            return None;
        }
        let most = reach(&self.tokens[at].lower).min(PHRASE_WORDS_MAX).min(self.sentence.end - at);
        for length in (1..=most).rev() {
            let found = if length == 1 { self.tokens[at].classes } else { classes(&self.lower(at..at + length)) };
            if found.has_any(wanted) {
                return Some((length, found));
            }
        }
        None
    }

    fn lower(&self, range: Range<usize>) -> String {
        let mut joined = String::new();
        for token in &self.tokens[range] {
            if !joined.is_empty() && !matches!(token.shape, Shape::Possessive) {
                joined.push(' ');
            }
            joined.push_str(&token.lower);
        }
        joined
    }

    fn may_start(&self, at: usize) -> bool {
        if self.name_token(at) {
            // "The" opens a name only of the table: "The Guardian".
            let article = matches!(self.tokens[at].lower.as_str(), "the" | "a" | "an");
            return !article || self.phrase(at, &[Class::KnownMedia, Class::KnownOfficial]).is_some();
        }
        let token = &self.tokens[at];
        let starts = matches!(token.lower.as_str(), "bin" | "ibn" | "van" | "von" | "abu" | "umm" | "al" | "el");
        (starts && token.shape == Shape::Lower && self.capital_at(at + 1)) || self.known_number_name(at)
    }

    /// `24.kg`: a name of the table that starts with a number.
    fn known_number_name(&self, at: usize) -> bool {
        self.tokens[at].shape == Shape::Number && self.tokens[at].classes.has_any(&[Class::KnownMedia, Class::KnownOfficial])
    }

    /// The end of the name that starts here.
    fn grow(&self, start: usize) -> usize {
        let named = self.phrase(start, &[Class::KnownOfficial, Class::KnownMedia, Class::KnownPlatform]);
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
                match self.legal_form_after_comma(next) {
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
        end
    }

    /// `BTA bank`, `TuranAlem bank`; not `Swiss bank` nor `The bank`.
    fn is_bank_name(&self, range: Range<usize>) -> bool {
        self.tokens[range].iter().all(|token| {
            place(&token.lower).is_none()
                && !token.classes.has(Class::CommonCapital)
                && !is_common(&token.lower)
                && !token.classes.has_any(Classes::TITLES)
        })
    }

    fn legal_form_after_comma(&self, at: usize) -> Option<usize> {
        if !self.capital_at(at) {
            return None;
        }
        let (length, _) = self.phrase(at, &[Class::LegalForm])?;
        Some(at + length)
    }

    /// `"El Chapo" Guzmán`: a short quoted part inside a name.
    fn nickname_end(&self, at: usize) -> Option<usize> {
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
    fn office_follows(&self, start: usize, at: usize) -> bool {
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
    fn joined_capital(&self, start: usize, at: usize) -> Option<usize> {
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
        if after.classes.has(Class::DocumentWord) && after.shape != Shape::Upper
            || matches!(after.lower.as_str(), "rs" | "rs." | "rp" | "kd")
        {
            return None;
        }
        if words == ["de"] && matches!(after.lower.as_str(), "c.v." | "cv" | "r.l.") {
            return Some(next + 1);
        }
        let particles = self.tokens[at..next].iter().all(|token| token.classes.has(Class::Particle));
        let allowed = match words[0] {
            "of" | "for" | "on" | "against" => {
                let head = self.has_head(before.clone())
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

    /// `Under Secretary`, `Minister`: an office, whose field follows.
    fn is_office(&self, range: Range<usize>) -> bool {
        self.phrase(range.start, &[Class::PepTitle, Class::OfficialTitle]).is_some_and(|(length, _)| range.start + length == range.end)
    }

    /// Whether the run of capitals from here ends in an everyday word: `Stateless Persons`.
    fn ends_with_common(&self, at: usize) -> bool {
        let mut end = at;
        while self.capital_at(end) {
            end += 1;
        }
        end > at && is_common(&self.tokens[end - 1].lower) && !is_known_name(&self.tokens[at].lower)
    }

    /// Whether the run of capitals from here ends in a word that makes it an organisation.
    fn ends_with_head(&self, at: usize) -> bool {
        let mut end = at;
        while self.capital_at(end) {
            end += 1;
        }
        end > at && self.tokens[end - 1].classes.has_any(&[Class::OrganisationHead, Class::OfficialHead])
    }

    fn has_head(&self, range: Range<usize>) -> bool {
        self.tokens[range].iter().any(|token| token.classes.has_any(&[Class::OrganisationHead, Class::OfficialHead]))
    }

    /// `Voice of America`: an everyday word in capitals before "of" inside a sentence.
    fn may_be_headed(&self, range: Range<usize>) -> bool {
        let last = &self.tokens[range.end - 1];
        range.start > self.sentence.start
            && is_common(&last.lower)
            && !last.classes.has_any(Classes::TITLES)
            && !last.classes.has(Class::DocumentWord)
    }

    fn ends_with_legal_form(&self, range: Range<usize>) -> bool {
        (range.start + 1..range.end).any(|at| {
            let found = if at + 1 == range.end { self.tokens[at].classes } else { classes(&self.lower(at..range.end)) };
            found.has(Class::LegalForm)
        })
    }

    fn is_known(&self, range: Range<usize>) -> bool {
        classes(&self.lower(range)).has_any(&[Class::KnownOfficial, Class::KnownMedia, Class::KnownPlatform])
    }

    fn looks_like_organisation(&self, range: Range<usize>) -> bool {
        let last = &self.tokens[range.end - 1];
        let headed = range.len() > 1
            && last.classes.has_any(&[Class::OrganisationHead, Class::OfficialHead])
            && !last.classes.has_any(Classes::TITLES);
        let joined = self.tokens[range.clone()].iter().position(|token| matches!(token.lower.as_str(), "of" | "for"));
        let of = joined.is_some_and(|joined| self.has_head(range.start..range.start + joined));
        headed || of || self.is_known(range.clone()) || self.ends_with_legal_form(range)
    }

    /// Turns a run of capitals into mentions: titles and countries before the name are cut off and remembered.
    fn conclude(&self, mut range: Range<usize>, mut titles: Classes, found: &mut Vec<Mention>) {
        if !self.is_known(range.clone()) {
            range.start += self.opener_length(range.clone());
        }
        if let Some((from, title)) = self.office_before_name(range.clone()) {
            (range.start, titles) = (from, titles.with(title));
        }
        while !range.is_empty() && !self.is_known(range.clone()) && !self.looks_like_organisation(range.clone()) {
            if let Some((prefix, rest, title)) = self.inner_title(range.clone()) {
                if !prefix.is_empty()
                    && (self.is_known(prefix.clone()) || self.official_head(prefix.clone()) || self.ends_with_legal_form(prefix.clone()))
                {
                    self.push(prefix, Classes::default(), found);
                }
                titles = titles.with(title);
                range = rest;
            } else if let Some(length) = self.leading_place(range.clone()) {
                range.start += length;
            } else {
                break;
            }
        }
        while range.len() > 1 && self.tokens[range.start].classes.has(Class::DocumentWord) && self.tokens[range.start].shape == Shape::Upper
        {
            range.start += 1;
        }
        // A name may be all that a document word, a calendar word or an opener left.
        while !range.is_empty() && self.tokens[range.end - 1].classes.has(Class::Calendar) {
            range.end -= 1;
        }
        if !range.is_empty() {
            self.push(range, titles, found);
        }
    }

    /// How many words open the sentence and are no part of the name: `The`, `Former`, `Prosecutors`.
    fn opener_length(&self, range: Range<usize>) -> usize {
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
            let ordinary = token.classes.has(Class::CommonCapital) || (noun && length == 0 && at == self.sentence.start);
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
    fn begins_longer_name(&self, range: Range<usize>) -> bool {
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
    fn office_before_name(&self, range: Range<usize>) -> Option<(usize, Classes)> {
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
    fn inner_title(&self, range: Range<usize>) -> Option<(Range<usize>, Range<usize>, Classes)> {
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
    fn leading_place(&self, range: Range<usize>) -> Option<usize> {
        (1..range.len().min(4)).rev().find(|&length| {
            let lower = self.lower(range.start..range.start + length);
            // "Zambia Daily Mail" is one name.
            !self.is_known(range.start + length..range.end) && matches!(place(&lower), Some((PlaceKind::Country | PlaceKind::Adjective, _)))
                || classes(&lower).has(Class::WiderPlace)
        })
    }

    fn push(&self, range: Range<usize>, titles: Classes, found: &mut Vec<Mention>) {
        let (kind, known_as) = self.classify(range.clone(), titles);
        let Some(kind) = kind else { return };
        let bytes = self.tokens[range.start].range.start..self.tokens[range.end - 1].range.end;
        let text = self.text[bytes.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        let nickname = (range.start + 1..range.end.saturating_sub(1)).find_map(|at| {
            let close = self.nickname_end(at)?;
            (close < range.end).then(|| self.text[self.tokens[at + 1].range.start..self.tokens[close - 2].range.end].to_owned())
        });
        found.push(Mention { tokens: range, range: bytes, sentence: self.number, text, kind, titles, known_as, nickname });
    }

    /// What a name looks like; `None` = it is nobody's name.
    fn classify(&self, range: Range<usize>, titles: Classes) -> (Option<MentionKind>, Option<EntityRole>) {
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
        let announced = |class: Class| before.iter().any(|phrase| classes(phrase).has(class));
        if announced(Class::VesselNoun) || self.imo_follows(range.end) {
            return (Some(Vessel), None);
        }
        if self.ends_with_legal_form(range.clone()) {
            return (Some(Organisation), None);
        }
        if place(plain).is_some() || known.has(Class::WiderPlace) {
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
        if official && (tokens.len() > 1 || last.shape == Shape::Upper) && !(person_titles && !last.classes.has(Class::OfficialHead)) {
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
        if (announced(Class::CompanyNoun) || announced(Class::PlatformNoun)) && !(first_is_name && tokens.len() > 1) {
            return (Some(Organisation), None);
        }
        if tokens.len() == 1 {
            let kind = self.classify_single(range);
            return (kind, (kind == Some(Place)).then_some(EntityRole::Place));
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

    fn classify_single(&self, range: Range<usize>) -> Option<MentionKind> {
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
    fn stands_as_place(&self, at: usize) -> bool {
        let before = |back: usize| (at >= self.sentence.start + back).then(|| self.tokens[at - back].lower.as_str());
        let after = self.tokens.get(at + 1).filter(|_| at + 1 < self.sentence.end);
        let known = is_known_name(&self.tokens[at].lower);
        let within = matches!(before(1), Some("in" | "near" | "outside" | "towards" | "off" | "into" | "via" | "around" | "across"));
        let home = before(1) == Some("of")
            && matches!(
                before(2),
                Some(
                    "," | "outside"
                        | "north"
                        | "south"
                        | "east"
                        | "west"
                        | "town"
                        | "city"
                        | "port"
                        | "village"
                        | "province"
                        | "district"
                        | "island"
                )
            );
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

    /// A head word of official bodies at the end of the name, or before "of" and "for".
    fn official_head(&self, range: Range<usize>) -> bool {
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

    fn after_the(&self, at: usize) -> bool {
        at > self.sentence.start && self.tokens[at - 1].lower == "the" || self.tokens[at].lower == "the"
    }

    fn imo_follows(&self, at: usize) -> bool {
        self.tokens[at..self.sentence.end].iter().take(4).any(|token| token.lower == "imo")
    }

    /// The one to three words before a name, as phrases; quotation marks between are skipped.
    fn words_before(&self, at: usize) -> Vec<String> {
        let mut end = at;
        while end > self.sentence.start && self.tokens[end - 1].is_sign(&['"', '“', '«', '‘', '\'']) {
            end -= 1;
        }
        (1..=3).filter(|length| end >= self.sentence.start + length).map(|length| self.lower(end - length..end)).collect()
    }
}

/// `Geneva-based`, `Syrian-born`.
fn is_compound_adjective(token: &Token) -> bool {
    let Some((_, tail)) = token.lower.rsplit_once('-') else { return false };
    matches!(
        tail,
        "based"
            | "born"
            | "registered"
            | "flagged"
            | "owned"
            | "led"
            | "backed"
            | "controlled"
            | "listed"
            | "linked"
            | "sanctioned"
            | "style"
            | "era"
            | "speaking"
            | "language"
            | "area"
            | "wide"
            | "run"
            | "educated"
            | "made"
            | "bound"
            | "trained"
            | "held"
            | "year"
            | "old"
            | "american"
            | "russian"
            | "iranian"
            | "funded"
            | "built"
            | "headquartered"
            | "incorporated"
            | "domiciled"
            | "related"
            | "type"
            | "affiliated"
            | "aligned"
            | "occupied"
            | "majority"
            | "wing"
            | "level"
            | "day"
            | "month"
    )
}

/// `R38m`, `P5`, `N3`: money, not names.
fn is_amount(lower: &str) -> bool {
    let letters = lower.chars().take_while(|c| c.is_ascii_alphabetic()).count();
    letters <= 3
        && lower.len() > letters
        && lower[letters..].starts_with(|c: char| c.is_ascii_digit())
        && lower[letters..].chars().filter(|c| c.is_ascii_alphabetic()).count() <= 2
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

#[cfg(test)]
mod tests {
    use super::super::tokens::{sentences, tokens};
    use super::*;

    pub(in super::super) fn all(text: &str) -> Vec<Mention> {
        let tokens = tokens(text);
        let ranges = sentences(&tokens);
        let finders = ranges.into_iter().enumerate().map(|(number, sentence)| Finder { text, tokens: &tokens, sentence, number });
        finders.flat_map(|finder| finder.mentions()).collect()
    }

    fn names(text: &str) -> Vec<(String, MentionKind)> {
        all(text).into_iter().map(|mention| (mention.text, mention.kind)).collect()
    }

    fn has(text: &str, name: &str, kind: MentionKind) {
        let found = names(text);
        assert!(found.iter().any(|(text, is)| text == name && *is == kind), "{name} as {kind:?} in {found:?}");
    }

    #[test]
    fn people_with_titles_particles_and_nicknames() {
        use MentionKind::Person;
        has("Kazakh President Qasym-Zhomart Toqaev and others left.", "Qasym-Zhomart Toqaev", Person);
        has("It froze accounts of Datuk Seri Mohd Faizal bin Abdullah today.", "Mohd Faizal bin Abdullah", Person);
        has("Acting Prosecutor General Borislav Sarafov said so.", "Borislav Sarafov", Person);
        has("Director of Public Prosecutions Renson Ingonga said so.", "Renson Ingonga", Person);
        has("The court jailed Joaquín \"El Chapo\" Guzmán.", "Joaquín \"El Chapo\" Guzmán", Person);
        has("Federal Court Judge Priya Menon ruled.", "Priya Menon", Person);
    }

    #[test]
    fn organisations_by_head_form_and_announcement() {
        use MentionKind::Organisation;
        has("France's National Court of Asylum Issues said.", "National Court of Asylum Issues", Organisation);
        has(
            "An appeal to the French Office for the Protection of Refugees and Stateless Persons failed.",
            "French Office for the Protection of Refugees and Stateless Persons",
            Organisation,
        );
        has("Mexico's Attorney General's Office said.", "Attorney General's Office", Organisation);
        has("The U.S. Treasury Department's Office of Foreign Assets Control acted.", "Office of Foreign Assets Control", Organisation);
        has("He used the firm Autos del Pacífico S.A. de C.V. for it.", "Autos del Pacífico S.A. de C.V.", Organisation);
        has("He headed Kazakhstan's BTA bank, which failed.", "BTA bank", Organisation);
        has("He told the daily Berlingske so.", "Berlingske", Organisation);
        has("Federal Court Judge Priya Menon ruled.", "Federal Court", Organisation);
        has("The tanker Ocean Saffron sailed.", "Ocean Saffron", MentionKind::Vessel);
    }

    #[test]
    fn openers_and_places_are_nobody() {
        assert!(names("Thousands protested. Prosecutors say so. In May it rained.").is_empty());
        has("He left Sofia for Dubai.", "Dubai", MentionKind::Place);
    }
}
