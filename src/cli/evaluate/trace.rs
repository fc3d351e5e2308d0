//! `--trace`: every prediction as `run` would emit it, with its truth, a line each.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context as _;

use crate::codec::Encoder;
use crate::evaluation::Traced;

/// The file of `--trace`, if any.
pub struct Trace {
    file: Option<BufWriter<File>>,
    encoder: Encoder,
    line: Vec<u8>,
    /// The first write that failed.
    failed: Option<std::io::Error>,
}

impl Trace {
    pub fn create(path: Option<&PathBuf>) -> anyhow::Result<Self> {
        let create = |path: &PathBuf| File::create(path).with_context(|| format!("cannot write {}", path.display()));
        let file = path.map(create).transpose()?.map(BufWriter::new);
        Ok(Self { file, encoder: Encoder::json(), line: Vec::new(), failed: None })
    }

    pub fn write(&mut self, (record, truth): Traced<'_>) {
        let Some(file) = &mut self.file else { return };
        self.line.clear();
        self.encoder.prediction(record, &mut self.line);
        // Into the record, before its closing brace.
        self.line.pop();
        self.line.extend_from_slice(b",\"truth\":");
        let written = serde_json::to_writer(&mut self.line, &truth)
            .map_err(std::io::Error::from)
            .and_then(|()| self.line.write_all(b"}\n"))
            .and_then(|()| file.write_all(&self.line));
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    pub fn close(&mut self) -> anyhow::Result<()> {
        let flushed = self.file.as_mut().map_or(Ok(()), Write::flush);
        self.failed.take().map_or(flushed, Err).context("cannot write the trace")
    }
}
