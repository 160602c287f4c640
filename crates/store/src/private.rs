//! Files and directories that only their owner can read: what is not encrypted in a database is nobody else's either.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Makes a directory and those above it, where they are not there. One that is there keeps its permissions.
///
/// # Errors
/// Where it cannot be made.
pub fn directory(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// How a file is made that only its owner can read.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Opens a file for writing, and makes it where it is not there.
///
/// # Errors
/// Where it cannot be opened or made.
pub fn open(path: &Path) -> std::io::Result<File> {
    options().create(true).truncate(false).open(path)
}

/// Makes an empty file, in place of one that is there.
///
/// # Errors
/// Where it cannot be made.
pub fn empty(path: &Path) -> std::io::Result<()> {
    options().create(true).truncate(true).open(path).map(drop)
}

/// Makes a file of this text, and has the disk keep it.
///
/// # Errors
/// Where it is there already, or cannot be written.
pub fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = options().create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
