//! Pure: what always holds, checked beside every history.
//!
//! - I1 Every call is resolved or given up exactly once.
//! - I2 Every monitor gives exactly one DOWN, unless it is taken away before.
//! - I3 Mail of one sender is handled in the order in which it was sent: here that of all senders,
//!   each mail known by the place of its own that it has in a simulation; not in a mailbox with a
//!   policy that drops or waits, nor where mail comes first.
//! - I4 When all is quiet, each permanent child lives that nobody stopped.
//! - I5 Children start in order and stop in reverse order, one after the other, and no two
//!   incarnations of a child live at once.
//! - I6 No supervisor restarts more often than its intensity allows.
//! - I7 A call that was given up gets no answer, and no slot serves two calls.
//!
//! That nothing is left at the end is the business of the test kit.
use crate::pid::{MonitorRef, Pid};
use crate::process::IdMap;
use crate::rt::sim::{Event, Step, Tag};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// A sentence that says what does not hold.
type Broken = String;

#[derive(Default)]
pub(super) struct Checker {
    calls: IdMap<usize, (u32, Call)>,
    called: u32,
    monitors: BTreeMap<MonitorRef, Option<Pid>>,
    lines: IdMap<usize, VecDeque<Tag>>,
    /// Lines with a policy that changes their order, or with mail that comes first.
    loose: IdMap<usize, ()>,
    supervisors: BTreeMap<Pid, Supervisor>,
    /// Nothing else is asked of it than whether somebody lives.
    living: IdMap<Pid, ()>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Call {
    Open,
    Filled,
    Resolved,
    GivenUp,
}

#[derive(Default)]
struct Supervisor {
    keeps_order: bool,
    children: BTreeMap<u64, Child>,
    /// In the list that is carried out now.
    last_up: Option<u64>,
    last_stop: Option<(u64, Pid)>,
    tries: Vec<Duration>,
}

#[derive(Default)]
struct Child {
    is_permanent: bool,
    is_parked: bool,
    up: Option<Pid>,
}

impl Checker {
    /// `Err`: this must never happen.
    pub(super) fn on(&mut self, event: &Event) -> Result<(), Broken> {
        match event {
            Event::Born { pid, .. } => {
                self.living.insert(*pid, ());
            }
            Event::Dead { pid, line, .. } => {
                self.living.remove(pid);
                self.lines.remove(line);
                self.loose.remove(line);
                self.supervisors.remove(pid);
            }
            Event::Sent { line, tag, .. } => self.lines.entry(*line).or_default().push_back(*tag),
            Event::Loose(line) => {
                self.loose.insert(*line, ());
                self.lines.remove(line);
            }
            Event::Taken { line, tag, .. } => return self.on_taken(*line, *tag),
            Event::Called(place) => return self.on_called(*place),
            Event::Filled(_) | Event::Resolved(_) | Event::GivenUp(_) | Event::Freed(_) => {
                return self.on_slot(event);
            }
            Event::Watched { monitor, pid } => {
                self.monitors.insert(*monitor, Some(*pid));
            }
            Event::Unwatched(monitor) => {
                self.monitors.remove(monitor);
            }
            Event::Down(monitor) => return self.on_down(*monitor),
            Event::Told(pid) => return self.on_told(*pid),
            Event::Supervisor { pid, keeps_order, .. } => {
                let supervisor = Supervisor { keeps_order: *keeps_order, ..Supervisor::default() };
                self.supervisors.insert(*pid, supervisor);
            }
            Event::List(pid) => {
                if let Some(supervisor) = self.supervisors.get_mut(pid) {
                    (supervisor.last_up, supervisor.last_stop) = (None, None);
                }
            }
            Event::Child { supervisor, key, step } => {
                return self.on_child(*supervisor, *key, *step);
            }
            _ => {}
        }
        Ok(())
    }

    /// The number of the call whose slot this is; calls are counted from 1.
    pub(super) fn call(&self, place: usize) -> Option<u32> {
        self.calls.get(&place).map(|(number, _)| *number)
    }

    /// I3.
    fn on_taken(&mut self, line: usize, tag: Tag) -> Result<(), Broken> {
        if self.loose.contains_key(&line) {
            return Ok(());
        }
        let first = self.lines.get_mut(&line).and_then(VecDeque::pop_front);
        match first {
            Some(sent) if sent == tag => Ok(()),
            Some(sent) => Err(format!(
                "mail keeps its order: `{}` was handled before a `{}` that was sent before it",
                tag.kind, sent.kind
            )),
            None => Err(format!("mail is sent once: `{}` was handled twice", tag.kind)),
        }
    }

    fn on_called(&mut self, place: usize) -> Result<(), Broken> {
        self.called += 1;
        match self.calls.insert(place, (self.called, Call::Open)) {
            None => Ok(()),
            Some((other, _)) => {
                Err(format!("a slot serves one call: calls {other} and {} share one", self.called))
            }
        }
    }

    /// I1, I7. A slot that is no call's is nobody's business.
    fn on_slot(&mut self, event: &Event) -> Result<(), Broken> {
        let (Event::Filled(place)
        | Event::Resolved(place)
        | Event::GivenUp(place)
        | Event::Freed(place)) = event
        else {
            return Ok(());
        };
        if matches!(event, Event::Freed(_)) {
            self.calls.remove(place);
            return Ok(());
        }
        let Some((number, call)) = self.calls.get_mut(place) else { return Ok(()) };
        let (next, broken) = match (event, *call) {
            (Event::Filled(_), Call::Open) => (Call::Filled, None),
            (Event::Filled(_), Call::GivenUp) => {
                (Call::Filled, Some("was given up, and answered all the same"))
            }
            (Event::Filled(_), _) => (Call::Filled, Some("was answered twice")),
            (Event::Resolved(_), Call::Filled) => (Call::Resolved, None),
            (Event::Resolved(_), _) => (Call::Resolved, Some("has an answer that nobody gave")),
            _ => (Call::GivenUp, None),
        };
        *call = next;
        broken.map_or(Ok(()), |broken| Err(format!("a call is resolved once: {number} {broken}")))
    }

    /// I2.
    fn on_down(&mut self, monitor: MonitorRef) -> Result<(), Broken> {
        match self.monitors.insert(monitor, None) {
            Some(None) => Err("a monitor gives one DOWN: it gave two".to_owned()),
            _ => Ok(()),
        }
    }

    fn on_told(&mut self, pid: Pid) -> Result<(), Broken> {
        match self.monitors.values().any(|watched| *watched == Some(pid)) {
            true => Err("a monitor gives one DOWN: somebody was not told".to_owned()),
            false => Ok(()),
        }
    }

    fn on_child(&mut self, supervisor: Pid, key: u64, step: Step) -> Result<(), Broken> {
        let Some(one) = self.supervisors.get_mut(&supervisor) else { return Ok(()) };
        match step {
            Step::Listed { is_permanent } => {
                one.children.insert(key, Child { is_permanent, ..Child::default() });
            }
            Step::Up(pid) => return one.on_up(key, pid, &self.living),
            Step::Stop(pid) => return one.on_stop(key, pid, &self.living),
            Step::Tried { most, period, now } => return one.on_tried(most, period, now),
            Step::Parked => {
                one.children.entry(key).or_default().is_parked = true;
            }
            Step::Forgotten => {
                one.children.remove(&key);
            }
        }
        Ok(())
    }

    /// I4: when nobody has anything to do.
    pub(super) fn when_quiet(&self) -> Result<(), Broken> {
        for supervisor in self.supervisors.values() {
            let wanted = supervisor.children.iter().filter(|(_, child)| child.is_wanted());
            for (key, child) in wanted {
                if child.up.is_none_or(|pid| !self.living.contains_key(&pid)) {
                    return Err(format!(
                        "all children live when all is quiet: child {key} does not"
                    ));
                }
            }
        }
        Ok(())
    }

    /// I1: when everything is over.
    pub(super) fn at_end(&self) -> Result<(), Broken> {
        let open = self.calls.values().find(|(_, call)| *call == Call::Open);
        match open {
            Some((number, _)) => Err(format!("a call is resolved once: {number} never was")),
            None => Ok(()),
        }
    }
}

impl Child {
    fn is_wanted(&self) -> bool {
        self.is_permanent && !self.is_parked
    }
}

/// I5, I6.
impl Supervisor {
    fn on_up(&mut self, key: u64, pid: Pid, living: &IdMap<Pid, ()>) -> Result<(), Broken> {
        let child = self.children.entry(key).or_default();
        let before = child.up.replace(pid).filter(|before| living.contains_key(before));
        child.is_parked = false;
        if before.is_some() {
            return Err(format!("a child lives once: two of child {key} live"));
        }
        let last = self.last_up.replace(key).filter(|last| self.keeps_order && *last >= key);
        last.map_or(Ok(()), |last| Err(format!("children start in order: {last} before {key}")))
    }

    fn on_stop(&mut self, key: u64, pid: Pid, living: &IdMap<Pid, ()>) -> Result<(), Broken> {
        let last = self.last_stop.replace((key, pid)).filter(|_| self.keeps_order);
        match last {
            Some((last, _)) if last <= key => {
                Err(format!("children stop in reverse order: {last} before {key}"))
            }
            Some((last, before)) if living.contains_key(&before) => Err(format!(
                "children stop one after the other: {last} lives, and {key} is stopped"
            )),
            _ => Ok(()),
        }
    }

    fn on_tried(&mut self, most: u32, period: Duration, now: Duration) -> Result<(), Broken> {
        self.tries.push(now);
        self.tries.retain(|at| now.saturating_sub(*at) <= period);
        match self.tries.len() > most as usize {
            true => Err(format!("intensity: more than {most} restarts in {period:?}")),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU64;

    const PERIOD: Duration = Duration::from_secs(1);

    fn pid(n: u64) -> Pid {
        Pid::new(0, 0, n)
    }

    fn born(n: u64) -> Event {
        Event::Born { pid: pid(n), parent: None, server: "Server".into() }
    }

    fn dead(n: u64) -> Event {
        Event::Dead { pid: pid(n), line: 0, why: "normal" }
    }

    fn sent(kind: &'static str) -> Event {
        Event::Sent { from: None, to: None, line: 1, tag: Tag { kind, place: 0 } }
    }

    fn taken(kind: &'static str) -> Event {
        Event::Taken { by: None, line: 1, tag: Tag { kind, place: 0 } }
    }

    fn supervisor() -> Event {
        Event::Supervisor { pid: pid(1), id: "tree".into(), keeps_order: true }
    }

    fn child(key: u64, step: Step) -> Event {
        Event::Child { supervisor: pid(1), key, step }
    }

    fn monitor(n: u64) -> MonitorRef {
        MonitorRef(NonZeroU64::new(n).expect("not 0"))
    }

    /// The last event breaks it, and none before does.
    #[track_caller]
    fn check_breaks(events: &[Event], says: &str) {
        let mut checker = Checker::default();
        let (last, before) = events.split_last().expect("an event");
        for event in before {
            assert_eq!(checker.on(event), Ok(()), "{event:?}");
        }
        let broken = checker.on(last).expect_err("the last one breaks it");
        assert!(broken.contains(says), "{broken}");
    }

    #[test]
    fn second_answer_of_a_call_is_seen() {
        check_breaks(&[Event::Called(1), Event::Filled(1), Event::Filled(1)], "answered twice");
        let again = [Event::Called(1), Event::Filled(1), Event::Resolved(1), Event::Resolved(1)];
        check_breaks(&again, "nobody gave");
    }

    #[test]
    fn call_that_is_never_resolved_is_seen() {
        let mut checker = Checker::default();
        checker.on(&Event::Called(1)).expect("a call");
        assert!(checker.at_end().expect_err("it is open").contains("1 never was"));
        checker.on(&Event::GivenUp(1)).expect("an end");
        assert_eq!(checker.at_end(), Ok(()));
    }

    #[test]
    fn answer_of_a_call_that_was_given_up_is_seen() {
        let late = [Event::Called(1), Event::GivenUp(1), Event::Filled(1)];
        check_breaks(&late, "given up, and answered");
        check_breaks(&[Event::Called(1), Event::GivenUp(1), Event::Called(1)], "share one");
        let other = [Event::Called(1), Event::GivenUp(1), Event::Freed(1), Event::Filled(1)];
        other.iter().fold(Checker::default(), |mut checker, event| {
            assert_eq!(checker.on(event), Ok(()), "another slot lies there");
            checker
        });
    }

    #[test]
    fn second_down_and_missing_down_are_seen() {
        let watched = Event::Watched { monitor: monitor(1), pid: pid(2) };
        let down = Event::Down(monitor(1));
        check_breaks(&[watched.clone(), down.clone(), down], "it gave two");
        check_breaks(&[watched, Event::Told(pid(2))], "was not told");
    }

    #[test]
    fn mail_out_of_order_and_mail_that_comes_twice_are_seen() {
        check_breaks(&[sent("a"), sent("b"), taken("b")], "`b` was handled before a `a`");
        let (first, second) = (Tag { kind: "a", place: 1 }, Tag { kind: "a", place: 2 });
        let sent_as = |tag| Event::Sent { from: None, to: None, line: 1, tag };
        let taken_first = Event::Taken { by: None, line: 1, tag: second };
        check_breaks(
            &[sent_as(first), sent_as(second), taken_first],
            "`a` was handled before a `a`",
        );
        check_breaks(&[sent("a"), taken("a"), taken("a")], "handled twice");
    }

    #[test]
    fn missing_child_is_seen_when_all_is_quiet() {
        let listed = child(1, Step::Listed { is_permanent: true });
        let mut checker = Checker::default();
        for event in [supervisor(), listed, born(2), child(1, Step::Up(pid(2)))] {
            checker.on(&event).expect("a start");
        }
        assert_eq!(checker.when_quiet(), Ok(()));
        checker.on(&dead(2)).expect("an end");
        assert!(checker.when_quiet().is_err());
        checker.on(&child(1, Step::Parked)).expect("a request");
        assert_eq!(checker.when_quiet(), Ok(()));
    }

    #[test]
    fn starts_out_of_order_are_seen() {
        let up = |key| child(key, Step::Up(pid(key + 1)));
        check_breaks(&[supervisor(), up(2), up(1)], "start in order");
        let twice = [supervisor(), born(2), up(1), Event::List(pid(1)), up(1)];
        check_breaks(&twice, "two of child 1 live");
    }

    #[test]
    fn stops_out_of_order_or_at_once_are_seen() {
        let stop = |key| child(key, Step::Stop(pid(key + 1)));
        check_breaks(&[supervisor(), stop(1), stop(2)], "stop in reverse order");
        check_breaks(&[supervisor(), born(3), stop(2), stop(1)], "one after the other");
    }

    #[test]
    fn one_restart_too_many_is_seen() {
        let tried = |millis| {
            let now = Duration::from_millis(millis);
            child(1, Step::Tried { most: 2, period: PERIOD, now })
        };
        check_breaks(&[supervisor(), tried(0), tried(500), tried(1_000)], "more than 2 restarts");
        let apart = [supervisor(), tried(0), tried(500), tried(1_001)];
        let mut checker = Checker::default();
        assert!(apart.iter().all(|event| checker.on(event).is_ok()));
    }
}
