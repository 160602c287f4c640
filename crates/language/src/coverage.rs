//! Coverage: how often each instruction, branch and expression of a plan ran, gathered from the logs of traced evaluations.

use salesdash_value::Text;

use crate::plan::{Node, Place, Plan};
use crate::trace::{Event, TraceLog};

/// How often an instruction ran, iterations counted each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstructionCount {
    /// To its end.
    pub ran: u64,
    /// Into an error.
    pub failed: u64,
    /// In how many evaluations at all.
    pub evaluations: u64,
    /// How often the list in each field of a block ran: the name of the field and the count.
    pub branches: Vec<(&'static str, u64)>,
}

/// How often an expression was evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExpressionCount {
    /// It gave a value.
    pub evaluated: u64,
    /// That was null, or an empty text, list or object.
    pub empty: u64,
    /// It failed.
    pub failed: u64,
}

/// How often the parts of a plan ran.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Evaluations that were looked at.
    pub evaluations: u64,
    instructions: Vec<InstructionCount>,
    expressions: Vec<ExpressionCount>,
}

impl Coverage {
    /// Nothing has run yet.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let instructions = plan.instructions.iter().map(|instruction| {
            let metas = instruction.instruction.map(|word| word.meta().fields).unwrap_or_default();
            let lists = instruction.fields.iter().zip(metas).filter(|(place, _)| matches!(place, Place::Instructions(_)));
            InstructionCount { branches: lists.map(|(_, meta)| (meta.name, 0)).collect(), ..InstructionCount::default() }
        });
        Self { evaluations: 0, instructions: instructions.collect(), expressions: vec![ExpressionCount::default(); plan.nodes.len()] }
    }

    /// Counts one evaluation of the plan.
    pub fn add(&mut self, plan: &Plan, log: &TraceLog) {
        self.evaluations += 1;
        let mut seen = vec![false; self.instructions.len()];
        // The instructions that are being run, from the outside in.
        let mut open: Vec<usize> = Vec::new();
        for event in &log.events {
            match event {
                Event::Enter(index) => {
                    let index = *index as usize;
                    if !std::mem::replace(&mut seen[index], true) {
                        self.instructions[index].evaluations += 1;
                    }
                    open.push(index);
                }
                Event::Leave(index) => {
                    self.instructions[*index as usize].ran += 1;
                    open.pop();
                }
                Event::Fail(index) => {
                    self.instructions[*index as usize].failed += 1;
                    open.pop();
                }
                Event::Branch(field) => {
                    let Some(index) = open.last() else { continue };
                    let metas = plan.instructions[*index].instruction.map(|word| word.meta().fields).unwrap_or_default();
                    let name = metas.get(*field as usize).map(|meta| meta.name);
                    let branches = &mut self.instructions[*index].branches;
                    if let Some(branch) = branches.iter_mut().find(|(known, _)| Some(*known) == name) {
                        branch.1 += 1;
                    }
                }
                Event::Iteration(_) => {
                    if let Some(branch) = open.last().and_then(|index| self.instructions[*index].branches.first_mut()) {
                        branch.1 += 1;
                    }
                }
                Event::Value(node, value) => {
                    let count = &mut self.expressions[*node as usize];
                    count.evaluated += 1;
                    count.empty += u64::from(value.is_empty());
                }
                Event::Fault(node) => self.expressions[*node as usize].failed += 1,
                _ => {}
            }
        }
    }

    /// The instructions, in the order of the document: id, pointer and count.
    pub fn instructions<'c>(&'c self, plan: &'c Plan) -> impl Iterator<Item = (&'c Text, &'c Text, &'c InstructionCount)> {
        plan.instructions.iter().zip(&self.instructions).map(|(instruction, count)| (&instruction.id, &instruction.pointer, count))
    }

    /// The expressions other than literals, in the order they are compiled: pointer and count.
    pub fn expressions<'c>(&'c self, plan: &'c Plan) -> impl Iterator<Item = (&'c Text, &'c ExpressionCount)> {
        let written = plan.nodes.iter().map(|node| !matches!(node, Node::Constant(_)));
        plan.infos
            .iter()
            .zip(&self.expressions)
            .zip(written)
            .filter(|(_, written)| *written)
            .map(|((info, count), _)| (&info.pointer, count))
    }
}
