//! A scripted server in the model: its starts, what it is told, its end.
use super::{Body, Event, From, Pid, Sim, Stage};
use crate::decisions::Decisions;
use crate::history::{Ending, Kind, NO_START, Outcome, PANIC, Server, Who};
use std::collections::VecDeque;

#[derive(Default)]
pub(super) struct Worker {
    /// Only while it is in `init` (M3).
    mail: VecDeque<Mail>,
    outcome: Option<Outcome>,
}

pub(super) enum Mail {
    Stop(&'static str),
    Panic,
    /// An exit signal that it traps: of a stranger, of its parent.
    Exit(String),
    Parent(String),
}

impl<'a, D: Decisions> Sim<'a, D> {
    fn server(&self, pid: Pid) -> &'a Server {
        match &self.history.defs[self.procs[pid].who].kind {
            Kind::Server(server) => server,
            Kind::Supervisor(..) | Kind::Dynamic(_) => unreachable!("only servers come here"),
        }
    }

    fn worker(&mut self, pid: Pid) -> &mut Worker {
        match &mut self.procs[pid].body {
            Body::Worker(worker) => worker,
            Body::Sup(_) => unreachable!("only servers come here"),
        }
    }

    fn note(&mut self, pid: Pid, what: &str) {
        let line = format!("{} {what}", self.procs[pid].name);
        self.log(line);
    }

    pub(super) fn start_server(&mut self, who: Who, parent: Option<Pid>) -> Pid {
        let nth = self.lives[who];
        let pid = self.born(who, parent, Body::Worker(Worker::default()));
        self.note(pid, "init");
        let start = self.server(pid).start(nth);
        self.worker(pid).outcome = Some(start.outcome);
        match start.takes {
            0 => self.init_done(pid),
            takes => self.arm(takes, Event::InitDone(pid)),
        }
        pid
    }

    pub(super) fn init_done(&mut self, pid: Pid) {
        match self.worker(pid).outcome.take() {
            Some(Outcome::Ignores) => {
                self.procs[pid].ignored = true;
                self.dead(pid, "normal");
            }
            Some(Outcome::Stops) => self.dead(pid, NO_START),
            Some(Outcome::Panics) => self.dead(pid, PANIC),
            Some(Outcome::Runs) | None => {
                self.up(pid);
                while self.procs[pid].stage == Stage::Up {
                    let Some(mail) = self.worker(pid).mail.pop_front() else { break };
                    self.hears(pid, mail);
                }
            }
        }
    }

    /// To the last incarnation.
    pub(super) fn cast(&mut self, who: Who, mail: Mail) {
        if let Some(pid) = self.last[who] {
            self.mail(pid, mail);
        }
    }

    fn mail(&mut self, pid: Pid, mail: Mail) {
        match self.procs[pid].stage {
            Stage::Starting => self.worker(pid).mail.push_back(mail),
            Stage::Up => self.hears(pid, mail),
            Stage::Ending(_) | Stage::Dead(_) => {}
        }
    }

    fn hears(&mut self, pid: Pid, mail: Mail) {
        match mail {
            Mail::Stop(reason) => {
                self.note(pid, &format!("cast stop:{reason}"));
                self.ends(pid, reason);
            }
            Mail::Panic => {
                self.note(pid, "cast panic:broken");
                self.ends(pid, PANIC);
            }
            Mail::Exit(reason) => self.note(pid, &format!("exit k {reason}")),
            Mail::Parent(reason) => self.ends(pid, &reason),
        }
    }

    /// `terminate` runs.
    fn ends(&mut self, pid: Pid, reason: &str) {
        self.note(pid, &format!("terminate {reason}"));
        self.procs[pid].stage = Stage::Ending(reason.to_owned());
        match self.server(pid).ending {
            Ending::AtOnce => self.has_ended(pid),
            Ending::Millis(millis) => self.arm(millis, Event::EndDone(pid)),
            Ending::Never => {}
        }
    }

    pub(super) fn has_ended(&mut self, pid: Pid) {
        self.note(pid, "terminated");
        let Stage::Ending(reason) = self.procs[pid].stage.clone() else { return };
        self.dead(pid, &reason);
    }

    /// PROC-13, PROC-15, PROC-19; GS-34, GS-35.
    pub(super) fn signal_server(&mut self, pid: Pid, from: From, reason: &str) {
        let traps = self.server(pid).traps;
        match from {
            From::Parent if traps => self.mail(pid, Mail::Parent(reason.to_owned())),
            From::Stranger if traps => self.mail(pid, Mail::Exit(reason.to_owned())),
            From::Stranger if reason == "normal" => {}
            From::Parent | From::Stranger => self.dead(pid, reason),
        }
    }
}
