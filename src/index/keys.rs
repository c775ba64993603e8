//! Keys under which misspelled tokens are found.
//!
//! Symmetric deletion (Garbe, "SymSpell"): every way to delete up to the allowed number of letters from a token's first seven
//! is a key; two tokens that share a key may be within the edits allowed, and are then verified letter by letter. The
//! consonants of a token are one more key, for spellings that differ in vowels only, and the sound of a short one.

use crate::names::{Heard, Sound, after_merged_abd, skeleton, skeleton_of_consonants};
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// Deletions are made in so many first letters: enough to tell tokens apart, few enough to keep the keys small.
const KEY_PREFIX: usize = 7;

/// Words of so many letters have a key for how they sound.
const SOUND_KEY_LETTERS_MAX: usize = 5;

/// The key that every token has for itself.
pub(super) fn exact_key(text: &str) -> u64 {
    text_key(prefix(text.as_bytes()))
}

/// All keys of a token, each once: its deletions within so many edits, its consonants, and what follows `Abd` in it.
pub(super) fn token_keys(heard: &Heard<'_>, edits: usize, keys: &mut Vec<u64>) {
    let (text, vowelless) = (heard.token.text, heard.token.is_vowelless());
    keys.clear();
    let prefix = prefix(text.as_bytes());
    keys.push(text_key(prefix));
    if text.bytes().any(|byte| byte.is_ascii_digit()) {
        return;
    }
    let budget = if vowelless { 0 } else { edits };
    let mut shorter = [0u8; KEY_PREFIX];
    let mut shortest = [0u8; KEY_PREFIX];
    if budget >= 1 {
        for first in 0..prefix.len() {
            let once = without(prefix, first, &mut shorter);
            keys.push(text_key(once));
            if budget >= 2 {
                for second in first..once.len() {
                    keys.push(text_key(without(once, second, &mut shortest)));
                }
            }
        }
    }
    // `Abdul Aziz` is found by `Aziz`, and the other way round.
    if !vowelless && let Some(rest) = after_merged_abd(text) {
        keys.push(exact_key(rest));
        keys.push(skeleton_key(skeleton(rest).as_bytes()));
    }
    // Short words have too few consonants: they are found by their sound (`Kim` and `Keem`).
    if !vowelless && (2..=SOUND_KEY_LETTERS_MAX).contains(&text.len()) {
        keys.push(sound_key(heard.sound()));
    }
    if text.len() >= 4 || vowelless {
        let consonants = if vowelless { skeleton_of_consonants(text) } else { heard.sound().skeleton() };
        if consonants.as_bytes().len() >= 2 {
            keys.push(skeleton_key(consonants.as_bytes()));
        }
    }
    keys.sort_unstable();
    keys.dedup();
}

fn prefix(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(KEY_PREFIX)]
}

fn without<'a>(bytes: &[u8], index: usize, out: &'a mut [u8; KEY_PREFIX]) -> &'a [u8] {
    out[..index].copy_from_slice(&bytes[..index]);
    out[index..bytes.len() - 1].copy_from_slice(&bytes[index + 1..]);
    &out[..bytes.len() - 1]
}

fn text_key(bytes: &[u8]) -> u64 {
    let mut padded = [0u8; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    let mut hash = FxHasher::default();
    hash.write_u64(u64::from_le_bytes(padded));
    mix(hash.finish())
}

fn sound_key(sound: &Sound) -> u64 {
    mix(u64::from(sound.code()) << 1 | 1)
}

fn skeleton_key(consonants: &[u8]) -> u64 {
    let mut hash = FxHasher::default();
    hash.write(consonants);
    hash.write_u64(0x5EED);
    mix(hash.finish())
}

/// Spreads the hash over both halves (the finaliser of MurmurHash3): bucket and check use different bits.
fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    hash ^ hash >> 33
}
