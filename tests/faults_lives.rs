//! The fault table, one test a row: how lives begin and end, and what becomes of names.
//!
//! A row is numbered as in the table of measured faults of actor libraries; each is what Erlang
//! does in the same case, or better. Rows of calls are in `faults_calls`, of supervisors in
//! `faults_trees`, those that need many processes or bytes in `faults_scale`.
use crate::faults_rig::*;
use crate::gen_server_support::{Log, is_silent};
use crate::support::{check_on, check_races, idler, trapper};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::expect_down;
use cordial::{Node, RegisterError, gen_server};
use std::collections::HashSet;
use tokio::time::Instant;

fn processes() -> usize {
    Node::current().unwrap().processes()
}

#[cordial::test]
async fn fault_01_panic_in_init_is_the_error_and_frees_the_name() {
    for _ in 0..2 {
        let start = Rig::start(Plan::PanicsInInit, Log::default()).name("rig");
        let Err(StartError::Init(reason)) = start.await else { panic!("it started") };
        assert_eq!((short(&reason), process::whereis("rig")), ("no init".to_owned(), None));
    }
}

#[cordial::test]
async fn fault_02_init_never_ends_then_kill() {
    let began = Instant::now();
    let start = Rig::start(Plan::StaysInInit, Log::default()).name("rig").timeout(secs(2));
    assert_eq!(start.await.unwrap_err(), StartError::Timeout(secs(2)));
    assert_eq!((began.elapsed(), process::whereis("rig"), processes()), (secs(2), None, 0));

    // And killed from outside, before any limit.
    let start = Rig::start(Plan::StaysInInit, Log::default()).name("rig").no_timeout();
    let mut start = Box::pin(IntoFuture::into_future(start));
    assert!(is_silent(&mut start).await);
    process::exit("rig", ExitReason::Kill);
    assert_eq!(start.await.unwrap_err(), StartError::Init(ExitReason::Killed));
    assert_eq!((process::whereis("rig"), processes()), (None, 0));
}

#[cordial::test]
async fn fault_04_terminate_runs_on_a_crash_with_its_reason() {
    let (rig, log) = rig(Plan::Works).await;
    let down = process::monitor(&rig);
    assert_eq!(why(rig.crash().await), "boom");
    assert_eq!(short(&down.await.reason), "boom");
    assert_eq!(log.take(), ["terminate: boom", "dropped"]);
}

#[cordial::test]
async fn fault_05_panic_in_terminate_is_the_reason() {
    let (rig, log) = rig(Plan::PanicsInTerminate).await;
    let down = process::monitor(&rig);
    assert_eq!(why(rig.crash().await), "no end");
    assert_eq!(short(&down.await.reason), "no end");
    assert_eq!(log.take(), ["terminate: boom", "dropped"]);
}

#[cordial::test]
async fn fault_06_state_whose_drop_panics_changes_nothing() {
    for stop in [false, true] {
        let (rig, log) = rig(Plan::PanicsWhenDropped).await;
        let (down, (_, linked)) = (process::monitor(&rig), trapper().await);
        let waits = rig.keep();
        let expected = if stop {
            gen_server::stop(&rig).await.unwrap();
            ExitReason::Normal
        } else {
            process::exit(&rig, ExitReason::Kill);
            ExitReason::Killed
        };
        assert_eq!(why(waits.await), expected.to_string());
        expect_down(down, expected).await;
        assert_eq!(log.take().last().map(String::as_str), Some("dropped"));
        drop(linked);
    }
}

#[cordial::test]
async fn fault_07_payload_whose_drop_panics_ends_one_process() {
    let (rig, log) = rig(Plan::Works).await;
    let down = process::monitor(&rig);
    assert_eq!(why(rig.crash_badly().await), "a panic without a text");
    assert!(down.await.reason.panic().is_some());
    assert_eq!(log.take().len(), 2, "terminate ran, the state was dropped");
}

/// Nothing can be done about it in Rust, so it is said where it is looked for.
#[test]
fn fault_08_panic_while_panicking_is_documented() {
    let docs = include_str!("../runtime/cordial/src/process/mod.rs");
    assert!(docs.contains("A panic while another unwinds"), "`process` says what it does");
}

#[cordial::test]
async fn fault_20_process_whose_handles_are_dropped_lives_on() {
    let mut pids = Vec::new();
    for _ in 0..1000 {
        let (address, ends) = idler();
        pids.push(ends.pid());
        drop((address, ends));
    }
    for pid in &pids {
        assert!(process::is_alive(pid).await);
    }
    assert_eq!(processes(), 1000);
}

#[test]
fn fault_21_one_of_a_thousand_gets_the_name() {
    for workers in [1, 2] {
        check_on(Some(workers), async || {
            for _ in 0..20 {
                let claims: Vec<_> = (0..1000)
                    .map(|_| {
                        let (from, won) = ReplyTo::pair();
                        let body = async move |mut mail: Mailbox<()>| {
                            from.reply(process::register("crown", &mail.address()).is_ok());
                            mail.next().await;
                        };
                        (process::spawn_monitor(body), won)
                    })
                    .collect();
                let (mut kings, mut all) = (0, Vec::new());
                for (process, won) in claims {
                    kings += usize::from(won.await.unwrap());
                    all.push(process);
                }
                for (address, ends) in all {
                    address.send(());
                    assert_eq!(ends.await.reason, ExitReason::Normal);
                }
                assert_eq!(kings, 1);
            }
        });
    }
}

/// PROC-34
#[test]
fn fault_22_name_is_free_at_the_down() {
    check_races(async || {
        let (address, ends) = idler();
        process::register("seat", &address).unwrap();
        process::exit(&address, ExitReason::Kill);
        assert_eq!(ends.await.reason, ExitReason::Killed);
        let (next, ends) = idler();
        process::register("seat", &next).expect("nobody has it");
        process::exit(&next, ExitReason::Kill);
        ends.await;
    });
}

#[cordial::test]
async fn fault_23_name_is_held_while_its_owner_terminates() {
    let start = Rig::start(Plan::StaysInTerminate, Log::default()).name("rig");
    let owner = start.await.unwrap();
    let down = process::monitor(&owner);
    let pid = gen_server::whereis(&owner).unwrap();
    assert!(is_silent(gen_server::stop(&owner)).await);
    let again = Rig::start(Plan::Works, Log::default()).name("rig").await;
    assert_eq!(again.unwrap_err(), StartError::AlreadyStarted(pid.into()));
    process::exit(&owner, ExitReason::Kill);
    expect_down(down, ExitReason::Killed).await;
    Rig::start(Plan::Works, Log::default()).name("rig").await.expect("the name is free");
}

#[test]
fn fault_25_name_of_the_dead_is_never_found() {
    check_races(async || {
        let (address, ends) = idler();
        process::register("ghost", &address).unwrap();
        process::exit(&address, ExitReason::Kill);
        let pid = ends.await.pid;
        assert_ne!(process::whereis("ghost"), Some(pid));
        assert!(!process::is_alive(&pid).await);
    });
}

#[cordial::test]
async fn fault_26_dead_process_gets_no_name() {
    let (rig, pid) = dead().await;
    assert_eq!(process::register("late", &rig), Err(RegisterError::NoProc));
    assert_eq!(process::register("late", &pid), Err(RegisterError::NoProc));
    assert_eq!(process::whereis("late"), None);
}

#[cordial::test]
async fn fault_27_monitor_and_link_of_the_dead_are_told() {
    let (rig, _) = dead().await;
    expect_down(process::monitor(&rig), ExitReason::NoProc).await;
    let ends = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
        process::trap_exit(true);
        let _ = process::link(&rig);
        crate::support::next_exit(&mut mail).await.reason
    });
    assert_eq!(ends.1.await.reason, ExitReason::NoProc);
}

/// PROC-23, PROC-28
#[test]
fn fault_27_no_monitor_and_no_link_is_lost_in_a_race_with_the_end() {
    check_races(async || {
        let (address, ends) = idler();
        let (linking, monitor) = (address.clone(), process::monitor(&address));
        let linked = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            process::trap_exit(true);
            let _ = process::link(&linking);
            crate::support::next_exit(&mut mail).await.reason
        });
        process::exit(&address, ExitReason::Kill);
        let told = [monitor.await.reason, linked.1.await.reason, ends.await.reason];
        let fine = |why: &ExitReason| matches!(why, ExitReason::Killed | ExitReason::NoProc);
        assert!(told.iter().all(fine), "{told:?}");
    });
}

#[cordial::test]
async fn fault_28_exit_reasons_are_told_apart() {
    let reasons = [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("drained"),
        ExitReason::custom("term"),
    ];
    let mut told = Vec::new();
    for reason in reasons.clone() {
        let ends = process::spawn_monitor(async move |_: Mailbox<()>| reason).1;
        told.push(ends.await.reason);
    }
    assert_eq!(told, reasons);
    let (_, ends) = idler();
    process::exit(&ends.pid(), ExitReason::Kill);
    assert_eq!(ends.await.reason, ExitReason::Killed);
}

/// The state is dropped, the name free and the caller answered before anybody learns of the end.
#[cordial::test]
async fn fault_29_end_of_life_is_one_place_in_one_order() {
    for way in ["stop", "crash", "kill"] {
        let log = Log::default();
        let rig = Rig::start(Plan::Works, log.clone()).name("rig").await.unwrap();
        let (down, waits) = (process::monitor(&rig), rig.keep());
        assert!(rig.echo(1).await.is_ok());
        match way {
            "stop" => drop(gen_server::stop(&rig).await),
            "crash" => drop(rig.crash().await),
            _ => process::exit(&rig, ExitReason::Kill),
        }
        let reason = down.await.reason;
        assert_eq!(log.take().last().map(String::as_str), Some("dropped"), "{way}");
        assert_eq!(process::whereis("rig"), None, "{way}");
        let waits = tokio::time::timeout(secs(0), waits).await.expect("it is answered already");
        assert_eq!(why(waits), short(&reason), "{way}");
    }
}

#[cordial::test]
async fn fault_35_kill_works_while_terminate_waits() {
    let (rig, log) = rig(Plan::StaysInTerminate).await;
    let down = process::monitor(&rig);
    assert!(is_silent(gen_server::stop(&rig)).await);
    process::exit(&rig, ExitReason::Kill);
    expect_down(down, ExitReason::Killed).await;
    assert_eq!(log.take(), ["terminate: normal", "dropped"]);
}

#[cordial::test]
async fn fault_45_timers_aimed_at_the_dead_are_gone() {
    let mut lives = Vec::new();
    for _ in 0..1000 {
        let (address, ends) = idler();
        for _ in 0..100 {
            process::send_after(&address, secs(600), ()).unwrap();
        }
        lives.push((address, ends));
    }
    let node = Node::current().unwrap();
    assert_eq!(node.timers(), 100_000);
    for (address, _) in &lives {
        process::exit(address, ExitReason::Kill);
    }
    for (_, ends) in lives {
        ends.await;
    }
    assert_eq!((node.timers(), node.processes()), (0, 0));
}

#[test]
fn fault_46_runtime_that_is_dropped_ends_ten_thousand_processes() {
    for workers in [1, 2] {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_all()
            .build()
            .unwrap();
        let (node, ends, waits) = runtime.block_on(async {
            let ends: Vec<_> = (0..10_000).map(|_| idler().1).collect();
            let (rig, _) = rig(Plan::Works).await;
            (Node::current().unwrap(), ends, rig.keep())
        });
        drop(runtime);
        assert_eq!(node.processes(), 0);
        assert_eq!(why(waits.blocking()), ExitReason::NodeStopped.to_string());
        let all = async {
            for end in ends {
                assert_eq!(end.await.reason, ExitReason::NodeStopped);
            }
        };
        let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
        other.block_on(all);
    }
}

#[cordial::test]
async fn fault_47_start_that_is_dropped_leaves_no_name() {
    for n in 0..200 {
        let start = Rig::start(Plan::StaysInInit, Log::default()).name(&format!("rig {n}"));
        let mut start = Box::pin(IntoFuture::into_future(start));
        assert!(futures_poll(&mut start).await);
        assert!(process::whereis(&format!("rig {n}")).is_some());
    }
    let names: HashSet<_> = (0..200).map(|n| process::whereis(&format!("rig {n}"))).collect();
    for pid in names.into_iter().flatten() {
        assert!(!process::is_alive(&pid).await);
    }
    assert_eq!(processes(), 0);
    assert!((0..200).all(|n| process::whereis(&format!("rig {n}")).is_none()));
}

/// Polls it once; whether it waits.
async fn futures_poll<F: Future + Unpin>(future: &mut F) -> bool {
    let mut future = std::pin::Pin::new(future);
    std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}
