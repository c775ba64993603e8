//! What a segment keeps in memory beside tantivy's postings: its distinct tokens, keys to find misspelled ones, and a
//! compact record of every document.

use super::keys::exact_key;
use super::record::{class_from_u8, token_from_flags};
use crate::model::NameClass;
use crate::names::{Heard, Tag, Token, Vowels, token_similarity};
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;

mod builder;
mod learnt;

pub(super) use builder::CompanionBuilder;
use builder::key_bits;
use learnt::Learnt;
pub(super) use learnt::{DocFacts, Postings, TokenFacts};

/// Token numbers share 32 bits with an 8-bit check of the key.
pub(super) const TOKENS_MAX: usize = 1 << 24;
const FORMAT: u32 = 6;

/// Number of a token in a segment's companion; equal to its ordinal in tantivy's term dictionary.
pub(super) type TokenId = u32;

/// The token of a form's word.
pub(super) fn word_token(word: u32) -> TokenId {
    word >> 8
}

/// Its weight as a fraction of a rare word; 0 for legal forms.
pub(super) fn word_share(word: u32) -> f32 {
    (word & WEIGHT) as f32 / 100.0
}

/// Whether it is an initial there.
pub(super) fn word_is_initial(word: u32) -> bool {
    word & INITIAL != 0
}

/// Bits of what is known of a token's vowels.
const LEAST_VOWELS: u8 = 0x0F;
/// In some place all its vowels are known: `ansar` of a Latin name, and of `أنصار`.
const ALSO_WRITTEN: u8 = 0x80;

/// Bits of a form's word under the token.
const WEIGHT: u32 = 0x7F;
const INITIAL: u32 = 0x80;

/// A bit for each letter; digits have none.
pub(super) fn letter_bit(byte: u8) -> u32 {
    if byte.is_ascii_lowercase() { 1 << (byte - b'a') } else { 0 }
}

/// Opens the postings of a term, in the memory of others where there is some.
pub(super) fn open_postings(
    tokens: &InvertedIndexReader,
    info: &TermInfo,
    memory: Option<BlockSegmentPostings>,
) -> std::io::Result<BlockSegmentPostings> {
    match memory {
        Some(mut postings) => {
            tokens.reset_block_postings_from_terminfo(info, &mut postings)?;
            Ok(postings)
        }
        None => tokens.read_block_postings_from_terminfo(info, IndexRecordOption::Basic),
    }
}

/// One of eight bits for the check of a key, the first byte of its entry.
fn key_bit(entry: u32) -> u8 {
    1 << (entry >> 24 & 7)
}

#[derive(Debug, Default)]
pub(super) struct Companion {
    token_starts: Vec<u32>,
    token_texts: String,
    /// Number of documents a token stands in.
    token_docs: Vec<u32>,
    /// What is known of its vowels, the least of all places, as [`Vowels`]; and [`ALSO_WRITTEN`].
    token_vowels: Vec<u8>,
    key_starts: Vec<u32>,
    key_entries: Vec<u32>,
    /// A byte of [`key_bit`]s for each bucket of keys: most keys that nothing has end here. Not stored.
    key_bits: Vec<u8>,
    doc_forms: Vec<u32>,
    form_tokens: Vec<u32>,
    form_classes: Vec<u8>,
    /// Token id, whether it is an initial, and weight in per cent, 0 for legal forms: all that the gate needs, in one word.
    words: Vec<u32>,
    flags: Vec<u16>,
    doc_facts: Vec<u32>,
    facts: Vec<u8>,
    learnt: Learnt,
}

impl Companion {
    /// Learns what is not stored. False when tantivy's terms are not our tokens.
    pub(super) fn learn(&mut self, terms: &InvertedIndexReader) -> std::io::Result<bool> {
        let learnt = Learnt::of(self, terms)?;
        let fits = learnt.is_some();
        self.learnt = learnt.unwrap_or_default();
        Ok(fits)
    }

    /// The documents of a token, or what tantivy needs to open its postings.
    pub(super) fn postings(&self, id: TokenId) -> Postings<'_> {
        self.learnt.postings(id)
    }

    pub(super) fn token_count(&self) -> usize {
        self.token_docs.len()
    }

    pub(super) fn doc_count(&self) -> usize {
        self.doc_forms.len().saturating_sub(1)
    }

    pub(super) fn bytes(&self) -> usize {
        4 * (self.token_starts.len() + self.token_docs.len() + self.key_starts.len() + self.key_entries.len())
            + 4 * (self.doc_forms.len() + self.form_tokens.len() + self.words.len() + self.doc_facts.len())
            + self.token_texts.len()
            + self.token_vowels.len()
            + self.form_classes.len()
            + 2 * self.flags.len()
            + self.facts.len()
            + self.key_bits.len()
            + self.learnt.bytes()
    }

    pub(super) fn token_text(&self, id: TokenId) -> &str {
        let id = id as usize;
        &self.token_texts[self.token_starts[id] as usize..self.token_starts[id + 1] as usize]
    }

    /// The token as a plain word, for expansion.
    pub(super) fn token(&self, id: TokenId) -> Token<'_> {
        let text = self.token_text(id);
        let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
        let tag = if has_digit { Tag::Number } else { Tag::Word };
        Token { text, tag, weight: 100, vowels: self.token_vowels(id), syllabic: false }
    }

    /// How well a token stands for a word, 0 to 1, in the better of the ways in which its vowels are known; `None` = not at all.
    pub(super) fn similarity(&self, word: &Heard<'_>, id: TokenId) -> Option<f32> {
        let facts = self.token_facts(id);
        let with = |vowels| token_similarity(word, &Heard::known(Token { vowels, ..self.token(id) }, facts.letters, facts.sketch));
        let similarity = |vowels| with(vowels).map(|(similarity, _)| similarity);
        let found = similarity(facts.vowels);
        let written = facts.also_written.then(|| similarity(Vowels::Written)).flatten();
        found.into_iter().chain(written).max_by(f32::total_cmp)
    }

    /// What a search looks up of a token.
    pub(super) fn token_facts(&self, id: TokenId) -> &TokenFacts {
        self.learnt.token(id)
    }

    /// What a search looks up of a document before it looks at its forms.
    pub(super) fn doc_facts(&self, doc: u32) -> &DocFacts {
        self.learnt.doc(doc)
    }

    /// First letters of the words of a form, as bits.
    pub(super) fn first_letters_of_form(&self, form: u32) -> u32 {
        self.form_words(form).iter().fold(0, |all, &word| all | letter_bit(self.token_facts(word_token(word)).first))
    }

    /// Whether in some place all its vowels are known, and in another they are not.
    pub(super) fn is_also_written(&self, id: TokenId) -> bool {
        self.token_vowels[id as usize] & ALSO_WRITTEN != 0 && self.token_vowels(id) != Vowels::Written
    }

    pub(super) fn token_vowels(&self, id: TokenId) -> Vowels {
        Vowels::from_u8(self.token_vowels[id as usize] & LEAST_VOWELS)
    }

    /// Calls `found` with every token that shares this key; a few that do not are among them.
    pub(super) fn tokens_with_key(&self, key: u64, mut found: impl FnMut(TokenId)) {
        if self.key_entries.is_empty() {
            return;
        }
        let (bucket, check) = (self.bucket(key), (key as u32) & 0xFF00_0000);
        if self.key_bits[bucket] & key_bit(check) == 0 {
            return;
        }
        for entry in &self.key_entries[self.key_starts[bucket] as usize..self.key_starts[bucket + 1] as usize] {
            if entry & 0xFF00_0000 == check {
                found(entry & 0x00FF_FFFF);
            }
        }
    }

    /// The token written exactly so.
    pub(super) fn exact(&self, text: &str) -> Option<TokenId> {
        let mut exact = None;
        self.tokens_with_key(exact_key(text), |id| {
            if exact.is_none() && self.token_text(id) == text {
                exact = Some(id);
            }
        });
        exact
    }

    /// Tokens that start so, at most `count_max`.
    pub(super) fn with_prefix(&self, start: &str, count_max: usize) -> std::ops::Range<TokenId> {
        let (mut low, mut high) = (0, self.token_count() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.token_text(middle) < start {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut end = low;
        while end < self.token_count() as u32 && (end - low) < count_max as u32 && self.token_text(end).starts_with(start) {
            end += 1;
        }
        low..end
    }

    /// Forms of a document, as numbers for [`Self::form`].
    pub(super) fn forms(&self, doc: u32) -> std::ops::Range<u32> {
        self.doc_forms[doc as usize]..self.doc_forms[doc as usize + 1]
    }

    /// The words of a form: see [`word_token`] and [`word_share`].
    pub(super) fn form_words(&self, form: u32) -> &[u32] {
        &self.words[self.form_range(form)]
    }

    /// Reads the first word of each document for nothing but having it in the cache: the reads do not wait for each other, as
    /// they would one document at a time.
    pub(super) fn touch(&self, docs: &[u32]) {
        let first_word = |&doc: &u32| {
            let form = self.doc_forms[doc as usize] as usize;
            self.form_tokens.get(form).and_then(|&at| self.words.get(at as usize)).copied().unwrap_or(0)
        };
        std::hint::black_box(docs.iter().map(first_word).fold(0, u32::wrapping_add));
    }

    fn form_range(&self, form: u32) -> std::ops::Range<usize> {
        self.form_tokens[form as usize] as usize..self.form_tokens[form as usize + 1] as usize
    }

    pub(super) fn form_class(&self, form: u32) -> NameClass {
        class_from_u8(self.form_classes[form as usize])
    }

    pub(super) fn form<'a>(&'a self, form: u32, tokens: &mut Vec<Token<'a>>) {
        tokens.clear();
        let words = self.form_words(form).iter().zip(&self.flags[self.form_range(form)]);
        tokens.extend(words.map(|(&word, &flags)| token_from_flags(self.token_text(word_token(word)), flags)));
    }

    pub(super) fn facts(&self, doc: u32) -> &[u8] {
        &self.facts[self.doc_facts[doc as usize] as usize..self.doc_facts[doc as usize + 1] as usize]
    }

    fn bucket(&self, key: u64) -> usize {
        let buckets = self.key_starts.len() - 1;
        ((key >> 32).wrapping_mul(buckets as u64) >> 32) as usize
    }

    pub(super) fn write(&self, out: &mut impl std::io::Write) -> std::io::Result<()> {
        out.write_all(&FORMAT.to_le_bytes())?;
        for array in [&self.token_starts, &self.token_docs, &self.key_starts, &self.key_entries] {
            write_array(out, array.iter().map(|number| number.to_le_bytes()))?;
        }
        for array in [&self.doc_forms, &self.form_tokens, &self.words, &self.doc_facts] {
            write_array(out, array.iter().map(|number| number.to_le_bytes()))?;
        }
        for array in [self.token_texts.as_bytes(), &self.token_vowels, &self.form_classes, &self.facts] {
            out.write_all(&(array.len() as u64).to_le_bytes())?;
            out.write_all(array)?;
        }
        write_array(out, self.flags.iter().map(|number| number.to_le_bytes()))
    }

    /// `None` when the bytes are cut off or of another format.
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        let (format, rest) = bytes.split_at_checked(4)?;
        if u32::from_le_bytes(format.try_into().ok()?) != FORMAT {
            return None;
        }
        bytes = rest;
        let mut u32s = || read_array(&mut bytes, u32::from_le_bytes);
        let (token_starts, token_docs, key_starts, key_entries) = (u32s()?, u32s()?, u32s()?, u32s()?);
        let (doc_forms, form_tokens, words, doc_facts) = (u32s()?, u32s()?, u32s()?, u32s()?);
        let mut u8s = || read_array(&mut bytes, |[byte]: [u8; 1]| byte);
        let (token_texts, token_vowels, form_classes, facts) = (u8s()?, u8s()?, u8s()?, u8s()?);
        let token_texts = String::from_utf8(token_texts).ok()?;
        let flags = read_array(&mut bytes, u16::from_le_bytes)?;
        Some(Self {
            key_bits: key_bits(&key_starts, &key_entries),
            token_starts,
            token_texts,
            token_docs,
            token_vowels,
            key_starts,
            key_entries,
            doc_forms,
            form_tokens,
            form_classes,
            words,
            flags,
            doc_facts,
            facts,
            learnt: Learnt::default(),
        })
    }
}

fn write_array<const N: usize>(out: &mut impl std::io::Write, numbers: impl ExactSizeIterator<Item = [u8; N]>) -> std::io::Result<()> {
    out.write_all(&(numbers.len() as u64).to_le_bytes())?;
    let bytes: Vec<u8> = numbers.flatten().collect();
    out.write_all(&bytes)
}

fn read_array<T, const N: usize>(bytes: &mut &[u8], number: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
    let (count, rest) = bytes.split_at_checked(8)?;
    let count = usize::try_from(u64::from_le_bytes(count.try_into().ok()?)).ok()?;
    let (array, rest) = rest.split_at_checked(count.checked_mul(N)?)?;
    *bytes = rest;
    Some(array.as_chunks::<N>().0.iter().map(|chunk| number(*chunk)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::keys::token_keys;
    use crate::index::record::EntityRecord;
    use crate::index::record::tests::entity;
    use crate::names::edit_budget;
    use proptest::prelude::*;

    fn companion(names: &[&str]) -> Companion {
        let mut builder = CompanionBuilder::default();
        for (number, name) in names.iter().enumerate() {
            let record = EntityRecord::new(&entity(&number.to_string(), &[name]));
            builder.add(&record.encode()).expect("a record");
        }
        builder.finish()
    }

    fn near(companion: &Companion, text: &str) -> Vec<String> {
        let mut keys = Vec::new();
        let token = Token { text, tag: Tag::Word, weight: 100, vowels: Vowels::Written, syllabic: false };
        token_keys(&Heard::new(token), edit_budget(text.len()), &mut keys);
        let mut found = Vec::new();
        for key in keys {
            companion.tokens_with_key(key, |id| found.push(companion.token_text(id).to_owned()));
        }
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn misspelled_tokens_are_found() {
        let companion = companion(&["Mukhtar Ablyazov", "Anna Smirnova", "Muhammad Hussein"]);
        for (typed, listed) in [("ablyazov", "ablyazov"), ("abliazov", "ablyazov"), ("abyazv", "ablyazov"), ("smrinova", "smirnova")] {
            assert!(near(&companion, typed).contains(&listed.to_owned()), "{typed}");
        }
        assert!(near(&companion, "hossain").contains(&"hussein".to_owned()), "by its consonants");
        assert_eq!(companion.exact("smirnova").map(|id| companion.token_text(id)), Some("smirnova"));
        assert_eq!(companion.exact("smirnov"), None);
    }

    #[test]
    fn a_companion_reads_back_as_written() {
        let companion = companion(&["Mukhtar Ablyazov", "Anna Smirnova"]);
        let mut bytes = Vec::new();
        companion.write(&mut bytes).expect("in memory");
        let back = Companion::read(&bytes).expect("a companion");
        assert_eq!((back.doc_count(), back.form_classes.len(), back.token_count()), (2, 2, 4));
        assert_eq!(back.token_text(0), "ablyazov");
        assert!(Companion::read(&bytes[..bytes.len() - 1]).is_none());
    }

    proptest! {
        #[test]
        fn every_token_within_its_edits_is_found(word in "[k-o]{5,9}", at in 0usize..5, letter in b'k'..=b'o') {
            let mut typed = word.clone().into_bytes();
            typed[at] = letter;
            typed.remove((at + 2) % typed.len());
            let typed = String::from_utf8(typed).expect("ascii");
            prop_assume!(typed.len() >= 5);
            let companion = companion(&[&word]);
            prop_assert!(near(&companion, &typed).contains(&word), "{typed} {word}");
        }
    }
}
