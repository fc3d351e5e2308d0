//! Opens a file, or standard input for `-`, and takes off its compression.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::evaluation::EvaluationError;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Csv,
    Jsonl,
}

/// Counts what is read of a file as it lies on disk.
struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.bytes.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// The contents of `path` and their shape: by the name's ending, else by the first character, `{` being JSONL.
pub fn open(path: &str, bytes: &Arc<AtomicU64>) -> Result<(Box<dyn BufRead>, Shape), EvaluationError> {
    let failed = |error: io::Error| EvaluationError::read(path, error);
    let raw: Box<dyn Read> =
        if path == "-" { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
    let counted = BufReader::new(Counted { inner: raw, bytes: bytes.clone() });
    let (plain, name): (Box<dyn Read>, &str) = if let Some(name) = path.strip_suffix(".gz") {
        (Box::new(flate2::bufread::MultiGzDecoder::new(counted)), name)
    } else if let Some(name) = path.strip_suffix(".zst") {
        (Box::new(zstd::Decoder::with_buffer(counted).map_err(failed)?), name)
    } else {
        (Box::new(counted), path)
    };
    let mut contents = BufReader::with_capacity(1 << 16, plain);
    let shape = match name.rsplit('.').next() {
        Some("csv") => Shape::Csv,
        Some("jsonl" | "ndjson" | "json") => Shape::Jsonl,
        _ => sniff(contents.fill_buf().map_err(failed)?),
    };
    Ok((Box::new(contents), shape))
}

fn sniff(start: &[u8]) -> Shape {
    match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Shape::Jsonl,
        _ => Shape::Csv,
    }
}
