//! Who lives in a simulation: processes by the order of their births, which is the same in every
//! run, and what they are called.
use super::faults::Who;
use super::line::put;
use crate::pid::{MonitorRef, Pid};
use crate::process::IdMap;
use crate::rt::sim::{Event, Step};
use std::sync::Arc;
use std::time::Duration;

/// The type of every supervisor.
const SUPERVISOR: &str = "Supervisor";

#[derive(Default)]
pub(super) struct People {
    all: Vec<Person>,
    /// Counted from 1; 0 is who is no process.
    numbers: IdMap<Pid, u32>,
    /// Monitors are counted, too.
    monitors: IdMap<MonitorRef, u32>,
}

struct Person {
    pid: Pid,
    parent: Option<Pid>,
    server: Arc<str>,
    /// Its id as a supervisor, and its registered name.
    names: Vec<Arc<str>>,
    lives: bool,
}

impl People {
    pub(super) fn number(&self, pid: Pid) -> u32 {
        self.numbers.get(&pid).copied().unwrap_or(0)
    }

    fn get(&self, pid: Pid) -> Option<&Person> {
        self.all.get(self.number(pid).checked_sub(1)? as usize)
    }

    fn get_mut(&mut self, pid: Pid) -> Option<&mut Person> {
        let at = self.number(pid).checked_sub(1)? as usize;
        self.all.get_mut(at)
    }

    /// The one of this number, if it lives.
    pub(super) fn pid(&self, number: u32) -> Option<Pid> {
        let person = self.all.get(number.checked_sub(1)? as usize)?;
        person.lives.then_some(person.pid)
    }

    pub(super) fn is_supervisor(&self, pid: Pid) -> bool {
        self.get(pid).is_some_and(|person| *person.server == *SUPERVISOR)
    }

    pub(super) fn is_called(&self, pid: Pid, name: &str) -> bool {
        self.get(pid).is_some_and(|person| person.is_called(name))
    }

    pub(super) fn is_met(&self, who: &Who, pid: Pid) -> bool {
        let Some(person) = self.get(pid) else { return false };
        let has_parent = person.parent.is_some();
        who.is_met(has_parent, |name| person.is_called(name), |name| self.is_under(pid, name))
    }

    fn is_under(&self, pid: Pid, name: &str) -> bool {
        let parent = |pid: &Pid| self.get(*pid)?.parent;
        std::iter::successors(parent(&pid), parent).any(|above| self.is_called(above, name))
    }

    /// Numbers of the living.
    pub(super) fn living(&self, who: &Who) -> Vec<u32> {
        let living = self.all.iter().filter(|person| person.lives && self.is_met(who, person.pid));
        living.map(|person| self.number(person.pid)).collect()
    }

    fn known(&mut self, pid: Pid) -> &mut Person {
        let next = u32::try_from(self.all.len() + 1).expect("fewer than 2^32 lives");
        let number = *self.numbers.entry(pid).or_insert(next);
        if number == next {
            let (server, names) = (Arc::default(), Vec::new());
            self.all.push(Person { pid, parent: None, server, names, lives: false });
        }
        &mut self.all[number as usize - 1]
    }

    pub(super) fn on(&mut self, event: &Event) {
        match event {
            Event::Born { pid, parent, server } => {
                let person = self.known(*pid);
                (person.parent, person.server, person.lives) = (*parent, server.clone(), true);
            }
            Event::Dead { pid, .. } => {
                if let Some(person) = self.get_mut(*pid) {
                    person.lives = false;
                }
            }
            // A name is taken just before a birth.
            Event::Supervisor { pid, id: name, .. } | Event::Named { pid, name } => {
                self.known(*pid).names.push(name.clone());
            }
            Event::Unnamed { pid, name } => {
                if let Some(person) = self.get_mut(*pid) {
                    person.names.retain(|own| own != name);
                }
            }
            Event::Watched { monitor, .. } | Event::Down(monitor) => {
                let next = u32::try_from(self.monitors.len() + 1).expect("fewer than 2^32");
                self.monitors.entry(*monitor).or_insert(next);
            }
            _ => {}
        }
    }

    /// An event as a line of a trace; `None`: it is no step of its own.
    pub(super) fn tell(&self, event: &Event, call: Option<u32>, line: &mut String) -> Option<()> {
        let who = |pid: &Pid| self.number(*pid);
        let who_if = |pid: &Option<Pid>| pid.map_or(0, |pid| self.number(pid));
        let watch = |monitor: &MonitorRef| self.monitors.get(monitor).copied().unwrap_or(0);
        match event {
            Event::Turn(pid) => put!(line, "turn #", who(pid)),
            Event::Born { pid, parent, server } => {
                put!(line, "born #", who(pid), " ", *server, " of #", who_if(parent));
            }
            Event::Dead { pid, why, .. } => put!(line, "dead #", who(pid), " ", *why),
            Event::Told(pid) => put!(line, "told #", who(pid)),
            Event::Sent { from, to, tag, .. } => {
                put!(line, "send #", who_if(from), " > #", who_if(to), " ", tag.kind);
            }
            Event::Refused { to } => put!(line, "refused #", who(to)),
            Event::Taken { by, tag, .. } => put!(line, "take #", who_if(by), " ", tag.kind),
            Event::Signal { to, from, why } => {
                put!(line, "signal #", who(from), " > #", who(to), " ", *why);
            }
            Event::Armed { wait } => put!(line, "timer ", micros(*wait), "us"),
            Event::Cancelled => put!(line, "timer cancelled"),
            Event::Fired => put!(line, "timer fires"),
            Event::Named { pid, name } => put!(line, "name #", who(pid), " ", *name),
            Event::Unnamed { pid, name } => put!(line, "name free #", who(pid), " ", *name),
            Event::Touched { by, what, name } => put!(line, *what, " ", *name, " #", who_if(by)),
            Event::Called(_) => put!(line, "call ", call?),
            Event::Filled(_) => put!(line, "call ", call?, " answered"),
            Event::Resolved(_) => put!(line, "call ", call?, " resolved"),
            Event::GivenUp(_) => put!(line, "call ", call?, " given up"),
            Event::Watched { monitor, pid } => {
                put!(line, "monitor ", watch(monitor), " #", who(pid));
            }
            Event::Unwatched(monitor) => put!(line, "demonitor ", watch(monitor)),
            Event::Down(monitor) => put!(line, "down ", watch(monitor)),
            Event::Supervisor { pid, id, .. } => put!(line, "supervisor #", who(pid), " ", *id),
            Event::Child { supervisor, key, step } => {
                put!(line, "child #", who(supervisor), ".", *key, " ");
                self.tell_step(step, line);
            }
            Event::List(_) | Event::Loose(_) | Event::Freed(_) => return None,
        }
        Some(())
    }

    fn tell_step(&self, step: &Step, line: &mut String) {
        match step {
            Step::Listed { .. } => put!(line, "listed"),
            Step::Up(pid) => put!(line, "up #", self.number(*pid)),
            Step::Stop(pid) => put!(line, "stop #", self.number(*pid)),
            Step::Tried { .. } => put!(line, "tried"),
            Step::Parked => put!(line, "parked"),
            Step::Forgotten => put!(line, "forgotten"),
        }
    }
}

/// Whole microseconds.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Person {
    fn is_called(&self, name: &str) -> bool {
        *self.server == *name || self.names.iter().any(|own| **own == *name)
    }
}
