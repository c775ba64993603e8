//! What a companion learns when its segment is opened and does not store: all that a search looks up of a token, together, so
//! that one read of memory brings it, and a few bytes of each document.

use super::{Companion, TokenId, WEIGHT, letter_bit, open_postings, word_is_initial, word_token};
use crate::index::record::kind_of;
use crate::model::PartyKind;
use crate::names::{Sketch, Sound, Vowels, is_near_legal_word, letters_of};
use tantivy::index::InvertedIndexReader;
use tantivy::postings::TermInfo;

/// Documents of a token that stands in so few are kept beside tantivy's postings: opening those costs more than reading them.
const FEW_DOCS_MAX: u32 = 256;

/// What a search looks up of a token.
#[derive(Debug)]
pub(in crate::index) struct TokenFacts {
    /// Which letters it has, as bits.
    pub letters: u64,
    /// What tells most words apart by their sound.
    pub sketch: Sketch,
    /// Number of documents it stands in.
    pub doc_count: u32,
    /// Of a token in few documents their place in [`Learnt::few_docs`], of others the byte range of its postings in tantivy's file.
    postings: (u32, u32),
    /// Equal for tokens with the same consonants.
    pub consonants: u16,
    /// Its letters, counted up to 255.
    pub length: u8,
    /// What is known of its vowels, the least of all places.
    pub vowels: Vowels,
    /// In another place all its vowels are known.
    pub also_written: bool,
    /// The most that it weighs in any form, per cent of a rare word.
    pub weight: u8,
    /// First letter.
    pub first: u8,
    /// May be a word of a legal form, misspelled.
    pub near_legal: bool,
}

/// Where the documents of a token are.
pub(in crate::index) enum Postings<'a> {
    Few(&'a [u32]),
    Many(TermInfo),
}

/// What a search looks up of a document before it looks at its forms.
#[derive(Debug, Clone, Copy)]
pub(in crate::index) struct DocFacts {
    /// First letters of all its words, as bits.
    pub first_letters: u32,
    /// Weight in per cent of a rare word of the lightest form. 0 when some form has an initial, which can stand for any word of its
    /// letter.
    pub least_weight: u8,
    /// Person, organisation, vessel or unknown.
    pub kind: PartyKind,
}

#[derive(Debug, Default)]
pub(super) struct Learnt {
    tokens: Vec<TokenFacts>,
    few_docs: Vec<u32>,
    docs: Vec<DocFacts>,
}

impl Learnt {
    /// `None` when tantivy's terms are not the companion's tokens.
    pub(super) fn of(companion: &Companion, terms: &InvertedIndexReader) -> std::io::Result<Option<Self>> {
        let (tokens, docs) = (companion.token_count(), companion.doc_count());
        let mut learnt = Self { tokens: Vec::with_capacity(tokens), docs: Vec::with_capacity(docs), ..Self::default() };
        if !learnt.learn_postings(companion, terms)? {
            return Ok(None);
        }
        for &word in &companion.words {
            let weight = &mut learnt.tokens[word_token(word) as usize].weight;
            *weight = (*weight).max((word & WEIGHT) as u8);
        }
        for doc in 0..docs as u32 {
            let facts = learnt.doc_facts(companion, doc);
            learnt.docs.push(facts);
        }
        Ok(Some(learnt))
    }

    fn doc_facts(&self, companion: &Companion, doc: u32) -> DocFacts {
        let weight = |form| match companion.form_words(form) {
            words if words.iter().any(|&word| word_is_initial(word)) => 0,
            words => words.iter().map(|word| word & WEIGHT).sum::<u32>().clamp(1, 255) as u8,
        };
        let words = companion.forms(doc).flat_map(|form| companion.form_words(form));
        DocFacts {
            first_letters: words.fold(0, |all, &word| all | letter_bit(self.token(word_token(word)).first)),
            least_weight: companion.forms(doc).map(weight).min().unwrap_or(1),
            kind: kind_of(companion.facts(doc)),
        }
    }

    /// Reads the postings of all terms, in their order; false when they are not the companion's tokens.
    fn learn_postings(&mut self, companion: &Companion, terms: &InvertedIndexReader) -> std::io::Result<bool> {
        let mut stream = terms.terms().stream()?;
        let mut memory = None;
        while stream.advance() {
            let (id, info) = (self.tokens.len(), stream.value());
            let fits = id < companion.token_count()
                && stream.key() == companion.token_text(id as TokenId).as_bytes()
                && info.doc_freq == companion.token_docs[id];
            let (Ok(start), Ok(end)) = (u32::try_from(info.postings_range.start), u32::try_from(info.postings_range.end)) else {
                return Ok(false);
            };
            if !fits {
                return Ok(false);
            }
            let mut postings = (start, end);
            if info.doc_freq <= FEW_DOCS_MAX {
                let first = self.few_docs.len() as u32;
                let mut block = open_postings(terms, info, memory.take())?;
                while !block.docs().is_empty() {
                    self.few_docs.extend_from_slice(block.docs());
                    block.advance();
                }
                memory = Some(block);
                postings = (first, self.few_docs.len() as u32);
            }
            let text = companion.token_text(id as TokenId);
            let sound = Sound::of(text);
            self.tokens.push(TokenFacts {
                letters: letters_of(text),
                sketch: sound.sketch(),
                consonants: sound.skeleton().code(),
                doc_count: info.doc_freq,
                postings,
                length: text.len().min(255) as u8,
                vowels: companion.token_vowels(id as TokenId),
                also_written: companion.is_also_written(id as TokenId),
                weight: 0,
                first: text.as_bytes().first().copied().unwrap_or(0),
                near_legal: is_near_legal_word(text),
            });
        }
        self.few_docs.shrink_to_fit();
        Ok(self.tokens.len() == companion.token_count())
    }

    pub(super) fn doc(&self, doc: u32) -> &DocFacts {
        &self.docs[doc as usize]
    }

    pub(super) fn token(&self, id: TokenId) -> &TokenFacts {
        &self.tokens[id as usize]
    }

    /// The documents of a token, or what tantivy needs to open its postings.
    pub(super) fn postings(&self, id: TokenId) -> Postings<'_> {
        let TokenFacts { doc_count, postings: (start, end), .. } = *self.token(id);
        let range = start as usize..end as usize;
        if doc_count <= FEW_DOCS_MAX {
            return Postings::Few(&self.few_docs[range]);
        }
        Postings::Many(TermInfo { doc_freq: doc_count, postings_range: range, positions_range: 0..0 })
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.tokens.as_slice()) + size_of_val(self.few_docs.as_slice()) + size_of_val(self.docs.as_slice())
    }
}
