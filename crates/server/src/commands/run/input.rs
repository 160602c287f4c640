//! Where the records come from.

use std::fs::File;
use std::io::{BufReader, ErrorKind, IsTerminal, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::documents;
use crate::exit::Failure;

/// How much is read from a file or a pipe at once.
const CHUNK: usize = 256 << 10;

/// What gzip begins with. No JSON does.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How far the inputs have been read, drawn on a terminal.
pub struct Progress(ProgressBar);

impl Progress {
    /// The progress over these inputs.
    ///
    /// # Errors
    /// Where one of them is not there: better now than after hours.
    pub fn over(inputs: &[PathBuf]) -> Result<Self, Failure> {
        let mut total = Some(0);
        for path in inputs {
            if path == Path::new("-") {
                total = None;
                continue;
            }
            let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
            if metadata.is_dir() {
                return Err(Failure::environment(format!("{} cannot be read: it is a folder", documents::name(path))));
            }
            total = total.filter(|_| metadata.is_file()).map(|total| total + metadata.len());
        }
        // On a terminal, results and a bar would be drawn over one another.
        let drawn = std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
        let target = if drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let (bar, template) = match total {
            Some(total) => {
                (ProgressBar::with_draw_target(Some(total), target), "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")
            }
            None => (ProgressBar::with_draw_target(None, target), "{spinner} {bytes}, {bytes_per_sec}"),
        };
        bar.set_style(ProgressStyle::with_template(template).expect("the template is valid"));
        Ok(Self(bar))
    }

    /// Takes it off the terminal.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::environment(format!("{} cannot be read: {error}", documents::name(path)))
}

/// One input, decompressed where it is compressed.
pub struct Input {
    reader: Box<dyn Read>,
    ended: bool,
}

impl Input {
    /// Opens an input; `-` is standard input.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn open(path: &Path, progress: &Progress) -> Result<Self, Failure> {
        let raw: Box<dyn Read> = if path == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(path).map_err(|error| unreadable(path, &error))?)
        };
        let mut raw = Counted { raw, bar: progress.0.clone() };
        // Whether it is compressed is told by how it begins, so that standard input can be too.
        let mut begin = Vec::with_capacity(GZIP.len());
        (&mut raw).take(GZIP.len() as u64).read_to_end(&mut begin).map_err(|error| unreadable(path, &error))?;
        let compressed = begin == GZIP;
        let raw = std::io::Cursor::new(begin).chain(raw);
        let reader: Box<dyn Read> =
            if compressed { Box::new(MultiGzDecoder::new(BufReader::with_capacity(CHUNK, raw))) } else { Box::new(raw) };
        Ok(Self { reader, ended: false })
    }

    /// Reads what there is, at least one byte; 0 at the end.
    ///
    /// # Errors
    /// Where it cannot be read, or is damaged.
    pub fn read(&mut self, space: &mut [u8]) -> std::io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        loop {
            match self.reader.read(space) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// Whether an error means that the compressed data are damaged.
    pub fn is_corrupt(error: &std::io::Error) -> bool {
        matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof)
    }

    /// Nothing more is to be read.
    pub const fn end(&mut self) {
        self.ended = true;
    }

    /// Whether nothing more is to be read.
    pub const fn ended(&self) -> bool {
        self.ended
    }
}

/// Counts what is read.
struct Counted {
    raw: Box<dyn Read>,
    bar: ProgressBar,
}

impl Read for Counted {
    fn read(&mut self, space: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.raw.read(space)?;
        self.bar.inc(bytes as u64);
        Ok(bytes)
    }
}
