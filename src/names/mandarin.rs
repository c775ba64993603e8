//! Chinese names in the two spellings that lists and payments use: `Mao Tse-tung` (Wade-Giles) and `Mao Zedong` (pinyin).

use super::tables::lines;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

const MANDARIN: &str = include_str!("data/mandarin.txt");

/// No syllable has more letters.
const SYLLABLE_LETTERS_MAX: usize = 6;
/// A name of three syllables has fewer letters than this.
const LETTERS_MAX: usize = 18;
/// A word is spelled in so many ways of the other system at the most: each of three syllables may stand for four.
const RESPELLINGS_MAX: usize = 64;

/// From the syllables of one system to those of the other.
type Syllables = FxHashMap<&'static str, Vec<&'static str>>;

/// Wade-Giles -> pinyin, pinyin -> Wade-Giles; what both spell alike stands in both.
static SYLLABLES: LazyLock<[Syllables; 2]> = LazyLock::new(|| {
    let (mut to_pinyin, mut to_wade_giles): (Syllables, Syllables) = Default::default();
    for line in lines(MANDARIN) {
        let mut add = |wade_giles, pinyin| {
            to_pinyin.entry(wade_giles).or_default().push(pinyin);
            to_wade_giles.entry(pinyin).or_default().push(wade_giles);
        };
        match line.split_once(' ') {
            Some(("=", same)) => same.split(' ').for_each(|syllable| add(syllable, syllable)),
            Some((wade_giles, pinyin)) => pinyin.split(' ').for_each(|pinyin| add(wade_giles, pinyin)),
            None => {}
        }
    }
    [to_pinyin, to_wade_giles]
});

/// Whether a word is one syllable in either spelling.
pub fn is_mandarin_syllable(text: &str) -> bool {
    text.len() <= SYLLABLE_LETTERS_MAX && SYLLABLES.iter().any(|syllables| syllables.contains_key(text))
}

/// Other spellings of a word that is made of Mandarin syllables only.
pub fn mandarin_respellings(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // What no syllable ends in, nor begins with, is no Chinese name: most words are turned away here.
    let may_be =
        text.len() <= LETTERS_MAX && text.ends_with(['a', 'e', 'i', 'o', 'u', 'n', 'g', 'h', 'r']) && !text.starts_with(['u', 'v']);
    if may_be {
        for syllables in SYLLABLES.iter() {
            let room = found.len() + RESPELLINGS_MAX;
            respell(text, syllables, &mut String::new(), &mut found, room);
        }
        found.retain(|other| other != text);
        found.sort_unstable();
        found.dedup();
    }
    found
}

/// How far two words prove to be one in the two spellings, 0 to 1; `None` where they are not. Symmetric.
pub(super) fn mandarin_similarity(a: &str, b: &str) -> Option<f32> {
    let [to_pinyin, to_wade_giles] = &*SYLLABLES;
    let same =
        a != b && may_begin_one_name(a.as_bytes()[0], b.as_bytes()[0]) && (is_respelled(a, b, to_pinyin) || is_respelled(b, a, to_pinyin));
    same.then(|| if [a, b].iter().all(|text| is_made_of(text, to_wade_giles)) { BOTH_PINYIN } else { CHINESE_SPELLINGS })
}

/// Whether the second is the first in the other system, syllable by syllable.
fn is_respelled(a: &str, b: &str, syllables: &Syllables) -> bool {
    let first = |length: usize| {
        let Some((syllable, rest)) = a.split_at_checked(length) else { return false };
        let mut others = syllables.get(syllable).into_iter().flatten();
        others.any(|other| b.strip_prefix(other).is_some_and(|rest_b| is_respelled(rest, rest_b, syllables)))
    };
    a.is_empty() && b.is_empty() || (1..=SYLLABLE_LETTERS_MAX.min(a.len())).any(first)
}

/// Whether a word has nothing but syllables of one system.
fn is_made_of(text: &str, syllables: &Syllables) -> bool {
    let first = |length: usize| {
        text.split_at_checked(length).is_some_and(|(syllable, rest)| syllables.contains_key(syllable) && is_made_of(rest, syllables))
    };
    text.is_empty() || (1..=SYLLABLE_LETTERS_MAX.min(text.len())).any(first)
}

/// What `tsetung` and `zedong` prove: many names share a spelling.
pub const CHINESE_SPELLINGS: f32 = 0.88;
/// `Tan` may be `Dan` of Wade-Giles, but more likely is `Tan` of pinyin.
const BOTH_PINYIN: f32 = 0.60;

/// Whether two letters may begin one syllable in the two spellings.
fn may_begin_one_name(a: u8, b: u8) -> bool {
    let pair = (a.min(b), a.max(b));
    a == b
        || matches!(pair, (b'b', b'p') | (b'c', b'j' | b'q' | b't' | b'z') | (b'd', b't') | (b'e', b'o') | (b'g', b'k'))
        || matches!(pair, (b'h', b'x') | (b'i', b'y') | (b'j', b'r') | (b't', b'z'))
}

/// Adds the spellings of a word in the other system, until there are so many in all.
fn respell(rest: &str, syllables: &Syllables, spelled: &mut String, found: &mut Vec<String>, room: usize) {
    if rest.is_empty() {
        found.push(spelled.clone());
        return;
    }
    for length in (1..=SYLLABLE_LETTERS_MAX.min(rest.len())).rev() {
        let Some((syllable, after)) = rest.split_at_checked(length) else { continue };
        for other in syllables.get(syllable).into_iter().flatten() {
            if found.len() >= room {
                return;
            }
            let before = spelled.len();
            spelled.push_str(other);
            respell(after, syllables, spelled, found, room);
            spelled.truncate(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_names_are_one_in_both_spellings() {
        for (wade_giles, pinyin) in [
            ("tsetung", "zedong"),
            ("hsu", "xu"),
            ("chihming", "zhiming"),
            ("hsiaoping", "xiaoping"),
            ("teng", "deng"),
            ("kungchuan", "gongquan"),
            // Each syllable stands for three or four.
            ("chuchihchu", "juzhiqu"),
        ] {
            let both = [mandarin_similarity(wade_giles, pinyin), mandarin_similarity(pinyin, wade_giles)];
            let expected = if wade_giles == "teng" { BOTH_PINYIN } else { CHINESE_SPELLINGS };
            assert_eq!(both, [Some(expected); 2], "{wade_giles} {pinyin}");
        }
        for (a, b) in [("ming", "ling"), ("smith", "smyth"), ("anna", "hanna"), ("zhang", "zheng"), ("li", "lu")] {
            assert_eq!(mandarin_similarity(a, b), None, "{a} {b}");
        }
        assert!(mandarin_respellings("wang").is_empty() && mandarin_respellings("mukhtar").is_empty());
    }
}
