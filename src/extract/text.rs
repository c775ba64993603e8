//! Cleans a news text of what machines left in it: tags, entities, hyphens at line ends, broken lines.

use regex::Regex;
use std::sync::LazyLock;

#[allow(clippy::unwrap_used, reason = "constant patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static BLOCK_TAG: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)</?(?:p|br|div|h[1-6]|li|ul|ol|tr|td|table|title|blockquote|section|article)\b[^<>]{0,300}>"));
static OTHER_TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)<!--.{0,2000}?-->|</?[A-Za-z][^<>]{0,300}>"));
static HYPHEN_AT_LINE_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\p{L})(?:-|\u{AD})[ \t]*\r?\n[ \t]*(\p{Ll})"));
/// A full stop or the like before a line end, or an empty line: a paragraph ends. Any other line end is a space.
static LINE_END: LazyLock<Regex> = LazyLock::new(|| pattern(r#"([.!?:"”»)]?)[ \t]*(\r?\n[ \t\r]*)((?:\n[ \t\r]*)*)"#));
static DATELINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\p{Lu}[\p{Lu} .'’-]{2,40}(?:,|:| [-–—(])"));
static SPACES: LazyLock<Regex> = LazyLock::new(|| pattern(r"[ \t\u{A0}\u{2000}-\u{200A}\u{3000}]+"));

/// The text as people would read it: paragraphs parted by a line end, words by one space.
pub(super) fn clean(raw: &str) -> String {
    let mut text = raw.replace("\\$", "$").replace(['\u{200B}', '\u{FEFF}', '\u{200E}', '\u{200F}'], "");
    if text.contains('<') {
        text = BLOCK_TAG.replace_all(&text, "\n\n").into_owned();
        text = OTHER_TAG.replace_all(&text, "").into_owned();
    }
    if text.contains('&') {
        text = html_escape::decode_html_entities(&text).into_owned();
    }
    if text.contains('\n') {
        text = HYPHEN_AT_LINE_END.replace_all(&text, "$1$2").into_owned();
        text = join_lines(&text);
    }
    text = text.replace('\u{AD}', "").replace(|c: char| c.is_control() && c != '\n', " ");
    SPACES.replace_all(text.trim(), " ").into_owned()
}

fn join_lines(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut from = 0;
    for found in LINE_END.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let group = |number: usize| found.get(number).map_or("", |part| part.as_str());
        joined.push_str(&text[from..whole.start()]);
        joined.push_str(group(1));
        let next: &str = &text[whole.end()..];
        let ends = !group(1).is_empty() || !group(3).is_empty() || starts_with_dateline(next);
        joined.push(if ends { '\n' } else { ' ' });
        from = whole.end();
    }
    joined.push_str(&text[from..]);
    joined
}

fn starts_with_dateline(text: &str) -> bool {
    let end = text.char_indices().nth(60).map_or(text.len(), |(end, _)| end);
    DATELINE.is_match(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_entities_and_broken_lines_are_mended() {
        assert_eq!(
            clean("<p>Baker &amp; Holt<br/>paid &pound;3m</p>\n<p>Next</p>"),
            "Baker & Holt\n\npaid £3m\n\nNext".replace("\n\n", "\n")
        );
        assert_eq!(
            clean("He was con-\nvicted of em-\n bezzlement\nin May.\nThen he fled"),
            "He was convicted of embezzlement in May.\nThen he fled"
        );
        assert_eq!(clean("Headline without a stop\nLAGOS, March 3 - Police"), "Headline without a stop\nLAGOS, March 3 - Police");
        assert_eq!(clean("a  b\u{A0}c \\$5 x < y"), "a b c $5 x < y");
    }
}
