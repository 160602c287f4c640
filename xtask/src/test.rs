//! `cargo xtask test`: everything that must hold before a change is merged.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::process::{build_for_browser, cargo, fake_vendor, installed, program, root};
use crate::tally::Tally;
use crate::web;

enum Outcome {
    Passed,
    Failed,
    Skipped(String),
}

struct Step {
    name: &'static str,
    outcome: Outcome,
    /// The tests in it. A step that holds none counts as one.
    tally: Tally,
    took: Duration,
}

#[derive(Default)]
struct Steps {
    done: Vec<Step>,
}

impl Steps {
    /// Runs a step; true where it passed. One that fails does not hold up the next: a single run tells everything that is wrong.
    fn run(&mut self, name: &'static str, mut command: Command) -> bool {
        println!("\n── {name}");
        let start = Instant::now();
        let (well, mut tally) = watch(&mut command);
        match (well, tally) {
            (true, Tally { passed: 0, failed: 0 }) => tally.passed = 1,
            (false, Tally { failed: 0, .. }) => tally.failed = 1,
            _ => {}
        }
        let outcome = if well { Outcome::Passed } else { Outcome::Failed };
        self.done.push(Step { name, outcome, tally, took: start.elapsed() });
        well
    }

    fn skip(&mut self, name: &'static str, why: impl Into<String>) {
        let why = why.into();
        println!("\n── {name}: SKIPPED, {why}");
        self.done.push(Step { name, outcome: Outcome::Skipped(why), tally: Tally::default(), took: Duration::ZERO });
    }

    fn close(self, total: Duration) -> ExitCode {
        println!("\n── what came out, in {}", minutes(total));
        let mut all = Tally::default();
        let mut skipped = 0;
        for step in &self.done {
            let took = minutes(step.took);
            let tests = match step.tally.passed + step.tally.failed {
                0 | 1 => String::new(),
                tests => format!(", {tests} tests"),
            };
            match &step.outcome {
                Outcome::Passed => println!("   passed   {} ({took}{tests})", step.name),
                Outcome::Failed => println!("   FAILED   {} ({took}{tests}, {} failed)", step.name, step.tally.failed),
                Outcome::Skipped(why) => {
                    skipped += 1;
                    println!("   SKIPPED  {}: {why}", step.name);
                }
            }
            all.passed += step.tally.passed;
            all.failed += step.tally.failed;
        }
        let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        println!("{} passed, {} failed{skipped}", all.passed, all.failed);
        if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Runs a command, passes on what it prints, and counts the tests in it.
fn watch(command: &mut Command) -> (bool, Tally) {
    let mut child = match command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{} cannot be started: {error}", command.get_program().display());
            return (false, Tally::default());
        }
    };
    let (out, errors) = (child.stdout.take(), child.stderr.take());
    let tallies = std::thread::scope(|scope| {
        let out = scope.spawn(|| out.map_or_else(Tally::default, |out| pass_on(out, std::io::stdout())));
        let errors = scope.spawn(|| errors.map_or_else(Tally::default, |errors| pass_on(errors, std::io::stderr())));
        [out.join().unwrap_or_default(), errors.join().unwrap_or_default()]
    });
    let tally = Tally { passed: tallies[0].passed + tallies[1].passed, failed: tallies[0].failed + tallies[1].failed };
    (child.wait().is_ok_and(|status| status.success()), tally)
}

fn pass_on(from: impl Read, mut to: impl Write) -> Tally {
    let mut tally = Tally::default();
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        tally.read(&String::from_utf8_lossy(&line));
        let _ = to.write_all(&line).and_then(|()| to.flush());
        line.clear();
    }
    tally
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

pub fn run() -> ExitCode {
    let start = Instant::now();
    let mut steps = Steps::default();
    rust(&mut steps);
    browser(&mut steps);
    steps.close(start.elapsed())
}

fn rust(steps: &mut Steps) {
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
}

fn browser(steps: &mut Steps) {
    const IN_THE_BROWSER: &str = "the program in a browser";
    if let Some(why) = web::unbuildable() {
        steps.skip("web application", why);
        return;
    }
    if !steps.run("packages of the web application", web::npm(&["ci"])) {
        steps.skip(IN_THE_BROWSER, "its packages could not be installed");
        return;
    }
    steps.run("types of the web application", web::npm(&["run", "check"]));
    steps.run("tests of the web application", web::npm(&["test"]));
    let built = steps.run("build of the web application", web::npm(&["run", "build"]));
    // The program holds the application, so it is built after it.
    if !(built && steps.run("build of the program", build_for_browser())) {
        steps.skip(IN_THE_BROWSER, "it could not be built");
        return;
    }
    match web::chromium() {
        Ok(chromium) => {
            let mut command = web::npm(&["run", "e2e"]);
            command.env("CHROMIUM", chromium).env("SALESDASH_BIN", program()).env("FAKE_VENDOR", fake_vendor());
            steps.run(IN_THE_BROWSER, command);
        }
        Err(why) => steps.skip(IN_THE_BROWSER, why),
    }
}
