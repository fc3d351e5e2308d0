//! Memory that is used again and is no state.

/// All 0 between uses; any two are equal, and none is in a checkpoint.
#[derive(Clone, Debug, Default, get_size2::GetSize)]
pub struct Scratch(Vec<f64>);

impl Scratch {
    /// The first `n` numbers; new ones are 0.
    pub fn sized(&mut self, n: usize) -> &mut [f64] {
        if self.0.len() < n {
            self.0.resize(n, 0.0);
        }
        &mut self.0[..n]
    }
}

impl PartialEq for Scratch {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
