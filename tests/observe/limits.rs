//! Fuses and regulators.
use cordial::fuse::{Fuse, FuseError};
use cordial::prelude::*;
use cordial::process;
use cordial::regulator::{Regulator, Why};
use cordial::telemetry;
use cordial::telemetry::events::{FuseBlown, FuseReset, RegulatorRefused};
use cordial::test::{advance, capture_telemetry};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

fn fuse() -> Fuse {
    Fuse::new("partner").bears(2, secs(10)).reset_after(secs(30))
}

#[cordial::test]
async fn fuse_blows_at_the_first_failure_over_what_it_bears_and_says_for_how_long() {
    let fuse = fuse();
    for _ in 0..2 {
        assert_eq!(fuse.run(async { Err::<(), _>(7) }).await, Err(FuseError::Failed(7)));
        assert_eq!(fuse.ask(), Ok(()));
    }
    fuse.melt();
    advance(secs(10)).await;
    let blown = fuse.ask().unwrap_err();
    assert_eq!((&*blown.name, blown.resets_in), ("partner", secs(20)));
    assert_eq!(blown.to_string(), "the fuse `partner` is blown; it resets in 20s");
    let tried = fuse.run(async { panic!("not tried") as Result<(), u8> }).await;
    assert_eq!(tried, Err(FuseError::Blown(blown)));
}

#[cordial::test]
async fn failures_that_are_older_than_the_period_do_not_count() {
    let fuse = fuse();
    for _ in 0..20 {
        fuse.melt();
        advance(secs(5)).await;
    }
    assert_eq!(fuse.ask(), Ok(()));
}

#[cordial::test]
async fn fuse_is_whole_again_after_its_time_and_tells_both() {
    let fuse = fuse();
    let events = capture_telemetry(async {
        (0..5).for_each(|_| fuse.melt());
        advance(secs(30)).await;
        assert_eq!(fuse.ask(), Ok(()));
        fuse.melt();
        assert_eq!(fuse.ask(), Ok(()), "it has forgotten what was before");
        fuse.reset();
    })
    .await;
    assert_eq!(events.of::<FuseBlown>()[0].failures, 3);
    assert_eq!((events.of::<FuseBlown>().len(), events.of::<FuseReset>().len()), (1, 1));
}

#[cordial::test]
async fn who_is_told_of_a_fuse_may_ask_it() {
    let (fuse, told) = (fuse(), Arc::new(AtomicUsize::new(0)));
    let (blown, whole) = (fuse.clone(), fuse.clone());
    let (first, second) = (told.clone(), told.clone());
    telemetry::attach(move |_: &FuseBlown| {
        assert!(blown.ask().is_err());
        first.fetch_add(1, Relaxed);
    });
    telemetry::attach(move |_: &FuseReset| {
        assert_eq!(whole.ask(), Ok(()));
        second.fetch_add(1, Relaxed);
    });
    (0..3).for_each(|_| fuse.melt());
    assert_eq!(told.load(Relaxed), 1);
    advance(secs(30)).await;
    assert_eq!(fuse.ask(), Ok(()));
    assert_eq!(told.load(Relaxed), 2);
}

#[cordial::test]
async fn clones_of_a_fuse_are_one() {
    let (one, other) = (fuse(), fuse().clone());
    (0..3).for_each(|_| one.clone().melt());
    assert!(one.ask().is_err());
    assert_eq!(other.ask(), Ok(()));
}

#[cordial::test]
async fn regulator_lets_so_many_run_at_once_in_the_order_in_which_they_came() {
    let regulator = Regulator::new("imports").at_once(2).line(10, secs(60));
    let (first, second) = (regulator.enter().await.unwrap(), regulator.enter().await.unwrap());
    let (third, fourth) = (regulator.enter(), regulator.enter());
    assert_eq!((regulator.load().running, regulator.load().waiting), (2, 2));
    assert!(regulator.try_enter().is_err());
    drop(first);
    assert!(regulator.try_enter().is_err(), "nobody passes the line");
    let third = third.await.unwrap();
    drop(second);
    drop(third);
    let fourth = fourth.await.unwrap();
    assert_eq!((regulator.load().running, regulator.load().waiting), (1, 0));
    drop(fourth);
    assert!(regulator.try_enter().is_ok());
}

#[cordial::test]
async fn regulator_lets_so_many_begin_within_a_time() {
    let regulator = Regulator::new("mails").rate(3, secs(1));
    let began = process::now();
    let mut times = Vec::new();
    for _ in 0..7 {
        drop(regulator.enter().await.unwrap());
        times.push((process::now() - began).as_secs());
    }
    assert_eq!(times, [0, 0, 0, 1, 1, 1, 2]);
}

/// Nobody waits for ever for one who never comes out.
#[cordial::test]
async fn regulator_without_a_line_lets_nobody_wait_longer_than_for_an_answer() {
    let regulator = Regulator::new("imports").at_once(1);
    let permit = regulator.enter().await.unwrap();
    let began = process::now();
    let refused = regulator.enter().await.unwrap_err();
    assert_eq!((refused.why, process::now() - began), (Why::TooOld, secs(5)));
    assert_eq!(regulator.load().waiting, 0);
    drop(permit);
}

#[cordial::test]
async fn full_regulator_says_how_long_to_wait_and_that_is_enough() {
    let regulator = Regulator::new("mails").rate(2, secs(10)).line(0, secs(1));
    for _ in 0..2 {
        drop(regulator.enter().await.unwrap());
    }
    advance(secs(4)).await;
    let refused = regulator.enter().await.unwrap_err();
    assert_eq!((refused.why, refused.retry_in), (Why::LineFull, secs(6)));
    assert_eq!(refused.to_string(), "`mails` is full; come again in 6s");
    advance(refused.retry_in).await;
    assert!(regulator.enter().await.is_ok());
}

#[cordial::test]
async fn who_waits_for_too_long_is_refused_and_gives_his_place_back() {
    let regulator = Regulator::new("imports").at_once(1).line(5, secs(2));
    let permit = regulator.enter().await.unwrap();
    let events = capture_telemetry(async {
        let refused = regulator.enter().await.unwrap_err();
        assert_eq!(refused.why, Why::TooOld);
    })
    .await;
    assert!(events.of::<RegulatorRefused>()[0].waited_too_long);
    drop(regulator.enter());
    assert_eq!(regulator.load().waiting, 0);
    drop(permit);
    assert!(regulator.enter().await.is_ok());
}

#[cordial::test]
async fn work_that_is_dropped_or_panics_gives_its_room_back() {
    let regulator = Regulator::new("imports").at_once(1).line(0, secs(1));
    for panics in [false, true] {
        let own = regulator.clone();
        let (worker, down) = process::spawn_monitor(async move |_: process::Mailbox<()>| {
            let work = async { if panics { panic!("boom") } else { std::future::pending().await } };
            let _: Result<(), _> = own.run(work).await;
        });
        advance(millis(1)).await;
        process::exit(&worker, ExitReason::Kill);
        down.await;
        assert_eq!(regulator.load().running, 0);
    }
}

#[cordial::test(workers = 2)]
async fn regulator_keeps_its_bound_and_lets_everybody_in_on_real_threads() {
    let regulator = Regulator::new("imports").at_once(3).line(1_000, secs(60));
    let workers: Vec<_> = (0..50)
        .map(|_| {
            let regulator = regulator.clone();
            process::spawn_monitor(async move |_: process::Mailbox<()>| {
                for _ in 0..40 {
                    let permit = regulator.enter().await.unwrap();
                    assert!(regulator.load().running <= 3);
                    tokio::task::yield_now().await;
                    drop(permit);
                }
            })
        })
        .collect();
    for (_, down) in workers {
        assert_eq!(down.await.reason, ExitReason::Normal);
    }
    assert_eq!((regulator.load().running, regulator.load().waiting), (0, 0));
}
