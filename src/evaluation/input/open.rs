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
    /// An Avro object container.
    Avro,
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

/// The contents of `path`, their compression taken off, and their shape: both by the name's endings, and where it has none, as
/// standard input, by the first bytes.
pub fn open(path: &str, bytes: &Arc<AtomicU64>) -> Result<(Box<dyn BufRead + Send>, Shape), EvaluationError> {
    let failed = |error: io::Error| EvaluationError::read(path, error);
    let raw: Box<dyn Read + Send> =
        if path == "-" { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
    let mut counted = BufReader::new(Counted { inner: raw, bytes: bytes.clone() });
    let (name, ending) = path.rsplit_once('.').unwrap_or((path, ""));
    let packing = match ending {
        "gz" => Some(Packing::Gzip),
        "zst" => Some(Packing::Zstandard),
        _ if path == "-" => Packing::sniff(counted.fill_buf().map_err(failed)?),
        _ => None,
    };
    let plain: Box<dyn Read + Send> = match packing {
        Some(Packing::Gzip) => Box::new(flate2::bufread::MultiGzDecoder::new(counted)),
        Some(Packing::Zstandard) => Box::new(zstd::Decoder::with_buffer(counted).map_err(failed)?),
        None => Box::new(counted),
    };
    let mut contents = BufReader::with_capacity(1 << 16, plain);
    let ending = if matches!(ending, "gz" | "zst") { name.rsplit('.').next().unwrap_or_default() } else { ending };
    let shape = match ending {
        "csv" => Shape::Csv,
        "jsonl" | "ndjson" | "json" => Shape::Jsonl,
        "avro" => Shape::Avro,
        _ => Shape::sniff(contents.fill_buf().map_err(failed)?),
    };
    Ok((Box::new(contents), shape))
}

enum Packing {
    Gzip,
    Zstandard,
}

impl Packing {
    fn sniff(start: &[u8]) -> Option<Self> {
        match start {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstandard),
            _ => None,
        }
    }
}

impl Shape {
    /// `{` begins JSONL; an Avro container has a magic of its own.
    fn sniff(start: &[u8]) -> Self {
        match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
            _ if start.starts_with(b"Obj\x01") => Self::Avro,
            Some(b'{') => Self::Jsonl,
            _ => Self::Csv,
        }
    }
}
