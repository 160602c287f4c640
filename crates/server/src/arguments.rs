//! What the command line takes. The flags are a contract: they are added to, never changed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use salesdash_value::{Instant, datetime};

use crate::commands::bench::Workload;
use crate::serve::logs::LogFormat;

/// Turns records of external systems into sales records, by rules that people write without code.
#[derive(Debug, Parser)]
#[command(name = "salesdash", version, max_term_width = 120, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 fine, 1 the input has errors, 2 wrong usage, 3 the environment failed.
Results go to standard output, messages and progress to standard error.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Checks specs
    Check(Check),
    /// Runs a spec over records, without a database
    Run(Run),
    /// Prints the catalog of instructions and expressions, as JSON
    Catalog,
    /// Prints the JSON Schema of a spec
    Schema,
    /// Runs the reference workloads and prints their figures
    Bench(Bench),
    /// Runs the whole system: web application, interface, engine
    Serve(Serve),
    /// Runs it on a temporary directory with a sample tenant, history, and systems that keep sending
    Demo(Demo),
    /// Copies the database to a file, while it is in use
    Backup(Backup),
    /// Puts a backup into a data directory that holds nothing yet
    Restore(Restore),
    /// Changes the master key; works while the installation is in use, and goes on where it was cut off
    RotateKey(RotateKey),
    /// Makes, lists and removes the people who sign in
    User(User),
    /// Makes, lists and revokes API tokens
    Token(Token),
    /// Checks, lists and begins definitions of provider types
    Provider(Provider),
}

#[derive(Debug, Args)]
pub struct Provider {
    #[command(subcommand)]
    pub command: ProviderCommand,
}

#[derive(Debug, Subcommand)]
pub enum ProviderCommand {
    /// Checks folders of provider types: every problem is told with its file and place
    Check {
        /// The folders, each of one provider type
        #[arg(required = true, value_name = "DIR")]
        folders: Vec<PathBuf>,
        /// Print JSON: an array with one object for each folder
        #[arg(long)]
        json: bool,
    },
    /// Lists the provider types
    List {
        /// A folder of provider types of your own
        #[arg(long, value_name = "DIR")]
        providers: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Makes the skeleton of a provider type
    New {
        /// Its name: lower-case letters, digits and underscores
        #[arg(value_name = "NAME", value_parser = provider_name)]
        name: String,
        /// Where its folder goes
        #[arg(long, value_name = "DIR", default_value = ".")]
        directory: PathBuf,
    },
}

fn provider_name(text: &str) -> Result<String, String> {
    if salesdash_providers::definition::read::is_name(text) {
        Ok(text.to_owned())
    } else {
        Err("a name begins with a lower-case letter and holds lower-case letters, digits and underscores, 64 at most".to_owned())
    }
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The directory of the embedded database and the master key; made where it is not there
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// A PostgreSQL database, in place of the embedded one
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// A folder of provider types of your own
    #[arg(long, value_name = "DIR")]
    pub providers: Option<PathBuf>,
    /// A private address, or a range of them, that providers may lead to; can be given several times
    #[arg(long, value_name = "RANGE")]
    pub allow_address: Vec<salesdash_connect::guard::Range>,
    /// What this process does
    #[arg(long, value_name = "ROLES", value_delimiter = ',', default_value = "api,worker,scheduler")]
    pub roles: Vec<ServerRole>,
    /// The address under which people and senders reach it, such as `https://sales.example.com`
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// The form of the logs on standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log: LogFormat,
    /// Sends traces of what the server does to an OpenTelemetry collector (OTLP over HTTP), such as `http://127.0.0.1:4318`
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub otlp: Option<String>,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The form of the logs on standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log: LogFormat,
}

#[derive(Debug, Args)]
pub struct RotateKey {
    #[command(flatten)]
    pub data: Data,
}

#[derive(Debug, Args)]
pub struct Backup {
    /// The file to make
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub data: Data,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub data: Data,
    /// The file of the master key that belongs to it
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ServerRole {
    /// Serves the web application, the interface and webhooks
    Api,
    /// Runs processors
    Worker,
    /// Polls
    Scheduler,
}

fn public_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['?', '#', ' ']) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("an address such as `https://sales.example.com`".to_owned()),
    }
}

#[derive(Debug, Args)]
pub struct Data {
    /// The directory of the embedded database
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
}

/// A role of a user or a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// May look
    Viewer,
    /// May build integrations
    Builder,
    /// May do everything
    Admin,
}

impl Role {
    /// The name that is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Builder => "builder",
            Self::Admin => "admin",
        }
    }
}

#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    pub command: UserCommand,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Makes a user; without a password, with a one-time link to choose one
    Create {
        #[command(flatten)]
        data: Data,
        /// The address to sign in with
        #[arg(long, value_name = "ADDRESS", value_parser = email)]
        email: String,
        /// What others see [default: what stands before the `@`]
        #[arg(long, value_name = "NAME", value_parser = name)]
        name: Option<String>,
        #[arg(long, value_name = "ROLE", default_value = "viewer")]
        role: Role,
        /// May reveal personal data
        #[arg(long)]
        reveal: bool,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Sets a user's password, read from standard input
    Password {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
    /// Removes a user
    Delete {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
    /// Lists the users
    List {
        #[command(flatten)]
        data: Data,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct Token {
    #[command(subcommand)]
    pub command: TokenCommand,
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Makes an API token and prints it; it is stored nowhere
    Create {
        #[command(flatten)]
        data: Data,
        /// What it is for
        #[arg(long, value_name = "NAME", value_parser = name)]
        name: String,
        #[arg(long, value_name = "ROLE", default_value = "viewer")]
        role: Role,
        /// May reveal personal data
        #[arg(long)]
        reveal: bool,
        /// When it ends [default: never]
        #[arg(long, value_name = "TIME", value_parser = time)]
        expires: Option<Instant>,
    },
    /// Revokes a token
    Revoke {
        #[command(flatten)]
        data: Data,
        /// Its id
        id: i64,
    },
    /// Lists the tokens
    List {
        #[command(flatten)]
        data: Data,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

fn email(text: &str) -> Result<String, String> {
    salesdash_api::check::email(text).map_err(|problem| problem.into_detail())
}

fn name(text: &str) -> Result<String, String> {
    salesdash_api::check::name(text).map_err(|problem| problem.into_detail())
}

#[derive(Debug, Args)]
pub struct Check {
    /// The specs to check; `-` reads one from standard input
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// Declarations of the source models
    #[arg(long, value_name = "FILE")]
    pub models: Option<PathBuf>,
    /// Print JSON: an array with one object for each file
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Run {
    /// The spec to run; or a test case, as the web application gives it of an execution: it is run, and held against what it came to
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// Files of records: NDJSON or a JSON array, also compressed (`.gz`); `-`, or none at all, reads standard input
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Declarations of the source models
    #[arg(long, value_name = "FILE")]
    pub models: Option<PathBuf>,
    /// Values of the constants: a JSON object by name
    #[arg(long, value_name = "FILE")]
    pub constants: Option<PathBuf>,
    /// The key under which contacts are hashed
    #[arg(long, value_name = "KEY", value_parser = key)]
    pub identity_key: Option<String>,
    /// The execution clock: an RFC 3339 datetime or a date, in UTC where it has no offset [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<Instant>,
    /// Write what every instruction did, with the value of every sub-expression
    #[arg(long)]
    pub trace: bool,
}

#[derive(Debug, Args)]
pub struct Bench {
    /// The workloads [default: all]
    #[arg(value_enum, value_name = "WORKLOAD")]
    pub workloads: Vec<Workload>,
    /// Where databases are made, on the disk that is to be measured [default: the system's temporary directory]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Do little of each: to see that they run, not how fast
    #[arg(long)]
    pub quick: bool,
    /// Keep what `start` fills, as the data directory DIR, and measure on it again where it is there: filling takes minutes
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Answer webhooks and store nothing: what `ingest` starts to see what HTTP alone takes
    #[arg(long, hide = true)]
    pub only_http: bool,
}

fn time(text: &str) -> Result<Instant, String> {
    datetime::parse_iso(text, &jiff::tz::TimeZone::UTC)
        .ok_or_else(|| "not a datetime such as `2026-03-01T12:00:00Z`, nor a date such as `2026-03-01`".to_owned())
}

fn key(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("the key is empty".to_owned()) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
