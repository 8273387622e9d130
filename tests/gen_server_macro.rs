//! What `#[gen_server]` makes of the forms that handlers can have.
use crate::gen_server_support::{Log, custom, pass};
use cordial::prelude::*;
use cordial::test::{expect_down, sync};
use cordial::{ServerStruct, gen_server, process};
use std::collections::HashMap;
use std::ffi::{CStr, OsStr};
use std::fmt::Debug;
use std::hash::Hash;
use std::path::Path;
use std::time::Duration;

// ===== Arguments =====

#[gen_server]
#[derive(Default)]
struct Arguments {
    seen: Vec<String>,
}

#[gen_server]
impl Arguments {
    #[cast]
    fn lent(&mut self, text: &str, list: &[u8], path: &Path, os: &OsStr, c: &CStr) {
        self.seen.push(format!("{text} {list:?} {} {os:?} {c:?}", path.display()));
    }
    #[cast]
    fn converted(&mut self, #[into] text: String) {
        self.seen.push(text);
    }
    #[cast]
    fn for_ever(&mut self, text: &'static str) {
        self.seen.push(text.into());
    }
    #[call]
    fn seen(&mut self) -> Vec<String> {
        std::mem::take(&mut self.seen)
    }
    /// No handler: an ordinary function.
    fn twice(n: u32) -> u32 {
        2 * n
    }
    #[call]
    fn doubled(&self, n: u32) -> u32 {
        Self::twice(n)
    }
}

#[cordial::test]
async fn borrowed_arguments_are_copied_and_converted_ones_convert() {
    let server = Arguments::start(Arguments::default()).await.unwrap();
    {
        let text = String::from("text");
        server.lent(&text, &[1, 2], Path::new("a/b"), OsStr::new("os"), c"c");
    }
    server.converted("from a str");
    server.converted('c');
    server.for_ever("static");
    let expected = [r#"text [1, 2] a/b "os" "c""#, "from a str", "c", "static"];
    assert_eq!(server.seen().await.unwrap(), expected);
    assert_eq!(server.doubled(2).await, Ok(4));
}

#[test]
fn handlers_are_plain_methods() {
    let mut state = Arguments::default();
    state.converted("direct".into());
    assert_eq!(state.seen(), ["direct"]);
    assert_eq!(Arguments::twice(3), 6);
}

// ===== Starting =====

#[derive(Debug)]
struct Unfit;

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unfit")
    }
}

#[gen_server]
struct Careful(String);

#[gen_server]
impl Careful {
    #[init]
    async fn init(name: &str, #[into] suffix: String, ctx: &mut Ctx<Self>) -> Result<Self, Unfit> {
        assert_eq!(Some(ctx.pid()), gen_server::whereis(&ctx.me()));
        if name.is_empty() { Err(Unfit) } else { Ok(Self(format!("{name}{suffix}"))) }
    }
    #[call]
    fn name(&self) -> String {
        self.0.clone()
    }
}

#[gen_server]
struct Choosy;

#[gen_server]
impl Choosy {
    #[init]
    fn init(n: u32) -> Result<Init<Self>, Unfit> {
        match n {
            0 => Err(Unfit),
            1 => Ok(Init::Ignore),
            2 => Ok(Init::stop(custom())),
            _ => Ok(Init::run(Self)),
        }
    }
    #[cast]
    fn nothing(&self) {}
}

/// GS-3, GS-4, GS-5
#[cordial::test]
async fn init_may_return_a_state_an_outcome_or_a_result_of_either() {
    let careful = Careful::start("ann", '!').await.unwrap();
    assert_eq!(careful.name().await.unwrap(), "ann!");
    let unfit = || Err(StartError::Init(ExitReason::custom(Unfit)));
    assert_eq!(Careful::start("", "").await.map(drop), unfit());
    assert_eq!(Choosy::start(0).await.map(drop), unfit());
    assert_eq!(Choosy::start(1).await.map(drop), Err(StartError::Ignore));
    assert_eq!(Choosy::start(2).await.map(drop), Err(StartError::Init(custom())));
    assert!(Choosy::start(3).await.is_ok());
}

#[gen_server(name = "the_one", restart = Temporary, shutdown = brutal_kill)]
struct Only;

#[gen_server]
impl Only {
    #[call]
    fn pid(&self, ctx: &mut Ctx<Self>) -> Pid {
        ctx.pid()
    }
}

/// GS-9
#[cordial::test]
async fn declared_name_is_taken_at_start_and_found_by_the_type() {
    assert_eq!(Only::whereis(), None);
    let only = Only::start(Only).await.unwrap();
    let pid = only.pid().await.unwrap();
    assert_eq!(process::whereis("the_one"), Some(pid));
    assert_eq!(Only::whereis(), Some(only.clone()));
    assert_eq!(Only::start(Only).await, Err(StartError::AlreadyStarted(pid.into())));
    gen_server::stop(&only).await.unwrap();
    assert_eq!(Only::whereis(), None);
}

#[test]
fn struct_says_what_the_server_is() {
    assert_eq!((Only::NAME, Only::RESTART), (Some("the_one"), Restart::Temporary));
    assert_eq!(Only::SHUTDOWN, Shutdown::BrutalKill);
    assert_eq!((Careful::NAME, Careful::RESTART), (None, Restart::Permanent));
    assert_eq!(Careful::SHUTDOWN, Shutdown::Timeout(secs(5)));
}

#[gen_server(restart = Transient, shutdown = 2s)]
#[derive(Clone)]
struct Declared;

#[gen_server]
impl Declared {
    #[call]
    fn ping(&self) {}
}

/// GS-51
#[test]
fn child_spec_is_what_the_declaration_says_until_the_place_of_use_says_more() {
    let declared = format!("{:?}", Declared::child_spec(Declared));
    let two = Shutdown::Timeout(secs(2));
    let expected =
        format!("ChildSpec {{ id: \"Declared\", restart: Transient, shutdown: {two:?}, .. }}");
    assert_eq!(declared, expected);
    let used = Declared::child_spec(Declared).id("own").temporary().shutdown(Shutdown::BrutalKill);
    let expected = "ChildSpec { id: \"own\", restart: Temporary, shutdown: BrutalKill, .. }";
    assert_eq!(format!("{used:?}"), expected);
    let used = Declared::child_spec(Declared).restart(Restart::Permanent).shutdown(millis(7));
    let expected = "ChildSpec { id: \"Declared\", restart: Permanent, shutdown: Timeout(7ms), .. }";
    assert_eq!(format!("{used:?}"), expected);
}

// ===== Answers =====

#[derive(Clone, Debug, PartialEq)]
struct Refused(u32);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refused {}", self.0)
    }
}

type Outcome<T> = Result<T, Refused>;

#[gen_server]
struct Answers;

#[gen_server]
impl Answers {
    #[call]
    fn result(&self, n: u32) -> Result<u32, Refused> {
        if n == 0 { Err(Refused(n)) } else { Ok(n) }
    }
    #[call(flat)]
    fn alias(&self, n: u32) -> Outcome<u32> {
        self.result(n)
    }
    #[call]
    fn unflat_alias(&self, n: u32) -> Outcome<u32> {
        self.result(n)
    }
    #[call(raw)]
    fn raw(&self, n: u32) -> Result<u32, Refused> {
        self.result(n)
    }
    #[call]
    async fn slow_result(&self, n: u32) -> Result<u32, Refused> {
        tokio::task::yield_now().await;
        self.result(n)
    }
    #[call]
    fn later(&self, n: u32, from: ReplyTo<Result<u32, Refused>>) {
        from.reply(self.result(n));
    }
    #[call(or_crash)]
    fn or_crash(&self, n: u32) -> Result<u32, Refused> {
        self.result(n)
    }
    #[call]
    fn nothing(&self) {}
}

#[cordial::test]
async fn results_are_flattened_where_the_word_result_stands() {
    let server = Answers::start(Answers).await.unwrap();
    let refused = || Err(TryCallError::Handler(Refused(0)));
    assert_eq!((server.result(1).await, server.result(0).await), (Ok(1), refused()));
    assert_eq!((server.alias(1).await, server.alias(0).await), (Ok(1), refused()));
    assert_eq!((server.slow_result(1).await, server.slow_result(0).await), (Ok(1), refused()));
    assert_eq!((server.later(1).await, server.later(0).await), (Ok(1), refused()));
    assert_eq!(server.unflat_alias(0).await, Ok(Err(Refused(0))));
    assert_eq!(server.raw(0).await, Ok(Err(Refused(0))));
    assert_eq!(server.nothing().await, Ok(()));
}

#[cordial::test]
async fn error_of_a_call_that_crashes_is_answered_and_is_the_reason() {
    let server = Answers::start(Answers).await.unwrap();
    let down = process::monitor(&server);
    assert_eq!(server.or_crash(1).await, Ok(1));
    assert_eq!(server.or_crash(0).await, Err(TryCallError::Handler(Refused(0))));
    expect_down(down, ExitReason::custom(Refused(0))).await;
}

#[gen_server]
struct Lenient;

#[gen_server]
impl Lenient {
    #[cast(on_err = log)]
    fn logged(&self, n: u32) -> Result<Flow, Refused> {
        if n == 0 { Err(Refused(n)) } else { Ok(Flow::Continue) }
    }
    #[cast(on_err = crash)]
    fn crashed(&self) -> Result<(), Refused> {
        Err(Refused(1))
    }
}

/// GS-26
#[cordial::test]
async fn error_of_a_cast_is_logged_or_ends_the_server() {
    let server = Lenient::start(Lenient).await.unwrap();
    let down = process::monitor(&server);
    server.logged(0);
    server.logged(1);
    sync(&server).await;
    server.crashed();
    expect_down(down, ExitReason::custom(Refused(1))).await;
}

// ===== Generic servers =====

#[gen_server]
struct Cache<K, V> {
    map: HashMap<K, V>,
    parked: Vec<(K, ReplyTo<V>)>,
}

#[gen_server]
impl<K: Hash + Eq + Sync, V: Clone> Cache<K, V> {
    #[init]
    fn init() -> Self {
        Self { map: HashMap::new(), parked: Vec::new() }
    }
    #[cast]
    fn put(&mut self, key: K, value: V) {
        while let Some(at) = self.parked.iter().position(|(parked, _)| *parked == key) {
            self.parked.swap_remove(at).1.reply(value.clone());
        }
        self.map.insert(key, value);
    }
    #[call]
    fn get(&self, key: K) -> Option<V> {
        self.map.get(&key).cloned()
    }
    #[call(timeout = infinity)]
    fn wait(&mut self, key: K, from: ReplyTo<V>) {
        match self.map.get(&key) {
            Some(value) => from.reply(value.clone()),
            None => self.parked.push((key, from)),
        }
    }
}

/// GS-21
#[cordial::test]
async fn generic_server_serves_its_types() {
    let cache = Cache::<String, u32>::start().await.unwrap();
    let waits = cache.wait("b".into());
    cache.put("a".into(), 1);
    assert_eq!(cache.get("a".into()).await, Ok(Some(1)));
    cache.put("b".into(), 2);
    assert_eq!((waits.await, cache.wait("a".into()).await), (Ok(2), Ok(1)));
}

// ===== Clients =====

impl ArgumentsClient {
    /// A function of several calls, beside the generated ones.
    async fn quadrupled(&self, n: u32) -> Result<u32, CallError> {
        self.doubled(self.doubled(n).await?).await
    }
}

#[cordial::test]
async fn client_can_be_given_methods_of_its_own() {
    let server = Arguments::start(Arguments::default()).await.unwrap();
    assert_eq!(server.quadrupled(3).await, Ok(12));
}

#[cordial::test]
async fn handle_is_an_address_that_compares_and_hashes() {
    let (one, other) = (Only::start(Only).await.unwrap(), Careful::start("x", "").await.unwrap());
    fn is_handle<T: Clone + Eq + Hash + Debug + Send + Sync + Unpin + 'static>(_: &T) {}
    is_handle(&one);
    is_handle(&other);
    let pid = one.pid().await.unwrap();
    assert_eq!(format!("{one:?}"), format!("Only{pid}"));
    assert_eq!(one, one.clone());
    let second = Careful::start("x", "").await.unwrap();
    assert_ne!(other, second);
}

#[test]
fn calls_can_travel_and_do_not_depend_on_the_server() {
    fn travels<T: Send + Unpin + 'static>() {}
    travels::<cordial::Call<u32>>();
    travels::<cordial::TryCall<u32, Refused>>();
    travels::<ReplyTo<u32>>();
}

// ===== Time =====

#[gen_server]
struct Beat {
    log: Log,
    period: Duration,
}

#[gen_server]
impl Beat {
    #[every(self.period)]
    async fn beat(&mut self) {
        self.log.write("beat");
    }
    #[every(1s)]
    fn second(&mut self, _ctx: &mut Ctx<Self>) -> Result<(), Refused> {
        self.log.write("second");
        Ok(())
    }
}

#[cordial::test]
async fn server_of_ticks_alone_is_a_server_and_periods_may_come_from_the_state() {
    let log = Log::default();
    Beat::start(Beat { log: log.clone(), period: millis(400) }).await.unwrap();
    pass(millis(1100)).await;
    assert_eq!(log.take(), ["beat", "beat", "second"]);
}

#[gen_server]
struct Starts(Log);

#[gen_server]
impl Starts {
    #[handle_continue]
    async fn load(&mut self) {
        self.0.write("loaded");
    }
    #[cast]
    fn note(&self) {
        self.0.write("note");
    }
}

/// GS-29
#[cordial::test]
async fn continue_without_an_argument_runs_once_after_init() {
    let log = Log::default();
    let server = Starts::start(Starts(log.clone())).await.unwrap();
    server.note();
    sync(&server).await;
    assert_eq!(log.take(), ["loaded", "note"]);
}
