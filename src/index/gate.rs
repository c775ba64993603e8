//! The gate: can this name form still be the party? Judged on the companion's compact record, in tens of nanoseconds.

use super::candidates::SearchTerms;
use super::companion::{Companion, TokenId, letter_bit, word_is_initial, word_share, word_token};
use crate::names::{Name, ONE_WORD_FACTOR, Tag, Token, WHOLE_LEFT_MAX, enough_told, has_digit, kunya_weight};

/// More expansions of one party than this are dropped and the result is marked truncated: an overload valve.
pub(super) const EXPANSIONS_MAX: usize = 3000;
/// Best possible score under which no candidate is compared, whatever is asked for.
const BOUND_MIN: f32 = 0.45;
/// The comparison sees some resemblances that the search does not look for (letters that spell an acronym): the bound is believed
/// up to this. What is lost by it on the golden pairs, as they are and gone wrong, is held by `tests/golden.rs`.
const BOUND_MARGIN: f32 = 0.10;
/// Share of the party's weight that must have met something. Half is not enough: that would be every name with one frequent
/// name in common.
const COVERAGE_MIN: f32 = 0.505;

/// Weight of the party that must have met something; a kunya is often left out, and some words are forgiven.
pub(super) fn needed(tokens: &[Token<'_>], forgiven: f32) -> f32 {
    let weight: f32 = tokens.iter().filter(|token| token.tag != Tag::LegalForm).map(Token::share).sum();
    COVERAGE_MIN * (weight - kunya_weight(tokens) - forgiven) - 0.0001
}

/// Whether a name has nothing but initials: then they are looked for as they are.
pub(super) fn has_initials_only(tokens: &[Token<'_>]) -> bool {
    tokens.iter().all(|token| matches!(token.tag, Tag::Initial | Tag::LegalForm) && !token.syllabic)
}

/// How the forms of one document are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormView {
    /// Bit i is set where token i of the party is an initial, or may be several.
    pub(super) initials: u32,
    /// Best possible score under which a form is not compared: see [`bound`].
    pub(super) bound: f32,
    /// Weight of the party that must have met something: see [`needed`].
    pub(super) needed: f32,
    /// The names are compared as those of people.
    pub(super) person: bool,
}

/// Words without vowels, single letters and names cut off meet more in the comparison than in the search; and beside a single
/// word, misspelled words of legal forms are forgiven there.
pub(super) fn bound(terms: SearchTerms<'_>) -> f32 {
    let blind = |token: &Token<'_>| token.is_vowelless() || token.tag == Tag::Initial;
    let telling = terms.tokens.iter().filter(|token| matches!(token.tag, Tag::Word | Tag::Generic)).count();
    if terms.cut || telling < 2 || terms.tokens.iter().any(blind) { BOUND_MIN } else { (terms.score_min - BOUND_MARGIN).max(BOUND_MIN) }
}

/// A listed token can stand for `count` tokens of the party from `first`, or for a `share` of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expansion {
    pub(super) first: u8,
    pub(super) count: u8,
    pub(super) similarity: f32,
    pub(super) share: f32,
    /// Its documents are reached by it; else by another part of the word.
    pub(super) leads: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) token: TokenId,
    pub(super) expansion: Expansion,
    /// Next entry of the same token, plus one; 0 = none.
    next: u32,
}

/// A small hash table from listed token to what it can stand for; lives in the first-level cache.
#[derive(Debug)]
pub(super) struct Expansions {
    slots: Vec<u32>,
    pub(super) entries: Vec<Entry>,
    /// One bit for tokens of equal low bits: most tokens of a form are turned away here.
    maybe: [u64; MAYBE_WORDS],
    /// Entries that stand for one whole token, by its place.
    pub(super) whole: [std::ops::Range<usize>; Name::TOKENS_MAX],
    /// Every listed token stands for one place of the party at the most.
    one_place_each: bool,
    /// The most that so many places of the party weigh together.
    heaviest: [f32; Name::TOKENS_MAX + 1],
    /// Weight of the party's words that the comparison forgives, since they may be a legal form misspelled.
    pub(super) forgiven: f32,
}

const MAYBE_WORDS: usize = 64;

const SLOTS: usize = 4096;

impl Default for Expansions {
    fn default() -> Self {
        Self {
            slots: vec![0; SLOTS],
            entries: Vec::new(),
            maybe: [0; MAYBE_WORDS],
            whole: std::array::from_fn(|_| 0..0),
            one_place_each: true,
            heaviest: [0.0; Name::TOKENS_MAX + 1],
            forgiven: 0.0,
        }
    }
}

impl Expansions {
    /// Begins with a party that has met nothing yet.
    pub(super) fn start(&mut self, party: &[Token<'_>]) {
        for entry in &self.entries {
            let mut slot = Self::home(entry.token);
            while self.slots[slot] != 0 {
                self.slots[slot] = 0;
                slot = (slot + 1) % SLOTS;
            }
        }
        self.entries.clear();
        self.maybe = [0; MAYBE_WORDS];
        self.whole.fill(0..0);
        self.forgiven = 0.0;
        self.one_place_each = true;
        let mut shares = [0f32; Name::TOKENS_MAX];
        let telling = party.iter().filter(|token| token.tag != Tag::LegalForm);
        shares.iter_mut().zip(telling).for_each(|(share, token)| *share = token.share());
        shares[..party.len()].sort_unstable_by(|a, b| b.total_cmp(a));
        for (count, share) in shares.into_iter().enumerate() {
            self.heaviest[count + 1] = self.heaviest[count] + share;
        }
    }

    fn may_have(&self, token: TokenId) -> bool {
        self.maybe[token as usize / 64 % MAYBE_WORDS] >> (token % 64) & 1 == 1
    }

    fn home(token: TokenId) -> usize {
        (token.wrapping_mul(0x9E37_79B1) >> 20) as usize % SLOTS
    }

    fn slot(&self, token: TokenId) -> usize {
        let mut slot = Self::home(token);
        while self.slots[slot] != 0 && self.entries[self.slots[slot] as usize - 1].token != token {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    pub(super) fn add(&mut self, token: TokenId, expansion: Expansion) {
        if self.entries.len() >= EXPANSIONS_MAX {
            return;
        }
        self.maybe[token as usize / 64 % MAYBE_WORDS] |= 1 << (token % 64);
        let slot = self.slot(token);
        self.one_place_each &= self.slots[slot] == 0 && expansion.count == 1;
        self.entries.push(Entry { token, expansion, next: self.slots[slot] });
        self.slots[slot] = self.entries.len() as u32;
    }

    fn entries_of(&self, token: TokenId) -> impl Iterator<Item = &Expansion> {
        let mut next = self.slots[self.slot(token)];
        std::iter::from_fn(move || {
            let entry = self.entries.get((next as usize).checked_sub(1)?)?;
            next = entry.next;
            Some(&entry.expansion)
        })
    }

    pub(super) fn has(&self, token: TokenId, first: u8, count: u8) -> bool {
        self.entries_of(token).any(|expansion| expansion.first == first && expansion.count == count)
    }

    /// Whether a name form can still be the party.
    pub(super) fn form_passes(&self, companion: &Companion, form: u32, terms: SearchTerms<'_>, view: FormView) -> bool {
        let FormView { initials, bound, needed, .. } = view;
        let words = companion.form_words(form);
        let initials = if initials == 0 { 0 } else { initials_that_fit(initials, terms.tokens, companion.first_letters_of_form(form)) };
        if initials == 0 && !words.iter().any(|&word| word_is_initial(word)) {
            let meeting = words.iter().filter(|&&word| self.may_have(word_token(word))).count().min(Name::TOKENS_MAX);
            if meeting == 0 || self.one_place_each && self.heaviest[meeting] < needed {
                return false;
            }
        }
        let mut met = [0f32; Name::TOKENS_MAX];
        let (mut listed, mut listed_met) = (Side::default(), 0u32);
        for (at, &word) in words.iter().enumerate() {
            let (id, weight) = (word_token(word), word_share(word));
            if weight == 0.0 {
                continue;
            }
            let mut best: f32 = 0.0;
            let expansions = self.may_have(id).then(|| self.entries_of(id)).into_iter().flatten();
            for expansion in expansions {
                let places = usize::from(expansion.first)..usize::from(expansion.first + expansion.count);
                for place in &mut met[places] {
                    *place = if expansion.share < 1.0 { (*place + expansion.share).min(1.0) } else { place.max(expansion.similarity) };
                }
                best = best.max(expansion.similarity);
            }
            if best == 0.0 {
                let is_initial = word_is_initial(word);
                if initials != 0 || is_initial {
                    best = meet_initials(companion.token_facts(id).first, is_initial, terms.tokens, initials, &mut met);
                }
            }
            listed_met |= u32::from(best > 0.0) << at;
            listed.add(weight, best);
        }
        let mut party = Side::default();
        let mut party_met = 0u32;
        for (at, (token, met)) in terms.tokens.iter().zip(met).enumerate().filter(|(_, (token, _))| token.tag != Tag::LegalForm) {
            party_met |= u32::from(met > 0.0) << at;
            party.add(token.share(), met);
        }
        // Forgiven is only what is left over.
        party.weight = if view.person { party.weight } else { (party.weight - self.forgiven).max(party.met) };
        if party.matched < needed || !can_reach(bound, party, listed, terms.cut) {
            return false;
        }
        // One word in common proves little where either side has more to say.
        let one_word = party_met.count_ones() <= 1
            && listed_met.count_ones() <= 1
            && !terms.cut
            && !may_be_glued(companion, words, listed_met, terms.tokens, party_met);
        let told = (party.matched + listed.matched) / 2.0;
        let proves_little = || view.person || left_at_least(companion, words, listed_met, terms.tokens, party_met) >= WHOLE_LEFT_MAX * told;
        !(one_word && says_more(companion, words, terms.tokens) && proves_little())
            || can_reach(bound / ONE_WORD_FACTOR, party, listed, terms.cut)
    }
}

/// Whether one of the names has words that tell beside the one that met something; a title may be a word of a company's name.
fn says_more(companion: &Companion, words: &[u32], tokens: &[Token<'_>]) -> bool {
    let of_party = tokens.iter().filter(|token| matches!(token.tag, Tag::Word | Tag::Generic)).count();
    let tells = |word: u32| word_share(word) > SMALL_SHARE_MAX && !word_is_initial(word);
    let on_list = || words.iter().filter(|&&word| tells(word) && !has_digit(companion.token_facts(word_token(word)).letters)).count();
    !tokens.iter().any(|token| token.tag == Tag::Honorific) && (of_party >= 2 || on_list() >= 2)
}

/// Whether one of the words that met begins or ends with the other: the rest of it may be other words of that name, misspelled.
fn may_be_glued(companion: &Companion, words: &[u32], listed_met: u32, tokens: &[Token<'_>], party_met: u32) -> bool {
    let Some((word, token)) = words.get(listed_met.trailing_zeros() as usize).zip(tokens.get(party_met.trailing_zeros() as usize)) else {
        return false;
    };
    let (listed, party) = (companion.token_text(word_token(*word)), token.text);
    let (longer, shorter) = if listed.len() > party.len() { (listed, party) } else { (party, listed) };
    longer.len() >= shorter.len() + 2 && (longer.starts_with(shorter) || longer.ends_with(shorter))
}

/// Titles and particles weigh no more.
const SMALL_SHARE_MAX: f32 = 0.08;

/// What both names of organisations leave over at the least: words that may be a legal form misspelled are forgiven for the most.
fn left_at_least(companion: &Companion, words: &[u32], listed_met: u32, tokens: &[Token<'_>], party_met: u32) -> f32 {
    let least = |share: f32, forgiven: bool| if forgiven { 0.1 * share } else { share };
    let listed = words.iter().enumerate().filter(|(at, _)| listed_met >> at & 1 == 0);
    let of_list = listed.map(|(at, &word)| least(word_share(word), at > 0 && companion.token_facts(word_token(word)).near_legal));
    let party = tokens.iter().enumerate().filter(|(at, token)| party_met >> at & 1 == 0 && token.tag != Tag::LegalForm);
    let of_party = party.map(|(at, token)| least(token.share(), at > 0 && token.tag == Tag::Word));
    of_list.sum::<f32>() + of_party.sum::<f32>()
}

/// What one name can bring to an alignment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Side {
    pub(super) weight: f32,
    /// Weight of the tokens that met something.
    pub(super) met: f32,
    /// The same, each times its best similarity.
    pub(super) matched: f32,
}

impl Side {
    fn add(&mut self, share: f32, similarity: f32) {
        self.weight += share;
        self.met += if similarity > 0.0 { share } else { 0.0 };
        self.matched += share * similarity;
    }
}

/// Whether an upper bound of the name score reaches so far: every token that can meet something does, and what is left over
/// costs the smaller of both name shapes (see `names::scoring`).
pub(super) fn can_reach(bound: f32, party: Side, listed: Side, cut: bool) -> bool {
    let left_party = party.weight - party.met;
    let left_listed = (listed.weight - listed.met) * if cut { 0.35 } else { 1.0 };
    let matched = (party.matched + listed.matched) / 2.0;
    let met = (party.met + listed.met) / 2.0;
    // Names that only one side has, between names that both have, cost three fifths.
    let (of_party, of_listed) = if left_party.min(left_listed) < 0.1 { (0.33, 0.25) } else { (0.55, 0.42) };
    let score = matched / (met + of_party * left_party + of_listed * left_listed + 0.6 * left_party.min(left_listed) + f32::EPSILON);
    score >= bound && score * enough_told(matched) >= bound
}

/// Of the places with initials those whose letters each begin some word: one letter stands for one word, letters written together
/// for as many.
pub(super) fn initials_that_fit(initials: u32, tokens: &[Token<'_>], first_letters: u32) -> u32 {
    let fits = |place: &usize| tokens[*place].text.bytes().all(|byte| letter_bit(byte) & !first_letters == 0);
    places(initials).filter(fits).fold(0, |fit, place| fit | 1 << place)
}

/// The places of the bits that are set.
pub(super) fn places(mut bits: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(place)
    })
}

/// Marks what an initial on either side can stand for, and returns how well the listed token was met.
fn meet_initials(listed_first: u8, listed_is_initial: bool, tokens: &[Token<'_>], initials: u32, met: &mut [f32; Name::TOKENS_MAX]) -> f32 {
    let mut best: f32 = 0.0;
    for (place, (token, met)) in tokens.iter().zip(met).enumerate() {
        let is_initial = initials >> place & 1 == 1;
        let letters = &token.text.as_bytes()[..if is_initial { token.text.len() } else { 1 }];
        if !letters.contains(&listed_first) {
            continue;
        }
        match (token.tag == Tag::Initial, listed_is_initial) {
            (true, true) => (*met, best) = (1.0, 1.0),
            (false, false) if !is_initial => {}
            _ => (*met, best) = (met.max(0.75), best.max(0.75)),
        }
    }
    best
}
