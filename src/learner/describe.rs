//! A learner in words, for `driftline state show`.

use super::Learner;
use super::alert::{grouped, short};
use crate::facts::{Scores, Stretch};

/// A heading and the lines under it.
pub type Section = (&'static str, Vec<String>);

impl Learner {
    /// Everything worth knowing about the state, for people.
    pub fn describe(&self) -> Vec<Section> {
        vec![
            ("model", self.describe_model()),
            ("window", self.describe_window()),
            ("detectors", self.describe_watchers()),
            ("labels", self.describe_labels()),
            ("vocabularies", self.describe_vocabularies()),
            ("scores", self.describe_scores()),
            ("counters", self.counters().iter().map(|(name, n)| format!("{name}: {}", grouped(*n))).collect()),
        ]
    }

    fn describe_model(&self) -> Vec<String> {
        let pipeline = &self.pipeline;
        let mut lines: Vec<_> =
            self.spec.transforms.iter().map(|params| format!("transform: {}", params.name())).collect();
        lines.push(format!("{}, {} labels learned", self.spec.model.name(), grouped(pipeline.learned)));
        lines.push(format!("{} bytes in memory", grouped(self.model_bytes() as u64)));
        let described = pipeline.describe_model(&self.spec);
        lines.extend(described.into_iter().map(|(name, value)| format!("{name}: {value}")));
        if pipeline.batched() > 0 {
            lines.push(format!("{} of {} rows of the next mini-batch", pipeline.batched(), self.spec.learn.mini_batch));
        }
        if let Some(background) = &pipeline.background {
            lines.push(format!("background model: {} labels learned", grouped(background.learned)));
        }
        if let Some(boost) = &pipeline.boost {
            lines.push(format!("learning rate boosted {} times", short(boost.factor())));
        }
        lines
    }

    fn describe_window(&self) -> Vec<String> {
        match &self.window {
            Some(window) => vec![format!("{} labelled rows", grouped(window.len() as u64))],
            None => vec!["none: purely incremental".to_owned()],
        }
    }

    fn describe_watchers(&self) -> Vec<String> {
        let describe = |watcher: &super::Watcher| {
            let detector = self.spec.drift.get(watcher.index).map_or("", |watch| watch.detector.name());
            let (before, after) = watcher.stretches();
            let stretch = |Stretch { mean, n }| format!("{} (n {})", short(mean), grouped(n));
            let target = watcher.target.name(&self.spec.layout);
            format!("{detector} on {target}: regime {}, last {}", stretch(before), stretch(after))
        };
        self.watchers.iter().map(describe).collect()
    }

    fn describe_labels(&self) -> Vec<String> {
        let mut lines = vec![format!("{} wait for a label", grouped(self.waiting.len() as u64))];
        if self.spec.task.kind.is_classification() {
            lines.push(format!("classes: {}", self.classes.names().join(", ")));
        }
        lines
    }

    fn describe_vocabularies(&self) -> Vec<String> {
        let features = self.spec.layout.categories.iter().zip(&self.vocabularies);
        let describe = |texts: &[compact_str::CompactString]| {
            let shown = texts.iter().take(10).map(|text| text.as_str()).collect::<Vec<_>>().join(", ");
            let rest = if texts.len() > 10 { ", …" } else { "" };
            format!("{} categories: {shown}{rest}", grouped(texts.len() as u64))
        };
        features.map(|(name, vocabulary)| format!("{name}: {}", describe(vocabulary.texts()))).collect()
    }

    fn describe_scores(&self) -> Vec<String> {
        let line = |name: &str, scores: Scores| {
            let scores: Vec<_> = scores.iter().map(|(metric, score)| format!("{metric} {}", short(*score))).collect();
            format!("{name}: {}", scores.join(", "))
        };
        vec![
            line("since the start", self.score.total()),
            line("rolling", self.score.rolling()),
            line("no-change since the start", self.no_change_score.total()),
            line("no-change rolling", self.no_change_score.rolling()),
        ]
    }
}
