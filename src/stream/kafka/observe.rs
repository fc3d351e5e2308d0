//! The helper thread that observes partitions to be restored, so that the running lanes go on meanwhile.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::errors;
use super::group::held;
use super::reader::Reader;
use super::settings::Settings;
use crate::stream::{Observed, StreamError};

/// How often the ends of running partitions are looked up, for the lag that is shown.
const LOOK: Duration = Duration::from_secs(3);

type Answer = Result<Observed, (i32, StreamError)>;

/// A partition and the number of the question about it.
type Question = (i32, u64);

/// Asks the helper thread. Dropping it ends the thread.
pub(super) struct Observer {
    questions: Sender<Question>,
    answers: Receiver<(Question, Answer)>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    /// The newest question per partition; an older one's answer is void.
    asked: BTreeMap<i32, u64>,
    number: u64,
    /// Running partitions and their ends as last seen.
    ends: BTreeMap<i32, Option<i64>>,
    closed: bool,
}

impl Observer {
    pub(super) fn open(settings: &Settings) -> Result<Self, StreamError> {
        let reader = Reader::open(settings)?;
        let (questions, inbox) = channel();
        let (outbox, answers) = channel();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let theirs = shared.clone();
        std::thread::Builder::new()
            .name("driftline-observe".to_owned())
            .spawn(move || serve(&reader, &inbox, &outbox, &theirs))
            .map_err(|error| errors::unavailable("starting the thread that observes", error))?;
        Ok(Self { questions, answers, shared })
    }

    pub(super) fn ask(&self, partition: i32) {
        let number = {
            let mut shared = held(&self.shared);
            shared.number += 1;
            let number = shared.number;
            shared.asked.insert(partition, number);
            number
        };
        // A thread that is gone shows in `answer`.
        let _ = self.questions.send((partition, number));
    }

    pub(super) fn answer(&mut self) -> Option<Answer> {
        loop {
            match self.answers.try_recv() {
                Ok(((partition, number), answer)) => {
                    let mut shared = held(&self.shared);
                    if shared.asked.get(&partition) == Some(&number) {
                        shared.asked.remove(&partition);
                        return Some(answer);
                    }
                }
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => {
                    let (partition, _) = held(&self.shared).asked.pop_first()?;
                    return Some(Err((partition, errors::unavailable("observing", "its thread has ended"))));
                }
            }
        }
    }

    pub(super) fn watch(&self, partition: i32) {
        held(&self.shared).ends.entry(partition).or_default();
    }

    pub(super) fn forget(&self, partition: i32) {
        let mut shared = held(&self.shared);
        shared.asked.remove(&partition);
        shared.ends.remove(&partition);
    }

    pub(super) fn high(&self, partition: i32) -> Option<i64> {
        held(&self.shared).ends.get(&partition).copied().flatten()
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        let mut shared = held(&self.shared);
        shared.closed = true;
        shared.asked.clear();
    }
}

fn serve(reader: &Reader, inbox: &Receiver<Question>, outbox: &Sender<(Question, Answer)>, shared: &Mutex<Shared>) {
    loop {
        match inbox.recv_timeout(LOOK) {
            Ok(question @ (partition, number)) => {
                let wanted = || held(shared).asked.get(&partition) == Some(&number);
                if !wanted() {
                    continue;
                }
                let answer = reader.observe_while(partition, &wanted).map_err(|error| (partition, error));
                if let Ok(observed) = &answer {
                    keep_end(shared, partition, observed.high);
                }
                if outbox.send((question, answer)).is_err() {
                    return;
                }
            }
            Err(RecvTimeoutError::Timeout) => look(reader, shared),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn look(reader: &Reader, shared: &Mutex<Shared>) {
    let running: Vec<i32> = held(shared).ends.keys().copied().collect();
    for partition in running {
        if held(shared).closed {
            return;
        }
        if let Some(high) = reader.high(partition) {
            keep_end(shared, partition, high);
        }
    }
}

fn keep_end(shared: &Mutex<Shared>, partition: i32, high: i64) {
    if let Some(end) = held(shared).ends.get_mut(&partition) {
        *end = Some(high);
    }
}
