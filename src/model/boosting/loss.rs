//! First and second derivatives of the loss by the scores.

use super::Pair;

/// What the scores of a row are to come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// One score, the log odds of class 1: logistic loss.
    Binary(bool),
    /// A score for each class, softmax over them: log loss.
    Class(usize),
    /// One score, the value itself: half the squared error.
    Value(f64),
}

/// Below this second derivative a row that the scores are sure of would count for nothing, and one that they are wrong about
/// would ask for too large a step.
const LEAST: f64 = 0.01;

impl Target {
    /// The derivatives at `scores`.
    pub fn derive(self, scores: &[f64], pairs: &mut Vec<Pair>) {
        pairs.clear();
        match self {
            Self::Binary(positive) => pairs.push(of_probability(logistic(scores[0]), positive)),
            Self::Value(value) => pairs.push([scores[0] - value, 1.0]),
            Self::Class(class) => {
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                pairs.extend(scores.iter().map(|score| [libm::exp(score - most), 0.0]));
                let total: f64 = pairs.iter().map(|pair| pair[0]).sum();
                let each = pairs.iter_mut().enumerate();
                each.for_each(|(k, pair)| *pair = of_probability(pair[0] / total, k == class));
            }
        }
    }

    /// How wrong the scores are, in [0, 1], given the derivatives there.
    pub fn error(self, pairs: &[Pair]) -> f64 {
        match self {
            Self::Binary(_) => pairs[0][0].abs(),
            Self::Class(class) => pairs[class][0].abs(),
            Self::Value(_) => {
                let squared = pairs[0][0] * pairs[0][0];
                squared / (1.0 + squared)
            }
        }
        .min(1.0)
    }
}

fn of_probability(p: f64, is: bool) -> Pair {
    [p - f64::from(u8::from(is)), (p * (1.0 - p)).max(LEAST)]
}

pub fn logistic(score: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-score))
}

/// What to subtract from scores for the logs of their softmax.
pub fn scale(scores: &[f64]) -> f64 {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + libm::log(scores.iter().map(|score| libm::exp(score - most)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_loss() {
        let loss = |target: Target, scores: &[f64]| match target {
            Target::Binary(is) => -libm::log(if is { logistic(scores[0]) } else { logistic(-scores[0]) }),
            Target::Class(class) => scale(scores) - scores[class],
            Target::Value(value) => 0.5 * (scores[0] - value) * (scores[0] - value),
        };
        let cases: [(Target, &[f64]); 4] = [
            (Target::Binary(true), &[0.3]),
            (Target::Binary(false), &[0.3]),
            (Target::Class(1), &[0.3, -0.2, 1.0]),
            (Target::Value(2.0), &[0.3]),
        ];
        for (target, scores) in cases {
            let mut pairs = Vec::new();
            target.derive(scores, &mut pairs);
            for (k, pair) in pairs.iter().enumerate() {
                let at = |step: f64| {
                    let moved: Vec<f64> =
                        scores.iter().enumerate().map(|(i, s)| s + if i == k { step } else { 0.0 }).collect();
                    loss(target, &moved)
                };
                let (low, here, high) = (at(-1e-4), at(0.0), at(1e-4));
                let (first, second) = ((high - low) / 2e-4, (high - 2.0 * here + low) / 1e-8);
                assert!((pair[0] - first).abs() < 1e-6 && (pair[1] - second).abs() < 1e-4, "{target:?} {k}");
            }
        }
    }
}
