//! The log that a traced evaluation leaves, and the tree that is made of it: per instruction what happened, with the value of every
//! sub-expression of every iteration.
//!
//! The tree is JSON, in the shape that the trace viewer draws:
//!
//! - an instruction: `id`, `type`, `outcome` (`ran`, `failed`, `disabled`, `not_reached`), `fields` (the expression nodes by field),
//!   `branch` (the field of the list that a block ran), the lists by field, `iterations` (`index`, `outcome` `ran` or `undone`,
//!   `instructions`), `returned` (`name`, `value`), `effects` (places in the execution's effects), `messages`, `time_ns` (how long it
//!   took in this evaluation, what it runs included, where a clock was given);
//! - an expression: `type`, `node` (JSON pointer), `kind` of the value, `value`, `masked` where personal data is hidden, `failed`,
//!   `arguments` (expression nodes by argument), `items` (for each item that it looked at: `index` and `arguments`).

use std::collections::HashMap;

use salesdash_value::{Text, Value};

use crate::effect::{Message, Outcome, Status};
use crate::mask;
use crate::meta::FieldKind;
use crate::plan::{Node, Place, Plan};
use crate::render;
use crate::types::{Shape, Type};

/// What happened, in the order it happened.
#[derive(Clone, Debug, Default)]
pub struct TraceLog {
    pub(crate) events: Vec<Event>,
}

/// One thing that happened. Nodes and instructions are named by their place in the plan.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// An instruction begins.
    Enter(u32),
    /// It ran to its end.
    Leave(u32),
    /// It failed.
    Fail(u32),
    /// It is disabled.
    Disabled(u32),
    /// A block took the branch in this field.
    Branch(u32),
    /// A loop begins an iteration.
    Iteration(u32),
    /// The iteration ended; whether it was undone.
    IterationEnd(bool),
    /// An expression gave a value.
    Value(u32, Value),
    /// An expression failed.
    Fault(u32),
    /// An expression begins to look at the item at this place of a list.
    Item(u32),
    /// And is done with it.
    ItemEnd(u32),
    /// The variable that an instruction sets got a value.
    Returned(Value),
    /// An effect was left: its place in the outcome, as long as nothing is undone.
    Effect(u32),
    /// Something was said.
    Message(Box<Message>),
    /// What the clock of a timed evaluation showed: just after an instruction began, and just before it ended.
    Clock(u64),
}

impl TraceLog {
    /// How many values, and other things that happened, it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The tree, with personal data shown or hidden.
    #[must_use]
    pub fn tree(&self, plan: &Plan, outcome: &Outcome, reveal: bool) -> Value {
        let mut reader = Reader { plan, events: &self.events, at: 0, reveal, kept: self.kept(outcome) };
        let instructions = reader.list(&plan.body);
        Value::object([("status", Value::from(outcome.status.name())), ("instructions", instructions)])
    }

    /// The events whose effects still stand at the end, with their places in the outcome.
    fn kept(&self, outcome: &Outcome) -> HashMap<usize, u32> {
        let mut kept: Vec<usize> = Vec::new();
        for (index, event) in self.events.iter().enumerate() {
            if let Event::Effect(place) = event {
                // An effect at a place that was used already: what stood there has been undone.
                kept.truncate(*place as usize);
                kept.push(index);
            }
        }
        kept.truncate(if outcome.status == Status::Failed { 0 } else { outcome.effects.len() });
        kept.into_iter().zip(0..).collect()
    }
}

struct Reader<'t> {
    plan: &'t Plan,
    events: &'t [Event],
    at: usize,
    reveal: bool,
    kept: HashMap<usize, u32>,
}

/// What has been evaluated and waits for the node that it is an argument of.
enum Waiting {
    Node(u32, Value),
    /// An expression begins to look at the item at this place.
    Begin(u32),
    /// What it evaluated for an item.
    Item {
        owner: u32,
        index: u32,
        nodes: Vec<Waiting>,
    },
}

impl Reader<'_> {
    fn list(&mut self, list: &[u32]) -> Value {
        Value::list(list.iter().map(|index| self.instruction(*index)).collect::<Vec<_>>())
    }

    fn head(&self, index: u32, outcome: &'static str) -> Vec<(Text, Value)> {
        let instruction = &self.plan.instructions[index as usize];
        vec![
            (Text::new_static("id"), Value::Text(instruction.id.clone())),
            (Text::new_static("type"), Value::Text(instruction.name.clone())),
            (Text::new_static("outcome"), Value::Text(Text::new_static(outcome))),
        ]
    }

    fn instruction(&mut self, index: u32) -> Value {
        match self.events.get(self.at) {
            Some(Event::Enter(entered)) if *entered == index => self.at += 1,
            Some(Event::Disabled(disabled)) if *disabled == index => {
                self.at += 1;
                return Value::object(self.head(index, "disabled"));
            }
            _ => return Value::object(self.head(index, "not_reached")),
        }
        let plan = self.plan;
        let instruction = &plan.instructions[index as usize];
        let metas = instruction.instruction.map(|word| word.meta().fields).unwrap_or_default();
        let mut waiting = Vec::new();
        let mut rest: Vec<(Text, Value)> = Vec::new();
        let (mut iterations, mut effects, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        let mut outcome = "ran";
        let mut clock = None;
        while let Some(event) = self.events.get(self.at) {
            let place = self.at;
            self.at += 1;
            match event {
                Event::Leave(left) if *left == index => break,
                Event::Fail(failed) if *failed == index => {
                    outcome = "failed";
                    break;
                }
                Event::Branch(field) => {
                    let name = metas[*field as usize].name;
                    rest.push((Text::new_static("branch"), Value::from(name)));
                    if let Place::Instructions(list) = &instruction.fields[*field as usize] {
                        let list = self.list(list);
                        rest.push((Text::new_static(name), list));
                    }
                }
                Event::Iteration(number) => {
                    let body = instruction.fields.iter().zip(metas).find_map(|(place, meta)| match (place, &meta.kind) {
                        (Place::Instructions(list), FieldKind::Instructions) => Some(list),
                        _ => None,
                    });
                    let instructions = body.map_or_else(|| Value::list([]), |list| self.list(list));
                    let undone = matches!(self.events.get(self.at), Some(Event::IterationEnd(true)));
                    self.at += 1;
                    iterations.push(Value::object([
                        ("index", Value::from(i64::from(*number))),
                        ("outcome", Value::from(if undone { "undone" } else { "ran" })),
                        ("instructions", instructions),
                    ]));
                }
                Event::Returned(value) => {
                    let name = instruction.return_name.clone().unwrap_or_default();
                    let ty = instruction.return_type.clone().unwrap_or(Type::ANY);
                    let mut returned = vec![(Text::new_static("name"), Value::Text(name))];
                    returned.extend(self.value(value, &ty));
                    rest.push((Text::new_static("returned"), Value::object(returned)));
                }
                Event::Effect(_) => effects.extend(self.kept.get(&place).map(|place| Value::from(i64::from(*place)))),
                Event::Message(message) => messages.push(render::message(plan, message)),
                Event::Clock(now) => match clock {
                    None => clock = Some(*now),
                    Some(began) => rest.push((Text::new_static("time_ns"), Value::from(now.saturating_sub(began) as i64))),
                },
                other => self.node_event(other, &mut waiting),
            }
        }
        let mut fields = Vec::new();
        for (place, meta) in instruction.fields.iter().zip(metas) {
            if let Place::Node(node) = place
                && let Some(value) = take(&mut waiting, *node)
            {
                fields.push((Text::new_static(meta.name), value));
            }
        }
        let mut tree = self.head(index, outcome);
        tree.push((Text::new_static("fields"), Value::object(fields)));
        tree.extend(rest);
        for (name, list) in [("iterations", iterations), ("effects", effects), ("messages", messages)] {
            if !list.is_empty() {
                tree.push((Text::new_static(name), Value::list(list)));
            }
        }
        Value::object(tree)
    }

    fn node_event(&self, event: &Event, waiting: &mut Vec<Waiting>) {
        match event {
            Event::Value(node, value) => {
                let tree = self.node(*node, Some(value), waiting);
                waiting.push(Waiting::Node(*node, tree));
            }
            Event::Fault(node) => {
                let tree = self.node(*node, None, waiting);
                waiting.push(Waiting::Node(*node, tree));
            }
            Event::Item(index) => waiting.push(Waiting::Begin(*index)),
            Event::ItemEnd(owner) => {
                let Some(begin) = waiting.iter().rposition(|entry| matches!(entry, Waiting::Begin(_))) else { return };
                let nodes = waiting.split_off(begin + 1);
                if let Some(Waiting::Begin(index)) = waiting.pop() {
                    waiting.push(Waiting::Item { owner: *owner, index, nodes });
                }
            }
            _ => {}
        }
    }

    fn value(&self, value: &Value, ty: &Type) -> Vec<(Text, Value)> {
        let mut fields = vec![(Text::new_static("kind"), Value::from(kind(value)))];
        if self.reveal {
            fields.push((Text::new_static("value"), value.clone()));
            return fields;
        }
        let masked = mask::mask(value, ty);
        let hidden = masked != *value;
        fields.push((Text::new_static("value"), masked));
        if hidden {
            fields.push((Text::new_static("masked"), Value::Boolean(true)));
        }
        fields
    }

    fn node(&self, id: u32, value: Option<&Value>, waiting: &mut Vec<Waiting>) -> Value {
        let info = &self.plan.infos[id as usize];
        let mut tree: Vec<(Text, Value)> = Vec::with_capacity(6);
        let name = match &self.plan.nodes[id as usize] {
            Node::Variable { .. } => {
                tree.push((Text::new_static("label"), Value::Text(info.name.clone())));
                Text::new_static("var")
            }
            _ => info.name.clone(),
        };
        tree.insert(0, (Text::new_static("type"), Value::Text(name)));
        tree.push((Text::new_static("node"), Value::Text(info.pointer.clone())));
        match value {
            Some(value) => tree.extend(self.value(value, &shown_type(info.ty.clone()))),
            None => tree.push((Text::new_static("failed"), Value::Boolean(true))),
        }
        if let Node::Call(call) = &self.plan.nodes[id as usize] {
            let mut items = Vec::new();
            while let Some(Waiting::Item { owner, .. }) = waiting.last() {
                if *owner != id {
                    break;
                }
                items.extend(waiting.pop());
            }
            let arguments = self.arguments(&call.arguments, call.expression.meta().arguments, waiting);
            if !arguments.is_empty() {
                tree.push((Text::new_static("arguments"), Value::object(arguments)));
            }
            if !items.is_empty() {
                let items: Vec<Value> = items
                    .into_iter()
                    .rev()
                    .filter_map(|item| match item {
                        Waiting::Item { index, mut nodes, .. } => Some(Value::object([
                            ("index", Value::from(i64::from(index))),
                            ("arguments", Value::object(self.arguments(&call.arguments, call.expression.meta().arguments, &mut nodes))),
                        ])),
                        _ => None,
                    })
                    .collect();
                tree.push((Text::new_static("items"), Value::list(items)));
            }
        }
        Value::object(tree)
    }

    fn arguments(&self, places: &[Place], metas: &[crate::meta::Argument], waiting: &mut Vec<Waiting>) -> Vec<(Text, Value)> {
        let mut arguments = Vec::new();
        for (place, meta) in places.iter().zip(metas) {
            let name = Text::new_static(meta.name);
            match place {
                Place::Node(node) => arguments.extend(take(waiting, *node).map(|tree| (name, tree))),
                Place::Nodes(nodes) => {
                    let trees: Vec<_> = nodes.iter().filter_map(|node| take(waiting, *node)).collect();
                    if !trees.is_empty() {
                        arguments.push((name, Value::list(trees)));
                    }
                }
                _ => {}
            }
        }
        arguments
    }
}

/// The type of a value as far as hiding goes: an error in the spec does not make a value public.
fn shown_type(ty: Type) -> Type {
    if ty.shape == Shape::Invalid { Type::ANY } else { ty }
}

/// Takes a node out of what waits; one that was evaluated more than once is taken whole.
fn take(waiting: &mut Vec<Waiting>, node: u32) -> Option<Value> {
    let mut found = None;
    while let Some(place) = waiting.iter().rposition(|entry| matches!(entry, Waiting::Node(id, _) if *id == node)) {
        if let Waiting::Node(_, tree) = waiting.remove(place) {
            found.get_or_insert(tree);
        }
    }
    found
}

/// What a value is, as the viewer labels it.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Boolean(_) => "boolean",
        Value::Number(_) | Value::BigNumber(_) => "number",
        Value::Text(_) => "string",
        Value::Datetime(_) => "datetime",
        Value::List(_) => "array",
        Value::Object(_) => "object",
        Value::Identity(identity) => identity.kind.name(),
        Value::Record(record) => record.kind.name(),
    }
}
