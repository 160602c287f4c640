//! Executes the manual: every example of `docs/language`, as its first page says.

use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;
use salesdash_language::check::{Checked, Options, check, check_expression, type_of};
use salesdash_language::effect::{NoState, Outcome};
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::identity::IdentityKey;
use salesdash_language::model::{self, Models};
use salesdash_language::render;
use salesdash_value::{Instant, Value, json};
use salesdash_vocabulary::vocabulary;

/// A block of an example: what it is, its text, and its line in the page.
struct Block {
    kind: String,
    text: String,
    line: usize,
}

/// The fenced blocks of a page that say what they are, such as `json spec`.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(info), None) => {
                let kind = info.split_once(' ').map_or("", |(_, kind)| kind).to_owned();
                open = Some(Block { kind, text: String::new(), line: number + 1 });
            }
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks.retain(|block| !block.kind.is_empty());
    blocks
}

fn with_context<T>(constants: &[Value], body: impl FnOnce(&Context<'_>) -> T) -> T {
    body(&Context {
        tenant: 0,
        provider: 0,
        at: "2026-03-01T12:00:00Z".parse::<Instant>().expect("an instant"),
        timezone: &TimeZone::UTC,
        country: None,
        key: &IdentityKey::new(IdentityKey::DEVELOPMENT.as_bytes()),
        constants,
        state: &NoState,
        budgets: Budgets::DEFAULT,
    })
}

/// What has been read of a page so far.
#[derive(Default)]
struct Reader {
    models: Models,
    record: Option<Value>,
    /// The last spec, and whether its messages have been told.
    spec: Option<(Checked, bool)>,
    outcome: Option<Outcome>,
    expression: Option<Value>,
    given: Option<Value>,
    examples: usize,
}

impl Reader {
    fn block(&mut self, block: &Block) -> Result<(), String> {
        let parsed = || json::parse(block.text.as_bytes(), json::Limits::DEFAULT).map_err(|error| error.to_string());
        match block.kind.as_str() {
            "models" => {
                let (models, problems) = Models::read(&parsed()?);
                self.models = models;
                if problems.is_empty() { Ok(()) } else { Err(format!("{problems:?}")) }
            }
            "record" => {
                self.record = Some(parsed()?);
                self.outcome = None;
                Ok(())
            }
            "spec" => {
                self.finish_spec()?;
                let options = Options { projects: true, annotate: false };
                self.spec = Some((check(&parsed()?, vocabulary(), &self.models, options), false));
                self.outcome = None;
                Ok(())
            }
            "effects" => self.effects(&parsed()?),
            "messages" => self.messages(&block.text),
            "expression" => {
                self.expression = Some(parsed()?);
                Ok(())
            }
            "given" => {
                self.given = Some(parsed()?);
                Ok(())
            }
            "gives" => self.gives(&parsed()?),
            other => Err(format!("nobody knows what to do with a block of `{other}`")),
        }
    }

    /// A spec of which nothing is said has no problem.
    fn finish_spec(&mut self) -> Result<(), String> {
        match self.spec.take() {
            Some((checked, false)) if !checked.diagnostics.is_empty() => Err(format!("the checker says {:?}", checked.diagnostics)),
            _ => Ok(()),
        }
    }

    fn run(&mut self) -> Result<&Outcome, String> {
        let (checked, _) = self.spec.as_ref().ok_or("there is no spec")?;
        let plan = checked.runnable().ok_or_else(|| format!("the spec has errors: {:?}", checked.diagnostics))?;
        let record = self.record.clone().ok_or("there is no record")?;
        let record = model::conform(record, plan.source(), &TimeZone::UTC);
        let constants = plan.bind_constants(&Value::Null).map_err(|problems| format!("{problems:?}"))?;
        let outcome = with_context(&constants, |context| plan.evaluate(&record, context));
        Ok(self.outcome.insert(outcome))
    }

    fn effects(&mut self, expected: &Value) -> Result<(), String> {
        self.examples += 1;
        self.run()?;
        let ((checked, _), Some(outcome)) = (self.spec.as_ref().ok_or("there is no spec")?, &self.outcome) else {
            return Err("nothing was run".to_owned());
        };
        let effects = render::effects(&checked.plan, outcome);
        let without_ids = effects
            .as_list()
            .unwrap_or_default()
            .iter()
            .map(|effect| Value::object(effect.as_object().unwrap_or_default().iter().filter(|(key, _)| key != "id").cloned()));
        let without_ids = Value::list(without_ids);
        if json::to_string(&without_ids) == json::to_string(expected) {
            Ok(())
        } else {
            Err(format!("the effects are\n{}\nand the messages {:?}", json::to_pretty(&without_ids), outcome.messages))
        }
    }

    /// The codes and places of what the run, else the checker, has to say.
    fn messages(&mut self, expected: &str) -> Result<(), String> {
        self.examples += 1;
        let (checked, told) = self.spec.as_mut().ok_or("there is no spec")?;
        let said: Vec<String> = match &self.outcome {
            Some(outcome) => {
                let messages = outcome.messages.iter();
                messages.map(|message| format!("{} {}", message.code.map_or("-", |code| code.code), message.node)).collect()
            }
            None => {
                *told = true;
                checked.diagnostics.iter().map(|diagnostic| format!("{} {}", diagnostic.code.code, diagnostic.pointer)).collect()
            }
        };
        let expected: Vec<&str> = expected.lines().filter(|line| !line.is_empty()).collect();
        if said == expected { Ok(()) } else { Err(format!("what is said is {said:#?}: {:?}", checked.diagnostics)) }
    }

    fn gives(&mut self, expected: &Value) -> Result<(), String> {
        self.examples += 1;
        let node = self.expression.take().ok_or("there is no expression")?;
        let given = self.given.take().unwrap_or_else(|| Value::object::<&str>([]));
        let given = given.as_object().unwrap_or_default().to_vec();
        let variables: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), type_of(value))).collect();
        let values: Vec<_> = given.iter().map(|(_, value)| value.clone()).collect();
        let checked = check_expression(&node, vocabulary(), &variables);
        match with_context(&[], |context| checked.plan.evaluate_expression(&values, context)) {
            Ok(value) if json::to_string(&value) == json::to_string(expected) => Ok(()),
            Ok(value) => Err(format!("it gives {}", json::to_string(&value))),
            Err(fault) => Err(format!("it fails with {}: {}", fault.code.code, fault.text)),
        }
    }
}

#[test]
fn every_example_of_the_manual_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/language");
    let mut examples = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&folder).expect("the manual") {
        let path = entry.expect("a page").path();
        let page = fs::read_to_string(&path).expect("a page");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut reader = Reader::default();
        for block in blocks(&page) {
            if let Err(problem) = reader.block(&block) {
                wrong.push(format!("{name}, line {}: {problem}", block.line));
            }
        }
        if let Err(problem) = reader.finish_spec() {
            wrong.push(format!("{name}, its last spec: {problem}"));
        }
        examples += reader.examples;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(examples > 10, "{examples} examples");
}
