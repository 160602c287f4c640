//! `cargo xtask test`: everything that must hold before a change is merged.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::process::{cargo, installed, root};

enum Outcome {
    Passed,
    Failed,
    Skipped(&'static str),
}

struct Steps {
    done: Vec<(&'static str, Outcome, Duration)>,
}

impl Steps {
    /// Runs a step. One that fails does not hold up the next: a single run tells everything that is wrong.
    fn run(&mut self, name: &'static str, mut command: Command) {
        println!("\n── {name}");
        let start = Instant::now();
        let outcome = match command.status() {
            Ok(status) if status.success() => Outcome::Passed,
            Ok(_) => Outcome::Failed,
            Err(error) => {
                eprintln!("{:?} cannot be started: {error}", command.get_program());
                Outcome::Failed
            }
        };
        self.done.push((name, outcome, start.elapsed()));
    }

    fn skip(&mut self, name: &'static str, why: &'static str) {
        println!("\n── {name}: SKIPPED, {why}");
        self.done.push((name, Outcome::Skipped(why), Duration::ZERO));
    }

    fn close(self, total: Duration) -> ExitCode {
        println!("\n── what came out");
        for (name, outcome, time) in &self.done {
            match outcome {
                Outcome::Passed => println!("   passed   {name} ({})", minutes(*time)),
                Outcome::Failed => println!("   FAILED   {name} ({})", minutes(*time)),
                Outcome::Skipped(why) => println!("   SKIPPED  {name}: {why}"),
            }
        }
        let failed = self.done.iter().filter(|(_, outcome, _)| matches!(outcome, Outcome::Failed)).count();
        if failed == 0 {
            println!("Everything that was run passed, in {}.", minutes(total));
            ExitCode::SUCCESS
        } else {
            println!("{failed} of {} FAILED, in {}.", self.done.len(), minutes(total));
            ExitCode::FAILURE
        }
    }
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

pub fn run() -> ExitCode {
    let start = Instant::now();
    let mut steps = Steps { done: Vec::new() };
    if installed("fmt") {
        steps.run("formatting", cargo(&["fmt", "--all", "--check"]));
    } else {
        steps.skip("formatting", "rustfmt is not installed");
    }
    if installed("clippy") {
        steps.run("lints", cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]));
    } else {
        steps.skip("lints", "clippy is not installed");
    }
    steps.run("generated files", cargo(&["run", "--quiet", "--package", "xtask", "--", "codegen", "--check"]));
    if installed("nextest") {
        steps.run("tests", cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]));
    } else {
        steps.run("tests", cargo(&["test", "--workspace", "--no-fail-fast", "--quiet", "--all-targets"]));
    }
    steps.run("examples in the documentation of the code", cargo(&["test", "--workspace", "--doc", "--quiet"]));
    if !root().join("../shared/fixtures").is_dir() {
        steps.skip("tests on recorded payloads", "../shared/fixtures is absent");
    }
    steps.close(start.elapsed())
}
