//! What those who run it do: users, tokens, serving, the master key.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Folder, text_at};

#[test]
fn users_are_made_listed_and_removed() {
    let folder = Folder::new();
    let create = ["user", "create", "--email", "kim@example.com", "--role", "admin", "--password-stdin"];
    folder.salesdash_reading(&create, b"short\n").exits(1);
    let made = folder.salesdash_reading(&create, b"correct horse battery\n").exits(0);
    assert!(!made.errors.contains("horse"));
    folder.salesdash_reading(&create, b"correct horse battery\n").exits(1);
    folder.salesdash(&["user", "create", "--email", "nonsense"]).exits(2);
    let invited = folder.salesdash(&["user", "create", "--email", "robin@example.com"]).exits(0);
    assert!(invited.errors.contains("/setup?token="), "{}", invited.errors);
    let list = folder.salesdash(&["user", "list", "--json"]).exits(0).json();
    assert_eq!(
        (text_at(&list, "0.email"), text_at(&list, "0.role"), text_at(&list, "1.role")),
        ("robin@example.com".into(), "viewer".into(), "admin".into())
    );
    assert!(folder.salesdash(&["user", "list"]).exits(0).out.contains("kim@example.com"));
    folder.salesdash_reading(&["user", "password", "--email", "kim@example.com"], b"another password\n").exits(0);
    folder.salesdash(&["user", "delete", "--email", "robin@example.com"]).exits(0);
    let last = folder.salesdash(&["user", "delete", "--email", "kim@example.com"]).exits(1);
    assert!(last.errors.contains("administer"), "{}", last.errors);
}

#[test]
fn tokens_are_made_listed_and_revoked() {
    let folder = Folder::new();
    let made = folder.salesdash(&["token", "create", "--name", "ci", "--role", "builder", "--expires", "2099-01-01"]).exits(0);
    assert!(made.out.starts_with("sd_") && made.out.lines().count() == 1, "{}", made.out);
    let list = folder.salesdash(&["token", "list", "--json"]).exits(0);
    assert!(!list.out.contains(made.out.trim()), "the secret is stored nowhere");
    let id = text_at(&list.json(), "0.id");
    folder.salesdash(&["token", "revoke", &id]).exits(0);
    folder.salesdash(&["token", "revoke", &id]).exits(1);
    assert!(folder.salesdash(&["token", "list"]).exits(0).out.contains("revoked"));
}

#[test]
fn what_serve_cannot_do_it_says() {
    let folder = Folder::new();
    let refused = folder.salesdash(&["serve", "--database", "postgres://localhost/x"]).exits(2);
    assert!(refused.errors.contains("embedded database"), "{}", refused.errors);
    folder.salesdash(&["serve", "--roles", "worker"]).exits(2);
    folder.salesdash(&["serve", "--public-url", "sales.example.com"]).exits(2);
    folder.salesdash(&["serve", "--providers", "nowhere"]).exits(3);
    std::fs::create_dir_all(folder.path().join("types/crm")).unwrap();
    folder.write("types/crm/definition.json", "{}");
    let wrong = folder.salesdash(&["serve", "--providers", "types"]).exits(1);
    assert!(wrong.errors.contains("definition.json"), "{}", wrong.errors);
}

/// A server that runs, with what it says.
struct Server {
    child: Child,
    address: String,
    setup: Option<String>,
    said: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Server {
    fn start(folder: &Folder) -> Self {
        let mut command = folder.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).stdin(Stdio::null()).spawn().expect("it starts");
        let said = BufReader::new(child.stderr.take().expect("standard error")).lines();
        let mut server = Self { child, address: String::new(), setup: None, said };
        while server.address.is_empty() {
            let line = server.said.next().expect("it says where it listens").expect("text");
            if let Some((_, token)) = line.split_once("/setup?token=") {
                server.setup = Some(token.to_owned());
            }
            if let Some(address) = line.strip_prefix("listening on http://") {
                server.address = address.to_owned();
            }
        }
        server
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn stop(mut self, signal: Signal) -> i32 {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
        for line in self.said.by_ref() {
            let line = line.unwrap();
            assert!(!line.contains("panicked"), "{line}");
        }
        self.child.wait().unwrap().code().expect("it was not killed")
    }
}

#[test]
fn it_serves_until_it_is_told_to_stop() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    assert!(server.setup.is_some(), "nobody administers it yet");
    assert!(server.get("/health").starts_with("HTTP/1.1 200"));
    assert!(server.get("/api/v1/session").starts_with("HTTP/1.1 401"));
    let page = server.get("/providers");
    assert!(
        page.to_lowercase().contains("content-security-policy: default-src 'none'") && !page.contains("script-src 'unsafe-inline'"),
        "{page}"
    );
    let busy = folder.salesdash(&["user", "list"]).exits(3);
    assert!(busy.errors.contains("another process is using"), "{}", busy.errors);
    // The master key is changed beside it.
    folder.salesdash(&["rotate-key"]).exits(0);
    assert_eq!(server.stop(Signal::SIGTERM), 0);
    folder
        .salesdash_reading(
            &["user", "create", "--email", "kim@example.com", "--role", "admin", "--password-stdin"],
            b"correct horse battery",
        )
        .exits(0);
    let again = Server::start(&folder);
    assert!(again.setup.is_none(), "somebody administers it now");
    assert_eq!(again.stop(Signal::SIGINT), 0);
}

#[test]
fn the_master_key_of_nothing_cannot_be_changed() {
    let folder = Folder::new();
    let refused = folder.salesdash(&["rotate-key"]);
    assert_ne!(refused.exit, 0);
    assert!(!folder.path().join("data").exists(), "nothing is made");
}
