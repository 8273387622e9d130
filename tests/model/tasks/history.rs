//! Random histories of an owner and its tasks.
use super::{live, model};
use crate::random::Random;
use crate::steps::{Histories, Log};
use cordial::ExitReason;

/// How many handles the owner has room for.
pub(super) const SLOTS: usize = 3;

/// How long everything has to come to rest after a step, in milliseconds.
pub(super) const REST: u64 = 5;

/// How a task ends by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ends {
    Value,
    Panics,
    Exits(Why),
    Never,
}

/// A reason to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    Normal,
    Shutdown,
    Boom,
    Kill,
}

impl Why {
    pub(super) fn reason(self) -> ExitReason {
        match self {
            Self::Normal => ExitReason::Normal,
            Self::Shutdown => ExitReason::Shutdown,
            Self::Boom => ExitReason::custom("boom"),
            Self::Kill => ExitReason::Kill,
        }
    }
}

/// What a task does, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pub(super) after: u64,
    pub(super) ends: Ends,
    pub(super) traps: bool,
}

/// Whose it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    /// `Task::spawn`.
    Own,
    /// `spawn` of a supervisor.
    Linked,
    /// `async_nolink`.
    Unlinked,
}

/// What becomes of those for whom `yield_many` has waited in vain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Late {
    Nothing,
    Ignore,
    Kill,
}

/// What the owner does with its handles, by their slots, and what is done from outside.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Start(usize, How, Work),
    Await(usize, u64),
    Yield(usize, u64),
    Shutdown(usize, u64),
    Kill(usize),
    Ignore(usize),
    Drop(usize),
    AwaitMany(u64),
    YieldMany(u64, Late),
    Trap(bool),
    Crash,
    Return,
    /// A signal from outside to the last task of a slot.
    Exit(usize, Why),
    /// To the owner.
    ExitOwner(Why),
    Pause(u64),
}

pub(super) struct Tasks;

impl Histories for Tasks {
    type Step = Step;
    const NAME: &'static str = "tasks";

    fn make(seed: u64) -> Vec<Step> {
        let mut random = Random::new(seed);
        let length = 3 + random.below(14);
        let traps = Step::Trap(random.percent(50));
        let steps = (0..length).map(|_| step(&mut random));
        [traps].into_iter().chain(steps.collect::<Vec<_>>()).collect()
    }

    fn model(history: &[Step]) -> Option<Vec<String>> {
        model::run(history)
    }

    async fn live(history: Vec<Step>, log: Log) {
        live::run(history, log).await;
    }
}

fn step(random: &mut Random) -> Step {
    let slot = random.pick(&[0, 1, 2]);
    match random.below(100) {
        0..30 => {
            let how = random.pick(&[How::Own, How::Linked, How::Unlinked]);
            Step::Start(slot, how, work(random))
        }
        30..39 => Step::Await(slot, limit(random)),
        39..48 => Step::Yield(slot, limit(random)),
        48..55 => Step::Shutdown(slot, limit(random)),
        55..59 => Step::Kill(slot),
        59..63 => Step::Ignore(slot),
        63..66 => Step::Drop(slot),
        66..70 => Step::AwaitMany(limit(random)),
        70..75 => {
            let late = random.pick(&[Late::Nothing, Late::Ignore, Late::Kill]);
            Step::YieldMany(limit(random), late)
        }
        75..78 => Step::Trap(random.percent(50)),
        78 => random.pick(&[Step::Crash, Step::Return]),
        79..89 => Step::Exit(slot, why(random)),
        89..92 => Step::ExitOwner(why(random)),
        _ => Step::Pause(20 + random.below(1_500)),
    }
}

fn why(random: &mut Random) -> Why {
    random.pick(&[Why::Normal, Why::Shutdown, Why::Boom, Why::Kill])
}

fn work(random: &mut Random) -> Work {
    let (after, traps) = (10 + random.below(2_500), random.percent(30));
    let ends = match random.below(10) {
        0..5 => Ends::Value,
        5 => Ends::Panics,
        6 if !traps => Ends::Exits(random.pick(&[Why::Normal, Why::Shutdown, Why::Boom])),
        _ => Ends::Never,
    };
    Work { after, ends, traps }
}

fn limit(random: &mut Random) -> u64 {
    if random.percent(15) { 0 } else { 10 + random.below(2_500) }
}
