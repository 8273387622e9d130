//! How long it waits, and what it looks at meanwhile.
use crate::support::*;
use crate::{Post, post, rest, text};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// PROC-9: a receive that waits looks at what is new, and not again at what it has passed over.
// break: PROC-9 runtime/cordial/src/process/selective.rs
//     `cx: &mut Context<'_>) -> Poll<T> {` => `cx: &mut Context<'_>) -> Poll<T> { self.seen = 0;`
#[test]
fn waiting_receive_looks_at_each_message_once() {
    check_everywhere(async || {
        let looks = Arc::new(AtomicUsize::new(0));
        let seen = looks.clone();
        let (reader, ends) = process::spawn_monitor(async move |mut mail: Mailbox<Post>| {
            let count = |_: &u32| seen.fetch_add(1, Relaxed) < usize::MAX;
            receive!(mail, Post::Number(n) if count(&n) && n == 1000 => {});
            assert_eq!(seen.load(Relaxed), 1001);
            assert_eq!(rest(&mut mail).await.len(), 1000);
        });
        for n in 0..=1000 {
            reader.send(Post::Number(n));
            if n % 50 == 0 {
                dead().await; // So that the reader runs between.
            }
        }
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// PROC-10: with `after 0s` what is queued is taken, or it gives up without waiting.
// break: PROC-10 macros/src/receive.rs `#receive.after(#limit).await`
//     => `#receive.after(#limit + ::core::time::Duration::from_secs(1)).await`
#[test]
fn after_nothing_looks_once_and_does_not_wait() {
    check_everywhere(async || {
        in_post(async |mut mail| {
            let began = Instant::now();
            assert_eq!(receive!(mail, Post::Number(n) => n, after 0s => 9), 9);
            post(&mail, [text("a"), Post::Number(1)]);
            assert_eq!(receive!(mail, Post::Number(n) => n, after 0s => 9), 1);
            assert_eq!(receive!(mail, Post::Number(n) => n, after Duration::ZERO => 9), 9);
            assert!(began.elapsed() < millis(500));
            assert_eq!(rest(&mut mail).await, [text("a")]);
        })
        .await;
    });
}

async fn in_post<F, Fut>(body: F)
where
    F: FnOnce(Mailbox<Post>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    check_ends(process::spawn_monitor(body).1, ExitReason::Normal).await;
}

/// PROC-10: a timer's message comes before the time is over, and what does not match changes
/// nothing.
#[test]
fn after_counts_from_the_beginning_whatever_comes_meanwhile() {
    check_everywhere(async || {
        in_post(async |mut mail| {
            let me = mail.address();
            let began = Instant::now();
            for n in 1..=5 {
                process::send_after(&me, millis(10 * n), text("noise"));
            }
            let limit = millis(40);
            let late = receive!(mail, Post::Number(_) => false, after limit => true);
            assert!(late && began.elapsed() >= millis(40));
            process::send_after(&me, millis(20), Post::Number(7));
            assert_eq!(receive!(mail, Post::Number(n) => n, after 60s => 0), 7);
        })
        .await;
    });
}

/// PROC-11: no arm but `after` is a sleep; no `after` is a wait without end.
#[test]
fn with_nothing_but_after_it_sleeps() {
    check_everywhere(async || {
        in_post(async |mut mail| {
            let began = Instant::now();
            post(&mail, [Post::Stop]);
            receive!(mail, after 30ms => {});
            assert!(began.elapsed() >= millis(30));
            let endless = async { receive!(mail, Post::Number(n) => n) };
            assert!(timeout(millis(20), endless).await.is_err());
            assert_eq!(rest(&mut mail).await, [Post::Stop]);
        })
        .await;
    });
}

/// PROC-9: one that is dropped while it waits has taken nothing.
#[test]
fn receive_that_is_given_up_loses_nothing() {
    check_everywhere(async || {
        in_post(async |mut mail| {
            post(&mail, [Post::Number(1), text("a")]);
            for _ in 0..3 {
                let waits = async { receive!(mail, Post::Stop => {}) };
                assert!(timeout(millis(5), waits).await.is_err());
            }
            assert_eq!(rest(&mut mail).await, [Post::Number(1), text("a")]);
        })
        .await;
    });
}
