//! Starting other programs.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the package lies in the repository").to_path_buf()
}

/// A command of cargo, run in the root of the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    // The cargo that runs us knows which toolchain it belongs to.
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    command
}

/// Whether a subcommand of cargo is installed.
pub fn installed(subcommand: &str) -> bool {
    cargo(&[subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Builds the program for real use and runs one of its commands.
pub fn salesdash(command: &str, arguments: &[String]) -> ExitCode {
    let status = cargo(&["run", "--release", "--package", "salesdash", "--", command]).args(arguments).status();
    match status {
        Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
        Err(error) => {
            eprintln!("error: cargo cannot be started: {error}");
            ExitCode::from(3)
        }
    }
}
