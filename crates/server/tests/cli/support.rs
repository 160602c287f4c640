//! Running the program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use salesdash_value::Value;
use salesdash_value::json::{self, Limits};

/// A folder of its own for a test, gone afterwards.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// The program, started in this folder.
    pub fn salesdash(&self, arguments: &[&str]) -> Ran {
        self.salesdash_reading(arguments, b"")
    }

    /// The same, with this on standard input.
    pub fn salesdash_reading(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut child =
            self.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("standard input");
        let output = std::thread::scope(|scope| {
            // The program may end without having read everything.
            scope.spawn(move || drop(stdin.write_all(input)));
            child.wait_with_output().expect("it ends")
        });
        Ran::of(output)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_salesdash"));
        command.current_dir(self.path()).args(arguments);
        command
    }
}

/// What came of it.
pub struct Ran {
    pub exit: i32,
    pub out: String,
    pub errors: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            exit: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout).expect("text"),
            errors: String::from_utf8(output.stderr).expect("text"),
        }
    }

    #[track_caller]
    pub fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{}\n{}", self.out, self.errors);
        self
    }

    /// Every line of the output, as JSON.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(parse).collect()
    }

    /// The output as one JSON value.
    pub fn json(&self) -> Value {
        parse(&self.out)
    }
}

pub fn parse(text: &str) -> Value {
    json::parse(text.as_bytes(), Limits::DEFAULT).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What a path leads to, list items by their index.
pub fn at(value: &Value, path: &str) -> Value {
    path.split('.').filter(|step| !step.is_empty()).fold(value.clone(), |value, step| match &value {
        Value::List(items) => items.get(step.parse::<usize>().expect("an index")).cloned().unwrap_or_default(),
        _ => value.get(step).cloned().unwrap_or_default(),
    })
}

/// The text that a path leads to.
pub fn text_at(value: &Value, path: &str) -> String {
    at(value, path).as_text().unwrap_or_else(|| panic!("a text at {path} of {}", json::to_string(value))).to_owned()
}

/// A spec of one identity, without a problem against [`MODELS`].
pub const SPEC: &str = r#"{
  "format": 1,
  "source_model": { "type": "opportunity", "var": "deal" },
  "instructions": [
    { "id": "owner", "type": "upsert_agent_external_identity",
      "external_id": { "type": "var", "var": "deal.owner" } }
  ]
}"#;

/// What [`SPEC`] takes.
pub const MODELS: &str = r#"{ "models": { "opportunity": { "key": "id", "var": "deal", "fields": {
  "id": "string", "owner": "string", "email": { "type": "string", "personal": "email" } } } } }"#;

/// A folder with [`SPEC`] and [`MODELS`].
pub fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("spec.json", SPEC);
    folder.write("models.json", MODELS);
    folder
}
