//! Provider types of a deployment, read from its disk.

use std::path::Path;

use salesdash_providers::{FileProblem, Files, ProviderType, Types};

/// The largest file of a provider type.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// The deepest folder of one: `presets/`, `examples/`.
const MAX_DEPTH: usize = 2;

/// The files of a folder.
///
/// # Errors
/// Where it cannot be read: a sentence that names the file.
pub fn files(folder: &Path) -> Result<Files, String> {
    let mut found = Files::new();
    collect(folder, "", 0, &mut found)?;
    Ok(found)
}

fn collect(folder: &Path, prefix: &str, depth: usize, found: &mut Files) -> Result<(), String> {
    let unreadable = |path: &Path, error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // What editors and systems leave behind.
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let metadata = std::fs::metadata(&path).map_err(|error| unreadable(&path, error))?;
        if metadata.is_dir() {
            if depth + 1 < MAX_DEPTH {
                collect(&path, &format!("{prefix}{name}/"), depth + 1, found)?;
            }
        } else if metadata.len() > MAX_FILE_BYTES {
            return Err(format!("{} is larger than {} KiB", path.display(), MAX_FILE_BYTES / 1024));
        } else {
            found.insert(format!("{prefix}{name}"), std::fs::read(&path).map_err(|error| unreadable(&path, error))?);
        }
    }
    Ok(())
}

/// Reads one provider type; the name is that of the folder.
///
/// # Errors
/// Where it cannot be read, or what is wrong in each of its files.
pub fn read(folder: &Path) -> Result<ProviderType, Unread> {
    let name = folder.canonicalize().map_err(|error| Unread::Folder(format!("{} cannot be read: {error}", folder.display())))?;
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    ProviderType::read(&name, &files(folder).map_err(Unread::Folder)?).map_err(Unread::Files)
}

/// Why a provider type cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The folder, or a file in it, cannot be read.
    Folder(String),
    /// What is wrong in its files.
    Files(Vec<FileProblem>),
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(text) => f.write_str(text),
            Self::Files(problems) => f.write_str(&problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
        }
    }
}

/// The provider types that come with the program, and those in the folders of `directory`, which replace those of the same name.
///
/// # Errors
/// What cannot be read, by the name of the folder: a deployment does not start with half of its types.
pub fn load(directory: Option<&Path>) -> Result<Types, Vec<(String, Unread)>> {
    let mut types = Types::embedded();
    let Some(directory) = directory else { return Ok(types) };
    let unreadable = |error: std::io::Error| vec![(directory.display().to_string(), Unread::Folder(format!("it cannot be read: {error}")))];
    let mut problems = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if !path.join("definition.json").exists() {
            continue;
        }
        match read(&path) {
            Ok(read) => types.insert(read),
            Err(unread) => problems.push((path.display().to_string(), unread)),
        }
    }
    if problems.is_empty() { Ok(types) } else { Err(problems) }
}
