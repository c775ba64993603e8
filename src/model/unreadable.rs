//! Why a record could not be read: a code for machines, a sentence for people.

use serde::{Deserialize, Serialize};

/// The reason of a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{sentence}")]
pub struct Unreadable {
    /// Stable and machine-readable, e.g. `not_json`, `missing_field`.
    pub code: String,
    /// What is wrong and how to mend it. Never quotes values of the record: they may be names or account numbers.
    pub sentence: String,
}

impl Unreadable {
    /// A reason from its code and sentence.
    pub fn new(code: &str, sentence: impl Into<String>) -> Self {
        Self { code: code.to_owned(), sentence: sentence.into() }
    }
}
