//! A supervisor in the model: it asks for decisions, and does one job after the other.
use super::client::Asker;
use super::{Body, Event, From, Pid, Sim, Stage};
use crate::decisions::{Decisions, Key, State, Todo};
use crate::history::{Flags, Kind, NO_START, PANIC, Restart, Role, Shutdown, Strategy, Verb, Who};
use std::collections::VecDeque;

pub(super) struct Sup<D> {
    decisions: D,
    kids: Vec<Kid>,
    next: Key,
    inbox: VecDeque<Mail>,
    jobs: VecDeque<Job>,
    wait: Option<Wait>,
    /// Who asked for what it does.
    asker: Option<Asker>,
}

/// A child with the pid that it had last.
struct Kid {
    key: Key,
    who: Who,
    pid: Option<Pid>,
}

pub(super) enum Mail {
    Exit(Pid, String),
    Retry(Key),
    Ask(Asker, Question),
    /// It is to end: its parent did, or somebody wants it.
    Stop(String),
}

#[derive(Clone, Copy)]
pub(super) enum Question {
    Which,
    Count,
    /// With its last incarnation when it was asked.
    Child(Verb, Who, Option<Pid>),
}

#[derive(Clone)]
enum Job {
    Do(Todo),
    /// A first start: if it fails all is over (SUP-4).
    First(Key),
    /// Somebody asked for it.
    Asked(Key, Verb),
    /// All are told at once, then waited for (DYN-12).
    Tell(Vec<Key>),
    Up,
    Answer(&'static str),
    Die(String),
}

enum Wait {
    Down(Pid),
    Start(Pid, Job),
}

impl<'a, D: Decisions> Sim<'a, D> {
    fn sup(&mut self, pid: Pid) -> &mut Sup<D> {
        match &mut self.procs[pid].body {
            Body::Sup(sup) => sup,
            Body::Worker(_) => unreachable!("only supervisors come here"),
        }
    }

    fn flags(&self, who: Who) -> (Flags, &'a [Who]) {
        match &self.history.defs[who].kind {
            Kind::Supervisor(flags, children) => (*flags, children),
            Kind::Dynamic(flags) => (*flags, &[]),
            Kind::Server(_) => unreachable!("only supervisors come here"),
        }
    }

    /// SUP-1, SUP-46: its static children, one after the other.
    pub(super) fn start_supervisor(&mut self, who: Who, parent: Option<Pid>) -> Pid {
        let (flags, children) = self.flags(who);
        let (inbox, jobs) = (VecDeque::new(), VecDeque::new());
        let decisions = D::new(flags);
        let sup =
            Sup { decisions, kids: Vec::new(), next: 0, inbox, jobs, wait: None, asker: None };
        let pid = self.born(who, parent, Body::Sup(sup));
        for child in children {
            let key = self.add(pid, *child);
            self.sup(pid).jobs.push_back(Job::First(key));
        }
        self.sup(pid).jobs.push_back(Job::Up);
        self.ready.push_back(pid);
        pid
    }

    fn is_dynamic(&self, pid: Pid) -> bool {
        self.flags(self.procs[pid].who).0.strategy == Strategy::Each
    }

    /// What the supervisor knows of a child.
    fn role(&self, pid: Pid, child: Who) -> Role {
        let dynamic = self.is_dynamic(pid);
        self.history.defs[if dynamic { self.procs[pid].who } else { child }].role
    }

    fn add(&mut self, pid: Pid, who: Who) -> Key {
        let role = self.role(pid, who);
        let role = Role { is_supervisor: self.history.defs[who].role.is_supervisor, ..role };
        let sup = self.sup(pid);
        let key = sup.next;
        sup.next += 1;
        sup.decisions.add(key, role);
        sup.kids.push(Kid { key, who, pid: None });
        key
    }

    fn kid(&mut self, pid: Pid, key: Key) -> &mut Kid {
        let kid = self.sup(pid).kids.iter_mut().find(|kid| kid.key == key);
        kid.expect("a child is there until it is forgotten")
    }

    // ===== What comes in =====

    pub(super) fn mail_to_supervisor(&mut self, pid: Pid, mail: Mail) {
        self.sup(pid).inbox.push_back(mail);
        self.ready.push_back(pid);
    }

    pub(super) fn exit_to_supervisor(&mut self, pid: Pid, child: Pid, reason: &str) {
        self.sup(pid).inbox.push_back(Mail::Exit(child, reason.to_owned()));
    }

    /// SUP-35.
    pub(super) fn signal_supervisor(&mut self, pid: Pid, from: From, reason: &str) {
        if from == From::Parent {
            self.mail_to_supervisor(pid, Mail::Stop(reason.to_owned()));
        }
    }

    /// Those that are alive: what was stopped is dead already.
    pub(super) fn linked_children(&self, pid: Pid) -> Vec<Pid> {
        if matches!(self.procs[pid].body, Body::Worker(_)) {
            return Vec::new();
        }
        let is_child = |child: &Pid| self.procs[*child].parent == Some(pid);
        (0..self.procs.len()).filter(is_child).collect()
    }

    // ===== Jobs =====

    /// Until it waits, or has nothing to do (M4).
    pub(super) fn run_sup(&mut self, pid: Pid) {
        while !matches!(self.procs[pid].stage, Stage::Dead(_)) {
            match self.sup(pid).wait.take() {
                Some(wait) => match self.waited(pid, wait) {
                    None => {}
                    still => {
                        self.sup(pid).wait = still;
                        return;
                    }
                },
                None => match self.sup(pid).jobs.pop_front() {
                    Some(job) => self.job(pid, job),
                    None => match self.sup(pid).inbox.pop_front() {
                        Some(mail) => self.takes(pid, mail),
                        None => return,
                    },
                },
            }
        }
    }

    pub(super) fn has_work(&self, pid: Pid) -> bool {
        let Body::Sup(sup) = &self.procs[pid].body else { return false };
        match (&self.procs[pid].stage, &sup.wait) {
            (Stage::Dead(_), _) => false,
            (_, Some(Wait::Down(child))) => self.why_dead(*child).is_some(),
            (_, Some(Wait::Start(child, _))) => {
                self.procs[*child].started || self.why_dead(*child).is_some()
            }
            (_, None) => !sup.jobs.is_empty() || !sup.inbox.is_empty(),
        }
    }

    /// Is it over?
    fn waited(&mut self, pid: Pid, wait: Wait) -> Option<Wait> {
        match wait {
            Wait::Down(child) if self.why_dead(child).is_none() => Some(Wait::Down(child)),
            Wait::Down(_) => None,
            Wait::Start(child, job) => {
                if !self.procs[child].started && self.why_dead(child).is_none() {
                    return Some(Wait::Start(child, job));
                }
                self.start_is_over(pid, child, &job);
                None
            }
        }
    }

    fn job(&mut self, pid: Pid, job: Job) {
        match job {
            Job::Do(Todo::Start(key)) | Job::First(key) | Job::Asked(key, _) => {
                let who = self.kid(pid, key).who;
                let child = self.start(who, Some(pid));
                self.sup(pid).wait = Some(Wait::Start(child, job));
            }
            Job::Do(Todo::Stop(key)) => self.stop(pid, key),
            Job::Do(Todo::Forget(key)) => self.forget(pid, key),
            Job::Do(Todo::Retry(key)) => self.sup(pid).inbox.push_back(Mail::Retry(key)),
            Job::Do(Todo::End) => self.end(pid, "shutdown"),
            Job::Tell(keys) => keys.iter().for_each(|key| self.tell(pid, *key)),
            Job::Up => self.up(pid),
            Job::Answer(text) => self.answers(pid, text),
            Job::Die(reason) => self.dead(pid, &reason),
        }
    }

    fn forget(&mut self, pid: Pid, key: Key) {
        let sup = self.sup(pid);
        sup.decisions.forget(key);
        sup.kids.retain(|kid| kid.key != key);
    }

    /// SUP-2, SUP-23: nothing else is done any more.
    fn end(&mut self, pid: Pid, reason: &str) {
        let dynamic = self.is_dynamic(pid);
        self.procs[pid].stage = Stage::Ending(reason.to_owned());
        let sup = self.sup(pid);
        sup.jobs.clear();
        let stops = sup.decisions.stop_all();
        let keys = stops.iter().filter_map(|todo| match todo {
            Todo::Stop(key) => Some(*key),
            _ => None,
        });
        if dynamic {
            sup.jobs.push_back(Job::Tell(keys.collect()));
        }
        sup.jobs.extend(stops.into_iter().map(Job::Do));
        sup.jobs.push_back(Job::Die(reason.to_owned()));
    }

    fn answers(&mut self, pid: Pid, text: &str) {
        if let Some(asker) = self.sup(pid).asker.take() {
            self.answer(asker, text);
        }
    }

    // ===== Stops =====

    fn stop(&mut self, pid: Pid, key: Key) {
        let Some(child) = self.kid(pid, key).pid else { return };
        if !self.is_dynamic(pid) || self.procs[pid].stage == Stage::Up {
            self.tell(pid, key);
        }
        self.kid(pid, key).pid = None;
        self.sup(pid).wait = Some(Wait::Down(child));
    }

    /// SUP-29 to SUP-31.
    fn tell(&mut self, pid: Pid, key: Key) {
        let Some(child) = self.kid(pid, key).pid else { return };
        let who = if self.is_dynamic(pid) { self.procs[pid].who } else { self.procs[child].who };
        let def = &self.history.defs[who];
        let limit = match def.shutdown {
            Shutdown::Brutal => return self.signal(child, From::Parent, "kill"),
            Shutdown::Millis(millis) => Some(millis),
            Shutdown::Default if matches!(self.procs[child].body, Body::Sup(_)) => None,
            Shutdown::Default => Some(5_000),
        };
        self.signal(child, From::Parent, "shutdown");
        if let Some(millis) = limit {
            self.arm(millis, Event::Kill(child));
        }
    }

    // ===== Starts =====

    fn start_is_over(&mut self, pid: Pid, child: Pid, job: &Job) {
        let proc = &self.procs[child];
        let (started, ignored, name) = (proc.started, proc.ignored, proc.name.clone());
        let reason = self.why_dead(child).unwrap_or_default().to_owned();
        let (Job::Do(Todo::Start(key)) | Job::First(key) | Job::Asked(key, _)) = *job else {
            unreachable!("these are the starts");
        };
        if started {
            self.kid(pid, key).pid = Some(child);
            self.sup(pid).decisions.started(key);
        }
        match job {
            Job::Asked(_, verb) => {
                let text = match (started, ignored) {
                    (true, _) => format!("ok {name}"),
                    (_, true) => "ignore".to_owned(),
                    _ => start_error(&reason),
                };
                self.asked_start(pid, key, *verb, started, ignored);
                self.answers(pid, &text);
            }
            _ if started => {}
            _ if ignored => {
                let todo = self.sup(pid).decisions.ignored(key);
                for todo in todo {
                    self.sup(pid).jobs.push_front(Job::Do(todo));
                }
            }
            Job::First(_) => {
                let who = self.procs[child].who;
                let why = format!("failed {} {reason}", self.history.name(who));
                self.end(pid, &why); // SUP-4
            }
            _ => {
                let sup = self.sup(pid);
                sup.jobs = sup.decisions.failed(key).into_iter().map(Job::Do).collect();
            }
        }
    }

    /// SUP-40, SUP-42: what becomes of the spec.
    fn asked_start(&mut self, pid: Pid, key: Key, verb: Verb, started: bool, ignored: bool) {
        let dynamic = self.is_dynamic(pid);
        let who = self.kid(pid, key).who;
        let is_temporary = self.role(pid, who).restart == Restart::Temporary;
        let goes = match verb {
            Verb::Start if started => false,
            Verb::Start if ignored => is_temporary || dynamic,
            Verb::Start => true,
            Verb::Terminate | Verb::Restart | Verb::Delete => false,
        };
        if goes {
            self.forget(pid, key);
        }
    }

    // ===== Mail =====

    fn takes(&mut self, pid: Pid, mail: Mail) {
        let now = self.now;
        let mut others = self.ready.iter().filter(|other| **other != pid);
        self.races |= others.any(|other| self.has_work(*other));
        match mail {
            Mail::Exit(child, reason) => {
                let sup = self.sup(pid);
                let kid = sup.kids.iter().find(|kid| kid.pid == Some(child));
                let Some(key) = kid.map(|kid| kid.key) else { return };
                if sup.decisions.state(key) == Some(State::Running) {
                    let todo = sup.decisions.exited(key, &reason, now);
                    sup.jobs = todo.into_iter().map(Job::Do).collect();
                }
            }
            Mail::Retry(key) => {
                let sup = self.sup(pid);
                sup.jobs = sup.decisions.retry(key, now).into_iter().map(Job::Do).collect();
            }
            Mail::Stop(reason) => self.end(pid, &reason),
            Mail::Ask(asker, question) => {
                self.sup(pid).asker = Some(asker);
                self.asked(pid, question);
            }
        }
    }

    fn asked(&mut self, pid: Pid, question: Question) {
        match question {
            Question::Which => {
                let text = self.which(pid);
                self.answers(pid, &text);
            }
            Question::Count => {
                self.counts_dead |= self.takes_dead_for_living(pid);
                let [specs, active, supervisors, workers] = self.sup(pid).decisions.counts();
                let numbers = format!("{active}/{supervisors}/{workers}");
                let dynamic = self.is_dynamic(pid);
                self.answers(pid, &if dynamic { numbers } else { format!("{specs}/{numbers}") });
            }
            Question::Child(verb, child, last) => self.asked_about(pid, verb, child, last),
        }
    }

    /// The EXIT of one of its children waits in its mailbox.
    fn takes_dead_for_living(&mut self, pid: Pid) -> bool {
        let sup = self.sup(pid);
        let runs = |kid: &&Kid| sup.decisions.state(kid.key) == Some(State::Running);
        let pids: Vec<Pid> = sup.kids.iter().filter(runs).filter_map(|kid| kid.pid).collect();
        pids.iter().any(|child| self.why_dead(*child).is_some())
    }

    /// SUP-44.
    fn which(&mut self, pid: Pid) -> String {
        let dynamic = self.is_dynamic(pid);
        let mut words = Vec::new();
        for key in self.sup(pid).decisions.children().into_iter().rev() {
            let state = self.sup(pid).decisions.state(key);
            let (who, child) = (self.kid(pid, key).who, self.kid(pid, key).pid);
            let state = match (state, child) {
                (Some(State::Running), Some(child)) => self.procs[child].name.clone(),
                (Some(State::Restarting), _) => "restarting".to_owned(),
                _ => "undefined".to_owned(),
            };
            let id = if dynamic { "undefined" } else { self.history.name(who) };
            words.push(format!("{id}={state}"));
        }
        if dynamic {
            words.sort();
        }
        words.join(" ")
    }

    /// SUP-38 to SUP-43; DYN-4, DYN-15.
    fn asked_about(&mut self, pid: Pid, verb: Verb, child: Who, last: Option<Pid>) {
        let dynamic = self.is_dynamic(pid);
        let mut kids = self.sup(pid).kids.iter();
        let found = match dynamic {
            true => kids.find(|kid| kid.pid.is_some() && kid.pid == last),
            false => kids.find(|kid| kid.who == child),
        };
        let found = found.map(|kid| (kid.key, kid.pid));
        let state = found.and_then(|(key, _)| self.sup(pid).decisions.state(key));
        match (verb, found, state) {
            (Verb::Start, Some((_, Some(child))), Some(State::Running)) if !dynamic => {
                let name = self.procs[child].name.clone();
                self.answers(pid, &format!("already_started {name}"));
            }
            (Verb::Start, Some(_), _) if !dynamic => self.answers(pid, "already_present"),
            (Verb::Start, ..) => {
                let key = self.add(pid, child);
                self.sup(pid).jobs.push_back(Job::Asked(key, Verb::Start));
            }
            (_, None, _) => self.answers(pid, "not_found"),
            (Verb::Terminate, Some((key, _)), _) => {
                let sup = self.sup(pid);
                sup.jobs = sup.decisions.terminate(key).into_iter().map(Job::Do).collect();
                sup.jobs.push_back(Job::Answer("ok"));
            }
            (_, _, Some(State::Running)) => self.answers(pid, "running"),
            (_, _, Some(State::Restarting)) => self.answers(pid, "restarting"),
            (Verb::Restart, Some((key, _)), _) => {
                self.sup(pid).jobs.push_back(Job::Asked(key, Verb::Restart));
            }
            (Verb::Delete, Some((key, _)), _) => {
                self.forget(pid, key);
                self.answers(pid, "ok");
            }
        }
    }
}

/// What a failed start is called: a supervisor's tells which child failed.
fn start_error(reason: &str) -> String {
    match reason {
        NO_START | PANIC => format!("error {reason}"),
        failed if failed.starts_with("failed ") => failed.to_owned(),
        other => format!("error {other}"),
    }
}
