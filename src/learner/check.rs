//! Everything that is wrong with a [`Spec`], at once; and the fingerprint of one that is right.

use std::collections::BTreeSet;

use compact_str::CompactString;
use sha2::{Digest, Sha256};

use super::spec::{Action, Expired, Learn, Method, Spec, TaskSpec, Watch, Window};
use super::{STATE_VERSION, watch};
use crate::event::Layout;
use crate::params::{Check, Problems};
use crate::row::Task;

impl Spec {
    /// Names this specification and the version of the state: 16 hexadecimal digits of a SHA-256. With an origin it names
    /// the exact model that made a prediction.
    pub fn fingerprint(&self) -> CompactString {
        let canonical = serde_json::to_vec(&(STATE_VERSION, self)).unwrap_or_default();
        let digest = Sha256::digest(&canonical);
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Check for Spec {
    fn check(&self, problems: &mut Problems) {
        if self.layout.is_empty() {
            problems.add("input.features", "names no feature; name at least one, such as amount = \"number\"");
        }
        problems.within("task", |problems| self.task.check(problems));
        self.check_labels(problems);
        for (index, transform) in self.transforms.iter().enumerate() {
            problems.within(&format!("transform.{index}"), |problems| transform.check(problems));
        }
        problems.within("model", |problems| {
            self.model.check(problems);
            self.model.check_task(self.task.kind, problems);
        });
        problems.within("learn", |problems| self.learn.check(&self.task, problems));
        if let Some(window) = &self.window {
            problems.within("window", |problems| window.check(self, problems));
        }
        for (index, watch) in self.drift.iter().enumerate() {
            problems.within(&format!("drift.{index}"), |problems| {
                watch.check(&self.layout, self.window.is_some(), problems);
            });
        }
        self.check_epoch(problems);
        problems.require("metrics.window", self.metrics.window, 1.., ">= 1");
        problems.require("max_categories", self.max_categories, 1..=1 << 24, "in 1..=16777216");
    }
}

impl Spec {
    fn check_labels(&self, problems: &mut Problems) {
        problems.require("labels.wait.events", self.labels.wait.events, 1.., ">= 1");
        if self.labels.wait.time.is_some_and(|time| time.0 == 0) {
            problems.add("labels.wait.time", "must be longer than 0");
        }
        let unnamed = self.task.kind.is_classification() && self.task.classes.is_empty();
        if self.labels.expired == Expired::Negative && unnamed {
            problems.add("labels.expired", "\"negative\" is the first class: name the classes in task.classes");
        }
    }

    fn check_epoch(&self, problems: &mut Problems) {
        if self.epoch.events.is_some() && self.epoch.time.is_some() {
            problems.add("epoch", "is bounded by events or by time, not by both");
        }
        problems.require("epoch.events", self.epoch.events(), 1.., ">= 1");
        if self.epoch.time.is_some_and(|time| time.0 == 0) {
            problems.add("epoch.time", "must be longer than 0");
        }
    }
}

impl Check for TaskSpec {
    fn check(&self, problems: &mut Problems) {
        let (named, most) = (self.classes.len(), self.max_classes);
        if self.classes.iter().collect::<BTreeSet<_>>().len() < named {
            problems.add("classes", "names a class twice");
        }
        match self.kind {
            Task::Regression if named > 0 || most.is_some() => {
                problems.add("classes", "a regression has no classes; remove classes and max_classes");
            }
            Task::Regression => {}
            _ if named > 0 && most.is_some() => {
                problems
                    .add("max_classes", "is for classes that are learned in order of arrival; remove it or classes");
            }
            Task::Binary if named != 0 && named != 2 => {
                problems.add("classes", format!("a binary task has 2 classes, not {named}; or kind = \"multiclass\""));
            }
            Task::Binary if most.is_some_and(|most| most != 2) => {
                problems.add("max_classes", "a binary task has 2 classes; remove it or kind = \"multiclass\"");
            }
            Task::Multiclass if named == 1 => problems.add("classes", "name at least 2 classes"),
            _ => problems.require("max_classes", most.unwrap_or(2), 2.., ">= 2"),
        }
    }
}

impl Learn {
    fn check(&self, task: &TaskSpec, problems: &mut Problems) {
        problems.require("mini_batch", self.mini_batch, 1.., ">= 1");
        if !self.class_weights.is_empty() && task.kind == Task::Regression {
            problems.add("class_weights", "a regression has no classes");
        }
        for (class, &weight) in &self.class_weights {
            let key = format!("class_weights.{class}");
            problems.require(&key, weight, f64::MIN_POSITIVE..=f64::MAX, "> 0");
            if !task.classes.is_empty() && !task.classes.contains(class) {
                problems.add(&key, format!("is not among the classes {}", task.classes.join(", ")));
            }
        }
    }
}

impl Window {
    fn check(&self, spec: &Spec, problems: &mut Problems) {
        let bounds = [self.size.is_some(), self.span.is_some(), self.adaptive];
        if bounds.iter().filter(|&&given| given).count() != 1 {
            problems.add("", "is bounded by exactly one of size, span and adaptive = true");
        }
        problems.require("size", self.size.unwrap_or(1), 1.., ">= 1");
        problems.require("max_events", self.max_events, 1.., ">= 1");
        problems.require("rows", self.rows, 1.., ">= 1");
        problems.require("every", self.every, 1.., ">= 1");
        problems.require("epochs", self.epochs, 1.., ">= 1");
        if self.method == Method::Unlearn {
            if !spec.model.can_unlearn() {
                let model = spec.model.name();
                problems.add(
                    "method",
                    format!("{model} cannot unlearn exactly; use \"replay\" or \"refit\", or a model that can"),
                );
            }
            if spec.learn.mini_batch != 1 {
                problems.add("method", "\"unlearn\" needs learn.mini_batch = 1");
            }
        }
    }
}

impl Watch {
    fn check(&self, layout: &Layout, windowed: bool, problems: &mut Problems) {
        self.detector.check(problems);
        if let Err(message) = watch::targets(&self.watch, layout) {
            problems.add("watch", message);
        }
        problems.require("boost", self.boost, 1.0..=f64::MAX, ">= 1");
        problems.require("boost_half_life", self.boost_half_life, f64::MIN_POSITIVE..=f64::MAX, "> 0");
        if !windowed && self.on_warning.iter().chain(&self.on_drift).any(|&action| action == Action::ShrinkWindow) {
            problems.add("on_drift", "\"shrink_window\" needs a [window]");
        }
        if self.on_warning.contains(&Action::Swap) {
            problems.add(
                "on_warning",
                "\"swap\" belongs to on_drift: the background model starts at the warning by itself",
            );
        }
        if self.swaps() && self.on_drift.contains(&Action::Reset) {
            problems.add("on_drift", "\"swap\" and \"reset\" exclude each other");
        }
        problems.require("swap_within", self.swap_within, 1.., ">= 1");
    }
}
