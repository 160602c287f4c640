//! Files as a source: CSV and JSON, of any size, in constant memory.

use std::io::Read;
use std::sync::Arc;

use salesdash_engine::intake::Incoming;
use salesdash_store::runs::Run;
use salesdash_value::stream::Splitter;
use salesdash_value::{Text, Value, json};

use crate::connect::{Connect, ConnectError, Result};

/// Records that are stored in one transaction.
const BATCH: usize = 500;
/// The most columns of a CSV file.
const MAX_COLUMNS: usize = 2_000;
/// Problems of single records that are told one by one.
const MAX_TOLD: usize = 20;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma, semicolon or tab separated, with the names of the fields in the first line.
    Csv,
    /// One JSON object to a line, or one list of them.
    Json,
}

impl FileFormat {
    /// What a file is, by its name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "json" | "ndjson" | "jsonl" => Some(Self::Json),
            _ => None,
        }
    }
}

impl Connect {
    /// Takes in the records of a file. Records that are known already are recognised, so a file that was cut off can be given again. Waits for the
    /// disk: to be called off the runtime's threads. Gives the run it is logged as.
    ///
    /// # Errors
    /// Where there is no such source or the database fails. Records that cannot be read are counted and told in the run.
    pub fn import(self: &Arc<Self>, tenant: i64, source: i64, format: FileFormat, file: &mut dyn Read) -> Result<Run> {
        let run = self.engine().store().write(tenant, move |scope| {
            scope.source(source)?;
            scope.begin_run(source, "import")
        })?;
        let mut importing = Importing { connect: Arc::clone(self), tenant, source, run, waiting: Vec::new(), told: Vec::new() };
        self.engine().tell_run(tenant, source, importing.run.id, "running");
        let read = match format {
            FileFormat::Csv => importing.csv(file),
            FileFormat::Json => importing.json(file),
        };
        let stored = read.and_then(|()| importing.store());
        let mut run = importing.run;
        let (verdict, reason) = match &stored {
            Ok(()) => ("succeeded", (!importing.told.is_empty()).then(|| importing.told.join(" "))),
            Err(error) => ("failed", Some(error.to_string())),
        };
        run.verdict = verdict.to_owned();
        run.reason = reason;
        run.ended = Some(self.means.clock.now().as_microsecond());
        let logged = run.clone();
        self.engine().store().write(tenant, move |scope| scope.update_run(&logged))?;
        self.engine().tell_run(tenant, source, run.id, verdict);
        stored.map(|()| run)
    }
}

struct Importing {
    connect: Arc<Connect>,
    tenant: i64,
    source: i64,
    run: Run,
    waiting: Vec<Incoming>,
    told: Vec<String>,
}

fn unreadable(error: &std::io::Error) -> ConnectError {
    ConnectError::Invalid(format!("the file cannot be read: {error}"))
}

impl Importing {
    fn json(&mut self, file: &mut dyn Read) -> Result<()> {
        let mut splitter = Splitter::default();
        let mut ended = false;
        loop {
            loop {
                let read = splitter.next().map(|piece| {
                    let problem = piece.problem.map(|problem| problem.to_string());
                    let value = match problem {
                        Some(problem) => Err(problem),
                        None => json::parse(piece.text, json::Limits::DEFAULT).map_err(|error| error.text),
                    };
                    (piece.line, value.map_err(|problem| format!("this is not JSON ({problem})")))
                });
                let Some((line, value)) = read else { break };
                match value {
                    Ok(record) if record.as_object().is_some() => self.take(record)?,
                    Ok(other) => self.problem(line, &format!("this is {}, not an object", other.kind_name())),
                    Err(problem) => self.problem(line, &problem),
                }
            }
            if ended {
                return Ok(());
            }
            let read = file.read(splitter.space()).map_err(|error| unreadable(&error))?;
            if read == 0 {
                splitter.end();
                ended = true;
            } else {
                splitter.filled(read);
            }
        }
    }

    fn csv(&mut self, file: &mut dyn Read) -> Result<()> {
        // What separates the fields is what the first line has most of.
        let mut head = vec![0; 64 * 1024];
        let mut filled = 0;
        while filled < head.len() && !head[..filled].contains(&b'\n') {
            let read = file.read(&mut head[filled..]).map_err(|error| unreadable(&error))?;
            if read == 0 {
                break;
            }
            filled += read;
        }
        head.truncate(filled);
        let start = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let line = head[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |separator: u8| line.iter().filter(|byte| **byte == separator).count();
        let separator = [b',', b';', b'\t'].into_iter().max_by_key(|separator| (count(*separator), *separator == b',')).unwrap_or(b',');
        let whole = std::io::Cursor::new(head[start..].to_vec()).chain(file);
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(whole);
        let header = reader.byte_headers().map_err(|error| ConnectError::Invalid(format!("the first line cannot be read: {error}")))?;
        let names: Vec<Text> = header.iter().map(|name| Text::new(String::from_utf8_lossy(name).trim())).collect();
        if names.iter().all(|name| name.is_empty()) {
            return Err(ConnectError::Invalid("the file is empty; its first line must hold the names of the fields".to_owned()));
        }
        if names.len() > MAX_COLUMNS {
            return Err(ConnectError::Invalid(format!("the file has more than {MAX_COLUMNS} columns")));
        }
        for (index, name) in names.iter().enumerate() {
            if names[..index].contains(name) && !name.is_empty() {
                return Err(ConnectError::Invalid(format!("the column `{name}` is there twice; give each a name of its own")));
            }
        }
        let mut row = csv::ByteRecord::new();
        loop {
            let line = reader.position().line();
            match reader.read_byte_record(&mut row) {
                Ok(false) => return Ok(()),
                Ok(true) => {}
                Err(error) => match error.into_kind() {
                    csv::ErrorKind::Io(error) => return Err(unreadable(&error)),
                    _ => {
                        self.problem(line, "this line cannot be taken apart");
                        continue;
                    }
                },
            }
            if row.len() > names.len() {
                self.problem(line, &format!("this line has {} fields, and the first line names {}", row.len(), names.len()));
                continue;
            }
            let fields: Option<Vec<(Text, Value)>> = names
                .iter()
                .zip(&row)
                .filter(|(name, _)| !name.is_empty())
                .map(|(name, field)| Some((name.clone(), Value::text(std::str::from_utf8(field).ok()?))))
                .collect();
            match fields {
                Some(fields) => self.take(Value::Object(fields.into()))?,
                None => self.problem(line, "this line is not UTF-8 text; save the file as UTF-8"),
            }
        }
    }

    fn problem(&mut self, line: u64, text: &str) {
        self.run.failed += 1;
        self.run.records += 1;
        match self.told.len() {
            told if told < MAX_TOLD => self.told.push(format!("Line {line}: {text}.")),
            MAX_TOLD => self.told.push("Further lines could not be read either.".to_owned()),
            _ => {}
        }
    }

    fn take(&mut self, record: Value) -> Result<()> {
        self.waiting.push(Incoming { record, event: None });
        if self.waiting.len() >= BATCH { self.store() } else { Ok(()) }
    }

    fn store(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let records = std::mem::take(&mut self.waiting);
        let mut logged = self.run.clone();
        logged.pages += 1;
        logged.records += i64::try_from(records.len()).unwrap_or(i64::MAX);
        let before = logged.clone();
        let also = move |scope: &mut salesdash_store::Scope<'_>, taken: &salesdash_engine::intake::Taken| {
            scope.update_run(&Run {
                taken: before.taken + taken.taken,
                duplicate: before.duplicate + taken.duplicate,
                stale: before.stale + taken.stale,
                ..before.clone()
            })
        };
        let taken = self.connect.engine().take_records(self.tenant, self.source, records, also)?;
        logged.taken += taken.taken;
        logged.duplicate += taken.duplicate;
        logged.stale += taken.stale;
        self.run = logged;
        self.connect.engine().tell_run(self.tenant, self.source, self.run.id, "running");
        Ok(())
    }
}
