//! The model of an owner and its tasks: who ends when, and who is told what.
use super::history::{Ends, How, Late, REST, SLOTS, Step, Why, Work};
use crate::LIVE_GAP;
use crate::small::Moments;

#[derive(Default)]
struct Model {
    log: Vec<String>,
    moments: Moments,
    tasks: Vec<Task>,
    slots: [Option<Handle>; SLOTS],
    last: [Option<usize>; SLOTS],
    owner: Option<Owner>,
    /// Since the last step.
    ended: Vec<(usize, String)>,
    ended_owner: Option<String>,
}

struct Task {
    work: Work,
    lives: bool,
    /// When it ends by itself.
    due: u64,
    is_linked: bool,
    is_supervised: bool,
    /// What who awaits it is told, when it has ended.
    outcome: Option<String>,
}

#[derive(Clone, Copy)]
struct Handle {
    task: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Its end was told.
    Told,
    Ignored,
}

#[derive(Default)]
struct Owner {
    traps: bool,
    mail: Vec<String>,
}

/// `None`: two things happen at about the same time.
pub(super) fn run(history: &[Step]) -> Option<Vec<String>> {
    let mut model = Model { owner: Some(Owner::default()), ..Model::default() };
    for step in history {
        model.moments.step();
        model.step(*step);
        model.pass_to(model.moments.now() + REST);
        model.settle(*step);
    }
    // Who lives is asked now.
    model.moments.step();
    let living = model.tasks.iter().enumerate().filter(|(_, task)| task.lives);
    let (living, supervised): (Vec<_>, Vec<_>) =
        living.map(|(number, task)| (number, task.is_supervised)).unzip();
    let supervised = supervised.into_iter().filter(|is| *is).count();
    model.log.push(format!("alive {living:?}, {supervised} of them supervised"));
    (model.moments.gap() >= LIVE_GAP).then_some(model.log)
}

impl Model {
    fn settle(&mut self, step: Step) {
        if let Some(owner) = &mut self.owner {
            self.log.append(&mut owner.mail);
        }
        self.ended.sort_unstable();
        let ended = self.ended.drain(..);
        self.log.extend(ended.map(|(number, reason)| format!("ended {number} {reason}")));
        let owner = self.ended_owner.take();
        self.log.extend(owner.map(|reason| format!("ended owner {reason}")));
        self.log.push(format!("-- {}: {step:?}", self.moments.now()));
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Pause(time) => return self.pass_to(self.moments.now() + time),
            Step::Exit(slot, why) => return self.exit(self.last[slot], why),
            Step::ExitOwner(Why::Kill) => return self.owner_ends("killed"),
            Step::ExitOwner(why) => return self.tell_owner("somebody", word(why)),
            _ if self.owner.is_none() => return,
            _ => {}
        }
        if let Some(said) = self.act(step) {
            self.log.push(said);
        }
    }

    /// What the owner says of it, if it lives to see the end.
    fn act(&mut self, step: Step) -> Option<String> {
        match step {
            Step::Start(slot, how, work) => self.start(slot, how, work),
            Step::Await(slot, limit) => {
                let handle = self.slots[slot].take()?;
                return self.awaits(handle, limit).map(|said| said.unwrap_or("late".to_owned()));
            }
            Step::Yield(slot, limit) => {
                let handle = self.slots[slot]?;
                if handle.state != State::Open {
                    return Some("nothing".to_owned());
                }
                let said = self.awaits(handle, limit)?;
                if said.is_some() {
                    self.slots[slot] = Some(Handle { state: State::Told, ..handle });
                }
                return Some(said.unwrap_or("nothing".to_owned()));
            }
            Step::Shutdown(slot, limit) => {
                let handle = self.slots[slot].take()?;
                // As in Elixir, whoever asked for that end.
                let is_meant = |end: &String| end == "exit shutdown";
                let end = self.shutdown(handle, limit)?;
                return Some(if is_meant(&end) { "nothing".to_owned() } else { end });
            }
            Step::Kill(slot) => {
                let handle = self.slots[slot].take()?;
                return Some(self.kill(handle));
            }
            Step::Ignore(slot) => {
                let handle = self.slots[slot].take()?;
                return Some(self.ignore(handle));
            }
            Step::Drop(slot) => self.slots[slot] = None,
            Step::AwaitMany(limit) => return self.await_many(limit),
            Step::YieldMany(limit, late) => return self.yield_many(limit, late),
            Step::Trap(traps) => self.owner.as_mut()?.traps = traps,
            Step::Crash => self.owner_ends("panic"),
            Step::Return => self.owner_ends("normal"),
            Step::Exit(..) | Step::ExitOwner(_) | Step::Pause(_) => unreachable!("done before"),
        }
        None
    }

    fn start(&mut self, slot: usize, how: How, work: Work) {
        let number = self.tasks.len();
        let due = self.moments.arm(work.after);
        let (is_linked, is_supervised) = (how != How::Unlinked, how != How::Own);
        let outcome = None;
        self.tasks.push(Task { work, lives: true, due, is_linked, is_supervised, outcome });
        self.slots[slot] = Some(Handle { task: number, state: State::Open });
        self.last[slot] = Some(number);
    }

    // ----- waits: the outer `None` is that the owner does not live to see the end -----

    fn awaits(&mut self, handle: Handle, limit: u64) -> Option<Option<String>> {
        let due = self.moments.arm(limit);
        loop {
            if let Some(known) = self.known(handle) {
                return Some(Some(known));
            }
            if !self.next_end(due) {
                return Some(None);
            }
            self.owner.as_ref()?;
        }
    }

    /// What a handle gives at once.
    fn known(&self, handle: Handle) -> Option<String> {
        match handle.state {
            State::Told => Some("exit noproc".to_owned()),
            State::Ignored => Some("late".to_owned()),
            State::Open => self.tasks[handle.task].outcome.clone(),
        }
    }

    fn shutdown(&mut self, handle: Handle, limit: u64) -> Option<String> {
        if let Some(known) = self.known(handle) {
            return Some(known);
        }
        self.tasks[handle.task].is_linked = false;
        self.exit(Some(handle.task), Why::Shutdown);
        if let Some(end) = self.awaits(handle, limit)? {
            return Some(end);
        }
        self.exit(Some(handle.task), Why::Kill);
        self.known(handle)
    }

    fn kill(&mut self, handle: Handle) -> String {
        let known = self.known(handle);
        if known.is_none() {
            self.tasks[handle.task].is_linked = false;
            self.exit(Some(handle.task), Why::Kill);
        }
        known.unwrap_or("nothing".to_owned())
    }

    fn ignore(&mut self, handle: Handle) -> String {
        let known = self.known(handle);
        if known.is_none() {
            self.tasks[handle.task].is_linked = false;
        }
        known.unwrap_or("nothing".to_owned())
    }

    /// TASK-13, TASK-14.
    fn await_many(&mut self, limit: u64) -> Option<String> {
        let handles: Vec<Handle> = self.slots.iter_mut().filter_map(Option::take).collect();
        let due = self.moments.arm(limit);
        loop {
            let known: Vec<_> = handles.iter().map(|handle| self.known(*handle)).collect();
            let is_value = |known: &&String| known.starts_with("value ");
            if let Some(failure) = known.iter().flatten().find(|known| !is_value(known)) {
                return Some(failure.clone());
            }
            if known.iter().all(Option::is_some) {
                let values = known.iter().flatten().map(|known| &known["value ".len()..]);
                return Some(format!("[{}]", values.collect::<Vec<_>>().join(", ")));
            }
            if !self.next_end(due) {
                return Some("late".to_owned());
            }
            self.owner.as_ref()?;
        }
    }

    /// TASK-11: of each that was told before there is nothing.
    fn yield_many(&mut self, limit: u64, late: Late) -> Option<String> {
        let due = self.moments.arm(limit);
        let mut results: [Option<String>; SLOTS] = Default::default();
        loop {
            for (slot, result) in results.iter_mut().enumerate().filter(|(_, it)| it.is_none()) {
                let handle = self.slots[slot].filter(|handle| handle.state != State::Told);
                *result = handle.and_then(|handle| self.known(handle));
            }
            for slot in (0..SLOTS).filter(|slot| results[*slot].is_some()) {
                self.tells(slot);
            }
            let all = (0..SLOTS).filter(|slot| self.slots[*slot].is_some());
            if all.count() == results.iter().flatten().count() {
                break;
            }
            if !self.next_end(due) {
                self.gives_up(&mut results, late);
                break;
            }
            self.owner.as_ref()?;
        }
        let places = (0..SLOTS).filter(|slot| self.slots[*slot].is_some());
        let said = places.map(|slot| results[slot].clone().unwrap_or("nothing".to_owned()));
        Some(said.collect::<Vec<_>>().join(", "))
    }

    /// The end of its task, if it was not ignored before.
    fn tells(&mut self, slot: usize) {
        if let Some(handle) = self.slots[slot].as_mut().filter(|it| it.state == State::Open) {
            handle.state = State::Told;
        }
    }

    fn gives_up(&mut self, results: &mut [Option<String>; SLOTS], late: Late) {
        for (slot, result) in results.iter_mut().enumerate().filter(|(_, it)| it.is_none()) {
            let Some(handle) = self.slots[slot] else { continue };
            let (said, state) = match late {
                Late::Nothing => continue,
                Late::Ignore => (self.ignore(handle), State::Ignored),
                Late::Kill => (self.kill(handle), State::Told),
            };
            if said == "nothing" {
                self.slots[slot] = Some(Handle { state, ..handle });
            } else {
                *result = Some(said);
                self.tells(slot);
            }
        }
    }

    // ----- ends -----

    fn exit(&mut self, task: Option<usize>, why: Why) {
        let Some(number) = task.filter(|number| self.tasks[*number].lives) else { return };
        match why {
            Why::Kill => self.ends(number, "killed"),
            Why::Normal => {}
            _ if self.tasks[number].work.traps => {}
            _ => self.ends(number, word(why)),
        }
    }

    fn ends(&mut self, number: usize, reason: &str) {
        let task = &mut self.tasks[number];
        task.lives = false;
        task.outcome.get_or_insert(format!("exit {reason}"));
        self.ended.push((number, reason.to_owned()));
        if std::mem::take(&mut task.is_linked) {
            self.tell_owner(&number.to_string(), reason);
        }
    }

    /// TASK-4.
    fn tell_owner(&mut self, who: &str, reason: &str) {
        match &mut self.owner {
            Some(owner) if owner.traps => owner.mail.push(format!("exit {who} {reason}")),
            Some(_) if reason != "normal" => self.owner_ends(reason),
            _ => {}
        }
    }

    /// TASK-5.
    fn owner_ends(&mut self, reason: &str) {
        if self.owner.take().is_none() {
            return;
        }
        self.ended_owner = Some(reason.to_owned());
        for number in 0..self.tasks.len() {
            let task = &mut self.tasks[number];
            let was_linked = std::mem::take(&mut task.is_linked);
            if was_linked && task.lives && reason != "normal" && !task.work.traps {
                self.ends(number, reason);
            }
        }
    }

    // ----- time -----

    /// The next end of a task by itself. False: it is the limit before that.
    fn next_end(&mut self, limit: u64) -> bool {
        let ends = |task: &&Task| task.lives && task.work.ends != Ends::Never;
        let next = self.tasks.iter().filter(ends).map(|task| task.due).min();
        let Some(due) = next.filter(|due| *due <= limit) else {
            self.moments.goes_on_to(limit);
            return false;
        };
        self.moments.goes_on_to(due);
        let ready = |task: &Task| task.due == due && task.lives && task.work.ends != Ends::Never;
        let number = self.tasks.iter().position(ready).expect("it was just seen");
        match self.tasks[number].work.ends {
            Ends::Value => {
                self.tasks[number].outcome = Some(format!("value {number}"));
                self.ends(number, "normal");
            }
            Ends::Panics => self.ends(number, "panic"),
            Ends::Exits(why) => self.ends(number, word(why)),
            Ends::Never => unreachable!("it never ends"),
        }
        true
    }

    fn pass_to(&mut self, moment: u64) {
        while self.next_end(moment) {}
    }
}

fn word(why: Why) -> &'static str {
    match why {
        Why::Normal => "normal",
        Why::Shutdown => "shutdown",
        Why::Boom => "boom",
        Why::Kill => "kill",
    }
}
