//! The model: what a supervisor decides, as the rules of OTP say it and nothing shorter.
//!
//! Nothing is counted along the way: each question looks at all children and at all restarts that
//! ever were. The rules are cited where they decide.
use crate::decisions::{Decisions, Key, State, Todo};
use crate::history::{Auto, Flags, Restart, Role, Strategy};

pub(crate) struct Rules {
    flags: Flags,
    /// In start order.
    children: Vec<Child>,
    /// When each restart was tried.
    restarts: Vec<u64>,
}

struct Child {
    key: Key,
    role: Role,
    state: State,
}

/// `Normal`, `Shutdown` and `ShutdownWith` are clean.
fn is_clean(reason: &str) -> bool {
    reason == "normal" || reason == "shutdown" || reason.starts_with("shutdown(")
}

impl Rules {
    fn at(&self, key: Key) -> Option<usize> {
        self.children.iter().position(|child| child.key == key)
    }

    /// SUP-20 to SUP-23: this attempt counts, and so does one that is exactly a period old.
    fn restart(&mut self, at: usize, now: u64) -> Vec<Todo> {
        self.children[at].state = State::Stopped;
        self.restarts.push(now);
        let period = self.flags.period * 1000;
        let recent = self.restarts.iter().filter(|then| now - **then <= period).count();
        if recent > self.flags.max_restarts as usize {
            return vec![Todo::End];
        }
        match self.flags.strategy {
            // SUP-13, SUP-14, SUP-15.
            Strategy::OneForOne | Strategy::Each => vec![Todo::Start(self.children[at].key)],
            Strategy::OneForAll => self.restart_from(0),
            Strategy::RestForOne => self.restart_from(at),
        }
    }

    /// Those that run stop in reverse order; the temporary ones go, all others start (SUP-19).
    fn restart_from(&mut self, first: usize) -> Vec<Todo> {
        let group = &mut self.children[first..];
        let mut todo = Vec::new();
        for child in group.iter().rev().filter(|child| child.state == State::Running) {
            todo.push(Todo::Stop(child.key));
        }
        for child in group.iter_mut() {
            child.state = State::Stopped;
        }
        let is_temporary = |child: &&Child| child.role.restart == Restart::Temporary;
        todo.extend(group.iter().filter(is_temporary).map(|child| Todo::Forget(child.key)));
        todo.extend(group.iter().filter(|c| !is_temporary(c)).map(|c| Todo::Start(c.key)));
        todo
    }

    /// SUP-17, DYN-8: the spec of a temporary child goes with it; any of a dynamic supervisor's.
    fn ended(&mut self, at: usize) -> Vec<Todo> {
        let child = &mut self.children[at];
        child.state = State::Stopped;
        let goes =
            self.flags.strategy == Strategy::Each || child.role.restart == Restart::Temporary;
        if goes { vec![Todo::Forget(child.key)] } else { Vec::new() }
    }

    /// SUP-47, SUP-48: does the end of `child`, who is not restarted, end its supervisor?
    fn ends_all(&self, child: Key) -> bool {
        let is_significant = |c: &&Child| c.role.significant;
        let Some(child) = self.children.iter().filter(is_significant).find(|c| c.key == child)
        else {
            return false;
        };
        let others = self.children.iter().filter(is_significant).filter(|c| c.key != child.key);
        match self.flags.auto {
            Auto::Never => false,
            Auto::Any => true,
            Auto::All => others.filter(|c| c.state != State::Stopped).count() == 0,
        }
    }
}

impl Decisions for Rules {
    fn new(flags: Flags) -> Self {
        Self { flags, children: Vec::new(), restarts: Vec::new() }
    }

    /// SUP-38: last.
    fn add(&mut self, key: Key, role: Role) {
        self.children.push(Child { key, role, state: State::Stopped });
    }

    fn forget(&mut self, key: Key) {
        self.children.retain(|child| child.key != key);
    }

    fn started(&mut self, key: Key) {
        let at = self.at(key).expect("what is started is there");
        self.children[at].state = State::Running;
    }

    /// SUP-6, DYN-9.
    fn ignored(&mut self, key: Key) -> Vec<Todo> {
        self.at(key).map_or(Vec::new(), |at| self.ended(at))
    }

    /// SUP-25, SUP-26, SUP-28: that one is tried again.
    fn failed(&mut self, key: Key) -> Vec<Todo> {
        let at = self.at(key).expect("what is started is there");
        self.children[at].state = State::Restarting;
        vec![Todo::Retry(key)]
    }

    /// SUP-16.
    fn exited(&mut self, key: Key, reason: &str, now: u64) -> Vec<Todo> {
        let Some(at) = self.at(key) else { return Vec::new() };
        let again = match self.children[at].role.restart {
            Restart::Permanent => true,
            Restart::Transient => !is_clean(reason),
            Restart::Temporary => false,
        };
        if again {
            return self.restart(at, now);
        }
        let mut todo = self.ended(at); // SUP-18: nothing else happens to anybody,
        if self.ends_all(key) {
            todo.push(Todo::End); // but to all.
        }
        todo
    }

    /// SUP-27: nobody wants it any more who does not wait for it.
    fn retry(&mut self, key: Key, now: u64) -> Vec<Todo> {
        match self.at(key) {
            Some(at) if self.children[at].state == State::Restarting => self.restart(at, now),
            _ => Vec::new(),
        }
    }

    /// SUP-41, SUP-49, DYN-15.
    fn terminate(&mut self, key: Key) -> Vec<Todo> {
        let Some(at) = self.at(key) else { return Vec::new() };
        let mut todo = match self.children[at].state {
            State::Running => vec![Todo::Stop(key)],
            State::Stopped | State::Restarting => Vec::new(),
        };
        todo.extend(self.ended(at));
        todo
    }

    fn state(&self, key: Key) -> Option<State> {
        self.at(key).map(|at| self.children[at].state)
    }

    /// SUP-2.
    fn stop_all(&mut self) -> Vec<Todo> {
        let running = self.children.iter().rev().filter(|child| child.state == State::Running);
        running.map(|child| Todo::Stop(child.key)).collect()
    }

    fn children(&self) -> Vec<Key> {
        self.children.iter().map(|child| child.key).collect()
    }

    /// SUP-45.
    fn counts(&self) -> [usize; 4] {
        let count = |holds: fn(&Child) -> bool| self.children.iter().filter(|c| holds(c)).count();
        [
            self.children.len(),
            count(|child| child.state == State::Running),
            count(|child| child.role.is_supervisor),
            count(|child| !child.role.is_supervisor),
        ]
    }
}
