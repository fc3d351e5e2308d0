//! Outputs as JSON, with the names of `schemas/*.avsc`.

use super::write::{self, Object};
use crate::event::Origin;
use crate::facts::{Alert, Evaluation, PredictionRecord, Scores, Stretch};

pub fn prediction(record: &PredictionRecord, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.text("id", &record.id);
    origin(&mut object, &record.origin);
    object.integer("event_time", record.event_time).text("label", &record.label);
    if record.probabilities.is_empty() {
        object.null("probabilities");
    } else {
        object.map("probabilities", record.probabilities.iter(), write::number);
    }
    match record.value {
        Some(value) => object.number("value", value),
        None => object.null("value"),
    };
    object
        .text("model", record.model)
        .integer("learned", record.learned)
        .bool("warming", record.warming)
        .text("fingerprint", &record.fingerprint)
        .end();
}

pub fn alert(alert: &Alert, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object
        .text("id", &alert.id)
        .text("kind", alert.kind.name())
        .text("level", alert.level.name())
        .text("detector", &alert.detector)
        .text("watch", &alert.watch);
    origin(&mut object, &alert.origin);
    object
        .integer("event_time", alert.event_time)
        .object("before", |object| stretch(object, alert.before))
        .object("after", |object| stretch(object, alert.after))
        .texts("actions", alert.actions.iter().map(String::as_str))
        .text("message", &alert.message)
        .end();
}

pub fn evaluation(evaluation: &Evaluation, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object
        .integer("epoch", evaluation.epoch)
        .text("topic", &evaluation.topic)
        .integer("partition", evaluation.partition)
        .integer("from", evaluation.from)
        .integer("to", evaluation.to)
        .integer("event_time", evaluation.event_time)
        .integer("events", evaluation.events)
        .integer("labelled", evaluation.labelled);
    for (name, scores) in evaluation.scores() {
        object.map(name, scores.iter().copied(), write::number);
    }
    let counters = evaluation.counters.iter().map(|(name, n)| (name.as_str(), *n));
    object.map("counters", counters, write::integer).end();
}

fn origin(object: &mut Object<'_>, origin: &Origin) {
    object.object("origin", |object| {
        object.text("topic", &origin.topic).integer("partition", origin.partition).integer("offset", origin.offset);
    });
}

fn stretch(object: &mut Object<'_>, stretch: Stretch) {
    object.number("mean", stretch.mean).integer("n", stretch.n);
}

impl Evaluation {
    /// The four tables of scores with their names, in the order of the schema.
    pub(in crate::codec) fn scores(&self) -> [(&'static str, &Scores); 4] {
        [
            ("metrics", &self.metrics),
            ("rolling", &self.rolling),
            ("no_change", &self.no_change),
            ("no_change_rolling", &self.no_change_rolling),
        ]
    }
}
