//! Run queues: what is put there is run, once, however the dispatchers go to sleep.
use super::rig::{Dispatchers, begin, block_on, end, explore, so_many, spawn};
use crate::mailbox::{Answer, ReplyTo};
use crate::rt::dispatch::{Dispatch, Entry, Ran, Runnable};
use crate::rt::sync::Lock;
use crate::rt::watch::Beat;
use std::sync::Arc;

/// Says what became of it, once.
struct Once(Lock<Option<ReplyTo<Fate>>>);

#[derive(PartialEq, Eq, Debug, Clone, Copy)]
enum Fate {
    Run,
    Abandoned,
}

impl Once {
    fn made() -> (Arc<dyn Runnable>, Answer<Fate>) {
        let (from, fate) = ReplyTo::pair();
        (Arc::new(Self(Lock::new(Some(from)))), fate)
    }

    fn tell(&self, fate: Fate) {
        let from = self.0.lock().take();
        from.expect("what is put in a queue once comes out once").reply(fate);
    }
}

impl Runnable for Once {
    fn run(&self, _: u32, _: Entry, _: &Beat) -> Ran {
        self.tell(Fate::Run);
        Ran::Done
    }
    fn abandon(self: Arc<Self>) {
        self.tell(Fate::Abandoned);
    }
}

/// The dispatcher goes to sleep while somebody pushes (D4).
#[test]
fn push_wakes_the_dispatcher_that_goes_to_sleep() {
    explore(5, || {
        begin();
        let dispatch = Dispatch::modelled(1);
        let dispatchers = Dispatchers::of(&dispatch, 1);
        let pushers: Vec<_> = (0..so_many(0, 3))
            .map(|_| {
                let dispatch = dispatch.clone();
                spawn(move || {
                    let (runnable, fate) = Once::made();
                    dispatch.schedule(runnable);
                    assert_eq!(block_on(fate), Some(Fate::Run));
                })
            })
            .collect();
        let (runnable, fate) = Once::made();
        dispatch.schedule(runnable);
        assert_eq!(block_on(fate), Some(Fate::Run));
        for pusher in pushers {
            pusher.join().expect("a pusher does not fail");
        }
        end();
        drop(dispatchers);
    });
}

/// Who asks has a dispatcher woken by the executor, if all of them sleep (D8).
#[test]
fn question_wakes_the_dispatcher_that_goes_to_sleep() {
    explore(2, || {
        begin();
        let dispatch = Dispatch::modelled(2);
        let dispatchers = Dispatchers::of(&dispatch, 2);
        let (runnable, fate) = Once::made();
        dispatch.schedule_asked(runnable);
        assert_eq!(block_on(fate), Some(Fate::Run));
        end();
        drop(dispatchers);
    });
}

/// Who waits after his question wakes nobody if a dispatcher is coming (D8).
#[test]
fn waiting_wakes_a_dispatcher_unless_one_is_coming() {
    explore(2, || {
        begin();
        let dispatch = Dispatch::modelled(2);
        let dispatchers = Dispatchers::of(&dispatch, 2);
        let (asked, first) = Once::made();
        let (awaited, second) = Once::made();
        dispatch.schedule_asked(asked);
        dispatch.schedule_asked(awaited);
        dispatch.wake_unless_coming();
        assert_eq!(block_on(first), Some(Fate::Run));
        assert_eq!(block_on(second), Some(Fate::Run));
        end();
        drop(dispatchers);
    });
}

/// Two dispatchers share what one pusher leaves (D3, D4).
#[test]
fn entry_is_run_once_by_one_of_two_dispatchers() {
    explore(1, || {
        begin();
        let dispatch = Dispatch::modelled(2);
        let dispatchers = Dispatchers::of(&dispatch, 2);
        let fates: Vec<_> = (0..so_many(3, 6))
            .map(|_| {
                let (runnable, fate) = Once::made();
                dispatch.schedule(runnable);
                fate
            })
            .collect();
        for fate in fates {
            assert_eq!(block_on(fate), Some(Fate::Run));
        }
        end();
        drop(dispatchers);
    });
}

/// Somebody pushes while the runtime goes away (D6).
#[test]
fn entry_is_run_or_abandoned_when_the_dispatchers_go() {
    explore(3, || {
        begin();
        let dispatch = Dispatch::modelled(1);
        let dispatchers = Dispatchers::of(&dispatch, 1);
        let pushers: Vec<_> = (0..so_many(1, 3))
            .map(|_| {
                let dispatch = dispatch.clone();
                spawn(move || {
                    let (runnable, fate) = Once::made();
                    dispatch.schedule(runnable);
                    assert!(block_on(fate).is_some());
                })
            })
            .collect();
        drop(dispatchers);
        for pusher in pushers {
            pusher.join().expect("a pusher does not fail");
        }
    });
}
