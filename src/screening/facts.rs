//! What birth date, country, address, gender, kind and identifiers add to a name score or take from it.

use super::addresses::{AddressRelation, nearest};
use crate::index::EntityView;
use crate::model::{FactEvidence, FactKind, Gender, IdentifierKind, PartialDate, Party, PartyKind, check_digits_hold};

/// Under this name score no fact can lift a candidate: a shared birth year proves nothing about another name.
const NAME_MIN: f32 = 0.50;
/// The shares of the gap to 1 that facts close where they agree.
const SAME_BIRTH_DATE: f32 = 0.60;
const SAME_COUNTRY: f32 = 0.12;
const SAME_ADDRESS: f32 = 0.30;
/// Namesakes live in one town, too.
const SAME_PLACE: f32 = 0.06;
/// Scores are rounded to four digits.
const ROUNDING: f32 = 0.0002;
/// An equal strong identifier is a hit whatever the name.
const IDENTIFIER_SCORE: f32 = 0.96;

/// Score after all facts. `note` is called once for each fact that spoke, with its effect.
pub(super) fn apply(name_score: f32, party: &Party, entity: &EntityView<'_>, mut note: impl FnMut(FactEvidence)) -> FactResult {
    let mut result = FactResult { score: name_score, agreeing: 0, identifier: false };
    if !party.kind.agrees_with(entity.kind) {
        let how = "a person is not an organisation or a vessel";
        result.change(Effect::Times(0.85), FactKind::Kind, kind_word(party.kind), kind_word(entity.kind), how, &mut note);
    }
    if let Some((mine, listed, relation)) = closest_dates(&party.birth_dates, &entity.birth_dates) {
        result.change(relation.effect(), FactKind::BirthDate, &mine.to_string(), &listed.to_string(), relation.words(), &mut note);
    }
    if !party.countries.is_empty() && !entity.countries.is_empty() {
        let shared = party.countries.iter().find(|country| entity.countries.contains(&country.as_str()));
        let (effect, how) =
            if shared.is_some() { (Effect::Towards(SAME_COUNTRY), "same country") } else { (Effect::Times(0.97), "other country") };
        result.change(effect, FactKind::Country, &party.countries.join(", "), &entity.countries.join(", "), how, &mut note);
    }
    if name_score >= NAME_MIN
        && let Some((listed, relation)) = nearest(&party.address, &entity.addresses)
    {
        let (share, how) = match relation {
            AddressRelation::Same => (SAME_ADDRESS, "same address"),
            AddressRelation::SamePlace => (SAME_PLACE, "address in the same place"),
        };
        result.change(Effect::Towards(share), FactKind::Address, party.address.trim(), listed, how, &mut note);
    }
    if let (Some(mine), Some(listed)) = (party.gender, entity.gender)
        && mine != listed
    {
        result.change(Effect::Times(0.80), FactKind::Gender, gender_word(mine), gender_word(listed), "other gender", &mut note);
    }
    let same = party.identifiers.iter().find_map(|mine| {
        let listed = entity.identifiers.iter().find(|(kind, value)| *value == mine.value && kind.agrees_with(mine.kind))?;
        Some((mine, listed))
    });
    if let Some((mine, (kind, value))) = same {
        let known = if *kind == IdentifierKind::Other { mine.kind } else { *kind };
        result.identifier = check_digits_hold(known, value);
        let set = Effect::Set(IDENTIFIER_SCORE + (1.0 - IDENTIFIER_SCORE) * result.score);
        let (effect, but) = if result.identifier { (set, "") } else { (Effect::Towards(0.50), ", though not one that can be right") };
        let how = format!("same {}{but}", known.words());
        result.change(effect, FactKind::Identifier, &mine.value, value, &how, &mut note);
    }
    result
}

/// The least name score from which this party can reach `least`, if all that is known beside its name agrees; identifiers aside.
pub(super) fn score_worth_comparing(party: &Party, least: f32) -> f32 {
    let known = [
        (!party.birth_dates.is_empty(), SAME_BIRTH_DATE),
        (!party.countries.is_empty(), SAME_COUNTRY),
        (!party.address.is_empty(), SAME_ADDRESS),
    ];
    // Each closes its share of the gap to 1 that the ones before it left.
    let left = known.iter().filter(|(known, _)| *known).fold(1.0, |left, (_, share)| left * (1.0 - share));
    if left == 1.0 { least } else { (1.0 - (1.0 - least) / left - ROUNDING).max(NAME_MIN).min(least) }
}

/// Whether facts could lift a name score to `least`.
pub(super) fn facts_could_lift(name_score: f32, party: &Party, least: f32) -> bool {
    !party.identifiers.is_empty() || name_score >= score_worth_comparing(party, least)
}

/// Score and what kind of facts agreed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FactResult {
    pub score: f32,
    /// Facts that spoke for it.
    pub agreeing: usize,
    /// A strong identifier was equal.
    pub identifier: bool,
}

enum Effect {
    /// Closes this share of the gap to 1, if the name is close enough to be helped.
    Towards(f32),
    Times(f32),
    Set(f32),
}

impl FactResult {
    fn change(&mut self, effect: Effect, fact: FactKind, party: &str, listed: &str, how: &str, note: &mut impl FnMut(FactEvidence)) {
        let before = self.score;
        self.score = match effect {
            Effect::Towards(share) if before >= NAME_MIN => before + (1.0 - before) * share,
            Effect::Towards(_) => before,
            Effect::Times(factor) => before * factor,
            Effect::Set(score) => score.max(before),
        };
        self.agreeing += usize::from(self.score > before);
        note(FactEvidence { fact, party: party.to_owned(), listed: listed.to_owned(), how: how.to_owned(), effect: self.score - before });
    }
}

/// How two dates stand to each other, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DateRelation {
    Same,
    /// One side knows the year (and month) only, and they agree.
    SameAsFarAsKnown,
    /// Swapped day and month, one number off, or a year off with the rest equal.
    NearMiss,
    SameYear,
    YearOff,
    TwoYearsOff,
    Far,
}

impl DateRelation {
    fn between(a: PartialDate, b: PartialDate) -> Self {
        let years = a.year.abs_diff(b.year);
        let full = a.day > 0 && b.day > 0;
        let swapped = full && a.month == b.day && a.day == b.month;
        let parts_equal = u8::from(a.month == b.month) + u8::from(a.day == b.day);
        match years {
            0 if full && parts_equal == 2 => Self::Same,
            0 if !full && (a.month == 0 || b.month == 0 || a.month == b.month) => Self::SameAsFarAsKnown,
            0 if swapped || full && parts_equal == 1 => Self::NearMiss,
            0 => Self::SameYear,
            _ if full && parts_equal == 2 && (years == 1 || one_digit_off(a.year, b.year)) => Self::NearMiss,
            1 => Self::YearOff,
            2 => Self::TwoYearsOff,
            _ => Self::Far,
        }
    }

    fn effect(self) -> Effect {
        match self {
            Self::Same => Effect::Towards(SAME_BIRTH_DATE),
            Self::SameAsFarAsKnown => Effect::Towards(0.30),
            Self::NearMiss => Effect::Towards(0.15),
            Self::SameYear => Effect::Times(0.98),
            Self::YearOff => Effect::Times(0.95),
            Self::TwoYearsOff => Effect::Times(0.82),
            Self::Far => Effect::Times(0.68),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Same => "same birth date",
            Self::SameAsFarAsKnown => "same birth date as far as known",
            Self::NearMiss => "birth dates differ as by a slip of the pen",
            Self::SameYear => "same birth year, other day",
            Self::YearOff => "birth years differ by one",
            Self::TwoYearsOff => "birth years differ by two",
            Self::Far => "other birth year",
        }
    }
}

/// 1963 and 1968, or 1963 and 1936: one digit mistyped, or two swapped.
fn one_digit_off(a: u16, b: u16) -> bool {
    let digits = |year: u16| [year / 1000, year / 100 % 10, year / 10 % 10, year % 10];
    let (a, b) = (digits(a), digits(b));
    a.iter().zip(&b).filter(|(x, y)| x != y).count() == 1
}

fn closest_dates(party: &[PartialDate], listed: &[PartialDate]) -> Option<(PartialDate, PartialDate, DateRelation)> {
    let pairs = party.iter().flat_map(|&mine| listed.iter().map(move |&theirs| (mine, theirs, DateRelation::between(mine, theirs))));
    pairs.min_by_key(|pair| pair.2)
}

fn kind_word(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Person => "person",
        PartyKind::Organisation => "organisation",
        PartyKind::Vessel => "vessel",
        PartyKind::Unknown => "unknown",
    }
}

fn gender_word(gender: Gender) -> &'static str {
    match gender {
        Gender::Female => "female",
        Gender::Male => "male",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Identifier, IdentifierKind};

    fn date(text: &str) -> PartialDate {
        PartialDate::parse(text).expect("a date")
    }

    #[test]
    fn dates_stand_to_each_other_as_a_person_would_say() {
        for (a, b, relation) in [
            ("1963-05-16", "1963-05-16", DateRelation::Same),
            ("1963-05-16", "1963", DateRelation::SameAsFarAsKnown),
            ("1963-05-06", "1963-06-05", DateRelation::NearMiss),
            ("1963-05-16", "1963-05-17", DateRelation::NearMiss),
            ("1963-05-16", "1968-05-16", DateRelation::NearMiss),
            ("1963-05-16", "1963-09-30", DateRelation::SameYear),
            ("1963", "1964", DateRelation::YearOff),
            ("1963-05-16", "1971-01-02", DateRelation::Far),
        ] {
            assert_eq!(DateRelation::between(date(a), date(b)), relation, "{a} {b}");
            assert_eq!(DateRelation::between(date(b), date(a)), relation, "{b} {a}");
        }
    }

    #[test]
    fn effects_add_up_and_an_identifier_decides() {
        let party = Party {
            birth_dates: vec![date("1963-05-16")],
            countries: vec!["kz".to_owned()],
            address: "14 Lesnaya, Kazan".to_owned(),
            identifiers: Identifier::new(IdentifierKind::Other, "N1234567").into_iter().collect(),
            ..Party::default()
        };
        let entity = EntityView {
            birth_dates: vec![date("1963")],
            countries: vec!["ru"],
            addresses: vec!["ul. Lesnaya 14, Kazan, Russia"],
            identifiers: vec![(IdentifierKind::Passport, "N1234567")],
            ..EntityView::default()
        };
        let mut sum = 0.3;
        let result = apply(0.3, &party, &entity, |fact| sum += fact.effect);
        assert!((sum - result.score).abs() < 1e-5);
        assert!(result.identifier && result.score > 0.95);
    }

    #[test]
    fn no_name_is_compared_that_facts_cannot_lift_and_none_left_out_that_they_can() {
        let entity = EntityView {
            birth_dates: vec![date("1963-05-16")],
            countries: vec!["kz"],
            addresses: vec!["14 Lesnaya, Kazan"],
            ..EntityView::default()
        };
        for known in 0..8 {
            let party = Party {
                birth_dates: if known & 1 == 1 { entity.birth_dates.clone() } else { Vec::new() },
                countries: if known & 2 == 2 { vec!["kz".to_owned()] } else { Vec::new() },
                address: if known & 4 == 4 { "Lesnaya 14, Kazan".to_owned() } else { String::new() },
                ..Party::default()
            };
            let worth = score_worth_comparing(&party, 0.70);
            let lifted = |name: f32| apply(name, &party, &entity, |_| {}).score >= 0.70;
            assert!(!lifted(worth - 0.001) && lifted(worth + 0.001), "{known:b}: {worth}");
            assert!(facts_could_lift(worth, &party, 0.70) && !facts_could_lift(worth - 0.001, &party, 0.70));
        }
    }

    #[test]
    fn an_equal_number_that_cannot_be_right_helps_a_name_and_is_no_hit_alone() {
        let party = Party { identifiers: Identifier::new(IdentifierKind::Imo, "9074792").into_iter().collect(), ..Party::default() };
        let entity = EntityView { identifiers: vec![(IdentifierKind::Imo, "9074792")], ..EntityView::default() };
        let score = |name: f32| apply(name, &party, &entity, |fact| assert!(fact.how.contains("not one that can be right"))).score;
        assert!(score(0.0) == 0.0 && score(0.6) > 0.7 && !apply(0.6, &party, &entity, |_| {}).identifier);
    }
}
