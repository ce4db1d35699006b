//! `/api/v1/bars`.

use super::{Client, Error, error_body};
use crate::wire::native::bars::{BarList, BarSeriesList, BarsDeleted, BarsImported, BarsVerified};
use reqwest::Method;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

/// Which bars: empty ones are not sent.
#[derive(Debug, Clone, Default)]
pub struct BarQuery {
    pub interval: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
}

/// How CSV is to be read.
#[derive(Debug, Clone, Default)]
pub struct BarImport {
    pub interval: Option<String>,
    /// The symbol of all rows.
    pub symbol: Option<String>,
    pub time_zone: Option<String>,
    /// `month-first` or `day-first`.
    pub dates: Option<String>,
    pub lenient: bool,
    pub overwrite: bool,
    pub dry_run: bool,
    /// The reply names the symbols.
    pub names: bool,
}

impl BarQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let Self { interval, from, to } = self.clone();
        [("interval", interval), ("from", from), ("to", to)].into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

impl Client {
    /// Lists what there is; of one symbol, of one interval, or all.
    pub async fn bar_series(&self, symbol: Option<&str>, interval: Option<&str>) -> Result<BarSeriesList, Error> {
        let pairs = [("symbol", symbol), ("interval", interval)];
        let query: Vec<_> = pairs.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned()))).collect();
        self.get(&["bars"], &query).await
    }

    pub async fn bars(&self, symbol: &str, query: &BarQuery) -> Result<BarList, Error> {
        self.get(&["bars", symbol], &query.pairs()).await
    }

    /// Takes bars of a symbol out: of one interval or all, of a range or all. `dry_run`: only says which.
    pub async fn delete_bars(&self, symbol: &str, query: &BarQuery, dry_run: bool) -> Result<BarsDeleted, Error> {
        let mut pairs = query.pairs();
        pairs.push(("dry_run", dry_run.to_string()));
        self.delete(&["bars", symbol], &pairs).await
    }

    pub async fn verify_bars(&self) -> Result<BarsVerified, Error> {
        self.post(&["bars", "verify"], &[], &serde_json::json!({})).await
    }

    /// Sends CSV as it is read.
    pub async fn import_bars(&self, csv: impl AsyncRead + Send + 'static, how: &BarImport) -> Result<BarsImported, Error> {
        let BarImport { interval, symbol, time_zone, dates, lenient, overwrite, dry_run, names } = how.clone();
        let said = [("interval", interval), ("symbol", symbol), ("time_zone", time_zone), ("dates", dates)];
        let flags = [("lenient", lenient), ("overwrite", overwrite), ("dry_run", dry_run), ("names", names)];
        let pairs = said.into_iter().chain(flags.map(|(name, flag)| (name, flag.then(|| "true".to_owned()))));
        let query: Vec<_> = pairs.filter_map(|(name, value)| Some((name, value?))).collect();
        let body = reqwest::Body::wrap_stream(tokio_util::io::ReaderStream::with_capacity(csv, 64 * 1024));
        self.send(self.request(Method::POST, &["bars", "import"]).query(&query).header("content-type", "text/csv").body(body)).await
    }

    /// Writes CSV out as it comes; `symbols` of None: all. One that is cut short says why in its last line, which is not written.
    pub async fn export_bars(
        &self,
        symbols: Option<&str>,
        query: &BarQuery,
        out: &mut (impl AsyncWrite + Unpin),
    ) -> Result<std::io::Result<()>, Error> {
        let mut pairs = query.pairs();
        pairs.extend(symbols.map(|s| ("symbols", s.to_owned())));
        let mut reply = self.request(Method::GET, &["bars", "export"]).query(&pairs).send().await.map_err(|e| self.unreachable(e))?;
        let status = reply.status();
        if !status.is_success() {
            let body = reply.bytes().await.map_err(|e| self.unreachable(e))?;
            return Err(Error::Api { status: status.as_u16(), body: error_body(status.as_u16(), &body) });
        }
        // The last line is kept back.
        let mut held: Vec<u8> = Vec::new();
        let cut = loop {
            match reply.chunk().await {
                Ok(Some(part)) => held.extend_from_slice(&part),
                Ok(None) => break told(&held),
                Err(e) => break Some(told(&held).unwrap_or_else(|| self.broken(e))),
            }
            let before = held.split_last().and_then(|(_, rest)| rest.iter().rposition(|b| *b == b'\n')).map_or(0, |at| at + 1);
            if let Err(e) = out.write_all(&held[..before]).await {
                return Ok(Err(e));
            }
            held.drain(..before);
        };
        if let Some(error) = cut {
            // What came stands: a writer on another thread may still have the last of it.
            return out.flush().await.map_or_else(|e| Ok(Err(e)), |()| Err(error));
        }
        Ok(match out.write_all(&held).await {
            Ok(()) => out.flush().await,
            Err(e) => Err(e),
        })
    }
}

/// Reads a last line that says why there is no other.
fn told(line: &[u8]) -> Option<Error> {
    let body = serde_json::from_slice(line.strip_prefix(b"# error ")?).ok()?;
    Some(Error::Api { status: 500, body })
}
