//! Traces of all servers of a type.
use crate::support::{Clerk, ClerkMsg, ClerkRef, Door};
use cordial::prelude::*;
use cordial::sys::{self, Filter, Handled, Limit, Outcome, Trace, TraceEnd};
use cordial::test::{advance, restarted, start_supervised, sync};
use cordial::{Agent, process};

async fn clerk() -> ClerkRef {
    Clerk::start(Clerk::default()).await.unwrap()
}

fn pid(clerk: &ClerkRef) -> Pid {
    gen_server::whereis(clerk).unwrap()
}

/// All that was taken; what comes later is waited for by nobody.
async fn taken(trace: &mut Trace) -> Vec<(Pid, &'static str)> {
    let mut taken = Vec::new();
    while let Some(Handled { pid, kind, .. }) = trace.next().await {
        taken.push((pid, kind));
    }
    taken
}

/// Of those that ran before, and those that start later; of no other type.
#[cordial::test]
async fn type_is_traced_in_all_its_servers_up_to_one_limit() {
    let (early, other) = (clerk().await, Agent::start(|| 0).await.unwrap());
    let mut trace = sys::trace_type::<Clerk>(Filter::kinds(["note"]), Limit::count(3));
    other.update(|value| *value += 1).await.unwrap();
    let late = clerk().await;
    early.note(1);
    sync(&early).await;
    late.note(2);
    late.done().await.unwrap();
    early.note(3);
    sync(&early).await;
    late.note(4);
    sync(&late).await;
    assert_eq!(trace.ended(), Some(TraceEnd::Count));
    let expected = [&early, &late, &early].map(|clerk| (pid(clerk), "note"));
    assert_eq!(taken(&mut trace).await, expected);
    let after = clerk().await;
    after.note(5);
    sync(&after).await;
    assert!(trace.next().await.is_none());
}

/// Also one that waits for something, and one that stands still.
#[cordial::test]
async fn server_that_is_busy_or_suspended_is_traced_from_its_next_message_on() {
    let (busy, still, door) = (clerk().await, clerk().await, Door::default());
    busy.wait_for(door.clone(), 1);
    sys::suspend(&still).await.unwrap();
    let mut trace = sys::trace_type::<Clerk>(Filter::all(), Limit::count(2));
    busy.note(2);
    still.note(3);
    advance(secs(1)).await;
    assert_eq!(trace.ended(), None);
    sys::resume(&still).await.unwrap();
    sync(&still).await;
    door.open();
    let expected = [(pid(&still), "note"), (pid(&busy), "note")];
    assert_eq!(taken(&mut trace).await, expected);
}

/// Whoever takes the place of a server that crashed is of the type, too.
#[cordial::test]
async fn trace_of_a_type_outlives_its_servers() {
    let clerk = start_supervised!(Clerk::child_spec(Clerk::default()));
    let mut trace = sys::trace_type::<Clerk>(Filter::all(), Limit::count(2));
    let again = restarted(&clerk);
    clerk.burst();
    again.await;
    clerk.note(1);
    let first = trace.next().await.unwrap();
    let second = trace.next().await.unwrap();
    assert_eq!((first.kind, first.outcome), ("burst", Outcome::Panicked));
    assert_eq!((second.kind, second.pid), ("note", pid(&clerk)));
    assert_ne!(first.pid, second.pid);
}

/// Its filter is dropped with it, as far as no server has it.
#[cordial::test]
async fn trace_of_a_type_ends_when_it_is_dropped_and_after_a_minute() {
    let told = std::sync::Arc::new(());
    let held = told.clone();
    let filter = Filter::by(move |_: &ClerkMsg| std::sync::Arc::strong_count(&held) > 0);
    drop(sys::trace_type::<Clerk>(filter, Limit::count(9)));
    assert_eq!(std::sync::Arc::strong_count(&told), 1);

    let mut trace = sys::trace_type::<Clerk>(Filter::all(), Limit::rate(1, secs(1)));
    let began = process::now();
    assert!(trace.next().await.is_none());
    assert_eq!((trace.ended(), process::now() - began), (Some(TraceEnd::Time), secs(60)));
    let late = clerk().await;
    late.note(1);
    sync(&late).await;
    assert!(trace.next().await.is_none());
}

/// Each takes what it wants, beside counts and what is kept of one server.
#[cordial::test]
async fn traces_of_a_type_stand_beside_each_other() {
    let clerk = clerk().await;
    sys::count::<Clerk>(true);
    sys::keep_statistics(&clerk, true).unwrap();
    let mut own = sys::trace(&clerk, Filter::all(), Limit::count(2)).unwrap();
    let mut notes = sys::trace_type::<Clerk>(Filter::kinds(["note"]), Limit::count(1));
    let mut calls = sys::trace_type::<Clerk>(Filter::kinds(["done"]), Limit::count(1));
    clerk.note(1);
    clerk.done().await.unwrap();
    assert_eq!(taken(&mut notes).await, [(pid(&clerk), "note")]);
    assert_eq!(taken(&mut calls).await, [(pid(&clerk), "done")]);
    assert_eq!(taken(&mut own).await, [(pid(&clerk), "note"), (pid(&clerk), "done")]);
    assert_eq!(sys::counts::<Clerk>().unwrap().handled, 2);
    assert_eq!(sys::statistics(&clerk).unwrap().handled, 2);
}

/// It is asked as one of those that are there, and asks itself when it begins.
#[cordial::test]
async fn server_that_is_just_starting_is_traced_once() {
    let door = Door::default();
    let start = Slow::start(door.clone());
    let start = process::spawn_monitor(async |_: process::Mailbox<()>| {
        let slow = start.await.unwrap();
        slow.ping();
        slow.ping();
        sync(&slow).await;
    });
    advance(secs(1)).await;
    let mut trace = sys::trace_type::<Slow>(Filter::all(), Limit::count(9));
    door.open();
    assert_eq!(start.1.await.reason, ExitReason::Normal);
    let pings = [trace.next().await.unwrap(), trace.next().await.unwrap()];
    assert_eq!(pings.map(|handled| handled.kind), ["ping"; 2]);
    assert!(trace.next().await.is_none());
}

/// It waits in its `init`.
#[gen_server]
struct Slow;

#[gen_server]
impl Slow {
    #[init]
    async fn init(door: Door) -> Self {
        door.0.notified().await;
        Self
    }
    #[cast]
    fn ping(&mut self) {}
}
