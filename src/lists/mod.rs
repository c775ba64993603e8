//! Bytes of a list file in, alert records out: key and value as they stand on the alert topic.
//!
//! The format is detected by content: FollowTheMoney entities as JSON lines, alert documents as JSON lines, or raw alert
//! text that starts with `Name:`. Every format yields the same thing, so a list read from a file and one read from Kafka
//! cannot differ.

mod follow_the_money;
mod raw_documents;

pub use follow_the_money::{ListRecord, other_forms};

use serde::Deserialize;
use std::io::BufRead;

/// One record as it stands on the alert topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRecord {
    /// `<list>/<entity id>` for a list record, the alert id for a document.
    pub key: String,
    /// JSON or raw text.
    pub value: Vec<u8>,
}

/// Why a list file could not be read. One bad line fails the file: half a list must not pass for a whole one.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The first line is none of the known formats.
    #[error(
        "not a list: the first line is neither a JSON object with `properties` (FollowTheMoney) or `text` (alert document), nor text that starts with `Name:`"
    )]
    UnknownFormat,
    /// A line that cannot be read.
    #[error("line {0}: {1}")]
    Line(usize, String),
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
}

/// A line longer than this is not a record: 4 MiB.
const LINE_BYTES_MAX: usize = 4 << 20;

/// What a JSON line must hold to be routed.
#[derive(Deserialize)]
struct Shape {
    id: Option<String>,
    alert_id: Option<String>,
    #[serde(default)]
    properties: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    text: Option<serde::de::IgnoredAny>,
}

/// Reads a whole list; `each` is called with every record in file order. Returns how many there were.
///
/// # Errors
/// When a line cannot be read; records before it have been handed out, and the caller must drop them.
pub fn read_list(mut input: impl BufRead, list: &str, mut each: impl FnMut(AlertRecord)) -> Result<usize, ListError> {
    let mut count = 0;
    let mut number = 0;
    let mut line = Vec::new();
    while read_line(&mut input, &mut line)? {
        number += 1;
        if line.len() > LINE_BYTES_MAX {
            return Err(ListError::Line(number, format!("longer than {LINE_BYTES_MAX} bytes")));
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if count == 0 && text.starts_with(b"Name:") {
            return raw_documents::read(&line, input, each);
        }
        if count == 0 && text[0] != b'{' {
            return Err(ListError::UnknownFormat);
        }
        each(json_record(text, list).map_err(|reason| ListError::Line(number, reason))?);
        count += 1;
    }
    if count == 0 { Err(ListError::Empty) } else { Ok(count) }
}

fn json_record(line: &[u8], list: &str) -> Result<AlertRecord, String> {
    let shape: Shape = serde_json::from_slice(line).map_err(|error| format!("not a JSON object: {error}"))?;
    let key = match (shape.properties, shape.text, shape.id, shape.alert_id) {
        (Some(_), _, Some(id), _) => format!("{list}/{id}"),
        (Some(_), _, None, _) => return Err("a list record without `id`".to_owned()),
        (_, Some(_), _, Some(alert_id)) => alert_id,
        (_, Some(_), _, None) => return Err("an alert document without `alert_id`".to_owned()),
        _ => return Err("neither `properties` (list record) nor `text` (alert document) in it".to_owned()),
    };
    Ok(AlertRecord { key, value: line.to_vec() })
}

fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, ListError> {
    line.clear();
    let read = std::io::Read::take(&mut *input, LINE_BYTES_MAX as u64 + 1).read_until(b'\n', line)?;
    Ok(read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<Vec<String>, String> {
        let mut keys = Vec::new();
        read_list(text.as_bytes(), "demo", |record| keys.push(record.key)).map_err(|error| error.to_string())?;
        Ok(keys)
    }

    #[test]
    fn formats_are_told_apart_by_content() {
        assert_eq!(
            keys("{\"id\":\"a\",\"properties\":{}}\n\n{\"id\":\"b\",\"properties\":{}}"),
            Ok(vec!["demo/a".to_owned(), "demo/b".to_owned()])
        );
        assert_eq!(keys("{\"alert_id\":\"T1\",\"text\":\"x\"}\n"), Ok(vec!["T1".to_owned()]));
        assert_eq!(keys("Name: Alert ID: T1 text\nmore text\nName: Alert ID: T2 text"), Ok(vec!["T1".to_owned(), "T2".to_owned()]));
    }

    #[test]
    fn one_bad_line_fails_the_list_and_is_named() {
        assert!(keys("").is_err());
        assert!(keys("hello").is_err());
        assert_eq!(keys("{\"id\":\"a\",\"properties\":{}}\n{\"id\":7").map_err(|error| error.starts_with("line 2")), Err(true));
        assert_eq!(keys("{\"properties\":{}}"), Err("line 1: a list record without `id`".to_owned()));
    }
}
