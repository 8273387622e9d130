//! The queue against tables: one rule each, its smallest case.
use super::machine::{Change, Coming, Due, Leads, Machine, Outcome, Set, Which};

type Queue = Machine<char, u32, u64>;

fn queue() -> Queue {
    Machine::new('a')
}

fn outcome(leads: Leads<char>) -> Outcome<char, u32> {
    Outcome { leads, postponed: None, injected: Vec::new() }
}

fn to(state: char) -> Outcome<char, u32> {
    outcome(Leads::To(state))
}

fn keep() -> Outcome<char, u32> {
    outcome(Leads::Keep)
}

fn postpone(event: u32) -> Outcome<char, u32> {
    Outcome { postponed: Some(event), ..keep() }
}

fn at(which: Which, time: u64) -> Set<u32, u64> {
    Set { which, change: Change::Start(Due::At(time), None) }
}

fn at_once(which: Which) -> Set<u32, u64> {
    Set { which, change: Change::Start(Due::AtOnce, None) }
}

/// Everything that comes before the mailbox, when each event is kept in its state.
fn rest(queue: &mut Queue) -> Vec<Coming<u32>> {
    let mut seen = Vec::new();
    while let Some(coming) = queue.next() {
        seen.push(coming);
        queue.settle(keep());
    }
    seen
}

fn events(queue: &mut Queue) -> Vec<u32> {
    let number = |coming| match coming {
        Coming::Event(event) | Coming::Timeout(_, Some(event)) => event,
        Coming::Timeout(_, None) => 0,
    };
    rest(queue).into_iter().map(number).collect()
}

const NAMED: Which = Which::Named("n");

#[test]
fn injected_events_come_before_those_that_are_tried_again() {
    let mut queue = queue();
    queue.settle(postpone(1));
    queue.settle(postpone(2));
    queue.settle(Outcome { injected: vec![11, 12], ..to('b') });
    assert_eq!(events(&mut queue), [11, 12, 1, 2]);
}

#[test]
fn what_an_injected_event_injects_comes_before_the_others() {
    let mut queue = queue();
    queue.settle(Outcome { injected: vec![1, 2], ..keep() });
    assert_eq!(queue.next(), Some(Coming::Event(1)));
    queue.settle(Outcome { injected: vec![11], ..keep() });
    assert_eq!(events(&mut queue), [11, 2]);
}

#[test]
fn what_is_postponed_waits_for_another_state() {
    let mut queue = queue();
    queue.settle(postpone(1));
    for same in [Leads::Keep, Leads::Repeat, Leads::To('a')] {
        queue.settle(outcome(same));
        assert_eq!(queue.next(), None);
    }
    queue.settle(to('b'));
    assert_eq!(events(&mut queue), [1]);
}

#[test]
fn a_state_is_entered_when_it_changes_or_is_repeated() {
    let mut queue = queue();
    assert_eq!(queue.settle(keep()), None);
    assert_eq!(queue.settle(to('a')), None);
    assert_eq!(queue.settle(outcome(Leads::Repeat)), Some('a'));
    assert_eq!(queue.settle(to('b')), Some('a'));
    assert_eq!(*queue.state(), 'b');
}

/// FSM-9, FSM-10: a timeout that goes on where no clause is for it, or where `#[idle]` arms it
/// anew, shows in the machine alone.
// break: FSM-9 runtime/cordial/src/gen_statem/machine.rs `self.stop(Which::State);` =>
//     `self.stop(Which::Event);`
// break: FSM-10 runtime/cordial/src/gen_statem/machine.rs `self.stop(Which::Event);` =>
//     `self.stop(Which::State);`
#[test]
fn a_new_state_cancels_the_state_timeout_and_an_event_the_event_timeout() {
    let mut queue = queue();
    let armed = [Which::State, Which::Event, NAMED];
    queue.set(armed.map(|which| at(which, 5)));
    queue.settle(keep());
    assert_eq!(armed.map(|which| queue.runs(which)), [true, false, true]);
    queue.settle(to('a'));
    assert_eq!(armed.map(|which| queue.runs(which)), [true, false, true]);
    queue.settle(to('b'));
    assert_eq!(armed.map(|which| queue.runs(which)), [false, false, true]);
}

#[test]
fn a_timeout_armed_with_a_change_belongs_to_the_new_state() {
    let mut queue = queue();
    queue.settle(to('b'));
    queue.set([at(Which::State, 5), at(Which::Event, 6)]);
    assert!(queue.runs(Which::State) && queue.runs(Which::Event));
}

#[test]
fn arming_again_replaces_and_an_update_keeps_the_time() {
    let mut queue = queue();
    let start =
        |time, event| Set { which: NAMED, change: Change::Start(Due::At(time), Some(event)) };
    let update = |event| Set { which: NAMED, change: Change::Update(Some(event)) };
    queue.set([start(5, 1), start(9, 2)]);
    assert_eq!((queue.due(8), queue.earliest()), (None, Some(9)));
    queue.set([update(3)]);
    assert_eq!(queue.due(9), Some(Coming::Timeout(NAMED, Some(3))));
    queue.set([update(4)]);
    assert_eq!(queue.next(), Some(Coming::Timeout(NAMED, Some(4))), "what does not run fires");
    queue.set([start(5, 1), Set { which: NAMED, change: Change::Cancel }]);
    assert_eq!(queue.earliest(), None);
    queue.set([start(5, 1), update(2)]);
    assert_eq!(queue.next(), Some(Coming::Timeout(NAMED, Some(2))), "the last word counts");
}

#[test]
fn timeouts_that_are_due_at_once_come_last_in_their_order() {
    let mut queue = queue();
    queue.settle(Outcome { injected: vec![1], ..keep() });
    queue.set([at_once(NAMED), at_once(Which::State)]);
    let named = Coming::Timeout(NAMED, None);
    let state = Coming::Timeout(Which::State, None);
    assert_eq!(rest(&mut queue), [Coming::Event(1), named, state]);
}

#[test]
fn an_event_timeout_at_once_comes_unless_anything_else_does() {
    let mut queue = queue();
    queue.settle(keep());
    queue.set([at_once(Which::Event)]);
    assert_eq!(rest(&mut queue), [Coming::Timeout(Which::Event, None)]);
    queue.settle(Outcome { injected: vec![1], ..keep() });
    queue.set([at_once(Which::Event)]);
    assert_eq!(rest(&mut queue), [Coming::Event(1)]);
}

#[test]
fn of_timeouts_that_are_due_the_earliest_comes_first() {
    let mut queue = queue();
    queue.set([at(NAMED, 7), at(Which::State, 5), at(Which::Event, 7)]);
    assert_eq!(queue.due(4), None);
    assert_eq!(queue.due(9), Some(Coming::Timeout(Which::State, None)));
    assert_eq!(queue.due(9), Some(Coming::Timeout(NAMED, None)), "of two, what was armed first");
}

#[test]
fn another_state_put_in_place_is_no_transition() {
    let mut queue = queue();
    queue.settle(postpone(1));
    queue.set([at(Which::State, 5)]);
    queue.replace_state('b');
    assert_eq!((queue.next(), queue.earliest()), (None, Some(5)));
    assert_eq!(queue.postponed(), 1);
}
