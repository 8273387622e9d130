//! What `sys` keeps of what a server handles, and what it shows of a node.
use crate::support::{Clerk, ClerkMsg, ClerkRef, Door};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::sys::{self, Attr, Filter, Limit, Outcome, TraceEnd};
use cordial::telemetry::events::MessageHandled;
use cordial::test::{advance, capture_telemetry, restarted, start_supervised, sync};

async fn clerk() -> ClerkRef {
    start_supervised!(Clerk::child_spec(Clerk::default()))
}

#[cordial::test]
async fn statistics_count_by_kind_what_is_handled_while_they_are_on() {
    let clerk = clerk().await;
    clerk.note(0);
    sync(&clerk).await;
    assert_eq!(sys::statistics(&clerk), None);
    sys::keep_statistics(&clerk, true).unwrap();
    clerk.note(1);
    clerk.note(2);
    clerk.done().await.unwrap();
    let statistics = sys::statistics(&clerk).unwrap();
    assert_eq!(statistics.handled, 3);
    assert_eq!((statistics.by_kind["note"], statistics.by_kind["done"]), (2, 1));
    sys::keep_statistics(&clerk, false).unwrap();
    clerk.note(3);
    sync(&clerk).await;
    assert_eq!(sys::statistics(&clerk), None);
    sys::keep_statistics(&clerk, true).unwrap();
    clerk.note(4);
    sync(&clerk).await;
    assert_eq!(sys::statistics(&clerk).unwrap().handled, 1);
}

#[cordial::test]
async fn statistics_count_what_a_handler_awaits_as_its_time() {
    let (clerk, door) = (clerk().await, Door::default());
    sys::keep_statistics(&clerk, true).unwrap();
    clerk.wait_for(door.clone(), 1);
    advance(secs(3)).await;
    door.open();
    sync(&clerk).await;
    assert_eq!(sys::statistics(&clerk).unwrap().busy, secs(3));
}

#[cordial::test]
async fn log_keeps_the_last_messages_and_how_they_ended() {
    let clerk = clerk().await;
    sys::keep_log(&clerk, 2).unwrap();
    (0..5).for_each(|number| {
        clerk.note(number);
    });
    clerk.done().await.unwrap();
    let kinds: Vec<_> = sys::log(&clerk).iter().map(|handled| handled.kind).collect();
    assert_eq!(kinds, ["note", "done"]);
    sys::keep_log(&clerk, 0).unwrap();
    assert!(sys::log(&clerk).is_empty());
}

#[cordial::test]
async fn watched_server_that_crashes_tells_the_message_and_its_successor_is_not_watched() {
    let clerk = clerk().await;
    let mut trace = sys::trace(&clerk, Filter::all(), Limit::count(10)).unwrap();
    let again = restarted(&clerk);
    clerk.burst();
    let handled = trace.next().await.unwrap();
    assert_eq!((handled.kind, handled.outcome), ("burst", Outcome::Panicked));
    again.await;
    assert!(trace.next().await.is_none());
    assert_eq!(trace.ended(), Some(TraceEnd::ProcessEnded));
    clerk.note(1);
    assert_eq!(clerk.done().await, Ok(vec![1]));
}

#[cordial::test]
async fn trace_takes_what_its_filter_says() {
    let clerk = clerk().await;
    let odd =
        Filter::by(|msg: &ClerkMsg| matches!(msg, ClerkMsg::Note { number } if number % 2 == 1));
    let mut odd = sys::trace(&clerk, odd, Limit::count(10)).unwrap();
    let mut calls = sys::trace(&clerk, Filter::kinds(["done"]), Limit::count(1)).unwrap();
    let broken = Filter::by(|_: &ClerkMsg| panic!("filter"));
    let broken = sys::trace(&clerk, broken, Limit::count(1)).unwrap();
    (0..4).for_each(|number| {
        clerk.note(number);
    });
    clerk.done().await.unwrap();
    assert_eq!(calls.next().await.unwrap().kind, "done");
    assert!(calls.next().await.is_none());
    assert_eq!(calls.ended(), Some(TraceEnd::Count));
    assert!(odd.next().await.is_some() && odd.next().await.is_some());
    assert_eq!((odd.ended(), broken.ended()), (None, None));
}

#[cordial::test]
async fn trace_ends_at_its_rate() {
    let clerk = clerk().await;
    let mut trace = sys::trace(&clerk, Filter::all(), Limit::rate(2, secs(1))).unwrap();
    for _ in 0..3 {
        clerk.note(1);
        clerk.note(2);
        advance(secs(1)).await;
    }
    assert_eq!(trace.ended(), None);
    (0..3).for_each(|number| {
        clerk.note(number);
    });
    sync(&clerk).await;
    assert_eq!(trace.ended(), Some(TraceEnd::Rate));
    let mut taken = 0;
    while trace.next().await.is_some() {
        taken += 1;
    }
    assert_eq!(taken, 8);
}

#[cordial::test]
async fn trace_ends_after_a_minute() {
    let clerk = clerk().await;
    let mut trace = sys::trace(&clerk, Filter::all(), Limit::count(10)).unwrap();
    let began = process::now();
    assert!(trace.next().await.is_none());
    assert_eq!(trace.ended(), Some(TraceEnd::Time));
    assert!(process::now() - began >= secs(60));
}

#[cordial::test]
async fn trace_that_nobody_reads_ends_before_it_grows_without_a_bound() {
    let clerk = clerk().await;
    let trace = sys::trace(&clerk, Filter::all(), Limit::count(1_000_000)).unwrap();
    (0..12_000).for_each(|number| {
        clerk.note(number);
    });
    sync(&clerk).await;
    assert_eq!(trace.ended(), Some(TraceEnd::Unread));
}

#[cordial::test]
async fn messages_are_told_as_events_only_of_servers_that_were_asked_to() {
    let (told, quiet) = (clerk().await, clerk_of_its_own().await);
    sys::tell_messages(&told, true).unwrap();
    let events = capture_telemetry(async {
        quiet.note(1);
        told.note(2);
        told.done().await.unwrap();
        sys::tell_messages(&told, false).unwrap();
        told.note(3);
    })
    .await;
    let kinds: Vec<_> = events.of::<MessageHandled>().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["note", "done"]);
    gen_server::stop(&quiet).await.unwrap();
}

async fn clerk_of_its_own() -> ClerkRef {
    Clerk::start(Clerk::default()).await.unwrap()
}

// ===== The node =====

fn sleeper() -> cordial::RawRef<()> {
    process::spawn(async |_: Mailbox<()>| std::future::pending::<()>().await)
}

fn end(sleepers: &[&cordial::RawRef<()>]) {
    sleepers.iter().for_each(|one| process::exit(*one, ExitReason::Kill));
}

#[cordial::test]
async fn top_ranks_processes_by_what_they_have_and_what_they_gained() {
    let (small, large) = (sleeper(), sleeper());
    (0..5).for_each(|_| {
        large.send(());
    });
    small.send(());
    let top = sys::top(Attr::MailboxLen, 5);
    let ranks: Vec<_> = top.iter().map(|rank| (Some(rank.pid), rank.value)).collect();
    assert_eq!(ranks, [(large.pid(), 5), (small.pid(), 1)]);
    assert_eq!(sys::top(Attr::MailboxLen, 1).len(), 1);
    let (window, ()) = tokio::join!(sys::top_window(Attr::MailboxLen, 5, secs(1)), async {
        small.send(());
    });
    let ranks: Vec<_> = window.iter().map(|rank| (Some(rank.pid), rank.value)).collect();
    assert_eq!(ranks, [(small.pid(), 1)]);
    end(&[&small, &large]);
}

#[cordial::test]
async fn tree_shows_processes_below_who_started_them() {
    let clerk = clerk().await;
    let pid = gen_server::whereis(&clerk).unwrap();
    let parent = process::info(&clerk).unwrap().parent().unwrap();
    let tree = sys::tree();
    let above = tree.iter().find(|branch| branch.pid == parent).unwrap();
    assert_eq!(above.children[0].pid, pid);
    assert!(above.to_string().ends_with(&format!("\n  Clerk {pid}\n")), "{above}");
    assert_eq!(sys::children(&parent), [pid]);
    assert_eq!(sys::links(&clerk), [parent]);
    assert!(sys::monitors(&clerk).is_empty());
}

#[cordial::test]
async fn crashes_are_remembered_the_youngest_first_and_no_more_than_256() {
    for number in 0..300 {
        let (_, down) = process::spawn_monitor(async move |_: Mailbox<()>| panic!("{number}"));
        down.await;
    }
    let crashes = sys::crashes(1_000);
    let said = |at: usize| crashes[at].reason.panic().map(|panic| panic.message().to_owned());
    assert_eq!(crashes.len(), 256);
    assert_eq!((said(0).as_deref(), said(255).as_deref()), (Some("299"), Some("44")));
    let clerk = clerk().await;
    clerk.note(1);
    let again = restarted(&clerk);
    clerk.burst();
    again.await;
    let crash = &sys::crashes(1)[0];
    assert_eq!((crash.server.as_str(), crash.last_message), ("Clerk", Some("burst")));
    assert_eq!((crash.state.as_deref(), crash.poisoned), (Some("1 done"), true));
}

#[gen_server]
#[derive(Clone)]
struct Asker(ClerkRef);

#[gen_server]
impl Asker {
    #[cast]
    async fn ask(&mut self) {
        let _ = self.0.done().await;
    }
}

#[cordial::test]
async fn wait_graph_shows_who_waits_for_whose_answer() {
    let (clerk, door) = (clerk().await, Door::default());
    let asker = Asker::start(Asker(clerk.clone())).await.unwrap();
    clerk.wait_for(door.clone(), 1);
    asker.ask();
    advance(secs(1)).await;
    let graph = sys::wait_graph();
    assert_eq!(graph.len(), 1, "{graph:?}");
    let pids = (gen_server::whereis(&asker), gen_server::whereis(&clerk));
    assert_eq!((Some(graph[0].who), Some(graph[0].on)), pids);
    door.open();
    sync(&asker).await;
    assert!(sys::wait_graph().is_empty());
    gen_server::stop(&asker).await.unwrap();
}
