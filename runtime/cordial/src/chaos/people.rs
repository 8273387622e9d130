//! Who lives in a simulation: processes by the order of their births, which is the same in every
//! run, and what they are called.
use super::faults::Who;
use crate::pid::{MonitorRef, Pid};
use crate::process::IdMap;
use crate::rt::sim::{Event, Step};
use std::fmt::Write as _;
use std::sync::Arc;

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
        let told = match event {
            Event::Turn(pid) => write!(line, "turn #{}", who(pid)),
            Event::Born { pid, parent, server } => {
                write!(line, "born #{} {server} of #{}", who(pid), who_if(parent))
            }
            Event::Dead { pid, why, .. } => write!(line, "dead #{} {why}", who(pid)),
            Event::Told(pid) => write!(line, "told #{}", who(pid)),
            Event::Sent { from, to, tag, .. } => {
                write!(line, "send #{} > #{} {}", who_if(from), who_if(to), tag.kind)
            }
            Event::Refused { to } => write!(line, "refused #{}", who(to)),
            Event::Taken { by, tag, .. } => write!(line, "take #{} {}", who_if(by), tag.kind),
            Event::Signal { to, from, why } => {
                write!(line, "signal #{} > #{} {why}", who(from), who(to))
            }
            Event::Armed { wait } => write!(line, "timer {}us", wait.as_micros()),
            Event::Cancelled => write!(line, "timer cancelled"),
            Event::Fired => write!(line, "timer fires"),
            Event::Named { pid, name } => write!(line, "name #{} {name}", who(pid)),
            Event::Unnamed { pid, name } => write!(line, "name free #{} {name}", who(pid)),
            Event::Touched { by, what, name } => write!(line, "{what} {name} #{}", who_if(by)),
            Event::Called(_) => write!(line, "call {}", call?),
            Event::Filled(_) => write!(line, "call {} answered", call?),
            Event::Resolved(_) => write!(line, "call {} resolved", call?),
            Event::GivenUp(_) => write!(line, "call {} given up", call?),
            Event::Watched { monitor, pid } => {
                write!(line, "monitor {} #{}", watch(monitor), who(pid))
            }
            Event::Unwatched(monitor) => write!(line, "demonitor {}", watch(monitor)),
            Event::Down(monitor) => write!(line, "down {}", watch(monitor)),
            Event::Supervisor { pid, id, .. } => write!(line, "supervisor #{} {id}", who(pid)),
            Event::Child { supervisor, key, step } => {
                let (sup, step) = (who(supervisor), self.word(step));
                write!(line, "child #{sup}.{key} {step}")
            }
            Event::List(_) | Event::Loose(_) | Event::Freed(_) => return None,
        };
        told.ok()
    }

    fn word(&self, step: &Step) -> String {
        match step {
            Step::Listed { .. } => "listed".to_owned(),
            Step::Up(pid) => format!("up #{}", self.number(*pid)),
            Step::Stop(pid) => format!("stop #{}", self.number(*pid)),
            Step::Tried { .. } => "tried".to_owned(),
            Step::Parked => "parked".to_owned(),
            Step::Forgotten => "forgotten".to_owned(),
        }
    }
}

impl Person {
    fn is_called(&self, name: &str) -> bool {
        *self.server == *name || self.names.iter().any(|own| **own == *name)
    }
}
