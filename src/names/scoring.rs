//! From an alignment of two names to one score: the matched weight over the matched weight plus what was left over on either
//! side, and factors for what makes a chance resemblance likelier.

use super::compare::{Alignment, NameShape, Pairing, mask};
use super::similarity::is_near_legal_word;
use super::tables::TABLES;
use super::token::{Tag, Token};
use crate::model::{TokenMatch, country_code};

struct Costs {
    /// Of a unit of weight that only the party has.
    only_party: f32,
    /// Of a unit of weight that only the list has.
    only_listed: f32,
    /// More, of what is left over on both sides at once.
    contradiction: f32,
    /// Factor when the end moved to the front.
    rotated: f32,
    /// Factor for any other order.
    mixed: f32,
}

impl NameShape {
    fn costs(self) -> Costs {
        match self {
            Self::Person => Costs { only_party: 0.55, only_listed: 0.42, contradiction: 1.0, rotated: 0.99, mixed: 0.92 },
            Self::Organisation => Costs { only_party: 0.75, only_listed: 0.65, contradiction: 0.60, rotated: 0.98, mixed: 0.96 },
        }
    }
}

/// Score of an alignment: see the head of this file.
pub(super) fn score(alignment: &Alignment, party: &[Token<'_>], listed: &[Token<'_>], shape: NameShape, cut: bool) -> f32 {
    let costs = shape.costs();
    let (mut matched, mut weight, mut told) = (0.0, 0.0, 0.0);
    let (mut telling_pairs, mut full_words, mut inexact, mut nicknames, mut typos, mut far_typos) = (0, 0, 0, 0, 0, 0);
    for pair in &alignment.pairs {
        matched += pair.weight * pair.similarity;
        weight += pair.weight;
        let (tag, party_tag) = (telling_tag(listed, pair.listed), telling_tag(party, pair.party));
        if pair.how != TokenMatch::Joined && (tag == Tag::Initial || party_tag == Tag::Initial) {
            // `Michael K. Simpson` is not Kimberly Simpson: an initial proves nothing while a name on its side is left over.
            let (left, tokens) = if tag == Tag::Initial { (alignment.listed_left, listed) } else { (alignment.party_left, party) };
            if tag != party_tag && has_word_left(tokens, left) {
                matched -= pair.weight * pair.similarity * INITIAL_UNPROVEN;
                continue;
            }
        }
        if matches!(tag, Tag::Word | Tag::Number | Tag::Generic | Tag::Initial) {
            told += pair.weight * pair.similarity;
            telling_pairs += pair.party.1.max(pair.listed.1);
            let is_initial = pair.how == TokenMatch::Initial;
            full_words += u8::from(!is_initial && tag != Tag::Generic);
            if pair.how == TokenMatch::Typo {
                typos += u8::from(tag != Tag::Generic);
                far_typos += u8::from(pair.similarity < FAR_TYPO);
            }
            match pair.how {
                TokenMatch::Typo | TokenMatch::SpellingVariant if pair.similarity < 0.95 => inexact += 1,
                // Written together and misspelled at once: as many words as were joined.
                TokenMatch::Joined if pair.similarity < 0.95 => inexact += pair.party.1.max(pair.listed.1),
                TokenMatch::Nickname => nicknames += 1,
                _ => {}
            }
        }
    }
    if weight == 0.0 || told == 0.0 {
        return 0.0;
    }
    let listed_left = alignment.listed_left & !cut_off(alignment, party.len(), cut);
    let mut left_party = left_over(party, alignment.party_left);
    let mut left_listed = left_over(listed, listed_left);
    if shape == NameShape::Organisation {
        left_party -= misspelled_forms(party, alignment.party_left);
        left_listed -= misspelled_forms(listed, listed_left);
        // `Korea Unity Bank` of `Korea Unity Development Bank`: all that is written is there, and nothing telling is missing.
        if (telling_pairs >= 3 || telling_pairs == 2 && full_words >= 1)
            && left_party < 0.1
            && left_listed < 0.65
            && !has_left(listed, listed_left, |token| matches!(token.tag, Tag::Word | Tag::Number))
        {
            left_listed *= 0.6;
        }
    } else {
        left_party -= left_kunya(party, alignment.party_left);
        left_listed -= left_kunya(listed, listed_left);
        if left_party.min(left_listed) < 0.1 {
            left_party -= left_ancestors(party, alignment.party_left);
            left_listed -= left_ancestors(listed, alignment.listed_left);
        }
        // Three names or more in order, and one side has some more: middle names are dropped.
        if telling_pairs >= 3 && left_party.min(left_listed) < 0.1 && order(&alignment.pairs) == Order::Same {
            left_party *= 0.6;
            left_listed *= 0.6;
        } else if telling_pairs == 2 && only_inside_left(alignment, party, listed) {
            // Two rare names bear it better than two frequent ones.
            let factor = if told >= 1.4 { 0.6 } else { 0.85 };
            left_party *= factor;
            left_listed *= factor;
        }
    }
    let mut score = matched
        / (weight + costs.only_party * left_party + costs.only_listed * left_listed + costs.contradiction * left_party.min(left_listed));
    score *= match order(&alignment.pairs) {
        Order::Same => 1.0,
        Order::Rotated => costs.rotated,
        Order::Mixed => costs.mixed,
    };
    let numbers = (has_left(party, alignment.party_left, is_number), has_left(listed, alignment.listed_left, is_number));
    // `Star 2` is not `Star`; but a person may be the second of his name without saying so.
    if numbers.0 && numbers.1 || shape == NameShape::Organisation && (numbers.0 || numbers.1) {
        score *= 0.75;
    }
    // The ministry of one country is not that of another.
    if shape == NameShape::Organisation && has_left(party, alignment.party_left, is_country) && has_left(listed, listed_left, is_country) {
        score *= 0.85;
    }
    // Ahmad son of Hasan is not Hasan son of Ahmad.
    if shape == NameShape::Person && is_father_and_son_swapped(alignment, party, listed) {
        score *= 0.75;
    }
    if has_left(party, alignment.party_left, is_generation) && has_left(listed, alignment.listed_left, is_generation) {
        score *= 0.75;
    }
    // One common word proves nothing where either side has more to say.
    let tells_more = telling_count(party).max(telling_count(listed)) >= 2;
    if tells_more && (telling_pairs < 2 || full_words == 0) {
        let cut_short = cut && alignment.party_left == 0;
        let whole = cut_short || shape == NameShape::Organisation && left_party + left_listed < WHOLE_LEFT_MAX * told;
        score *= if whole { 0.97 } else { ONE_WORD_FACTOR };
    }
    // Every further word that only resembles makes a chance resemblance likelier; most of all where it is the only word.
    if inexact > 0 && telling_pairs == inexact + nicknames {
        let letters = party.iter().map(|token| token.text.len()).max().unwrap_or(0);
        score *= match (telling_pairs, nicknames, letters) {
            (2.., 0, _) => 0.95,
            (2.., ..) => 0.88,
            (_, _, 8..) => 0.94,
            _ => 0.86,
        };
    }
    // `Kaya Trading` and `Kara Trading`: what everybody trades in says nothing for a head that is misspelled.
    let misspelled_head = shape == NameShape::Organisation && typos > 0 && typos == full_words && telling_pairs > inexact + nicknames;
    // `Lars Hansen` is not Lars Jensen.
    let far_surname = shape == NameShape::Person && telling_pairs == 2 && far_typos == 1;
    if misspelled_head {
        let letters = party.iter().filter(|token| token.tag == Tag::Word).map(|token| token.text.len()).max().unwrap_or(0);
        score *= if letters >= 8 { 0.96 } else { 0.90 };
    } else if far_surname {
        score *= 0.96;
    }
    if nicknames > 0 {
        // A pet name of every word, or of one beside a name left over, is more likely somebody else's.
        let all = nicknames >= 2 && telling_pairs == nicknames;
        let left = has_word_left(party, alignment.party_left) || has_word_left(listed, listed_left);
        score *= if all { 0.85 } else { 1.0 } * if left { 0.95 } else { 1.0 };
    }
    score * enough_told(told)
}

/// Factor where only one telling word met, and either side has more to say.
pub const ONE_WORD_FACTOR: f32 = 0.70;

/// With less than this left over, of what met, that one word is a company's whole name.
pub const WHOLE_LEFT_MAX: f32 = 0.75;

/// Factor for how much was told at all, in rare words: two tell more than one.
pub fn enough_told(told: f32) -> f32 {
    1.0 - 0.34 * f32::exp(-1.5 * told)
}

/// `Goodluck Jonathan` of `Goodluck Ebele Azikiwe Jonathan`: first and last name are the same in order, and only one side has
/// more, between them.
fn only_inside_left(alignment: &Alignment, party: &[Token<'_>], listed: &[Token<'_>]) -> bool {
    let is_name = |token: &Token<'_>| token.tag == Tag::Word;
    let met = |tokens: &[Token<'_>], left: u32, at: Option<usize>| at.is_some_and(|at| left >> at & 1 == 0 && is_name(&tokens[at]));
    let ends_met = |tokens: &[Token<'_>], left: u32| {
        met(tokens, left, tokens.iter().position(is_name)) && met(tokens, left, tokens.iter().rposition(is_name))
    };
    let closely =
        alignment.pairs.iter().all(|pair| pair.similarity >= 0.9 && !matches!(pair.how, TokenMatch::Nickname | TokenMatch::Initial));
    let one_side = left_over(party, alignment.party_left).min(left_over(listed, alignment.listed_left)) < 0.1;
    closely
        && one_side
        && ends_met(party, alignment.party_left)
        && ends_met(listed, alignment.listed_left)
        && order(&alignment.pairs) == Order::Same
}

/// A typo of less similarity changes much of a word.
const FAR_TYPO: f32 = 0.73;

/// Share of an initial's worth that is taken back when it proves nothing.
const INITIAL_UNPROVEN: f32 = 0.6;

fn has_word_left(tokens: &[Token<'_>], left: u32) -> bool {
    tokens.iter().enumerate().any(|(index, token)| left >> index & 1 == 1 && token.tag == Tag::Word && token.weight >= 50)
}

/// Words left over that are nearly a legal form are forgiven from this weight on, in per cent of a rare word, for so much of it.
pub const FORGIVEN_WEIGHT_MIN: u8 = 50;
/// See [`FORGIVEN_WEIGHT_MIN`].
pub const FORGIVEN_SHARE: f32 = 0.9;

/// Weight to take back from words left over that are a legal form, or a word of a long one, misspelled.
fn misspelled_forms(tokens: &[Token<'_>], left: u32) -> f32 {
    let left_words = tokens
        .iter()
        .enumerate()
        .filter(|(index, token)| left >> index & 1 == 1 && token.tag == Tag::Word && token.weight >= FORGIVEN_WEIGHT_MIN);
    left_words.filter(|(index, token)| *index > 0 && is_near_legal_word(token.text)).map(|(_, token)| token.share() * FORGIVEN_SHARE).sum()
}

/// What kind of words met: of several, the kind that tells most (`van den Broecke` is a word, not a particle).
fn telling_tag(tokens: &[Token<'_>], at: (u8, u8)) -> Tag {
    let tags = tokens[usize::from(at.0)..usize::from(at.0 + at.1)].iter().map(|token| token.tag);
    let tells = |tag: &Tag| match tag {
        Tag::Word => 4,
        Tag::Generic => 3,
        Tag::Number => 2,
        Tag::Initial => 1,
        Tag::LegalForm | Tag::Honorific | Tag::Particle => 0,
    };
    tags.max_by_key(tells).unwrap_or(Tag::Word)
}

fn left_over(tokens: &[Token<'_>], left: u32) -> f32 {
    tokens.iter().enumerate().filter(|(index, _)| left >> index & 1 == 1).map(|(_, token)| token.share()).sum()
}

fn has_left(tokens: &[Token<'_>], left: u32, is: fn(&Token<'_>) -> bool) -> bool {
    tokens.iter().enumerate().any(|(index, token)| left >> index & 1 == 1 && is(token))
}

fn is_number(token: &Token<'_>) -> bool {
    token.tag == Tag::Number
}

fn is_country(token: &Token<'_>) -> bool {
    token.tag == Tag::Generic && (TABLES.word(token.text).country || token.text.len() > 3 && country_code(token.text).is_some())
}

/// Father and son: `Jr.` against `Sr.` or `III`.
fn is_generation(token: &Token<'_>) -> bool {
    matches!(token.text, "jr" | "jnr" | "junior" | "sr" | "snr" | "senior" | "2" | "3" | "4")
}

/// Whether what stands before `bin` on one side stands after it on the other, and the other way round.
fn is_father_and_son_swapped(alignment: &Alignment, party: &[Token<'_>], listed: &[Token<'_>]) -> bool {
    let son_of = |tokens: &[Token<'_>]| tokens.iter().position(is_son_of).map(|at| at as u8);
    let (Some(mine), Some(theirs)) = (son_of(party), son_of(listed)) else { return false };
    let met = |is: &dyn Fn(u8, u8) -> bool| {
        alignment.pairs.iter().any(|pair| is(pair.party.0, pair.listed.0) && telling_tag(listed, pair.listed) == Tag::Word)
    };
    met(&|party, listed| party < mine && listed > theirs) && met(&|party, listed| party > mine && listed < theirs)
}

/// What a kunya in a name weighs at the most that it may be left out for.
pub fn kunya_weight(tokens: &[Token<'_>]) -> f32 {
    left_kunya(tokens, u32::MAX)
}

/// Weight to take back from a kunya that only one side has: `Abu Yazan Mustafa al-Khattabi` signs as Mustafa al-Khattabi.
fn left_kunya(tokens: &[Token<'_>], left: u32) -> f32 {
    let is_left = |index: usize| left >> index & 1 == 1;
    let starts = |token: &Token<'_>| matches!(token.text, "abu" | "abou" | "aboo" | "umm" | "oum");
    let (mut weight, mut counted) = (0.0, 0);
    for (index, pair) in tokens.windows(2).enumerate() {
        if index >= counted && starts(&pair[0]) && is_left(index) && is_left(index + 1) {
            weight += 0.7 * (pair[0].share() + pair[1].share());
            counted = index + 2;
        }
    }
    weight
}

/// Weight to take back from fathers that only one side names: `Usama bin Muhammad ibn Awad ibn Ladin` is Usama bin Ladin.
fn left_ancestors(tokens: &[Token<'_>], left: u32) -> f32 {
    let is_left = |index: usize| left >> index & 1 == 1;
    let fathers =
        tokens.windows(2).enumerate().filter(|(index, pair)| is_son_of(&pair[0]) && is_left(index + 1) && index + 2 < tokens.len());
    fathers.map(|(_, pair)| 0.6 * pair[1].share()).sum()
}

fn is_son_of(token: &Token<'_>) -> bool {
    token.tag == Tag::Particle && matches!(token.text, "bin" | "ibn" | "ben" | "bint" | "ould" | "wuld" | "binti")
}

fn telling_count(tokens: &[Token<'_>]) -> usize {
    tokens.iter().filter(|token| matches!(token.tag, Tag::Word | Tag::Generic)).count()
}

/// How the words of one side stand against those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Same,
    /// The end moved to the front, as in `SURNAME, Given`.
    Rotated,
    Mixed,
}

fn order(pairs: &[Pairing]) -> Order {
    let mut places = [(0u8, 0u8); 32];
    let count = pairs.len().min(places.len());
    for (place, pair) in places.iter_mut().zip(pairs) {
        *place = (pair.party.0, pair.listed.0);
    }
    let places = &mut places[..count];
    places.sort_unstable();
    let descents = (0..count).filter(|&at| places[at].1 > places[(at + 1) % count].1).count();
    match descents {
        0 | 1 if count < 2 || places[0].1 < places[count - 1].1 => Order::Same,
        0 | 1 => Order::Rotated,
        _ => Order::Mixed,
    }
}

/// Listed tokens behind the one that the party's last token met: a cut-off name lacks just those.
fn cut_off(alignment: &Alignment, party_tokens: usize, cut: bool) -> u32 {
    let last = alignment.pairs.iter().find(|pair| usize::from(pair.party.0 + pair.party.1) == party_tokens);
    match last {
        Some(pair) if cut => !mask((0, pair.listed.0 + pair.listed.1)),
        _ => 0,
    }
}
