//! Checking expressions.

use std::sync::Arc;

use salesdash_value::{Text, Value};

use super::scope::{Facts, Gone, VariablePath};
use super::{Checker, MAX_DEPTH, MAX_NODES};
use crate::codes;
use crate::diagnostics::{Code, Fix, Patch, Severity, nearest};
use crate::evaluate::choices;
use crate::meta::{ArgumentKind, ExpressionMeta, Literal, Role};
use crate::plan::{CallNode, Node, Place};
use crate::render::shortened;
use crate::types::{Accepts, ObjectType, Personal, Shape, Type};
use crate::vocabulary::Literals;

/// What is known of a checked expression.
#[derive(Clone, Debug)]
pub struct Typed {
    /// Its type.
    pub ty: Type,
    /// What is not empty where it is true.
    pub when_true: Facts,
    /// What is not empty where it is false.
    pub when_false: Facts,
    /// The path it reads, where it is a variable.
    pub path: Option<VariablePath>,
    /// Its value, where that is fixed.
    pub constant: Option<Value>,
}

impl From<Type> for Typed {
    fn from(ty: Type) -> Self {
        Self { ty, when_true: Facts::new(), when_false: Facts::new(), path: None, constant: None }
    }
}

impl Typed {
    /// A boolean, with what is not empty where it is true and where it is false.
    #[must_use]
    pub fn condition(when_true: Facts, when_false: Facts) -> Self {
        Self { when_true, when_false, ..Type::BOOLEAN.into() }
    }

    /// The path as a fact, where it is a variable.
    #[must_use]
    pub fn filled(&self) -> Facts {
        self.path.iter().cloned().collect()
    }
}

/// The type of a fixed value.
#[must_use]
pub fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::NULL,
        Value::Boolean(_) => Type::BOOLEAN,
        Value::Number(_) | Value::BigNumber(_) => Type::NUMBER,
        Value::Text(_) => Type::STRING,
        Value::Datetime(_) => Type::DATETIME,
        Value::List(items) => {
            Type::array(items.iter().map(type_of).reduce(|a, b| a.union(&b)).unwrap_or_else(|| Type::ANY.maybe_empty(false)))
        }
        Value::Object(fields) => Type::new(Shape::Object(Arc::new(ObjectType {
            fields: fields.iter().map(|(name, value)| (name.clone(), type_of(value))).collect(),
            open: false,
        }))),
        Value::Identity(identity) => Type::new(Shape::Identity(identity.kind, Personal::NONE)),
        Value::Record(record) => Type::new(Shape::Record(record.kind, Arc::default())),
    }
}

/// A checked argument.
struct Done {
    typed: Vec<Typed>,
    place: Place,
}

/// One expression being checked, as its type rule sees it.
pub struct ExpressionCheck<'c, 'v> {
    checker: &'c mut Checker<'v>,
    meta: &'static ExpressionMeta,
    object: &'c Value,
    done: Vec<Option<Done>>,
}

impl ExpressionCheck<'_, '_> {
    fn index(&self, name: &str) -> usize {
        self.meta.arguments.iter().position(|argument| argument.name == name).expect("an argument of this name")
    }

    /// Whether an argument is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some()
    }

    /// Checks an argument and gives what is known of it. One that is absent is null.
    pub fn argument(&mut self, name: &str) -> Typed {
        let index = self.index(name);
        self.visit(index);
        self.done[index].as_ref().and_then(|done| done.typed.first().cloned()).unwrap_or_else(|| Type::NULL.into())
    }

    /// Checks a list argument and gives what is known of each of its expressions.
    pub fn arguments(&mut self, name: &str) -> Vec<Typed> {
        let index = self.index(name);
        self.visit(index);
        self.done[index].as_ref().map(|done| done.typed.clone()).unwrap_or_default()
    }

    /// Checks a list argument one by one: each expression is checked under what `next` says is known by then.
    pub fn arguments_under(&mut self, name: &str, next: impl Fn(&Typed) -> Facts) -> Vec<Typed> {
        let index = self.index(name);
        let height = self.checker.scope.facts.len();
        self.visit_list(index, &next);
        self.checker.scope.facts.truncate(height);
        self.done[index].as_ref().map(|done| done.typed.clone()).unwrap_or_default()
    }

    /// A literal argument.
    #[must_use]
    pub fn literal(&self, name: &str) -> Option<&Value> {
        self.object.get(name)
    }

    /// A literal argument that is text.
    #[must_use]
    pub fn literal_text(&self, name: &str) -> Option<&str> {
        self.literal(name).and_then(Value::as_text)
    }

    /// Checks something under more facts.
    pub fn assuming<T>(&mut self, facts: &Facts, body: impl FnOnce(&mut Self) -> T) -> T {
        let height = self.checker.scope.facts.len();
        self.checker.scope.facts.extend(facts.iter().cloned());
        let result = body(self);
        self.checker.scope.facts.truncate(height);
        result
    }

    /// Checks something in which the variable that argument `name` names stands for an item of this type.
    pub fn with_item<T>(&mut self, name: &str, item: Type, body: impl FnOnce(&mut Self) -> T) -> T {
        let index = self.index(name);
        let written = self.object.get(name).and_then(Value::as_text).map(Text::new);
        let Some(variable) = written else {
            // What is wrong with it has been said.
            return body(self);
        };
        self.checker.at(name, |checker| {
            if checker.name(&variable) {
                checker.refuse_taken(&variable);
            }
        });
        let reuse = std::mem::take(&mut self.checker.scope.reuse);
        let slot = self.checker.scope.bind(variable, item, Text::new_static("item"));
        self.done[index] = Some(Done { typed: Vec::new(), place: Place::Slot(slot) });
        let height = self.checker.scope.bindings.len();
        let result = body(self);
        self.checker.scope.bindings.truncate(height - 1);
        self.checker.scope.reuse = reuse;
        result
    }

    /// Whether anything is known to make a path not empty.
    #[must_use]
    pub fn is_filled(&self, typed: &Typed) -> bool {
        typed.path.as_ref().is_some_and(|path| self.checker.scope.is_filled(path))
    }

    /// The result of a computation over the arguments: personal where any of them is.
    pub fn computed(&mut self, ty: Type) -> Typed {
        self.visit_all();
        let personal = self
            .done
            .iter()
            .flatten()
            .flat_map(|done| &done.typed)
            .fold(Personal::NONE, |personal, typed| personal.and(typed.ty.all_personal()));
        ty.with_personal(personal).into()
    }

    /// Reports a problem with an argument.
    pub fn problem(&mut self, code: &'static Code, severity: Severity, name: &str, text: impl Into<String>) {
        let text = text.into();
        self.checker.at(name, |checker| checker.report(code, severity, text, Vec::new()));
    }

    /// Reports a problem with the node itself.
    pub fn problem_here(&mut self, code: &'static Code, severity: Severity, text: impl Into<String>) {
        self.checker.report(code, severity, text, Vec::new());
    }

    /// Reports an argument that is of one type where the other arguments ask for another, with the word that converts it as the fix.
    pub fn mismatch(&mut self, name: &str, from: Accepts, wanted: Accepts, text: impl Into<String>) {
        let text = text.into();
        let value = self.object.get(name).cloned().unwrap_or_default();
        self.checker.at(name, |checker| {
            let fixes = checker.conversion(&value, from, wanted);
            checker.report(&codes::TYPE_MISMATCH, Severity::Error, text, fixes);
        });
    }

    /// Reports two values that can never be equal. The problem is reported at the argument `name` (with an index: at that one of its
    /// expressions), which is `right`.
    pub fn compare(&mut self, name: &str, index: Option<usize>, left: &Typed, right: &Typed) {
        if left.ty.comparable(&right.ty) {
            return;
        }
        let argument = self.object.get(name);
        self.checker.at(name, |checker| match (index, argument) {
            (None, Some(value)) => checker.never_equal(value, left, right),
            (Some(index), Some(Value::List(items))) if index < items.len() => {
                checker.at_index(index, |checker| checker.never_equal(&items[index], left, right));
            }
            _ => {}
        });
    }

    /// The type at the end of a path of fields, reported where there is none. The path is the literal argument `name`.
    pub fn follow(&mut self, name: &str, from: &Type, path: &str) -> Type {
        let mut ty = from.clone();
        let mut end = 0;
        for step in path.split('.') {
            match field_type(&ty, step) {
                Ok(next) => ty = next,
                Err(problem) => {
                    let what = if end == 0 { "the value".to_owned() } else { format!("`{}`", &path[..end - 1]) };
                    let (code, text) = problem.explain(&what, &ty, step);
                    let mended = problem.nearest(step).map(|near| format!("{}{near}{}", &path[..end], &path[end + step.len()..]));
                    self.checker.at(name, |checker| {
                        let fixes = mended
                            .into_iter()
                            .map(|mended| Fix {
                                title: format!("Use `{mended}`"),
                                patch: vec![Patch::Replace(checker.pointer.clone(), Value::text(mended))],
                            })
                            .collect();
                        checker.report(code, Severity::Error, text, fixes);
                    });
                    return Type::INVALID;
                }
            }
            end += step.len() + 1;
        }
        ty
    }

    fn visit_all(&mut self) {
        for index in 0..self.meta.arguments.len() {
            self.visit(index);
        }
    }

    fn visit(&mut self, index: usize) {
        if self.done[index].is_some() {
            return;
        }
        let argument = &self.meta.arguments[index];
        let Some(value) = self.object.get(argument.name) else { return };
        match argument.kind {
            ArgumentKind::Expression => {
                let place = format!("`{}` of `{}`", argument.name, self.meta.name);
                let (node, typed) =
                    self.checker.at(argument.name, |checker| checker.expected(value, argument.accepts, argument.nullable, &place));
                self.done[index] = Some(Done { typed: vec![typed], place: Place::Node(node) });
            }
            ArgumentKind::Expressions(_) => self.visit_list(index, &|_| Facts::new()),
            ArgumentKind::Literal(_) => {
                self.done[index] = Some(Done { typed: Vec::new(), place: Place::Literal(value.clone()) });
            }
            ArgumentKind::Name => {}
        }
    }

    fn visit_list(&mut self, index: usize, next: &dyn Fn(&Typed) -> Facts) {
        if self.done[index].is_some() {
            return;
        }
        let argument = &self.meta.arguments[index];
        let ArgumentKind::Expressions(least) = argument.kind else { return };
        let Some(value) = self.object.get(argument.name) else { return };
        let place = format!("`{}` of `{}`", argument.name, self.meta.name);
        let mut done = Vec::new();
        let mut nodes = Vec::new();
        self.checker.at(argument.name, |checker| match value.as_list() {
            Some(items) => {
                if items.len() < least {
                    let text = format!("{place} needs at least {least} {}", if least == 1 { "expression" } else { "expressions" });
                    checker.error(&codes::MISSING_KEY, text);
                }
                for (index, item) in items.iter().enumerate() {
                    let (node, typed) =
                        checker.at_index(index, |checker| checker.expected(item, argument.accepts, argument.nullable, &place));
                    checker.scope.facts.extend(next(&typed));
                    nodes.push(node);
                    done.push(typed);
                }
            }
            None => {
                let text = format!("{place} is a list of expressions, not {}", value.kind_name());
                checker.error(&codes::WRONG_SHAPE, text);
            }
        });
        self.done[index] = Some(Done { typed: done, place: Place::Nodes(nodes.into()) });
    }
}

/// Why a type has no field of a name.
pub(super) enum NoField {
    /// It has fields, but not this one.
    Unknown(Vec<Text>),
    /// It has no fields at all.
    None,
}

impl NoField {
    /// The known field nearest to the one that was asked for.
    fn nearest(&self, step: &str) -> Option<&str> {
        match self {
            Self::Unknown(known) => nearest(step, known.iter().map(Text::as_str)),
            Self::None => None,
        }
    }

    /// The code and the sentence, about what `what` names.
    fn explain(&self, what: &str, ty: &Type, step: &str) -> (&'static Code, String) {
        match self {
            Self::Unknown(_) => {
                let hint = self.nearest(step).map(|near| format!("; did you mean `{near}`?"));
                (&codes::UNKNOWN_FIELD, format!("{what} has no field `{step}`{}", hint.unwrap_or_default()))
            }
            Self::None if matches!(ty.shape, Shape::Array(_)) => (
                &codes::NOT_AN_OBJECT,
                format!("{what} is a list: reach its items with `for_each`, `find`, `first` or `item_at`, then `{step}`"),
            ),
            Self::None => (&codes::NOT_AN_OBJECT, format!("{what} is {}, which has no field `{step}`", ty.with_article())),
        }
    }
}

/// The type of a field of a value of this type.
pub(super) fn field_type(ty: &Type, name: &str) -> Result<Type, NoField> {
    let personal = ty.personal;
    let field = match &ty.shape {
        Shape::Invalid => return Ok(Type::INVALID),
        Shape::Any => Type::ANY,
        Shape::Null => Type::NULL,
        Shape::Mapping => Type::STRING.maybe_empty(true),
        Shape::Object(object) => match object.field(name) {
            Some(ty) => ty.clone(),
            None if object.open => Type::ANY,
            None => return Err(NoField::Unknown(object.fields.iter().map(|(name, _)| name.clone()).collect())),
        },
        Shape::Record(_, object) => match (name, object.field(name)) {
            (_, Some(ty)) => ty.clone(),
            ("id" | "external_id", None) => Type::STRING,
            _ => {
                let mut known = vec![Text::new_static("id"), Text::new_static("external_id")];
                known.extend(object.fields.iter().map(|(name, _)| name.clone()));
                return Err(NoField::Unknown(known));
            }
        },
        Shape::Identity(_, personal) => match name {
            "id" | "external_id" => Type::STRING,
            "external_name" => Type::STRING.with_personal(*personal),
            _ => return Err(NoField::Unknown(["id", "external_id", "external_name"].map(Text::new_static).to_vec())),
        },
        _ => return Err(NoField::None),
    };
    let may_be_empty = ty.may_be_empty || field.may_be_empty;
    Ok(field.maybe_empty(may_be_empty).with_personal(personal))
}

impl Checker<'_> {
    /// Checks an expression in a place that wants something.
    pub(super) fn expected(&mut self, value: &Value, accepts: Accepts, nullable: bool, place: &str) -> (u32, Typed) {
        let (node, typed) = self.expression(value);
        self.fit(value, &typed, accepts, nullable, place);
        (node, typed)
    }

    /// Reports where an expression does not fit its place.
    fn fit(&mut self, value: &Value, typed: &Typed, accepts: Accepts, nullable: bool, place: &str) {
        let label = self.label(value);
        match typed.ty.shape {
            Shape::Invalid => return,
            Shape::Null => {
                if !nullable {
                    let text = format!("null stands where {place} needs a value");
                    self.error(&codes::MAY_BE_EMPTY, text);
                }
                return;
            }
            Shape::Any => {
                if accepts != Accepts::ANY {
                    let text = format!("it is not known before run time whether {label} is {accepts}, as {place} needs");
                    self.report(&codes::POSSIBLE_MISMATCH, Severity::Warning, text, Vec::new());
                }
                return;
            }
            _ => {}
        }
        if let Some(base) = typed.ty.base() {
            let serves = accepts.contains(base)
                || base == Accepts::OBJECT && accepts.contains(Accepts::MAPPING) && serves_as_mapping(&typed.ty)
                || base == Accepts::MAPPING && accepts.contains(Accepts::OBJECT);
            if !serves {
                let mut text = format!("{label} is {}, and {place} takes {accepts}", typed.ty.with_article());
                let mut fixes = self.conversion(value, base, accepts);
                if let Some((fix, path)) = self.external_id_fix(value, typed, accepts) {
                    text.push_str(&format!("; did you mean `{path}`?"));
                    fixes.insert(0, fix);
                }
                self.report(&codes::TYPE_MISMATCH, Severity::Error, text, fixes);
                return;
            }
        }
        if typed.ty.may_be_empty && !nullable {
            let text = format!("{label} may be empty, and {place} needs a value");
            let fixes = self.emptiness_fixes(value, typed);
            self.report(&codes::MAY_BE_EMPTY, Severity::Warning, text, fixes);
        }
    }

    /// Warns that two values are never equal, at the node of the right one. A literal of the wrong type is to be written anew in the
    /// type of the left one, anything else to be converted to it.
    fn never_equal(&mut self, value: &Value, left: &Typed, right: &Typed) {
        let mended = match (&left.ty.shape, &right.constant) {
            (Shape::Number, Some(Value::Text(text))) => salesdash_value::number::parse(text.trim()).map(Value::Number),
            (Shape::String, Some(Value::Number(number))) => Some(Value::Text(salesdash_value::number::plain(*number))),
            (Shape::Boolean, Some(Value::Text(text))) => text.parse().ok().map(Value::Boolean),
            _ => None,
        };
        let fixes = match (mended, self.vocabulary.playing(|role| role == Role::Constant)) {
            (Some(mended), Some(literal)) => vec![Fix {
                title: format!("Compare with {} instead", mended.kind_name()),
                patch: vec![Patch::Replace(
                    self.pointer.clone(),
                    Value::object([("type", Value::from(literal.name)), (literal.arguments[0].name, mended)]),
                )],
            }],
            _ => right.ty.base().zip(left.ty.base()).map(|(from, to)| self.conversion(value, from, to)).unwrap_or_default(),
        };
        let text = format!("this compares {} with {}: they are never equal", left.ty.with_article(), right.ty.with_article());
        self.report(&codes::NEVER_EQUAL, Severity::Warning, text, fixes);
    }

    /// What to call a node in a message: the path of a variable, what a literal says, else the name of the expression.
    fn label(&self, value: &Value) -> String {
        let name = value.get("type").and_then(Value::as_text).unwrap_or("this");
        let meta = self.vocabulary.expression(name).map(|word| word.meta());
        let said = |role: Role| meta.filter(|meta| meta.roles.contains(&role)).and_then(|meta| value.get(meta.arguments[0].name));
        match (said(Role::Variable).and_then(Value::as_text), said(Role::Constant)) {
            (Some(path), _) => format!("`{path}`"),
            (None, Some(literal)) => format!("`{}`", shortened(literal)),
            (None, None) => format!("the result of `{name}`"),
        }
    }

    /// Puts the expression at hand into another that makes it fit.
    fn conversion(&self, value: &Value, base: Accepts, accepts: Accepts) -> Vec<Fix> {
        let converts = |role| matches!(role, Role::Converts { from, to } if from.contains(base) && accepts.contains(to));
        self.vocabulary.playing(converts).map(|meta| self.wrap(meta, value)).into_iter().collect()
    }

    /// Reads the external id of the identity or record that a variable stands for, where text is wanted.
    fn external_id_fix(&self, value: &Value, typed: &Typed, accepts: Accepts) -> Option<(Fix, String)> {
        if !matches!(typed.ty.shape, Shape::Identity(..) | Shape::Record(..)) || !accepts.contains(Accepts::STRING) {
            return None;
        }
        typed.path.as_ref()?;
        let argument = self.vocabulary.playing(|role| role == Role::Variable)?.arguments[0].name;
        let path = format!("{}.external_id", value.get(argument)?.as_text()?);
        let patch = vec![Patch::Replace(format!("{}/{argument}", self.pointer), Value::text(&path))];
        Some((Fix { title: format!("Use `{path}`"), patch }, path))
    }

    /// Puts the expression at hand into the first required argument of another.
    pub(super) fn wrap(&self, meta: &ExpressionMeta, value: &Value) -> Fix {
        let argument = meta.arguments.iter().find(|argument| argument.required).map_or("value", |argument| argument.name);
        let wrapped = Value::object([("type", Value::from(meta.name)), (argument, value.clone())]);
        Fix { title: format!("Put it in `{}`", meta.name), patch: vec![Patch::Replace(self.pointer.clone(), wrapped)] }
    }

    /// What to do about a value that may be empty: guard the instruction, or use something else in its place.
    fn emptiness_fixes(&self, value: &Value, typed: &Typed) -> Vec<Fix> {
        let mut fixes = Vec::new();
        fixes.extend(self.guard(value, typed));
        let default = match &typed.ty.shape {
            Shape::String => Some(Value::from("")),
            Shape::Number => Some(Value::from(0)),
            Shape::Boolean => Some(Value::from(false)),
            Shape::Array(_) => Some(Value::list([])),
            _ => None,
        };
        let coalesce = self.vocabulary.playing(|role| role == Role::Defaults);
        let literal = self.vocabulary.playing(|role| role == Role::Constant);
        if let (Some(default), Some(coalesce), Some(literal)) = (default, coalesce, literal) {
            let shown = match &default {
                Value::Text(_) => "\"\"".to_owned(),
                other => salesdash_value::json::to_string(other),
            };
            let fallback = Value::object([("type", Value::from(literal.name)), (literal.arguments[0].name, default)]);
            let wrapped =
                Value::object([("type", Value::from(coalesce.name)), (coalesce.arguments[0].name, Value::list([value.clone(), fallback]))]);
            fixes.push(Fix { title: format!("Use {shown} where it is empty"), patch: vec![Patch::Replace(self.pointer.clone(), wrapped)] });
        }
        fixes
    }

    /// Runs the instruction at hand only where a variable is not empty. Not offered where it sets a variable: that would no longer
    /// be in scope after the block.
    fn guard(&self, value: &Value, typed: &Typed) -> Option<Fix> {
        typed.path.as_ref()?;
        let enclosing = self.enclosing.last().filter(|enclosing| !enclosing.returns)?;
        // What stands under the instruction's own item variable or in an inner expression's scope cannot be tested outside it.
        let root = self.label(value);
        let root = root.trim_matches('`').split('.').next()?.to_owned();
        if self.scope.find(&root).is_some_and(|binding| binding.origin == "item" && !self.is_loop_item(&root)) {
            return None;
        }
        let block = self.vocabulary.block_playing(|role| role == Role::Guards)?;
        let test = self.vocabulary.playing(|role| role == Role::TestsEmptiness)?;
        let negate = self.vocabulary.playing(|role| role == Role::Negates)?;
        let tested = Value::object([("type", Value::from(test.name)), (test.arguments[0].name, value.clone())]);
        let condition = Value::object([("type", Value::from(negate.name)), (negate.arguments[0].name, tested)]);
        let mut id = format!("{}-guard", enclosing.id);
        let mut number = 2;
        while self.ids.contains_key(id.as_str()) {
            id = format!("{}-guard-{number}", enclosing.id);
            number += 1;
        }
        let expression = block.fields.iter().find(|field| matches!(field.kind, crate::meta::FieldKind::Expression))?;
        let list = block.fields.iter().find(|field| matches!(field.kind, crate::meta::FieldKind::Instructions))?;
        let guarded = Value::object([
            ("id", Value::text(id)),
            ("type", Value::from(block.name)),
            (expression.name, condition),
            (list.name, Value::list([enclosing.value.clone()])),
        ]);
        Some(Fix {
            title: format!("Only where {} is not empty", self.label(value)),
            patch: vec![Patch::Replace(enclosing.pointer.to_string(), guarded)],
        })
    }

    /// Whether a name is the item variable of a loop around the instruction at hand.
    fn is_loop_item(&self, name: &str) -> bool {
        self.enclosing.iter().rev().skip(1).any(|enclosing| {
            enclosing.value.as_object().is_some_and(|fields| fields.iter().any(|(_, value)| value.as_text() == Some(name)))
        })
    }

    /// Checks an expression.
    pub(super) fn expression(&mut self, value: &Value) -> (u32, Typed) {
        if self.depth >= MAX_DEPTH || self.nodes.len() >= MAX_NODES {
            let text = format!("a spec may be nested {MAX_DEPTH} deep and have {MAX_NODES} expressions");
            self.error(&codes::TOO_LARGE, text.clone());
            return self.broken(&codes::TOO_LARGE, text, "");
        }
        self.depth += 1;
        let result = self.expression_within(value);
        self.depth -= 1;
        result
    }

    fn broken(&mut self, code: &'static Code, text: String, name: &str) -> (u32, Typed) {
        let node = self.push_node(Node::Broken(code, text), Type::INVALID, Text::new(name));
        (node, Type::INVALID.into())
    }

    fn expression_within(&mut self, value: &Value) -> (u32, Typed) {
        let Some(fields) = value.as_object() else {
            let text = format!("an expression is an object with a `type`, not {}", value.kind_name());
            let fixes = self.literal_fix(value);
            self.report(&codes::WRONG_SHAPE, Severity::Error, text.clone(), fixes);
            return self.broken(&codes::WRONG_SHAPE, text, "");
        };
        let name = match value.get("type") {
            Some(Value::Text(name)) => name.clone(),
            other => {
                let text = match other {
                    Some(other) => format!("`type` must be the name of an expression, not {}", other.kind_name()),
                    None => "`type` is missing: the name of the expression".to_owned(),
                };
                self.error(&codes::MISSING_KEY, text.clone());
                return self.broken(&codes::MISSING_KEY, text, "");
            }
        };
        let Some(word) = self.vocabulary.expression(&name) else {
            let (text, fixes) = self.unknown_type(&name, true);
            self.at("type", |checker| checker.report(&codes::UNKNOWN_TYPE, Severity::Error, text.clone(), fixes));
            return self.broken(&codes::UNKNOWN_TYPE, text, &name);
        };
        let meta = word.meta();
        let known = |key: &str| key == "type" || meta.arguments.iter().any(|argument| argument.name == key);
        if fields.iter().any(|(key, _)| !known(key)) {
            let names: Vec<&str> = meta.arguments.iter().map(|argument| argument.name).collect();
            self.unknown_keys(fields, &format!("`{name}`"), known, &names);
        }
        let before = self.diagnostics.len();
        let mut literals: Vec<Option<Value>> = Vec::with_capacity(meta.arguments.len());
        for argument in meta.arguments {
            let written = value.get(argument.name);
            if written.is_none() && argument.required {
                self.missing(argument.name, argument.summary, None);
            }
            let mut literal = None;
            match (&argument.kind, written) {
                (ArgumentKind::Literal(kind), Some(written)) => {
                    let fits = self.at(argument.name, |checker| checker.literal(kind, argument.name, written));
                    literal = fits.then(|| written.clone());
                }
                (ArgumentKind::Name, Some(written)) if written.as_text().is_none() => {
                    let text = format!("`{}` is the name of a variable, not {}", argument.name, written.kind_name());
                    self.at(argument.name, |checker| checker.error(&codes::WRONG_SHAPE, text));
                }
                _ => {}
            }
            literals.push(literal);
        }
        let whole = !self.diagnostics[before..].iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        if meta.roles.contains(&Role::Constant) {
            let constant = value.get(meta.arguments[0].name).cloned().unwrap_or_default();
            let ty = type_of(&constant);
            let node = self.push_node(Node::Constant(constant.clone()), ty.clone(), name);
            return (node, Typed { constant: Some(constant), ..ty.into() });
        }
        if meta.roles.contains(&Role::Variable) {
            return match literals[0].as_ref().and_then(Value::as_text) {
                Some(path) => self.variable(meta.arguments[0].name, path),
                None => self.broken(&codes::MISSING_KEY, "the path of the variable is missing".to_owned(), &name),
            };
        }
        let mut check = ExpressionCheck { meta, object: value, done: meta.arguments.iter().map(|_| None).collect(), checker: self };
        let mut typed = word.check(&mut check);
        check.visit_all();
        let arguments: Box<[Place]> = check.done.into_iter().map(|done| done.map_or(Place::Absent, |done| done.place)).collect();
        if !whole {
            typed.ty.shape = if typed.ty.shape == Shape::Boolean { Shape::Boolean } else { Shape::Invalid };
            let text = "this expression has an error".to_owned();
            let node = self.push_node(Node::Broken(self.diagnostics[before].code, text), typed.ty.clone(), name);
            return (node, typed);
        }
        let prepared = match word.prepare(&Literals { arguments: meta.arguments, values: &literals }) {
            Ok(prepared) => prepared,
            Err(problem) => {
                self.at(problem.argument, |checker| checker.error(problem.code, problem.text.clone()));
                return self.broken(problem.code, problem.text, &name);
            }
        };
        let node = self.push_node(Node::Call(CallNode { expression: word, arguments, prepared }), typed.ty.clone(), name);
        (node, typed)
    }

    /// A bare JSON value where an expression belongs is meant as a literal.
    fn literal_fix(&self, value: &Value) -> Vec<Fix> {
        self.vocabulary
            .playing(|role| role == Role::Constant)
            .map(|literal| Fix {
                title: format!("Make it a `{}`", literal.name),
                patch: vec![Patch::Replace(
                    self.pointer.clone(),
                    Value::object([("type", Value::from(literal.name)), (literal.arguments[0].name, value.clone())]),
                )],
            })
            .into_iter()
            .collect()
    }

    /// The sentence and the fixes for a type that is not known.
    pub(super) fn unknown_type(&self, name: &str, expression: bool) -> (String, Vec<Fix>) {
        let (is_other, what, other) = if expression {
            (self.vocabulary.instruction(name).is_some(), "expression", "instruction, and instructions stand in lists of instructions")
        } else {
            (self.vocabulary.expression(name).is_some(), "instruction", "expression, and expressions stand in fields")
        };
        if is_other {
            return (format!("`{name}` is an {other}"), Vec::new());
        }
        let near = if expression {
            nearest(name, self.vocabulary.expressions().iter().map(|word| word.meta().name))
        } else {
            nearest(name, self.vocabulary.instructions().iter().map(|word| word.meta().name))
        };
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let fixes = near
            .iter()
            .map(|near| Fix {
                title: format!("Use `{near}`"),
                patch: vec![Patch::Replace(format!("{}/type", self.pointer), Value::text(near))],
            })
            .collect();
        (format!("there is no {what} `{name}`{hint}"), fixes)
    }

    /// Checks a literal against its kind.
    pub(super) fn literal(&mut self, kind: &Literal, name: &str, value: &Value) -> bool {
        let problem = match (kind, value) {
            (Literal::Json, _) => None,
            (Literal::Boolean, Value::Boolean(_)) => None,
            (Literal::Boolean, other) => Some(format!("`{name}` is true or false, not {}", other.kind_name())),
            (Literal::Integer(least, most), Value::Number(number))
                if number.is_integer() && *number >= (*least).into() && *number <= (*most).into() =>
            {
                None
            }
            (Literal::Integer(least, most), _) => Some(format!("`{name}` is a whole number from {least} to {most}")),
            (Literal::Choice(allowed), Value::Text(text)) if allowed.contains(&text.as_str()) => None,
            (Literal::Choice(allowed), other) => {
                let near = other.as_text().and_then(|text| nearest(text, allowed.iter().copied()));
                let fixes = near
                    .iter()
                    .map(|near| Fix {
                        title: format!("Use \"{near}\""),
                        patch: vec![Patch::Replace(self.pointer.clone(), Value::text(near))],
                    })
                    .collect();
                let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
                let text = format!("`{name}` is {}{hint}", choices(allowed));
                self.report(&codes::WRONG_LITERAL, Severity::Error, text, fixes);
                return false;
            }
            (Literal::Path | Literal::Variable, Value::Text(path)) if path.is_empty() || path.split('.').any(str::is_empty) => {
                Some(format!("`{name}` is a path of names joined by dots"))
            }
            (Literal::Timezone, Value::Text(zone)) => {
                if salesdash_value::zone::get(zone).is_none() {
                    let near = nearest_timezone(zone);
                    let hint = near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                    let fixes = near
                        .iter()
                        .map(|near| Fix {
                            title: format!("Use `{near}`"),
                            patch: vec![Patch::Replace(self.pointer.clone(), Value::text(near))],
                        })
                        .collect();
                    let text = format!("`{zone}` is not a time zone of the IANA database, such as `Europe/Amsterdam`{hint}");
                    self.report(&codes::UNKNOWN_TIMEZONE, Severity::Error, text, fixes);
                    return false;
                }
                None
            }
            (_, Value::Text(_)) => None,
            (_, other) => Some(format!("`{name}` is a text, not {}", other.kind_name())),
        };
        match problem {
            Some(text) => {
                self.error(&codes::WRONG_LITERAL, text);
                false
            }
            None => true,
        }
    }

    /// Resolves a path that begins with a variable in scope.
    fn variable(&mut self, argument: &str, path: &str) -> (u32, Typed) {
        let mut steps = path.split('.');
        let root = steps.next().unwrap_or_default();
        let Some(binding) = self.scope.find(root) else {
            let (code, text, near) = self.why_unknown(root);
            let fixes = near
                .iter()
                .map(|near| Fix {
                    title: format!("Use `{near}`"),
                    patch: vec![Patch::Replace(
                        format!("{}/{argument}", self.pointer),
                        Value::text(format!("{near}{}", &path[root.len()..])),
                    )],
                })
                .collect();
            self.at(argument, |checker| checker.report(code, Severity::Error, text.clone(), fixes));
            return self.broken(code, text, path);
        };
        let slot = binding.slot;
        let mut ty = binding.ty.clone();
        let mut reached = VariablePath { slot, path: Text::default() };
        self.narrow(&mut ty, &reached);
        let mut fields = Vec::new();
        let mut end = root.len();
        for step in steps {
            match field_type(&ty, step) {
                Ok(next) => {
                    ty = next;
                    fields.push(Text::new(step));
                    reached.path = Text::new(&path[root.len() + 1..end + 1 + step.len()]);
                    self.narrow(&mut ty, &reached);
                    end += 1 + step.len();
                }
                Err(problem) => {
                    let what = format!("`{}`", &path[..end]);
                    let (code, text) = problem.explain(&what, &ty, step);
                    let fixes = problem
                        .nearest(step)
                        .into_iter()
                        .map(|near| {
                            let mended = format!("{}.{near}{}", &path[..end], &path[end + 1 + step.len()..]);
                            Fix {
                                title: format!("Use `{mended}`"),
                                patch: vec![Patch::Replace(format!("{}/{argument}", self.pointer), Value::text(mended))],
                            }
                        })
                        .collect();
                    self.at(argument, |checker| checker.report(code, Severity::Error, text.clone(), fixes));
                    return self.broken(code, text, path);
                }
            }
        }
        let node = self.push_node(Node::Variable { slot, path: fields.into() }, ty.clone(), Text::new(path));
        (node, Typed { path: Some(reached), ..ty.into() })
    }

    fn narrow(&self, ty: &mut Type, path: &VariablePath) {
        if ty.may_be_empty && self.scope.is_filled(path) {
            ty.may_be_empty = false;
        }
    }

    /// Why a name is not in scope, and what may have been meant.
    fn why_unknown(&self, name: &str) -> (&'static Code, String, Option<String>) {
        if let Some((_, by, why)) = self.scope.gone.iter().rev().find(|(gone, ..)| gone == name) {
            let (code, text) = match why {
                Gone::OneBranch => (
                    &codes::ONE_BRANCH,
                    format!("`{name}` is set by `{by}` in one branch only, so it may not exist here; set it in both `then` and `else`"),
                ),
                Gone::DifferentTypes => (
                    &codes::ONE_BRANCH,
                    format!("`{name}` is set in both branches, but with types that do not fit; the last is set by `{by}`"),
                ),
                Gone::Loop => (&codes::OUT_OF_LOOP, format!("`{name}` is set by `{by}` inside a loop and ends with each iteration")),
                Gone::Disabled => (&codes::DISABLED, format!("`{name}` is set by `{by}`, which is disabled")),
            };
            return (code, text, None);
        }
        if let Some(by) = find_setter(self.root.get("instructions"), name) {
            return (&codes::NOT_YET, format!("`{name}` is set by `{by}`, which runs later or elsewhere"), None);
        }
        let near = nearest(name, self.scope.bindings.iter().map(|binding| binding.name.as_str())).map(ToOwned::to_owned);
        let hint = near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_else(|| {
            let known: Vec<&str> = self.scope.bindings.iter().take(8).map(|binding| binding.name.as_str()).collect();
            format!("; in scope are {}", known.join(", "))
        });
        (&codes::UNKNOWN_VARIABLE, format!("there is no variable `{name}` here{hint}"), near)
    }

    /// Reports a name that is in scope already.
    pub(super) fn refuse_taken(&mut self, name: &str) -> bool {
        let Some(binding) = self.scope.find(name) else { return false };
        let origin = super::instruction::origin_name(&binding.origin);
        let mut number = 2;
        let mut free = format!("{name}_{number}");
        while self.scope.find(&free).is_some() {
            number += 1;
            free = format!("{name}_{number}");
        }
        let fix = Fix { title: format!("Name it `{free}`"), patch: vec![Patch::Replace(self.pointer.clone(), Value::text(&free))] };
        self.report(&codes::NAME_TAKEN, Severity::Error, format!("`{name}` is the name of {origin} already"), vec![fix]);
        true
    }
}

/// The id of the instruction anywhere in the document that sets a name.
fn find_setter(value: Option<&Value>, name: &str) -> Option<Text> {
    match value? {
        Value::List(items) => items.iter().find_map(|item| find_setter(Some(item), name)),
        value @ Value::Object(fields) => {
            if value.get("return_as").and_then(Value::as_text) == Some(name) {
                return value.get("id").and_then(Value::as_text).map(Text::new);
            }
            fields.iter().find_map(|(_, value)| find_setter(Some(value), name))
        }
        _ => None,
    }
}

fn serves_as_mapping(ty: &Type) -> bool {
    match &ty.shape {
        Shape::Object(object) => object.fields.iter().all(|(_, ty)| matches!(ty.shape, Shape::String | Shape::Any | Shape::Invalid)),
        _ => false,
    }
}

/// The zone whose city was written, or one that is spelled nearly so.
fn nearest_timezone(written: &str) -> Option<String> {
    let zones: Vec<String> = salesdash_value::zone::names().collect();
    let city = |name: &str| name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let wanted = written.trim().to_lowercase().replace(' ', "_");
    zones
        .iter()
        .find(|name| city(name) == wanted)
        .cloned()
        .or_else(|| nearest(written, zones.iter().map(String::as_str)).map(ToOwned::to_owned))
}
