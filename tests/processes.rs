//! Processes: how they begin, what they are sent, how they end.
use crate::support::*;
use cordial::Node;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received, Spawned};
use std::collections::HashSet;
use std::future::pending;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use tokio::time::Instant;

// ===== Beginning =====

/// PROC-1
#[test]
fn spawn_gives_a_pid_at_once_and_the_body_runs_by_itself() {
    check_everywhere(async || {
        let (from, answer) = ReplyTo::pair();
        let (go, ends) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            mail.next().await;
            from.reply(process::self_pid());
        });
        let pid = go.pid();
        assert!(pid.is_some());
        go.send(());
        assert_eq!(answer.await, pid);
        assert_eq!(Some(ends.await.pid), pid);
        assert_eq!(go.pid(), None);
    });
}

/// PROC-1
// break: PROC-1 runtime/cordial/src/process/table.rs `index * SHARDS + home, last + 1)`
//     => `index * SHARDS + home, last | 1)`
#[test]
fn pid_is_never_given_twice() {
    check_everywhere(async || {
        let mut pids = HashSet::new();
        for _ in 0..100 {
            let some: Vec<_> =
                (0..100).map(|_| process::spawn_monitor(async |_: Mailbox<()>| {}).1).collect();
            for ends in some {
                assert!(pids.insert(ends.await.pid));
            }
        }
        let (_, old) = dead().await;
        let (young, _) = idler();
        process::exit(&old, ExitReason::Kill);
        assert!(process::is_alive(&young).await);
        assert!(!process::is_alive(&old).await);
    });
}

/// PROC-2
// break: PROC-2 runtime/cordial/src/process/plain.rs `ExitReason::Normal` => `ExitReason::Shutdown`
#[test]
fn body_that_returns_ends_normal_and_one_that_says_why_ends_so() {
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |_: Mailbox<()>| {});
        check_ends(ends, ExitReason::Normal).await;
        let (_, ends) = process::spawn_monitor(ends_with(custom()));
        check_ends(ends, custom()).await;
        let (_, ends) = process::spawn_monitor(async |_: Mailbox<()>| Err::<(), _>("deep"));
        check_ends(ends, custom()).await;
    });
}

// ===== Messages =====

/// PROC-3
// break: PROC-3 runtime/cordial/src/mailbox/queue.rs
//     `self.bound().is_some_and(|bound| bound.is_full())`
//     => `self.len() > 1000`
#[test]
fn sending_never_fails_and_never_blocks() {
    check_everywhere(async || {
        let (gone, _) = dead().await;
        gone.send(());
        assert_eq!(gone.send(()).sent(), Err(SendError::NoProc));

        let (deaf, ends) = process::spawn_monitor(async |_: Mailbox<()>| {
            pending::<()>().await;
        });
        for _ in 0..100_000 {
            assert_eq!(deaf.send(()).sent(), Ok(()));
        }
        process::exit(&deaf, ExitReason::Kill);
        check_ends(ends, ExitReason::Killed).await;
    });
}

/// A message of a sender: which one, and its number.
type Numbered = Note<(usize, u32)>;

/// A process that receives `0..n` in order from each of `senders`, and its end.
fn counter(senders: usize, n: u32) -> Spawned<Numbered> {
    let counter = process::spawn_monitor(async move |mut mail: Mailbox<Numbered>| {
        let mut next = vec![0; senders];
        while next.iter().any(|next| *next < n) {
            let Note((sender, number)) = mail.next().await;
            assert_eq!(number, next[sender]);
            next[sender] += 1;
        }
    });
    counter.1
}

async fn check_order(senders: usize, n: u32) {
    let ends = counter(senders, n);
    let counter = ends.address();
    for sender in 0..senders {
        let counter = counter.clone();
        process::spawn(async move |_: Mailbox<()>| {
            for number in 0..n {
                counter.send(Note((sender, number)));
                if number % 64 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    check_ends(ends, ExitReason::Normal).await;
}

/// PROC-5
// break: PROC-5 runtime/cordial/src/mailbox/queue.rs `self.rest.push(mail);`
//     => `self.rest.insert(0, mail);`
#[test]
fn messages_of_one_sender_arrive_in_the_order_in_which_they_were_sent() {
    check_everywhere(async || check_order(1, 10_000).await);
    check_races(async || check_order(3, 100).await);
}

/// PROC-5
#[test]
fn signals_keep_their_place_among_messages() {
    check_races(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let me = mail.address();
            process::spawn(async move |_: Mailbox<()>| {
                for _ in 0..10 {
                    me.send(());
                    process::exit(&me, custom());
                }
            });
            for _ in 0..10 {
                next_message(&mut mail).await;
                assert_eq!(next_exit(&mut mail).await.reason, custom());
            }
        })
        .await;
    });
}

/// PROC-8
// break: PROC-8 runtime/cordial/src/process/mod.rs `Some(false) => true,` => `Some(_) => true,`
#[test]
fn killed_process_is_not_alive_to_who_killed_it() {
    check_races(async || {
        let (victim, _) = idler();
        assert!(process::is_alive(&victim).await);
        process::exit(&victim, ExitReason::Kill);
        assert!(!process::is_alive(&victim).await);
    });
}

/// A future that is polled only when a waker of its own was woken, as sets of futures do it.
struct Picky<F> {
    future: Pin<Box<F>>,
    woken: Arc<Woken>,
}

struct Woken {
    is_woken: AtomicBool,
    outer: Mutex<Option<Waker>>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, SeqCst);
        let outer = self.outer.lock().unwrap().take();
        outer.into_iter().for_each(Waker::wake);
    }
}

fn picky<F: Future>(future: F) -> Picky<F> {
    let woken = Woken { is_woken: AtomicBool::new(true), outer: Mutex::default() };
    Picky { future: Box::pin(future), woken: Arc::new(woken) }
}

impl<F: Future> Future for Picky<F> {
    type Output = F::Output;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        *self.woken.outer.lock().unwrap() = Some(cx.waker().clone());
        if !self.woken.is_woken.swap(false, SeqCst) {
            return Poll::Pending;
        }
        let waker = Waker::from(self.woken.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

/// PROC-5
#[test]
fn mailbox_may_be_awaited_through_any_waker() {
    check_everywhere(async || {
        let (reader, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<u32>>| {
            for n in 0..1000 {
                assert_eq!(picky(next_message(&mut mail)).await, Note(n));
            }
            let rest = async {
                for n in 1000..10_000 {
                    assert_eq!(next_message(&mut mail).await, Note(n));
                }
            };
            tokio::join!(picky(rest), picky(tokio::time::sleep_until(Instant::now())));
        });
        for n in 0..10_000 {
            reader.send(Note(n));
            if n % 100 == 0 {
                tokio::task::yield_now().await;
            }
        }
        check_ends(ends, ExitReason::Normal).await;
    });
}

// ===== Ends =====

/// PROC-27, TYP-6
// break: PROC-27 runtime/cordial/src/process/panics.rs `PanicReason::new(message, PLACE.take())`
//     => `PanicReason::new(String::new(), PLACE.take())`
#[test]
fn panic_ends_its_process_alone_and_says_what_and_where() {
    check_everywhere(async || {
        let (bystander, bystander_ends) = idler();
        let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            mail.send_self(());
            mail.next().await;
            let nothing: Option<u32> = std::hint::black_box(None);
            nothing.expect("something");
        });
        let down = ends.await;
        let panic = down.reason.panic().unwrap();
        assert_eq!(panic.message(), "something");
        assert!(panic.location().unwrap().starts_with("tests/processes.rs:"));
        assert!(process::is_alive(&bystander).await);
        bystander.send(());
        check_ends(bystander_ends, ExitReason::Normal).await;
    });
}

/// PROC-27, TYP-6
#[test]
fn panic_payload_may_be_anything_also_what_panics_when_dropped() {
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |_: Mailbox<()>| {
            std::panic::panic_any(42);
        });
        assert!(ends.await.reason.panic().is_some());
        let (_, ends) = process::spawn_monitor(async |_: Mailbox<()>| {
            std::panic::panic_any(Bomb);
        });
        assert!(ends.await.reason.panic().is_some());
        check_order(1, 10).await;
    });
}

/// TYP-6, TYP-8
#[test]
fn what_panics_when_dropped_does_not_change_why_its_process_ended() {
    check_everywhere(async || {
        let (held, held_ends) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            let _bomb = Bomb;
            mail.next().await;
            mail.next().await;
        });
        process::exit(&held, custom());
        check_ends(held_ends, custom()).await;
        check_order(1, 10).await;
    });
}

/// TYP-6
#[test]
fn mail_that_panics_when_dropped_harms_nobody() {
    check_everywhere(async || {
        let (ready, is_ready) = ReplyTo::pair();
        let (heap, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<Bomb>>| {
            next_message(&mut mail).await.0.defuse();
            ready.reply(());
            pending::<()>().await;
        });
        // Some of it is in the process's hands, some in the line.
        (0..10).for_each(|_| _ = heap.send(Note(Bomb)));
        is_ready.await.unwrap();
        (0..10).for_each(|_| _ = heap.send(Note(Bomb)));
        process::exit(&heap, ExitReason::Kill);
        check_ends(ends, ExitReason::Killed).await;
        check_order(1, 10).await;
    });
}

// ===== Kills =====

/// TYP-7
// break: TYP-7 runtime/cordial/src/process/cell.rs
//     `Stage::Idle | Stage::Waiting | Stage::Listening => inner.queue_up(),` =>
//     `Stage::Waiting => false, Stage::Idle | Stage::Listening => inner.queue_up(),`
#[test]
fn kill_takes_effect_at_the_next_await_whatever_is_awaited() {
    check_everywhere(async || {
        kill_while(async |_| pending().await).await;
        kill_while(async |mut mail| mail.next().await).await;
        kill_while(async |_| {
            loop {
                tokio::task::yield_now().await;
            }
        })
        .await;
        kill_while(async |mut mail| {
            loop {
                mail.send_self(());
                mail.next().await;
            }
        })
        .await;
    });
}

/// Kills a process that runs `body`, which takes a tenth of a second, and on a busy machine five.
async fn kill_while<F, Fut>(body: F)
where
    F: FnOnce(Mailbox<()>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (ready, is_ready) = ReplyTo::pair();
    let (victim, ends) = process::spawn_monitor(async move |mail: Mailbox<()>| {
        ready.reply(());
        body(mail).await;
    });
    is_ready.await.unwrap();
    let began = Instant::now();
    process::exit(&victim, ExitReason::Kill);
    check_ends(ends, ExitReason::Killed).await;
    assert!(began.elapsed() < millis(500));
}

/// Says that it was dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// TYP-7, TYP-8
#[test]
fn what_a_process_holds_is_dropped_before_anybody_learns_of_its_end() {
    check_races(async || {
        let dropped = Arc::new(AtomicBool::new(false));
        let held = Dropped(dropped.clone());
        let (victim, ends) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            let _held = held;
            mail.next().await;
        });
        let linked = victim.clone();
        let seen = dropped.clone();
        let (from, answer) = ReplyTo::pair();
        process::spawn(async move |mut mail: Mailbox<()>| {
            process::trap_exit(true);
            process::link(&linked).unwrap();
            process::exit(&linked, ExitReason::Kill);
            next_exit(&mut mail).await;
            from.reply(seen.load(SeqCst));
        });
        ends.await;
        assert!(dropped.load(SeqCst));
        assert_eq!(answer.await, Some(true));
    });
}

// ===== Accounts =====

/// PROC-1, PROC-31
#[test]
fn hundred_thousand_processes_leave_nothing() {
    check_everywhere(async || {
        let node = Node::current().unwrap();
        let before = node.processes();
        for _ in 0..100 {
            let some: Vec<_> =
                (0..1000).map(|_| process::spawn_monitor(async |_: Mailbox<()>| {}).1).collect();
            for ends in some {
                check_ends(ends, ExitReason::Normal).await;
            }
        }
        assert_eq!(node.processes(), before);
        assert_eq!((node.names(), node.timers()), (0, 0));
    });
}

/// What a process in the storm is told to do.
enum Order {
    Link(Pid),
    Unlink(Pid),
    Watch(Pid),
    Forget,
    Trap(bool),
    Exit(Pid, ExitReason),
    Child,
}

/// Boxed, because one that obeys starts another.
fn child(mail: Mailbox<Note<Order>>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(obey(mail))
}

async fn obey(mut mail: Mailbox<Note<Order>>) {
    let mut watched = Vec::new();
    loop {
        let order = match mail.receive().await {
            Received::Message(Note(order)) => order,
            Received::Exit(exit) if exit.reason == ExitReason::Shutdown => return,
            _ => continue,
        };
        match order {
            Order::Link(peer) => _ = process::link(&peer),
            Order::Unlink(peer) => process::unlink(&peer),
            Order::Watch(peer) => watched.push(process::monitor_message(&peer)),
            Order::Forget => _ = watched.pop().map(process::demonitor_flush),
            Order::Trap(trap) => _ = process::trap_exit(trap),
            Order::Exit(peer, reason) => process::exit(&peer, reason),
            Order::Child => _ = process::spawn_link(child),
        }
    }
}

/// A number below `n`; the same sequence in every run.
fn random(seed: &mut u64, n: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).unwrap() % n
}

fn random_order(seed: &mut u64, peer: Pid) -> Order {
    let reasons = [custom(), ExitReason::Normal, ExitReason::Shutdown, ExitReason::Kill];
    match random(seed, 16) {
        0..4 => Order::Link(peer),
        4..6 => Order::Unlink(peer),
        6..9 => Order::Watch(peer),
        9 => Order::Forget,
        10..14 => Order::Trap(random(seed, 4) != 0),
        14 => Order::Child,
        _ => Order::Exit(peer, reasons[random(seed, 4)].clone()),
    }
}

/// PROC-12, PROC-24, PROC-28
#[test]
fn storm_of_links_monitors_and_exits_ends_everybody_and_leaves_nothing() {
    check_everywhere(async || {
        let node = Node::current().unwrap();
        let mut seed = 1;
        let mut living: Vec<_> = (0..30).map(|_| process::spawn_monitor(obey).1).collect();
        let mut gone = Vec::new();
        for round in 0..20_000 {
            let one = random(&mut seed, living.len());
            let peer = living[random(&mut seed, living.len())].pid();
            let sent = living[one].address().send(Note(random_order(&mut seed, peer))).sent();
            if sent.is_err() {
                let new = process::spawn_monitor(obey).1;
                gone.push(std::mem::replace(&mut living[one], new));
            }
            if round % 20 == 0 {
                dead().await; // So that the others run too.
            }
        }
        assert!(gone.len() > 20, "only {} ended", gone.len());
        for ends in gone {
            ends.await;
        }
        node.shutdown().await;
        assert_eq!((node.processes(), node.names(), node.timers()), (0, 0, 0));
        for ends in living {
            ends.await;
        }
    });
}

/// PROC-20: it has sent itself a signal, and then it panics: the panic tells more.
#[test]
fn panic_after_an_exit_of_its_own_is_why_it_ended() {
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |_: Mailbox<()>| {
            process::exit(&process::self_pid(), ExitReason::Shutdown);
            panic!("spilt");
        });
        let reason = ends.await.reason;
        assert_eq!(reason.panic().map(|panic| panic.message()), Some("spilt"), "{reason}");
    });
}

/// Falls apart when it is thrown away.
struct Brittle;

impl cordial::Message for Brittle {
    fn kind(&self) -> &'static str {
        "brittle"
    }
}

impl Drop for Brittle {
    fn drop(&mut self) {
        panic!("in pieces");
    }
}

/// Mail that nobody took panics in its drop, and the end is told all the same.
#[test]
fn panic_in_the_drop_of_mail_keeps_no_end_from_being_told() {
    check_everywhere(async || {
        let (waiter, ends) = process::spawn_monitor(async |_: Mailbox<Brittle>| {
            pending::<()>().await;
        });
        waiter.send(Brittle);
        process::exit(&waiter, ExitReason::Kill);
        assert_eq!(ends.await.reason, ExitReason::Killed);
        // Mail that came in its last turn.
        let (last, ends) = process::spawn_monitor(async |mail: Mailbox<Brittle>| {
            mail.address().send(Brittle);
        });
        assert_eq!(ends.await.reason, ExitReason::Normal);
        assert_eq!((waiter.pid(), last.pid()), (None, None));
    });
}
