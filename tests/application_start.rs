//! Applications start after those that they need, and not at all when one of these does not.
use crate::application_support::{Base, Chain, Left, Log, Right, Ring, Top, script};
use cordial::application::{
    self, Application, Dependency, LoadError, StartApplicationError, StartType, Started,
};
use cordial::prelude::*;
use cordial::supervisor::SupervisorRef;

/// APP-1: what it needs does not run, so nothing is started.
// break: APP-1 runtime/cordial/src/application/controller.rs
//     `.find(|needed| !state.runs(needed.name))` => `.find(|needed| state.runs(needed.name))`
#[cordial::test]
async fn an_application_does_not_start_before_what_it_needs() {
    let log = Log::start();
    let error = application::start::<Left>().await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "application `left` needs `base`, which does not run; start it before, or use \
         `ensure_all_started`"
    );
    assert_eq!(error.application(), Some("left"));
    log.check(&[]).await;
    application::start::<Base>().await.unwrap();
    application::start::<Left>().await.unwrap();
    log.check(&["base start Normal", "left start Normal"]).await;
}

/// APP-2: each after what it needs, each once; the second time there is nothing left to do.
// break: APP-2 runtime/cordial/src/application/order.rs `    for needed in (next.depends)() {`
//     => `    for needed in (next.depends)().iter().rev() {`
#[cordial::test]
async fn ensure_all_started_starts_each_after_what_it_needs() {
    let log = Log::start();
    let started = application::ensure_all_started::<Top>().await.unwrap();
    assert_eq!(started, ["base", "left", "right", "top"]);
    log.check(&[
        "base start Normal",
        "left start Normal",
        "right start Normal",
        "top start Normal",
    ])
    .await;
    assert!(application::ensure_all_started::<Top>().await.unwrap().is_empty());
    assert!(application::ensure_all_started::<Left>().await.unwrap().is_empty());
    log.check(&[]).await;
}

/// APP-2: what runs already is not among the newly started.
#[cordial::test]
async fn ensure_all_started_leaves_out_what_runs() {
    let _log = Log::start();
    application::ensure_all_started::<Right>().await.unwrap();
    let started = application::ensure_all_started::<Top>().await.unwrap();
    assert_eq!(started, ["left", "top"]);
}

/// APP-3: a second start is an error, `ensure_started` none; both leave it as it is.
// break: APP-3 runtime/cordial/src/application/controller.rs `Admission::Runs(handle) if waited =>`
//     => `Admission::Runs(handle) if waited || spec.name.is_ascii() =>`
#[cordial::test]
async fn what_runs_cannot_be_started_and_can_be_ensured() {
    let log = Log::start();
    let tree = application::start::<Base>().await.unwrap();
    let error = application::start::<Base>().await.err().unwrap();
    assert!(matches!(error, StartApplicationError::AlreadyStarted("base")));
    assert_eq!(error.to_string(), "application `base` runs already");
    let same = application::ensure_started::<Base>().await.unwrap();
    assert_eq!(same.supervisor.pid(), tree.supervisor.pid());
    log.check(&["base start Normal"]).await;
}

/// APP-3: who comes while it starts waits for that start and is told the same.
#[cordial::test]
async fn two_that_start_it_at_once_are_told_of_one_start() {
    let log = Log::start();
    let (one, two) = tokio::join!(application::start::<Base>(), application::start::<Base>());
    assert_eq!(one.unwrap().supervisor.pid(), two.unwrap().supervisor.pid());
    log.check(&["base start Normal"]).await;
}

/// APP-4: only what this call started goes down again, in reverse; what ran before stays.
// break: APP-4 runtime/cordial/src/application/controller.rs
//     `let _ = self.stop(spec.name).await; // APP-4` => `let _ = spec;`
#[cordial::test]
async fn a_failure_takes_down_only_what_this_call_started() {
    let log = Log::start();
    application::start::<Base>().await.unwrap();
    script::<Top>("start", "fail");
    let error = application::ensure_all_started::<Top>().await.unwrap_err();
    assert_eq!(error.application(), Some("top"));
    assert!(error.to_string().contains("no harbor here"), "{error}");
    assert_eq!(application::which_applications(), ["base"]);
    log.check(&[
        "base start Normal",
        "left start Normal",
        "right start Normal",
        "top start Normal",
        "right prep_stop of state",
        "right down",
        "right stop of state prepared",
        "left prep_stop of state",
        "left down",
        "left stop of state prepared",
    ])
    .await;
}

/// APP-5: an error, a panic and an endless `start` are told with the function that it was.
// break: APP-5 runtime/cordial/src/application/master.rs
//     `Raced::First(Ok(Err(panic))) => Err(failed(spec, Arc::new(panic))), // APP-5`
//     => `Raced::First(Ok(Err(_))) => Err(killed(spec)),`
#[cordial::test]
async fn a_start_that_fails_is_told_with_its_reason() {
    let _log = Log::start();
    let callback = std::any::type_name::<Base>();
    let fails = async |how: &str| {
        script::<Base>("start", how);
        application::start::<Base>().await.err().unwrap().to_string()
    };
    let failed = format!("application `base` did not start: {callback}::start: ");
    assert_eq!(fails("fail").await, failed.clone() + "no harbor here");
    let panicked = fails("panic").await;
    assert!(panicked.starts_with(&(failed + "panicked: start panicked at ")), "{panicked}");
    assert_eq!(fails("hang").await, "application `base` did not start within 60s");
    assert!(application::which_applications().is_empty());
    assert!(application::whereis::<Base>().is_none());
    script::<Base>("start", "well");
    application::start::<Base>().await.unwrap();
}

/// APP-5: a node that goes down waits for no start, and no other one begins.
#[cordial::test]
async fn a_start_ends_when_its_node_goes_down() {
    let _log = Log::start();
    script::<Base>("start", "hang");
    let shutdown = async {
        while application::health().to_string() != "not ready\nbase: starting" {
            tokio::task::yield_now().await;
        }
        cordial::Node::current().unwrap().shutdown().await;
    };
    let (started, ()) = tokio::join!(application::start::<Base>(), shutdown);
    for error in [started.err().unwrap(), application::start::<Base>().await.err().unwrap()] {
        let is_refused = matches!(error, StartApplicationError::Refused(StartError::NodeStopping));
        assert!(is_refused, "{error}");
    }
}

/// APP-17: a circle is told with its path, and nothing hangs.
// break: APP-17 runtime/cordial/src/application/order.rs
//     `        return Err(circle);` => `        drop(circle); return Ok(());`
#[cordial::test]
async fn applications_that_need_each_other_are_refused() {
    let log = Log::start();
    let error = application::ensure_all_started::<Ring>().await.unwrap_err();
    assert_eq!(error.to_string(), "applications need each other: ring needs chain needs ring");
    let error = application::start::<Chain>().await.err().unwrap();
    assert!(matches!(error, StartApplicationError::Cycle(_)), "{error}");
    log.check(&[]).await;
}

/// APP-18: `start` hears why it is started, and gets its environment.
// break: APP-18 runtime/cordial/src/application/master.rs `A::start(StartType::Normal, env).await`
//     => `A::start(StartType::Failover(String::new()), env).await`
#[cordial::test]
async fn start_hears_its_type_and_its_environment() {
    let log = Log::start();
    application::start::<Base>().await.unwrap();
    log.check(&["base start Normal"]).await;
}

/// APP-15: what is loaded and what runs, and which was started last.
// break: APP-15 runtime/cordial/src/application/controller.rs
//     `if !matches!(state.loaded[at].status, Status::Idle(_)) {` => `if state.loaded.is_empty() {`
#[cordial::test]
async fn loaded_and_running_are_listed_and_what_runs_is_not_unloaded() {
    let _log = Log::start();
    application::load::<Right>().unwrap();
    assert!(matches!(application::load::<Right>(), Err(LoadError::AlreadyLoaded("right"))));
    application::ensure_all_started::<Top>().await.unwrap();
    assert_eq!(application::loaded_applications(), ["right", "base", "left", "top"]);
    assert_eq!(application::which_applications(), ["top", "right", "left", "base"]);

    let error = application::unload::<Base>().unwrap_err();
    assert_eq!(error.to_string(), "application `base` runs; stop it first");
    application::stop::<Top>().await.unwrap();
    application::unload::<Top>().unwrap();
    assert_eq!(
        application::unload::<Top>().unwrap_err().to_string(),
        "application `top` is not loaded"
    );
    assert_eq!(application::loaded_applications(), ["right", "base", "left"]);
    assert_eq!(application::which_applications(), ["right", "left", "base"]);
}

/// APP-15: two types cannot have one name.
#[cordial::test]
async fn a_name_belongs_to_one_application() {
    struct Impostor;
    impl Application for Impostor {
        const NAME: &'static str = "base";
        const DEPENDS: &'static [Dependency] = &[];
        type Env = ();
        type Handle = SupervisorRef;
        type State = ();
        async fn start(_: StartType, (): ()) -> Started<Self> {
            Ok((Supervisor::builder().start_link().await?, ()))
        }
    }
    let _log = Log::start();
    application::start::<Base>().await.unwrap();
    let error = application::start::<Impostor>().await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "another application is called `base`; give one of them another name"
    );
}

/// APP-16: whoever stands below the top supervisor belongs to its application.
// break: APP-16 runtime/cordial/src/application/mod.rs
//     `pids.find_map(|pid| controller.owner(pid))`
//     => `pids.next().and_then(|pid| controller.owner(pid))`
#[cordial::test]
async fn a_process_belongs_to_the_application_above_it() {
    let _log = Log::start();
    application::ensure_all_started::<Left>().await.unwrap();
    let left = application::whereis::<Left>().unwrap();
    let base = application::whereis::<Base>().unwrap();
    assert_eq!(application::get_application(&left.worker), Some("left"));
    assert_eq!(application::get_application(&left.supervisor), Some("left"));
    assert_eq!(application::get_application(&base.worker.pid().await.unwrap()), Some("base"));
    assert_eq!(application::get_application("log"), None);
    // Whom a process of the tree starts belongs there too, linked or not.
    let of_stray = left.worker.spawn_stray().await.unwrap();
    assert_eq!(application::get_application(&of_stray), Some("left"));
    application::stop::<Left>().await.unwrap();
    assert_eq!(application::get_application(&left.worker), None);
}
