//! What a word of the language must do: the two traits, and the registry that holds them.

use std::any::Any;
use std::collections::HashMap;

use salesdash_value::Value;

use crate::check::{ExpressionCheck, InstructionCheck, Typed};
use crate::diagnostics::{Code, Failure, Fault};
use crate::evaluate::{Call, Flow, Run};
use crate::meta::{ExpressionMeta, InstructionMeta, Role};
use crate::types::Type;

/// What an expression makes out of its literals once, when the spec is compiled: a regular expression, a time zone.
pub type Prepared = Option<Box<dyn Any + Send + Sync>>;

/// The literals of an expression, in the order of its arguments; absent where an argument is not a literal or is not there.
pub struct Literals<'a> {
    pub(crate) arguments: &'static [crate::meta::Argument],
    pub(crate) values: &'a [Option<Value>],
}

impl Literals<'_> {
    /// A literal by the name of its argument.
    ///
    /// # Panics
    /// Where the expression has no such argument.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let index = self.arguments.iter().position(|argument| argument.name == name).expect("an argument of this name");
        self.values[index].as_ref()
    }

    /// A text literal.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_text)
    }
}

/// What is wrong with a literal.
pub struct LiteralProblem {
    /// The argument it is about.
    pub argument: &'static str,
    /// Its code.
    pub code: &'static Code,
    /// A sentence in plain words.
    pub text: String,
}

/// An expression: computes a value from its arguments. Pure and deterministic.
pub trait Expression: Send + Sync {
    /// What it says about itself.
    fn meta(&self) -> &'static ExpressionMeta;

    /// The type rule. Arguments are checked against what the metadata accepts as they are asked for; those that are not asked for
    /// are checked in order afterwards.
    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed;

    /// Makes what can be made from the literals alone. The general kinds of literal (choices, integers, paths, time zones) are
    /// checked already.
    ///
    /// # Errors
    /// Where a literal makes no sense.
    fn prepare(&self, _literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        Ok(None)
    }

    /// Computes the value.
    ///
    /// # Errors
    /// Where there is no value to give.
    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault>;
}

/// An instruction: an operation, which leaves effects, or a block, which runs others.
pub trait Instruction: Send + Sync {
    /// What it says about itself.
    fn meta(&self) -> &'static InstructionMeta;

    /// The type rule: gives the type of what `return_as` gives. Fields that are not asked for are checked in order afterwards.
    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type>;

    /// Runs it.
    ///
    /// # Errors
    /// Where it fails; what the innermost iteration (or else the execution) did is then undone.
    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure>;
}

/// The words of the language.
pub struct Vocabulary {
    instructions: Vec<&'static dyn Instruction>,
    expressions: Vec<&'static dyn Expression>,
    instruction_names: HashMap<&'static str, usize>,
    expression_names: HashMap<&'static str, usize>,
}

impl Vocabulary {
    /// A vocabulary of these words.
    ///
    /// # Panics
    /// Where two words have one name.
    #[must_use]
    pub fn new(instructions: &[&'static dyn Instruction], expressions: &[&'static dyn Expression]) -> Self {
        let instruction_names: HashMap<_, _> = instructions.iter().enumerate().map(|(index, word)| (word.meta().name, index)).collect();
        let expression_names: HashMap<_, _> = expressions.iter().enumerate().map(|(index, word)| (word.meta().name, index)).collect();
        assert_eq!(instruction_names.len(), instructions.len(), "two instructions of one name");
        assert_eq!(expression_names.len(), expressions.len(), "two expressions of one name");
        Self { instructions: instructions.to_vec(), expressions: expressions.to_vec(), instruction_names, expression_names }
    }

    /// The instructions, in the order of the documentation.
    #[must_use]
    pub fn instructions(&self) -> &[&'static dyn Instruction] {
        &self.instructions
    }

    /// The expressions, in the order of the documentation.
    #[must_use]
    pub fn expressions(&self) -> &[&'static dyn Expression] {
        &self.expressions
    }

    /// The instruction of this name.
    #[must_use]
    pub fn instruction(&self, name: &str) -> Option<&'static dyn Instruction> {
        self.instruction_names.get(name).map(|index| self.instructions[*index])
    }

    /// The expression of this name.
    #[must_use]
    pub fn expression(&self, name: &str) -> Option<&'static dyn Expression> {
        self.expression_names.get(name).map(|index| self.expressions[*index])
    }

    /// The first expression that plays a role.
    pub(crate) fn playing(&self, plays: impl Fn(Role) -> bool) -> Option<&'static ExpressionMeta> {
        self.expressions.iter().map(|word| word.meta()).find(|meta| meta.roles.iter().any(|role| plays(*role)))
    }

    /// The first instruction that plays a role.
    pub(crate) fn block_playing(&self, plays: impl Fn(Role) -> bool) -> Option<&'static InstructionMeta> {
        self.instructions.iter().map(|word| word.meta()).find(|meta| meta.roles.iter().any(|role| plays(*role)))
    }
}
