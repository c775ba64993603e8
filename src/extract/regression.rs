//! Chances from measured weights: a multinomial logistic regression, its tables written by `fit.rs`.

use super::features::{Features, hash};
use rustc_hash::FxHashMap;

/// What each feature says for each class.
pub(super) struct Table {
    /// In the order of the weights.
    pub(super) classes: Vec<&'static str>,
    /// By the hash of the feature, as natural logarithms.
    weights: FxHashMap<u64, Box<[f32]>>,
}

impl Table {
    /// Reads a table: lines of comment (`#`), a line of classes, then a feature a line: its weights in hundredths, and its text.
    pub(super) fn read(text: &'static str) -> Self {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let classes: Vec<&str> = lines.next().unwrap_or("").split(' ').collect();
        let weights = lines.filter_map(|line| {
            let mut fields = line.splitn(classes.len() + 1, ' ');
            let weights: Option<Box<[f32]>> =
                classes.iter().map(|_| fields.next()?.parse::<f32>().ok().map(|hundredths| hundredths / 100.0)).collect();
            Some((hash(&[fields.next()?]), weights?))
        });
        Self { weights: weights.collect(), classes }
    }

    /// The chance of each class, from 0 to 1; together 1. A class that cannot be has none.
    pub(super) fn chances(&self, features: &Features, cannot_be: Option<usize>) -> Vec<f32> {
        let mut sums = vec![0.0; self.classes.len()];
        for weights in features.hashes.iter().filter_map(|feature| self.weights.get(feature)) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += weight;
            }
        }
        if let Some(sum) = cannot_be.and_then(|class| sums.get_mut(class)) {
            *sum = f32::NEG_INFINITY;
        }
        let most = sums.iter().copied().fold(f32::MIN, f32::max);
        for sum in &mut sums {
            *sum = (*sum - most).exp();
        }
        let all: f32 = sums.iter().sum();
        sums.iter_mut().for_each(|power| *power /= all);
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::super::{offences, roles};
    use super::*;

    /// Found in review: the chance of one class came so near to 1 that those of the others were divided by zero.
    #[test]
    fn what_cannot_be_leaves_its_chance_to_the_others() {
        let table = Table::read("a b c\n9000 0 100 always");
        let mut features = Features::default();
        features.hashes.push(hash(&["always"]));
        assert!(table.chances(&features, None)[0] > 0.999);
        let chances = table.chances(&features, Some(0));
        assert!(chances[0] == 0.0 && (chances.iter().sum::<f32>() - 1.0).abs() < 1e-6 && chances[2] > chances[1], "{chances:?}");
    }

    #[test]
    fn every_line_of_the_tables_is_read() {
        assert_eq!(Table::read(roles::WEIGHTS).classes, roles::PARTS);
        assert!(Table::read(offences::WEIGHTS).classes.iter().all(|code| offences::offence_codes().contains(code)));
        for text in [roles::WEIGHTS, offences::WEIGHTS] {
            let table = Table::read(text);
            let lines = text.lines().filter(|line| !line.starts_with('#')).count();
            assert_eq!(table.weights.len() + 1, lines, "a line that is no weight, twice the same feature, or two with one hash");
        }
    }
}
