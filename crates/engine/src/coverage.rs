//! Coverage from production: how often each instruction, branch and expression of a processor ran, worked out from its last executions.

use salesdash_language::coverage::Coverage as Counts;
use salesdash_store::executions::{Filter, Status};
use salesdash_store::{Paging, Scope};

use crate::catalog::TenantConfig;
use crate::replay::Reruns;
use crate::{Engine, EngineError, Result};

/// Executions that coverage is worked out from at most.
pub const MAX_EXECUTIONS: usize = 10_000;

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

impl Engine {
    /// How often the parts of a processor's newest version ran, over its last executions, [`MAX_EXECUTIONS`] at most.
    ///
    /// # Errors
    /// Where there is no such processor.
    pub fn coverage(&self, tenant: i64, processor: i64, last: usize) -> Result<Coverage> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        self.store.read(tenant, |scope| Ok(self.cover(&config, scope, processor, last.min(MAX_EXECUTIONS))))?
    }

    fn cover(&self, config: &TenantConfig, scope: &mut Scope<'_>, processor: i64, last: usize) -> Result<Coverage> {
        let version = scope.processor(processor)?.version;
        let mut coverage = Coverage { version, ..Coverage::default() };
        let links = scope.links(None, Some(processor))?.iter().map(|link| link.id).collect();
        let filter = Filter { links: Some(links), ..Filter::default() };
        let mut paging = Paging { limit: 500, ..Paging::default() };
        let mut reruns = Reruns::default();
        // Models, time zones and constants can differ between executions; the instructions are the same.
        let mut counts: Option<(std::sync::Arc<crate::program::Program>, Counts)> = None;
        while coverage.executions + coverage.gone < last {
            let page = scope.executions(&filter, paging)?;
            for execution in page.items.iter().take(last - coverage.executions - coverage.gone) {
                paging.before = execution.id;
                let ran = execution.digest.as_ref().is_some_and(|digest| !digest.is_empty());
                if execution.version != version || !ran || execution.status == Status::Waiting {
                    continue;
                }
                match reruns.rerun(self, config, scope, execution, None, true) {
                    Ok(rerun) => {
                        let (plan, counts) = counts.get_or_insert_with(|| {
                            let counts = Counts::new(&rerun.program.plan);
                            (std::sync::Arc::clone(&rerun.program), counts)
                        });
                        counts.add(&plan.plan, &rerun.log);
                        coverage.executions += 1;
                    }
                    Err(EngineError::PayloadGone | EngineError::Erased(_) | EngineError::Unsound(_)) => coverage.gone += 1,
                    Err(error) => return Err(error),
                }
            }
            if page.next.is_none() {
                break;
            }
        }
        let Some((program, counts)) = counts else { return Ok(coverage) };
        coverage.instructions = counts
            .instructions(&program.plan)
            .map(|(id, pointer, count)| InstructionCoverage {
                id: id.to_string(),
                pointer: pointer.to_string(),
                ran: count.ran,
                failed: count.failed,
                executions: count.evaluations,
                branches: count.branches.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
            })
            .collect();
        coverage.expressions = counts
            .expressions(&program.plan)
            .map(|(pointer, count)| ExpressionCoverage {
                pointer: pointer.to_string(),
                evaluated: count.evaluated,
                empty: count.empty,
                failed: count.failed,
            })
            .collect();
        Ok(coverage)
    }
}
