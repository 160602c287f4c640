//! The checker: reads a spec, finds every problem at once, and compiles what it understood to a plan. It knows no word by name; what
//! it knows of words is their metadata, their type rules and the roles they play in fixes.

mod document;
mod expression;
mod instruction;
mod scope;

use std::sync::Arc;

use salesdash_value::{Text, Value};

pub use document::{CONSTANT_TYPES, constant_mismatch, constant_type};
pub use expression::{ExpressionCheck, Typed, type_of};
pub use instruction::{Bindings, InstructionCheck, MAX_ID};
pub use scope::{Facts, VariablePath};

use crate::codes;
use crate::diagnostics::{Code, Diagnostic, Fix, Patch, Severity, nearest};
use crate::model::Models;
use crate::plan::{Node, NodeInfo, Plan, PlanInstruction};
use crate::types::Type;
use crate::vocabulary::Vocabulary;
use scope::Scope;

/// The longest name of a variable, a constant or an enrichment.
pub const MAX_NAME: usize = 64;
/// Nesting of expressions and instructions that a spec may have.
pub const MAX_DEPTH: usize = 64;
/// Expression nodes that a spec may have.
pub const MAX_NODES: usize = 100_000;

/// What the checker takes into account beside the spec.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether the tenant has the Projects feature on.
    pub projects: bool,
    /// Whether to note types and scopes, for editors.
    pub annotate: bool,
}

/// What the checker found.
pub struct Checked {
    /// The compiled spec. What has errors in it compiles to nodes that fail; see [`Checked::runnable`].
    pub plan: Arc<Plan>,
    /// Every problem, in the order of the document.
    pub diagnostics: Vec<Diagnostic>,
    /// Types and scopes, where asked for.
    pub annotations: Annotations,
}

impl Checked {
    /// Whether any of the problems is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The plan, where there is no error.
    #[must_use]
    pub fn runnable(&self) -> Option<&Arc<Plan>> {
        (!self.has_errors()).then_some(&self.plan)
    }
}

/// What an editor shows beside the nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations {
    /// The type of every expression node, by its JSON pointer.
    pub types: Vec<(Text, Type)>,
    /// What is in scope before every instruction, by the instruction's JSON pointer.
    pub scopes: Vec<(Text, Vec<ScopeEntry>)>,
}

/// A variable in scope.
#[derive(Clone, Debug, PartialEq)]
pub struct ScopeEntry {
    /// Its name.
    pub name: Text,
    /// Its type.
    pub ty: Type,
    /// Where it comes from: `source_model`, `constant`, `item`, or the id of an instruction.
    pub origin: Text,
}

/// Checks a spec.
#[must_use]
pub fn check(document: &Value, vocabulary: &Vocabulary, models: &Models, options: Options) -> Checked {
    Checker::new(document, vocabulary, models, options).document(document)
}

/// One checked expression, outside a spec.
pub struct CheckedExpression {
    /// The compiled expression: see [`Plan::evaluate_expression`].
    pub plan: Arc<Plan>,
    /// Its type.
    pub ty: Type,
    /// Every problem.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks one expression over these variables, outside a spec: for live values in an editor, for definitions of providers, for tests.
#[must_use]
pub fn check_expression(node: &Value, vocabulary: &Vocabulary, variables: &[(&str, Type)]) -> CheckedExpression {
    let models = Models::default();
    let mut checker = Checker::new(node, vocabulary, &models, Options::default());
    for (name, ty) in variables {
        checker.scope.bind(Text::new(name), ty.clone(), Text::new_static("variable"));
    }
    let (_, typed) = checker.expression(node);
    let plan = Plan {
        nodes: checker.nodes,
        infos: checker.infos,
        instructions: Vec::new(),
        body: Box::default(),
        slots: checker.scope.slots.max(1),
        constants: Vec::new(),
        source_type: Text::default(),
        source_variable: Text::default(),
        source: Type::NULL,
    };
    CheckedExpression { plan: Arc::new(plan), ty: typed.ty, diagnostics: checker.diagnostics }
}

struct Checker<'v> {
    vocabulary: &'v Vocabulary,
    models: &'v Models,
    options: Options,
    root: &'v Value,
    diagnostics: Vec<Diagnostic>,
    /// The JSON pointer of the node at hand.
    pointer: String,
    scope: Scope,
    /// The instructions around the node at hand, from the outside in.
    enclosing: Vec<Enclosing>,
    nodes: Vec<Node>,
    infos: Vec<NodeInfo>,
    instructions: Vec<PlanInstruction>,
    ids: std::collections::HashMap<Text, Text>,
    /// What has been reported: pointer, code and text.
    reported: std::collections::HashSet<(Text, &'static str, String)>,
    scopes: Vec<(Text, Vec<ScopeEntry>)>,
    depth: usize,
}

/// An instruction around the node at hand.
struct Enclosing {
    id: Text,
    pointer: Text,
    /// Whether it sets a variable.
    returns: bool,
    value: Value,
}

impl<'v> Checker<'v> {
    fn new(root: &'v Value, vocabulary: &'v Vocabulary, models: &'v Models, options: Options) -> Self {
        Self {
            vocabulary,
            models,
            options,
            root,
            diagnostics: Vec::new(),
            pointer: String::new(),
            scope: Scope::default(),
            enclosing: Vec::new(),
            nodes: Vec::new(),
            infos: Vec::new(),
            instructions: Vec::new(),
            ids: std::collections::HashMap::new(),
            reported: std::collections::HashSet::new(),
            scopes: Vec::new(),
            depth: 0,
        }
    }

    /// Reports a problem at the node at hand.
    fn report(&mut self, code: &'static Code, severity: Severity, text: impl Into<String>, fixes: Vec<Fix>) {
        let diagnostic = Diagnostic {
            code,
            severity,
            pointer: Text::new(&self.pointer),
            instruction: self.enclosing.last().map(|enclosing| enclosing.id.clone()),
            text: text.into(),
            fixes,
        };
        // A list checked twice, or a value used twice, says what is wrong once.
        if self.reported.insert((diagnostic.pointer.clone(), code.code, diagnostic.text.clone())) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn error(&mut self, code: &'static Code, text: impl Into<String>) {
        self.report(code, Severity::Error, text, Vec::new());
    }

    /// Does something one step further down the document.
    fn at<T>(&mut self, step: &str, body: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&crate::diagnostics::escape(step));
        let result = body(self);
        self.pointer.truncate(length);
        result
    }

    fn at_index<T>(&mut self, index: usize, body: impl FnOnce(&mut Self) -> T) -> T {
        use std::fmt::Write;
        let length = self.pointer.len();
        write!(self.pointer, "/{index}").expect("writing to a string");
        let result = body(self);
        self.pointer.truncate(length);
        result
    }

    /// Reports the keys of an object that are not known.
    fn unknown_keys(&mut self, fields: &[(Text, Value)], of: &str, known: impl Fn(&str) -> bool, names: &[&str]) {
        for (key, value) in fields {
            if known(key) {
                continue;
            }
            let near = nearest(key, names.iter().copied().filter(|name| !fields.iter().any(|(key, _)| key == name)));
            let mut fixes = Vec::new();
            let removed = Patch::Remove(format!("{}/{}", self.pointer, crate::diagnostics::escape(key)));
            if let Some(near) = near {
                let added = Patch::Add(format!("{}/{}", self.pointer, crate::diagnostics::escape(near)), value.clone());
                fixes.push(Fix { title: format!("Rename to `{near}`"), patch: vec![removed.clone(), added] });
            }
            fixes.push(Fix { title: format!("Remove `{key}`"), patch: vec![removed] });
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let text = format!("{of} has no key `{key}`{hint}");
            self.at(key, |checker| checker.report(&codes::UNKNOWN_KEY, Severity::Error, text, fixes));
        }
    }

    /// Checks a name, and reports where it is not one.
    fn name(&mut self, name: &str) -> bool {
        let valid = name.len() <= MAX_NAME
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !valid {
            let mended: String = name
                .to_lowercase()
                .chars()
                .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' })
                .skip_while(|c| !c.is_ascii_lowercase())
                .take(MAX_NAME)
                .collect();
            let fixes = if mended.is_empty() {
                Vec::new()
            } else {
                let patch = vec![Patch::Replace(self.pointer.clone(), Value::text(&mended))];
                vec![Fix { title: format!("Name it `{mended}`"), patch }]
            };
            let text = "a name begins with a lower-case letter and holds lower-case letters, digits and underscores, 64 at most";
            self.report(&codes::WRONG_NAME, Severity::Error, text, fixes);
        }
        valid
    }

    fn push_node(&mut self, node: Node, ty: Type, name: Text) -> u32 {
        self.nodes.push(node);
        self.infos.push(NodeInfo { pointer: Text::new(&self.pointer), ty, name });
        (self.nodes.len() - 1) as u32
    }
}
