//! Cuts a text into sentences, as ranges of bytes.

use std::ops::Range;

/// Words whose full stop ends no sentence.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "gen", "col", "lt", "sgt", "capt", "sen", "rep", "gov", "st", "jr", "sr", "inc", "ltd", "co", "corp",
    "no", "vs", "etc", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "u.s", "u.k", "s.a", "e.g",
    "i.e", "a.k.a",
];

/// Sentences in order, without the white space between them.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, mark) in text.char_indices().filter(|(_, mark)| matches!(mark, '.' | '!' | '?' | '\n')) {
        let end = at + mark.len_utf8();
        if mark == '\n' || ends_sentence(text, start, at, end) {
            // a closing quote or bracket belongs to the sentence it closes
            let closing: usize =
                text[end..].chars().take_while(|next| matches!(next, '"' | '\u{201D}' | '\'' | ')' | ']')).map(char::len_utf8).sum();
            push(text, start..end + closing, &mut found);
            start = end + closing;
        }
    }
    push(text, start..text.len(), &mut found);
    found
}

fn push(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    if range.start >= range.end {
        return;
    }
    let raw = &text[range.clone()];
    let trimmed = raw.trim();
    if !trimmed.is_empty() {
        let start = range.start + (raw.len() - raw.trim_start().len());
        found.push(start..start + trimmed.len());
    }
}

fn ends_sentence(text: &str, start: usize, at: usize, end: usize) -> bool {
    let mut rest = text[end..].chars().skip_while(|next| matches!(next, '"' | '\u{201D}' | '\'' | ')' | ']'));
    let followed_by_space = rest.next().is_none_or(char::is_whitespace);
    let next_letter = rest.find(|next| !next.is_whitespace() && !matches!(next, '"' | '\u{201C}' | '\'' | '(' | '['));
    if !followed_by_space || next_letter.is_some_and(char::is_lowercase) {
        return false;
    }
    if !text[at..].starts_with('.') || start > at {
        return start <= at;
    }
    let word = text[start..at].rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default().to_lowercase();
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    !is_initial && !ABBREVIATIONS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn abbreviations_and_initials_do_not_end_a_sentence() {
        assert_eq!(cut("The U.S. fined J. Smith Inc. yesterday. He left."), ["The U.S. fined J. Smith Inc. yesterday.", "He left."]);
        assert_eq!(cut("He said \"no.\" Then he left!"), ["He said \"no.\"", "Then he left!"]);
        assert_eq!(cut("One\nTwo"), ["One", "Two"]);
        assert!(cut("").is_empty());
        assert_eq!(cut("..."), ["..."]);
    }
}
