//! Coverage from production: how often each instruction, branch and expression of a processor ran, worked out from its last executions.

/// How often the parts of a spec ran.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// The version of the spec that it is about: the newest.
    pub version: i64,
    /// Executions that were looked at: those of that version.
    pub executions: usize,
    /// Executions that could not be worked out again.
    pub gone: usize,
    /// Its instructions, in the order of the document.
    pub instructions: Vec<InstructionCoverage>,
    /// Its expressions, in the order of the document.
    pub expressions: Vec<ExpressionCoverage>,
}

/// How often an instruction ran.
#[derive(Clone, Debug)]
pub struct InstructionCoverage {
    /// Its id.
    pub id: String,
    /// Its JSON pointer.
    pub pointer: String,
    /// How often it ran to its end, iterations counted each.
    pub ran: u64,
    /// How often it failed.
    pub failed: u64,
    /// In how many executions it ran at all.
    pub executions: u64,
    /// How often each list of a block ran: the field (`then`, `else`, `body`) and the count.
    pub branches: Vec<(String, u64)>,
}

/// How often an expression was evaluated.
#[derive(Clone, Debug)]
pub struct ExpressionCoverage {
    /// Its JSON pointer.
    pub pointer: String,
    /// How often it gave a value.
    pub evaluated: u64,
    /// How often that was null, an empty text, list or object.
    pub empty: u64,
    /// How often it failed.
    pub failed: u64,
}

impl crate::Engine {
    /// How often the parts of a processor's newest version ran, over its last executions.
    ///
    /// # Errors
    /// Where there is no such processor.
    pub fn coverage(&self, _tenant: i64, _processor: i64, _last: usize) -> crate::Result<Coverage> {
        todo!()
    }
}
