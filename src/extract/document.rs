//! The two written forms of an alert document: JSON fields, or one line `Name: <often empty> Alert ID: <id> <text>`.

use regex::Regex;
use std::sync::LazyLock;

/// An alert as free text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The publisher's own key.
    pub alert_id: String,
    /// Name given in the header; often empty.
    pub name: String,
    /// The news text, cleaned of tags, broken lines and escaped signs.
    pub text: String,
}

/// Texts longer than this are not news items; 1 MiB is some 150,000 words.
const TEXT_BYTES_MAX: usize = 1 << 20;

static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used, reason = "a constant pattern, compiled by every test")]
    Regex::new(r"(?s)^\s*Name:\s*(?P<name>.*?)\s*Alert\s+ID:\s*(?P<id>[A-Za-z0-9][A-Za-z0-9._/-]*)\s*(?P<text>.*)$").unwrap()
});

impl Document {
    /// Reads the raw one-line form. The error says what is missing.
    ///
    /// # Errors
    /// When the header, the id or the text is missing, or the text is over 1 MiB.
    pub fn parse_raw(raw: &str) -> Result<Self, &'static str> {
        let found = HEADER.captures(raw).ok_or("the text must start with `Name: <name or empty> Alert ID: <id>`")?;
        let part = |name: &str| found.name(name).map_or("", |part| part.as_str()).trim().to_owned();
        Self::new(part("id"), part("name"), &part("text"))
    }

    /// A document from its three fields.
    ///
    /// # Errors
    /// When the id or both name and text are empty, or the text is over 1 MiB.
    pub fn new(alert_id: String, name: String, text: &str) -> Result<Self, &'static str> {
        if alert_id.trim().is_empty() {
            return Err("the alert has no id");
        }
        if text.trim().is_empty() && name.trim().is_empty() {
            return Err("the alert has neither a name nor a text");
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err("the text of the alert is over 1 MiB");
        }
        Ok(Self { alert_id, name: name.trim().to_owned(), text: super::text::clean(text) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_name_does_not_swallow_the_id() {
        let document = Document::parse_raw("Name: Alert ID: TM2024 A court in Ruritania convicted Anna Example.").expect("a document");
        assert_eq!(document.alert_id, "TM2024");
        assert_eq!(document.name, "");
        assert!(document.text.starts_with("A court"));
    }

    #[test]
    fn a_given_name_is_kept_and_broken_headers_are_refused() {
        let document = Document::parse_raw("Name: Anna Example Alert ID: TM-1 Text \\$5").expect("a document");
        assert_eq!((document.name.as_str(), document.text.as_str()), ("Anna Example", "Text $5"));
        for broken in ["", "Name:", "Name: x", "Alert ID: 1 text", "Name: Alert ID: "] {
            assert!(Document::parse_raw(broken).is_err(), "{broken}");
        }
    }
}
