//! Metrics against the formulas of the books, written the long way.

use proptest::prelude::*;

use super::*;
use crate::facts::Scores;
use crate::row::{Label, Prediction};

fn score(scores: &Scores, name: &str) -> Option<f64> {
    scores.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
}

fn near(actual: Option<f64>, expected: f64) -> bool {
    match actual {
        Some(actual) => (actual - expected).abs() < 1e-9,
        None => !expected.is_finite(),
    }
}

/// Labels with the probabilities that were predicted for them.
fn classes(n: usize) -> impl Strategy<Value = Vec<(u32, Vec<f64>)>> {
    let probabilities = prop::collection::vec(0.0..1.0f64, n).prop_map(|raw| {
        let sum: f64 = raw.iter().sum::<f64>() + 1e-9;
        raw.iter().map(|p| p / sum).collect()
    });
    prop::collection::vec((0..n as u32, probabilities), 1..300)
}

fn scoreboard(task: Task, window: usize, stream: &[(u32, Vec<f64>)]) -> Scoreboard {
    let mut scoreboard = Scoreboard::new(task, window);
    for (label, probabilities) in stream {
        scoreboard.update(Label::Class(*label), &Prediction::Classes(probabilities.clone()));
    }
    scoreboard
}

fn argmax(probabilities: &[f64]) -> u32 {
    let best = probabilities.iter().copied().fold(f64::MIN, f64::max);
    probabilities.iter().position(|&p| p == best).unwrap_or(0) as u32
}

fn confusion(n: usize, stream: &[(u32, Vec<f64>)]) -> Vec<Vec<f64>> {
    let mut confusion = vec![vec![0.0; n]; n];
    for (label, probabilities) in stream {
        confusion[*label as usize][argmax(probabilities) as usize] += 1.0;
    }
    confusion
}

fn kappa_by_the_book(confusion: &[Vec<f64>], n: f64) -> f64 {
    let k = confusion.len();
    let observed = (0..k).map(|c| confusion[c][c]).sum::<f64>() / n;
    let column = |c: usize| confusion.iter().map(|row| row[c]).sum::<f64>() / n;
    let expected: f64 = (0..k).map(|c| confusion[c].iter().sum::<f64>() / n * column(c)).sum();
    (observed - expected) / (1.0 - expected)
}

fn f1_by_the_book(confusion: &[Vec<f64>], class: usize) -> Option<f64> {
    let labelled: f64 = confusion[class].iter().sum();
    let predicted: f64 = confusion.iter().map(|row| row[class]).sum();
    (labelled + predicted > 0.0).then(|| 2.0 * confusion[class][class] / (labelled + predicted))
}

fn auc_by_the_book(stream: &[(u32, Vec<f64>)]) -> f64 {
    let of = |class| stream.iter().filter(move |(label, _)| *label == class).map(|(_, p)| p[1]);
    let pairs = of(1).flat_map(|positive| of(0).map(move |negative| (positive, negative)));
    let wins: f64 = pairs.clone().map(|(p, n)| if p > n { 1.0 } else { f64::from(p == n) / 2.0 }).sum();
    wins / pairs.count() as f64
}

/// The chance that a positive and a negative share a bin.
fn shared_bins(stream: &[(u32, Vec<f64>)]) -> f64 {
    let of = |class| stream.iter().filter(move |(label, _)| *label == class).map(|(_, p)| roc_auc::bin(p[1]));
    let pairs = of(1).flat_map(|positive| of(0).map(move |negative| positive == negative));
    pairs.clone().filter(|&shared| shared).count() as f64 / pairs.count() as f64
}

proptest! {
    #[test]
    fn classification_is_by_the_book(stream in classes(3)) {
        let scores = scoreboard(Task::Multiclass, 10, &stream).total();
        let n = stream.len() as f64;
        let confusion = confusion(3, &stream);
        let right: f64 = (0..3).map(|c| confusion[c][c]).sum();
        prop_assert!(near(score(&scores, "accuracy"), right / n));
        prop_assert!(near(score(&scores, "kappa"), kappa_by_the_book(&confusion, n)));

        let same = stream.windows(2).filter(|pair| pair[0].0 == pair[1].0).count() as f64;
        prop_assert!(near(score(&scores, "kappa_temporal"), (right / n - same / n) / (1.0 - same / n)));
        let majority = confusion.iter().map(|row| row.iter().sum::<f64>()).fold(0.0, f64::max);
        prop_assert!(near(score(&scores, "kappa_m"), (right / n - majority / n) / (1.0 - majority / n)));

        let f1: Vec<f64> = (0..3).filter_map(|c| f1_by_the_book(&confusion, c)).collect();
        prop_assert!(near(score(&scores, "f1"), f1.iter().sum::<f64>() / f1.len() as f64));
        let loss: f64 = stream.iter().map(|(label, p)| -libm::log(p[*label as usize].max(1e-15))).sum();
        prop_assert!(near(score(&scores, "log_loss"), loss / n));
        prop_assert_eq!(score(&scores, "roc_auc"), None);
    }

    #[test]
    fn binary_scores_are_of_class_1(stream in classes(2)) {
        let scoreboard = scoreboard(Task::Binary, 1_000, &stream);
        let expected = f1_by_the_book(&confusion(2, &stream), 1).unwrap_or(f64::NAN);
        prop_assert!(near(score(&scoreboard.total(), "f1"), expected));

        let auc = auc_by_the_book(&stream);
        prop_assert!(near(score(&scoreboard.rolling(), "roc_auc"), auc));
        if let Some(binned) = score(&scoreboard.total(), "roc_auc") {
            prop_assert!((binned - auc).abs() <= shared_bins(&stream) / 2.0 + 1e-9, "{binned} for {auc}");
        }
    }

    /// A rolling score is the score of the last labels, except that no-change knows the label before them.
    #[test]
    fn rolling_is_total_over_the_window(stream in classes(2), window in 1usize..50) {
        let rolling = scoreboard(Task::Binary, window, &stream).rolling();
        let last = &stream[stream.len().saturating_sub(window)..];
        let fresh = scoreboard(Task::Binary, window, last).total();
        for name in ["accuracy", "kappa", "kappa_m", "f1", "log_loss"] {
            prop_assert_eq!(score(&rolling, name), score(&fresh, name), "{}", name);
        }
    }

    #[test]
    fn regression_is_by_the_book(stream in prop::collection::vec((-50.0..50.0f64, -50.0..50.0f64), 2..200)) {
        let mut scoreboard = Scoreboard::new(Task::Regression, 100);
        for &(label, predicted) in &stream {
            scoreboard.update(Label::Value(label), &Prediction::Value(predicted));
        }
        let scores = scoreboard.total();
        let n = stream.len() as f64;
        let squared: f64 = stream.iter().map(|(y, p)| (y - p) * (y - p)).sum();
        let mean = stream.iter().map(|(y, _)| y).sum::<f64>() / n;
        let spread: f64 = stream.iter().map(|(y, _)| (y - mean) * (y - mean)).sum();
        prop_assert!(near(score(&scores, "mae"), stream.iter().map(|(y, p)| (y - p).abs()).sum::<f64>() / n));
        prop_assert!(near(score(&scores, "rmse"), (squared / n).sqrt()));
        let r2 = 1.0 - squared / spread;
        prop_assert!(score(&scores, "r2").is_some_and(|actual| (actual - r2).abs() < 1e-6 * r2.abs().max(1.0)));
    }

    /// What comes back from a checkpoint goes on as if nothing had happened.
    #[test]
    fn state_survives_a_round_trip(stream in classes(2)) {
        let scoreboard = scoreboard(Task::Binary, 20, &stream);
        let bytes = rmp_serde::to_vec_named(&scoreboard).expect("serialises");
        prop_assert_eq!(rmp_serde::from_slice::<Scoreboard>(&bytes).expect("deserialises"), scoreboard);
    }
}

#[test]
fn nothing_known_is_an_error() {
    let mut scoreboard = Scoreboard::new(Task::Multiclass, 10);
    scoreboard.update(Label::Class(0), &Prediction::Classes(vec![]));
    let scores = scoreboard.total();
    assert_eq!(score(&scores, "accuracy"), Some(0.0));
    assert!(near(score(&scores, "log_loss"), -libm::log(1e-15)));
}

#[test]
fn what_is_not_defined_is_absent() {
    let mut scoreboard = Scoreboard::new(Task::Regression, 10);
    assert_eq!(scoreboard.total(), vec![]);
    scoreboard.update(Label::Value(0.0), &Prediction::Value(f64::NAN));
    assert_eq!(scoreboard.total(), vec![]);
}

#[test]
fn every_page_has_an_example_that_parses() {
    for page in components() {
        let params: Params = toml::from_str(page.about.example).expect(page.name);
        assert_eq!(params.name(), page.name);
    }
}
