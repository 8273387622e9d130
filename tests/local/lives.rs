//! What a local server does while it lives: what any server does, on one thread.
use crate::support::{Cache, Kick, Notes};
use cordial::prelude::*;
use cordial::test::{advance, sync};
use cordial::{CallError, ReplyTo, ServerStruct, process, sys};
use std::rc::Rc;

#[cordial::test]
async fn handlers_share_what_cannot_leave_its_thread() {
    let cache = Cache::start(Notes::default()).await.unwrap();
    cache.put(1);
    cache.put(2);
    assert_eq!(cache.all().await, Ok(vec![1, 2]));
    assert_eq!(cache.divide(5).await.unwrap(), 2);
    assert!(cache.divide(0).await.unwrap_err().handler().is_some());
}

#[cordial::test(workers = 2)]
async fn everything_of_its_state_happens_on_one_thread_that_is_no_worker() {
    let notes = Notes::default();
    let caches: Vec<CacheRefs> = start(3, &notes).await;
    for cache in &caches {
        cache.all().await.unwrap();
    }
    let (gate, opened) = ReplyTo::pair();
    let held = caches[0].put_later(1, opened);
    sync(&caches[1]).await;
    gate.reply(());
    assert_eq!(held.await, Ok(1));
    for cache in &caches {
        gen_server::stop(cache).await.unwrap();
    }
    assert_eq!(notes.lines().iter().filter(|line| *line == "state dropped").count(), 3);
    assert_eq!(notes.threads().len(), 1, "{notes:?}");
    assert_ne!(notes.threads()[0], std::thread::current().id());
}

type CacheRefs = Ref<cordial::Local<Cache>>;

async fn start(count: usize, notes: &Notes) -> Vec<CacheRefs> {
    let mut caches = Vec::new();
    for _ in 0..count {
        caches.push(Cache::start(notes.clone()).await.unwrap());
    }
    caches
}

#[cordial::test]
async fn on_one_thread_it_lives_there_and_obeys_the_paused_clock() {
    let notes = Notes::default();
    let cache = Cache::start(notes.clone()).await.unwrap();
    advance(millis(3_500)).await;
    assert_eq!(cache.ticks().await, Ok(3));
    cache.go_on(7);
    sync(&cache).await;
    advance(millis(49)).await;
    assert_eq!(cache.all().await, Ok(vec![7]));
    advance(millis(1)).await;
    assert_eq!(cache.all().await, Ok(vec![7, 8]));
    assert_eq!(notes.threads(), [std::thread::current().id()]);
}

#[cordial::test]
async fn its_handlers_are_the_process() {
    let cache = Cache::start(Notes::default()).await.unwrap();
    let pid = gen_server::whereis(&cache).unwrap();
    assert_eq!(cache.me().await, Ok((pid, pid, None)));
    assert_eq!(cache.me().await, Ok((pid, pid, Some(1))));
    assert!(process::self_pid() != pid);
}

#[cordial::test]
async fn others_have_their_turn_while_one_awaits() {
    let notes = Notes::default();
    let caches = start(2, &notes).await;
    let (gate, opened) = ReplyTo::pair();
    let held = caches[0].put_later(5, opened);
    sync(&caches[1]).await;
    assert_eq!(caches[1].all().await, Ok(vec![]));
    gate.reply(());
    assert_eq!(held.await, Ok(1));
}

#[cordial::test(workers = 2)]
async fn it_is_called_by_processes_by_tasks_and_by_its_like() {
    let caches = start(2, &Notes::default()).await;
    caches[1].put(1);
    assert_eq!(caches[0].ask(caches[1].clone()).await, Ok(1));
    let cache = caches[1].clone();
    let (_, down) = process::spawn_monitor(async move |_: process::Mailbox<()>| {
        assert_eq!(cache.all().await, Ok(vec![1]));
    });
    assert_eq!(down.await.reason, ExitReason::Normal);
    let asks_itself = caches[0].ask(caches[0].clone()).await;
    assert_eq!(asks_itself, Ok(0), "a call to itself is refused");
}

#[cordial::test]
async fn answers_come_later_and_infos_are_taken() {
    let cache = Cache::start(Notes::default()).await.unwrap();
    let never = cache.keep().timeout(secs(1)).await;
    assert!(matches!(never, Err(CallError::Timeout(..))), "{never:?}");
    cordial::send(&cache, Kick(4));
    assert_eq!(cache.all().await, Ok(vec![4]));
}

#[cordial::test]
async fn who_looks_at_the_state_sees_the_process() {
    let cache = Cache::start(Notes::default()).await.unwrap();
    let shown = sys::with_state(&cache, |local| format!("{local:?}")).await.unwrap();
    assert!(shown.starts_with("Local<") && shown.contains("Cache"), "{shown}");
}

/// What the struct says reaches the process.
#[gen_server(local, name = "only", restart = Transient, shutdown = 2s)]
struct Only(Rc<()>);

#[gen_server(local, mailbox = 1)]
impl Only {
    #[init]
    async fn init() -> Result<Self, std::fmt::Error> {
        Ok(Self(Rc::new(())))
    }

    #[call]
    fn holders(&self) -> usize {
        Rc::strong_count(&self.0)
    }

    #[idle(5s)]
    fn idle(&mut self) -> Flow {
        Flow::Stop(ExitReason::Shutdown)
    }
}

#[cordial::test]
async fn what_the_attributes_say_is_the_processes() {
    type Process = cordial::Local<Only>;
    assert_eq!(Process::RESTART, Restart::Transient);
    assert_eq!(Process::SHUTDOWN, Shutdown::Timeout(secs(2)));
    assert_eq!(<Process as GenServer>::MAILBOX, Some(1));
    let only = Only::start().await.unwrap();
    assert_eq!(only.holders().await, Ok(1));
    assert_eq!(Only::whereis().map(|found| found == only), Some(true));
    assert!(matches!(Only::start().await, Err(StartError::AlreadyStarted(..))));
    let down = process::monitor(&only);
    advance(secs(5)).await;
    assert_eq!(down.await.reason, ExitReason::Shutdown);
    assert_eq!(Only::whereis(), None);
}

/// A local server may be generic.
#[gen_server(local)]
struct Shelf<T>(Rc<Vec<T>>);

#[gen_server(local)]
impl<T: Clone> Shelf<T> {
    #[init]
    fn init(first: T) -> Self {
        Self(Rc::new(vec![first]))
    }

    #[call]
    fn first(&self) -> Option<T> {
        self.0.first().cloned()
    }
}

#[cordial::test]
async fn it_may_be_generic() {
    let shelf: ShelfRef<String> = Shelf::start("one".to_owned()).await.unwrap();
    assert_eq!(shelf.first().await, Ok(Some("one".to_owned())));
}
