//! A provider type: a folder of data.

use std::collections::BTreeMap;

use salesdash_language::check::{Options, check};
use salesdash_language::diagnostics::Severity;
use salesdash_value::{Text, Value, json};
use salesdash_vocabulary::vocabulary;

use crate::definition::Definition;
use crate::definition::preset::{Example, Preset};
use crate::definition::read::{Read, Reading, is_name};
use crate::reader::{Problem, not_one_of};

/// A provider type, whole.
#[derive(Clone, Debug)]
pub struct ProviderType {
    /// What is known of it.
    pub definition: Definition,
    /// The definition as it was written, for forms.
    pub document: Value,
    /// What people do at the vendor's side, in Markdown. Holds `{webhook_url}` where the URL of a source belongs, and
    /// `{redirect_url}` where the vendor is told where to send the browser back to.
    pub setup: Text,
    /// Ready processors, by name.
    pub presets: Vec<(Text, Preset)>,
    /// Synthetic payloads, by name.
    pub examples: Vec<(Text, Example)>,
}

/// What is wrong in one file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    /// The file, from the folder: `presets/won.json`.
    pub file: String,
    /// What is wrong, and where in it.
    pub problem: Problem,
}

impl std::fmt::Display for FileProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.file, self.problem)
    }
}

/// The files of a folder: their bytes by their path from it, with `/`.
pub type Files = BTreeMap<String, Vec<u8>>;

impl ProviderType {
    /// Reads a folder of this name.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn read(name: &str, files: &Files) -> Result<Self, Vec<FileProblem>> {
        let mut reader = Reader { problems: Vec::new() };
        let mut document = Value::Null;
        let mut definition = None;
        match files.get(DEFINITION) {
            None => reader.add(DEFINITION, "", "this file is missing"),
            Some(bytes) => {
                if let Some(value) = reader.json(DEFINITION, bytes) {
                    match Definition::from_value(&value) {
                        Ok(read) => definition = Some(read),
                        Err(problems) => reader.all(DEFINITION, problems),
                    }
                    document = value;
                }
            }
        }
        if let Some(definition) = &definition
            && definition.name.0 != name
        {
            reader.add(DEFINITION, "/name", &format!("the name must be that of the folder, `{name}`"));
        }
        let setup = files.get(SETUP).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        if setup.trim().is_empty() {
            reader.add(SETUP, "", "this file is missing: say what people do at the vendor's side");
        }
        let presets: Vec<(Text, Preset)> = reader.each(files, "presets/");
        let examples: Vec<(Text, Example)> = reader.each(files, "examples/");
        for file in files.keys() {
            let known = [DEFINITION, SETUP].contains(&file.as_str()) || file.starts_with("presets/") || file.starts_with("examples/");
            if !known {
                reader.add(
                    file,
                    "",
                    "this file is not part of a provider type: `definition.json`, `setup.md`, `presets/` and `examples/` are",
                );
            }
        }
        let Some(definition) = definition else { return Err(reader.problems) };
        for (name, preset) in &presets {
            reader.preset(&definition, &format!("presets/{name}.json"), preset);
        }
        for (name, example) in &examples {
            reader.example(&definition, &format!("examples/{name}.json"), example);
        }
        if reader.problems.is_empty() {
            Ok(Self { definition, document, setup: setup.into(), presets, examples })
        } else {
            Err(reader.problems)
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.definition.name.0
    }

    /// A preset of this name.
    #[must_use]
    pub fn preset(&self, name: &str) -> Option<&Preset> {
        self.presets.iter().find(|(known, _)| known == name).map(|(_, preset)| preset)
    }
}

/// The file with the definition.
pub const DEFINITION: &str = "definition.json";
/// The file that says what people do at the vendor's side.
pub const SETUP: &str = "setup.md";

struct Reader {
    problems: Vec<FileProblem>,
}

impl Reader {
    fn add(&mut self, file: &str, pointer: &str, text: &str) {
        self.problems.push(FileProblem { file: file.to_owned(), problem: Problem { pointer: pointer.to_owned(), text: text.to_owned() } });
    }

    fn all(&mut self, file: &str, problems: Vec<Problem>) {
        self.problems.extend(problems.into_iter().map(|problem| FileProblem { file: file.to_owned(), problem }));
    }

    fn json(&mut self, file: &str, bytes: &[u8]) -> Option<Value> {
        json::parse(bytes, json::Limits::DEFAULT)
            .map_err(|error| self.add(file, "", &format!("line {}, column {}: {}", error.line, error.column, error.text)))
            .ok()
    }

    /// The files of a subfolder, by name.
    fn each<T: Read>(&mut self, files: &Files, folder: &str) -> Vec<(Text, T)> {
        let mut read = Vec::new();
        for (file, bytes) in files.iter().filter(|(file, _)| file.starts_with(folder)) {
            let Some(name) = file[folder.len()..].strip_suffix(".json").filter(|name| is_name(name)) else {
                self.add(file, "", "a file here is called `<name>.json`, with lower-case letters, digits and underscores");
                continue;
            };
            let Some(value) = self.json(file, bytes) else { continue };
            let mut reading = Reading::default();
            let part = T::read(&mut reading, &value, "");
            match reading.problems.result(part) {
                Ok(part) => read.push((Text::new(name), part)),
                Err(problems) => self.all(file, problems),
            }
        }
        read
    }

    /// A preset is for sources that are there, and its spec passes the checker without a warning.
    fn preset(&mut self, definition: &Definition, file: &str, preset: &Preset) {
        if preset.polls.is_empty()
            && preset.webhooks.is_empty()
            && !definition.custom_webhooks
            && !definition.custom_polls
            && !definition.files
        {
            self.add(file, "", "say with `polls` or `webhooks` which sources it can run on");
        }
        let mut models = Vec::new();
        for (index, poll) in preset.polls.iter().enumerate() {
            match definition.polls.get(&poll.0) {
                Some(poll) => models.push(&poll.model.0),
                None => {
                    let known: Vec<_> = definition.polls.names().collect();
                    self.add(file, &format!("/polls/{index}"), &not_one_of(&poll.0, &known));
                }
            }
        }
        for (index, webhook) in preset.webhooks.iter().enumerate() {
            match definition.webhooks.get(&webhook.0) {
                Some(webhook) => models.push(&webhook.model.0),
                None => {
                    let known: Vec<_> = definition.webhooks.names().collect();
                    self.add(file, &format!("/webhooks/{index}"), &not_one_of(&webhook.0, &known));
                }
            }
        }
        let takes = preset.spec.0.get("source_model").and_then(|model| model.get("type")).and_then(Value::as_text);
        for model in models {
            if takes != Some(model) {
                self.add(file, "/spec/source_model/type", &format!("its sources yield `{model}`, which is not what the spec takes"));
            }
        }
        let checked = check(&preset.spec.0, vocabulary(), &definition.models(), Options { projects: true, annotate: false });
        for diagnostic in checked.diagnostics {
            let severity = if diagnostic.severity == Severity::Error { "" } else { "warning: " };
            let text = format!("{severity}{} ({})", diagnostic.text, diagnostic.code.code);
            self.add(file, &format!("/spec{}", diagnostic.pointer), &text);
        }
        for (index, constant) in preset.spec.0.get("constants").and_then(Value::as_list).unwrap_or_default().iter().enumerate() {
            if constant.get("description").is_none_or(Value::is_empty) {
                self.add(file, &format!("/spec/constants/{index}"), "`description` is missing: say what people fill in, and why");
            }
        }
        let constants = preset.spec.0.get("constants").and_then(Value::as_list).unwrap_or_default();
        let declared: Vec<&str> = constants.iter().filter_map(|constant| constant.get("name").and_then(Value::as_text)).collect();
        for (name, _) in &preset.constants.0 {
            if !declared.contains(&name.as_str()) {
                self.add(file, &format!("/constants/{name}"), &not_one_of(name, &declared));
            }
        }
    }

    fn example(&mut self, definition: &Definition, file: &str, example: &Example) {
        let parts = [&example.poll, &example.webhook, &example.enrichment];
        if parts.iter().filter(|part| part.is_some()).count() != 1 {
            self.add(file, "", "say what it is an example of with exactly one of: poll, webhook, enrichment");
            return;
        }
        let known = |part: &Option<crate::definition::read::Name>, names: Vec<&str>| match part {
            Some(name) if !names.contains(&name.0.as_str()) => Some(not_one_of(&name.0, &names)),
            _ => None,
        };
        for (key, problem) in [
            ("/poll", known(&example.poll, definition.polls.names().collect())),
            ("/webhook", known(&example.webhook, definition.webhooks.names().collect())),
            ("/enrichment", known(&example.enrichment, definition.enrichments.names().collect())),
        ] {
            if let Some(text) = problem {
                self.add(file, key, &text);
                return;
            }
        }
    }
}
