//! What of a record a plan looks at.

use std::collections::HashMap;

use salesdash_value::json::{Projection, Step};

use crate::meta::FieldKind;
use crate::plan::{Node, Place, Plan};

impl Plan {
    /// The parts of the record that an evaluation looks at: evaluating the record projected to them does the same as evaluating all of
    /// it. Only a trace, which shows whole values of lists that are looped over, needs more.
    #[must_use]
    pub fn projection(&self) -> Projection {
        let mut paths = Paths { plan: self, items: HashMap::from([(0, Vec::new())]), wanted: Projection::NOTHING };
        paths.list(&self.body);
        paths.wanted
    }
}

/// Collects the paths into the record, as a walk through the plan meets them.
struct Paths<'p> {
    plan: &'p Plan,
    /// The variables that stand for a part of the record, by slot: the path to it.
    items: HashMap<u16, Vec<Step>>,
    wanted: Projection,
}

impl Paths<'_> {
    fn list(&mut self, list: &[u32]) {
        for index in list {
            let instruction = &self.plan.instructions[*index as usize];
            for (place, meta) in instruction.fields.iter().zip(instruction.metas) {
                match (place, &meta.kind) {
                    (Place::Instructions(list), _) => self.list(list),
                    // The field of a list comes before the variable of its items, and that before what uses it.
                    (Place::Slot(slot), FieldKind::ItemOf(list)) => {
                        let list = instruction.metas.iter().position(|meta| meta.name == *list).map(|index| &instruction.fields[index]);
                        if let Some(Place::Node(node)) = list
                            && let Some(mut path) = self.path(*node)
                        {
                            path.push(Step::Items);
                            self.items.insert(*slot, path);
                        }
                    }
                    (Place::Node(node), _) => {
                        let looped =
                            instruction.metas.iter().any(|other| matches!(other.kind, FieldKind::ItemOf(list) if list == meta.name));
                        match self.path(*node) {
                            Some(mut path) if looped => {
                                self.wanted.add(&path, false);
                                path.push(Step::Items);
                                self.wanted.add(&path, false);
                            }
                            _ => self.node(*node),
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// The path of a variable that stands for a part of the record.
    fn path(&self, node: u32) -> Option<Vec<Step>> {
        let Node::Variable { slot, path } = &self.plan.nodes[node as usize] else { return None };
        let mut steps = self.items.get(slot)?.clone();
        steps.extend(path.iter().cloned().map(Step::Field));
        Some(steps)
    }

    fn node(&mut self, node: u32) {
        if let Some(path) = self.path(node) {
            self.wanted.add(&path, true);
        }
        let Node::Call(call) = &self.plan.nodes[node as usize] else { return };
        for place in &call.arguments {
            match place {
                Place::Node(node) => self.node(*node),
                Place::Nodes(nodes) => nodes.iter().for_each(|node| self.node(*node)),
                _ => {}
            }
        }
    }
}
