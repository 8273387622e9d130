//! A call to a server that nobody runs is run by its caller, on its own stack, in its first poll:
//! what that must not change.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Call, CallError, gen_server};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use tokio::sync::Notify;
use tokio::sync::mpsc::unbounded_channel;

#[gen_server(restart = Temporary)]
#[derive(Default, Clone)]
struct Quick {
    seen: Vec<u32>,
    next: Option<QuickRef>,
}

#[gen_server]
impl Quick {
    #[call]
    fn seen(&mut self, n: u32) -> Vec<u32> {
        self.seen.push(n);
        self.seen.clone()
    }

    #[call(inline = never)]
    fn never_by_the_caller(&self) {}

    /// Waits at the gate, if there is one.
    #[call]
    async fn slowly(&self, gate: Option<Arc<Notify>>) {
        if let Some(gate) = gate {
            gate.notified().await;
        }
    }

    /// Wakes itself until this is set, but not for ever. Whether it was.
    #[call]
    async fn spins_until(&self, set: Arc<AtomicBool>) -> bool {
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            if set.load(SeqCst) || polls > 100_000 {
                return Poll::Ready(set.load(SeqCst));
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }

    /// Wakes itself so often.
    #[call]
    async fn spins(&self, times: u32) {
        for _ in 0..times {
            let mut is_woken = false;
            poll_fn(|cx| {
                if std::mem::replace(&mut is_woken, true) {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
    }

    #[cast]
    fn note(&mut self, n: u32) {
        self.seen.push(n);
    }

    #[cast]
    fn tell(&self, told: mpsc::Sender<()>) {
        _ = told.send(());
    }

    /// Blocks its thread until it is released, or for a second.
    #[call]
    fn is_released(&self, released: Released) -> bool {
        released.0.recv_timeout(secs(1)).is_ok()
    }

    #[call]
    fn who(&self, ctx: &mut Ctx<Self>) -> (Pid, Pid) {
        (ctx.pid(), process::self_pid())
    }

    #[call]
    fn boom(&self) {
        panic!("boom")
    }

    #[call]
    fn stop(&self, ctx: &mut Ctx<Self>) -> u32 {
        ctx.stop(ExitReason::Shutdown);
        7
    }

    /// How many servers further down answer in one poll of the first call.
    #[call]
    fn depth(&self) -> u32 {
        let Some(next) = &self.next else { return 0 };
        match poll_once(next.depth()) {
            Poll::Ready(Ok(depth)) => depth + 1,
            _ => 0,
        }
    }
}

struct Released(mpsc::Receiver<()>);

/// What a caller does in the moment when he is woken.
struct AtOnce<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for AtOnce<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

/// Polls a call once, and lets go of it.
fn poll_once<T: Send + 'static>(call: Call<T>) -> Poll<Result<T, CallError>> {
    pin!(call).poll(&mut Context::from_waker(Waker::noop()))
}

async fn quick() -> QuickRef {
    Quick::start(Quick::default()).await.unwrap()
}

#[cordial::test]
async fn call_to_an_idle_server_is_answered_in_its_first_poll() {
    let quick = quick().await;
    assert_eq!(poll_once(quick.seen(1)), Poll::Ready(Ok(vec![1])));
}

#[cordial::test]
async fn handler_that_says_never_is_run_by_its_server() {
    let quick = quick().await;
    assert!(poll_once(quick.never_by_the_caller()).is_pending());
    assert!(quick.never_by_the_caller().await.is_ok());
}

#[cordial::test]
async fn handler_that_awaits_is_run_by_its_caller_until_it_has_to_wait() {
    let quick = quick().await;
    assert_eq!(poll_once(quick.slowly(None)), Poll::Ready(Ok(())));
    let gate = Arc::new(Notify::new());
    let call = quick.slowly(Some(gate.clone()));
    assert!(poll_once(call).is_pending()); // The caller is gone; the handler goes on.
    assert!(poll_once(quick.seen(1)).is_pending());
    gate.notify_one();
    assert_eq!(quick.seen(2).await, Ok(vec![1, 2]));
}

/// In a plain task.
async fn in_task<T: Send + 'static>(f: impl Future<Output = T> + Send + 'static) -> T {
    #[expect(clippy::disallowed_methods, reason = "a task that is no process")]
    tokio::spawn(f).await.unwrap()
}

#[cordial::test]
async fn caller_goes_on_with_what_wakes_itself_a_few_times() {
    let quick = quick().await;
    for times in 0..=4 {
        assert!(poll_once(quick.spins(times)).is_ready(), "{times} times");
    }
    assert!(poll_once(quick.spins(5)).is_pending());
    assert_eq!(quick.spins(100).await, Ok(()));
}

#[test]
fn caller_who_runs_a_handler_that_wakes_itself_starves_nobody() {
    check_on(None, async || {
        let (quick, set) = (quick().await, Arc::new(AtomicBool::new(false)));
        in_task(async move {
            let (sets, call) = (set.clone(), quick.spins_until(set));
            let other = in_task(async move { sets.store(true, SeqCst) });
            assert_eq!(tokio::join!(call, other).0, Ok(true));
        })
        .await;
    });
}

#[test]
fn limit_ends_the_wait_for_a_handler_that_wakes_itself() {
    for workers in [1, 2] {
        check_on(Some(workers), async || {
            let (quick, set) = (quick().await, Arc::new(AtomicBool::new(false)));
            let late = quick.spins_until(set.clone()).timeout(millis(1)).await;
            assert!(matches!(late, Err(CallError::Timeout(..))), "{late:?}");
            set.store(true, SeqCst);
        });
    }
}

/// GS-11: the mail before the call is handled first, whoever runs it.
#[cordial::test]
async fn caller_runs_the_little_mail_that_came_before_its_call() {
    let quick = quick().await;
    (1..=31).for_each(|n| _ = quick.note(n));
    let Poll::Ready(seen) = poll_once(quick.seen(32)) else { panic!("it has to wait") };
    assert_eq!(seen, Ok((1..=32).collect()));
    (33..=65).for_each(|n| _ = quick.note(n));
    assert!(poll_once(quick.seen(66)).is_pending(), "that is too much for one caller");
    assert_eq!(quick.seen(67).await.unwrap().len(), 67);
}

/// GS-11: what came first is handled first.
#[test]
fn call_never_overtakes_mail_that_waits() {
    check_everywhere(async || {
        let quick = quick().await;
        for n in 0..100 {
            quick.note(2 * n);
            assert_eq!(quick.seen(2 * n + 1).await.unwrap().len(), 2 * n as usize + 2);
        }
        assert_eq!(quick.seen(200).await.unwrap(), (0..=200).collect::<Vec<_>>());
    });
}

#[test]
fn call_that_is_held_or_dropped_unpolled_is_handled_all_the_same() {
    check_everywhere(async || {
        let (quick, other) = (quick().await, quick().await);
        let held = quick.seen(1);
        drop(other.seen(2));
        cordial::test::sync(&quick).await;
        cordial::test::sync(&other).await;
        assert_eq!(other.seen(3).await.unwrap(), [2, 3]);
        assert_eq!(quick.seen(4).await.unwrap(), [1, 4]);
        assert_eq!(held.await.unwrap(), [1]);
    });
}

#[test]
fn call_whose_handler_is_not_the_callers_to_run_is_handled_also_unpolled() {
    check_everywhere(async || {
        let quick = quick().await;
        let held = quick.never_by_the_caller();
        cordial::test::sync(&quick).await;
        assert_eq!(held.await, Ok(()));
    });
}

/// Whoever was asked and not run by a dispatcher is queued for who asked, and for nobody else.
#[test]
fn mail_of_others_does_not_wait_for_the_worker_of_a_caller() {
    for is_awaited in [true, false] {
        check_on(Some(2), async || {
            let quick = quick().await;
            let blocked = in_task(async move {
                let mut held = None;
                match is_awaited {
                    true => assert_eq!(quick.seen(1).await, Ok(vec![1])),
                    false => held = Some(quick.seen(1)),
                }
                let (tell, told) = mpsc::channel();
                #[expect(clippy::disallowed_methods, reason = "a thread outside of every runtime")]
                std::thread::spawn(move || quick.tell(tell));
                let is_told = told.recv_timeout(secs(1)).is_ok(); // Its worker does nothing else.
                drop(held);
                is_told
            });
            assert!(blocked.await, "awaited: {is_awaited}");
        });
    }
}

#[test]
fn caller_is_woken_when_the_server_has_been_left() {
    for workers in [None, Some(1)] {
        check_on(workers, async || {
            let quick = quick().await;
            in_task(async move {
                let (tell, mut told) = unbounded_channel();
                let asked = quick.clone();
                let waker = Waker::from(Arc::new(AtOnce(move || {
                    tell.send(poll_once(asked.seen(1))).unwrap();
                })));
                let mut call = pin!(quick.never_by_the_caller());
                assert!(call.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
                assert_eq!(told.recv().await, Some(Poll::Ready(Ok(vec![1]))));
                assert_eq!(call.await, Ok(()));
            })
            .await;
        });
    }
}

/// The answer of a call is not held back by what its server does next.
#[cordial::test]
async fn caller_is_woken_before_the_next_message_is_handled() {
    let quick = quick().await;
    let (release, released) = mpsc::channel();
    let waker = Waker::from(Arc::new(AtOnce(move || release.send(()).unwrap())));
    let mut first = pin!(quick.never_by_the_caller());
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(quick.is_released(Released(released)).await, Ok(true));
    assert_eq!(first.await, Ok(()));
}

#[test]
fn handler_is_its_own_server_whoever_runs_it() {
    check_everywhere(async || {
        let quick = quick().await;
        let pid = gen_server::whereis(&quick).unwrap();
        assert_eq!(quick.who().await.unwrap(), (pid, pid));
        in_process(async move |mail: Mailbox<()>| {
            assert_eq!(quick.who().await.unwrap(), (pid, pid));
            assert_eq!(process::self_pid(), mail.pid());
        })
        .await;
    });
}

/// GS-25, GS-20
#[test]
fn panic_ends_the_server_and_not_the_caller_that_ran_it() {
    check_everywhere(async || {
        in_process(async |mail: Mailbox<()>| {
            let quick = quick().await;
            let error = quick.boom().await.unwrap_err();
            assert!(matches!(&error, CallError::Down(ExitReason::Panic(_), _)), "{error}");
            assert!(!process::is_alive(&quick).await);
            assert_eq!(process::self_pid(), mail.pid());
        })
        .await;
    });
}

/// GS-23
#[test]
fn server_that_stops_with_an_answer_is_gone_when_its_caller_has_it() {
    check_everywhere(async || {
        let quick = quick().await;
        assert_eq!(quick.stop().await, Ok(7));
        let down = process::monitor(&quick).await;
        assert!(matches!(down.reason, ExitReason::Shutdown | ExitReason::NoProc), "{down:?}");
    });
}

/// PROC-5: the exit signal was sent first.
#[test]
fn exit_signal_that_was_sent_before_the_call_comes_first() {
    check_everywhere(async || {
        let quick = quick().await;
        process::exit(&quick, ExitReason::Kill);
        let error = quick.seen(1).await.unwrap_err();
        let is_gone =
            matches!(error, CallError::NoProc(_) | CallError::Down(ExitReason::Killed, _));
        assert!(is_gone, "{error}");
    });
}

/// Handlers that poll calls by hand could nest for ever.
#[cordial::test]
async fn calls_nest_on_one_stack_to_a_bound() {
    let mut next = None;
    for _ in 0..100 {
        let server = Quick { next, ..Quick::default() };
        next = Some(Quick::start(server).await.unwrap());
    }
    let depth = next.unwrap().depth().await.unwrap();
    assert!((1..50).contains(&depth), "{depth}");
}

/// One that does nothing but call, and never has to wait.
#[test]
fn process_that_calls_without_end_starves_nobody() {
    check_on(Some(1), async || {
        let over = Arc::new(AtomicBool::new(false));
        let is_over = over.clone();
        let caller = process::spawn_monitor(async move |_: Mailbox<()>| {
            let quick = quick().await;
            while !is_over.load(SeqCst) {
                quick.who().await.unwrap();
            }
        });
        // A plain task and another process get their turns.
        in_process(async |_: Mailbox<()>| assert_eq!(quick().await.seen(1).await, Ok(vec![1])))
            .await;
        over.store(true, SeqCst);
        assert_eq!(caller.1.await.reason, ExitReason::Normal);
    });
}

#[test]
fn task_that_calls_without_end_starves_nobody() {
    check_on(Some(1), async || {
        let over = Arc::new(AtomicBool::new(false));
        let is_over = over.clone();
        #[expect(clippy::disallowed_methods, reason = "a task that is no process")]
        let caller = tokio::spawn(async move {
            let quick = quick().await;
            while !is_over.load(SeqCst) {
                quick.who().await.unwrap();
            }
        });
        in_process(async |_: Mailbox<()>| assert_eq!(quick().await.seen(1).await, Ok(vec![1])))
            .await;
        over.store(true, SeqCst);
        caller.await.unwrap();
    });
}

/// What the handler uses of the runtime must be its own node's.
#[cordial::test]
async fn caller_on_another_runtime_does_not_run_the_handler() {
    let quick = quick().await;
    #[expect(clippy::disallowed_methods, reason = "a thread outside of every runtime")]
    let elsewhere = std::thread::spawn(move || {
        let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let here = poll_once(quick.seen(1)).is_pending();
        here && other.block_on(async { poll_once(quick.seen(2)).is_pending() })
    });
    assert!(elsewhere.join().unwrap());
}
