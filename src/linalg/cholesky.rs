//! A symmetric positive matrix as a long sum of outer products, and its Cholesky factor that follows each of them.
//!
//! G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th ed. (2013), §4.2 (factor) and §6.5.4 (update, downdate).

use get_size2::GetSize;
use serde::{Deserialize, Serialize};

use super::LongSum;

/// A downdate that leaves less than this share of a squared pivot has lost too many digits.
const LEAST_LEFT: f64 = 1e-6;
/// A pivot below this share of its diagonal element is rounding, not information.
const LEAST_PIVOT: f64 = 1e-14;

/// Symmetric n × n, the lower triangle by rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Gram {
    n: usize,
    lower: Vec<LongSum>,
}

impl Gram {
    pub fn diagonal(diagonal: &[f64]) -> Self {
        let n = diagonal.len();
        let mut lower = vec![LongSum::default(); n * (n + 1) / 2];
        for (i, &value) in diagonal.iter().enumerate() {
            lower[row(i) + i] = LongSum::new(value);
        }
        Self { n, lower }
    }

    /// Adds `weight · x xᵀ`; a negative weight takes exactly that away again.
    pub fn add(&mut self, x: &[f64], weight: f64) {
        for i in 0..self.n {
            for (sum, &value) in self.lower[row(i)..=row(i) + i].iter_mut().zip(x) {
                sum.add(weight * (x[i] * value));
            }
        }
    }

    /// `into -= A v`.
    pub fn subtract_product(&self, v: &[f64], into: &mut [f64]) {
        for i in 0..self.n {
            let elements = &self.lower[row(i)..=row(i) + i];
            let mut sum = 0.0;
            for (j, element) in elements.iter().enumerate() {
                sum += element.get() * v[j];
                if j < i {
                    into[j] -= element.get() * v[i];
                }
            }
            into[i] -= sum;
        }
    }
}

/// Lower triangular L with L Lᵀ = A, by rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, GetSize)]
pub struct Cholesky {
    n: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors `gram`. A pivot that rounding has eaten is held just above 0, so that a factor always exists.
    pub fn of(gram: &Gram) -> Self {
        let mut factor = Self { n: gram.n, lower: gram.lower.iter().map(|sum| sum.get()).collect() };
        for i in 0..factor.n {
            for j in 0..=i {
                let (before, from) = factor.lower.split_at_mut(row(i));
                let (left, own) =
                    if j < i { (&before[row(j)..row(j) + j], &from[..j]) } else { (&from[..j], &from[..j]) };
                let sum: f64 = left.iter().zip(own).map(|(a, b)| a * b).sum();
                let least = (from[j] * LEAST_PIVOT).max(f64::MIN_POSITIVE);
                from[j] = if j < i { (from[j] - sum) / before[row(j) + j] } else { (from[j] - sum).max(least).sqrt() };
            }
        }
        factor
    }

    /// Follows `A + x xᵀ` by Givens rotations; `x`, n long, is used up.
    pub fn update(&mut self, x: &mut [f64]) {
        for k in 0..self.n {
            let pivot = self.lower[row(k) + k];
            let radius = (pivot * pivot + x[k] * x[k]).sqrt();
            if radius == 0.0 {
                continue;
            }
            let (cosine, sine) = (pivot / radius, x[k] / radius);
            self.lower[row(k) + k] = radius;
            for (i, x) in x.iter_mut().enumerate().skip(k + 1) {
                let element = self.lower[row(i) + k];
                self.lower[row(i) + k] = cosine * element + sine * *x;
                *x = cosine * *x - sine * element;
            }
        }
    }

    /// Follows `share · A`, where no squared pivot falls below `least`.
    pub fn fade(&mut self, share: f64, least: f64) {
        let (root, least) = (share.sqrt(), least.sqrt());
        self.lower.iter_mut().for_each(|element| *element *= root);
        for k in 0..self.n {
            let pivot = &mut self.lower[row(k) + k];
            *pivot = pivot.max(least);
        }
    }

    /// Follows `A - x xᵀ` by hyperbolic rotations; `x` is used up. `false`: too little would be left to trust, the factor
    /// is spoilt and must be made anew.
    #[must_use]
    pub fn downdate(&mut self, x: &mut [f64]) -> bool {
        for k in 0..self.n {
            let pivot = self.lower[row(k) + k];
            let left = (pivot - x[k]) * (pivot + x[k]);
            if left <= LEAST_LEFT * pivot * pivot {
                return false;
            }
            let radius = left.sqrt();
            let (cosine, sine) = (radius / pivot, x[k] / pivot);
            self.lower[row(k) + k] = radius;
            for (i, x) in x.iter_mut().enumerate().skip(k + 1) {
                let element = (self.lower[row(i) + k] - sine * *x) / cosine;
                self.lower[row(i) + k] = element;
                *x = cosine * *x - sine * element;
            }
        }
        true
    }

    /// Solves A v = b in place.
    pub fn solve(&self, b: &mut [f64]) {
        for i in 0..self.n {
            let elements = &self.lower[row(i)..=row(i) + i];
            let sum: f64 = elements[..i].iter().zip(&b[..i]).map(|(l, v)| l * v).sum();
            b[i] = (b[i] - sum) / elements[i];
        }
        for i in (0..self.n).rev() {
            let elements = &self.lower[row(i)..=row(i) + i];
            b[i] /= elements[i];
            let value = b[i];
            for (sum, element) in b[..i].iter_mut().zip(elements) {
                *sum -= element * value;
            }
        }
    }
}

/// Where row `i` of a packed lower triangle begins.
fn row(i: usize) -> usize {
    i * (i + 1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn distance(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn the_factor_follows_what_is_added_and_taken_away() {
        let mut rng = Rng::new(5, "cholesky");
        let rows: Vec<Vec<f64>> = (0..40).map(|_| (0..6).map(|_| rng.normal()).collect()).collect();
        let mut gram = Gram::diagonal(&[0.5; 6]);
        let mut factor = Cholesky::of(&gram);
        for x in &rows {
            gram.add(x, 1.0);
            factor.update(&mut x.clone());
        }
        for x in &rows[..20] {
            gram.add(x, -1.0);
            assert!(factor.downdate(&mut x.clone()));
        }
        assert!(distance(&factor.lower, &Cholesky::of(&gram).lower) < 1e-12);

        let truth = [1.0, -2.0, 3.0, 0.0, 5.0, -0.5];
        let mut b = vec![0.0; 6];
        gram.subtract_product(&truth, &mut b);
        b.iter_mut().for_each(|v| *v = -*v);
        factor.solve(&mut b);
        assert!(distance(&b, &truth) < 1e-12, "{b:?}");
    }

    #[test]
    fn fading_halves_everything_but_what_is_least() {
        let mut factor = Cholesky::of(&Gram::diagonal(&[4.0, 1.0]));
        factor.update(&mut [1.0, 1.0]);
        let mut faded = Cholesky::of(&Gram::diagonal(&[2.0, 0.5]));
        faded.update(&mut [0.5_f64.sqrt(); 2]);
        factor.fade(0.5, 1e-3);
        assert!(distance(&factor.lower, &faded.lower) < 1e-12);
        factor.fade(1e-9, 1e-3);
        assert!((factor.lower[0] - 1e-3_f64.sqrt()).abs() < 1e-12, "{factor:?}");
    }

    #[test]
    fn taking_away_all_there_is_asks_for_a_new_factor() {
        let mut factor = Cholesky::of(&Gram::diagonal(&[1.0, 1.0]));
        assert!(!factor.downdate(&mut [1.0, 0.0]));
    }
}
