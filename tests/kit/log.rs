//! `capture_log` and `with_log`.
use crate::support::{Lamp, lamp};
use cordial::test::{capture_log, restarted, start_supervised, with_log};

#[cordial::test]
async fn log_has_the_crash_that_follows_from_what_was_run() {
    let lamp = start_supervised!(Lamp::child_spec(Lamp::default()));
    let log = capture_log(async { lamp.burst() }).await;
    assert!(log.contains("[error] cordial: `Lamp` <"), "{log}");
    assert!(log.contains("reason        panicked: burst"), "{log}");
    let log = capture_log(async {}).await;
    assert_eq!(log, "");
}

#[cordial::test]
async fn log_has_the_level_the_message_and_the_fields_of_each_event() {
    let (answer, log) = with_log(async {
        let _span = tracing::info_span!("outer", a = 1).entered();
        tracing::info!(player = "ann", points = 3, "joined");
        tracing::debug!("nothing");
        42
    })
    .await;
    assert_eq!(answer, 42);
    assert_eq!(log, "[info] joined player=\"ann\" points=3\n[debug] nothing\n");
}

#[cordial::test]
async fn log_ends_with_what_was_run() {
    tracing::info!("before");
    let log = capture_log(async { tracing::info!("inside") }).await;
    tracing::info!("after");
    assert_eq!(log, "[info] inside\n");
}

#[cordial::test]
async fn log_of_one_inside_another_goes_to_the_inner_one() {
    let (inner, outer) = with_log(async {
        tracing::info!("outer");
        capture_log(async { tracing::info!("inner") }).await
    })
    .await;
    assert_eq!((inner.as_str(), outer.as_str()), ("[info] inner\n", "[info] outer\n"));
}

#[cordial::test(workers = 2)]
async fn log_of_real_threads_is_that_of_the_node_of_the_test() {
    let lamp = start_supervised!(Lamp::child_spec(Lamp::default()));
    let (other, log) = with_log(async {
        let again = restarted(&lamp);
        lamp.burst();
        again.await;
        let other_test = || {
            cordial::__private::run_test(Some(1), async {
                tracing::info!("of another test");
                capture_log(async { tracing::info!("captured by another test") }).await
            })
        };
        std::thread::scope(|scope| scope.spawn(other_test).join().unwrap())
    })
    .await;
    assert!(log.contains("reason        panicked: burst"), "{log}");
    assert!(!log.contains("another"), "{log}");
    assert_eq!(other, "[info] captured by another test\n");
}

#[cordial::test]
async fn log_is_empty_where_nothing_happens() {
    let (lamp, _) = lamp().await;
    let log = capture_log(async { lamp.switch(true) }).await;
    assert_eq!(log, "");
}
