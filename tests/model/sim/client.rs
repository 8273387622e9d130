//! Who waits for a supervisor: `h`, who starts and ends the top, and one client per question.
use super::supervisor::{Mail, Question};
use super::{From, Pid, Sim, Stage};
use crate::decisions::Decisions;
use crate::history::{Step, TOP, Who, client};
use std::collections::{BTreeMap, VecDeque};

/// `h`, or the step in which the question is put.
pub(super) type Asker = Option<usize>;

#[derive(Default)]
pub(super) struct Clients {
    waits: BTreeMap<Asker, Waits>,
    /// What `h` hears while it waits.
    inbox: VecDeque<Heard>,
}

enum Heard {
    Step(Step),
    Exit(String, String),
}

/// For whom, and how the answer is written down.
struct Waits {
    pid: Pid,
    label: String,
    what: What,
    since: u64,
}

/// cordial bounds every question, OTP none.
const LONG: u64 = 4_900;

#[derive(Clone, Copy)]
enum What {
    Start,
    /// Of a stop for this reason.
    End(&'static str),
    Answer,
}

impl<D: Decisions> Sim<'_, D> {
    // ===== The starter =====

    pub(super) fn start_top(&mut self) {
        let label = format!("h start_link {}", self.history.name(TOP));
        let pid = self.start(TOP, None);
        let (what, since) = (What::Start, self.now);
        self.clients.waits.insert(None, Waits { pid, label, what, since });
        self.starter_looks();
    }

    pub(super) fn starter_step(&mut self, step: &Step) {
        self.clients.inbox.push_back(Heard::Step(step.clone()));
        self.starter_runs();
    }

    fn starter_runs(&mut self) {
        while !self.clients.waits.contains_key(&None) {
            match self.clients.inbox.pop_front() {
                None => return,
                Some(Heard::Exit(name, why)) => self.log(format!("h exit {name} {why}")),
                Some(Heard::Step(Step::GenStop(reason))) => self.stops(reason),
                Some(Heard::Step(Step::Parent(reason))) => {
                    if let Some(pid) = self.last[TOP] {
                        self.signal(pid, From::Parent, reason);
                    }
                }
                Some(Heard::Step(_)) => unreachable!("`h` does nothing else"),
            }
        }
    }

    fn stops(&mut self, reason: &'static str) {
        let label = format!("h gen_stop {}", self.history.name(TOP));
        let Some(pid) = self.living(TOP) else { return self.log(format!("{label} -> noproc")) };
        let (what, since) = (What::End(reason), self.now);
        self.clients.waits.insert(None, Waits { pid, label, what, since });
        self.mail_to_supervisor(pid, Mail::Stop(reason.to_owned()));
    }

    /// The top is up, perhaps.
    pub(super) fn starter_looks(&mut self) {
        let waits = self.clients.waits.get(&None);
        let Some(Waits { pid, what: What::Start, .. }) = waits else { return };
        if self.procs[*pid].started {
            let name = self.procs[*pid].name.clone();
            self.answer(None, &format!("ok {name}"));
        }
    }

    // ===== Questions =====

    pub(super) fn client_step(&mut self, at: usize) {
        let name = |who: Who| self.history.name(who);
        let (sup, label, question) = match self.history.steps[at] {
            Step::Ask(verb, sup, child) => {
                let label = format!("{} {}:{}", verb.word(), name(sup), name(child));
                (sup, label, Question::Child(verb, child, self.last[child]))
            }
            Step::Which(sup) => (sup, format!("which {}", name(sup)), Question::Which),
            Step::Count(sup) => (sup, format!("count {}", name(sup)), Question::Count),
            _ => unreachable!("these are the questions"),
        };
        let label = format!("{} {label}", client(at));
        let Some(pid) = self.living(sup) else { return self.log(format!("{label} -> noproc")) };
        let (what, since) = (What::Answer, self.now);
        self.clients.waits.insert(Some(at), Waits { pid, label, what, since });
        self.mail_to_supervisor(pid, Mail::Ask(Some(at), question));
    }

    /// GS-47: nobody is there, nobody answers.
    fn living(&self, who: Who) -> Option<Pid> {
        self.last[who].filter(|pid| !matches!(self.procs[*pid].stage, Stage::Dead(_)))
    }

    pub(super) fn answer(&mut self, asker: Asker, text: &str) {
        let Some(waits) = self.clients.waits.remove(&asker) else { return };
        let Waits { label, since, .. } = waits;
        self.races |= asker.is_some() && self.now - since > LONG;
        self.log(format!("{label} -> {text}"));
        self.starter_runs();
    }

    // ===== Ends =====

    /// An answer of a kind to those who wait for it, and an EXIT to the top's parent.
    pub(super) fn clients_see_end(&mut self, pid: Pid) {
        let reason = self.why_dead(pid).expect("it has ended").to_owned();
        if self.procs[pid].parent.is_none() && self.procs[pid].started {
            let name = self.procs[pid].name.clone();
            self.clients.inbox.push_back(Heard::Exit(name, reason.clone()));
        }
        let waiting = self.clients.waits.iter().filter(|(_, waits)| waits.pid == pid);
        let answers: Vec<(Asker, String)> = waiting
            .map(|(asker, waits)| match waits.what {
                What::Start => (*asker, reason.clone()),
                What::End(asked) if asked == reason => (*asker, "ok".to_owned()),
                What::End(_) | What::Answer => (*asker, format!("exit {reason}")),
            })
            .collect();
        for (asker, text) in answers {
            self.answer(asker, &text);
        }
        self.starter_runs();
    }
}
