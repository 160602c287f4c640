//! The commands that run and look after an installation: `serve`, `demo`, `backup`, `restore`, `token`, `bench`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use salesdash_value::Value;

use crate::support::{Folder, at, text_at};

/// A program that listens.
pub struct Started {
    child: Child,
    errors: BufReader<std::process::ChildStderr>,
    /// What it had said by the time it listened.
    said: String,
    address: String,
}

impl Started {
    pub fn new(folder: &Folder, arguments: &[&str]) -> Self {
        let child = folder.command(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("it starts");
        let mut started = Self {
            errors: BufReader::new(child.stderr.take().expect("standard error")),
            child,
            said: String::new(),
            address: String::new(),
        };
        started.address = started.line_with("listening on http://").trim().trim_start_matches("listening on http://").to_owned();
        started
    }

    /// Reads on to a line that holds this, and gives it.
    fn line_with(&mut self, wanted: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.errors.read_line(&mut line).expect("text") > 0, "it ended without `{wanted}`: {}", self.said);
            self.said.push_str(&line);
            if line.contains(wanted) {
                return line;
            }
        }
    }

    pub fn get(&self, path: &str) -> String {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> String {
        self.ask("GET", path, headers, "")
    }

    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        self.ask("POST", path, headers, body)
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (address, length) = (&self.address, body.len());
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Ends it as an operator does.
    pub fn stop(mut self) {
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM).expect("it runs");
        let mut rest = String::new();
        self.errors.read_to_string(&mut rest).expect("text");
        assert_eq!(self.child.wait().expect("it ends").code(), Some(0), "{rest}");
        assert!(rest.contains("stopping"), "{rest}");
    }
}

impl Drop for Started {
    /// A test that fails leaves nothing running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn serve_makes_an_installation_and_ends_well_when_told() {
    let folder = Folder::new();
    let started = Started::new(&folder, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(started.said.contains("/setup?token="), "{}", started.said);
    assert!(started.get("/health").starts_with("HTTP/1.1 200 "));
    assert!(started.get("/api/v1/session").starts_with("HTTP/1.1 401 "));
    let figures = started.get("/metrics");
    for figure in ["salesdash_poll_lag_seconds 0", "salesdash_poll_runs_total{verdict=\"failed\"} 0", "salesdash_queue_depth 0"] {
        assert!(figures.contains(figure), "{figure} in {figures}");
    }
    started.stop();
    assert!(folder.path().join("data/salesdash.db").is_file());
    let permissions = |path: &str| {
        let known = std::fs::metadata(folder.path().join(path)).expect("it is there");
        std::os::unix::fs::PermissionsExt::mode(&known.permissions()) & 0o777
    };
    assert_eq!((permissions("data"), permissions("data/salesdash.db"), permissions("data/master.key")), (0o700, 0o600, 0o600));
    // All of it is in the one file now.
    let ahead = std::fs::metadata(folder.path().join("data/salesdash.db-wal")).map_or(0, |ahead| ahead.len());
    assert_eq!(ahead, 0);
}

#[test]
fn serve_says_what_is_wrong() {
    let folder = Folder::new();
    assert!(folder.salesdash(&["serve", "--listen", "nowhere"]).exits(2).errors.contains("--listen"));
    assert!(folder.salesdash(&["serve", "--roles", "cook"]).exits(2).errors.contains("--roles"));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let ran = folder.salesdash(&["serve", "--listen", &address]).exits(3);
    assert!(ran.errors.contains(&format!("cannot listen on {address}")), "{}", ran.errors);
    folder.write("file", "");
    let ran = folder.salesdash(&["serve", "--listen", "127.0.0.1:0", "--data", "file"]).exits(3);
    assert!(ran.errors.contains("cannot be written"), "{}", ran.errors);
}

#[test]
fn demo_serves_the_sample_tenant_and_its_link_signs_in() {
    let folder = Folder::new();
    let mut started = Started::new(&folder, &["demo", "--listen", "127.0.0.1:0"]);
    assert!(started.said.contains("deliveries of two systems"), "{}", started.said);
    let link = started.line_with("/demo/sign-in?key=");
    let path = link.split_once(&started.address).expect("the address").1.trim().to_owned();
    let answer = started.get(&path);
    assert!(answer.starts_with("HTTP/1.1 303 ") && answer.contains("salesdash_session="), "{answer}");
    assert!(started.get("/demo/sign-in?key=other").starts_with("HTTP/1.1 401 "));
    started.stop();
}

#[test]
fn a_backup_is_taken_and_put_back() {
    let folder = Folder::new();
    let ran = folder.salesdash(&["backup", "first.db"]).exits(1);
    assert!(ran.errors.contains("data holds no installation"), "{}", ran.errors);
    folder.salesdash(&["token", "create", "--name", "ci", "--role", "viewer"]).exits(0);
    let ran = folder.salesdash(&["backup", "first.db"]).exits(0);
    assert!(ran.out.is_empty() && ran.errors.contains("the master key is not in it"), "{}", ran.errors);
    assert!(folder.salesdash(&["backup", "first.db"]).exits(1).errors.contains("is there already"));
    assert!(folder.salesdash(&["restore", "first.db"]).exits(1).errors.contains("holds an installation already"));
    assert!(folder.salesdash(&["restore", "none.db", "--data", "other"]).exits(1).errors.contains("none.db"));
    let ran = folder.salesdash(&["restore", "first.db", "--data", "other"]).exits(0);
    assert!(ran.errors.contains("it opens with its master key only"), "{}", ran.errors);
    folder.salesdash(&["restore", "first.db", "--data", "whole", "--key", "data/master.key"]).exits(0);
    assert_eq!(folder.salesdash(&["token", "list", "--data", "whole"]).exits(0).out, folder.salesdash(&["token", "list"]).exits(0).out);
}

#[test]
fn tokens_are_shown_once_listed_and_revoked() {
    let folder = Folder::new();
    let made = folder.salesdash(&["token", "create", "--name", "ci", "--role", "builder"]).exits(0);
    assert!(made.out.starts_with("sd_") && made.out.lines().count() == 1, "{}", made.out);
    assert!(made.errors.contains("shown once"));
    let listed = folder.salesdash(&["token", "list", "--json"]).exits(0).json();
    assert_eq!((text_at(&listed, "0.name"), text_at(&listed, "0.role")), ("ci".into(), "builder".into()));
    let id = text_at(&listed, "0.id");
    folder.salesdash(&["token", "revoke", &id]).exits(0);
    assert!(folder.salesdash(&["token", "revoke", &id]).exits(1).errors.contains("no token"));
    assert_ne!(at(&folder.salesdash(&["token", "list", "--json"]).exits(0).json(), "0.revoked"), Value::Null);
    folder.salesdash(&["token", "create", "--name", "x", "--role", "king"]).exits(2);
}

#[test]
fn every_workload_of_bench_runs_and_its_figures_are_json_where_asked() {
    let folder = Folder::new();
    let ran = folder.salesdash(&["bench", "--quick", "--json"]).exits(0);
    let report = ran.json();
    let workloads = at(&report, "workloads");
    let names: Vec<String> =
        (0..workloads.as_list().map_or(0, <[Value]>::len)).map(|n| text_at(&workloads, &format!("{n}.workload"))).collect();
    assert_eq!(names, ["evaluate", "run", "evaluate --trace", "check", "ingest", "pipeline", "storage", "replay", "start"]);
    for workload in workloads.as_list().unwrap_or_default() {
        for figure in at(workload, "figures").as_list().unwrap_or_default() {
            assert!(at(figure, "value").as_number().is_some() && !text_at(figure, "name").is_empty());
        }
    }
    let ran = folder.salesdash(&["bench", "check", "--quick"]).exits(0);
    assert!(ran.out.starts_with("check\n") && ran.out.contains("at most 10: "), "{}", ran.out);
    assert!(folder.salesdash(&["bench", "cook"]).exits(2).errors.contains("cook"));
}
