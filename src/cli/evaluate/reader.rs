//! Reading for many pipelines at once: each record is read once, and decoded once for each way of reading that differs.

use crate::codec::{CodecError, Decoded, Decoder, Format, Input};
use crate::config::Config;
use crate::evaluation::{Documents, Profile, Records};
use crate::event::Event;
use crate::facts::Rejection;

/// Records that are parsed before learners run over them, timed.
const BATCH: usize = 1_024;

/// The next events, for each way of reading.
pub struct Batch(Vec<Chunk>);

/// The events of one way of reading, and the records that are none.
pub struct Chunk {
    events: Vec<Event>,
    filled: usize,
    pub rejected: Vec<(i64, Rejection)>,
}

impl Chunk {
    pub fn events(&self) -> &[Event] {
        &self.events[..self.filled]
    }
}

impl Batch {
    pub fn chunk(&self, feed: usize) -> &Chunk {
        &self.0[feed]
    }
}

/// A way of reading.
struct Feed {
    input: Input,
    documents: Documents,
    decoder: Decoder,
    /// Where the page wants it.
    profile: Option<Profile>,
}

pub struct Reader {
    records: Records,
    feeds: Vec<Feed>,
    document: Vec<u8>,
    limit: u64,
    pub rows: u64,
}

impl Reader {
    pub fn new(records: Records, limit: Option<u64>) -> Self {
        Self { records, feeds: Vec::new(), document: Vec::new(), limit: limit.unwrap_or(u64::MAX), rows: 0 }
    }

    /// The number of the way of reading that `config` asks for.
    pub fn feed(&mut self, config: &Config, profiled: bool) -> Result<usize, CodecError> {
        // The records are JSON, whatever the topic holds.
        let input = Input { format: Format::Json, schema: None, ..config.input.clone() };
        if let Some(feed) = self.feeds.iter().position(|feed| feed.input == input) {
            return Ok(feed);
        }
        let (documents, decoder) = (self.records.documents(&input), Decoder::new(&input, None)?);
        let profile = profiled.then(|| Profile::new(&input));
        self.feeds.push(Feed { input, documents, decoder, profile });
        Ok(self.feeds.len() - 1)
    }

    /// Room for events, to be filled again and again.
    pub fn batch(&self) -> Batch {
        let chunk = |feed: &Feed| {
            let events = vec![Event::empty(&feed.input.layout()); BATCH];
            Chunk { events, filled: 0, rejected: Vec::new() }
        };
        Batch(self.feeds.iter().map(chunk).collect())
    }

    /// Reads the next records; whether there were any.
    pub fn fill(&mut self, batch: &mut Batch) -> anyhow::Result<bool> {
        for chunk in &mut batch.0 {
            chunk.filled = 0;
            chunk.rejected.clear();
        }
        let start = self.rows;
        while self.rows < self.limit && self.rows - start < BATCH as u64 {
            let Some(raw) = self.records.read()? else { break };
            let offset = i64::try_from(self.rows)?;
            for (feed, chunk) in self.feeds.iter_mut().zip(&mut batch.0) {
                feed.documents.write(&raw, &mut self.document);
                feed.decode(offset, &self.document, chunk)?;
            }
            self.rows += 1;
        }
        Ok(self.rows > start)
    }

    /// Bytes read, and all there are, where that is known.
    pub fn progress(&self) -> (u64, Option<u64>) {
        self.records.progress()
    }

    pub fn profile(&self, feed: usize) -> Option<&Profile> {
        self.feeds[feed].profile.as_ref()
    }
}

impl Feed {
    fn decode(&mut self, offset: i64, document: &[u8], chunk: &mut Chunk) -> anyhow::Result<()> {
        let event = &mut chunk.events[chunk.filled];
        match self.decoder.decode(0, offset, 0, Some(document), event) {
            Ok(Decoded::Event) => {
                chunk.filled += 1;
                if let Some(profile) = &mut self.profile {
                    profile.add(&event.features);
                }
            }
            Ok(Decoded::Tombstone) => {}
            Err(CodecError::Rejected(rejection)) => chunk.rejected.push((offset, rejection)),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
