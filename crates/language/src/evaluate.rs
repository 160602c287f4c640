//! The evaluator: runs a plan over one record. Deterministic: the same plan, record, constants, clock and state reads give the same
//! effects, always. The trace is a second mode of the same evaluator.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use jiff::tz::TimeZone;
use salesdash_value::{Decimal, Id, Instant, RecordKind, Text, Value, number};
use smallvec::SmallVec;

use crate::codes;
use crate::diagnostics::{Code, Failure, Fault, Severity};
use crate::effect::{Effect, EffectFields, IterationPath, Message, Outcome, StateRead, StateReader, Status, StoredField, Write};
use crate::identity::{self, IdentityKey, Subject};
use crate::plan::{CallNode, Node, Place, Plan, PlanInstruction};
use crate::render;
use crate::trace::{Event, TraceLog};
use crate::types::{Accepts, Shape};

/// What an execution may use up. Going over one ends it with an error that says which, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Instructions run, iterations counted each time.
    pub instructions: u32,
    /// Items in one list.
    pub list: usize,
    /// Bytes in one text.
    pub text: usize,
    /// Effects.
    pub effects: usize,
    /// Expressions evaluated.
    pub steps: u64,
}

impl Budgets {
    /// What every execution gets.
    pub const DEFAULT: Self = Self { instructions: 100_000, list: 10_000, text: 1 << 20, effects: 10_000, steps: 5_000_000 };
}

/// What an evaluation depends on beside the plan and the record.
pub struct Context<'a> {
    /// The tenant, for computed ids.
    pub tenant: u64,
    /// The provider, for computed ids.
    pub provider: u64,
    /// The execution clock.
    pub at: Instant,
    /// The zone of texts without an offset: the provider's, else the tenant's, else UTC.
    pub timezone: &'a TimeZone,
    /// The country of phone numbers without a country code, as ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
    /// The key of contact hashes.
    pub key: &'a IdentityKey,
    /// The values of the constants, in the order the spec declares them. See [`Plan::bind_constants`].
    pub constants: &'a [Value],
    /// The stored state.
    pub state: &'a dyn StateReader,
    /// What it may use up.
    pub budgets: Budgets,
}

/// What comes after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The next one.
    Continue,
    /// Nothing: the execution ends as skipped.
    Skip,
}

/// Tells the time, in nanoseconds since any moment. It is handed in, as the language reads no clock; only what a trace says of the time
/// that instructions took depends on it.
pub type Clock<'a> = &'a dyn Fn() -> u64;

/// A running evaluation.
pub(crate) struct Machine<'a> {
    plan: &'a Plan,
    context: &'a Context<'a>,
    /// The values of variables: what the record or the constants hold is only borrowed.
    frame: Vec<Cow<'a, Value>>,
    effects: Vec<Effect>,
    messages: Vec<Message>,
    reads: Vec<StateRead>,
    path: IterationPath,
    trace: Option<TraceLog>,
    clock: Option<Clock<'a>>,
    instructions: u32,
    steps: u64,
    failed_iterations: u32,
    /// The node being evaluated when a fault was raised, innermost first come.
    faulty: Option<u32>,
}

impl Plan {
    /// Evaluates the plan over one record.
    #[must_use]
    pub fn evaluate(&self, record: &Value, context: &Context<'_>) -> Outcome {
        Machine::new(self, context, record, None).run().0
    }

    /// Evaluates a plan that is one expression (see [`crate::check::check_expression`]) over the values of its variables.
    ///
    /// # Errors
    /// Where there is no value to give.
    pub fn evaluate_expression(&self, variables: &[Value], context: &Context<'_>) -> Result<Value, Fault> {
        let mut machine = Machine::new(self, context, &Value::Null, None);
        for (slot, variable) in machine.frame.iter_mut().zip(variables) {
            *slot = Cow::Borrowed(variable);
        }
        // The root was compiled last, after everything in it.
        machine.node(self.nodes.len() as u32 - 1).map(Cow::into_owned)
    }

    /// Evaluates the plan over one record and keeps the value of every sub-expression.
    #[must_use]
    pub fn trace(&self, record: &Value, context: &Context<'_>) -> (Outcome, TraceLog) {
        let (outcome, trace) = Machine::new(self, context, record, Some(TraceLog::default())).run();
        (outcome, trace.unwrap_or_default())
    }

    /// As [`Plan::trace`], and keeps how long each instruction took.
    #[must_use]
    pub fn trace_timed(&self, record: &Value, context: &Context<'_>, clock: Clock<'_>) -> (Outcome, TraceLog) {
        let mut machine = Machine::new(self, context, record, Some(TraceLog::default()));
        machine.clock = Some(clock);
        let (outcome, trace) = machine.run();
        (outcome, trace.unwrap_or_default())
    }
}

impl<'a> Machine<'a> {
    fn new(plan: &'a Plan, context: &'a Context<'a>, record: &'a Value, trace: Option<TraceLog>) -> Self {
        let mut frame = vec![NULL; plan.slots];
        frame[0] = Cow::Borrowed(record);
        for (declaration, value) in plan.constants.iter().zip(context.constants) {
            frame[usize::from(declaration.slot)] = Cow::Borrowed(value);
        }
        Self {
            plan,
            context,
            frame,
            effects: Vec::with_capacity(8),
            messages: Vec::new(),
            reads: Vec::new(),
            path: SmallVec::new(),
            trace,
            clock: None,
            instructions: 0,
            steps: 0,
            failed_iterations: 0,
            faulty: None,
        }
    }

    fn run(mut self) -> (Outcome, Option<TraceLog>) {
        let plan = self.plan;
        let status = match self.run_list(&plan.body) {
            Ok(_) if self.failed_iterations > 0 => Status::PartiallyFailed,
            Ok(Flow::Continue) => Status::Succeeded,
            Ok(Flow::Skip) => Status::Skipped,
            Err(()) => {
                self.effects.clear();
                Status::Failed
            }
        };
        let outcome = Outcome { status, effects: self.effects, messages: self.messages, reads: self.reads };
        (outcome, self.trace)
    }

    /// Runs a list of instructions. An error has been reported already.
    fn run_list(&mut self, list: &'a [u32]) -> Result<Flow, ()> {
        for index in list {
            if self.run_instruction(*index)? == Flow::Skip {
                return Ok(Flow::Skip);
            }
        }
        Ok(Flow::Continue)
    }

    fn run_instruction(&mut self, index: u32) -> Result<Flow, ()> {
        let plan = self.plan;
        let instruction = &plan.instructions[index as usize];
        if instruction.disabled {
            self.record(|| Event::Disabled(index));
            return Ok(Flow::Continue);
        }
        self.record(|| Event::Enter(index));
        self.look_at_clock();
        self.instructions += 1;
        let result = if self.instructions > self.context.budgets.instructions {
            Err(Failure::Fault(Fault::new(
                &codes::INSTRUCTION_BUDGET,
                format!("more than {} instructions were run; a loop in a loop over long lists?", self.context.budgets.instructions),
            )))
        } else if let Some(word) = instruction.instruction {
            word.run(&mut Run { machine: self, instruction, index })
        } else {
            Err(Failure::Fault(Fault::new(&codes::UNKNOWN_TYPE, format!("`{}` is not an instruction", instruction.name))))
        };
        match result {
            Ok(flow) => {
                self.look_at_clock();
                self.record(|| Event::Leave(index));
                Ok(flow)
            }
            Err(failure) => {
                if let Failure::Fault(fault) = failure {
                    self.report(index, &fault);
                }
                self.look_at_clock();
                self.record(|| Event::Fail(index));
                Err(())
            }
        }
    }

    fn report(&mut self, instruction: u32, fault: &Fault) {
        let faulty = self.faulty.take();
        let node = match fault.node.or(faulty) {
            Some(node) => self.plan.infos[node as usize].pointer.clone(),
            None => self.plan.instructions[instruction as usize].pointer.clone(),
        };
        let message = Message {
            code: Some(fault.code),
            severity: Severity::Error,
            instruction: Some(instruction),
            node,
            path: self.path.clone(),
            text: fault.text.clone(),
        };
        self.record(|| Event::Message(Box::new(message.clone())));
        self.messages.push(message);
    }

    #[inline]
    fn record(&mut self, event: impl FnOnce() -> Event) {
        if let Some(trace) = &mut self.trace {
            trace.events.push(event());
        }
    }

    #[inline]
    fn look_at_clock(&mut self) {
        if let Some(clock) = self.clock {
            self.record(|| Event::Clock(clock()));
        }
    }

    #[inline]
    fn step(&mut self) -> Result<(), Fault> {
        self.steps += 1;
        if self.steps > self.context.budgets.steps {
            return Err(Fault::new(
                &codes::STEP_BUDGET,
                format!("more than {} expressions were evaluated; `map` or `filter` nested over long lists?", self.context.budgets.steps),
            ));
        }
        Ok(())
    }

    fn node(&mut self, id: u32) -> Result<Cow<'a, Value>, Fault> {
        match self.compute(id) {
            Ok(value) => {
                if let Some(trace) = &mut self.trace {
                    trace.events.push(Event::Value(id, Value::clone(&value)));
                }
                Ok(value)
            }
            Err(fault) => {
                if self.faulty.is_none() {
                    self.faulty = Some(id);
                }
                self.record(|| Event::Fault(id));
                Err(fault)
            }
        }
    }

    #[inline]
    fn compute(&mut self, id: u32) -> Result<Cow<'a, Value>, Fault> {
        self.step()?;
        let plan = self.plan;
        match &plan.nodes[id as usize] {
            Node::Constant(value) => Ok(Cow::Borrowed(value)),
            Node::Variable { slot, path } => {
                let found = match &self.frame[usize::from(*slot)] {
                    Cow::Borrowed(value) => follow(value, path).map(|value| value.map_or(NULL, Cow::Borrowed)),
                    Cow::Owned(value) => follow(value, path).map(|value| Cow::Owned(value.cloned().unwrap_or_default())),
                };
                found.or_else(|(depth, value)| {
                    let value = value.clone();
                    self.deep(id, value, path, depth).map(Cow::Owned)
                })
            }
            Node::Call(call) => {
                let value = call.expression.evaluate(&mut Call { machine: self, call, id })?;
                match &value {
                    Value::Text(text) if text.len() > self.context.budgets.text => Err(Fault::new(
                        &codes::SIZE_BUDGET,
                        format!("the text grew to {} bytes; {} is the most", text.len(), self.context.budgets.text),
                    )),
                    Value::List(items) => self.check_list(items.len()).map(|()| Cow::Owned(value)),
                    _ => Ok(Cow::Owned(value)),
                }
            }
            Node::Broken(code, text) => Err(Fault::new(code, text.clone())),
        }
    }

    fn check_list(&self, length: usize) -> Result<(), Fault> {
        if length > self.context.budgets.list {
            return Err(Fault::new(&codes::LIST_BUDGET, format!("the list has {length} items; {} is the most", self.context.budgets.list)));
        }
        Ok(())
    }

    /// The rest of a path that went through something other than a plain object.
    fn deep(&self, id: u32, value: Value, path: &[Text], depth: usize) -> Result<Value, Fault> {
        let mut value = value;
        for (offset, name) in path[depth..].iter().enumerate() {
            value = match &value {
                Value::Null => return Ok(Value::Null),
                Value::Object(_) => value.field(name).unwrap_or_default(),
                Value::Identity(_) | Value::Record(_) => value.field(name).unwrap_or_default(),
                other => {
                    let label = self.label(id);
                    let parts: Vec<&str> = label.split('.').collect();
                    let reached = parts[..parts.len().min(1 + depth + offset)].join(".");
                    return Err(Fault::new(
                        &codes::NOT_AN_OBJECT,
                        format!("`{reached}` is {}, which has no field `{name}`", other.kind_name()),
                    ));
                }
            };
        }
        Ok(value)
    }

    /// What to call a node in a message: the path of a variable, what a literal says, else the name of the expression.
    fn label(&self, id: u32) -> Text {
        match &self.plan.nodes[id as usize] {
            Node::Constant(value) => Text::new(render::shortened(value)),
            _ => self.plan.infos[id as usize].name.clone(),
        }
    }

    fn present(&mut self, id: u32) -> Result<bool, Fault> {
        let plan = self.plan;
        if let Node::Variable { slot, path } = &plan.nodes[id as usize] {
            // The value is evaluated too, so that the trace shows it.
            let value = self.node(id)?;
            let Some((last, parents)) = path.split_last() else { return Ok(true) };
            if !value.is_null() {
                return Ok(true);
            }
            let mut parent = Value::clone(&self.frame[usize::from(*slot)]);
            for name in parents {
                parent = parent.field(name).unwrap_or_default();
            }
            return Ok(parent.field(last).is_some());
        }
        Ok(!self.node(id)?.is_null())
    }

    /// A value as a message may show it: as it is where its type is known and not personal, else only what it is.
    fn describe(&self, id: u32, value: &Value) -> String {
        let ty = &self.plan.infos[id as usize].ty;
        let known = !matches!(ty.shape, Shape::Any | Shape::Invalid) && ty.all_personal().is_none();
        match value {
            Value::Text(text) if known && text.chars().count() <= 60 => format!("\"{text}\""),
            Value::Text(text) if known => format!("\"{}…\"", text.chars().take(59).collect::<String>()),
            Value::Text(text) => format!("a text of {} characters", text.chars().count()),
            Value::Number(value) if known => number::plain(*value).to_string(),
            Value::Datetime(value) if known => salesdash_value::datetime::rfc3339(*value).to_string(),
            Value::Boolean(value) => value.to_string(),
            other => other.kind_name().to_owned(),
        }
    }

    /// A value that is missing where one is needed.
    fn missing(&self, id: u32, needed_by: &str) -> Fault {
        let label = self.label(id);
        let text = match &self.plan.nodes[id as usize] {
            Node::Variable { .. } => format!("`{label}` is empty, and {needed_by} needs a value"),
            Node::Constant(_) => format!("null stands where {needed_by} needs a value"),
            _ => format!("the result of `{label}` is empty, and {needed_by} needs a value"),
        };
        Fault { code: &codes::MAY_BE_EMPTY, text, node: Some(id) }
    }

    /// A value of the wrong type.
    fn mismatch(&self, id: u32, needed_by: &str, wanted: Accepts, value: &Value) -> Fault {
        if let Value::BigNumber(_) = value
            && wanted.contains(Accepts::NUMBER)
        {
            return Fault {
                code: &codes::NUMBER_RANGE,
                text: format!("`{}` is a number of more than 28 digits", self.label(id)),
                node: Some(id),
            };
        }
        let label = self.label(id);
        let mut text = format!("`{label}` is {}, and {needed_by} takes {wanted}", value.kind_name());
        if let (Value::Identity(_) | Value::Record(_), Node::Variable { .. }) = (value, &self.plan.nodes[id as usize])
            && wanted.contains(Accepts::STRING)
        {
            text.push_str(&format!("; did you mean `{label}.external_id`?"));
        }
        Fault { code: &codes::TYPE_MISMATCH, text, node: Some(id) }
    }
}

/// The value of what is not there.
const NULL: Cow<'static, Value> = Cow::Owned(Value::Null);

/// Follows a path through plain objects; `None` where it leads nowhere. Something else on the way is given back, with how far it got.
#[inline]
fn follow<'v>(mut value: &'v Value, path: &[Text]) -> Result<Option<&'v Value>, (usize, &'v Value)> {
    for (depth, name) in path.iter().enumerate() {
        // As texts, not as `Text`: that compares pointers first, and looks at how the name is kept for every key.
        let name = name.as_str();
        value = match value {
            Value::Object(fields) => match fields.iter().find(|(key, _)| key.as_str() == name) {
                Some((_, value)) => value,
                None => return Ok(None),
            },
            Value::Null => return Ok(None),
            other => return Err((depth, other)),
        };
    }
    Ok(Some(value))
}

/// Whether a value is of one of the accepted shapes.
fn fits(value: &Value, accepts: Accepts) -> bool {
    accepts.intersects(match value {
        Value::Null | Value::BigNumber(_) => return accepts == Accepts::ANY,
        Value::Boolean(_) => Accepts::BOOLEAN,
        Value::Number(_) => Accepts::NUMBER,
        Value::Text(_) => Accepts::STRING,
        Value::Datetime(_) => Accepts::DATETIME,
        Value::List(_) => Accepts::ARRAY,
        Value::Object(_) => Accepts::OBJECT.or(Accepts::MAPPING),
        Value::Identity(identity) => Accepts::identity(identity.kind),
        Value::Record(_) => Accepts::RECORD,
    })
}

/// One call of an expression, as its `evaluate` sees it. Arguments are evaluated when they are asked for, by their place in the
/// metadata.
pub struct Call<'m, 'a> {
    machine: &'m mut Machine<'a>,
    call: &'a CallNode,
    id: u32,
}

macro_rules! typed {
    ($($(#[$doc:meta])* $name:ident, $optional:ident, $item:ident, $variant:ident, $type:ty, $accepts:ident;)+) => {
        $(
            $(#[$doc])*
            ///
            /// # Errors
            /// Where it is null or of another type, or cannot be evaluated.
            #[inline]
            pub fn $name(&mut self, argument: usize) -> Result<$type, Fault> {
                match self.value(argument)? {
                    Value::$variant(value) => Ok(value),
                    other => Err(self.unfit(argument, None, Accepts::$accepts, &other)),
                }
            }

            /// The same, where the argument can be left out.
            ///
            /// # Errors
            /// Where it is there and null or of another type, or cannot be evaluated.
            pub fn $optional(&mut self, argument: usize) -> Result<Option<$type>, Fault> {
                if self.has(argument) { self.$name(argument).map(Some) } else { Ok(None) }
            }

            /// The same, of one of a list of arguments.
            ///
            /// # Errors
            /// Where it is null or of another type, or cannot be evaluated.
            pub fn $item(&mut self, argument: usize, index: usize) -> Result<$type, Fault> {
                match self.item(argument, index)? {
                    Value::$variant(value) => Ok(value),
                    other => Err(self.unfit(argument, Some(index), Accepts::$accepts, &other)),
                }
            }
        )+
    };
}

impl<'a> Call<'_, 'a> {
    /// Whether the argument is there.
    #[must_use]
    pub fn has(&self, argument: usize) -> bool {
        !matches!(self.call.arguments[argument], Place::Absent)
    }

    /// How many expressions a list argument has; 0 where it is absent.
    #[must_use]
    pub fn count(&self, argument: usize) -> usize {
        match &self.call.arguments[argument] {
            Place::Nodes(nodes) => nodes.len(),
            _ => 0,
        }
    }

    /// The value of an argument; null where it is absent.
    ///
    /// # Errors
    /// Where it cannot be evaluated.
    #[inline]
    pub fn value(&mut self, argument: usize) -> Result<Value, Fault> {
        self.view(argument).map(Cow::into_owned)
    }

    /// The value of an argument, only to be looked at: what the record holds is not copied. Null where it is absent.
    ///
    /// # Errors
    /// Where it cannot be evaluated.
    #[inline]
    pub fn view(&mut self, argument: usize) -> Result<Cow<'a, Value>, Fault> {
        match self.call.arguments[argument] {
            Place::Node(node) => self.machine.node(node),
            _ => Ok(NULL),
        }
    }

    /// The value of one of a list of arguments.
    ///
    /// # Errors
    /// Where it cannot be evaluated.
    #[inline]
    pub fn item(&mut self, argument: usize, index: usize) -> Result<Value, Fault> {
        self.view_item(argument, index).map(Cow::into_owned)
    }

    /// The value of one of a list of arguments, only to be looked at.
    ///
    /// # Errors
    /// Where it cannot be evaluated.
    #[inline]
    pub fn view_item(&mut self, argument: usize, index: usize) -> Result<Cow<'a, Value>, Fault> {
        self.machine.node(self.node_of(argument, Some(index)))
    }

    /// An argument that is text, only to be looked at.
    ///
    /// # Errors
    /// Where it is null or of another type, or cannot be evaluated.
    #[inline]
    pub fn view_text(&mut self, argument: usize) -> Result<Cow<'a, Text>, Fault> {
        match self.view(argument)? {
            Cow::Borrowed(Value::Text(text)) => Ok(Cow::Borrowed(text)),
            Cow::Owned(Value::Text(text)) => Ok(Cow::Owned(text)),
            other => Err(self.unfit(argument, None, Accepts::STRING, &other)),
        }
    }

    typed! {
        /// An argument that is text.
        text, optional_text, text_item, Text, Text, STRING;
        /// An argument that is a number.
        number, optional_number, number_item, Number, Decimal, NUMBER;
        /// An argument that is a boolean.
        boolean, optional_boolean, boolean_item, Boolean, bool, BOOLEAN;
        /// An argument that is a datetime.
        datetime, optional_datetime, datetime_item, Datetime, Instant, DATETIME;
        /// An argument that is a list.
        list, optional_list, list_item, List, Arc<[Value]>, ARRAY;
        /// An argument that is an object (a mapping is one).
        object, optional_object, object_item, Object, salesdash_value::Object, OBJECT;
    }

    /// The value of an argument, which must not be null and must be what the metadata accepts.
    ///
    /// # Errors
    /// Where it is not, or cannot be evaluated.
    pub fn accepted(&mut self, argument: usize) -> Result<Value, Fault> {
        let value = self.value(argument)?;
        self.accept(argument, None, value)
    }

    /// The same, of one of a list of arguments.
    ///
    /// # Errors
    /// Where it is not, or cannot be evaluated.
    pub fn accepted_item(&mut self, argument: usize, index: usize) -> Result<Value, Fault> {
        let value = self.item(argument, index)?;
        self.accept(argument, Some(index), value)
    }

    fn accept(&self, argument: usize, index: Option<usize>, value: Value) -> Result<Value, Fault> {
        let meta = &self.call.expression.meta().arguments[argument];
        if fits(&value, meta.accepts) && !value.is_null() || value.is_null() && meta.nullable {
            Ok(value)
        } else {
            Err(self.unfit(argument, index, meta.accepts, &value))
        }
    }

    /// The error for a value that is null or of the wrong type.
    #[must_use]
    pub fn unfit(&self, argument: usize, index: Option<usize>, wanted: Accepts, value: &Value) -> Fault {
        let name = self.call.expression.meta().name;
        let needed_by = format!("`{}` of `{name}`", self.call.expression.meta().arguments[argument].name);
        match self.call.arguments[argument] {
            Place::Absent => Fault::new(&codes::MISSING_KEY, format!("{needed_by} is missing")),
            _ => {
                let node = self.node_of(argument, index);
                if value.is_null() {
                    self.machine.missing(node, &needed_by)
                } else {
                    self.machine.mismatch(node, &needed_by, wanted, value)
                }
            }
        }
    }

    fn node_of(&self, argument: usize, index: Option<usize>) -> u32 {
        match (&self.call.arguments[argument], index) {
            (Place::Node(node), _) => *node,
            (Place::Nodes(nodes), Some(index)) => nodes[index],
            _ => self.id,
        }
    }

    /// Whether the key that an argument names is there, null or not. For what is not a variable: whether it is not null.
    ///
    /// # Errors
    /// Where it cannot be evaluated.
    pub fn present(&mut self, argument: usize) -> Result<bool, Fault> {
        self.machine.present(self.node_of(argument, None))
    }

    /// A literal argument.
    #[must_use]
    pub fn literal(&self, argument: usize) -> Option<&'a Value> {
        match &self.call.arguments[argument] {
            Place::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// A literal argument that is text.
    #[must_use]
    pub fn literal_text(&self, argument: usize) -> Option<&'a str> {
        self.literal(argument).and_then(Value::as_text)
    }

    /// What `prepare` made.
    ///
    /// # Panics
    /// Where it made something else.
    #[must_use]
    pub fn prepared<T: Any>(&self) -> &'a T {
        self.call.prepared.as_deref().and_then(|prepared| prepared.downcast_ref()).expect("what `prepare` made")
    }

    /// What `prepare` made, where it made something.
    #[must_use]
    pub fn maybe_prepared<T: Any>(&self) -> Option<&'a T> {
        self.call.prepared.as_deref().and_then(|prepared| prepared.downcast_ref())
    }

    /// Evaluates something for one item of a list: the item variable in argument `name` stands for the item.
    ///
    /// # Errors
    /// What the body gives.
    pub fn with_item<T>(
        &mut self,
        name: usize,
        index: usize,
        item: Value,
        body: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if let Place::Slot(slot) = self.call.arguments[name] {
            self.machine.frame[usize::from(slot)] = Cow::Owned(item);
        }
        let id = self.id;
        self.machine.record(|| Event::Item(index as u32));
        let result = body(self);
        self.machine.record(|| Event::ItemEnd(id));
        result
    }

    /// An error about an argument.
    #[must_use]
    pub fn fault(&self, code: &'static Code, argument: usize, text: impl Into<String>) -> Fault {
        Fault { code, text: text.into(), node: Some(self.node_of(argument, None)) }
    }

    /// A value of an argument as a message may show it: personal data is not.
    #[must_use]
    pub fn describe(&self, argument: usize, value: &Value) -> String {
        self.machine.describe(self.node_of(argument, None), value)
    }

    /// What to call an argument in a message: the path of a variable, what a literal says, else the name of the expression.
    #[must_use]
    pub fn label(&self, argument: usize) -> Text {
        self.machine.label(self.node_of(argument, None))
    }

    /// The execution clock, zone, country and keys.
    #[must_use]
    pub fn context(&self) -> &'a Context<'a> {
        self.machine.context
    }

    /// Refuses a list that would be longer than an execution may handle, before it is made.
    ///
    /// # Errors
    /// Where it would be.
    pub fn check_list(&self, length: usize) -> Result<(), Fault> {
        self.machine.check_list(length)
    }

    /// Counts work that is not evaluation of a sub-expression, such as items looked at, against the budget of steps.
    ///
    /// # Errors
    /// Where the budget is used up.
    pub fn charge(&mut self, steps: usize) -> Result<(), Fault> {
        self.machine.steps += steps as u64;
        self.machine.step()
    }
}

/// One run of an instruction, as its `run` sees it. Fields are evaluated when they are asked for, by their place in the metadata.
pub struct Run<'m, 'a> {
    machine: &'m mut Machine<'a>,
    instruction: &'a PlanInstruction,
    index: u32,
}

impl<'a> Run<'_, 'a> {
    fn place(&self, field: usize) -> &'a Place {
        &self.instruction.fields[field]
    }

    fn meta(&self, field: usize) -> &'static crate::meta::Field {
        &self.instruction.metas[field]
    }

    /// Whether the field is there.
    #[must_use]
    pub fn has(&self, field: usize) -> bool {
        !matches!(self.place(field), Place::Absent)
    }

    /// The value of a field, checked against the metadata: `None` where the spec leaves it out, null where it evaluates to null and
    /// may.
    ///
    /// # Errors
    /// Where it is required and null, or of the wrong type, or not one of its choices, or cannot be evaluated.
    pub fn field(&mut self, field: usize) -> Result<Option<Value>, Fault> {
        match *self.place(field) {
            Place::Node(node) => self.checked(field, node).map(|value| Some(value.into_owned())),
            _ => Ok(None),
        }
    }

    /// The value of the node in a field, checked against the metadata.
    fn checked(&mut self, field: usize, node: u32) -> Result<Cow<'a, Value>, Fault> {
        let value = self.machine.node(node)?;
        let meta = self.meta(field);
        if value.is_null() {
            if !meta.nullable {
                let required = if meta.required { "the required field " } else { "" };
                return Err(self.machine.missing(node, &format!("{required}`{}`", meta.name)));
            }
            return Ok(value);
        }
        if !fits(&value, meta.accepts) {
            return Err(self.machine.mismatch(node, &format!("`{}`", meta.name), meta.accepts, &value));
        }
        if !meta.choices.is_empty()
            && let Value::Text(text) = &*value
            && !meta.choices.contains(&text.as_str())
        {
            let text = format!("{} is not one of {}", self.machine.describe(node, &value), choices(meta.choices));
            return Err(Fault { code: &codes::NOT_A_CHOICE, text, node: Some(node) });
        }
        Ok(value)
    }

    /// A required field that is there and not null.
    ///
    /// # Errors
    /// As [`Run::field`].
    pub fn required(&mut self, field: usize) -> Result<Value, Fault> {
        self.view(field).map(Cow::into_owned)
    }

    /// A required field that is there and not null, only to be looked at: what the record holds is not copied.
    ///
    /// # Errors
    /// As [`Run::field`].
    pub fn view(&mut self, field: usize) -> Result<Cow<'a, Value>, Fault> {
        match *self.place(field) {
            Place::Node(node) => self.checked(field, node),
            _ => Err(Fault::new(&codes::MISSING_KEY, format!("the required field `{}` is missing", self.meta(field).name))),
        }
    }

    /// A literal field.
    #[must_use]
    pub fn literal(&self, field: usize) -> Option<&'a Value> {
        match self.place(field) {
            Place::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// An error about a field.
    #[must_use]
    pub fn fault(&self, code: &'static Code, field: usize, text: impl Into<String>) -> Fault {
        let node = match self.place(field) {
            Place::Node(node) => Some(*node),
            _ => None,
        };
        Fault { code, text: text.into(), node }
    }

    /// A value of a field as a message may show it: personal data is not.
    #[must_use]
    pub fn describe(&self, field: usize, value: &Value) -> String {
        match self.place(field) {
            Place::Node(node) => self.machine.describe(*node, value),
            _ => value.kind_name().to_owned(),
        }
    }

    /// The execution clock, zone, country and keys.
    #[must_use]
    pub fn context(&self) -> &'a Context<'a> {
        self.machine.context
    }

    /// The computed id of what an external id stands for, within the tenant and the provider.
    #[must_use]
    pub fn id(&self, subject: Subject, external_id: &str) -> Id {
        identity::id(self.machine.context.tenant, self.machine.context.provider, subject, external_id)
    }

    /// Whether anything uses what `return_as` gives.
    #[must_use]
    pub fn returns(&self) -> bool {
        self.instruction.return_slot.is_some()
    }

    /// Gives a value to the `return_as` variable, where there is one.
    pub fn give(&mut self, value: Value) {
        if let Some(slot) = self.instruction.return_slot {
            self.machine.record(|| Event::Returned(value.clone()));
            self.machine.frame[usize::from(slot)] = Cow::Owned(value);
        }
    }

    /// Leaves an effect.
    ///
    /// # Errors
    /// Where the budget of effects is used up.
    pub fn emit(&mut self, write: Write, id: Option<Id>, fields: EffectFields) -> Result<(), Fault> {
        if self.machine.effects.len() >= self.machine.context.budgets.effects {
            return Err(Fault::new(
                &codes::EFFECT_BUDGET,
                format!("more than {} effects in one execution", self.machine.context.budgets.effects),
            ));
        }
        let operation = self.instruction.instruction.expect("what runs has a word").meta().name;
        let effect = Effect { instruction: self.index, path: self.machine.path.clone(), operation, write, id, fields };
        let place = self.machine.effects.len() as u32;
        self.machine.record(|| Event::Effect(place));
        self.machine.effects.push(effect);
        Ok(())
    }

    /// Says something that is not an error, such as why a record is skipped.
    pub fn note(&mut self, text: impl Into<String>) {
        let message = Message {
            code: None,
            severity: Severity::Info,
            instruction: Some(self.index),
            node: self.instruction.pointer.clone(),
            path: self.machine.path.clone(),
            text: text.into(),
        };
        self.machine.record(|| Event::Message(Box::new(message.clone())));
        self.machine.messages.push(message);
    }

    /// A field of a record as it stands: as this execution has written it, else as it is stored. A locked field stays as it is
    /// stored, whatever this execution has written.
    pub fn stored(&mut self, kind: RecordKind, record: Id, field: &str) -> StoredField {
        let written = self.machine.effects.iter().rev().filter(|effect| effect.id == Some(record)).find_map(|effect| match effect.write {
            Write::LockField(_) if effect.field("field").and_then(Value::as_text) == Some(field) => {
                Some(StoredField { value: effect.field("value").cloned(), locked: true })
            }
            Write::UpsertRecord(_) => effect.field(field).map(|value| StoredField { value: Some(value.clone()), locked: false }),
            _ => None,
        });
        if let Some(written) = &written
            && written.locked
        {
            return written.clone();
        }
        let found = match self.machine.reads.iter().find(|read| read.record == record && read.field == field) {
            Some(read) => read.found.clone(),
            None => {
                let found = self.machine.context.state.field(kind, record, field);
                self.machine.reads.push(StateRead { record, field: Text::new(field), found: found.clone() });
                found
            }
        };
        if found.locked { found } else { written.unwrap_or(found) }
    }

    /// Runs the list of instructions in a field, as a branch.
    ///
    /// # Errors
    /// Where one of them fails.
    pub fn branch(&mut self, field: usize) -> Result<Flow, Failure> {
        self.machine.record(|| Event::Branch(field as u32));
        match self.place(field) {
            Place::Instructions(list) => self.machine.run_list(list).map_err(|()| Failure::Reported),
            _ => Ok(Flow::Continue),
        }
    }

    /// Runs the list of instructions in a field once for each item of a list, which the item variable in field `name` stands for. A
    /// failed iteration is undone and the loop goes on.
    ///
    /// # Errors
    /// Where a budget is used up.
    pub fn each(&mut self, field: usize, name: usize, items: Cow<'a, Value>) -> Result<Flow, Failure> {
        match items {
            Cow::Borrowed(Value::List(items)) => self.each_of(field, name, items.iter().map(Cow::Borrowed)),
            Cow::Owned(Value::List(items)) => self.each_of(field, name, items.iter().map(|item| Cow::Owned(item.clone()))),
            // The metadata of what loops lets nothing else through.
            _ => Ok(Flow::Continue),
        }
    }

    fn each_of(&mut self, field: usize, name: usize, items: impl ExactSizeIterator<Item = Cow<'a, Value>>) -> Result<Flow, Failure> {
        let Place::Instructions(list) = self.place(field) else { return Ok(Flow::Continue) };
        self.machine.check_list(items.len())?;
        let slot = match self.place(name) {
            Place::Slot(slot) => Some(usize::from(*slot)),
            _ => None,
        };
        let mut flow = Flow::Continue;
        for (number, item) in items.enumerate() {
            if let Some(slot) = slot {
                self.machine.frame[slot] = item;
            }
            self.machine.record(|| Event::Iteration(number as u32));
            self.machine.path.push(number as u32);
            let effects = self.machine.effects.len();
            let failed = self.machine.failed_iterations;
            let result = self.machine.run_list(list);
            self.machine.path.pop();
            let undone = result.is_err();
            if undone {
                // What the iteration wrote is undone, and with it what its own inner loops had to report as partly failed.
                self.machine.effects.truncate(effects);
                self.machine.failed_iterations = failed + 1;
            }
            self.machine.record(|| Event::IterationEnd(undone));
            if undone && self.machine.messages.last().and_then(|message| message.code).is_some_and(|code| code.code.starts_with("E6")) {
                return Err(Failure::Reported);
            }
            if result == Ok(Flow::Skip) {
                flow = Flow::Skip;
                break;
            }
        }
        Ok(flow)
    }
}

/// `accepted, cancelled or pending`, quoted.
pub(crate) fn choices(choices: &[&str]) -> String {
    let mut out = String::new();
    for (index, choice) in choices.iter().enumerate() {
        if index > 0 {
            out.push_str(if index + 1 == choices.len() { " or " } else { ", " });
        }
        out.push('"');
        out.push_str(choice);
        out.push('"');
    }
    out
}
