//! Streams of tasks: one consumer that asks for results, at once or after a while.
use super::live::said;
use crate::LIVE_GAP;
use crate::random::Random;
use crate::small::Moments;
use crate::steps::{Histories, Log};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::task::{OnLate, TaskStream};
use cordial::{Task, TaskSupervisor};
use std::collections::VecDeque;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// What an element's task does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ends {
    Value,
    Panics,
    Never,
}

/// How a stream is made, what goes through it, and who asks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Max(usize),
    Unordered,
    Limit(u64),
    KillLate,
    /// Of tasks without links, of a supervisor.
    Unlinked,
    Element(u64, Ends),
    Next,
    Pause(u64),
}

pub(super) struct Streams;

impl Histories for Streams {
    type Step = Step;
    const NAME: &'static str = "streams";

    fn make(seed: u64) -> Vec<Step> {
        let mut random = Random::new(seed);
        let mut steps = vec![Step::Max(1 + usize::try_from(random.below(4)).unwrap())];
        let options = [Step::Unordered, Step::Limit(400 + random.below(900)), Step::KillLate];
        steps.extend(options.into_iter().filter(|_| random.percent(50)));
        steps.extend(random.percent(30).then_some(Step::Unlinked));
        for _ in 0..random.below(8) {
            let ends = match random.below(10) {
                0..8 => Ends::Value,
                8 => Ends::Panics,
                _ => Ends::Never,
            };
            steps.push(Step::Element(10 + random.below(1_500), ends));
        }
        let waits = random.percent(50);
        for _ in 0..random.below(11) {
            if waits && random.percent(30) {
                steps.push(Step::Pause(10 + random.below(1_000)));
            }
            steps.push(Step::Next);
        }
        steps
    }

    fn model(history: &[Step]) -> Option<Vec<String>> {
        Model::of(history).run(history)
    }

    async fn live(history: Vec<Step>, log: Log) {
        let consumer = process::spawn_monitor(async move |_: Mailbox<()>| {
            process::trap_exit(true);
            consume(&history, &log).await;
        });
        assert_eq!(consumer.1.await.reason, ExitReason::Normal);
    }
}

/// How many run, how many ran at once at most, and how many were begun.
#[derive(Default)]
struct Gauge {
    now: AtomicUsize,
    most: AtomicUsize,
    begun: AtomicUsize,
}

struct Inside(Arc<Gauge>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, SeqCst);
    }
}

async fn consume(history: &[Step], log: &Log) {
    let (gauge, setup) = (Arc::new(Gauge::default()), Model::of(history));
    let own = gauge.clone();
    let make = move |(number, (after, ends)): (usize, (u64, Ends))| {
        own.begun.fetch_add(1, SeqCst);
        let now = own.now.fetch_add(1, SeqCst) + 1;
        own.most.fetch_max(now, SeqCst);
        let inside = Inside(own.clone());
        async move {
            let _inside = inside;
            process::sleep(millis(after)).await;
            match ends {
                Ends::Value => number,
                Ends::Panics => panic!("torn"),
                Ends::Never => pending().await,
            }
        }
    };
    let inputs: Vec<_> = setup.inputs.iter().copied().enumerate().collect();
    let tasks = TaskSupervisor::start_link().await.unwrap();
    let stream = match setup.is_unlinked {
        true => tasks.stream_nolink(inputs, setup.max, make),
        false => Task::stream(inputs, setup.max, make),
    };
    let mut stream = with_options(stream, &setup);
    let began = process::now();
    for step in history {
        let line = match step {
            Step::Next => stream.next().await.map_or("over".to_owned(), |result| said(&result)),
            Step::Pause(time) => {
                process::sleep(millis(*time)).await;
                continue;
            }
            _ => continue,
        };
        let now = (process::now() - began).as_millis();
        log.line(format!("{line} at {now}, {} begun", gauge.begun.load(SeqCst)));
    }
    drop(stream);
    process::sleep(millis(1)).await;
    let left = gauge.now.load(SeqCst);
    log.line(format!("{} at once, {left} left", gauge.most.load(SeqCst)));
    supervisor::stop(&tasks).await.unwrap();
}

fn with_options<'a, I>(
    stream: TaskStream<'a, I, usize>,
    setup: &Model,
) -> TaskStream<'a, I, usize> {
    let stream = stream.ordered(setup.is_ordered);
    let stream = match setup.limit {
        Some(limit) => stream.timeout(millis(limit)),
        None => stream.no_timeout(),
    };
    stream.on_timeout(if setup.kills_late { OnLate::KillTask } else { OnLate::Exit })
}

// ===== The model =====

/// A stream that does something only while it is asked.
#[derive(Default)]
struct Model {
    max: usize,
    is_ordered: bool,
    is_unlinked: bool,
    limit: Option<u64>,
    kills_late: bool,
    inputs: Vec<(u64, Ends)>,

    moments: Moments,
    begun: usize,
    most: usize,
    is_over: bool,
    running: Vec<Running>,
    finished: VecDeque<(usize, String)>,
    yielded: usize,
    /// Several ended while nobody asked.
    is_unsure: bool,
}

#[derive(Clone, Copy)]
struct Running {
    number: usize,
    end: Option<u64>,
    /// When it is late.
    due: Option<u64>,
    ends: Ends,
}

impl Model {
    fn of(history: &[Step]) -> Self {
        let mut model = Self { max: 1, is_ordered: true, ..Self::default() };
        for step in history {
            match *step {
                Step::Max(max) => model.max = max,
                Step::Unordered => model.is_ordered = false,
                Step::Limit(limit) => model.limit = Some(limit),
                Step::KillLate => model.kills_late = true,
                Step::Unlinked => model.is_unlinked = true,
                Step::Element(after, ends) => model.inputs.push((after, ends)),
                Step::Next | Step::Pause(_) => {}
            }
        }
        model
    }

    fn run(mut self, history: &[Step]) -> Option<Vec<String>> {
        let mut log = Vec::new();
        for step in history {
            match *step {
                Step::Next => {
                    // Without a limit one that never ends would be waited for for ever.
                    let line = self.next()?;
                    log.push(format!("{line} at {}, {} begun", self.moments.now(), self.begun));
                }
                Step::Pause(time) => {
                    self.moments.goes_on_to(self.moments.now() + time);
                    self.moments.step();
                }
                _ => {}
            }
        }
        log.push(format!("{} at once, 0 left", self.most));
        let is_certain = !self.is_unsure && self.moments.gap() >= LIVE_GAP;
        is_certain.then_some(log)
    }

    fn next(&mut self) -> Option<String> {
        loop {
            if let Some(line) = self.take() {
                return Some(line);
            }
            if self.collect() || self.end_late() || self.begin() {
                continue;
            }
            if self.running.is_empty() {
                return Some("over".to_owned());
            }
            let next = self.running.iter().flat_map(|task| [task.end, task.due]).flatten().min();
            self.moments.goes_on_to(next?);
        }
    }

    /// In the order of the inputs, or as they end.
    fn take(&mut self) -> Option<String> {
        let wanted = |(number, _): &(usize, String)| !self.is_ordered || *number == self.yielded;
        let at = self.finished.iter().position(wanted)?;
        self.yielded += 1;
        self.finished.remove(at).map(|(_, line)| line)
    }

    fn collect(&mut self) -> bool {
        let now = self.moments.now();
        let ended = self.running.extract_if(.., |task| task.end.is_some_and(|end| end <= now));
        let ended: Vec<Running> = ended.collect();
        self.is_unsure |= !self.is_ordered && ended.len() > 1;
        for task in &ended {
            let line = match task.ends {
                Ends::Value => format!("value {}", task.number),
                Ends::Panics => "exit panic".to_owned(),
                Ends::Never => unreachable!("it has no end"),
            };
            self.finished.push_back((task.number, line));
        }
        !ended.is_empty()
    }

    /// TASK-25.
    fn end_late(&mut self) -> bool {
        let now = self.moments.now();
        let is_late = |task: &mut Running| task.due.is_some_and(|due| due <= now);
        let late: Vec<Running> = self.running.extract_if(.., is_late).collect();
        self.is_unsure |= !self.is_ordered && self.kills_late && late.len() > 1;
        if self.kills_late {
            // It is gone a little later, and without an order nobody waits for that to begin more.
            let after = self.running.len() + late.len();
            if !self.is_ordered && !late.is_empty() {
                self.begin_beside(after);
            }
            let lines = late.iter().map(|task| (task.number, "late".to_owned()));
            self.finished.extend(lines);
        } else if let Some(first) = late.iter().map(|task| task.number).min() {
            self.is_over = true;
            self.running.clear();
            self.yielded = first;
            self.finished = [(first, "late".to_owned())].into();
        }
        !late.is_empty()
    }

    /// TASK-23, TASK-24.
    fn begin(&mut self) -> bool {
        let before = self.begun;
        self.begin_beside(self.running.len());
        self.begun > before
    }

    /// As many as there are places beside these.
    fn begin_beside(&mut self, others: usize) {
        let most = self.begun + self.max.saturating_sub(others);
        if self.is_over || self.begun == most || self.begun == self.inputs.len() {
            return;
        }
        let due = self.limit.map(|limit| self.moments.arm(limit));
        let running = others - self.running.len();
        while self.begun < most.min(self.inputs.len()) {
            let (after, ends) = self.inputs[self.begun];
            let end = self.moments.arm(after);
            let end = (ends != Ends::Never).then_some(end);
            self.running.push(Running { number: self.begun, end, due, ends });
            self.begun += 1;
        }
        self.most = self.most.max(running + self.running.len());
    }
}
