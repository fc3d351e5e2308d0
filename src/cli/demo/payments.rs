//! The demo's stream of card payments, into the input topic at a steady pace.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json};

use crate::evaluation::streams::{self, Schedule, Stream, Value};
use crate::stream::StreamError;
use crate::stream::kafka::{Sender, Settings};
use crate::worker::Shutdown;

pub struct Payments {
    stream: Option<Stream>,
    columns: Vec<String>,
    events: u64,
}

impl Payments {
    /// `events` payments; fraudsters change their ways after a third and after two thirds.
    pub fn new(seed: u64, events: u64) -> Self {
        let schedule = Schedule { at: vec![events / 3, events * 2 / 3], width: 0 };
        let stream = streams::build("fraud", seed, schedule);
        Self { columns: stream.as_ref().map(Stream::columns).unwrap_or_default(), stream, events }
    }

    /// The next payment: its id and its JSON record.
    fn next(&mut self) -> (String, Vec<u8>) {
        let mut fields = Vec::new();
        if let Some(stream) = &mut self.stream {
            stream.sample(&mut fields);
        }
        let id = fields.iter().find_map(|field| if let Value::Id(id) = field { Some(id.clone()) } else { None });
        let record: Map<String, Json> = self.columns.iter().cloned().zip(fields.into_iter().map(json)).collect();
        (id.unwrap_or_default(), Json::Object(record).to_string().into_bytes())
    }

    /// Sends all of them, `speed` a second, never more than `ahead` before their predictions.
    pub fn send(
        mut self,
        settings: &Settings,
        speed: u32,
        predicted: &AtomicU64,
        ahead: u64,
        shutdown: &Shutdown,
    ) -> Result<(), StreamError> {
        let sender = Sender::open(settings, &settings.input)?;
        let started = Instant::now();
        for sent in 0..self.events {
            let due = Duration::from_secs_f64(sent as f64 / f64::from(speed));
            while started.elapsed() < due || sent >= predicted.load(Ordering::SeqCst) + ahead {
                if shutdown.asked() {
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            let (id, record) = self.next();
            sender.send(0, Some(id.as_bytes()), &record)?;
        }
        sender.flush()
    }
}

fn json(value: Value) -> Json {
    match value {
        Value::Number(number) => number.into(),
        Value::Integer(number) => number.into(),
        Value::Bool(truth) => truth.into(),
        Value::Text(text) => text.into(),
        Value::Id(id) => id.into(),
    }
}
