//! What a node believes of the label: weights by class, or a mean.

/// A label as nodes judge and absorb it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// `known` classes have come so far; each counts as `prior` rows more than were seen.
    Class { class: usize, known: usize, prior: f64 },
    /// `scale`: the deviation of values from what is believed of them, > 0.
    Value { value: f64, scale: f64 },
}

impl Target {
    /// How likely the label is to a node that has seen `weight`, in (0, 1], up to a factor that is the same for all nodes.
    pub fn likelihood(&self, beliefs: &[f64], weight: f64) -> f64 {
        match *self {
            Self::Class { class, known, prior } => share(beliefs[class], weight, known, prior),
            Self::Value { value, scale } => {
                // Student's t with three degrees of freedom: no outlier decides alone.
                let z = (value - beliefs[0]) / scale;
                let t = 1.0 + z * z / 3.0;
                1.0 / (t * t).min(1e100)
            }
        }
    }

    /// Adds the label to the beliefs of a node that has seen `weight`, this row's `added` included.
    pub fn absorb(&self, beliefs: &mut [f64], weight: f64, added: f64) {
        match *self {
            Self::Class { class, .. } => beliefs[class] += added,
            Self::Value { value, .. } => beliefs[0] += (value - beliefs[0]) * (added / weight),
        }
    }

    /// Whether a node has seen nothing but this class, up to rounding.
    pub fn is_all(&self, beliefs: &[f64], weight: f64) -> bool {
        matches!(*self, Self::Class { class, .. } if beliefs[class] >= 0.9999 * weight)
    }

    /// The squared difference between two nodes' answers, each with its weight, less what chance alone makes of it.
    pub fn difference(&self, a: (&[f64], f64), b: (&[f64], f64)) -> f64 {
        let ((one, of_one), (other, of_other)) = (a, b);
        let chance = 1.0 / of_one + 1.0 / of_other;
        match *self {
            Self::Class { known, .. } => {
                let by_class = one.iter().zip(other).take(known).map(|(x, y)| {
                    let difference = x / of_one - y / of_other;
                    let mean = (x + y) / (of_one + of_other);
                    difference * difference - mean * (1.0 - mean) * chance
                });
                by_class.sum()
            }
            Self::Value { scale, .. } => {
                let difference = ((one[0] - other[0]) / scale).clamp(-1e6, 1e6);
                difference * difference - chance
            }
        }
    }
}

/// The probability of a class of `known` by the estimator of Krichevsky and Trofimov.
pub fn share(count: f64, weight: f64, known: usize, prior: f64) -> f64 {
    (count + prior) / (weight + prior * known as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one_and_an_outlier_keeps_a_likelihood() {
        let counts = [3.0, 0.0, 1.0];
        let sum: f64 = counts.iter().map(|count| share(*count, 4.0, 3, 0.5)).sum();
        assert!((sum - 1.0).abs() < 1e-12);
        let at = |value| Target::Value { value, scale: 1.0 }.likelihood(&[0.0], 1.0);
        assert!(at(0.0) == 1.0 && at(1.0) > at(2.0) && at(1e100) > 0.0);
    }

    #[test]
    fn differences_of_chance_alone_average_to_nothing() {
        let mut rng = crate::rng::Rng::new(1, "difference");
        let target = Target::Class { class: 0, known: 2, prior: 0.5 };
        let mut sum = 0.0;
        for _ in 0..20_000 {
            let mut draw = |n: usize| (0..n).filter(|_| rng.uniform() < 0.3).count() as f64;
            let (x, y) = (draw(20), draw(30));
            sum += target.difference((&[x, 20.0 - x], 20.0), (&[y, 30.0 - y], 30.0));
        }
        assert!((sum / 20_000.0).abs() < 2e-3, "{}", sum / 20_000.0);
    }
}
