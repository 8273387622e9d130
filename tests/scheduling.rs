//! Who runs when: nobody is starved, by a flood or by a handler that blocks its thread.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::sync::mpsc;
use tokio::time::Instant;

/// A server that answers.
#[gen_server]
#[derive(Clone)]
struct Echo;

#[gen_server]
impl Echo {
    /// In its own turn: its caller would not have to wait for one.
    #[call(inline = never)]
    fn echo(&self, n: u32) -> u32 {
        n
    }

    /// Blocks its thread until another one is there, too, or for a second.
    #[call(inline = never)]
    fn meet(&self, tell: mpsc::Sender<()>, other: Released) -> bool {
        tell.send(()).is_ok() && other.0.recv_timeout(secs(1)).is_ok()
    }

    #[cast]
    fn poke(&self) {}
}

/// A server that blocks its thread.
#[gen_server(restart = Temporary)]
struct Blocker;

#[gen_server]
impl Blocker {
    #[init]
    fn new() -> Self {
        Self
    }

    /// Pokes others, and then does not give its thread back until it is told to, or for a second.
    #[call]
    fn block(&self, poked: Vec<Ref<Echo>>, there: Entered, until: Released) -> bool {
        poked.iter().for_each(|echo| _ = echo.poke());
        there.0.reply(());
        until.0.recv_timeout(secs(1)).is_ok()
    }
}

/// Told when the thread is about to be blocked.
struct Entered(ReplyTo<()>);

/// What the blocked thread waits for.
struct Released(mpsc::Receiver<()>);

/// Blocks a worker while a thousand others are called, and bounds how long those take.
async fn check_others_answer(poked: usize) {
    let mut echoes = Vec::new();
    for _ in 0..1000 {
        echoes.push(Echo::start(Echo).await.unwrap());
    }
    let blocker = Blocker::start().await.unwrap();
    let ((there, is_there), (release, released)) = (ReplyTo::pair(), mpsc::channel());
    let poked = echoes[..poked].to_vec();
    // The one made ready last runs next on the same thread; everybody else runs elsewhere.
    if let Some(last) = poked.last() {
        echoes.retain(|echo| echo != last);
    }
    let blocked = blocker.block(poked, Entered(there), Released(released));
    is_there.await.unwrap();

    let began = Instant::now();
    let answers: Vec<_> = echoes.iter().zip(0..).map(|(echo, n)| echo.echo(n)).collect();
    for (answer, n) in answers.into_iter().zip(0..) {
        assert_eq!(answer.await, Ok(n));
    }
    let took = began.elapsed();
    assert!(took < millis(500), "others waited {took:?} for a blocked thread");
    release.send(()).unwrap();
    assert_eq!(blocked.await, Ok(true), "released in time");
}

#[test]
fn handler_that_blocks_its_thread_delays_nobody_on_the_other_worker() {
    check_on(Some(2), async || check_others_answer(0).await);
}

#[test]
fn handler_that_makes_others_ready_and_then_blocks_delays_only_the_last_of_them() {
    for poked in [1, 2, 3, 100] {
        check_on(Some(2), async || check_others_answer(poked).await);
    }
}

/// They are sent when they are made: who awaits the first has not asked the second in vain.
#[test]
fn calls_that_are_awaited_one_after_the_other_are_handled_side_by_side() {
    check_on(Some(2), async || {
        let (one, other) = (Echo::start(Echo).await.unwrap(), Echo::start(Echo).await.unwrap());
        #[expect(clippy::disallowed_methods, reason = "a task that is no process")]
        let met = tokio::spawn(async move {
            let ((tell_one, told_one), (tell_other, told_other)) =
                (mpsc::channel(), mpsc::channel());
            let first = one.meet(tell_other, Released(told_one));
            let second = other.meet(tell_one, Released(told_other));
            (first.await, second.await)
        });
        assert_eq!(met.await.unwrap(), (Ok(true), Ok(true)));
    });
}

/// TMR-1
#[test]
fn timer_that_a_handler_arms_before_it_blocks_fires_in_time() {
    check_on(Some(2), async || {
        let (armed_for, ends) = idler();
        let (release, released) = mpsc::channel::<()>();
        let began = Instant::now();
        process::spawn(async move |_: Mailbox<()>| {
            process::send_after(&armed_for, millis(20), ()).unwrap();
            let _ = released.recv_timeout(secs(1));
        });
        check_ends(ends, ExitReason::Normal).await;
        let took = began.elapsed();
        assert!(took < millis(500), "the timer waited {took:?} for a blocked thread");
        release.send(()).unwrap();
    });
}

/// Calls a bystander a hundred times while `flood` goes on, and bounds how long that takes: at one
/// try of three. A flood that starves others starves them at each; a machine that has no time for
/// this program has it again later.
async fn check_bystander_answers() {
    let echo = Echo::start(Echo).await.unwrap();
    let mut least = secs(100);
    for _ in 0..3 {
        let began = Instant::now();
        for n in 0..100 {
            assert_eq!(echo.echo(n).await, Ok(n));
        }
        least = least.min(began.elapsed());
        if least < secs(2) {
            return;
        }
    }
    panic!("a flood made a hundred calls take {least:?}");
}

#[test]
fn flooded_server_does_not_starve_others() {
    check_everywhere(async || {
        let flooded = Echo::start(Echo).await.unwrap();
        let floods: Vec<_> = (0..4)
            .map(|_| {
                let flooded = flooded.clone();
                process::spawn(async move |_: Mailbox<()>| {
                    loop {
                        (0..100).for_each(|_| _ = flooded.poke());
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        check_bystander_answers().await;
        for flood in floods {
            process::exit(&flood, ExitReason::Kill);
            assert!(!process::is_alive(&flood).await);
        }
    });
}

#[test]
fn process_that_always_has_mail_does_not_starve_others() {
    check_everywhere(async || {
        let busy = [(); 4].map(|()| {
            process::spawn(async |mut mail: Mailbox<()>| {
                loop {
                    mail.send_self(());
                    mail.next().await;
                }
            })
        });
        check_bystander_answers().await;
        for busy in busy {
            process::exit(&busy, ExitReason::Kill);
            assert!(!process::is_alive(&busy).await);
        }
    });
}

#[test]
fn two_that_send_each_other_without_end_do_not_starve_others() {
    check_everywhere(async || {
        let pairs: Vec<_> = (0..4)
            .map(|_| {
                let (from, answer) = ReplyTo::pair();
                let left = process::spawn(async move |mut mail: Mailbox<()>| {
                    let right: cordial::RawRef<()> = answer.await.unwrap();
                    loop {
                        right.send(());
                        mail.next().await;
                    }
                });
                let peer = left.clone();
                let right = process::spawn(async move |mut mail: Mailbox<()>| {
                    loop {
                        mail.next().await;
                        peer.send(());
                    }
                });
                from.reply(right.clone());
                [left, right]
            })
            .collect();
        check_bystander_answers().await;
        for process in pairs.into_iter().flatten() {
            process::exit(&process, ExitReason::Kill);
            assert!(!process::is_alive(&process).await);
        }
    });
}
