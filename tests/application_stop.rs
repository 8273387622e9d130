//! Applications stop: callbacks around the end of the tree, others untouched, all in reverse order.
use crate::application_support::{Base, Left, Log, Right, Top, script};
use cordial::application::{self, Application, Condition, Dependency, StartType, Started};
use cordial::prelude::*;
use cordial::supervisor::SupervisorRef;
use cordial::{Node, process};

/// APP-6: before the tree, the tree, after it; the state goes from one to the other.
// break: APP-6 runtime/cordial/src/application/master.rs `    if let Next::Stop(_) = next {`
//     => `    if let Next::Ended(_) = next {`
#[cordial::test]
async fn stop_prepares_then_stops_the_tree_then_cleans_up() {
    let log = Log::start();
    let tree = application::start::<Base>().await.unwrap();
    let down = process::monitor(&tree.supervisor);
    application::stop::<Base>().await.unwrap();
    assert_eq!(down.await.reason, ExitReason::Shutdown);
    log.check(&[
        "base start Normal",
        "base prep_stop of state",
        "base down",
        "base stop of state prepared",
    ])
    .await;
    assert!(application::which_applications().is_empty());
}

/// APP-6: a callback that panics or never ends keeps nothing from going on.
#[cordial::test]
async fn callbacks_that_fail_do_not_keep_an_application_up() {
    let log = Log::start();
    for (key, text) in [("panics", "prep_stop"), ("hangs", "prep_stop"), ("panics", "stop")] {
        for other in ["panics", "hangs"] {
            script::<Base>(other, "nothing");
        }
        script::<Base>(key, text);
        application::start::<Base>().await.unwrap();
        application::stop::<Base>().await.unwrap();
        let lines = log.take().await;
        assert_eq!(lines.len(), 4, "{key} {text}: {lines:?}");
        assert_eq!(lines[2], "base down");
    }
}

/// APP-7: those that need it go on; what does not run cannot be stopped.
// break: APP-7 runtime/cordial/src/application/controller.rs
//     `Some(Status::Idle(_) | Status::Waiting) | None => return Err(NotStarted(name)),`
//     => `Some(Status::Idle(_) | Status::Waiting) | None => return Ok(()),`
#[cordial::test]
async fn stop_of_a_dependency_leaves_its_dependents() {
    let _log = Log::start();
    let left = application::ensure_all_started::<Left>().await.map(|_| ());
    left.unwrap();
    application::stop::<Base>().await.unwrap();
    assert_eq!(application::which_applications(), ["left"]);
    let left = application::whereis::<Left>().unwrap();
    assert!(left.worker.pid().await.is_ok());
    let error = application::stop::<Base>().await.unwrap_err();
    assert_eq!(error.to_string(), "application `base` does not run");
}

/// APP-7: two that stop it at once: one has stopped it, the other is told that it does not run.
#[cordial::test]
async fn two_that_stop_it_at_once_both_return_when_it_is_down() {
    let log = Log::start();
    application::start::<Base>().await.unwrap();
    let (one, two) = tokio::join!(application::stop::<Base>(), application::stop::<Base>());
    assert!(one.is_ok() || two.is_ok());
    assert!(application::which_applications().is_empty());
    assert_eq!(log.take().await.len(), 4);
}

/// APP-8: the one that was started last goes first, each fully down before the next.
// break: APP-8 runtime/cordial/src/application/controller.rs
//     `if let Some(last) = self.running().first() {`
//     => `if let Some(last) = self.running().last() {`
#[cordial::test]
async fn a_node_that_goes_down_stops_applications_in_reverse() {
    let log = Log::start();
    application::ensure_all_started::<Top>().await.unwrap();
    log.take().await;
    let lines = last_words(log).await;
    let expected = ["top", "right", "left", "base"].map(|name| {
        [
            format!("{name} prep_stop of state"),
            format!("{name} down"),
            format!("{name} stop of state prepared"),
        ]
    });
    assert_eq!(lines, expected.concat());
    for (name, condition) in application::health().applications() {
        assert_eq!(*condition, Condition::Stopped, "{name}");
    }
}

/// Shuts the node down; the log is a process too, and it is older than all applications.
async fn last_words(log: Log) -> Vec<String> {
    let node = Node::current().unwrap();
    log.until_shutdown(&node).await
}

/// APP-8: an application that is started anew is the last one then, whatever it was before.
#[cordial::test]
async fn the_order_is_that_of_the_starts() {
    let log = Log::start();
    application::ensure_all_started::<Left>().await.unwrap();
    application::stop::<Base>().await.unwrap();
    application::start::<Base>().await.unwrap();
    application::start::<Right>().await.unwrap();
    assert_eq!(application::which_applications(), ["right", "base", "left"]);
    log.take().await;
    let lines = last_words(log).await;
    let down: Vec<&String> = lines.iter().filter(|line| line.ends_with("down")).collect();
    assert_eq!(down, ["right down", "base down", "left down"]);
}

/// A tree that never ends by itself.
struct Stuck;

#[gen_server]
struct Stubborn;

#[gen_server]
impl Stubborn {
    #[init]
    fn init(ctx: &mut Ctx<Self>) -> Self {
        ctx.trap_exit(true);
        Self
    }
    #[call]
    fn hear(&self) {}
    #[terminate]
    async fn bye(&mut self) {
        std::future::pending::<()>().await;
    }
}

impl Application for Stuck {
    const NAME: &'static str = "stuck";
    const DEPENDS: &'static [Dependency] = &[];
    type Env = ();
    type Handle = SupervisorRef;
    type State = ();

    async fn start(_: StartType, (): ()) -> Started<Self> {
        let stubborn = Stubborn::child_spec().shutdown(Shutdown::Infinity);
        let mut tree = Supervisor::builder();
        tree.add(stubborn);
        Ok((tree.start_link().await?, ()))
    }
}

/// APP-6: a stop has a bound also where the tree has none, and the tree is down by then.
#[cordial::test]
async fn a_tree_that_does_not_stop_is_killed_in_the_end() {
    let top = application::start::<Stuck>().await.unwrap();
    let down = process::monitor(&top);
    application::stop::<Stuck>().await.unwrap();
    assert_eq!(down.await.reason, ExitReason::Killed);
}
