//! Finds the names in a sentence and says what each looks like: person, organisation, vessel or place.

use super::lexicon::{Class, Classes, PHRASE_WORDS_MAX, classes, reach};
use super::tokens::{Shape, Token};
use crate::model::{EntityRole, PartyKind, PlaceKind, place};
use std::ops::Range;

/// A name as it stands in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention {
    /// With the letters after it: `KC`.
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
pub(super) const NAME_TOKENS_MAX: usize = 14;

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

    pub(super) fn name_token(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        token.is_capital()
            && !is_compound_adjective(token)
            && !token.lower.starts_with("ex-")
            && !is_amount(&token.lower)
            && !is_people(&token.lower)
            && !self.is_currency(at)
            && !self.is_calendar(at)
    }

    /// `HK` in `HK$9.2 million`, `NOK` in `NOK 1.6 million`.
    fn is_currency(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        self.tokens.get(at + 1).is_some_and(|next| {
            token.classes.has(Class::Currency) && next.shape == Shape::Number
                || next.range.start == token.range.end && next.lower.starts_with('$')
        })
    }

    /// A month or day; `May`, `April`, `Jan` and the like only beside a number or a word of time.
    pub(super) fn is_calendar(&self, at: usize) -> bool {
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

    pub(super) fn capital_at(&self, at: usize) -> bool {
        at < self.sentence.end && self.name_token(at)
    }

    /// Longest title that starts here and stands before a name, with its classes.
    pub(super) fn title(&self, at: usize) -> Option<(usize, Classes)> {
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
    pub(super) fn phrase(&self, at: usize, wanted: &[Class]) -> Option<(usize, Classes)> {
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

    pub(super) fn lower(&self, range: Range<usize>) -> String {
        let mut joined = String::new();
        for token in &self.tokens[range] {
            if !joined.is_empty() && !matches!(token.shape, Shape::Possessive) {
                joined.push(' ');
            }
            joined.push_str(&token.lower);
        }
        joined
    }

    pub(super) fn may_start(&self, at: usize) -> bool {
        if self.name_token(at) {
            // "The" opens a name only of the table: "The Guardian".
            let article = matches!(self.tokens[at].lower.as_str(), "the" | "a" | "an");
            return !article || self.phrase(at, &[Class::KnownMedia, Class::KnownOfficial]).is_some();
        }
        let token = &self.tokens[at];
        let starts = matches!(token.lower.as_str(), "bin" | "ibn" | "van" | "von" | "abu" | "umm" | "al" | "el");
        (starts && token.shape == Shape::Lower && self.capital_at(at + 1)) || self.known_number_name(at) || self.is_numbered_body(at)
    }

    /// `24.kg`: a name of the table that starts with a number.
    pub(super) fn known_number_name(&self, at: usize) -> bool {
        self.tokens[at].shape == Shape::Number && self.tokens[at].classes.has_any(&[Class::KnownMedia, Class::KnownOfficial])
    }

    /// `235th Garrison Military Court`, `32nd Infantry Battalion`.
    fn is_numbered_body(&self, at: usize) -> bool {
        let lower = &self.tokens[at].lower;
        let ordinal = lower.starts_with(|c: char| c.is_ascii_digit()) && ["st", "nd", "rd", "th"].iter().any(|end| lower.ends_with(end));
        ordinal && self.capital_at(at + 1) && self.capital_at(at + 2) && self.ends_with_head(at + 1)
    }

    pub(super) fn has_head(&self, range: Range<usize>) -> bool {
        self.tokens[range].iter().any(|token| token.classes.has_any(&[Class::OrganisationHead, Class::OfficialHead]))
    }

    pub(super) fn ends_with_legal_form(&self, range: Range<usize>) -> bool {
        (range.start + 1..range.end).any(|at| {
            let found = if at + 1 == range.end { self.tokens[at].classes } else { classes(&self.lower(at..range.end)) };
            found.has(Class::LegalForm)
        })
    }

    pub(super) fn is_known(&self, range: Range<usize>) -> bool {
        classes(&self.lower(range)).has_any(&[Class::KnownOfficial, Class::KnownMedia, Class::KnownPlatform, Class::KnownBody])
    }

    pub(super) fn looks_like_organisation(&self, range: Range<usize>) -> bool {
        let last = &self.tokens[range.end - 1];
        let headed = range.len() > 1
            && last.classes.has_any(&[Class::OrganisationHead, Class::OfficialHead])
            && !last.classes.has_any(Classes::TITLES);
        let joined = self.tokens[range.clone()].iter().position(|token| matches!(token.lower.as_str(), "of" | "for"));
        let of = joined.is_some_and(|joined| self.has_head(range.start..range.start + joined));
        headed || of || self.is_known(range.clone()) || self.ends_with_legal_form(range)
    }

    /// Turns a run of capitals into mentions: titles and countries before the name are cut off and remembered.
    pub(super) fn conclude(&self, mut range: Range<usize>, mut titles: Classes, found: &mut Vec<Mention>) {
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

    /// `Fenella Arkwright KC`: the name without the letters after it, and what they make of its bearer.
    fn without_letters(&self, range: Range<usize>) -> (Range<usize>, Classes) {
        let (mut end, mut titles) = (range.end, Classes::default());
        while end - range.start > 2 && self.tokens[end - 1].shape == Shape::Upper {
            match self.tokens[end - 1].lower.as_str() {
                "kc" | "qc" | "sc" if !self.looks_like_organisation(range.start..end) => titles = titles.with(classes("barrister")),
                "obe" | "cbe" | "mbe" | "esq" => {}
                _ => break,
            }
            end -= 1;
        }
        (range.start..end, titles)
    }

    pub(super) fn push(&self, range: Range<usize>, titles: Classes, found: &mut Vec<Mention>) {
        let (whole, (range, letters)) = (range.clone(), self.without_letters(range));
        let titles = titles.with(letters);
        let (kind, known_as) = self.classify(range.clone(), titles);
        let Some(kind) = kind else { return };
        // `Xin Ya 6`: ships have numbers.
        let number = self.tokens.get(range.end).filter(|_| range.end < self.sentence.end && kind == MentionKind::Vessel);
        let number = number.filter(|token| token.shape == Shape::Number && token.lower.len() <= 3);
        let numbered = number.is_some() && self.tokens.get(range.end + 1).is_none_or(|next| !next.classes.has(Class::Measure));
        let range = range.start..range.end + usize::from(numbered);
        let whole = whole.start..whole.end.max(range.end);
        let bytes = self.tokens[range.start].range.start..self.tokens[range.end - 1].range.end;
        let text = self.text[bytes.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        let nickname = (range.start + 1..range.end.saturating_sub(1)).find_map(|at| {
            let close = self.nickname_end(at)?;
            (close < range.end).then(|| self.text[self.tokens[at + 1].range.start..self.tokens[close - 2].range.end].to_owned())
        });
        found.push(Mention { tokens: whole, range: bytes, sentence: self.number, text, kind, titles, known_as, nickname });
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

/// `Ukrainians`: a people.
fn is_people(lower: &str) -> bool {
    let one = lower.strip_suffix('s').and_then(place);
    matches!(one, Some((PlaceKind::Adjective, _))) && place(lower).is_none()
}

/// `R38m`, `P5`, `N3`: money, not names.
fn is_amount(lower: &str) -> bool {
    let letters = lower.chars().take_while(|c| c.is_ascii_alphabetic()).count();
    letters <= 3
        && lower.len() > letters
        && lower[letters..].starts_with(|c: char| c.is_ascii_digit())
        && lower[letters..].chars().filter(|c| c.is_ascii_alphabetic()).count() <= 2
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
