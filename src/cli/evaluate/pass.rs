//! One pass over the data for all pipelines: what is read once goes to each, on one thread or on many, with the same bits.

use std::collections::VecDeque;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Args;
use super::process::{self, Bar};
use super::reader::{Batch, Reader};
use super::setup::Pipeline;
use super::trace::Trace;
use crate::checkpoint;
use crate::evaluation::{Keep, Memory, Profile, Records, Report, Speed, Validation};
use crate::learner::Place;
use crate::spread;

/// All pipelines on their way through the files.
pub struct Pass {
    runners: Vec<Runner>,
    reader: Reader,
    threads: usize,
    started: Instant,
}

/// One pipeline on its way.
struct Runner {
    name: String,
    feed: usize,
    validation: Validation,
    trace: Trace,
    events: u64,
    /// Time in the learner alone.
    learning: Duration,
}

impl Pass {
    pub fn new(args: &Args, records: Records, pipelines: &[Pipeline], window: usize) -> anyhow::Result<Self> {
        let mut reader = Reader::new(records, args.limit);
        let mut runners = Vec::new();
        for pipeline in pipelines {
            let (spec, input) = (pipeline.config.spec(), &pipeline.config.input);
            let place = Place { topic: Arc::from(input.topic.as_str()), partition: 0, fingerprint: spec.fingerprint() };
            let keep = Keep { trace: args.trace.is_some(), detail: args.report.is_some() };
            runners.push(Runner {
                name: pipeline.name.clone(),
                feed: reader.feed(&pipeline.config, args.report.is_some())?,
                validation: Validation::new(&spec, place, args.delay, window, keep),
                trace: Trace::create(args.trace.as_ref())?,
                events: 0,
                learning: Duration::ZERO,
            });
        }
        Ok(Self { runners, reader, threads: args.threads.into(), started: Instant::now() })
    }

    /// Through the files, to a report of each pipeline.
    pub fn run(&mut self) -> anyhow::Result<Vec<Report>> {
        let bar = Bar::new();
        let done = match (self.threads, self.runners.len()) {
            (threads, 1) => spread::over(threads, || self.in_turn(&bar))?,
            (1, _) => self.in_turn(&bar),
            _ => self.at_once(&bar),
        };
        bar.clear();
        done?;
        let (rows, threads, took) = (self.reader.rows, self.threads, self.started.elapsed());
        self.runners.iter_mut().map(|runner| runner.finish(rows, threads, took)).collect()
    }

    /// What the features are like, as the first pipeline reads them, where a page wants it.
    pub fn profile(&self) -> Option<&Profile> {
        self.reader.profile(self.runners.first()?.feed)
    }

    fn in_turn(&mut self, bar: &Bar) -> anyhow::Result<()> {
        let mut batch = self.reader.batch();
        while self.reader.fill(&mut batch)? {
            self.runners.iter_mut().for_each(|runner| runner.take(&batch));
            bar.tick(self.reader.progress(), self.reader.rows);
        }
        Ok(())
    }

    /// A thread for each pipeline, of which only so many learn at once.
    fn at_once(&mut self, bar: &Bar) -> anyhow::Result<()> {
        let (reader, gate) = (&mut self.reader, Gate::new(self.threads));
        thread::scope(|scope| {
            let mut queues = Vec::new();
            for runner in &mut self.runners {
                let (send, receive) = sync_channel::<Arc<Batch>>(1);
                let gate = &gate;
                scope.spawn(move || {
                    for batch in receive {
                        let _turn = gate.turn();
                        runner.take(&batch);
                    }
                });
                queues.push(send);
            }
            let mut used = VecDeque::new();
            loop {
                let mut batch = free(&mut used).unwrap_or_else(|| reader.batch());
                if !reader.fill(&mut batch)? {
                    return Ok(());
                }
                let batch = Arc::new(batch);
                // A queue is closed only by a panic, which the scope passes on.
                queues.iter().for_each(|queue| drop(queue.send(batch.clone())));
                used.push_back(batch);
                bar.tick(reader.progress(), reader.rows);
            }
        })
    }
}

/// The oldest batch, where everybody is through with it.
fn free(used: &mut VecDeque<Arc<Batch>>) -> Option<Batch> {
    let oldest = used.pop_front()?;
    Arc::try_unwrap(oldest).map_err(|oldest| used.push_front(oldest)).ok()
}

/// Lets so many through at once.
struct Gate {
    places: Mutex<usize>,
    left: Condvar,
}

impl Gate {
    fn new(places: usize) -> Self {
        Self { places: Mutex::new(places), left: Condvar::new() }
    }

    /// Waits for a place, which is free again when the turn ends, however it ends.
    fn turn(&self) -> Turn<'_> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let mut places = self.left.wait_while(places, |places| *places == 0).unwrap_or_else(PoisonError::into_inner);
        *places -= 1;
        Turn(self)
    }
}

struct Turn<'a>(&'a Gate);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.places.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.left.notify_one();
    }
}

impl Runner {
    fn take(&mut self, batch: &Batch) {
        let chunk = batch.chunk(self.feed);
        for (offset, rejection) in &chunk.rejected {
            self.validation.reject(*offset, rejection);
        }
        let mut events = chunk.events();
        self.events += events.len() as u64;
        while !events.is_empty() {
            let taken = self.timed(|validation| validation.learn(events));
            events = &events[taken..];
        }
    }

    /// Times what the learner does, then looks at it.
    fn timed<T>(&mut self, learn: impl FnOnce(&mut Validation) -> T) -> T {
        let start = Instant::now();
        let done = learn(&mut self.validation);
        self.learning += start.elapsed();
        self.validation.observe(&mut |traced| self.trace.write(traced));
        done
    }

    fn finish(&mut self, rows: u64, threads: usize, took: Duration) -> anyhow::Result<Report> {
        while self.timed(Validation::learn_late) {}
        self.validation.finish(&mut |traced| self.trace.write(traced));
        self.trace.close()?;
        for rejection in self.validation.rejections() {
            eprintln!("{}: {rejection}", self.name);
        }
        let rate = |elapsed: Duration| self.events as f64 / elapsed.as_secs_f64().max(1e-9);
        let speed = Speed {
            events_per_second: rate(self.learning),
            end_to_end_events_per_second: rate(took),
            cpu_seconds: process::cpu_seconds(),
            threads,
        };
        let learner = &self.validation.learner;
        let memory = Memory {
            model_bytes: learner.model_bytes(),
            learner_bytes: rmp_serde::to_vec_named(learner)?.len(),
            peak_rss_bytes: process::peak_rss_bytes(),
        };
        let digest = checkpoint::digest(learner).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Report::new(self.name.clone(), &self.validation, rows, speed, memory, digest))
    }
}
