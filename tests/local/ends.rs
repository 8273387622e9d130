//! How a local server ends: where its state is dropped, when, and who is told what.
use crate::support::{Cache, CacheRef, Dropped, Notes};
use cordial::prelude::*;
use cordial::test::{advance, sync};
use cordial::{CallError, ReplyTo, process};
use std::rc::Rc;
use std::thread;

/// Waits until a handler stands at its await.
async fn hold(cache: &CacheRef, notes: &Notes) -> (ReplyTo<()>, cordial::Call<usize>) {
    let (gate, opened) = ReplyTo::pair();
    let held = cache.put_later(1, opened);
    while !notes.lines().contains(&"waits".to_owned()) {
        tokio::task::yield_now().await;
    }
    (gate, held)
}

async fn check_kill() {
    let notes = Notes::default();
    let cache = Cache::start(notes.clone()).await.unwrap();
    let (_gate, held) = hold(&cache, &notes).await;
    let down = process::monitor(&cache);
    process::exit(&cache, ExitReason::Kill);
    assert_eq!(down.await.reason, ExitReason::Killed);
    // By then, and without `terminate`.
    assert_eq!(notes.lines(), ["init", "waits", "future dropped", "state dropped"]);
    assert_eq!(notes.threads().len(), 1);
    let lost = held.await.unwrap_err();
    assert!(matches!(lost, CallError::Down(ExitReason::Killed, _)), "{lost:?}");
}

/// TYP-7, TYP-8: the end is told when the future and the state are gone; `terminate` is not run.
#[cordial::test]
async fn killed_during_an_await_it_is_gone_before_that_is_told() {
    check_kill().await;
}

#[cordial::test(workers = 2)]
async fn killed_on_another_thread_it_is_gone_before_that_is_told() {
    for _ in 0..50 {
        check_kill().await;
    }
}

#[cordial::test]
async fn panic_in_a_handler_runs_terminate_on_the_state_as_it_is() {
    let notes = Notes::default();
    let cache = Cache::start(notes.clone()).await.unwrap();
    let kept = cache.keep();
    let down = process::monitor(&cache);
    let lost = cache.crash().await.unwrap_err();
    assert!(matches!(&lost, CallError::Down(reason, _) if reason.panic().is_some()), "{lost:?}");
    let reason = down.await.reason;
    let panic = reason.panic().unwrap();
    assert_eq!(panic.message(), "out of luck");
    assert!(panic.to_string().contains("support.rs"), "{panic}");
    let lines = notes.lines();
    assert!(lines[1].starts_with("terminate: ") && lines[1].ends_with(", 1, true"), "{lines:?}");
    assert_eq!(lines[2], "state dropped");
    // Whoever waits for an answer that was kept for later learns the reason, too.
    let lost = kept.await.unwrap_err();
    assert!(matches!(&lost, CallError::Down(reason, _) if reason.panic().is_some()), "{lost:?}");
    let report = &cordial::sys::crashes(1)[0];
    assert!(format!("{report:?}").contains("1 entries"), "{report:?}");
}

#[cordial::test]
async fn stopped_it_drops_its_state_before_that_is_told() {
    let notes = Notes::default();
    let cache = Cache::start(notes.clone()).await.unwrap();
    let down = process::monitor(&cache);
    cache.stop();
    assert_eq!(down.await.reason, ExitReason::Shutdown);
    assert_eq!(notes.lines()[1..], ["terminate: shutdown, 0, false", "state dropped"]);
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    InInit,
    Refused,
    InTerminate,
    InDrop,
    None,
}

/// A server that fails where it is told to.
#[gen_server(local)]
struct Faulty {
    fault: Fault,
    _rc: Rc<()>,
    _dropped: Dropped,
}

impl Drop for Faulty {
    fn drop(&mut self) {
        assert!(self.fault != Fault::InDrop, "in drop");
    }
}

#[gen_server(local)]
impl Faulty {
    #[init]
    async fn init(fault: Fault, notes: Notes) -> Result<Self, std::fmt::Error> {
        let dropped = Dropped("state", notes);
        tokio::task::yield_now().await;
        match fault {
            Fault::InInit => panic!("in init"),
            Fault::Refused => Err(std::fmt::Error),
            _ => Ok(Self { fault, _rc: Rc::new(()), _dropped: dropped }),
        }
    }

    #[call]
    fn thread(&self) -> thread::ThreadId {
        thread::current().id()
    }

    #[terminate]
    async fn bye(&mut self) {
        assert!(self.fault != Fault::InTerminate, "in terminate");
    }
}

#[cordial::test(workers = 2)]
async fn panic_in_init_is_the_starters_to_know() {
    let notes = Notes::default();
    let error = Faulty::start(Fault::InInit, notes.clone()).await.unwrap_err();
    let StartError::Init(reason) = error else { panic!("{error:?}") };
    assert_eq!(reason.panic().unwrap().message(), "in init");
    let error = Faulty::start(Fault::Refused, notes.clone()).await.unwrap_err();
    assert!(matches!(error, StartError::Init(ExitReason::Custom(_))), "{error:?}");
    assert_eq!(notes.lines(), ["state dropped"; 2]);
    let other = Faulty::start(Fault::None, notes.clone()).await.unwrap();
    assert_eq!(notes.threads(), [other.thread().await.unwrap()]);
}

#[cordial::test]
async fn panic_in_terminate_or_in_a_drop_is_contained() {
    for fault in [Fault::InTerminate, Fault::InDrop] {
        let notes = Notes::default();
        let faulty = Faulty::start(fault, notes.clone()).await.unwrap();
        let down = process::monitor(&faulty);
        let _ = gen_server::stop(&faulty).await;
        let reason = down.await.reason;
        assert_eq!(reason.panic().is_some(), fault == Fault::InTerminate, "{reason}");
        assert_eq!(notes.lines(), ["state dropped"]);
        let next = Faulty::start(Fault::None, notes).await.unwrap();
        assert_eq!(next.thread().await, Ok(thread::current().id()));
    }
}

#[cordial::test]
async fn start_that_takes_too_long_leaves_nothing() {
    let notes = Notes::default();
    let started = Slow::start(notes.clone()).timeout(millis(10)).await;
    assert!(matches!(started, Err(StartError::Timeout(_))), "{started:?}");
    assert_eq!(notes.lines(), ["begins", "init dropped"]);
    assert_eq!(cordial::Node::current().unwrap().processes(), 0);
}

/// Its `init` never ends.
#[gen_server(local)]
struct Slow(Rc<()>);

#[gen_server(local)]
impl Slow {
    #[init]
    async fn init(notes: Notes) -> Self {
        notes.write("begins");
        let _dropped = Dropped("init", notes);
        std::future::pending::<()>().await;
        Self(Rc::new(()))
    }

    #[call]
    fn holders(&self) -> usize {
        Rc::strong_count(&self.0)
    }
}

supervisor! {
    Caches(notes: Notes) {
        strategy: OneForAll,
        children: [
            first: Cache(notes),
            second: Cache(notes),
            more: dynamic cordial::Local<Cache>,
        ],
    }
}

#[cordial::test]
async fn supervisor_starts_it_again_on_the_same_thread() {
    let notes = Notes::default();
    let caches = Caches::start(notes.clone()).await.unwrap();
    caches.second.put(1);
    let more = caches.more.start_child((notes.clone(),)).await.unwrap();
    more.put(3);
    assert_eq!(more.all().await, Ok(vec![3]));
    let down = process::monitor(&caches.first);
    caches.first.crash().await.unwrap_err();
    assert!(down.await.reason.panic().is_some());
    advance(millis(1)).await;
    assert_eq!(caches.second.all().await, Ok(vec![]), "a new state at the same address");
    assert_eq!(notes.threads(), [thread::current().id()]);
}

#[cordial::test]
async fn links_and_monitors_are_those_of_any_process() {
    let notes = Notes::default();
    let watcher = Cache::start(notes.clone()).await.unwrap();
    let cache = Cache::start(notes.clone()).await.unwrap();
    watcher.watch(cache.clone());
    sync(&watcher).await;
    process::exit(&cache, ExitReason::Kill);
    sync(&watcher).await;
    advance(millis(1)).await;
    assert!(notes.lines().contains(&"down: killed".to_owned()), "{notes:?}");
}
