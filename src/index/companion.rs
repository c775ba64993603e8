//! What a segment keeps in memory beside tantivy's postings: its distinct tokens, keys to find misspelled ones, and a
//! compact record of every document.

use super::keys::{exact_key, token_keys};
use super::record::{class_from_u8, class_to_u8, decode, token_flags, token_from_flags};
use crate::model::NameClass;
use crate::names::{Tag, Token, edit_budget, letters_of, sound_code};
use rustc_hash::FxHashMap;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::TermInfo;

/// Token numbers share 32 bits with an 8-bit check of the key.
pub(super) const TOKENS_MAX: usize = 1 << 24;
const FORMAT: u32 = 1;

/// Number of a token in a segment's companion; equal to its ordinal in tantivy's term dictionary.
pub(super) type TokenId = u32;

#[derive(Debug, Default)]
pub(super) struct Companion {
    token_starts: Vec<u32>,
    token_texts: String,
    /// Number of documents a token stands in.
    token_docs: Vec<u32>,
    /// 1 = written without vowels somewhere.
    token_vowelless: Vec<u8>,
    /// Which letters a token has; learnt when the segment is opened, not stored.
    token_letters: Vec<u64>,
    /// Equal for tokens that sound alike; learnt like the letters.
    token_sounds: Vec<u32>,
    key_starts: Vec<u32>,
    key_entries: Vec<u32>,
    doc_forms: Vec<u32>,
    form_tokens: Vec<u32>,
    form_classes: Vec<u8>,
    tokens: Vec<u32>,
    flags: Vec<u16>,
    doc_facts: Vec<u32>,
    facts: Vec<u8>,
    /// Whether some form of a document has an initial; learnt like the letters.
    doc_initials: Vec<bool>,
    /// Byte range of each token's postings in tantivy's file; learnt when the segment is opened, not stored.
    posting_ranges: Vec<std::ops::Range<u32>>,
}

impl Companion {
    /// Learns where tantivy keeps the postings of each token. False when its terms are not our tokens.
    pub(super) fn learn_postings(&mut self, tokens: &InvertedIndexReader) -> std::io::Result<bool> {
        let mut terms = tokens.terms().stream()?;
        self.posting_ranges.clear();
        let has_initial = |form| self.form_ids(form).1.iter().any(|&flags| Tag::from_u8((flags & 0xF) as u8) == Tag::Initial);
        self.doc_initials = (0..self.doc_count() as u32).map(|doc| self.forms(doc).any(has_initial)).collect();
        self.token_letters = (0..self.token_count() as u32).map(|id| letters_of(self.token_text(id))).collect();
        self.token_sounds = (0..self.token_count() as u32).map(|id| sound_code(self.token_text(id))).collect();
        while terms.advance() {
            let id = self.posting_ranges.len();
            let info = terms.value();
            let fits =
                id < self.token_count() && terms.key() == self.token_text(id as u32).as_bytes() && info.doc_freq == self.token_docs[id];
            let (Ok(start), Ok(end)) = (u32::try_from(info.postings_range.start), u32::try_from(info.postings_range.end)) else {
                return Ok(false);
            };
            if !fits {
                return Ok(false);
            }
            self.posting_ranges.push(start..end);
        }
        Ok(self.posting_ranges.len() == self.token_count())
    }

    /// What tantivy needs to open the postings of a token.
    pub(super) fn term_info(&self, id: TokenId) -> TermInfo {
        let range = &self.posting_ranges[id as usize];
        TermInfo { doc_freq: self.token_docs[id as usize], postings_range: range.start as usize..range.end as usize, positions_range: 0..0 }
    }

    pub(super) fn token_count(&self) -> usize {
        self.token_docs.len()
    }

    pub(super) fn doc_count(&self) -> usize {
        self.doc_forms.len().saturating_sub(1)
    }

    pub(super) fn bytes(&self) -> usize {
        4 * (self.token_starts.len() + self.token_docs.len() + self.key_starts.len() + self.key_entries.len())
            + 4 * (self.doc_forms.len() + self.form_tokens.len() + self.tokens.len() + self.doc_facts.len())
            + self.token_texts.len()
            + self.token_vowelless.len()
            + self.form_classes.len()
            + 2 * self.flags.len()
            + 8 * (self.posting_ranges.len() + self.token_letters.len())
            + 4 * self.token_sounds.len()
            + self.doc_initials.len()
            + self.facts.len()
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
        Token { text, tag, weight: 100, vowelless: self.token_vowelless[id as usize] == 1, syllabic: false }
    }

    /// Which letters a token has, as bits.
    pub(super) fn token_letters(&self, id: TokenId) -> u64 {
        self.token_letters[id as usize]
    }

    /// Whether some form of the document has an initial, which can stand for any word of its letter.
    pub(super) fn has_initials(&self, doc: u32) -> bool {
        self.doc_initials[doc as usize]
    }

    /// Equal for tokens that sound alike.
    pub(super) fn token_sound(&self, id: TokenId) -> u32 {
        self.token_sounds[id as usize]
    }

    /// Letters in a token, without reading them.
    pub(super) fn token_length(&self, id: TokenId) -> usize {
        (self.token_starts[id as usize + 1] - self.token_starts[id as usize]) as usize
    }

    pub(super) fn is_vowelless(&self, id: TokenId) -> bool {
        self.token_vowelless[id as usize] == 1
    }

    pub(super) fn token_doc_count(&self, id: TokenId) -> u32 {
        self.token_docs[id as usize]
    }

    /// Calls `found` with every token that shares this key; a few that do not are among them.
    pub(super) fn tokens_with_key(&self, key: u64, mut found: impl FnMut(TokenId)) {
        if self.key_entries.is_empty() {
            return;
        }
        let bucket = self.bucket(key);
        let check = (key as u32) & 0xFF00_0000;
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

    /// Token ids and flags of a form.
    pub(super) fn form_ids(&self, form: u32) -> (&[TokenId], &[u16]) {
        let range = self.form_tokens[form as usize] as usize..self.form_tokens[form as usize + 1] as usize;
        (&self.tokens[range.clone()], &self.flags[range])
    }

    pub(super) fn form_class(&self, form: u32) -> NameClass {
        class_from_u8(self.form_classes[form as usize])
    }

    pub(super) fn form<'a>(&'a self, form: u32, tokens: &mut Vec<Token<'a>>) {
        tokens.clear();
        let (ids, flags) = self.form_ids(form);
        tokens.extend(ids.iter().zip(flags).map(|(&id, &flags)| token_from_flags(self.token_text(id), flags)));
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
        for array in [&self.doc_forms, &self.form_tokens, &self.tokens, &self.doc_facts] {
            write_array(out, array.iter().map(|number| number.to_le_bytes()))?;
        }
        for array in [self.token_texts.as_bytes(), &self.token_vowelless, &self.form_classes, &self.facts] {
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
        let (doc_forms, form_tokens, tokens, doc_facts) = (u32s()?, u32s()?, u32s()?, u32s()?);
        let mut u8s = || read_array(&mut bytes, |[byte]: [u8; 1]| byte);
        let (token_texts, token_vowelless, form_classes, facts) = (u8s()?, u8s()?, u8s()?, u8s()?);
        let token_texts = String::from_utf8(token_texts).ok()?;
        let flags = read_array(&mut bytes, u16::from_le_bytes)?;
        Some(Self {
            token_starts,
            token_texts,
            token_docs,
            token_vowelless,
            token_letters: Vec::new(),
            token_sounds: Vec::new(),
            key_starts,
            key_entries,
            doc_forms,
            form_tokens,
            form_classes,
            tokens,
            flags,
            doc_facts,
            facts,
            doc_initials: Vec::new(),
            posting_ranges: Vec::new(),
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

/// Collects documents, then lays out the companion.
#[derive(Debug, Default)]
pub(super) struct CompanionBuilder {
    numbers: FxHashMap<Box<str>, u32>,
    vowelless: Vec<u8>,
    docs: Vec<u32>,
    last_doc: Vec<u32>,
    companion: Companion,
}

impl CompanionBuilder {
    /// Takes the next document as encoded by `EntityRecord`. `None` when the bytes are not a record.
    pub(super) fn add(&mut self, record: &[u8]) -> Option<()> {
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
    pub(super) fn add_from(&mut self, source: &Companion, doc: u32) {
        self.start_doc();
        let mut tokens = Vec::new();
        for form in source.forms(doc) {
            source.form(form, &mut tokens);
            let numbered: Vec<(u32, u16)> = tokens.iter().map(|token| (self.number(token), token_flags(token))).collect();
            self.add_form(source.form_class(form), numbered.into_iter());
        }
        self.end_doc(source.facts(doc));
    }

    pub(super) fn memory(&self) -> usize {
        self.companion.bytes() + self.numbers.len() * 48
    }

    fn start_doc(&mut self) {
        let companion = &mut self.companion;
        companion.doc_forms.push(companion.form_classes.len() as u32);
        companion.doc_facts.push(companion.facts.len() as u32);
    }

    fn add_form(&mut self, class: NameClass, tokens: impl Iterator<Item = (u32, u16)>) {
        let companion = &mut self.companion;
        companion.form_tokens.push(companion.tokens.len() as u32);
        companion.form_classes.push(class_to_u8(class));
        for (id, flags) in tokens {
            companion.tokens.push(id);
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
                self.vowelless.push(0);
                self.docs.push(0);
                self.last_doc.push(0);
                number
            }
        };
        let at = number as usize;
        self.vowelless[at] |= u8::from(token.vowelless);
        if self.last_doc[at] != doc {
            self.last_doc[at] = doc;
            self.docs[at] += 1;
        }
        number
    }

    /// Sorts the tokens, so that a token's number is its place in tantivy's term dictionary, and builds the keys.
    pub(super) fn finish(self) -> Companion {
        let Self { numbers, vowelless, docs, mut companion, .. } = self;
        companion.doc_forms.push(companion.form_classes.len() as u32);
        companion.doc_facts.push(companion.facts.len() as u32);
        companion.form_tokens.push(companion.tokens.len() as u32);
        let mut sorted: Vec<(Box<str>, u32)> = numbers.into_iter().collect();
        sorted.sort_unstable();
        let mut place = vec![0u32; sorted.len()];
        companion.token_starts.push(0);
        for (id, (text, number)) in sorted.iter().enumerate() {
            place[*number as usize] = id as u32;
            companion.token_texts.push_str(text);
            companion.token_starts.push(companion.token_texts.len() as u32);
            companion.token_docs.push(docs[*number as usize]);
            companion.token_vowelless.push(vowelless[*number as usize]);
        }
        companion.tokens.iter_mut().for_each(|token| *token = place[*token as usize]);
        build_keys(&mut companion);
        companion
    }
}

fn build_keys(companion: &mut Companion) {
    let mut pairs: Vec<(u64, u32)> = Vec::new();
    let mut keys = Vec::new();
    for id in 0..companion.token_count() as u32 {
        let text = companion.token_text(id);
        token_keys(text, companion.is_vowelless(id), edit_budget(text.len()), &mut keys);
        pairs.extend(keys.iter().map(|&key| (key, id)));
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::record::EntityRecord;
    use crate::index::record::tests::entity;
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
        token_keys(text, false, edit_budget(text.len()), &mut keys);
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
