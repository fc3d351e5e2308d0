//! The records of one or more files, one after the other, in constant memory.

use std::collections::VecDeque;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::ByteRecord;

use super::avro::{Container, Datum};
use super::cells::Cells;
use super::open::{Shape, open};
use crate::codec::Input;
use crate::evaluation::EvaluationError;

/// A record as its file has it; [`Documents`] makes JSON of it.
#[derive(Clone, Debug)]
pub enum Raw {
    Row(ByteRecord),
    Line(Vec<u8>),
    Datum(Datum),
}

enum Body {
    Csv(csv::Reader<Box<dyn BufRead + Send>>),
    Jsonl(Box<dyn BufRead + Send>),
    Avro(Box<Container>),
}

/// Reads the records of files in turn.
pub struct Records {
    path: String,
    body: Body,
    /// The columns of CSV; empty for JSONL and Avro, whose records name their fields themselves.
    header: Vec<String>,
    later: VecDeque<String>,
    looked: VecDeque<Raw>,
    bytes: Arc<AtomicU64>,
    /// Of all files as they lie on disk; `None` where one is a stream.
    size: Option<u64>,
}

impl Records {
    /// Opens the first of `paths`; `-` is standard input, `.gz` and `.zst` are compressed.
    pub fn open(paths: &[String]) -> Result<Self, EvaluationError> {
        let mut later: VecDeque<String> = paths.iter().cloned().collect();
        let path = later.pop_front().unwrap_or_else(|| "-".to_owned());
        let length = |path: &String| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|m| m.len());
        let bytes = Arc::new(AtomicU64::new(0));
        let (body, header) = begin(&path, &bytes)?;
        let size = paths.iter().map(length).sum();
        Ok(Self { path, body, header, later, looked: VecDeque::new(), bytes, size })
    }

    /// Reads up to `most` records ahead, to be handed out again by [`Records::read`].
    pub fn look(&mut self, most: usize) -> Result<&VecDeque<Raw>, EvaluationError> {
        while self.looked.len() < most {
            match self.raw()? {
                Some(raw) => self.looked.push_back(raw),
                None => break,
            }
        }
        if self.looked.is_empty() { Err(EvaluationError::Empty { path: self.path.clone() }) } else { Ok(&self.looked) }
    }

    /// The columns of CSV; empty for JSONL and Avro.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// What makes JSON of these records for `input`.
    pub fn documents(&self, input: &Input) -> Documents {
        Documents { cells: Cells::new(&self.header, input), time: input.time.clone() }
    }

    /// The next record, if any. Lines without anything are passed over.
    pub fn read(&mut self) -> Result<Option<Raw>, EvaluationError> {
        match self.looked.pop_front() {
            Some(raw) => Ok(Some(raw)),
            None => self.raw(),
        }
    }

    /// Bytes read so far, and all there are, where that is known; of the files as they lie on disk.
    pub fn progress(&self) -> (u64, Option<u64>) {
        (self.bytes.load(Ordering::Relaxed), self.size)
    }

    fn raw(&mut self) -> Result<Option<Raw>, EvaluationError> {
        loop {
            if let Some(raw) = self.body.raw().map_err(|cause| EvaluationError::read(&self.path, cause))? {
                return Ok(Some(raw));
            }
            let Some(path) = self.later.pop_front() else { return Ok(None) };
            let (body, header) = begin(&path, &self.bytes)?;
            if header != self.header {
                let (found, expected) = (header.join(", "), self.header.join(", "));
                return Err(EvaluationError::Header { path, found, expected });
            }
            (self.path, self.body) = (path, body);
        }
    }
}

/// Makes the JSON documents that a topic would hold of records, for one [`Input`].
#[derive(Clone, Debug)]
pub struct Documents {
    cells: Cells,
    time: Option<String>,
}

impl Documents {
    /// Puts the record into `out`, which is cleared.
    pub fn write(&self, raw: &Raw, out: &mut Vec<u8>) {
        out.clear();
        match raw {
            Raw::Row(row) => self.cells.write(row, out),
            Raw::Line(line) => out.extend_from_slice(line),
            Raw::Datum(datum) => datum.write(self.time.as_deref(), out),
        }
    }
}

fn begin(path: &str, bytes: &Arc<AtomicU64>) -> Result<(Body, Vec<String>), EvaluationError> {
    let (contents, shape) = open(path, bytes)?;
    match shape {
        Shape::Jsonl => return Ok((Body::Jsonl(contents), Vec::new())),
        Shape::Avro => {
            let container = Container::open(contents).map_err(|cause| EvaluationError::read(path, cause))?;
            return Ok((Body::Avro(Box::new(container)), Vec::new()));
        }
        Shape::Csv => {}
    }
    let mut reader = csv::Reader::from_reader(contents);
    let header = reader.byte_headers().map_err(|cause| EvaluationError::read(path, cause))?;
    let name = |cell: &[u8]| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').trim().to_owned();
    let header = header.iter().map(name).collect();
    Ok((Body::Csv(reader), header))
}

impl Body {
    fn raw(&mut self) -> Result<Option<Raw>, Box<dyn std::error::Error>> {
        match self {
            Self::Csv(reader) => {
                let mut row = ByteRecord::new();
                Ok(reader.read_byte_record(&mut row)?.then_some(Raw::Row(row)))
            }
            Self::Jsonl(lines) => loop {
                let mut line = Vec::new();
                if lines.read_until(b'\n', &mut line)? == 0 {
                    return Ok(None);
                }
                let length = line.trim_ascii_end().len();
                line.truncate(length);
                if length > 0 {
                    return Ok(Some(Raw::Line(line)));
                }
            },
            Self::Avro(container) => Ok(container.next()?.map(Raw::Datum)),
        }
    }
}
