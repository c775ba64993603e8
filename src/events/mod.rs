//! Mapping and decoding of events, and hits, decisions and dead letters as the records that are published. Pure.

mod decode;
mod mapping;
mod party_json;
mod pointer;
mod records;

pub use decode::{decode, event_id, parse_json};
pub use mapping::{Mapping, RawMapping};
pub use party_json::{party, party_line};
pub use pointer::Pointer;
pub use records::{Coordinates, DecisionKind, RecordContext, SCHEMA_VERSION, dead_letter, decision, hit, hit_id, rounded, timestamp};
