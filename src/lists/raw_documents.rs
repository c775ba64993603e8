//! Raw alert texts in one file: each starts with `Name:` at the beginning of a line.

use super::{AlertRecord, LINE_BYTES_MAX, ListError, read_line};
use crate::extract::Document;
use std::io::BufRead;

pub(super) fn read(first: &[u8], mut input: impl BufRead, mut each: impl FnMut(AlertRecord)) -> Result<usize, ListError> {
    let mut count = 0;
    let mut number = 1;
    let mut document = first.to_vec();
    let mut started = 1;
    let mut line = Vec::new();
    loop {
        let more = read_line(&mut input, &mut line)?;
        number += 1;
        if !more || line.starts_with(b"Name:") {
            each(record(&document).map_err(|reason| ListError::Line(started, reason))?);
            count += 1;
            document.clear();
            started = number;
        }
        if !more {
            return Ok(count);
        }
        document.extend_from_slice(&line);
        if document.len() > LINE_BYTES_MAX {
            return Err(ListError::Line(started, format!("a document longer than {LINE_BYTES_MAX} bytes")));
        }
    }
}

fn record(raw: &[u8]) -> Result<AlertRecord, String> {
    let text = std::str::from_utf8(raw).map_err(|_| "not UTF-8".to_owned())?.trim_end();
    let document = Document::parse_raw(text)?;
    Ok(AlertRecord { key: document.alert_id, value: text.as_bytes().to_vec() })
}
