//! Makes a plan that fails smaller: first faults, then processes, then steps.
use super::engine::Failure;
use super::history::History;
use super::plan::Plan;

/// Runs that a plan may take to become smaller.
const MOST_RUNS: u32 = 1_500;

/// The smallest plan that was found to fail in the same way, with its history. `None`: the plan
/// that was taken down does not fail again.
pub(super) fn shrink(failed: &History, run: &dyn Fn(Plan) -> History) -> Option<History> {
    let failure = failed.failure.clone()?;
    let again = run(failed.plan.clone());
    let best = again.fails_as(&failure).then_some(again)?;
    let mut shrinking = Shrinking { failure, best, run, runs: 0 };
    loop {
        let before = shrinking.best.plan.clone();
        shrinking.faults();
        shrinking.processes();
        shrinking.steps();
        if shrinking.best.plan == before || shrinking.runs >= MOST_RUNS {
            return Some(shrinking.best);
        }
    }
}

struct Shrinking<'a> {
    failure: Failure,
    best: History,
    run: &'a dyn Fn(Plan) -> History,
    runs: u32,
}

impl Shrinking<'_> {
    /// Keeps the plan that this makes of the best one, if it fails still.
    fn attempt(&mut self, change: impl FnOnce(&mut Plan)) -> bool {
        let mut plan = self.best.plan.clone();
        change(&mut plan);
        if plan == self.best.plan || self.runs >= MOST_RUNS {
            return false;
        }
        self.runs += 1;
        let history = (self.run)(plan);
        let is_smaller = size(&history.plan) < size(&self.best.plan);
        let is_better = is_smaller && history.fails_as(&self.failure);
        if is_better {
            self.best = history;
        }
        is_better
    }

    fn faults(&mut self) {
        self.thin_out(
            |plan| plan.faults.keys().copied().collect(),
            |plan, at| {
                plan.faults.remove(&at);
            },
        );
    }

    /// Nobody of them is struck, or chosen out of order.
    fn processes(&mut self) {
        for who in self.best.plan.processes() {
            self.attempt(|plan| {
                plan.faults.retain(|_, fault| fault.whom() != who);
                plan.choices.retain(|_, choice| choice.whose != who);
            });
        }
    }

    fn steps(&mut self) {
        let mut less = self.best.plan.steps / 2;
        while less > 0 {
            if !self.attempt(|plan| plan.steps -= less) {
                less /= 2;
            }
            less = less.min(self.best.plan.steps / 2);
        }
        self.thin_out(
            |plan| plan.choices.keys().copied().collect(),
            |plan, at| {
                plan.choices.remove(&at);
            },
        );
    }

    /// Takes entries away: all, halves, quarters, down to each by itself.
    fn thin_out(&mut self, list: fn(&Plan) -> Vec<u32>, remove: fn(&mut Plan, u32)) {
        let mut width = list(&self.best.plan).len();
        while width > 0 {
            let mut from = 0;
            loop {
                let entries = list(&self.best.plan);
                let Some(some) = entries.get(from..(from + width).min(entries.len())) else {
                    break;
                };
                if some.is_empty() {
                    break;
                }
                if !self.attempt(|plan| some.iter().for_each(|at| remove(plan, *at))) {
                    from += width;
                }
            }
            width /= 2;
        }
    }
}

/// What is small comes first.
fn size(plan: &Plan) -> (usize, usize, u32) {
    (plan.faults.len(), plan.choices.len(), plan.steps)
}
