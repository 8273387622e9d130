//! What the tests of processes share: one scenario on several kinds of runtime, and processes whose
//! assertions fail the test.
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received, Spawned};
use cordial::{Answer, Message, RawRef};
use std::fmt::Debug;
use std::future::{Ready, ready};
use std::mem::ManuallyDrop;
use tokio::time::timeout;

/// Rounds of a race.
pub(crate) const ROUNDS: usize = 500;

/// How long a scenario may take, before it counts as stuck.
const PATIENCE: std::time::Duration = secs(120);

/// Any value as a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Note<T>(pub(crate) T);

impl<T: Send + 'static> Message for Note<T> {
    fn kind(&self) -> &'static str {
        "note"
    }
}

/// Runs a scenario on one thread with a paused clock, on one worker and on two.
pub(crate) fn check_everywhere(scenario: impl AsyncFn()) {
    for workers in [None, Some(1), Some(2)] {
        check_on(workers, &scenario);
    }
}

/// Runs a scenario that may go wrong now and then, many times, on one worker and on two.
pub(crate) fn check_races(scenario: impl AsyncFn()) {
    check_rounds(async |rounds| {
        for _ in 0..rounds {
            scenario().await;
        }
    });
}

/// Runs a scenario that repeats its race so often as it is told, on one worker and on two.
pub(crate) fn check_rounds(scenario: impl AsyncFn(usize)) {
    for workers in [1, 2] {
        check_on(Some(workers), async || scenario(ROUNDS).await);
    }
}

/// Runs a scenario on so many workers; on none it is this thread, and the clock is paused.
pub(crate) fn check_on(workers: Option<usize>, scenario: impl AsyncFn()) {
    cordial::__private::run_test(workers, async {
        let ended = timeout(PATIENCE, scenario()).await;
        assert!(ended.is_ok(), "stuck with {workers:?} workers");
    });
}

/// Runs `body` as a process, to its end; what it asserts fails the test.
pub(crate) async fn in_process<F, Fut>(body: F)
where
    F: FnOnce(Mailbox<()>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (from, finished) = ReplyTo::pair();
    let whole = |mail| {
        let body = body(mail);
        async {
            body.await;
            from.reply(());
        }
    };
    let down = process::spawn_monitor(whole).1.await;
    assert_eq!(down.reason, ExitReason::Normal);
    assert_eq!(finished.await, Some(()), "the process ended before its body did");
}

/// A process that does nothing until it is sent a message, and the future of its end.
pub(crate) fn idler() -> (RawRef<()>, Spawned<()>) {
    process::spawn_monitor(async |mut mail: Mailbox<()>| mail.next().await)
}

/// A process that traps exits and ends `Normal` at the first one; it traps them when this returns.
pub(crate) async fn trapper() -> (RawRef<()>, Answer<Exit>) {
    let ((ready, is_ready), (from, answer)) = (ReplyTo::pair(), ReplyTo::pair());
    let address = process::spawn(async move |mut mail: Mailbox<()>| {
        process::trap_exit(true);
        ready.reply(());
        from.reply(next_exit(&mut mail).await);
    });
    is_ready.await.unwrap();
    (address, answer)
}

/// A process that has ended, and the pid that it had.
pub(crate) async fn dead() -> (RawRef<()>, Pid) {
    let (address, ended) = process::spawn_monitor(async |_: Mailbox<()>| {});
    let pid = ended.await.pid;
    (address, pid)
}

/// The body of a process that ends with this reason as soon as it runs.
pub(crate) fn ends_with(reason: ExitReason) -> impl FnOnce(Mailbox<()>) -> Ready<ExitReason> {
    move |_| ready(reason)
}

/// The next mail, which has to be an `Exit`.
pub(crate) async fn next_exit<M: Message + Debug>(mail: &mut Mailbox<M>) -> Exit {
    match mail.receive().await {
        Received::Exit(exit) => exit,
        other => panic!("{other:?} instead of an Exit"),
    }
}

/// The next mail, which has to be a `Down`.
pub(crate) async fn next_down<M: Message + Debug>(mail: &mut Mailbox<M>) -> Down {
    match mail.receive().await {
        Received::Down(down) => down,
        other => panic!("{other:?} instead of a Down"),
    }
}

/// The next mail, which has to be a message.
pub(crate) async fn next_message<M: Message + Debug>(mail: &mut Mailbox<M>) -> M {
    match mail.receive().await {
        Received::Message(message) => message,
        other => panic!("{other:?} instead of a message"),
    }
}

/// Nothing is in the mailbox, and nothing comes.
pub(crate) async fn check_silent<M: Message + Debug>(mail: &mut Mailbox<M>) {
    if let Ok(more) = timeout(millis(100), mail.receive()).await {
        panic!("{more:?} came, and nothing should");
    }
}

/// Waits for the end of a process, and checks why it ended.
pub(crate) async fn check_ends(down: impl Future<Output = Down>, reason: ExitReason) {
    assert_eq!(down.await.reason, reason);
}

/// A reason that only this test gives.
pub(crate) fn custom() -> ExitReason {
    ExitReason::custom("deep")
}

/// A value whose drop panics.
#[derive(Debug)]
pub(crate) struct Bomb;

impl Bomb {
    pub(crate) fn defuse(self) {
        let _ = ManuallyDrop::new(self);
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped a bomb");
    }
}
