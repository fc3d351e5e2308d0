//! A learner that was stopped anywhere, written, read and taken up again equals one that never stopped, bit for bit.

use driftline::checkpoint::digest;
use driftline::learner::Learner;
use proptest::prelude::*;
use proptest::sample::Index;

use super::support::{deeds, play, run, specs};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn resuming_equals_never_stopping(
        spec in specs(), deeds in deeds(), cuts in proptest::collection::vec(any::<Index>(), 1..4)
    ) {
        let events = play(&deeds, &spec);
        let mut whole = Learner::new(&spec);
        let steps = run(&mut whole, &events);

        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(events.len())).collect();
        cuts.sort_unstable();
        cuts.push(events.len());
        let (mut learner, mut resumed, mut from) = (Learner::new(&spec), Vec::new(), 0);
        for to in cuts {
            resumed.extend(run(&mut learner, &events[from..to]));
            let bytes = rmp_serde::to_vec_named(&learner).unwrap();
            learner = rmp_serde::from_slice(&bytes).unwrap();
            from = to;
        }
        prop_assert_eq!(&resumed, &steps);
        prop_assert_eq!(digest(&learner), digest(&whole));
    }

    #[test]
    fn a_rejected_event_leaves_no_trace(spec in specs(), deeds in deeds()) {
        let events = play(&deeds, &spec);
        let mut with = Learner::new(&spec);
        let steps = run(&mut with, &events);
        let good: Vec<_> = events.iter().zip(&steps).filter(|(_, step)| step.is_some()).map(|(e, _)| e.clone()).collect();
        let mut without = Learner::new(&spec);
        let same = run(&mut without, &good);
        prop_assert_eq!(same, steps.into_iter().filter(Option::is_some).collect::<Vec<_>>());
        prop_assert_eq!(digest(&with), digest(&without));
    }

    #[test]
    fn everything_that_is_emitted_is_finite_and_every_alert_has_its_own_name(spec in specs(), deeds in deeds()) {
        let events = play(&deeds, &spec);
        let mut ids = std::collections::BTreeSet::new();
        for step in run(&mut Learner::new(&spec), &events).into_iter().flatten() {
            if let Some(prediction) = step.prediction {
                prop_assert!(prediction.value.unwrap_or(0.0).is_finite());
                prop_assert!(prediction.probabilities.iter().all(|(_, p)| p.is_finite()));
            }
            for alert in step.alerts {
                prop_assert!(ids.insert(alert.id.clone()), "{} twice", alert.id);
                prop_assert!(alert.before.mean.is_finite() && alert.after.mean.is_finite(), "{alert:?}");
            }
        }
    }
}
