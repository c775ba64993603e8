//! Builds a companion when a segment is sealed or merged.

use super::{ALSO_WRITTEN, Companion, INITIAL, LEAST_VOWELS, WEIGHT, key_bit};
use crate::index::keys::token_keys;
use crate::index::record::{class_to_u8, decode, token_flags};
use crate::model::NameClass;
use crate::names::{Heard, Tag, Token, Vowels, edit_budget};
use rustc_hash::FxHashMap;

/// Collects documents, then lays out the companion.
#[derive(Debug, Default)]
pub(in crate::index) struct CompanionBuilder {
    numbers: FxHashMap<Box<str>, u32>,
    vowels: Vec<u8>,
    docs: Vec<u32>,
    last_doc: Vec<u32>,
    companion: Companion,
}

impl CompanionBuilder {
    /// Takes the next document as encoded by `EntityRecord`. `None` when the bytes are not a record.
    pub(in crate::index) fn add(&mut self, record: &[u8]) -> Option<()> {
        self.start_doc();
        let mut forms: Vec<(NameClass, Vec<(u32, u16)>)> = Vec::new();
        let facts = decode(record, |class, tokens| {
            forms.push((class, tokens.iter().map(|token| (self.number(token), token_flags(token))).collect()));
        })?;
        for (class, tokens) in forms {
            self.add_form(class, tokens.into_iter());
        }
        self.end_doc(facts);
        Some(())
    }

    /// Takes a document over from another companion.
    pub(in crate::index) fn add_from(&mut self, source: &Companion, doc: u32) {
        self.start_doc();
        let mut tokens = Vec::new();
        for form in source.forms(doc) {
            source.form(form, &mut tokens);
            let numbered: Vec<(u32, u16)> = tokens.iter().map(|token| (self.number(token), token_flags(token))).collect();
            self.add_form(source.form_class(form), numbered.into_iter());
        }
        self.end_doc(source.facts(doc));
    }

    pub(in crate::index) fn memory(&self) -> usize {
        self.companion.bytes() + self.numbers.len() * 48
    }

    fn start_doc(&mut self) {
        let companion = &mut self.companion;
        companion.doc_forms.push(companion.form_classes.len() as u32);
        companion.doc_facts.push(companion.facts.len() as u32);
    }

    fn add_form(&mut self, class: NameClass, tokens: impl Iterator<Item = (u32, u16)>) {
        let companion = &mut self.companion;
        companion.form_tokens.push(companion.words.len() as u32);
        companion.form_classes.push(class_to_u8(class));
        for (id, flags) in tokens {
            companion.words.push(id);
            companion.flags.push(flags);
        }
    }

    fn end_doc(&mut self, facts: &[u8]) {
        self.companion.facts.extend_from_slice(facts);
    }

    fn number(&mut self, token: &Token<'_>) -> u32 {
        let doc = self.companion.doc_forms.len() as u32;
        let number = match self.numbers.get(token.text) {
            Some(&number) => number,
            None => {
                let number = self.docs.len() as u32;
                self.numbers.insert(token.text.into(), number);
                self.vowels.push(0);
                self.docs.push(0);
                self.last_doc.push(0);
                number
            }
        };
        let at = number as usize;
        let written = if token.vowels == Vowels::Written { ALSO_WRITTEN } else { 0 };
        let least = (self.vowels[at] & LEAST_VOWELS).max(token.vowels as u8);
        self.vowels[at] = least | self.vowels[at] & ALSO_WRITTEN | written;
        if self.last_doc[at] != doc {
            self.last_doc[at] = doc;
            self.docs[at] += 1;
        }
        number
    }

    /// Sorts the tokens, so that a token's number is its place in tantivy's term dictionary, and builds the keys.
    pub(in crate::index) fn finish(self) -> Companion {
        let Self { numbers, vowels, docs, mut companion, .. } = self;
        companion.doc_forms.push(companion.form_classes.len() as u32);
        companion.doc_facts.push(companion.facts.len() as u32);
        companion.form_tokens.push(companion.words.len() as u32);
        let mut sorted: Vec<(Box<str>, u32)> = numbers.into_iter().collect();
        sorted.sort_unstable();
        let mut place = vec![0u32; sorted.len()];
        companion.token_starts.push(0);
        for (id, (text, number)) in sorted.iter().enumerate() {
            place[*number as usize] = id as u32;
            companion.token_texts.push_str(text);
            companion.token_starts.push(companion.token_texts.len() as u32);
            companion.token_docs.push(docs[*number as usize]);
            companion.token_vowels.push(vowels[*number as usize]);
        }
        for (word, flags) in companion.words.iter_mut().zip(&companion.flags) {
            let tells = match Tag::from_u8((flags & 0xF) as u8) {
                Tag::LegalForm => 0,
                Tag::Initial => u32::from(flags >> 8).min(WEIGHT) | INITIAL,
                _ => u32::from(flags >> 8).min(WEIGHT),
            };
            *word = place[*word as usize] << 8 | tells;
        }
        build_keys(&mut companion);
        companion
    }
}

fn build_keys(companion: &mut Companion) {
    let mut pairs: Vec<(u64, u32)> = Vec::new();
    let mut keys = Vec::new();
    for id in 0..companion.token_count() as u32 {
        let token = companion.token(id);
        let written = companion.is_also_written(id).then_some(Token { vowels: Vowels::Written, ..token });
        for token in [Some(token), written].into_iter().flatten() {
            token_keys(&Heard::new(token), edit_budget(token.text.len()), &mut keys);
            pairs.extend(keys.iter().map(|&key| (key, id)));
        }
    }
    let buckets = (pairs.len() / 2).max(1);
    companion.key_starts = vec![0; buckets + 1];
    for (key, _) in &pairs {
        let bucket = companion.bucket(*key);
        companion.key_starts[bucket + 1] += 1;
    }
    for bucket in 0..buckets {
        companion.key_starts[bucket + 1] += companion.key_starts[bucket];
    }
    let mut next = companion.key_starts.clone();
    companion.key_entries = vec![0; pairs.len()];
    for (key, id) in pairs {
        let at = &mut next[companion.bucket(key)];
        companion.key_entries[*at as usize] = (key as u32) & 0xFF00_0000 | id;
        *at += 1;
    }
    companion.key_bits = key_bits(&companion.key_starts, &companion.key_entries);
}

/// See [`Companion::key_bits`].
pub(super) fn key_bits(starts: &[u32], entries: &[u32]) -> Vec<u8> {
    let bucket = |ends: &[u32]| entries.get(ends[0] as usize..ends[1] as usize).unwrap_or_default();
    starts.windows(2).map(|ends| bucket(ends).iter().fold(0, |bits, &entry| bits | key_bit(entry))).collect()
}
