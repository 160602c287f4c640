//! The tasks of this repository: `cargo xtask <task>`.

mod codegen;
mod process;
mod tally;
mod test;
mod web;

use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <task>

  demo   [FLAGS]  builds the web application and the program, and starts `salesdash demo`
  test            everything that must hold: formatting, lints, generated files, tests, the program in a browser
  codegen         writes the generated files; with --check only tells whether they are as the code says
  build           builds the web application and the program: target/release/salesdash
  bench  [FLAGS]  builds the program and runs `salesdash bench`
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = match arguments.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", &[][..]),
    };
    match task {
        "demo" => match web::build() {
            ExitCode::SUCCESS => process::salesdash(task, rest),
            failed => failed,
        },
        "build" if rest.is_empty() => match web::build() {
            ExitCode::SUCCESS => process::exit_code(process::build()),
            failed => failed,
        },
        "bench" => process::salesdash(task, rest),
        "codegen" if rest.is_empty() => codegen::run(false),
        "codegen" if rest == ["--check"] => codegen::run(true),
        "test" if rest.is_empty() => test::run(),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("error: there is no task `{}`\n\n{USAGE}", arguments.join(" "));
            ExitCode::from(2)
        }
    }
}
