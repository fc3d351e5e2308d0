//! The registry's client against a stub: outages heal, a definite no is believed after a while, nothing secret shows.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use driftline::codec::{CodecError, Decoder, Encoder, OutputNames, Patience, Registry, schemas};
use driftline::event::{Event, Kind};
use driftline::facts::Reason;

use super::avro::input;

const SCHEMA: &str = r#"{"type":"record","name":"R","fields":[{"name":"x","type":"int"}]}"#;
const UNKNOWN: &str = r#"{"error_code":40403,"message":"Schema not found"}"#;

/// Answers by `METHOD /path`; else that there is no such schema. Keeps what it was asked.
pub struct Stub {
    address: SocketAddr,
    answers: Arc<Mutex<BTreeMap<String, (u16, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (answers, asked, stop) = (Arc::default(), Arc::default(), Arc::<AtomicBool>::default());
        let thread = {
            let (answers, asked, stop) = (Arc::clone(&answers), Arc::clone(&asked), Arc::clone(&stop));
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    // A peer that has gone is no matter.
                    let _ = serve(stream.unwrap(), &answers, &asked);
                }
            })
        };
        Self { address, answers, asked, stop, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn answer(&self, request: &str, status: u16, body: impl Into<String>) {
        self.answers.lock().unwrap().insert(request.to_owned(), (status, body.into()));
    }

    fn schema(&self, id: u32, body: &serde_json::Value) {
        self.answer(&format!("GET /schemas/ids/{id}"), 200, body.to_string());
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

fn serve(
    mut stream: TcpStream,
    answers: &Mutex<BTreeMap<String, (u16, String)>>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let request = head.split(" HTTP/").next().unwrap_or_default().to_owned();
    asked.lock().unwrap().push(format!("{head}{}", String::from_utf8_lossy(&body)));
    let (status, body) = answers.lock().unwrap().get(&request).cloned().unwrap_or((404, UNKNOWN.to_owned()));
    write!(stream, "HTTP/1.1 {status} .\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

const BRIEF: Patience = Patience { unknown_after: Duration::from_millis(200), ask_again: Duration::from_millis(20) };

fn decoder(registry: &Arc<Registry>) -> (Decoder, Event) {
    let input = input(&[("x", Kind::Number)]);
    (Decoder::new(&input, Some(registry)).unwrap(), Event::empty(&input.layout()))
}

/// The datum `x = 21` of schema `id`.
fn framed(id: u32) -> Vec<u8> {
    [&[0], &id.to_be_bytes()[..], &[42]].concat()
}

/// Decodes as a worker does, until it is no longer transient; also the words of the last transient answer.
fn settle(registry: &Arc<Registry>, id: u32) -> (Result<f64, CodecError>, String) {
    let (mut decoder, mut event) = decoder(registry);
    let mut cause = String::new();
    let settled = until_settled(|| {
        let result = decoder.decode(0, 0, 0, Some(&framed(id)), &mut event);
        if let Err(why @ CodecError::Transient { .. }) = &result {
            cause = why.to_string();
        }
        result
    });
    (settled.map(|_| event.features.numbers[0]), cause)
}

/// Tries again while the error is transient, at most ten seconds.
pub fn until_settled<T>(mut attempt: impl FnMut() -> Result<T, CodecError>) -> Result<T, CodecError> {
    let begun = Instant::now();
    loop {
        let asked = Instant::now();
        let result = attempt();
        assert!(asked.elapsed() < Duration::from_secs(1), "a decoder never waits");
        match result {
            Err(CodecError::Transient { .. }) if begun.elapsed() < Duration::from_secs(10) => {}
            settled => return settled,
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_schema_is_asked_for_once_and_kept() {
    let stub = Stub::start();
    stub.schema(7, &serde_json::json!({ "schema": SCHEMA }));
    let registry = Arc::new(Registry::new(&stub.url()).unwrap());
    for _ in 0..3 {
        assert_eq!(settle(&registry, 7).0, Ok(21.0));
    }
    assert_eq!(stub.asked().len(), 1);
}

#[test]
fn an_outage_is_waited_for() {
    let stub = Stub::start();
    stub.answer("GET /schemas/ids/7", 503, "busy");
    let registry = Arc::new(Registry::with(&stub.url(), None, BRIEF).unwrap());
    let (mut decoder, mut event) = decoder(&registry);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(400) {
        let result = decoder.decode(0, 0, 0, Some(&framed(7)), &mut event);
        assert!(matches!(result, Err(CodecError::Transient { .. })), "{result:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    let answers = Arc::clone(&stub.answers);
    let heal = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        let schema = serde_json::json!({ "schema": SCHEMA }).to_string();
        answers.lock().unwrap().insert("GET /schemas/ids/7".to_owned(), (200, schema));
    });
    let (settled, cause) = settle(&registry, 7);
    heal.join().unwrap();
    assert_eq!(settled, Ok(21.0));
    assert!(cause.contains("HTTP 503"), "{cause}");
}

#[test]
fn a_registry_that_is_not_there_is_transient() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let registry = Arc::new(Registry::with(&format!("http://me:s3cret@{address}"), None, BRIEF).unwrap());
    let (mut decoder, mut event) = decoder(&registry);
    let mut last = String::new();
    for _ in 0..50 {
        let result = decoder.decode(0, 0, 0, Some(&framed(7)), &mut event);
        let Err(why @ CodecError::Transient { .. }) = result else { panic!("{result:?}") };
        last = why.to_string();
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(last.contains("refused") && !last.contains("s3cret"), "{last}");
    assert!(matches!(registry.ping(), Err(CodecError::Transient { .. })));
    assert!(!format!("{registry:?}").contains("s3cret"));
}

#[test]
fn a_definite_no_is_believed_after_a_while_and_not_for_ever() {
    let stub = Stub::start();
    let registry = Arc::new(Registry::with(&stub.url(), None, BRIEF).unwrap());
    let begun = Instant::now();
    let Err(CodecError::Rejected(rejection)) = settle(&registry, 9).0 else { panic!("rejected") };
    assert_eq!(rejection.reason, Reason::UnknownSchema);
    assert!(rejection.error.contains("has no schema 9"), "{rejection}");
    assert!(begun.elapsed() >= BRIEF.unknown_after);
    stub.schema(9, &serde_json::json!({ "schema": SCHEMA }));
    let (mut decoder, mut event) = decoder(&registry);
    let begun = Instant::now();
    while decoder.decode(0, 0, 0, Some(&framed(9)), &mut event).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "asked again");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_is_not_an_answer_about_the_schema_is_transient() {
    let stub = Stub::start();
    let registry = Arc::new(Registry::with(&stub.url(), None, BRIEF).unwrap());
    let (mut decoder, mut event) = decoder(&registry);
    for (status, body) in [(404, "<html>"), (401, ""), (500, UNKNOWN), (200, "{}"), (200, "not JSON")] {
        stub.answer("GET /schemas/ids/9", status, body);
        for _ in 0..60 {
            let result = decoder.decode(0, 0, 0, Some(&framed(9)), &mut event);
            assert!(matches!(result, Err(CodecError::Transient { .. })), "{status} {body}: {result:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_schema_that_is_not_avros_or_of_no_record_rejects() {
    let stub = Stub::start();
    stub.schema(1, &serde_json::json!({ "schema": "{}", "schemaType": "PROTOBUF" }));
    stub.schema(2, &serde_json::json!({ "schema": "\"int\"" }));
    let registry = Arc::new(Registry::with(&stub.url(), None, BRIEF).unwrap());
    for id in [1, 2] {
        let Err(CodecError::Rejected(rejection)) = settle(&registry, id).0 else { panic!("rejected") };
        assert_eq!(rejection.reason, Reason::UnknownSchema, "{rejection}");
    }
}

#[test]
fn schemas_that_refer_to_others() {
    let stub = Stub::start();
    let main = r#"{"type":"record","name":"R","fields":[{"name":"p","type":"shop.P"},{"name":"x","type":"shop.X"}]}"#;
    let reference = |name: &str| serde_json::json!({ "name": name, "subject": name, "version": 3 });
    stub.schema(5, &serde_json::json!({ "schema": main, "references": [reference("shop.P"), reference("shop.X")] }));
    let x = r#"{"type":"enum","name":"X","namespace":"shop","symbols":["A","B"]}"#;
    let p = r#"{"type":"record","name":"P","namespace":"shop","fields":[{"name":"x","type":"X"}]}"#;
    let version = |schema: &str, references: Vec<serde_json::Value>| {
        serde_json::json!({ "subject": "s", "version": 3, "id": 1, "schema": schema, "references": references })
            .to_string()
    };
    stub.answer("GET /subjects/shop.X/versions/3", 200, version(x, vec![]));
    stub.answer("GET /subjects/shop.P/versions/3", 200, version(p, vec![reference("shop.X")]));
    let registry = Arc::new(Registry::with(&stub.url(), None, BRIEF).unwrap());
    let input = input(&[("x", Kind::Category), ("p.x", Kind::Category)]);
    let mut decoder = Decoder::new(&input, Some(&registry)).unwrap();
    let mut event = Event::empty(&input.layout());
    let begun = Instant::now();
    while let Err(why) = decoder.decode(0, 0, 0, Some(&[0, 0, 0, 0, 5, 0, 2]), &mut event) {
        assert!(begun.elapsed() < Duration::from_secs(10), "{why}");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(event.features.categories, [Some("A".into()), Some("B".into())]);
}

#[test]
fn outputs_are_registered_on_request_or_must_be_there() {
    let stub = Stub::start();
    let address = stub.url().replace("http://", "http://me:pass%20word@");
    let registry = Registry::new(&address).unwrap();
    let topics = OutputNames { predictions: Some("p"), alerts: None, evaluations: Some("e") };
    let Err(why @ CodecError::Invalid { .. }) = Encoder::avro_registered(&registry, topics, false) else { panic!() };
    assert!(why.to_string().contains("outputs.register = true"), "{why}");
    stub.answer("POST /subjects/p-value/versions", 200, r#"{"id":258}"#);
    stub.answer("POST /subjects/e-value/versions", 503, "{}");
    assert!(matches!(Encoder::avro_registered(&registry, topics, true), Err(CodecError::Transient { .. })));
    stub.answer("POST /subjects/e-value/versions", 200, r#"{"id":3}"#);
    let encoder = Encoder::avro_registered(&registry, topics, true).unwrap();
    let mut out = Vec::new();
    encoder.prediction(&super::outputs::predictions()[0], &mut out);
    assert_eq!(out[..5], [0, 0, 0, 1, 2]);
    let asked = stub.asked();
    let (head, body) = asked[1].split_once("\r\n\r\n").unwrap();
    assert!(head.to_ascii_lowercase().contains("authorization: basic bwu6cgfzcyb3b3jk"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["schema"], schemas::PREDICTION);
}
