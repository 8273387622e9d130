//! The reply cell: an answer, or why there is none, reaches who waits once, whoever is first.
use super::rig::{begin, block_on, explore, spawn};
use crate::mailbox::{Lost, ReplyTo, Slot};
use crate::pid::Pid;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

fn pair() -> (ReplyTo<u8>, Arc<Slot<u8>>) {
    let slot = Slot::new(Pid::of_node(0));
    (ReplyTo::new(slot.clone()), slot)
}

fn wait(slot: &Slot<u8>) -> Result<u8, Lost> {
    block_on(poll_fn(|cx| slot.poll(cx)))
}

/// Who waits has said so before he sleeps, or finds the answer (R1).
#[test]
fn answer_wakes_who_waits() {
    explore(4, || {
        begin();
        let (from, slot) = pair();
        let answers = spawn(move || from.reply(7));
        assert_eq!(wait(&slot), Ok(7));
        answers.join().expect("answering does not fail");
    });
}

/// So does the drop of a handle (R3).
#[test]
fn handle_that_is_dropped_wakes_who_waits() {
    explore(4, || {
        begin();
        let (from, slot) = pair();
        let drops = spawn(move || drop(from));
        assert_eq!(wait(&slot), Err(Lost::Dropped));
        drops.join().expect("dropping does not fail");
    });
}

/// Two of them race, and who waits sees the first (R1).
#[test]
fn first_answer_counts() {
    explore(4, || {
        begin();
        let (from, slot) = pair();
        let answers = spawn(move || from.reply(7));
        let closes = {
            let slot = slot.clone();
            spawn(move || slot.fill(Err(Lost::Dropped)))
        };
        let first = wait(&slot);
        assert!(matches!(first, Ok(7) | Err(Lost::Dropped)), "{first:?}");
        answers.join().expect("answering does not fail");
        closes.join().expect("closing does not fail");
        // What was taken is not there a second time.
        assert_eq!(wait(&slot), Err(Lost::Dropped));
    });
}

/// Whoever gives up takes the answer or lets it go; it is nowhere afterwards (R2).
#[test]
fn answer_to_who_gives_up_is_dropped() {
    explore(4, || {
        begin();
        let (from, slot) = (Slot::<Arc<()>>::new(Pid::of_node(0)), Arc::new(()));
        let (slot, answer) = (from, slot);
        let answers = {
            let (from, answer) = (ReplyTo::new(slot.clone()), answer.clone());
            spawn(move || from.reply(answer))
        };
        let polled = block_on(poll_fn(|cx| Poll::Ready(slot.poll(cx))));
        slot.give_up();
        answers.join().expect("answering does not fail");
        drop(polled);
        assert_eq!(Arc::strong_count(&answer), 1, "the answer is kept by nobody");
    });
}

/// A timer nudges who waits while the answer comes.
#[test]
fn nudge_takes_no_answer_away() {
    explore(4, || {
        begin();
        let (from, slot) = pair();
        let answers = spawn(move || from.reply(7));
        let nudges = {
            let slot = slot.clone();
            spawn(move || slot.nudge())
        };
        assert_eq!(wait(&slot), Ok(7));
        answers.join().expect("answering does not fail");
        nudges.join().expect("nudging does not fail");
    });
}
