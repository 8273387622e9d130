//! The plan against tables, and over random histories against a short model written from OTP's
//! documentation.

use std::collections::VecDeque;

use super::*;

const PERIOD: Duration = Duration::from_secs(5);
const RESTARTS: [Restart; 3] = [Restart::Permanent, Restart::Transient, Restart::Temporary];
const SHUTDOWNS: [AutoShutdown; 3] =
    [AutoShutdown::Never, AutoShutdown::AnySignificant, AutoShutdown::AllSignificant];
const STRATEGIES: [Strategy; 3] = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];

// ===== Tables =====

fn policy(strategy: Strategy, retain: Retain, max_restarts: u32) -> Policy {
    let intensity = Intensity::new(max_restarts, PERIOD);
    Policy { strategy, auto_shutdown: AutoShutdown::Never, retain, intensity }
}

fn worker(restart: Restart) -> Role {
    Role { restart, kind: ChildKind::Worker, significant: false }
}

/// A supervisor of running children called `a`, `b`, `c`.., with these restart types.
fn running(strategy: Strategy, restarts: &[Restart]) -> Plan<char> {
    let mut plan = Plan::new(policy(strategy, Retain::Spec, 3));
    for (name, restart) in ('a'..).zip(restarts) {
        let key = plan.add(worker(*restart), name);
        plan.on_started(key);
    }
    plan
}

/// One that ends with its significant children, all of these.
fn caring(auto_shutdown: AutoShutdown, restarts: &[Restart]) -> Plan<char> {
    let mut plan = running(Strategy::OneForAll, restarts);
    plan.policy.auto_shutdown = auto_shutdown;
    plan.children.values_mut().for_each(|child| child.role.significant = true);
    plan.significant = restarts.len();
    plan
}

fn key_of(plan: &Plan<char>, name: char) -> ChildKey {
    plan.children().find(|c| *c.3 == name).expect("the child is in the plan").0
}

/// Actions as text: `-c` stops, `+a` starts, `~a` forgets, `?a` retries, `!a` gives up, `#a` ends
/// with a.
fn text(plan: &Plan<char>, actions: &[Action]) -> String {
    let one = |action: &Action| {
        let (sign, key) = match action {
            Action::Stop(key) => ('-', key),
            Action::Start(key) => ('+', key),
            Action::Forget(key) => ('~', key),
            Action::Retry(key) => ('?', key),
            Action::GiveUp(key) => ('!', key),
            Action::ShutDown(key) => ('#', key),
        };
        format!("{sign}{}", plan.child(*key).expect("it is forgotten only when carried out"))
    };
    actions.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(strategy: Strategy, restarts: &[Restart], crashed: char, expected: &str) {
    let mut plan = running(strategy, restarts);
    let key = key_of(&plan, crashed);
    let actions = plan.on_exit(key, &ExitReason::Killed, Duration::ZERO);
    assert_eq!(text(&plan, &actions), expected, "{strategy:?} {restarts:?} {crashed}");
}

/// SUP-13
#[test]
fn one_for_one_restarts_only_the_crashed_child() {
    check(Strategy::OneForOne, &[Restart::Permanent; 3], 'b', "+b");
}

/// SUP-14
#[test]
fn one_for_all_stops_the_others_in_reverse_and_starts_all_in_order() {
    check(Strategy::OneForAll, &[Restart::Permanent; 3], 'b', "-c -a +a +b +c");
}

/// SUP-15
#[test]
fn rest_for_one_leaves_earlier_children_alone() {
    check(Strategy::RestForOne, &[Restart::Permanent; 3], 'b', "-c +b +c");
    check(Strategy::RestForOne, &[Restart::Permanent; 3], 'c', "+c");
}

/// SUP-16
#[test]
fn restart_types_decide_by_reason() {
    let unclean = [ExitReason::Killed, ExitReason::NoProc, ExitReason::Kill];
    for clean in [ExitReason::Normal, ExitReason::Shutdown] {
        for (restart, expected) in RESTARTS.into_iter().zip(["+a", "", "~a"]) {
            let mut plan = running(Strategy::OneForOne, &[restart]);
            let actions = plan.on_exit(ChildKey(0), &clean, Duration::ZERO);
            assert_eq!(text(&plan, &actions), expected, "{restart:?} {clean:?}");
        }
    }
    for reason in unclean {
        for (restart, expected) in RESTARTS.into_iter().zip(["+a", "+a", "~a"]) {
            let mut plan = running(Strategy::OneForOne, &[restart]);
            let actions = plan.on_exit(ChildKey(0), &reason, Duration::ZERO);
            assert_eq!(text(&plan, &actions), expected, "{restart:?} {reason:?}");
        }
    }
}

/// SUP-18
#[test]
fn child_that_is_not_restarted_moves_no_sibling() {
    let restarts = [Restart::Permanent, Restart::Temporary, Restart::Permanent];
    for strategy in STRATEGIES {
        check(strategy, &restarts, 'b', "~b");
        let mut plan = running(strategy, &[Restart::Permanent, Restart::Transient]);
        let key = key_of(&plan, 'b');
        let actions = plan.on_exit(key, &ExitReason::Normal, Duration::ZERO);
        assert_eq!((text(&plan, &actions), plan.counts().specs), (String::new(), 2));
    }
}

/// SUP-19
#[test]
fn bystanders_are_forgotten_when_temporary_and_started_when_transient() {
    use Restart::{Permanent, Temporary, Transient};
    check(Strategy::OneForAll, &[Temporary, Permanent, Transient], 'b', "-c -a ~a +b +c");

    // A transient child that had ended cleanly before is started again.
    let mut plan = running(Strategy::OneForAll, &[Transient, Permanent]);
    let (a, b) = (key_of(&plan, 'a'), key_of(&plan, 'b'));
    assert_eq!(plan.on_exit(a, &ExitReason::Normal, Duration::ZERO), []);
    let actions = plan.on_exit(b, &ExitReason::Killed, Duration::ZERO);
    assert_eq!(text(&plan, &actions), "+a +b");
}

/// SUP-22
#[test]
fn group_restart_counts_once() {
    let mut plan = running(Strategy::OneForAll, &[Restart::Permanent; 100]);
    for _ in 0..3 {
        let actions = plan.on_exit(ChildKey(7), &ExitReason::Killed, Duration::ZERO);
        assert_eq!(actions.len(), 199);
        (0..100).for_each(|key| plan.on_started(ChildKey(key)));
    }
    let actions = plan.on_exit(ChildKey(7), &ExitReason::Killed, Duration::ZERO);
    assert_eq!(actions, [Action::GiveUp(ChildKey(7))]);
}

/// SUP-23
#[test]
fn escalation_stops_what_still_runs_in_reverse_order() {
    let mut plan = running(Strategy::OneForOne, &[Restart::Permanent; 3]);
    plan.policy.intensity = Intensity::new(0, PERIOD);
    let b = key_of(&plan, 'b');
    let actions = plan.on_exit(b, &ExitReason::Killed, Duration::ZERO);
    assert_eq!(text(&plan, &actions), "!b");
    let actions = plan.on_stop();
    assert_eq!(text(&plan, &actions), "-c -a");
}

/// SUP-25
#[test]
fn failing_restart_is_tried_max_restarts_times() {
    let mut plan = running(Strategy::OneForOne, &[Restart::Permanent]);
    plan.policy.intensity = Intensity::new(5, PERIOD);
    let mut attempts = 0;
    let mut actions = plan.on_exit(ChildKey(0), &ExitReason::Killed, Duration::ZERO);
    while actions == [Action::Start(ChildKey(0))] {
        attempts += 1;
        assert_eq!(plan.on_start_failed(ChildKey(0)), [Action::Retry(ChildKey(0))]);
        actions = plan.on_retry(ChildKey(0), Duration::ZERO);
    }
    assert_eq!((attempts, actions), (5, vec![Action::GiveUp(ChildKey(0))]));
}

/// SUP-28
#[test]
fn retry_after_a_failed_group_restart_has_the_scope_of_the_strategy() {
    for (strategy, expected) in
        [(Strategy::OneForAll, "-b -a +a +b +c +d"), (Strategy::RestForOne, "+c +d")]
    {
        let mut plan = running(strategy, &[Restart::Permanent; 4]);
        let [a, b, c] = ['a', 'b', 'c'].map(|name| key_of(&plan, name));
        plan.on_exit(a, &ExitReason::Killed, Duration::ZERO);
        plan.on_started(a);
        plan.on_started(b);
        assert_eq!(plan.on_start_failed(c), [Action::Retry(c)]);

        let actions = plan.on_retry(c, Duration::ZERO);
        assert_eq!(text(&plan, &actions), expected, "{strategy:?}");
    }
}

/// SUP-27
#[test]
fn terminated_child_is_not_retried() {
    let mut plan = running(Strategy::OneForOne, &[Restart::Permanent]);
    let a = key_of(&plan, 'a');
    plan.on_exit(a, &ExitReason::Killed, Duration::ZERO);
    plan.on_start_failed(a);
    assert_eq!(plan.on_terminate_child(a), []);
    assert_eq!(plan.on_retry(a, Duration::ZERO), []);
    assert_eq!(plan.status(a), Some(Status::Stopped));
}

/// SUP-38
#[test]
fn child_added_later_is_last_for_stops_and_for_rest_for_one() {
    let mut plan = running(Strategy::RestForOne, &[Restart::Permanent; 2]);
    let late = plan.add(worker(Restart::Permanent), 'z');
    plan.on_started(late);
    let b = key_of(&plan, 'b');
    let actions = plan.on_exit(b, &ExitReason::Killed, Duration::ZERO);
    assert_eq!(text(&plan, &actions), "-z +b +z");
    [b, late].into_iter().for_each(|key| plan.on_started(key));
    let actions = plan.on_stop();
    assert_eq!(text(&plan, &actions), "-z -b -a");
}

/// DYN-8
#[test]
fn dynamic_child_that_ended_for_good_leaves_no_trace() {
    for restart in [Restart::Transient, Restart::Temporary] {
        let mut plan = Plan::new(policy(Strategy::OneForOne, Retain::Nothing, 3));
        let key = plan.add(worker(restart), 'a');
        plan.on_started(key);
        let actions = plan.on_exit(key, &ExitReason::Normal, Duration::ZERO);
        assert_eq!(actions, [Action::Forget(key)]);
        assert_eq!(plan.forget(key), Some('a'));
        assert_eq!(plan.counts(), Counts::default());
    }
}

/// SUP-42, SUP-43
#[test]
fn only_a_stopped_child_is_restarted_or_deleted_on_request() {
    let mut plan = running(Strategy::OneForOne, &[Restart::Permanent]);
    let a = key_of(&plan, 'a');
    assert_eq!(plan.on_restart_child(a), Err(Status::Running));
    assert_eq!(plan.on_delete_child(a), Err(Status::Running));
    plan.on_exit(a, &ExitReason::Killed, Duration::ZERO);
    plan.on_start_failed(a);
    assert_eq!(plan.on_restart_child(a), Err(Status::Restarting));
    assert_eq!(plan.on_delete_child(a), Err(Status::Restarting));
    plan.on_terminate_child(a);
    assert_eq!(plan.on_restart_child(a), Ok(()));
    assert_eq!(plan.on_delete_child(a), Ok(Action::Forget(a)));
}

/// SUP-47
#[test]
fn any_significant_child_that_ends_by_itself_ends_the_supervisor() {
    use Restart::{Permanent, Temporary, Transient};
    for (restart, clean, expected) in [
        (Transient, true, "#b"),
        (Transient, false, "-a +a +b"),
        (Temporary, true, "~b #b"),
        (Temporary, false, "~b #b"),
    ] {
        let mut plan = caring(AutoShutdown::AnySignificant, &[Permanent, restart]);
        let b = key_of(&plan, 'b');
        let reason = if clean { ExitReason::Normal } else { ExitReason::Killed };
        let actions = plan.on_exit(b, &reason, Duration::ZERO);
        assert_eq!(text(&plan, &actions), expected, "{restart:?} {reason}");
    }

    let mut plan = caring(AutoShutdown::AnySignificant, &[Transient; 2]);
    plan.children.values_mut().for_each(|child| child.role.significant = false);
    assert_eq!(plan.on_exit(ChildKey(0), &ExitReason::Normal, Duration::ZERO), []);
}

/// SUP-48
#[test]
fn last_significant_child_that_ends_by_itself_ends_the_supervisor() {
    let mut plan = caring(AutoShutdown::AllSignificant, &[Restart::Transient; 3]);
    let [a, b, c] = ['a', 'b', 'c'].map(|name| key_of(&plan, name));
    assert_eq!(plan.on_exit(b, &ExitReason::Normal, Duration::ZERO), []);

    // One that is restarting has not ended.
    plan.on_exit(a, &ExitReason::Killed, Duration::ZERO);
    [b, c].into_iter().for_each(|key| plan.on_started(key));
    plan.on_start_failed(a);
    for key in [b, c] {
        assert_eq!(plan.on_exit(key, &ExitReason::Shutdown, Duration::ZERO), []);
    }
    plan.on_started(a);
    assert_eq!(plan.on_exit(a, &ExitReason::Shutdown, Duration::ZERO), [Action::ShutDown(a)]);
}

/// SUP-49
#[test]
fn significant_child_that_was_stopped_ends_nobody() {
    for auto_shutdown in [AutoShutdown::AnySignificant, AutoShutdown::AllSignificant] {
        let mut plan = caring(auto_shutdown, &[Restart::Temporary, Restart::Transient]);
        let [a, b] = ['a', 'b'].map(|name| key_of(&plan, name));
        let actions = plan.on_exit(b, &ExitReason::Killed, Duration::ZERO);
        assert_eq!(text(&plan, &actions), "-a ~a +b", "{auto_shutdown:?}");
        plan.forget(a);
        plan.on_started(b);
        assert_eq!(plan.on_terminate_child(b), [Action::Stop(b)]);
    }
}

// ===== The model =====

/// How the start of child `id` goes for the `nth` time.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Outcome {
    Ok,
    Ignore,
    Error,
}

/// What an observer of a supervisor sees, in order.
#[derive(PartialEq, Debug)]
enum Seen {
    Start(u32, Outcome),
    Stop(u32),
    /// The supervisor.
    Ended,
}

/// Two children of three that may be.
fn is_significant(id: u32, restart: Restart) -> bool {
    restart != Restart::Permanent && !id.is_multiple_of(3)
}

/// The children's own behaviour, the same for the plan and the model.
struct World {
    seed: u64,
    starts: Vec<u32>,
    seen: Vec<Seen>,
    retries: VecDeque<u32>,
    over: bool,
}

impl World {
    const fn new(seed: u64) -> Self {
        let retries = VecDeque::new();
        Self { seed, starts: Vec::new(), seen: Vec::new(), retries, over: false }
    }

    fn start(&mut self, id: u32) -> Outcome {
        self.starts.resize(self.starts.len().max(id as usize + 1), 0);
        let nth = &mut self.starts[id as usize];
        *nth += 1;
        let dice = Dice(self.seed ^ (u64::from(id) << 32) ^ u64::from(*nth)).roll(16);
        let outcome = match dice {
            0..4 => Outcome::Error,
            4 => Outcome::Ignore,
            _ => Outcome::Ok,
        };
        self.seen.push(Seen::Start(id, outcome));
        outcome
    }
}

/// A small generator (splitmix), enough to draw histories.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ (x >> 31)) % sides
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.roll(from.len() as u64)).expect("an index")]
    }
}

/// OTP's supervisor as its documentation tells it: a list of children and no thought about cost.
struct Model {
    strategy: Strategy,
    auto_shutdown: AutoShutdown,
    retain: Retain,
    max_restarts: usize,
    children: Vec<(u32, Restart, Status)>,
    restarts: Vec<Duration>,
    world: World,
}

impl Model {
    fn start_child(&mut self, id: u32, restart: Restart) {
        match self.world.start(id) {
            Outcome::Ok => self.children.push((id, restart, Status::Running)),
            Outcome::Ignore => {
                self.children.push((id, restart, Status::Stopped));
                self.drop_if_gone(id);
            }
            Outcome::Error => {}
        }
    }

    /// "If a child is temporary, its specification is deleted when it ends."
    fn drop_if_gone(&mut self, id: u32) {
        let all = self.retain == Retain::Nothing;
        self.children.retain(|c| c.0 != id || !(all || c.1 == Restart::Temporary));
    }

    fn exit(&mut self, id: u32, clean: bool, now: Duration) {
        let child = self.children.iter_mut().find(|c| c.0 == id).expect("it runs");
        child.2 = Status::Stopped;
        match (child.1, clean) {
            (Restart::Permanent, _) | (Restart::Transient, false) => self.restart(id, now),
            (Restart::Transient, true) | (Restart::Temporary, _) => {
                let restart = child.1;
                self.drop_if_gone(id);
                self.auto_shutdown(id, restart);
            }
        }
    }

    /// "`any_significant`: when any significant child terminates; `all_significant`: when the last
    /// active significant child terminates."
    fn auto_shutdown(&mut self, id: u32, restart: Restart) {
        let mut all = self.children.iter();
        let left = all.any(|c| is_significant(c.0, c.1) && c.2 != Status::Stopped);
        let ends = match self.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => !left,
        };
        if ends && is_significant(id, restart) {
            self.stop_all();
        }
    }

    fn stop_all(&mut self) {
        for child in self.children.iter().rev().filter(|c| c.2 == Status::Running) {
            self.world.seen.push(Seen::Stop(child.0));
        }
        self.world.seen.push(Seen::Ended);
        self.world.over = true;
    }

    fn restart_child(&mut self, id: u32) -> Option<Status> {
        let child = self.children.iter_mut().find(|c| c.0 == id)?;
        if child.2 != Status::Stopped {
            return Some(child.2);
        }
        if self.world.start(id) == Outcome::Ok {
            child.2 = Status::Running;
        }
        None
    }

    fn delete_child(&mut self, id: u32) -> Option<Status> {
        let status = self.children.iter().find(|c| c.0 == id)?.2;
        if status != Status::Stopped {
            return Some(status);
        }
        self.children.retain(|c| c.0 != id);
        None
    }

    fn retry(&mut self, id: u32, now: Duration) {
        let waits = |c: &&(u32, Restart, Status)| c.0 == id && c.2 == Status::Restarting;
        if self.children.iter().any(|c| waits(&c)) {
            self.restart(id, now);
        }
    }

    fn terminate_child(&mut self, id: u32) {
        let Some(child) = self.children.iter_mut().find(|c| c.0 == id) else { return };
        if child.2 == Status::Running {
            self.world.seen.push(Seen::Stop(id));
        }
        child.2 = Status::Stopped;
        self.drop_if_gone(id);
    }

    /// "More than `max_restarts` in the last `period`: terminates all children and then itself."
    fn restart(&mut self, id: u32, now: Duration) {
        self.restarts.push(now);
        if self.restarts.iter().filter(|t| now - **t <= PERIOD).count() > self.max_restarts {
            return self.stop_all();
        }
        let at = self.children.iter().position(|c| c.0 == id).expect("it is a child");
        let mut group = match self.strategy {
            Strategy::OneForOne => {
                let (id, _, status) = &mut self.children[at];
                let id = *id;
                Self::start_again(&mut self.world, id, status);
                let ignored = *status == Status::Stopped;
                if ignored {
                    self.drop_if_gone(id);
                }
                return;
            }
            Strategy::OneForAll => std::mem::take(&mut self.children),
            Strategy::RestForOne => self.children.split_off(at),
        };
        for child in group.iter().rev().filter(|c| c.0 != id && c.2 == Status::Running) {
            self.world.seen.push(Seen::Stop(child.0));
        }
        group.retain(|c| c.1 != Restart::Temporary);
        group.iter_mut().for_each(|c| c.2 = Status::Stopped);
        for (id, _, status) in &mut group {
            Self::start_again(&mut self.world, *id, status);
            if *status == Status::Restarting {
                break;
            }
        }
        self.children.append(&mut group);
    }

    fn start_again(world: &mut World, id: u32, status: &mut Status) {
        *status = match world.start(id) {
            Outcome::Ok => Status::Running,
            Outcome::Ignore => Status::Stopped,
            Outcome::Error => {
                world.retries.push_back(id);
                Status::Restarting
            }
        };
    }
}

/// What `server.rs` does with a plan, without processes.
struct Driver {
    plan: Plan<u32>,
    world: World,
}

impl Driver {
    fn key(&self, id: u32) -> ChildKey {
        self.plan.children().find(|c| *c.3 == id).expect("a child").0
    }

    fn id(&self, key: ChildKey) -> u32 {
        *self.plan.child(key).expect("a child")
    }

    fn start_child(&mut self, id: u32, restart: Restart) {
        let significant = is_significant(id, restart);
        let key = self.plan.add(Role { significant, ..worker(restart) }, id);
        match self.world.start(id) {
            Outcome::Ok => self.plan.on_started(key),
            Outcome::Ignore => {
                let actions = self.plan.on_ignored(key);
                self.carry_out(actions);
            }
            Outcome::Error => drop(self.plan.forget(key)),
        }
    }

    fn restart_child(&mut self, id: u32) -> Option<Status> {
        let key = self.key(id);
        if let Err(busy) = self.plan.on_restart_child(key) {
            return Some(busy);
        }
        if self.world.start(id) == Outcome::Ok {
            self.plan.on_started(key);
        }
        None
    }

    fn delete_child(&mut self, id: u32) -> Option<Status> {
        match self.plan.on_delete_child(self.key(id)) {
            Ok(action) => self.carry_out(vec![action]),
            Err(busy) => return Some(busy),
        }
        None
    }

    fn carry_out(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Stop(key) => self.world.seen.push(Seen::Stop(self.id(key))),
                Action::Forget(key) => drop(self.plan.forget(key)),
                Action::Retry(key) => self.world.retries.push_back(self.id(key)),
                Action::GiveUp(_) | Action::ShutDown(_) => {
                    let actions = self.plan.on_stop();
                    self.carry_out(actions);
                    self.world.seen.push(Seen::Ended);
                    self.world.over = true;
                }
                Action::Start(key) => match self.world.start(self.id(key)) {
                    Outcome::Ok => self.plan.on_started(key),
                    Outcome::Ignore => {
                        let actions = self.plan.on_ignored(key);
                        self.carry_out(actions);
                    }
                    Outcome::Error => {
                        let actions = self.plan.on_start_failed(key);
                        return self.carry_out(actions);
                    }
                },
            }
        }
    }

    fn children(&self) -> Vec<(u32, Restart, Status)> {
        self.plan.children.values().map(|e| (e.child, e.role.restart, e.status)).collect()
    }
}

#[track_caller]
fn check_same(driver: &Driver, model: &Model, seed: u64) {
    assert_eq!(driver.world.seen, model.world.seen, "seed {seed}");
    assert_eq!(driver.world.retries, model.world.retries, "seed {seed}");
    assert_eq!(driver.world.over, model.world.over, "seed {seed}");
    if driver.world.over {
        return;
    }
    assert_eq!(driver.children(), model.children, "seed {seed}");
    let active = model.children.iter().filter(|c| c.2 == Status::Running).count();
    let counts = driver.plan.counts();
    assert_eq!((counts.specs, counts.active), (model.children.len(), active), "seed {seed}");
}

/// One random history of a supervisor, told to the plan and to the model.
fn check_history(seed: u64, retain: Retain) {
    let mut dice = Dice(seed);
    let (strategy, auto_shutdown) = match retain {
        Retain::Spec => (dice.pick(&STRATEGIES), dice.pick(&SHUTDOWNS)),
        Retain::Nothing => (Strategy::OneForOne, AutoShutdown::Never),
    };
    let max_restarts = u32::try_from(dice.roll(8)).expect("below eight");
    let policy = Policy { auto_shutdown, ..policy(strategy, retain, max_restarts) };
    let mut driver = Driver { plan: Plan::new(policy), world: World::new(seed) };
    let (max_restarts, children, restarts) = (max_restarts as usize, Vec::new(), Vec::new());
    let world = World::new(seed);
    let mut model =
        Model { strategy, auto_shutdown, retain, max_restarts, children, restarts, world };

    let (mut now, mut ids) = (Duration::ZERO, 0);
    for _ in 0..60 {
        if model.world.over {
            break;
        }
        now += Duration::from_millis(500 * dice.roll(6));
        if dice.roll(4) == 0 {
            let restart = dice.pick(&RESTARTS);
            driver.start_child(ids, restart);
            model.start_child(ids, restart);
            ids += 1;
        } else {
            step(&mut driver, &mut model, &mut dice, now);
        }
        check_same(&driver, &model, seed);
    }
}

/// Something happens to a supervisor, or it is asked for something.
fn step(driver: &mut Driver, model: &mut Model, dice: &mut Dice, now: Duration) {
    let running: Vec<u32> =
        model.children.iter().filter(|c| c.2 == Status::Running).map(|c| c.0).collect();
    match dice.roll(8) {
        0 | 1 => retry(driver, model, now),
        at @ 2..5 if !model.children.is_empty() => ask(driver, model, at, dice),
        _ if !running.is_empty() => {
            let (id, clean) = (dice.pick(&running), dice.roll(3) == 0);
            let reason = if clean { ExitReason::Shutdown } else { ExitReason::Killed };
            let actions = driver.plan.on_exit(driver.key(id), &reason, now);
            driver.carry_out(actions);
            model.exit(id, clean, now);
        }
        _ => {}
    }
}

fn ask(driver: &mut Driver, model: &mut Model, what: u64, dice: &mut Dice) {
    let id = dice.pick(&model.children).0;
    match what {
        2 => {
            let actions = driver.plan.on_terminate_child(driver.key(id));
            driver.carry_out(actions);
            model.terminate_child(id);
        }
        3 => assert_eq!(driver.restart_child(id), model.restart_child(id)),
        _ => assert_eq!(driver.delete_child(id), model.delete_child(id)),
    }
}

fn retry(driver: &mut Driver, model: &mut Model, now: Duration) {
    let Some(id) = driver.world.retries.pop_front() else { return };
    model.world.retries.pop_front();
    let child = driver.plan.children().find(|c| *c.3 == id).map(|c| c.0);
    if let Some(key) = child {
        let actions = driver.plan.on_retry(key, now);
        driver.carry_out(actions);
    }
    model.retry(id, now);
}

/// SUP-16, SUP-28, SUP-48
#[test]
fn supervisor_histories_agree_with_the_model() {
    (0..20_000).for_each(|seed| check_history(seed, Retain::Spec));
}

/// DYN-8, DYN-11
#[test]
fn dynamic_supervisor_histories_agree_with_the_model() {
    (0..20_000).for_each(|seed| check_history(seed, Retain::Nothing));
}
