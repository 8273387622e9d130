//! Servers that wait for each other: what is a circle, and what is none.
use crate::calls_desk::{desk, outside};
use crate::gen_server_support::is_silent;
use cordial::gen_server;
use cordial::prelude::*;
use std::time::Duration;
use tokio::time::Instant;

#[cordial::test]
async fn circle_of_two_is_told_to_one_of_them() {
    let (a, b) = (desk().await, desk().await);
    let pids = [&a, &b].map(|desk| gen_server::whereis(desk).unwrap());
    let began = Instant::now();
    let error = a.via(vec![b.clone(), a.clone()], None).await.unwrap_err();
    let Some(CallError::Deadlock(path, callee)) = error.handler() else { panic!("no circle") };
    assert_eq!((path.pids().len(), began.elapsed()), (2, Duration::ZERO));
    assert!(pids.iter().all(|pid| path.pids().contains(pid)));
    assert_eq!(callee.kind(), "via");
    for desk in [a, b] {
        assert_eq!(desk.echo(1).await, Ok(1), "both live on");
    }
}

async fn circles_again_and_again() {
    let (a, b) = (desk().await, desk().await);
    for _ in 0..500 {
        let error = a.via(vec![b.clone(), a.clone()], None).await.unwrap_err();
        let error = error.handler().expect("the outer call is answered");
        assert!(matches!(error, CallError::Deadlock(..)), "{error}");
        // These may cross, or follow each other.
        let crossing = tokio::join!(a.via(vec![b.clone()], None), b.via(vec![a.clone()], None));
        for answer in [crossing.0, crossing.1] {
            let fine = match &answer {
                Ok(1) => true,
                Err(TryCallError::Handler(error)) => matches!(error, CallError::Deadlock(..)),
                _ => false,
            };
            assert!(fine, "{answer:?}");
        }
    }
}

#[cordial::test(workers = 1)]
async fn no_circle_is_missed_on_one_worker() {
    circles_again_and_again().await;
}

#[cordial::test(workers = 2)]
async fn no_circle_is_missed_on_two_workers() {
    circles_again_and_again().await;
}

#[cordial::test]
async fn circle_with_a_limit_of_its_own_ends_by_itself() {
    let (a, b) = (desk().await, desk().await);
    let began = Instant::now();
    let error = a.via(vec![b, a.clone()], Some(millis(50))).await.unwrap_err();
    assert!(error.handler().expect("the outer call is answered").is_timeout());
    assert_eq!(began.elapsed(), millis(50));
}

#[cordial::test]
async fn wait_for_a_handle_that_was_handed_out_is_no_circle() {
    let (a, b) = (desk().await, desk().await);
    let (to, mut handed) = outside();
    let mut waits = Box::pin(async { a.wait_for_outside(b.clone(), to).await });
    let from = tokio::select! {
        answer = &mut waits => panic!("{answer:?}"),
        from = handed.recv() => from.unwrap(),
    };
    // B, whose answer A waits for, waits for A; yet somebody else has the handle.
    let mut back = Box::pin(async { b.via(vec![a.clone()], None).await });
    assert!(is_silent(async { tokio::join!(&mut waits, &mut back) }).await);
    from.reply(9);
    let (outer, back) = tokio::join!(waits, back);
    assert_eq!((outer, back), (Ok(9), Ok(1)));
}

#[cordial::test]
async fn long_path_without_a_circle_is_none() {
    let (a, b, c) = (desk().await, desk().await, desk().await);
    assert_eq!(a.via(vec![b.clone(), c.clone()], None).await, Ok(1));
    let both = tokio::join!(a.via(vec![c.clone()], None), b.via(vec![c], None));
    assert_eq!(both, (Ok(1), Ok(1)));
}
