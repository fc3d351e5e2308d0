//! Drift detectors against River's and MOA's, index for index. The fixture names its origin.

use std::collections::BTreeMap;

use driftline::drift::{self, Adwin, Detector, DriftDetector, PageHinkley, Signal, adwin, page_hinkley};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    streams: BTreeMap<String, Bits>,
    gauss: BTreeMap<String, Gauss>,
}

#[derive(Deserialize)]
struct Bits {
    /// A leading 1, then the stream, as one hexadecimal number.
    hex: String,
    detections: BTreeMap<String, Vec<usize>>,
    /// Inclusive runs.
    warnings: BTreeMap<String, Vec<(usize, usize)>>,
    adwin_final: Final,
    adwin_delta: BTreeMap<String, Vec<usize>>,
    moa: BTreeMap<String, Vec<usize>>,
}

#[derive(Deserialize)]
struct Final {
    width: f64,
    total: f64,
    variance: f64,
}

#[derive(Deserialize)]
struct Gauss {
    values: Vec<f64>,
    detections: BTreeMap<String, Vec<usize>>,
}

impl Bits {
    fn values(&self) -> Vec<f64> {
        let bits = self.hex.chars().flat_map(|digit| {
            let digit = digit.to_digit(16).expect("hexadecimal");
            (0..4).rev().map(move |bit| f64::from(digit >> bit & 1))
        });
        bits.skip_while(|&bit| bit == 0.0).skip(1).collect()
    }
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../fixtures/river_drift.json")).expect("fixture")
}

fn signals(detector: &mut impl DriftDetector, values: &[f64], wanted: Signal) -> Vec<usize> {
    let told = values.iter().map(|&value| detector.update(value));
    told.enumerate().filter(|&(_, signal)| signal == wanted).map(|(i, _)| i).collect()
}

#[test]
fn adwin_alarms_and_holds_what_river_does() {
    for (name, stream) in vectors().streams {
        let mut detector = Adwin::new(adwin::Params::default(), ());
        assert_eq!(signals(&mut detector, &stream.values(), Signal::Drift), stream.detections["ADWIN"], "{name}");
        let (window, river) = (detector.window(), stream.adwin_final);
        assert_eq!((window.width() as f64, window.total()), (river.width, river.total), "{name}");
        let deviations = window.variance() * window.width() as f64;
        assert!((deviations - river.variance).abs() < 1e-9 * river.variance, "{name}: {deviations}");
    }
}

#[test]
fn adwin_alarms_as_river_for_other_deltas() {
    for (name, stream) in vectors().streams {
        for (delta, expected) in &stream.adwin_delta {
            let delta = delta.parse().expect("a number");
            let mut detector = Adwin::new(adwin::Params { delta, ..adwin::Params::default() }, ());
            assert_eq!(&signals(&mut detector, &stream.values(), Signal::Drift), expected, "{name}, delta {delta}");
        }
    }
}

/// A detector as a configuration says it.
fn detector(toml: &str) -> Detector {
    toml::from_str::<drift::Params>(toml).expect("parameters").build()
}

#[test]
fn alarms_and_warnings_are_rivers() {
    let detectors = [
        ("DDM", "type = 'ddm'"),
        ("EDDM", "type = 'eddm'"),
        ("FHDDM", "type = 'fhddm'\ndirection = 'down'"),
        ("HDDM_A", "type = 'hddm_a'"),
        ("HDDM_W", "type = 'hddm_w'"),
        ("PageHinkley", "type = 'page_hinkley'"),
    ];
    for (name, stream) in vectors().streams {
        for (river, ours) in detectors {
            let alarms = signals(&mut detector(ours), &stream.values(), Signal::Drift);
            assert_eq!(alarms, stream.detections[river], "{river} on {name}");
            let Some(runs) = stream.warnings.get(river) else { continue };
            // River's EDDM lets a warning stand beside its alarm.
            let expected: Vec<usize> =
                runs.iter().flat_map(|&(from, to)| from..=to).filter(|at| !alarms.contains(at)).collect();
            let warnings = signals(&mut detector(ours), &stream.values(), Signal::Warning);
            assert_eq!(warnings, expected, "warnings of {river} on {name}");
        }
    }
}

#[test]
fn alarms_are_moas() {
    let detectors = [
        ("ADWIN", "type = 'adwin'\nrestart = false"),
        ("DDM", "type = 'ddm'"),
        ("EDDM", "type = 'eddm'\nsample_deviation = false"),
        ("HDDMAverage", "type = 'hddm_a'"),
        ("HDDMWeighted", "type = 'hddm_w'\nfirst_narrows = false\non_fall = 'restart'"),
        ("PageHinkley", "type = 'page_hinkley'\nfrom_extreme = false\ndirection = 'up'"),
    ];
    for (name, stream) in vectors().streams {
        for (moa, ours) in detectors {
            let alarms = signals(&mut detector(ours), &stream.values(), Signal::Drift);
            assert_eq!(alarms, stream.moa[moa], "{moa} on {name}");
        }
    }
}

#[test]
fn real_valued_signals_alarm_as_river() {
    for (name, stream) in vectors().gauss {
        let mut adwin = Adwin::new(adwin::Params::default(), ());
        assert_eq!(signals(&mut adwin, &stream.values, Signal::Drift), stream.detections["ADWIN"], "{name}");
        let mut page_hinkley = PageHinkley::new(page_hinkley::Params::default(), ());
        let told = signals(&mut page_hinkley, &stream.values, Signal::Drift);
        assert_eq!(told, stream.detections["PageHinkley"], "{name}");
    }
}
