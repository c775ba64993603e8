//! Compiles the patterns of the tables into small automata.
//!
//! In Unicode, `\w` is a class of 140,000 letters, and a pattern with a few repeated ones takes milliseconds to compile and
//! megabytes to run. Here a letter is any byte of a word: ASCII letters and digits, and every byte of a character beyond
//! ASCII. Texts are lower case and hold no control characters, so nothing is lost.

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Bytes of words, as part of a class.
const WORD: &str = r"0-9A-Za-z_\x80-\xFF";

/// Compiles a pattern; `None` when it is none, which the tests of each table look for.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&in_bytes(pattern)).size_limit(1 << 26).dfa_size_limit(1 << 23).build().ok()
}

/// Several patterns at once; they must compile one by one.
pub(super) fn compile_set(patterns: &[String]) -> RegexSet {
    let bytes: Vec<String> = patterns.iter().map(|pattern| in_bytes(pattern)).collect();
    RegexSetBuilder::new(&bytes).size_limit(1 << 27).dfa_size_limit(1 << 25).build().unwrap_or_else(|_| RegexSet::empty())
}

/// Rewrites `\w`, `\b`, `\d` and classes so that they speak of bytes.
fn in_bytes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '\\' => match rest.next() {
                Some('w') => out.push_str(&format!("(?-u:[{WORD}])")),
                Some('b') => out.push_str(r"(?-u:\b)"),
                Some('d') => out.push_str("[0-9]"),
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push('\\'),
            },
            '[' => {
                let mut class = String::new();
                while let Some(inside) = rest.next() {
                    match inside {
                        ']' if !class.is_empty() && class != "^" => break,
                        '\\' => {
                            class.push('\\');
                            class.extend(rest.next());
                        }
                        _ => class.push(inside),
                    }
                }
                out.push_str(&class_in_bytes(&class));
            }
            _ => out.push(next),
        }
    }
    out
}

fn class_in_bytes(class: &str) -> String {
    if !class.contains(r"\w") && !class.starts_with('^') {
        // A few letters: `[её]`.
        return format!("[{class}]");
    }
    let ascii: String = class.replace(r"\w", WORD).chars().filter(char::is_ascii).collect();
    format!("(?-u:[{ascii}])")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_every_script_are_letters() {
        let pattern = compile(r"^(?:[\w€-]+ ){1,2}\w+[^,;]$").expect("a pattern");
        assert!(pattern.is_match("суд über café.".as_bytes()) && !pattern.is_match("a, b c.".as_bytes()));
        assert!(compile("(").is_none());
    }
}
