//! Labelled parties and what screening said of them -> figures. Pure.

use serde::Deserialize;
use std::collections::BTreeMap;

/// How a party is labelled.
#[derive(Debug, Clone, Deserialize)]
pub struct Labelled {
    /// The party's name, for the list of mistakes.
    pub name: String,
    /// Entities it should hit.
    #[serde(default)]
    pub expected: Vec<String>,
    /// Kind of variation, e.g. `typo_1`.
    #[serde(default)]
    pub class: String,
    /// `positive`, `negative` or `policy`.
    #[serde(default)]
    pub label: String,
}

/// One entity that screening returned, with its score and sentence.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Entity id.
    pub entity_id: String,
    /// 0 to 1.
    pub score: f32,
    /// Why.
    pub sentence: String,
}

/// Recall of a positive class, or alerts of a clean one.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassRow {
    /// Class.
    pub class: String,
    /// Parties in it.
    pub parties: usize,
    /// Of them: found, or alerted.
    pub count: usize,
}

impl ClassRow {
    /// Share of the class, 0 to 1.
    pub fn share(&self) -> f64 {
        self.count as f64 / self.parties.max(1) as f64
    }
}

/// Figures at one threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepRow {
    /// Threshold.
    pub threshold: f32,
    /// Share of positives found.
    pub recall: f64,
    /// Mean of the classes' recalls.
    pub macro_recall: f64,
    /// Of 1,000 everyday clean parties.
    pub alerts_plain: f64,
    /// Of 1,000 clean parties built from listed words (classes `neg_near*`).
    pub alerts_hard: f64,
}

/// Best answers of all parties in a range of scores, and how many of them were right.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationBin {
    /// Scores from here.
    pub from: f32,
    /// To here.
    pub to: f32,
    /// Parties whose best answer falls in.
    pub answers: usize,
    /// Of them right.
    pub right: usize,
}

/// A party judged wrongly.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// Class.
    pub class: String,
    /// The party.
    pub name: String,
    /// Score of the expected entity (0 = not among the candidates), or of the false alert.
    pub score: f32,
    /// Why, as far as there is an answer.
    pub sentence: String,
}

/// All figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The threshold of the tables.
    pub threshold: f32,
    /// Positive classes.
    pub recall: Vec<ClassRow>,
    /// Clean classes.
    pub alerts: Vec<ClassRow>,
    /// Classes that are a matter of policy.
    pub policy: Vec<ClassRow>,
    /// From .40 to .95.
    pub sweep: Vec<SweepRow>,
    /// From .40 to 1.
    pub calibration: Vec<CalibrationBin>,
    /// Nearest to the threshold first.
    pub misses: Vec<Mistake>,
    /// Highest first.
    pub false_alerts: Vec<Mistake>,
}

struct Scored<'a> {
    labelled: &'a Labelled,
    /// Best score of an expected entity.
    right: f32,
    /// Best score of any.
    best: f32,
    sentence: &'a str,
}

fn is_hard(class: &str) -> bool {
    class.starts_with("neg_near")
}

/// Computes everything. `answers[i]` belongs to `labelled[i]`, best first.
pub fn measure(labelled: &[Labelled], answers: &[Vec<Answer>], threshold: f32, mistakes_max: usize) -> Report {
    let scored: Vec<Scored<'_>> = labelled.iter().zip(answers).map(|(labelled, answers)| score(labelled, answers)).collect();
    let of = |label: &str| scored.iter().filter(|item| item.labelled.label == label).collect::<Vec<_>>();
    let (positive, negative, policy) = (of("positive"), of("negative"), of("policy"));
    let steps = (8..=19).map(|step| step as f32 * 0.05);
    let misses = positive.iter().filter(|item| item.right < threshold).map(|item| mistake(item, item.right)).collect();
    let false_alerts = negative.iter().filter(|item| item.best >= threshold).map(|item| mistake(item, item.best)).collect();
    Report {
        threshold,
        recall: by_class(&positive, |item| item.right >= threshold),
        alerts: by_class(&negative, |item| item.best >= threshold),
        policy: by_class(&policy, |item| item.best >= threshold),
        sweep: steps.map(|threshold| sweep(&positive, &negative, threshold)).collect(),
        calibration: calibration(&scored),
        misses: worst(misses, mistakes_max),
        false_alerts: worst(false_alerts, mistakes_max),
    }
}

fn score<'a>(labelled: &'a Labelled, answers: &'a [Answer]) -> Scored<'a> {
    let right =
        answers.iter().filter(|answer| labelled.expected.contains(&answer.entity_id)).map(|answer| answer.score).fold(0.0, f32::max);
    let best = answers.iter().map(|answer| answer.score).fold(0.0, f32::max);
    let sentence =
        answers.iter().find(|answer| answer.score == if right > 0.0 { right } else { best }).map_or("", |answer| &answer.sentence);
    Scored { labelled, right, best, sentence }
}

fn mistake(item: &Scored<'_>, score: f32) -> Mistake {
    Mistake { class: item.labelled.class.clone(), name: item.labelled.name.clone(), score, sentence: item.sentence.to_owned() }
}

fn worst(mut mistakes: Vec<Mistake>, mistakes_max: usize) -> Vec<Mistake> {
    mistakes.sort_by(|a, b| b.score.total_cmp(&a.score));
    mistakes.truncate(mistakes_max);
    mistakes
}

fn by_class(items: &[&Scored<'_>], counts: impl Fn(&Scored<'_>) -> bool) -> Vec<ClassRow> {
    let mut classes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for item in items {
        let class = classes.entry(&item.labelled.class).or_default();
        class.0 += 1;
        class.1 += usize::from(counts(item));
    }
    classes.into_iter().map(|(class, (parties, count))| ClassRow { class: class.to_owned(), parties, count }).collect()
}

fn sweep(positive: &[&Scored<'_>], negative: &[&Scored<'_>], threshold: f32) -> SweepRow {
    let recall = by_class(positive, |item| item.right >= threshold);
    let alerts = by_class(negative, |item| item.best >= threshold);
    let per_1000 = |hard: bool| {
        let rows: Vec<&ClassRow> = alerts.iter().filter(|row| is_hard(&row.class) == hard).collect();
        1000.0 * rows.iter().map(|row| row.count).sum::<usize>() as f64 / rows.iter().map(|row| row.parties).sum::<usize>().max(1) as f64
    };
    SweepRow {
        threshold,
        recall: recall.iter().map(|row| row.count).sum::<usize>() as f64
            / recall.iter().map(|row| row.parties).sum::<usize>().max(1) as f64,
        macro_recall: recall.iter().map(ClassRow::share).sum::<f64>() / recall.len().max(1) as f64,
        alerts_plain: per_1000(false),
        alerts_hard: per_1000(true),
    }
}

/// Of the best answers in a range of scores, how many name the right entity.
fn calibration(scored: &[Scored<'_>]) -> Vec<CalibrationBin> {
    let mut bins: Vec<CalibrationBin> =
        (8..20).map(|step| CalibrationBin { from: step as f32 * 0.05, to: (step + 1) as f32 * 0.05, answers: 0, right: 0 }).collect();
    for item in scored.iter().filter(|item| item.labelled.label != "policy" && item.best >= 0.4) {
        let number = (((item.best - 0.4) / 0.05 + 1e-4) as usize).min(bins.len() - 1);
        bins[number].answers += 1;
        bins[number].right += usize::from(item.right >= item.best);
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(class: &str, label: &str, expected: &[&str]) -> Labelled {
        Labelled {
            name: "x".to_owned(),
            expected: expected.iter().map(|id| (*id).to_owned()).collect(),
            class: class.to_owned(),
            label: label.to_owned(),
        }
    }

    fn answer(id: &str, score: f32) -> Answer {
        Answer { entity_id: id.to_owned(), score, sentence: id.to_owned() }
    }

    #[test]
    fn figures_follow_their_definitions() {
        let parties = [
            labelled("typo", "positive", &["a"]),
            labelled("typo", "positive", &["b"]),
            labelled("exact", "positive", &["c"]),
            labelled("neg_plain", "negative", &[]),
            labelled("neg_near_person", "negative", &[]),
            labelled("neg_collision", "policy", &[]),
        ];
        let answers = [
            vec![answer("a", 0.9)],
            vec![answer("z", 0.8), answer("b", 0.5)],
            vec![answer("c", 0.95)],
            vec![],
            vec![answer("a", 0.75)],
            vec![answer("a", 0.9)],
        ];
        let report = measure(&parties, &answers, 0.7, 10);
        let at = report.sweep.iter().find(|row| (row.threshold - 0.7).abs() < 1e-3).expect("a row");
        assert!((at.recall - 2.0 / 3.0).abs() < 1e-9 && (at.macro_recall - 0.75).abs() < 1e-9);
        assert_eq!((at.alerts_plain, at.alerts_hard), (0.0, 1000.0));
        assert_eq!((report.misses.len(), report.misses[0].sentence.as_str()), (1, "b"));
        assert_eq!(report.false_alerts.len(), 1);
        let right: usize = report.calibration.iter().map(|bin| bin.right).sum();
        let all: usize = report.calibration.iter().map(|bin| bin.answers).sum();
        assert_eq!((right, all), (2, 4));
    }
}
