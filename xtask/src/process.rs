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

/// Where something that is built for real use lies.
fn built(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |target| root().join(target));
    target.join("release").join(name)
}

/// Where the program lies once it is built for real use.
pub fn program() -> PathBuf {
    built("salesdash")
}

/// Builds the program for real use.
pub fn build() -> Command {
    cargo(&["build", "--release", "--package", "salesdash"])
}

/// Where the system of a vendor lies that tests in a browser play.
pub fn fake_vendor() -> PathBuf {
    built("fake-vendor")
}

/// Builds the program, and the system of a vendor that it is tried with in a browser.
pub fn build_for_browser() -> Command {
    cargo(&["build", "--release", "--package", "salesdash", "--package", "salesdash-testkit", "--bin", "salesdash", "--bin", "fake-vendor"])
}

/// The exit code of a command that was run to its end; what it says stands on the terminal already.
pub fn exit_code(mut command: Command) -> ExitCode {
    match command.status() {
        Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {} cannot be started: {error}", command.get_program().display());
            ExitCode::from(3)
        }
    }
}

/// Builds the program and runs one of its commands.
pub fn salesdash(command: &str, arguments: &[String]) -> ExitCode {
    let built = exit_code(build());
    if built != ExitCode::SUCCESS {
        return built;
    }
    let mut run = Command::new(program());
    run.arg(command).args(arguments);
    exit_code(run)
}
