//! Who starts a server runs its `init`, and who stops an idle one its end, on the own stack, in the
//! first poll: what that must not change.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Start, StartError, gen_server};
use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

/// What `init` does.
#[derive(Clone)]
enum Script {
    Run,
    Wait,
    Boom,
    /// It ends whoever this is.
    Exit(Pid),
    /// It starts the next one, and so on.
    Nest(u32),
}

#[gen_server(restart = Temporary)]
struct Nested {
    me: Pid,
    next: Option<NestedRef>,
}

#[gen_server]
impl Nested {
    #[init]
    async fn init(script: Script) -> Self {
        let me = process::self_pid();
        let mut next = None;
        match script {
            Script::Run => {}
            Script::Wait => tokio::task::yield_now().await,
            Script::Boom => panic!("boom"),
            Script::Exit(other) => process::exit(&other, ExitReason::Kill),
            Script::Nest(0) => {}
            Script::Nest(more) => {
                let start: Start<Self> = Self::start(Script::Nest(more - 1));
                next = Some(Box::pin(start).await.unwrap());
            }
        }
        assert_eq!(process::self_pid(), me, "it is itself again");
        Self { me, next }
    }

    #[call]
    fn me(&self) -> Pid {
        self.me
    }

    #[call]
    fn next(&self) -> Option<NestedRef> {
        self.next.clone()
    }
}

/// A server with something to do when it ends, which awaits.
#[gen_server]
struct Slow;

#[gen_server]
impl Slow {
    #[cast]
    fn note(&self) {}

    #[terminate]
    async fn bye(&self) {
        tokio::task::yield_now().await;
    }
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[cordial::test]
async fn init_that_need_not_wait_is_over_in_the_first_poll_of_the_start() {
    let start = poll_once(Nested::start(Script::Run));
    let Poll::Ready(Ok(server)) = start else { panic!("it waits: {start:?}") };
    assert_eq!(server.me().await.ok(), gen_server::whereis(&server));
    assert!(matches!(
        poll_once(Nested::start(Script::Boom)),
        Poll::Ready(Err(StartError::Init(ExitReason::Panic(_))))
    ));
    assert!(poll_once(Nested::start(Script::Wait)).is_pending());
    assert!(Nested::start(Script::Wait).await.is_ok());
}

/// GS-7: a bound of the caller's own holds whatever `init` does.
#[cordial::test]
async fn start_with_a_bound_of_its_own_is_left_to_the_process() {
    assert!(poll_once(Nested::start(Script::Run).timeout(secs(1))).is_pending());
    assert!(Nested::start(Script::Run).timeout(secs(1)).await.is_ok());
}

#[cordial::test]
async fn stop_of_an_idle_server_is_over_in_its_first_poll_unless_its_end_waits() {
    let (quick, slow) = (Nested::start(Script::Run).await.unwrap(), Slow::start(Slow).await);
    let slow = slow.unwrap();
    slow.note();
    cordial::test::sync(&slow).await;
    assert_eq!(poll_once(gen_server::stop(&quick)), Poll::Ready(Ok(())));
    let mut stop = pin!(gen_server::stop(&slow));
    assert!(poll_once(stop.as_mut()).is_pending());
    assert_eq!(stop.await, Ok(()));
}

/// An exit signal takes effect at the next await: at the latest, at the one that it came at.
#[test]
fn starter_that_is_ended_by_init_learns_nothing_more() {
    check_everywhere(async || {
        let went_on = Arc::new(AtomicBool::new(false));
        let seen = went_on.clone();
        let starter = process::spawn_monitor(async move |_: Mailbox<()>| {
            let _ = Nested::start(Script::Exit(process::self_pid())).await;
            seen.store(true, SeqCst);
        });
        assert_eq!(starter.1.await.reason, ExitReason::Killed);
        assert!(!went_on.load(SeqCst));
    });
}

/// Each level would be a few frames on one stack, were there no bound.
#[test]
fn starts_nest_to_any_depth() {
    check_everywhere(async || {
        let first = Nested::start(Script::Nest(500)).await.unwrap();
        let (mut depth, mut next) = (0, first.next().await.unwrap());
        while let Some(server) = next {
            (depth, next) = (depth + 1, server.next().await.unwrap());
        }
        assert_eq!(depth, 500);
    });
}

#[cordial::test]
async fn who_starts_and_stops_without_end_lets_others_run() {
    let is_over = Cell::new(false);
    let starts = async {
        for _ in 0..10_000 {
            gen_server::stop(&Nested::start(Script::Run).await.unwrap()).await.unwrap();
        }
        is_over.set(true);
    };
    let others = async {
        let mut turns = 0;
        while !is_over.get() {
            turns += 1;
            tokio::task::yield_now().await;
        }
        turns
    };
    let ((), turns) = tokio::join!(starts, others);
    assert!(turns > 50, "{turns}");
}
