//! Chinese names in the two spellings that lists and payments use: `Mao Tse-tung` (Wade-Giles) and `Mao Zedong` (pinyin).

use super::tables::lines;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

const MANDARIN: &str = include_str!("data/mandarin.txt");

/// No syllable has more letters.
const SYLLABLE_LETTERS_MAX: usize = 6;
/// A name of three syllables has fewer letters than this.
const LETTERS_MAX: usize = 18;
/// A word is spelled in so many other ways at the most: each syllable may stand for several.
const RESPELLINGS_MAX: usize = 8;

/// From a spelling to the others, by system: Wade-Giles -> pinyin, pinyin -> Wade-Giles; what both spell alike stands in both.
static SYLLABLES: LazyLock<[FxHashMap<&'static str, Vec<&'static str>>; 2]> = LazyLock::new(|| {
    let (mut to_pinyin, mut to_wade_giles): (FxHashMap<_, Vec<_>>, FxHashMap<_, Vec<_>>) = Default::default();
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
            respell(text, syllables, &mut String::new(), &mut found);
        }
        found.retain(|other| other != text);
        found.sort_unstable();
        found.dedup();
    }
    found
}

/// How far two words prove to be one in the two spellings, 0 to 1; `None` where they are not.
pub(super) fn mandarin_similarity(a: &str, b: &str) -> Option<f32> {
    // The spellings differ by a few letters a syllable.
    let same = a.len().abs_diff(b.len()) <= LETTERS_APART_MAX
        && may_begin_one_name(a.as_bytes()[0], b.as_bytes()[0])
        && mandarin_respellings(a).iter().any(|other| other == b);
    let is_pinyin = |text: &str| {
        let mut found = Vec::new();
        respell(text, &SYLLABLES[1], &mut String::new(), &mut found);
        !found.is_empty()
    };
    same.then(|| if is_pinyin(a) && is_pinyin(b) { BOTH_PINYIN } else { CHINESE_SPELLINGS })
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

const LETTERS_APART_MAX: usize = 4;

fn respell(rest: &str, syllables: &FxHashMap<&'static str, Vec<&'static str>>, spelled: &mut String, found: &mut Vec<String>) {
    if rest.is_empty() {
        found.push(spelled.clone());
        return;
    }
    for length in (1..=SYLLABLE_LETTERS_MAX.min(rest.len())).rev() {
        let Some((syllable, after)) = rest.split_at_checked(length) else { continue };
        for other in syllables.get(syllable).into_iter().flatten() {
            if found.len() >= 2 * RESPELLINGS_MAX {
                return;
            }
            let before = spelled.len();
            spelled.push_str(other);
            respell(after, syllables, spelled, found);
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
