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
    /// Free text of a payment, as written.
    pub remittance: Option<String>,
}
