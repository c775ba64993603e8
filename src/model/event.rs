//! A transaction or customer event, reduced to what screening needs.

use super::Party;
use serde::{Deserialize, Serialize};

/// Which of the two kinds of input a topic carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// A payment.
    Transaction,
    /// A customer record, new or changed.
    Customer,
}

/// One decoded event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Transaction or customer.
    pub kind: EventKind,
    /// The producer's own id.
    pub id: String,
    /// The producer's own time, as written.
    pub time: Option<String>,
    /// Everyone named in it, in the order written.
    pub parties: Vec<Party>,
    /// Free text that may name somebody: remittance information, unstructured addresses.
    pub texts: Vec<FreeText>,
}

/// Free text of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeText {
    /// JSON Pointer into the event.
    pub path: String,
    /// What it is, e.g. `remittance`.
    pub role: String,
    /// As written.
    pub text: String,
}
