//! The web application: its packages, its build, and a browser to try it in.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::process::{exit_code, root};

/// The oldest Node.js that builds it.
const NODE: (u32, u32) = (20, 19);

/// Where it lies.
pub fn folder() -> PathBuf {
    root().join("web")
}

/// A command of npm, run there.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder()).args(arguments);
    command
}

/// Why it cannot be built here, where it cannot.
pub fn unbuildable() -> Option<String> {
    let found = output(Command::new("node").arg("--version"));
    let wanted = format!("Node.js {}.{} or later with npm", NODE.0, NODE.1);
    match found.as_deref().map(str::trim) {
        None => Some(format!("{wanted} is not installed (Debian: `apt-get install nodejs npm`)")),
        Some(version) if parse(version).is_none_or(|version| version < NODE) => Some(format!("{wanted} is needed; this is {version}")),
        Some(_) if output(Command::new("npm").arg("--version")).is_none() => Some(format!("{wanted} is needed; npm is missing")),
        Some(_) => None,
    }
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What a command prints, where it runs well.
fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the packages that are installed are those that are asked for.
fn installed() -> bool {
    let time = |path: &str| std::fs::metadata(folder().join(path)).and_then(|metadata| metadata.modified()).ok();
    match (time("node_modules/.package-lock.json"), time("package-lock.json")) {
        (Some(installed), Some(wanted)) => installed >= wanted,
        _ => false,
    }
}

/// Installs the packages where they are not, and builds the application.
pub fn build() -> ExitCode {
    if let Some(why) = unbuildable() {
        eprintln!("error: the web application cannot be built: {why}");
        return ExitCode::from(3);
    }
    if !installed() {
        let code = exit_code(npm(&["ci"]));
        if code != ExitCode::SUCCESS {
            return code;
        }
    }
    exit_code(npm(&["run", "build"]))
}

/// A Chromium: the one that `CHROMIUM` names, else the system's, else Debian's, which is installed where we may.
///
/// # Errors
/// What to do where there is none.
pub fn chromium() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        let named = PathBuf::from(named);
        return if named.is_file() { Ok(named) } else { Err(format!("CHROMIUM names {}, which is no file", named.display())) };
    }
    if let Some(found) = on_path() {
        return Ok(found);
    }
    let root = output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    if root && output(Command::new("apt-get").arg("--version")).is_some() {
        println!("installing chromium by apt-get");
        let apt = |arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
            exit_code(command) == ExitCode::SUCCESS
        };
        let install = ["install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"];
        // The lists of packages may be missing or old.
        if apt(&install) || (apt(&["update"]) && apt(&install)) {
            return on_path().ok_or_else(|| "chromium was installed and is not found".to_owned());
        }
    }
    Err("no Chromium: install it (Debian: `apt-get install chromium`), or say where it is in CHROMIUM".to_owned())
}

fn on_path() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    names.iter().find_map(|name| std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path: &PathBuf| Path::is_file(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse("v20.19.2"), Some((20, 19)));
        assert!(parse("v9.1.0") < Some(NODE));
        assert!(parse("v22.0.0") > Some(NODE));
        assert_eq!(parse("node"), None);
    }
}
