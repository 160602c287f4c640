//! The program, serving an installation of the reference mapping.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use salesdash_engine::bench::installation::Installation;
use salesdash_store::executions::{Filter, Status};
use salesdash_store::ledger::Ledger;
use salesdash_store::{Paging, Store};

/// An installation in a directory, not open.
pub fn install(data: &Path) -> Installation {
    let store = Store::open(data).expect("a store");
    Installation::make(&store, true).expect("an installation")
}

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// Reads what it says until it ends.
    reader: Option<JoinHandle<String>>,
}

impl Server {
    pub fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_salesdash"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        Self::of(command)
    }

    /// The same, by a command that becomes the program.
    pub fn of(mut command: Command) -> Self {
        let child = command.env("SALESDASH_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("it starts");
        let mut errors = BufReader::new(child.stderr.take().expect("standard error"));
        let (mut line, mut said) = (String::new(), String::new());
        let address = loop {
            line.clear();
            if errors.read_line(&mut line).expect("text") == 0 {
                panic!("it ended before it listened: {said}");
            }
            if let Some(address) = line.trim().strip_prefix("listening on http://") {
                break address.parse().expect("an address");
            }
            said.push_str(&line);
        };
        // Somebody reads on, so that it never waits for that.
        let reader = std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = errors.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        });
        Self { child, address, reader: Some(reader) }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).expect("it runs");
    }

    /// Ends it at once, whatever it is doing.
    pub fn kill(mut self) {
        self.signal(Signal::SIGKILL);
        self.child.wait().expect("it ends");
    }

    /// Ends it as an operator does; gives what it said meanwhile.
    pub fn stop(mut self) -> String {
        self.signal(Signal::SIGTERM);
        assert_eq!(self.child.wait().expect("it ends").code(), Some(0), "it ends well");
        self.reader.take().expect("it is read once").join().expect("text")
    }
}

impl Drop for Server {
    /// A test that fails leaves nothing running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What an installation that nobody has open holds.
pub struct Held {
    pub ledger: Ledger,
    /// How many executions each record has, and whether all of them succeeded.
    pub executions: BTreeMap<String, (usize, bool)>,
    /// How many records of each kind were written.
    pub records: Vec<(String, i64)>,
}

/// Looks at an installation. What waits there is executed first.
pub fn look(data: &Path, installation: &Installation) -> Held {
    use salesdash_engine::{Engine, Options};
    let store = std::sync::Arc::new(Store::open(data).expect("a store"));
    let engine = Engine::open(std::sync::Arc::clone(&store), Options::default()).expect("an engine");
    engine.drain();
    let source = installation.source;
    store
        .read(installation.tenant, |scope| {
            let ledger = scope.ledger(source)?;
            assert!(ledger.balances(), "{ledger:?}");
            assert_eq!(ledger, scope.counted_ledger(source)?, "the ledger as it is kept, and as it is counted");
            let mut executions: BTreeMap<String, (usize, bool)> = BTreeMap::new();
            let mut before = i64::MAX;
            loop {
                let page = scope.executions(&Filter::default(), Paging { before, limit: 500 })?;
                for execution in &page.items {
                    let key = scope.source_model(execution.source_model)?.key.unwrap_or_default();
                    let of_key = executions.entry(key).or_insert((0, true));
                    of_key.0 += 1;
                    of_key.1 &= execution.status == Status::Succeeded;
                }
                match page.items.last() {
                    Some(last) if page.next.is_some() => before = last.id,
                    _ => break,
                }
            }
            let records = scope.record_counts()?.into_iter().map(|(kind, count, _)| (kind.to_string(), count)).collect();
            Ok(Held { ledger, executions, records })
        })
        .expect("it can be read")
}
