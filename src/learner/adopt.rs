//! Adopting a state under a changed configuration, as far as what was learned keeps its meaning.

use super::{Learner, Spec};

impl Learner {
    /// Goes on under `spec`. What decides how features, model, detectors and scores were learned must be as it was; names,
    /// bounds, actions, weights and epochs may change. The error names the sections that must not.
    pub fn adopt(&mut self, spec: &Spec) -> Result<(), String> {
        let changed = self.spec.fixed_sections_changed(spec);
        if !changed.is_empty() {
            return Err(changed.join(", "));
        }
        self.spec = spec.clone();
        self.classes.weigh(&spec.learn);
        Ok(())
    }
}

impl Spec {
    fn fixed_sections_changed(&self, other: &Self) -> Vec<&'static str> {
        let window = |spec: &Self| spec.window.as_ref().map(|window| (window.method, window.adaptive));
        let drift = |spec: &Self| {
            spec.drift.iter().map(|watch| (watch.detector.clone(), watch.watch.clone())).collect::<Vec<_>>()
        };
        let sections = [
            ("input.features", self.layout == other.layout),
            ("task", self.task == other.task),
            ("labels.from", self.labels.from == other.labels.from),
            ("transform", self.transforms == other.transforms),
            ("model", self.model == other.model),
            ("seed", self.seed == other.seed),
            ("window.method", window(self) == window(other)),
            ("drift", drift(self) == drift(other)),
            ("metrics", self.metrics == other.metrics),
        ];
        sections.iter().filter(|(_, same)| !same).map(|&(name, _)| name).collect()
    }
}
