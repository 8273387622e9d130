//! `process::blocking`: work that blocks its thread runs beside the workers.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{CallError, gen_server};
use std::sync::mpsc;

/// A server that hands out what blocks.
#[gen_server(restart = Temporary)]
struct Clerk;

/// What work waits for.
struct Released(mpsc::Receiver<u32>);

/// Told when work has begun.
struct Entered(ReplyTo<()>);

#[gen_server]
impl Clerk {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    async fn wait_for(&self, there: Entered, release: Released) -> u32 {
        process::blocking(move || {
            there.0.reply(());
            release.0.recv_timeout(secs(60)).unwrap()
        })
        .await
    }

    #[call]
    async fn who(&self, ctx: &mut Ctx<Self>) -> (Pid, Pid) {
        (ctx.pid(), process::blocking(process::self_pid).await)
    }

    #[call]
    async fn fall(&self) {
        process::blocking(|| panic!("the file is gone")).await;
    }

    #[call]
    async fn call_itself(&self, itself: ClerkRef) -> bool {
        let answer = process::blocking(move || itself.call_itself(itself.clone()).blocking()).await;
        matches!(answer, Err(CallError::Deadlock(..)))
    }
}

/// Work that has begun, and the end of a channel that lets it go on.
async fn blocked(clerk: &ClerkRef) -> (cordial::Call<u32>, mpsc::Sender<u32>) {
    let ((there, is_there), (release, released)) = (ReplyTo::pair(), mpsc::channel());
    let call = clerk.wait_for(Entered(there), Released(released));
    is_there.await.unwrap();
    (call, release)
}

#[test]
fn worker_of_a_process_that_waits_for_blocking_work_runs_others() {
    check_everywhere(async || {
        let (clerk, other) = (Clerk::start().await.unwrap(), Clerk::start().await.unwrap());
        let (call, release) = blocked(&clerk).await;
        let pid = gen_server::whereis(&other).unwrap();
        assert_eq!(other.who().await, Ok((pid, pid)));
        release.send(7).unwrap();
        assert_eq!(call.await, Ok(7));
    });
}

#[test]
fn blocking_work_runs_as_its_process() {
    check_everywhere(async || {
        let clerk = Clerk::start().await.unwrap();
        let pid = gen_server::whereis(&clerk).unwrap();
        assert_eq!(clerk.who().await, Ok((pid, pid)));
        assert_eq!(clerk.call_itself(clerk.clone()).await, Ok(true));
    });
}

#[test]
fn panic_of_blocking_work_is_that_of_its_process() {
    check_everywhere(async || {
        let clerk = Clerk::start().await.unwrap();
        let error = clerk.fall().await.unwrap_err();
        let CallError::Down(reason, _) = error else { panic!("{error}") };
        let text = reason.to_string();
        assert!(text.starts_with("panicked: the file is gone at tests/blocking.rs:"), "{text}");
    });
}

/// TYP-7: what blocks cannot be killed, and nobody waits for it.
#[test]
fn killed_process_does_not_wait_for_its_blocking_work() {
    check_everywhere(async || {
        let clerk = Clerk::start().await.unwrap();
        let down = process::monitor(&clerk);
        let (call, release) = blocked(&clerk).await;
        process::exit(&clerk, ExitReason::Kill);
        assert_eq!(down.await.reason, ExitReason::Killed);
        assert!(matches!(call.await, Err(CallError::Down(ExitReason::Killed, _))));
        // The work itself goes on: its end of the channel is still there.
        release.send(7).unwrap();
    });
}

/// One thread for what blocks, and it is taken.
#[test]
fn blocking_work_that_has_not_begun_ends_with_its_process() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.max_blocking_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let clerk = Clerk::start().await.unwrap();
        let (call, release) = blocked(&clerk).await;
        let (ran, runs) = mpsc::channel();
        let second = process::spawn_monitor(async move |_: Mailbox<()>| {
            process::blocking(move || ran.send(()).unwrap()).await;
        });
        tokio::task::yield_now().await;
        process::exit(&second.0, ExitReason::Kill);
        check_ends(second.1, ExitReason::Killed).await;
        release.send(7).unwrap();
        assert_eq!(call.await, Ok(7));
        // What came behind it in the pool runs, and that did not.
        assert_eq!(process::blocking(|| 8).await, 8);
        assert_eq!(runs.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    });
}

#[cordial::test]
async fn blocking_work_of_a_plain_task_runs_as_nobody_in_particular() {
    let own = process::self_pid();
    assert_eq!(process::blocking(process::self_pid).await, own);
}
