//! What is read of an import, until all of it is known to be good: in memory, and beyond a few megabytes in the scratch file.

use crate::bars::{Error, Result};
use crate::model::bars::{Bar, BarTime, Symbol, Volume};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek as _, Write};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Bars by symbol, as they came.
pub(super) type Batch = BTreeMap<Symbol, Vec<Bar>>;

/// The reading of a batch, which hands the file back.
type Reading = JoinHandle<Result<(Batch, BufReader<File>)>>;

/// The scratch file while it is written; a batch is written while the next one is read.
#[derive(Default)]
pub(super) struct Spool {
    /// The writing of the last batch.
    writing: Option<JoinHandle<Result<BufWriter<File>>>>,
    batches: usize,
}

/// All that was read, to be gone through once or twice.
pub(super) enum Gathered {
    Memory(Arc<Batch>),
    File { file: File, batches: usize },
}

/// It, from its beginning on.
pub(super) enum Pieces {
    /// None: it was handed out.
    Memory(Option<Arc<Batch>>),
    File {
        /// None: there is no further batch.
        next: Option<Reading>,
        left: usize,
    },
}

impl Spool {
    pub(super) fn is_empty(&self) -> bool {
        self.batches == 0
    }

    /// Writes a batch; `make` makes the file, at the first.
    pub(super) async fn put(&mut self, batch: Batch, make: impl FnOnce() -> Result<File>) -> Result<()> {
        let mut file = match self.writing.take() {
            Some(before) => joined(before).await?,
            None => BufWriter::with_capacity(256 * 1024, make()?),
        };
        self.batches += 1;
        self.writing = Some(tokio::task::spawn_blocking(move || put(&mut file, &batch).map(|()| file).map_err(scratch)));
        Ok(())
    }

    /// Ends the writing; `held` is all there is where nothing was written.
    pub(super) async fn gathered(self, held: Batch) -> Result<Gathered> {
        let Some(writing) = self.writing else { return Ok(Gathered::Memory(Arc::new(held))) };
        let file = joined(writing).await?.into_inner().map_err(|e| scratch(e.into_error()))?;
        Ok(Gathered::File { file, batches: self.batches })
    }
}

impl Gathered {
    pub(super) fn pieces(&self) -> Result<Pieces> {
        match self {
            Self::Memory(batch) => Ok(Pieces::Memory(Some(Arc::clone(batch)))),
            // The clone shares its place with the file: who goes through it a second time has ended the first.
            Self::File { file, batches } => begin(file.try_clone().map_err(scratch)?, *batches),
        }
    }

    /// The same for the last time.
    pub(super) fn into_pieces(self) -> Result<Pieces> {
        match self {
            Self::Memory(batch) => Ok(Pieces::Memory(Some(batch))),
            Self::File { file, batches } => begin(file, batches),
        }
    }
}

fn begin(mut file: File, batches: usize) -> Result<Pieces> {
    file.rewind().map_err(scratch)?;
    Ok(Pieces::File { next: Some(after(BufReader::new(file))), left: batches })
}

impl Pieces {
    /// Returns the next batch. The one after it is read meanwhile.
    pub(super) async fn next(&mut self) -> Result<Option<Arc<Batch>>> {
        match self {
            Self::Memory(batch) => Ok(batch.take()),
            Self::File { next, left } => {
                let Some(reading) = next.take() else { return Ok(None) };
                let (batch, file) = joined(reading).await?;
                *left -= 1;
                *next = (*left > 0).then(|| after(file));
                Ok(Some(Arc::new(batch)))
            }
        }
    }
}

async fn joined<T>(work: JoinHandle<Result<T>>) -> Result<T> {
    work.await.map_err(|_| Error::permanent("bars_store_failed", "the scratch file of an import panicked"))?
}

/// Reads the next batch.
fn after(mut file: BufReader<File>) -> Reading {
    tokio::task::spawn_blocking(move || Ok((read(&mut file).map_err(scratch)?, file)))
}

fn scratch(error: std::io::Error) -> Error {
    Error::permanent("bars_scratch_failed", format!("the scratch file of the import: {error}")).because(error)
}

fn put(out: &mut impl Write, batch: &Batch) -> std::io::Result<()> {
    let length = |n: usize| u32::try_from(n).map(u32::to_le_bytes).map_err(std::io::Error::other);
    out.write_all(&length(batch.len())?)?;
    for (symbol, bars) in batch {
        out.write_all(&length(symbol.as_str().len())?)?;
        out.write_all(symbol.as_str().as_bytes())?;
        out.write_all(&length(bars.len())?)?;
        for bar in bars {
            let mut row = [0u8; ROW];
            row[..8].copy_from_slice(&bar.time().seconds().to_le_bytes());
            for (at, price) in row[8..40].chunks_exact_mut(8).zip(bar.prices()) {
                at.copy_from_slice(&price.to_le_bytes());
            }
            let (kind, volume) = match bar.volume() {
                Volume::Whole(n) => (0, n),
                Volume::Part(n) => (1, n.to_bits()),
                Volume::Unknown => (2, 0),
            };
            row[40..48].copy_from_slice(&volume.to_le_bytes());
            row[48] = kind;
            out.write_all(&row)?;
        }
    }
    Ok(())
}

/// Bytes of a bar: time, four prices, volume and its kind.
const ROW: usize = 49;

fn read(from: &mut impl Read) -> std::io::Result<Batch> {
    let wrong = || std::io::Error::other("it does not hold what was written to it");
    let mut batch = Batch::new();
    for _ in 0..length(from)? {
        let mut name = vec![0; length(from)?];
        from.read_exact(&mut name)?;
        let symbol = String::from_utf8(name).ok().and_then(|name| Symbol::parse(&name).ok()).ok_or_else(wrong)?;
        let count = length(from)?;
        let mut bars = Vec::with_capacity(count);
        for _ in 0..count {
            let mut row = [0; ROW];
            from.read_exact(&mut row)?;
            bars.push(bar(&row).ok_or_else(wrong)?);
        }
        batch.insert(symbol, bars);
    }
    Ok(batch)
}

fn length(from: &mut impl Read) -> std::io::Result<usize> {
    let mut four = [0; 4];
    from.read_exact(&mut four)?;
    Ok(u32::from_le_bytes(four) as usize)
}

fn bar(row: &[u8; ROW]) -> Option<Bar> {
    let eight = |at: usize| row[at..at + 8].try_into().map(u64::from_le_bytes).ok();
    let price = |at: usize| eight(at).map(f64::from_bits);
    let time = BarTime::new(eight(0)?.cast_signed())?;
    let volume = match row[48] {
        0 => Volume::Whole(eight(40)?),
        1 => Volume::Part(f64::from_bits(eight(40)?)),
        _ => Volume::Unknown,
    };
    Bar::new(time, price(8)?, price(16)?, price(24)?, price(32)?, volume).ok()
}
