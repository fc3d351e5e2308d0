//! What components do with rows: never harm by dirt, never a change by looking, and something learned.

use driftline::model::{self, Model as _};
use driftline::row::{Example, Prediction, Task};
use driftline::transform::{self, Transformer as _};

use super::cases::{self, Case, ModelSubject, Subject, for_every_component};
use super::is_due;
use super::stream::{self, Missing, Sample};

#[test]
fn dirt_does_no_harm() {
    fn check<S: Subject>(case: &Case<S>) {
        let mut subject = case.build(&stream::layout(), 1);
        for (n, sample) in stream::dirty(2_000).iter().enumerate() {
            for value in subject.turn(sample) {
                let is_missing = value.is_nan() && case.name.starts_with("transform/");
                assert!(value.is_finite() || is_missing, "{}: {value} after {n} dirty events", case.name);
            }
        }
    }
    for_every_component!(check);
}

#[test]
fn probabilities_are_probabilities() {
    for case in cases::models() {
        let mut subject = case.build(&stream::layout(), 1);
        for sample in stream::plain(300, Missing::Some).iter().chain(&stream::dirty(300)) {
            if let Prediction::Classes(probabilities) = subject.predict(sample) {
                let sum: f64 = probabilities.iter().sum();
                assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "{}: {probabilities:?}", case.name);
                assert!(sum < 1.0 + 1e-9, "{}: {probabilities:?}", case.name);
            }
            subject.learn(sample);
        }
    }
}

#[test]
fn looking_changes_nothing() {
    for case in cases::models() {
        let mut subject = case.build(&stream::layout(), 1);
        for sample in stream::plain(100, Missing::Some) {
            let before = rmp_serde::to_vec_named(&subject).unwrap();
            assert_eq!(subject.predict(&sample), subject.predict(&sample), "{}", case.name);
            assert_eq!(rmp_serde::to_vec_named(&subject).unwrap(), before, "{}: predicting left a trace", case.name);
            subject.learn(&sample);
        }
    }
}

#[test]
fn a_transform_makes_the_rows_that_it_declares() {
    let input = stream::layout();
    for case in cases::transforms() {
        let mut transform = case.build(&input, 1);
        let declared = transform.layout(&input);
        for sample in stream::plain(50, Missing::Some).iter().chain(&stream::dirty(50)) {
            let mut row = sample.row.clone();
            transform.transform(&mut row);
            let made = (row.numbers.len(), row.categories.len(), row.texts.len());
            let expected = (declared.numbers.len(), declared.categories.len(), declared.texts.len());
            assert_eq!(made, expected, "{}", case.name);
            transform.learn(&sample.row, None);
        }
        let names: std::collections::BTreeSet<_> = declared.numbers.iter().collect();
        assert_eq!(names.len(), declared.numbers.len(), "{}: two columns of one name", case.name);
    }
}

#[test]
fn what_was_missing_is_missing_or_filled_and_the_rest_is_there() {
    for params in transform::Params::defaults() {
        let layout = stream::layout();
        let mut transform = params.build(&layout);
        stream::plain(200, Missing::Some).iter().for_each(|sample| transform.learn(&sample.row, None));
        for sample in stream::plain(200, Missing::None) {
            let mut row = sample.row.clone();
            transform.transform(&mut row);
            assert!(row.numbers.iter().all(|value| value.is_finite()), "{}: {row:?}", params.name());
        }
    }
}

#[test]
fn a_batch_of_one_is_one_event() {
    for case in cases::models() {
        let (mut one, mut batch) = (case.build(&stream::layout(), 1), case.build(&stream::layout(), 1));
        for sample in stream::plain(200, Missing::Some) {
            one.model.learn(&sample.row, sample.label(one.task), sample.weight);
            batch.model.learn_batch(&[example(&sample, batch.task)]);
        }
        // By their bytes: a missing number is NaN, which is not equal to itself.
        let state = |subject| rmp_serde::to_vec_named(subject).unwrap();
        assert!(state(&one) == state(&batch), "{}: a batch of one is learned in another way", case.name);
    }
}

fn example(sample: &Sample, task: Task) -> Example {
    Example { row: sample.row.clone(), label: sample.label(task), weight: sample.weight }
}

#[test]
fn what_can_be_unlearned_leaves_no_trace() {
    for params in model::Params::defaults().into_iter().filter(model::Params::can_unlearn) {
        for task in cases::TASKS.into_iter().filter(|task| cases::serves(&params, *task)) {
            let case = cases::model_case(params.name().to_owned(), params.clone(), task);
            let samples = stream::plain(300, Missing::Some);
            let (forgotten, kept) = samples.split_at(150);
            let (mut slid, mut fresh) = (case.build(&stream::layout(), 1), case.build(&stream::layout(), 1));
            samples.iter().for_each(|sample| slid.learn(sample));
            forgotten.iter().for_each(|s| slid.model.unlearn(&s.row, s.label(task), s.weight));
            kept.iter().for_each(|sample| fresh.learn(sample));
            for sample in &samples {
                let (a, b) = (numbers(slid.predict(sample)), numbers(fresh.predict(sample)));
                let near = a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-9);
                assert!(near, "{}: {a:?} is not {b:?}", case.name);
            }
        }
    }
}

fn numbers(prediction: Prediction) -> Vec<f64> {
    match prediction {
        Prediction::Classes(probabilities) => probabilities,
        Prediction::Value(value) => vec![value],
    }
}

/// The mean error over the second half of the stream: misses of the class, or the absolute error.
fn error(subject: &mut ModelSubject, samples: &[Sample]) -> f64 {
    let mut sum = 0.0;
    for (n, sample) in samples.iter().enumerate() {
        let prediction = subject.predict(sample);
        if n >= samples.len() / 2 {
            sum += match &prediction {
                Prediction::Classes(_) if prediction.class() == Some(sample.label(subject.task).class()) => 0.0,
                Prediction::Classes(_) => 1.0,
                Prediction::Value(value) => (value - sample.label(subject.task).value()).abs(),
            };
        }
        subject.learn(sample);
    }
    sum / (samples.len() / 2) as f64
}

#[test]
fn models_learn_more_than_the_baselines() {
    let samples = stream::plain(2_000, Missing::None);
    let baselines = |task| {
        let params = model::Params::defaults().into_iter();
        let baselines = params.filter(|p| !is_due(&format!("model/{}", p.name()), "learns") && cases::serves(p, task));
        let errors = baselines
            .map(|p| error(&mut cases::model_case(String::new(), p, task).build(&stream::layout(), 1), &samples));
        errors.fold(f64::INFINITY, f64::min)
    };
    for case in cases::models().iter().filter(|case| is_due(&case.name, "learns")) {
        let mut subject = case.build(&stream::layout(), 1);
        let (own, baseline) = (error(&mut subject, &samples), baselines(subject.task));
        assert!(own < 0.9 * baseline, "{}: error {own:.3}, the best baseline's {baseline:.3}", case.name);
    }
}

#[test]
fn detectors_see_the_jump() {
    for case in cases::detectors() {
        let mut detector = case.build(&stream::layout(), 1);
        let alarms = |samples: &[Sample], detector: &mut _| {
            let turn = |sample: &Sample| Subject::turn(detector, sample)[0] == 2.0;
            samples.iter().map(turn).filter(|drift| *drift).count()
        };
        let samples = stream::plain(4_000, Missing::None);
        let (before, after) = samples.split_at(2_000);
        let (before, after) = (alarms(before, &mut detector), alarms(after, &mut detector));
        if is_due(&case.name, "learns") {
            assert!(after > before, "{}: {before} alarms before the jump, {after} after", case.name);
        }
    }
}
