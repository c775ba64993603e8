//! Recall: which alert entities could be this party? Cheap and generous; the comparison decides.
//!
//! Each token of the party is expanded to the listed tokens that could be the same. The postings of the rarest tokens are
//! walked until what is left could not carry a candidate over the gate (MaxScore, Turtle and Flood 1995); tokens that are
//! not much more frequent are walked, too, to sum up what each document has met. A document that can still pass is gated
//! on its compact record: enough of the party's weight must have met something in one name form, and the best score still
//! possible must be worth a comparison.

use super::IndexError;
use super::companion::{Companion, Postings, TokenId, open_postings};
use super::expansion::{COMPLETIONS_MAX, Meanings, NearTokens, Part, glued_syllables, near_glued};
use super::gate::{
    EXPANSIONS_MAX, Entry, Expansion, Expansions, FormView, Side, bound, can_reach, has_initials_only, initials_that_fit, needed, places,
};
use super::snapshot::{EntityAddress, Snapshot, SnapshotSegment};
use crate::model::{Identifier, PartyKind};
use crate::names::{
    CHINESE_SPELLINGS, FORGIVEN_SHARE, FORGIVEN_WEIGHT_MIN, Tag, Token, dropped_r_spellings, equivalents, is_mandarin_syllable,
    join_to_a_word, joined_initials,
};
use rustc_hash::FxHashMap;
use tantivy::index::SegmentId;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Term};

/// More documents reached by one party than this are dropped and the result is marked truncated: an overload valve.
const DOCUMENTS_MAX: usize = 200_000;

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub struct SearchTerms<'a> {
    /// Tokens of the party's name.
    pub tokens: &'a [Token<'a>],
    /// What kind of party it is.
    pub kind: PartyKind,
    /// Its identifiers.
    pub identifiers: &'a [Identifier],
    /// The last token may be cut off.
    pub cut: bool,
    /// Forms whose alignment with the name cannot score so much are not wanted.
    pub score_min: f32,
}

impl SearchTerms<'_> {
    /// Whether the names are compared as those of people: what the list says decides, then what the party says.
    fn is_person(&self, listed: PartyKind) -> bool {
        match listed {
            PartyKind::Unknown => self.kind == PartyKind::Person,
            listed => listed == PartyKind::Person,
        }
    }
}

/// An entity worth comparing, by one of its name forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The entity.
    pub entity: EntityAddress,
    /// Number of the form; `None` = all of them (reached by an identifier).
    pub form: Option<u32>,
}

/// What searches have cost so far, in things looked at: for `bench` and for whoever tunes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SearchWork {
    /// Listed tokens that the party's tokens could be.
    pub expansions: u64,
    /// Postings read.
    pub postings: u64,
    /// Documents that met a token that had to be met.
    pub reached: u64,
    /// Documents whose record was looked at.
    pub gated: u64,
    /// Their name forms.
    pub forms: u64,
    /// Name forms handed to the comparison.
    pub candidates: u64,
}

/// Finds candidates, reusing its memory: one a thread.
#[derive(Default)]
pub struct CandidateFinder {
    expansions: Expansions,
    near: FxHashMap<SegmentId, NearTokens>,
    keys: Vec<u64>,
    reached: Vec<DocId>,
    /// A bit for each document that is reached. Apart from `seen`, since most looks end here and so stay in the cache.
    is_reached: Vec<u64>,
    /// What each reached document has met.
    seen: Vec<Seen>,
    postings: Option<BlockSegmentPostings>,
    glued: String,
    order: Vec<(u64, usize)>,
    work: SearchWork,
}

impl CandidateFinder {
    /// Appends every form worth comparing, those of one entity in a row; `Ok(true)` when an overload valve dropped some.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn find(&mut self, snapshot: &Snapshot, terms: SearchTerms<'_>, found: &mut Vec<Candidate>) -> Result<bool, IndexError> {
        let mut truncated = false;
        let initials = initials(terms.tokens);
        let bound = bound(terms);
        if self.near.len() > snapshot.segments.len() {
            self.near.retain(|id, _| snapshot.segments.iter().any(|segment| segment.reader.segment_id() == *id));
        }
        for (number, segment) in snapshot.segments.iter().enumerate() {
            self.start_segment(segment);
            for identifier in terms.identifiers {
                self.reach_identifier(snapshot, segment, identifier)?;
            }
            let by_identifier = self.reached.len();
            let mut near = self.near.remove(&segment.reader.segment_id()).unwrap_or_default();
            self.expand(&segment.companion, &mut near, terms);
            self.near.insert(segment.reader.segment_id(), near);
            self.work.expansions += self.expansions.entries.len() as u64;
            let unwalked = self.walk(segment, terms, initials)?;
            self.work.reached += self.reached.len() as u64;
            truncated |= self.reached.len() >= DOCUMENTS_MAX || self.expansions.entries.len() >= EXPANSIONS_MAX;
            self.keep_possible(&segment.companion, terms, unwalked, bound, by_identifier);
            let (needed_of_person, needed_of_company) = (needed(terms.tokens, 0.0), needed(terms.tokens, self.expansions.forgiven));
            self.work.gated += self.reached.len() as u64;
            segment.companion.touch(&self.reached);
            for (place, &doc) in self.reached.iter().enumerate() {
                if segment.reader.alive_bitset().is_some_and(|alive| !alive.is_alive(doc)) {
                    continue;
                }
                let entity = EntityAddress { segment: number as u32, doc };
                if place < by_identifier {
                    found.push(Candidate { entity, form: None });
                    continue;
                }
                let forms = segment.companion.forms(doc);
                self.work.forms += forms.len() as u64;
                let person = terms.is_person(segment.companion.doc_facts(doc).kind);
                let needed = if person { needed_of_person } else { needed_of_company };
                let view = FormView { initials, bound, needed, person };
                let passing = forms.clone().filter(|&form| self.expansions.form_passes(&segment.companion, form, terms, view));
                found.extend(passing.map(|form| Candidate { entity, form: Some(form - forms.start) }));
            }
        }
        self.work.candidates += found.len() as u64;
        Ok(truncated)
    }

    /// What all searches have cost so far.
    pub fn work(&self) -> SearchWork {
        self.work
    }

    fn start_segment(&mut self, segment: &SnapshotSegment) {
        self.reached.clear();
        let docs = segment.companion.doc_count();
        self.is_reached.clear();
        self.is_reached.resize(docs.div_ceil(DOCS_OF_WORD), 0);
        if self.seen.len() < docs {
            self.seen.resize(docs, Seen::default());
        }
    }

    fn reach_identifier(&mut self, snapshot: &Snapshot, segment: &SnapshotSegment, identifier: &Identifier) -> Result<(), IndexError> {
        let term = Term::from_field_text(snapshot.fields().identifier, &identifier.value);
        if let Some(info) = segment.identifiers.get_term_info(&term).map_err(tantivy::TantivyError::from)? {
            let mut postings = segment
                .identifiers
                .read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)
                .map_err(tantivy::TantivyError::from)?;
            self.reach_all(&mut postings, Credit { place: PART, push: true, ..Credit::default() });
        }
        Ok(())
    }

    /// Fills `expansions` with the listed tokens that could be a token of the party, glued neighbours or a part of one.
    fn expand(&mut self, companion: &Companion, near: &mut NearTokens, terms: SearchTerms<'_>) {
        self.expansions.start(terms.tokens);
        let initials_only = has_initials_only(terms.tokens);
        for (place, token) in terms.tokens.iter().enumerate() {
            let whole = |similarity| Expansion { first: place as u8, count: 1, similarity, share: 1.0, leads: true };
            match token.tag {
                Tag::LegalForm => continue,
                Tag::Initial if !token.syllabic && !initials_only => continue,
                Tag::Number | Tag::Particle | Tag::Honorific | Tag::Initial if !token.syllabic => {
                    let start = self.expansions.entries.len();
                    companion.exact(token.text).into_iter().for_each(|id| self.expansions.add(id, whole(1.0)));
                    // `2` is `second`, and `Al` may be Alexander.
                    if token.tag != Tag::Honorific {
                        let others = equivalents(token.text).filter(|other| *other != token.text);
                        others.filter_map(|other| companion.exact(other)).for_each(|id| self.expansions.add(id, whole(0.96)));
                    }
                    self.expansions.whole[place] = start..self.expansions.entries.len();
                    continue;
                }
                _ => {}
            }
            let start = self.expansions.entries.len();
            let Meanings { near, parts, near_legal } = near.of(companion, token);
            if near_legal && place > 0 && token.tag == Tag::Word && token.weight >= FORGIVEN_WEIGHT_MIN {
                self.expansions.forgiven += token.share() * FORGIVEN_SHARE;
            }
            near.iter().for_each(|&(id, similarity)| self.expansions.add(id, whole(similarity)));
            if token.syllabic {
                let others = dropped_r_spellings(token.text).filter_map(|other| companion.exact(&other));
                others.for_each(|id| self.expansions.add(id, whole(0.94)));
            }
            if terms.cut && place + 1 == terms.tokens.len() {
                companion.with_prefix(token.text, COMPLETIONS_MAX).for_each(|id| self.expansions.add(id, whole(0.9)));
            }
            self.expansions.whole[place] = start..self.expansions.entries.len();
            if token.tag == Tag::Word {
                for &Part { token, share, leads } in parts {
                    self.expansions.add(token, Expansion { first: place as u8, count: 1, similarity: 1.0, share, leads });
                }
            }
        }
        for count in 2..=3 {
            for first in 0..terms.tokens.len().saturating_sub(count - 1) {
                self.expand_glued(companion, first, &terms.tokens[first..first + count]);
            }
        }
    }

    /// `petro`, `iran` -> `petroiran`, listed.
    fn expand_glued(&mut self, companion: &Companion, first: usize, parts: &[Token<'_>]) {
        if parts.iter().any(|part| part.tag == Tag::LegalForm) || !join_to_a_word(parts) {
            return;
        }
        self.glued.clear();
        self.glued.extend(parts.iter().map(|part| part.text));
        let vowels = parts.iter().map(|part| part.vowels).max().unwrap_or_default();
        let token = Token { text: &self.glued, tag: Tag::Word, weight: 100, vowels, syllabic: false };
        let both = |similarity| Expansion { first: first as u8, count: parts.len() as u8, similarity, share: 1.0, leads: true };
        let Self { keys, expansions, .. } = self;
        if parts.iter().all(|part| is_mandarin_syllable(part.text)) {
            glued_syllables(companion, token.text, |id| expansions.add(id, both(CHINESE_SPELLINGS)));
        }
        near_glued(companion, &token, keys, |id, similarity| {
            if !expansions.has(id, first as u8, parts.len() as u8) {
                expansions.add(id, both(similarity));
            }
        });
    }

    /// Walks postings, rarest tokens first, until what is left could not carry a document over the gate; returns what is left.
    fn walk(&mut self, segment: &SnapshotSegment, terms: SearchTerms<'_>, initials: u32) -> Result<Unwalked, IndexError> {
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        let mut unwalked = Unwalked::default();
        for (place, token) in terms.tokens.iter().enumerate().filter(|(_, token)| token.tag != Tag::LegalForm) {
            unwalked.party += u16::from(token.weight);
            unwalked.listed += if initials >> place & 1 == 1 { listed_by_initials(token) } else { WORD_WEIGHT_MAX };
            let whole = &self.expansions.entries[self.expansions.whole[place].clone()];
            order.push((whole.iter().map(|entry| u64::from(segment.companion.token_facts(entry.token).doc_count)).sum(), place));
        }
        order.sort_unstable();
        let needed = 100.0 * needed(terms.tokens, self.expansions.forgiven);
        let initials_only = has_initials_only(terms.tokens);
        self.walk_parts(segment, terms)?;
        for &(documents, place) in &order {
            let token = &terms.tokens[place];
            // An initial cannot be walked (but one letter may be a syllable that is a name): what it would weigh stays possible.
            if token.tag == Tag::Initial && !token.syllabic && !initials_only {
                unwalked.initials |= 1 << place;
                continue;
            }
            let must = f32::from(unwalked.party) >= needed;
            if !must && documents > WALK_FURTHER * self.reached.len() as u64 {
                break;
            }
            let weight = u16::from(token.weight);
            for number in self.expansions.whole[place].clone() {
                let Entry { token, expansion, .. } = self.expansions.entries[number];
                // Completions of a cut word come last, though they may be better than what came before.
                let similarity = if terms.cut && place + 1 == terms.tokens.len() { 1.0 } else { expansion.similarity };
                let matched = (f32::from(weight) * similarity).ceil() as u16;
                let listed = u16::from(segment.companion.token_facts(token).weight);
                self.reach_token(segment, token, Credit { place: place as u16, met: weight, matched, listed, push: must })?;
            }
            if initials >> place & 1 == 1 {
                unwalked.initials |= 1 << place;
            } else {
                unwalked.party -= weight;
                unwalked.listed -= WORD_WEIGHT_MAX;
            }
        }
        self.order = order;
        Ok(unwalked)
    }

    /// Drops the documents that cannot pass the gate, whatever was not walked; the first so many were reached by an identifier.
    fn keep_possible(&mut self, companion: &Companion, terms: SearchTerms<'_>, unwalked: Unwalked, bound: f32, by_identifier: usize) {
        let party_weight: u16 = terms.tokens.iter().filter(|token| token.tag != Tag::LegalForm).map(|token| u16::from(token.weight)).sum();
        let Self { reached, seen, expansions, .. } = self;
        let of_person = (100.0 * needed(terms.tokens, 0.0), party_weight);
        let of_company = (100.0 * needed(terms.tokens, expansions.forgiven), party_weight - (100.0 * expansions.forgiven) as u16);
        let share = |percent: u16| f32::from(percent) / 100.0;
        let mut place = 0;
        reached.retain(|&doc| {
            place += 1;
            let (seen, facts) = (seen[doc as usize], companion.doc_facts(doc));
            if place <= by_identifier || facts.least_weight == 0 {
                return true;
            }
            let (needed, weight) = if terms.is_person(facts.kind) { of_person } else { of_company };
            let unwalked = unwalked.without_missing(terms.tokens, facts.first_letters);
            let matched = seen.matched.saturating_add(unwalked.party);
            if f32::from(matched) < needed - 0.01 {
                return false;
            }
            // Whatever was not walked may have met something; of the forms the lightest leaves least over.
            let met = seen.met.saturating_add(unwalked.party).min(weight);
            let party = Side { weight: share(weight), met: share(met), matched: share(matched) };
            let listed_met = share(seen.listed.saturating_add(unwalked.listed));
            let listed = Side { weight: share(facts.least_weight.into()).max(listed_met), met: listed_met, matched: listed_met };
            can_reach(bound, party, listed, terms.cut)
        });
    }

    /// Glued neighbours and, of each way to part a token, the rarest part: few and rare, so always walked. That the other parts
    /// are met, too, is believed until the gate looks.
    fn walk_parts(&mut self, segment: &SnapshotSegment, terms: SearchTerms<'_>) -> Result<(), IndexError> {
        for number in 0..self.expansions.entries.len() {
            let Entry { token, expansion, .. } = self.expansions.entries[number];
            if expansion.leads && (expansion.count > 1 || expansion.share < 1.0) {
                let places = usize::from(expansion.first)..usize::from(expansion.first + expansion.count);
                let met = terms.tokens[places].iter().map(|token| u16::from(token.weight)).sum();
                let listed =
                    if expansion.share < 1.0 { WORD_WEIGHT_MAX * PARTS_MAX } else { segment.companion.token_facts(token).weight.into() };
                self.reach_token(segment, token, Credit { place: PART, met, matched: met, listed, push: true })?;
            }
        }
        Ok(())
    }

    fn reach_token(&mut self, segment: &SnapshotSegment, token: TokenId, credit: Credit) -> Result<(), IndexError> {
        match segment.companion.postings(token) {
            Postings::Few(docs) => self.reach_docs(docs, credit),
            Postings::Many(info) => {
                let mut postings = open_postings(&segment.tokens, &info, self.postings.take()).map_err(tantivy::TantivyError::from)?;
                self.reach_all(&mut postings, credit);
                self.postings = Some(postings);
            }
        }
        Ok(())
    }

    fn reach_all(&mut self, postings: &mut BlockSegmentPostings, credit: Credit) {
        while !postings.docs().is_empty() {
            self.reach_docs(postings.docs(), credit);
            postings.advance();
        }
    }

    fn reach_docs(&mut self, docs: &[DocId], credit: Credit) {
        self.work.postings += docs.len() as u64;
        for &doc in docs {
            let (word, bit) = (&mut self.is_reached[doc as usize / DOCS_OF_WORD], 1 << (doc as usize % DOCS_OF_WORD));
            if *word & bit == 0 {
                if credit.push && self.reached.len() < DOCUMENTS_MAX {
                    *word |= bit;
                    self.seen[doc as usize] = Seen { place: credit.place, met: credit.met, matched: credit.matched, listed: credit.listed };
                    self.reached.push(doc);
                }
            } else {
                let seen = &mut self.seen[doc as usize];
                // Of several tokens for one place the best came first; but each may be the one that the list leaves nothing of.
                let again = seen.place == credit.place && credit.place != PART;
                seen.listed = seen.listed.saturating_add(credit.listed);
                if !again {
                    seen.place = credit.place;
                    seen.met = seen.met.saturating_add(credit.met);
                    seen.matched = seen.matched.saturating_add(credit.matched);
                }
            }
        }
    }
}

/// What was not walked and may still be met, at the most: weights in per cent of a rare word.
#[derive(Debug, Clone, Copy, Default)]
struct Unwalked {
    /// Of the party's tokens.
    party: u16,
    /// Of listed tokens: they may weigh more than the party's, each as much as a word can.
    listed: u16,
    /// Tokens that can now be nothing but initials, as bits.
    initials: u32,
}

impl Unwalked {
    /// For a document that has no words that begin with some of the initials.
    fn without_missing(mut self, tokens: &[Token<'_>], first_letters: u32) -> Self {
        for place in places(self.initials & !initials_that_fit(self.initials, tokens, first_letters)) {
            self.party -= u16::from(tokens[place].weight);
            self.listed -= listed_by_initials(&tokens[place]);
        }
        self
    }
}

/// What initials may meet: letters written together a word each.
fn listed_by_initials(token: &Token<'_>) -> u16 {
    WORD_WEIGHT_MAX * token.text.len() as u16
}

/// What a document has met so far, at the most: weights in per cent of a rare word.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Place of the token that it met last.
    place: u16,
    /// Of the party's tokens that met something.
    met: u16,
    /// The same, each times its similarity.
    matched: u16,
    /// Of the listed tokens that met something.
    listed: u16,
}

/// What a document gets for one of its tokens: see [`Seen`]. Expansions of a place come best first, and only the first counts.
#[derive(Debug, Clone, Copy, Default)]
struct Credit {
    place: u16,
    met: u16,
    matched: u16,
    listed: u16,
    /// Whether documents not reached yet are candidates.
    push: bool,
}

const DOCS_OF_WORD: usize = 64;
/// Place of what stands for no token in particular.
const PART: u16 = 31;
/// No word weighs more, per cent of a rare word.
const WORD_WEIGHT_MAX: u16 = 100;
/// A token is parted in so many at the most.
const PARTS_MAX: u16 = 3;
/// A token is walked beyond need while it has at most so many times the documents reached: reading a posting costs some
/// nanoseconds, gating a document some ten times that.
const WALK_FURTHER: u64 = 16;

/// Bit i is set where token i is an initial, or may be several written together.
fn initials(tokens: &[Token<'_>]) -> u32 {
    let single = tokens.iter().enumerate().filter(|(_, token)| token.tag == Tag::Initial);
    single.fold(joined_initials(tokens), |bits, (place, _)| bits | 1 << place)
}
