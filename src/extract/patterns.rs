//! Compiles the patterns of the tables into small automata.
//!
//! In Unicode, `\w` is a class of 140,000 letters, and a pattern with a few repeated ones takes milliseconds to compile and
//! megabytes to run. Here a letter is any byte of a word: ASCII letters and digits, and every byte of a character beyond
//! ASCII. Texts are lower case and hold no control characters, so nothing is lost.

use aho_corasick::AhoCorasick;
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::hir::{Hir, HirKind};

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

/// Tells in one pass over a text which of many patterns may fit it: those of which it holds some word that every fit has. Most
/// patterns fit no sentence, and asking each costs a pass.
pub(super) struct Sieve {
    words: Option<AhoCorasick>,
    /// The pattern of each word.
    pattern_of: Vec<usize>,
    /// Which patterns have no such word, so that they may always fit.
    unknown: Vec<bool>,
}

impl Sieve {
    pub(super) fn new<'a>(patterns: impl Iterator<Item = &'a Regex>) -> Self {
        let (mut words, mut pattern_of, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for (number, pattern) in patterns.enumerate() {
            let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern.as_str()).ok();
            let found = hir.as_ref().and_then(words_of_every_fit);
            unknown.push(found.is_none());
            let found = found.unwrap_or_default();
            pattern_of.resize(pattern_of.len() + found.len(), number);
            words.extend(found);
        }
        let words = AhoCorasick::new(words).ok();
        if words.is_none() {
            unknown.fill(true);
        }
        Self { words, pattern_of, unknown }
    }

    /// The numbers of the patterns that may fit, in order.
    pub(super) fn that_may_fit(&self, text: &str) -> impl Iterator<Item = usize> + use<> {
        let mut may_fit = self.unknown.clone();
        for found in self.words.iter().flat_map(|words| words.find_overlapping_iter(text)) {
            may_fit[self.pattern_of[found.pattern().as_usize()]] = true;
        }
        may_fit.into_iter().enumerate().filter(|(_, may_fit)| *may_fit).map(|(number, _)| number)
    }
}

/// Shorter words stand in too many texts to tell anything.
const WORD_BYTES_MIN: usize = 3;

/// Words of which every text that fits holds one; `None` where there are none of some length.
fn words_of_every_fit(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => (literal.0.len() >= WORD_BYTES_MIN).then(|| vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => words_of_every_fit(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => words_of_every_fit(&repetition.sub),
        HirKind::Alternation(choices) => {
            let words: Option<Vec<_>> = choices.iter().map(words_of_every_fit).collect();
            words.map(|words| words.concat())
        }
        // Of the parts the one whose shortest word is longest tells most.
        HirKind::Concat(parts) => {
            let shortest = |words: &Vec<Vec<u8>>| words.iter().map(Vec::len).min();
            parts.iter().filter_map(words_of_every_fit).max_by_key(shortest)
        }
        _ => None,
    }
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

    #[test]
    fn a_sieve_lets_every_pattern_pass_that_fits() {
        let patterns = ["(?:fined|jailed) (?:by|in) x", r"\w+ o", "sentenced? to .*prison", "(?:guilty|of) murder"];
        let patterns: Vec<Regex> = patterns.iter().filter_map(|pattern| compile(pattern)).collect();
        let sieve = Sieve::new(patterns.iter());
        for (text, may_fit) in
            [("he was jailed in x", vec![0, 1]), ("sentence to prison", vec![1, 2]), ("the murder of", vec![1, 3]), ("nothing", vec![1])]
        {
            assert_eq!(sieve.that_may_fit(text).collect::<Vec<_>>(), may_fit, "{text}");
            let fits = (0..patterns.len()).filter(|&number| patterns[number].is_match(text.as_bytes()));
            assert!(fits.into_iter().all(|number| may_fit.contains(&number)));
        }
    }
}
