//! Checking instructions.

use salesdash_value::{Text, Value};

use super::expression::Typed;
use super::scope::{Binding, Facts, Gone};
use super::{Checker, Enclosing, MAX_DEPTH, ScopeEntry};
use crate::codes;
use crate::diagnostics::{Code, Fix, Patch, Severity};
use crate::evaluate::choices;
use crate::meta::{Feature, FieldKind, InstructionMeta, Role};
use crate::plan::{Place, PlanInstruction};
use crate::types::{Accepts, Shape, Type};

/// The keys that every instruction has.
const COMMON: &[&str] = &["id", "type", "note", "disabled"];
/// The key of the variable that an instruction sets.
const RETURN_AS: &str = "return_as";
/// The longest id of an instruction, in bytes.
pub const MAX_ID: usize = 128;

/// What a list of instructions comes to.
#[derive(Debug, Default)]
pub struct Bindings {
    /// What it sets at its own level.
    set: Vec<Binding>,
    /// Whether the execution always ends in it.
    ends: bool,
}

impl Bindings {
    /// Whether the execution always ends in the list, so that nothing after it runs.
    #[must_use]
    pub const fn ends(&self) -> bool {
        self.ends
    }
}

/// A name for where a variable comes from, in a message.
pub(super) fn origin_name(origin: &str) -> String {
    match origin {
        "source_model" => "the source model".to_owned(),
        "constant" => "a constant".to_owned(),
        "item" => "an item variable".to_owned(),
        id => format!("what `{id}` returns"),
    }
}

/// A checked field.
struct Done {
    typed: Option<Typed>,
    place: Place,
}

/// One instruction being checked, as its type rule sees it.
pub struct InstructionCheck<'c, 'v> {
    checker: &'c mut Checker<'v>,
    meta: &'static InstructionMeta,
    object: &'c Value,
    done: Vec<Option<Done>>,
    ends: bool,
}

impl InstructionCheck<'_, '_> {
    fn index(&self, name: &str) -> usize {
        self.meta.fields.iter().position(|field| field.name == name).expect("a field of this name")
    }

    /// Whether a field is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some()
    }

    /// Checks a field and gives what is known of it. `None` where it is absent.
    pub fn field(&mut self, name: &str) -> Option<Typed> {
        let index = self.index(name);
        self.visit(index);
        self.done[index].as_ref().and_then(|done| done.typed.clone())
    }

    /// Checks every expression field in order, and gives the name and type of those that are there.
    pub fn fields(&mut self) -> Vec<(&'static str, Typed)> {
        let mut fields = Vec::new();
        for field in self.meta.fields {
            if matches!(field.kind, FieldKind::Expression)
                && let Some(typed) = self.field(field.name)
            {
                fields.push((field.name, typed));
            }
        }
        fields
    }

    /// A literal field.
    #[must_use]
    pub fn literal(&self, name: &str) -> Option<&Value> {
        self.object.get(name)
    }

    /// The JSON of an expression field, for rules that look at it whole.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<&Value> {
        self.object.get(name)
    }

    /// Checks the list of instructions in a field under more facts. What it sets at its own level can be merged with what another
    /// list sets; `after` is what an earlier list of the same block set.
    pub fn list(&mut self, name: &str, facts: &Facts, after: &Bindings) -> Bindings {
        let index = self.index(name);
        let Some(list) = self.object.get(name) else { return Bindings::default() };
        let checker = &mut *self.checker;
        let height = checker.scope.bindings.len();
        let known = checker.scope.facts.len();
        checker.scope.facts.extend(facts.iter().cloned());
        let reuse = after.set.iter().map(|binding| (binding.name.clone(), binding.slot)).collect();
        let outer = std::mem::replace(&mut checker.scope.reuse, reuse);
        let (instructions, ends) = checker.at(name, |checker| checker.instructions(list));
        checker.scope.reuse = outer;
        checker.scope.facts.truncate(known);
        let set = checker.scope.bindings.split_off(height);
        self.done[index] = Some(Done { typed: None, place: Place::Instructions(instructions.into()) });
        Bindings { set, ends }
    }

    /// After two lists of which exactly one runs: what both set with fitting types is in scope from here on. Where the execution ends
    /// in one of them, only the other leads here.
    pub fn merge(&mut self, one: Bindings, other: Bindings) {
        self.ends = one.ends && other.ends;
        let scope = &mut self.checker.scope;
        if one.ends != other.ends {
            let (leads, ended) = if one.ends { (other, one) } else { (one, other) };
            scope.gone.extend(ended.set.into_iter().map(|binding| (binding.name, binding.origin, Gone::OneBranch)));
            for binding in leads.set {
                scope.gone.retain(|(gone, ..)| *gone != binding.name);
                scope.bindings.push(binding);
            }
            return;
        }
        let mut rest = other.set;
        for binding in one.set {
            match rest.iter().position(|candidate| candidate.name == binding.name) {
                Some(place) => {
                    let twin = rest.swap_remove(place);
                    let ty = binding.ty.union(&twin.ty);
                    let was_any = matches!(binding.ty.shape, Shape::Any) || matches!(twin.ty.shape, Shape::Any);
                    if matches!(ty.shape, Shape::Any) && !was_any {
                        scope.gone.push((binding.name, twin.origin, Gone::DifferentTypes));
                    } else {
                        scope.gone.retain(|(gone, ..)| *gone != binding.name);
                        scope.bindings.push(Binding { ty, ..binding });
                    }
                }
                None => scope.gone.push((binding.name, binding.origin, Gone::OneBranch)),
            }
        }
        scope.gone.extend(rest.into_iter().map(|binding| (binding.name, binding.origin, Gone::OneBranch)));
    }

    /// Says that the execution always ends in this instruction, so that nothing after it runs.
    pub fn end(&mut self) {
        self.ends = true;
    }

    /// Takes facts to hold from here to the end of the list that the instruction stands in.
    pub fn assume(&mut self, facts: &Facts) {
        self.checker.scope.facts.extend(facts.iter().cloned());
    }

    /// Checks the list of instructions in a field as the body of a loop, in which the variable that field `name` names stands for an
    /// item of this type.
    pub fn body(&mut self, list: &str, name: &str, item: Type) {
        let place = self.index(name);
        let variable = self.object.get(name).and_then(Value::as_text).map(Text::new);
        let outer = std::mem::take(&mut self.checker.scope.reuse);
        let height = self.checker.scope.bindings.len();
        if let Some(variable) = variable {
            self.checker.at(name, |checker| {
                if checker.name(&variable) {
                    checker.refuse_taken(&variable);
                }
            });
            let slot = self.checker.scope.bind(variable, item, Text::new_static("item"));
            self.done[place] = Some(Done { typed: None, place: Place::Slot(slot) });
        }
        let set = self.list(list, &Facts::new(), &Bindings::default());
        self.checker.scope.bindings.truncate(height);
        self.checker.scope.reuse = outer;
        self.checker.scope.gone.extend(set.set.into_iter().map(|binding| (binding.name, binding.origin, Gone::Loop)));
    }

    /// Reports a problem with a field.
    pub fn problem(&mut self, code: &'static Code, severity: Severity, name: &str, text: impl Into<String>, fixes: Vec<Fix>) {
        let text = text.into();
        self.checker.at(name, |checker| checker.report(code, severity, text, fixes));
    }

    /// A fix that replaces a field's value.
    #[must_use]
    pub fn replace_fix(&self, title: impl Into<String>, name: &str, value: Value) -> Fix {
        Fix { title: title.into(), patch: vec![Patch::Replace(format!("{}/{name}", self.checker.pointer), value)] }
    }

    /// Reports a problem with the instruction itself.
    pub fn problem_here(&mut self, code: &'static Code, severity: Severity, text: impl Into<String>) {
        self.checker.report(code, severity, text, Vec::new());
    }

    fn visit_all(&mut self) {
        for index in 0..self.meta.fields.len() {
            self.visit(index);
        }
    }

    fn visit(&mut self, index: usize) {
        if self.done[index].is_some() {
            return;
        }
        let field = &self.meta.fields[index];
        let Some(value) = self.object.get(field.name) else { return };
        match &field.kind {
            FieldKind::Expression => {
                let place = if field.required { format!("the required field `{}`", field.name) } else { format!("`{}`", field.name) };
                let (node, typed) = self.checker.at(field.name, |checker| {
                    let (node, typed) = checker.expected(value, field.accepts, field.nullable, &place);
                    checker.protect(field.name, field.personal, field.accepts, value, &typed);
                    checker.choice(field.choices, field.name, &typed);
                    if field.feature == Some(Feature::Projects) && !checker.options.projects {
                        let text = format!("`{}` belongs to Projects, which is switched off in the settings", field.name);
                        let fix = Fix { title: format!("Remove `{}`", field.name), patch: vec![Patch::Remove(checker.pointer.clone())] };
                        checker.report(&codes::FEATURE_OFF, Severity::Warning, text, vec![fix]);
                    }
                    (node, typed)
                });
                self.done[index] = Some(Done { typed: Some(typed), place: Place::Node(node) });
            }
            FieldKind::Literal(_) => {
                self.done[index] = Some(Done { typed: None, place: Place::Literal(value.clone()) });
            }
            FieldKind::Instructions => {
                let set = self.list(field.name, &Facts::new(), &Bindings::default());
                self.checker.scope.gone.extend(set.set.into_iter().map(|binding| (binding.name, binding.origin, Gone::OneBranch)));
            }
            FieldKind::ItemOf(_) => {}
        }
    }
}

impl Checker<'_> {
    /// Refuses personal data in a field that does not protect it.
    fn protect(&mut self, name: &str, takes: bool, accepts: Accepts, value: &Value, typed: &Typed) {
        let personal = typed.ty.all_personal();
        // An identity or a record stands for itself: the field keeps a reference, not its name.
        if takes || personal.is_none() || matches!(typed.ty.shape, Shape::Identity(..) | Shape::Record(..) | Shape::Invalid) {
            return;
        }
        let fixes = self
            .vocabulary
            .playing(|role| role == Role::Protects)
            .filter(|_| accepts.contains(Accepts::STRING))
            .map(|meta| self.wrap(meta, value))
            .into_iter()
            .collect();
        let text = format!("this holds personal data ({personal}), which `{name}` would store unprotected");
        self.report(&codes::PERSONAL, Severity::Error, text, fixes);
    }

    /// Refuses a fixed text that is not one of the choices.
    fn choice(&mut self, allowed: &[&str], name: &str, typed: &Typed) {
        if allowed.is_empty() {
            return;
        }
        if let Some(Value::Text(text)) = &typed.constant
            && !allowed.contains(&text.as_str())
        {
            let near = crate::diagnostics::nearest(text, allowed.iter().copied());
            let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            let literal = self.vocabulary.playing(|role| role == Role::Constant);
            let fixes = near
                .zip(literal)
                .map(|(near, literal)| Fix {
                    title: format!("Use \"{near}\""),
                    patch: vec![Patch::Replace(format!("{}/{}", self.pointer, literal.arguments[0].name), Value::text(near))],
                })
                .into_iter()
                .collect();
            let text = format!("`{name}` is {}, not \"{text}\"{hint}", choices(allowed));
            self.report(&codes::NOT_A_CHOICE, Severity::Error, text, fixes);
        }
    }

    /// Checks a list of instructions, and gives their places in the plan and whether the execution always ends in one of them.
    pub(super) fn instructions(&mut self, list: &Value) -> (Vec<u32>, bool) {
        let Some(items) = list.as_list() else {
            let text = format!("this is a list of instructions, not {}", list.kind_name());
            self.error(&codes::WRONG_SHAPE, text);
            return (Vec::new(), false);
        };
        let mut indices = Vec::with_capacity(items.len());
        let mut ends = false;
        for (index, item) in items.iter().enumerate() {
            if let Some((place, ends_here)) = self.at_index(index, |checker| checker.instruction(item)) {
                indices.push(place);
                ends |= ends_here;
            }
        }
        (indices, ends)
    }

    /// Checks an instruction, and gives its place in the plan and whether the execution always ends in it.
    fn instruction(&mut self, value: &Value) -> Option<(u32, bool)> {
        let Some(fields) = value.as_object() else {
            let text = format!("an instruction is an object with an `id` and a `type`, not {}", value.kind_name());
            self.error(&codes::WRONG_SHAPE, text);
            return None;
        };
        if self.depth >= MAX_DEPTH {
            self.error(&codes::TOO_LARGE, format!("a spec may be nested {MAX_DEPTH} deep"));
            return None;
        }
        let id = self.instruction_id(value);
        let disabled = match value.get("disabled") {
            None => false,
            Some(Value::Boolean(disabled)) => *disabled,
            Some(other) => {
                let text = format!("`disabled` is true or false, not {}", other.kind_name());
                self.at("disabled", |checker| checker.error(&codes::WRONG_SHAPE, text));
                false
            }
        };
        if let Some(note) = value.get("note")
            && !matches!(note, Value::Text(_) | Value::Null)
        {
            self.at("note", |checker| checker.error(&codes::WRONG_SHAPE, "`note` is a text"));
        }
        if self.options.annotate {
            let entries = self
                .scope
                .bindings
                .iter()
                .map(|binding| ScopeEntry { name: binding.name.clone(), ty: binding.ty.clone(), origin: binding.origin.clone() })
                .collect();
            self.scopes.push((Text::new(&self.pointer), entries));
        }
        let name = match value.get("type") {
            Some(Value::Text(name)) => name.clone(),
            Some(other) => {
                let text = format!("`type` must be the name of an instruction, not {}", other.kind_name());
                self.error(&codes::MISSING_KEY, text);
                return None;
            }
            None => {
                self.error(&codes::MISSING_KEY, "`type` is missing: the name of the instruction");
                return None;
            }
        };
        let returns = value.get(RETURN_AS).is_some();
        self.enclosing.push(Enclosing { id: id.clone(), pointer: Text::new(&self.pointer), returns, value: value.clone() });
        let Some(word) = self.vocabulary.instruction(&name) else {
            let (text, fixes) = self.unknown_type(&name, false);
            self.at("type", |checker| checker.report(&codes::UNKNOWN_TYPE, Severity::Error, text, fixes));
            // What it would set is in scope, so that its uses are not reported on top.
            if let Some(variable) = value.get(RETURN_AS).and_then(Value::as_text) {
                self.scope.bind(Text::new(variable), Type::INVALID, id);
            }
            self.enclosing.pop();
            return None;
        };
        let meta = word.meta();
        let known = |key: &str| {
            COMMON.contains(&key) || key == RETURN_AS && meta.returns.is_some() || meta.fields.iter().any(|field| field.name == key)
        };
        if fields.iter().any(|(key, _)| !known(key)) {
            let mut names: Vec<&str> = meta.fields.iter().map(|field| field.name).collect();
            names.extend(COMMON);
            names.extend(meta.returns.as_ref().map(|_| RETURN_AS));
            self.unknown_keys(fields, &format!("`{name}`"), known, &names);
        }
        let before = self.diagnostics.len();
        let index = self.instructions.len();
        self.instructions.push(PlanInstruction {
            id: id.clone(),
            pointer: Text::new(&self.pointer),
            name: name.clone(),
            disabled,
            instruction: Some(word),
            metas: meta.fields,
            fields: Box::default(),
            return_slot: None,
            return_name: None,
            return_type: None,
        });
        for field in meta.fields {
            match (&field.kind, value.get(field.name)) {
                (_, None) if field.required => {
                    let fill = matches!(field.kind, FieldKind::Instructions).then(|| Value::list([]));
                    self.missing(field.name, field.summary, fill);
                }
                (FieldKind::Literal(kind), Some(written)) => {
                    self.at(field.name, |checker| checker.literal(kind, field.name, written));
                }
                (FieldKind::ItemOf(_), Some(written)) if written.as_text().is_none() => {
                    let text = format!("`{}` is the name of a variable, not {}", field.name, written.kind_name());
                    self.at(field.name, |checker| checker.error(&codes::WRONG_SHAPE, text));
                }
                _ => {}
            }
        }
        if meta.returns.as_ref().is_some_and(|returns| returns.required) && !returns {
            self.missing(RETURN_AS, "the name of the variable that it sets", None);
        }
        self.depth += 1;
        let height = self.scope.bindings.len();
        let known = self.scope.facts.len();
        let done = meta.fields.iter().map(|_| None).collect();
        let mut check = InstructionCheck { meta, object: value, done, ends: false, checker: self };
        let result = word.check(&mut check);
        check.visit_all();
        let ends = check.ends;
        let places: Box<[Place]> = check.done.into_iter().map(|done| done.map_or(Place::Absent, |done| done.place)).collect();
        self.depth -= 1;
        self.instructions[index].fields = places;
        if disabled {
            // Only its structure counts: it does not run.
            let kept = self.diagnostics.split_off(before);
            self.diagnostics.extend(kept.into_iter().filter(|diagnostic| diagnostic.code.code.starts_with("E1")));
            self.scope.facts.truncate(known);
            let unset = self.scope.bindings.split_off(height);
            self.scope.gone.extend(unset.into_iter().map(|binding| (binding.name, id.clone(), Gone::Disabled)));
        }
        self.set_variable(value, meta, index, id, result.unwrap_or(Type::INVALID), disabled);
        self.enclosing.pop();
        Some((index as u32, ends && !disabled))
    }

    fn set_variable(&mut self, value: &Value, meta: &InstructionMeta, index: usize, id: Text, ty: Type, disabled: bool) {
        if meta.returns.is_none() {
            return;
        }
        match value.get(RETURN_AS) {
            None => {}
            Some(Value::Text(variable)) => {
                let usable = self.at(RETURN_AS, |checker| checker.name(variable) && (disabled || !checker.refuse_taken(variable)));
                if disabled {
                    self.scope.gone.push((variable.clone(), id, Gone::Disabled));
                } else if usable {
                    let slot = self.scope.bind(variable.clone(), ty.clone(), id);
                    let instruction = &mut self.instructions[index];
                    instruction.return_slot = Some(slot);
                    instruction.return_name = Some(variable.clone());
                    instruction.return_type = Some(ty);
                }
            }
            Some(other) => {
                let text = format!("`{RETURN_AS}` is the name of a variable, not {}", other.kind_name());
                self.at(RETURN_AS, |checker| checker.error(&codes::WRONG_SHAPE, text));
            }
        }
    }

    fn instruction_id(&mut self, value: &Value) -> Text {
        match value.get("id") {
            Some(Value::Text(id)) if !id.is_empty() && id.len() <= MAX_ID => {
                if let Some(first) = self.ids.get(id) {
                    let text = format!("the id `{id}` is that of the instruction at {first} already");
                    let mut number = 2;
                    let mut free = format!("{id}-{number}");
                    while self.ids.contains_key(free.as_str()) {
                        number += 1;
                        free = format!("{id}-{number}");
                    }
                    let patch = vec![Patch::Replace(format!("{}/id", self.pointer), Value::text(&free))];
                    let fix = Fix { title: format!("Give it the id `{free}`"), patch };
                    self.at("id", |checker| checker.report(&codes::DUPLICATE_ID, Severity::Error, text, vec![fix]));
                } else {
                    self.ids.insert(id.clone(), Text::new(&self.pointer));
                }
                id.clone()
            }
            Some(_) => {
                let text = format!("`id` is a text of 1 to {MAX_ID} bytes");
                self.at("id", |checker| checker.error(&codes::WRONG_SHAPE, text));
                Text::new(&self.pointer)
            }
            None => {
                let name = value.get("type").and_then(Value::as_text).unwrap_or("instruction");
                let mut number = self.ids.len() + 1;
                while self.ids.contains_key(format!("{name}-{number}").as_str()) {
                    number += 1;
                }
                self.missing("id", "what traces and comments hang on", Some(Value::text(format!("{name}-{number}"))));
                Text::new(&self.pointer)
            }
        }
    }
}
