//! The index of alert entities: tantivy for what must last, a companion beside each segment for what must be fast.
//! The only folder that names tantivy.
//!
//! One tantivy document an alert entity. Its postings (token -> documents) and its stored record come from tantivy. The
//! companion ([`companion::Companion`]) is a file of the segment, written when a segment is sealed or merged: the distinct
//! tokens with keys to find misspelled ones, and a compact record of each document, so that a candidate is judged without
//! reading its stored form.

mod alert_key;
mod candidates;
mod companion;
mod expansion;
mod gate;
mod keys;
mod plugin;
mod record;
mod snapshot;
mod texts;
mod writer;

pub use candidates::{Candidate, CandidateFinder, SearchTerms, SearchWork};
pub use record::EntityView;
pub use snapshot::{EntityAddress, ListVersion, Snapshot, SnapshotId, SnapshotSource};
pub use texts::{TextFind, find_texts, text_words};
pub use writer::{AlertIndex, FeedPosition, IndexError};
