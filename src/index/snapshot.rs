//! One immutable view of the index: what a whole batch is screened against.

use super::candidates::Candidate;
use super::companion::Companion;
use super::plugin::read_companion;
use super::record::{EntityView, decode_facts};
use super::texts::text_count;
use super::writer::{FeedPosition, Fields};
use crate::model::{AlertEntity, NameClass, Override, PartyKind};
use crate::names::Token;
use arc_swap::ArcSwap;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tantivy::index::{InvertedIndexReader, SegmentId, SegmentReader};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{DocAddress, Searcher, TantivyDocument, TantivyError};

/// Which content a result was made from. Equal versions mean equal content in every worker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListVersion {
    /// Position of the alert feed (`<partition>:<next offset>`, several joined by a comma), or a hash of the content offline.
    pub position: String,
    /// Version of each list as its publisher named it; lists without one are left out.
    pub lists: BTreeMap<String, String>,
}

impl std::fmt::Display for ListVersion {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.position)?;
        self.lists.iter().try_for_each(|(list, version)| write!(out, " {list}={version}"))
    }
}

/// Where an alert entity stands in a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityAddress {
    pub(super) segment: u32,
    pub(super) doc: u32,
}

/// Different for every snapshot that this process has opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotId(u64);

impl SnapshotId {
    fn next() -> Self {
        static OPENED: AtomicU64 = AtomicU64::new(0);
        Self(OPENED.fetch_add(1, Ordering::Relaxed))
    }

    /// One of choice.
    #[cfg(test)]
    pub fn for_test(number: u64) -> Self {
        Self(u64::MAX - number)
    }
}

/// A searchable view that never changes.
pub struct Snapshot {
    id: SnapshotId,
    searcher: Searcher,
    pub(super) segments: Vec<SnapshotSegment>,
    fields: Fields,
    version: ListVersion,
    sealed_at_ms: i64,
    overrides: BTreeMap<String, Override>,
}

pub(super) struct SnapshotSegment {
    pub reader: SegmentReader,
    pub companion: Arc<Companion>,
    pub tokens: Arc<InvertedIndexReader>,
    pub identifiers: Arc<InvertedIndexReader>,
    pub texts: Arc<InvertedIndexReader>,
    /// Texts of alert documents held.
    pub text_count: u64,
}

impl Snapshot {
    /// Opens the companions of segments that `before` did not have.
    pub(super) fn open(searcher: Searcher, fields: Fields, position: &FeedPosition, before: Option<&Snapshot>) -> tantivy::Result<Self> {
        let known: FxHashMap<SegmentId, Arc<Companion>> = before
            .iter()
            .flat_map(|snapshot| &snapshot.segments)
            .map(|segment| (segment.reader.segment_id(), Arc::clone(&segment.companion)))
            .collect();
        let mut segments = Vec::new();
        for reader in searcher.segment_readers() {
            let tokens = reader.inverted_index(fields.token)?;
            let companion = match known.get(&reader.segment_id()) {
                Some(companion) => Arc::clone(companion),
                None => {
                    let mut companion = read_companion(reader)?;
                    if !companion.learn(&tokens)? {
                        let reason = format!("companion of segment {} does not fit its terms", reader.segment_id());
                        return Err(TantivyError::InternalError(reason));
                    }
                    Arc::new(companion)
                }
            };
            let identifiers = reader.inverted_index(fields.identifier)?;
            let texts = reader.inverted_index(fields.body)?;
            let mut segment = SnapshotSegment { reader: reader.clone(), companion, tokens, identifiers, texts, text_count: 0 };
            segment.text_count = text_count(&segment, &fields)?;
            segments.push(segment);
        }
        Ok(Self {
            id: SnapshotId::next(),
            searcher,
            segments,
            fields,
            version: position.version(),
            sealed_at_ms: position.sealed_at_ms,
            overrides: position.overrides.clone(),
        })
    }

    /// Which of all snapshots this is.
    pub fn id(&self) -> SnapshotId {
        self.id
    }

    /// Which content this is.
    pub fn version(&self) -> &ListVersion {
        &self.version
    }

    /// What an operator overruled for one subject of one alert.
    pub fn override_of(&self, alert_id: &str, subject_key: &str) -> Option<&Override> {
        if self.overrides.is_empty() {
            return None;
        }
        self.overrides.get(&format!("{alert_id}/{subject_key}"))
    }

    /// When it was sealed, milliseconds since 1970.
    pub fn sealed_at_ms(&self) -> i64 {
        self.sealed_at_ms
    }

    /// Whether alert documents are in it: without one, the text net costs nothing.
    pub fn has_texts(&self) -> bool {
        self.segments.iter().any(|segment| segment.text_count > 0)
    }

    /// Alert entities that can be found.
    pub fn entity_count(&self) -> u64 {
        self.searcher.num_docs() - self.segments.iter().map(|segment| segment.text_count).sum::<u64>()
    }

    /// Name forms that can be found. Costs some nanoseconds an entity.
    pub fn name_count(&self) -> usize {
        let of_segment =
            |segment: &SnapshotSegment| segment.reader.doc_ids_alive().map(|doc| segment.companion.forms(doc).len()).sum::<usize>();
        self.segments.iter().map(of_segment).sum()
    }

    /// Alert entities of each list. Costs some nanoseconds an entity.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn lists(&self) -> Result<BTreeMap<String, u64>, super::IndexError> {
        let mut lists = BTreeMap::new();
        for segment in &self.segments {
            let inverted = segment.reader.inverted_index(self.fields.list)?;
            let mut terms = inverted.terms().stream().map_err(TantivyError::from)?;
            while terms.advance() {
                let name = String::from_utf8_lossy(terms.key()).into_owned();
                let mut postings =
                    inverted.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::Basic).map_err(TantivyError::from)?;
                let mut alive = 0;
                while !postings.docs().is_empty() {
                    let bits = segment.reader.alive_bitset();
                    alive += postings.docs().iter().filter(|&&doc| bits.is_none_or(|bits| bits.is_alive(doc))).count() as u64;
                    postings.advance();
                }
                if alive > 0 {
                    *lists.entry(name).or_default() += alive;
                }
            }
        }
        Ok(lists)
    }

    /// Bytes held in memory beside the files that the system maps.
    pub fn companion_bytes(&self) -> usize {
        self.segments.iter().map(|segment| segment.companion.bytes()).sum()
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Person, organisation, vessel or unknown.
    pub fn kind(&self, address: EntityAddress) -> PartyKind {
        self.segments[address.segment as usize].companion.doc_facts(address.doc).kind
    }

    /// The facts that comparison needs.
    pub fn view(&self, address: EntityAddress) -> EntityView<'_> {
        let companion = &self.segments[address.segment as usize].companion;
        decode_facts(companion.facts(address.doc)).unwrap_or_default()
    }

    /// Calls `each` with number, class and tokens of the candidate's form, or of all; the number is its place in the names.
    pub fn for_each_form<'a>(
        &'a self,
        candidate: Candidate,
        tokens: &mut Vec<Token<'a>>,
        mut each: impl FnMut(usize, NameClass, &[Token<'a>]),
    ) {
        let companion = &self.segments[candidate.entity.segment as usize].companion;
        let all = companion.forms(candidate.entity.doc);
        let wanted = candidate.form.map_or(all.clone(), |form| all.start + form..all.start + form + 1);
        for form in wanted {
            companion.form(form, tokens);
            each((form - all.start) as usize, companion.form_class(form), tokens);
        }
    }

    /// The whole alert entity as stored. Costs microseconds: for hits only.
    ///
    /// # Errors
    /// When the stored record cannot be read, which means the index is damaged.
    pub fn entity(&self, address: EntityAddress) -> Result<AlertEntity, super::IndexError> {
        let document: TantivyDocument = self.searcher.doc(DocAddress::new(address.segment, address.doc))?;
        let bytes = document.get_first(self.fields.entity).and_then(|value| value.as_bytes().map(<[u8]>::to_vec)).unwrap_or_default();
        serde_json::from_slice(&bytes).map_err(|error| super::IndexError::Damaged(error.to_string()))
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Snapshot({} entities, version {})", self.entity_count(), self.version)
    }
}

/// Hands out the newest snapshot, without a lock.
#[derive(Debug, Clone)]
pub struct SnapshotSource(pub(super) Arc<ArcSwap<Snapshot>>);

impl SnapshotSource {
    /// The newest sealed view.
    pub fn newest(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }
}
