//! Letters of a word: which there are, and how many edits make one word another.

/// Typos allowed for a token of this many letters: 0 up to 2, 1 up to 4, 2 from 5.
pub fn edit_budget(letters: usize) -> usize {
    match letters {
        0..=2 => 0,
        3..=4 => 1,
        _ => 2,
    }
}

/// Which letters and digits a word has, as bits.
pub fn letters_of(text: &str) -> u64 {
    text.bytes().fold(0, |letters, byte| letters | 1 << slot(byte))
}

/// Whether a digit is among the letters of [`letters_of`].
pub fn has_digit(letters: u64) -> bool {
    letters >> slot(b'0') & 0x3FF != 0
}

/// Optimal string alignment distance (insert, delete, replace, swap of neighbours), bit-parallel after Hyyrö (2003),
/// "A bit-vector algorithm for computing Levenshtein and Damerau edit distances". Words over 64 letters count as far apart.
pub(super) fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    if a.is_empty() || b.is_empty() {
        return a.len().max(b.len());
    }
    if a.len() > 64 {
        return a.len().max(b.len());
    }
    let mut pattern = [0u64; 37];
    for (index, &byte) in a.iter().enumerate() {
        pattern[slot(byte)] |= 1 << index;
    }
    let last = 1u64 << (a.len() - 1);
    let (mut positive, mut negative, mut diagonal, mut previous) = (u64::MAX, 0u64, 0u64, 0u64);
    let mut distance = a.len();
    for &byte in b {
        let matches = pattern[slot(byte)];
        let transposed = ((!diagonal & matches) << 1) & previous;
        diagonal = (((matches & positive).wrapping_add(positive)) ^ positive) | matches | negative | transposed;
        let horizontal_positive = negative | !(diagonal | positive);
        let horizontal_negative = diagonal & positive;
        distance += usize::from(horizontal_positive & last != 0);
        distance -= usize::from(horizontal_negative & last != 0);
        let shifted = (horizontal_positive << 1) | 1;
        positive = (horizontal_negative << 1) | !(diagonal | shifted);
        negative = diagonal & shifted;
        previous = matches;
    }
    distance
}

/// Letters, digits and sounds only ever reach the comparison.
fn slot(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'0'..=b'9' => usize::from(byte - b'0') + 26,
        // A hushing sound.
        b'S' => 36,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The textbook recurrence, as a yardstick.
    fn slow_distance(a: &[u8], b: &[u8]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let cost = usize::from(a[i - 1] != b[j - 1]);
                    let mut best = (table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(table[i - 1][j - 1] + cost);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn bit_parallel_distance_equals_the_textbook(a in "[a-d]{0,12}", b in "[a-d]{0,12}") {
            prop_assert_eq!(edit_distance(a.as_bytes(), b.as_bytes()), slow_distance(a.as_bytes(), b.as_bytes()));
        }
    }
}
