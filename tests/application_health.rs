//! Whether a node's applications do what they are there for.
use crate::application_support::{Base, Left, Log, Top, script};
use cordial::application::{self, Condition};

/// APP-15: before the start, while another one starts, and while all run.
#[cordial::test]
async fn a_node_is_ready_when_everything_that_was_asked_for_runs() {
    let _log = Log::start();
    assert!(!application::ready());
    script::<Left>("start", "hang");
    let look = async {
        while condition("left") != Condition::Starting {
            tokio::task::yield_now().await;
        }
        application::health().to_string()
    };
    let (started, health) = tokio::join!(application::ensure_all_started::<Top>(), look);
    assert_eq!(health, "not ready\nbase: running\nleft: starting\nright: waiting\ntop: waiting");
    started.unwrap_err();
    assert!(!application::ready());
    assert_eq!(
        application::health().to_string(),
        "not ready\nbase: stopped\nleft: failed: application `left` did not start within 60s\n\
         right: loaded\ntop: loaded"
    );
    script::<Left>("start", "well");
    application::ensure_all_started::<Top>().await.unwrap();
    assert!(application::ready(), "{}", application::health());
}

fn condition(name: &str) -> Condition {
    let health = application::health();
    let found = health.applications().iter().find(|(known, _)| *known == name);
    found.map_or(Condition::Loaded, |(_, condition)| condition.clone())
}

/// APP-11: an application whose tree has ended is told with its reason.
#[cordial::test]
async fn an_application_that_has_ended_makes_the_node_not_ready() {
    let _log = Log::start();
    let tree = application::start::<Base>().await.unwrap();
    assert!(application::ready());
    tree.worker.crash();
    while condition("base") != Condition::Failed("shutdown".into()) {
        tokio::task::yield_now().await;
    }
    assert!(!application::ready());
}

/// It is about to go.
#[cordial::test]
async fn a_node_that_was_asked_to_stop_is_not_ready() {
    let _log = Log::start();
    application::start::<Base>().await.unwrap();
    assert!(application::ready());
    cordial::Node::current().unwrap().stop(0);
    assert!(!application::ready());
}
