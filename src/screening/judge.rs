//! Judges one party against one alert entity. Looks at the two records and shipped tables, at nothing else.

use super::facts::{self, FactResult};
use crate::index::EntityView;
use crate::model::{AlertEntity, FactEvidence, Grade, NameClass, Party, PartyKind};
use crate::names::{Alignment, Comparer, Name, NameShape, Tag, Token, name_in_field, other_names_in_field};
use std::borrow::Cow;

/// The name alone never proves identity: the best name score, kept apart from what facts can add.
pub(super) const NAME_ALONE_MAX: f32 = 0.944;
/// A weak alias proves less than a name.
const WEAK_ALIAS_FACTOR: f32 = 0.82;
/// Words near each other may belong to two people.
const TEXT_FACTOR: f32 = 0.92;

/// The best score that words in the text of an alert can have, other facts added.
pub(super) const TEXT_SCORE_MAX: f32 = NAME_ALONE_MAX * TEXT_FACTOR + 0.001;

/// A party, its name normalised once for many comparisons.
#[derive(Debug, Clone, Default)]
pub struct PreparedParty {
    pub(super) name: Name,
    pub(super) cut: bool,
}

impl PreparedParty {
    /// Reads one of the names of a party as written; see [`names_of`].
    pub fn new(name: &str) -> Self {
        let mut prepared = Self::default();
        prepared.read(name);
        prepared
    }

    /// Reads another name into the same memory.
    pub fn read(&mut self, name: &str) {
        let found = name_in_field(name);
        // What was found inside a longer field was not cut at its end.
        self.cut = found.len() == name.trim().len() && Comparer::may_be_cut(found);
        if self.cut {
            self.name.read_cut(found);
        } else {
            self.name.read(found);
        }
    }

    /// Tokens of the name.
    pub fn tokens(&self) -> impl ExactSizeIterator<Item = Token<'_>> {
        self.name.tokens()
    }
}

/// The names that the field of a party may hold: the field as it is, then each of two holders, an alias and the like.
pub(super) fn names_of(party: &Party) -> impl Iterator<Item = Cow<'_, str>> {
    std::iter::once(Cow::Borrowed(party.name.as_str())).chain(other_names_in_field(&party.name).into_iter().map(Cow::Owned))
}

/// How a party and an alert entity stand to each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// 0 to 1, rounded to four digits.
    pub score: f32,
    /// What kind of proof.
    pub grade: Grade,
    /// Name score before other facts.
    pub name_score: f32,
    /// Which of the names that the party's field holds matched best.
    pub reading: usize,
    /// Number of the name form that matched best.
    pub form: usize,
    /// How firmly the list holds that form.
    pub class: NameClass,
    /// Facts beside the name, in the order applied.
    pub facts: Vec<FactEvidence>,
}

impl Verdict {
    /// Name score plus facts -> verdict.
    pub(super) fn conclude(best: BestForm, party: &Party, entity: &EntityView<'_>) -> Self {
        let mut facts = Vec::new();
        let FactResult { score, agreeing, identifier } = facts::apply(best.score, party, entity, |fact| facts.push(fact));
        let grade = match (identifier, best.class, agreeing) {
            (true, _, _) => Grade::Identifier,
            (_, NameClass::WeakAlias, _) => Grade::WeakAlias,
            (_, NameClass::Text, _) => Grade::TextOnly,
            (_, _, 0) => Grade::NameOnly,
            _ => Grade::NameAndFact,
        };
        Self { score: round(score), grade, name_score: best.score, reading: best.reading, form: best.form, class: best.class, facts }
    }
}

/// Four digits are published; comparing rounded scores gives the same verdict everywhere.
pub(super) fn round(score: f32) -> f32 {
    (score * 10_000.0).round() / 10_000.0
}

/// The name form that matched best so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BestForm {
    pub score: f32,
    pub reading: usize,
    pub form: usize,
    pub class: NameClass,
}

impl BestForm {
    pub(super) fn none() -> Self {
        Self { score: 0.0, reading: 0, form: 0, class: NameClass::Name }
    }

    /// Takes a form if it is better. An earlier form wins over an equal later one, so what cannot be better is not aligned.
    pub(super) fn consider(&mut self, reading: usize, form: usize, class: NameClass, alignment_score: impl FnOnce() -> f32) {
        let best_possible = NAME_ALONE_MAX
            * match class {
                NameClass::WeakAlias => WEAK_ALIAS_FACTOR,
                NameClass::Text => TEXT_FACTOR,
                NameClass::Name | NameClass::Alias | NameClass::Previous => 1.0,
            };
        if self.score >= best_possible {
            return;
        }
        let score = alignment_score() * best_possible;
        if score > self.score {
            *self = Self { score, reading, form, class };
        }
    }
}

/// Whether to compare as names of people or of organisations: what either record says, else what the words look like.
pub(super) fn name_shape(party: PartyKind, entity: PartyKind, tokens: &[Token<'_>]) -> NameShape {
    let known = if entity == PartyKind::Unknown { party } else { entity };
    match known {
        PartyKind::Person => NameShape::Person,
        PartyKind::Organisation | PartyKind::Vessel => NameShape::Organisation,
        PartyKind::Unknown if tokens.iter().any(|token| matches!(token.tag, Tag::LegalForm | Tag::Generic)) => NameShape::Organisation,
        PartyKind::Unknown => NameShape::Person,
    }
}

/// Judges two whole records without an index: the same verdict as [`super::Screener`] gives.
pub fn judge_entity(comparer: &mut Comparer, party: &Party, entity: &AlertEntity) -> Verdict {
    let view = EntityView::of(entity);
    let mut best = BestForm::none();
    for (reading, name) in names_of(party).enumerate() {
        let prepared = PreparedParty::new(&name);
        let tokens: Vec<Token<'_>> = prepared.tokens().collect();
        for (number, form) in entity.names.iter().enumerate() {
            let listed = Name::new(&form.text);
            let listed: Vec<Token<'_>> = listed.tokens().collect();
            let shape = name_shape(party.kind, view.kind, &listed);
            best.consider(reading, number, form.class, || comparer.compare(&tokens, &listed, shape, prepared.cut).score);
        }
    }
    Verdict::conclude(best, party, &view)
}

/// Aligns the party with the form that matched best again, for the evidence of a verdict.
pub(super) fn align(comparer: &mut Comparer, party: &Party, entity: &AlertEntity, verdict: &Verdict) -> (Name, Name, Alignment) {
    let prepared = PreparedParty::new(&names_of(party).nth(verdict.reading).unwrap_or_default());
    let listed = Name::new(entity.names.get(verdict.form).map_or("", |form| &form.text));
    let (mine, theirs): (Vec<_>, Vec<_>) = (prepared.tokens().collect(), listed.tokens().collect());
    let shape = name_shape(party.kind, entity.kind, &theirs);
    let alignment = comparer.compare(&mine, &theirs, shape, prepared.cut).clone();
    (prepared.name, listed, alignment)
}
