//! The plan: a checked spec, compiled. Everything a run needs is an index; names are kept aside for messages and traces.

use std::any::Any;
use std::sync::Arc;

use salesdash_value::{Text, Value};

use crate::diagnostics::Code;
use crate::meta::Field;
use crate::types::Type;
use crate::vocabulary::{Expression, Instruction};

/// A compiled spec.
pub struct Plan {
    pub(crate) nodes: Vec<Node>,
    pub(crate) infos: Vec<NodeInfo>,
    pub(crate) instructions: Vec<PlanInstruction>,
    /// The top-level list.
    pub(crate) body: Box<[u32]>,
    pub(crate) slots: usize,
    pub(crate) constants: Vec<ConstantDeclaration>,
    pub(crate) source_type: Text,
    pub(crate) source_variable: Text,
    pub(crate) source: Type,
}

/// A constant that the spec declares.
#[derive(Clone, Debug, PartialEq)]
pub struct ConstantDeclaration {
    /// Its name.
    pub name: Text,
    /// Its type.
    pub ty: Type,
    /// Its value where the link gives none.
    pub default: Option<Value>,
    /// What it is for.
    pub description: Option<Text>,
    pub(crate) slot: u16,
}

/// An expression node.
pub(crate) enum Node {
    Constant(Value),
    Variable {
        slot: u16,
        path: Box<[Text]>,
    },
    Call(CallNode),
    /// A node that the checker refused; only drafts hold it.
    Broken(&'static Code, String),
}

/// A call of an expression.
pub(crate) struct CallNode {
    pub expression: &'static dyn Expression,
    pub arguments: Box<[Place]>,
    pub prepared: Option<Box<dyn Any + Send + Sync>>,
}

/// What stands in the place of an argument or a field.
pub(crate) enum Place {
    Absent,
    Node(u32),
    Nodes(Box<[u32]>),
    Literal(Value),
    /// A slot for the item variable.
    Slot(u16),
    /// A list of instructions.
    Instructions(Box<[u32]>),
}

/// What messages and traces need to know of a node.
pub(crate) struct NodeInfo {
    pub pointer: Text,
    pub ty: Type,
    /// The `type` in the document.
    pub name: Text,
}

/// A compiled instruction.
pub(crate) struct PlanInstruction {
    pub id: Text,
    pub pointer: Text,
    /// The `type` in the document.
    pub name: Text,
    pub disabled: bool,
    /// `None` where it is disabled or the checker refused its type.
    pub instruction: Option<&'static dyn Instruction>,
    /// What its word says of its fields, in their order.
    pub metas: &'static [Field],
    pub fields: Box<[Place]>,
    pub return_slot: Option<u16>,
    pub return_name: Option<Text>,
    pub return_type: Option<Type>,
}

impl Plan {
    /// The type of the source model that the spec takes.
    #[must_use]
    pub fn source_type(&self) -> &str {
        &self.source_type
    }

    /// The variable that stands for the source model.
    #[must_use]
    pub fn source_variable(&self) -> &str {
        &self.source_variable
    }

    /// The type of the source model with its enrichments.
    #[must_use]
    pub fn source(&self) -> &Type {
        &self.source
    }

    /// The constants that the spec declares.
    #[must_use]
    pub fn constants(&self) -> &[ConstantDeclaration] {
        &self.constants
    }

    /// The id of an instruction by its place in the plan.
    #[must_use]
    pub fn instruction_id(&self, index: u32) -> &Text {
        &self.instructions[index as usize].id
    }

    /// Every instruction: its id, its `type` and its JSON pointer, by its place in the plan.
    pub fn instructions(&self) -> impl Iterator<Item = (&Text, &Text, &Text)> {
        self.instructions.iter().map(|instruction| (&instruction.id, &instruction.name, &instruction.pointer))
    }
}

/// A plan that many evaluations share.
pub type SharedPlan = Arc<Plan>;
