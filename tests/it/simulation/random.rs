//! Faults at random: many seeds, each a scenario with up to six faults. `DRIFTLINE_SEED=n` runs one of them.

use driftline::rng::Rng;
use driftline::stream::Delivery;
use driftline::stream::memory::Fault;

use super::oracle::{check, summary};
use super::world::{Scenario, run};

const SEEDS: u64 = 2_000;

fn scenario(rng: &mut Rng) -> Scenario {
    let (members, partitions) = (1 + rng.below(2), 1 + rng.below(3) as i32);
    let records = 6 + rng.below(14) as i64;
    let delivery = [Delivery::ExactlyOnce, Delivery::AtLeastOnce][rng.below(2)];
    let (later, fetch, pace) = (rng.below(2) == 1, 1 + rng.below(6), 1 + rng.below(12));
    Scenario { members, partitions, records, delivery, later, fetch, pace, ..Scenario::default() }
}

fn faults(rng: &mut Rng, points: u64) -> Vec<(u64, Fault)> {
    let fault = |rng: &mut Rng| (1 + rng.below(points as usize + 40) as u64, Fault::ALL[rng.below(Fault::ALL.len())]);
    (0..1 + rng.below(6)).map(|_| fault(rng)).collect()
}

#[test]
fn any_faults() {
    let mut failures = Vec::new();
    let only: Option<u64> = std::env::var("DRIFTLINE_SEED").ok().map(|seed| seed.parse().unwrap());
    for seed in only.map_or(0..SEEDS, |seed| seed..seed + 1) {
        let mut rng = Rng::new(seed, "simulation");
        let scenario = scenario(&mut rng);
        let calm = run(&Scenario { members: 1, ..scenario.clone() }).unwrap();
        let faulty = Scenario { faults: faults(&mut rng, calm.points), ..scenario };
        if let Err(what) = check(&faulty, &calm) {
            failures.push((format!("seed {seed}, {:?} {faulty:?}", faulty.delivery), what));
        }
    }
    assert!(failures.is_empty(), "{}", summary(&failures));
}
