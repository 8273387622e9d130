//! Events: who is told, of what, and what a handler may do.
use crate::support::Clerk;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::telemetry::events::{
    ChildRestarting, ChildStarted, ChildTerminated, HandlerFailed, NodeStopping, ProcessCrash,
    ProcessExit, ProcessStart, SupervisorGaveUp, Unexpected,
};
use cordial::telemetry::{self, Failed, Started, Stopped, event, span};
use cordial::test::{capture_telemetry, start_supervised};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

event! {
    /// Somebody knocked.
    pub Knock as "house.door.knock" {
        /// How often.
        times: u32,
    }
    /// Somebody rang.
    pub Ring as "house.door.ring" {
        /// Who.
        who: Option<String>,
    }
}

span! {
    /// The door is open.
    pub Open as "house.door.open" {
        /// How wide.
        width: u32,
    }
}

fn counter() -> (Arc<AtomicU32>, impl Fn(&Knock) + Send + Sync + Clone) {
    let sum = Arc::new(AtomicU32::new(0));
    let adds = sum.clone();
    (sum, move |knock: &Knock| {
        adds.fetch_add(knock.times, Relaxed);
    })
}

#[cordial::test]
async fn event_is_made_only_while_somebody_listens_to_its_type() {
    let made = AtomicU32::new(0);
    let knock = || {
        telemetry::emit(|| {
            made.fetch_add(1, Relaxed);
            Knock { times: 3 }
        });
    };
    knock();
    let ring = telemetry::attach(|_: &Ring| {});
    let (sum, add) = counter();
    let id = telemetry::attach(add);
    assert!(telemetry::is_listened_to::<Knock>());
    knock();
    assert_eq!((made.load(Relaxed), sum.load(Relaxed)), (1, 3));
    assert!(telemetry::detach(id));
    assert!(!telemetry::detach(id));
    assert!(telemetry::detach(ring));
    knock();
    assert!(!telemetry::is_listened_to::<Knock>());
    assert_eq!((made.load(Relaxed), sum.load(Relaxed)), (1, 3));
}

#[cordial::test]
async fn handlers_run_in_the_order_in_which_they_were_attached() {
    let order: Arc<Mutex<Vec<u32>>> = Arc::default();
    for number in 0..3 {
        let order = order.clone();
        telemetry::attach(move |_: &Knock| order.lock().unwrap().push(number));
    }
    telemetry::emit(|| Knock { times: 1 });
    assert_eq!(*order.lock().unwrap(), [0, 1, 2]);
}

#[cordial::test]
async fn handler_that_panics_is_detached_and_told_of_and_the_emitter_goes_on() {
    let (sum, add) = counter();
    let id = telemetry::attach(|_: &Knock| panic!("who is there"));
    telemetry::attach(add);
    let events = capture_telemetry(async {
        telemetry::emit(|| Knock { times: 1 });
        telemetry::emit(|| Knock { times: 1 });
    })
    .await;
    assert_eq!(sum.load(Relaxed), 2);
    let failed = events.of::<HandlerFailed>();
    assert_eq!(failed.len(), 1, "{events}");
    assert_eq!(failed[0].event, "house.door.knock");
    assert_eq!(failed[0].reason.panic().map(|panic| panic.message()), Some("who is there"));
    assert!(!telemetry::detach(id));
}

#[cordial::test]
async fn server_whose_event_breaks_a_handler_does_not_feel_it() {
    telemetry::attach(|_: &ProcessStart| panic!("no starts"));
    telemetry::attach(|_: &ProcessExit| panic!("no exits"));
    let (_, down) = process::spawn_monitor(async |_: Mailbox<()>| ExitReason::custom("done"));
    assert_eq!(down.await.reason, ExitReason::custom("done"));
    let clerk = start_supervised!(Clerk::child_spec(Clerk::default()));
    clerk.note(1);
    assert_eq!(clerk.done().await, Ok(vec![1]));
}

#[cordial::test]
async fn what_a_handler_does_emits_nothing() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    telemetry::attach(move |_: &ProcessStart| {
        counted.fetch_add(1, Relaxed);
        process::spawn(async |_: Mailbox<()>| {});
    });
    process::spawn(async |_: Mailbox<()>| {});
    assert_eq!(calls.load(Relaxed), 1);
}

#[cordial::test]
async fn handler_may_detach_itself_and_attach_others() {
    let (sum, add) = counter();
    let own: Arc<Mutex<Option<telemetry::HandlerId>>> = Arc::default();
    let known = own.clone();
    let id = telemetry::attach(move |_: &Knock| {
        telemetry::detach(known.lock().unwrap().take().unwrap());
        telemetry::attach(add.clone());
    });
    *own.lock().unwrap() = Some(id);
    telemetry::emit(|| Knock { times: 5 });
    assert_eq!(sum.load(Relaxed), 0);
    telemetry::emit(|| Knock { times: 5 });
    assert_eq!(sum.load(Relaxed), 5);
}

#[cordial::test]
async fn handlers_belong_to_their_node() {
    let (sum, add) = counter();
    telemetry::attach(add);
    let elsewhere = || {
        cordial::__private::run_test(Some(1), async {
            assert!(!telemetry::is_listened_to::<Knock>());
            telemetry::emit(|| Knock { times: 7 });
        });
    };
    std::thread::scope(|scope| scope.spawn(elsewhere).join().unwrap());
    assert_eq!(sum.load(Relaxed), 0);
}

#[test]
fn event_outside_of_a_runtime_goes_nowhere() {
    telemetry::emit(|| Knock { times: 1 });
    assert!(!telemetry::is_listened_to::<Knock>());
}

#[cordial::test]
async fn event_shows_its_fields_by_name_to_who_does_not_know_its_type() {
    let events = capture_telemetry(async {
        telemetry::emit(|| Ring { who: Some("ann".into()) });
        telemetry::emit(|| Ring { who: None });
    })
    .await;
    assert_eq!(events.to_string(), "house.door.ring who=ann\nhouse.door.ring who=none\n");
    assert_eq!(events.of::<Ring>().len(), 2);
    assert!(events.of::<Knock>().is_empty());
}

// ===== Spans =====

#[cordial::test]
async fn span_tells_of_its_beginning_and_its_end_with_the_time_between() {
    let events = capture_telemetry(async {
        let wait = cordial::test::advance(secs(2));
        telemetry::measure_async(Open { width: 3 }, wait).await;
        assert_eq!(telemetry::measure(Open { width: 4 }, || 42), 42);
    })
    .await;
    let starts = events.of::<Started<Open>>();
    assert_eq!(starts.iter().map(|start| start.span.width).collect::<Vec<_>>(), [3, 4]);
    let stops = events.of::<Stopped<Open>>();
    assert_eq!((stops[0].span.width, stops[0].took), (3, secs(2)));
    assert!(events.to_string().starts_with("house.door.open.start width=3\n"), "{events}");
}

#[cordial::test]
async fn span_that_panics_tells_so_and_the_panic_goes_on() {
    let events = capture_telemetry(async {
        let (_, down) = process::spawn_monitor(async |_: Mailbox<()>| {
            telemetry::measure(Open { width: 1 }, || panic!("off its hinges"));
        });
        let reason = down.await.reason;
        assert_eq!(reason.panic().map(|panic| panic.message()), Some("off its hinges"));
    })
    .await;
    assert_eq!(events.of::<Failed<Open>>().len(), 1, "{events}");
    assert!(events.of::<Stopped<Open>>().is_empty(), "{events}");
}

// ===== The runtime's own =====

#[cordial::test]
async fn life_of_a_process_is_told_from_start_to_exit() {
    let mut pid = None;
    let events = capture_telemetry(async {
        let (sleeper, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            mail.next().await;
        });
        pid = sleeper.pid();
        process::exit(&sleeper, ExitReason::Kill);
        down.await;
    })
    .await;
    let start = events.of::<ProcessStart>().into_iter().find(|start| Some(start.pid) == pid);
    assert_eq!(start.unwrap().parent, None);
    let exit = events.of::<ProcessExit>().into_iter().find(|exit| Some(exit.pid) == pid);
    assert_eq!(exit.unwrap().reason, ExitReason::Killed);
    assert!(events.of::<ProcessCrash>().is_empty());
}

#[cordial::test]
async fn crash_is_told_then_its_restart_then_the_new_child() {
    let clerk = start_supervised!(Clerk::child_spec(Clerk::default()));
    let events = capture_telemetry(async { clerk.burst() }).await;
    let names = events.names();
    let place = |name| names.iter().position(|other| *other == name).unwrap();
    assert!(place("cordial.process.exit") < place("cordial.process.crash"), "{events}");
    assert!(place("cordial.supervisor.child_terminated") < place("cordial.supervisor.restart"));
    assert!(place("cordial.supervisor.restart") < place("cordial.supervisor.child_started"));
    let crash = &events.of::<ProcessCrash>()[0];
    assert_eq!(
        (&*crash.server, crash.last_message, crash.in_init),
        ("Clerk", Some("burst"), false)
    );
    assert_eq!(events.of::<ChildTerminated>()[0].next, "restart it");
    assert_eq!(events.of::<ChildRestarting>()[0].count, 1);
    assert_eq!(Some(events.of::<ChildStarted>()[0].pid), clerk_pid(&clerk));
}

fn clerk_pid(clerk: &Ref<Clerk>) -> Option<Pid> {
    gen_server::whereis(clerk)
}

#[cordial::test]
async fn supervisor_that_gives_up_tells_so() {
    cordial::supervisor! {
        Office { max_restarts: 0 in 5s, children: [clerk: Clerk(Clerk::default())] }
    }
    let office = Office::start().await.unwrap();
    let down = process::monitor(&office);
    let events = capture_telemetry(async {
        office.clerk.burst();
        down.await;
    })
    .await;
    let gave_up = &events.of::<SupervisorGaveUp>()[0];
    assert_eq!((&*gave_up.child, gave_up.max_restarts), ("clerk", 0));
}

/// GS-28: what no handler takes is told, and changes nothing.
#[cordial::test]
async fn exit_without_a_handler_is_told_as_unexpected() {
    let events = capture_telemetry(async {
        let (_, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            process::trap_exit(true);
            let child = process::spawn_link(async |_: Mailbox<()>| {});
            process::monitor(&child).await;
            mail.send_self(());
            mail.next().await;
        });
        down.await;
    })
    .await;
    assert_eq!(events.of::<Unexpected>()[0].kind, "Exit", "{events}");
}

#[cordial::test]
async fn node_that_goes_down_tells_so_first() {
    let events = std::thread::scope(|scope| {
        let node = || {
            cordial::__private::run_test(Some(1), async {
                process::spawn(async |mut mail: Mailbox<()>| mail.next().await);
                let node = cordial::Node::current().unwrap();
                capture_telemetry(async { node.shutdown().await }).await
            })
        };
        scope.spawn(node).join().unwrap()
    });
    assert_eq!(events.names().first(), Some(&"cordial.node.stopping"), "{events}");
    assert_eq!(events.of::<NodeStopping>()[0].processes, 1);
    assert_eq!(events.of::<ProcessExit>().len(), 1);
}
