//! What is told through `tracing`: crash reports, once each, and warnings. A test binary of its
//! own, for it sets the subscriber of the whole OS process.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

use cordial::gen_server;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::sync;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, Once};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

// ===== The subscriber =====

/// One event: where it belongs, how loud it is, and what it says, by field.
#[derive(Clone, Debug)]
struct Told {
    target: String,
    level: Level,
    fields: BTreeMap<&'static str, String>,
}

static TOLD: LazyLock<Mutex<Vec<Told>>> = LazyLock::new(Mutex::default);

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("cordial")
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        let (target, level) = (metadata.target().to_owned(), *metadata.level());
        TOLD.lock().unwrap().push(Told { target, level, fields: fields.0 });
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
}

/// What was told with this value in this field; the tests of this binary run side by side.
fn told_of(field: &str, value: &str) -> Vec<Told> {
    let told = TOLD.lock().unwrap();
    told.iter()
        .filter(|told| told.fields.get(field).is_some_and(|it| it == value))
        .cloned()
        .collect()
}

// ===== Crash reports =====

/// How a server ends.
#[derive(Clone, Debug)]
enum Way {
    Stop(ExitReason),
    Panic,
}

#[gen_server]
struct Fragile {
    terminate_panics: bool,
}

struct Blow;

#[gen_server]
impl Fragile {
    #[init]
    fn init(fails: bool, terminate_panics: bool) -> Self {
        assert!(!fails, "no start");
        Self { terminate_panics }
    }
    #[cast]
    fn end(&self, way: Way) -> Flow {
        match way {
            Way::Stop(reason) => Flow::Stop(reason),
            Way::Panic => panic!("it broke"),
        }
    }
    #[call]
    async fn break_slowly(&self) {
        tokio::task::yield_now().await;
        panic!("it broke");
    }
    #[info]
    fn blow(&self, _: Blow) {
        panic!("it broke");
    }
    #[cast(on_err = log)]
    fn fail(&self) -> Result<(), &'static str> {
        Err("not today")
    }
    #[call]
    fn trap(&self, ctx: &mut Ctx<Self>) {
        ctx.trap_exit(true);
    }
    #[terminate]
    fn bye(&self) {
        assert!(!self.terminate_panics, "cannot end");
    }
}

/// Starts a server under a name, ends it, and gives its reports, its pid and why it ended.
async fn reports(name: &str, end: impl FnOnce(&FragileRef)) -> (Vec<Told>, String, ExitReason) {
    listen();
    let server = Fragile::start(false, name.contains("terminate")).name(name).await.unwrap();
    let pid = gen_server::whereis(&server).unwrap().to_string();
    let (down, other) = (process::monitor(&server), process::monitor(&server));
    end(&server);
    let reason = down.await.reason;
    other.await;
    // The report comes after everybody has been told.
    tokio::task::yield_now().await;
    (told_of("server", name), pid, reason)
}

/// GS-41
#[cordial::test]
async fn clean_ends_and_kills_are_silent() {
    let clean = [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("tired")];
    for (n, reason) in clean.into_iter().enumerate() {
        let name = format!("clean {n}");
        let (told, ..) = reports(&name, |server| {
            server.end(Way::Stop(reason));
        })
        .await;
        assert!(told.is_empty(), "{told:?}");
    }
    let (told, ..) = reports("killed", |server| process::exit(server, ExitReason::Kill)).await;
    assert!(told.is_empty(), "{told:?}");
    let (told, ..) = reports("told to go", |server| {
        process::exit(server, ExitReason::custom("go"));
    })
    .await;
    assert!(told.is_empty(), "a signal is no fault of its own: {told:?}");
}

/// GS-41
// break: GS-41 runtime/cordial/src/gen_server/server.rs
//     `(!reason.is_clean()).then(` => `reason.panic().is_some().then(`
#[cordial::test]
async fn every_other_end_is_reported_once_with_who_why_and_the_last_message() {
    type EndIt = fn(&FragileRef);
    let ends: [(&str, &str, EndIt); 4] = [
        ("stops", "end", |server| {
            server.end(Way::Stop(ExitReason::custom("disk full")));
        }),
        ("panics in a cast", "end", |server| {
            server.end(Way::Panic);
        }),
        ("panics in a call", "break_slowly", |server| drop(server.break_slowly())),
        ("panics in an info", "blow", |server| {
            cordial::send(server, Blow);
        }),
    ];
    for (name, kind, end) in ends {
        let (told, pid, reason) = reports(name, end).await;
        let [report] = &told[..] else { panic!("{name}: {told:?}") };
        assert_eq!((report.target.as_str(), report.level), ("cordial::crash", Level::ERROR));
        assert_eq!(report.fields["pid"], pid);
        assert_eq!(report.fields["reason"], reason.to_string());
        assert_eq!(report.fields["last_message"], kind);
        let mut text = format!(
            "cordial: `{name}` {pid} crashed\n  reason        {reason}\n  last message  {kind}"
        );
        if kind == "break_slowly" {
            text += "\n  client        outside of all processes";
        }
        assert_eq!(report.fields["message"], text);
    }
}

/// GS-37, GS-41
#[cordial::test]
async fn report_of_a_terminate_that_fails_tells_both_reasons() {
    let (told, pid, reason) = reports("fails in terminate", |server| {
        server.end(Way::Stop(ExitReason::custom("first")));
    })
    .await;
    assert!(reason.to_string().starts_with("panicked: cannot end at "));
    let [report] = &told[..] else { panic!("{told:?}") };
    let text = format!(
        "cordial: `fails in terminate` {pid} crashed\n  reason        {reason}\n  \
         before that   first\n  last message  end"
    );
    assert_eq!(report.fields["message"], text);
}

/// GS-6, GS-41
#[cordial::test]
async fn panic_in_init_is_reported_as_such() {
    listen();
    let started = Fragile::start(true, false).name("never starts").await;
    let Err(StartError::Init(reason)) = started else { panic!("{started:?}") };
    tokio::task::yield_now().await;
    let told = told_of("server", "never starts");
    let [report] = &told[..] else { panic!("{told:?}") };
    let text = &report.fields["message"];
    assert!(text.contains("crashed in `init`\n  reason        panicked: no start at "), "{text}");
    assert_eq!(report.fields["reason"], reason.to_string());
}

/// GS-41
#[cordial::test]
async fn plain_process_is_reported_when_it_panics_and_only_then() {
    listen();
    let (says_why, down) = process::spawn_monitor(async |_: Mailbox<()>| ExitReason::custom("x"));
    let said = says_why.pid().unwrap().to_string();
    down.await;
    let (panics, down) = process::spawn_monitor(async |_: Mailbox<()>| -> () { panic!("x") });
    let panicked = panics.pid().unwrap().to_string();
    down.await;
    tokio::task::yield_now().await;
    assert_eq!(told_of("pid", &said).len(), 0);
    assert_eq!(told_of("pid", &panicked).len(), 1);
}

// ===== What a report tells of the call and of the state =====

/// How a call ends its server.
#[derive(Clone, Copy, Debug)]
enum Slip {
    Panics,
    PanicsLater,
    Stops,
    StopsAnswered,
    KeepsAndPanics,
    KeepsAndPanicsLater,
}

#[gen_server]
#[derive(Default)]
struct Till {
    coins: u32,
    secret: &'static str,
    hook_panics: bool,
    /// Whom it calls while it handles a call.
    other: Option<FragileRef>,
    parked: Vec<ReplyTo<()>>,
}

#[gen_server]
impl Till {
    #[call]
    fn pay(&mut self, coins: u32, ctx: &mut Ctx<Self>) {
        self.coins += coins;
        if coins == 0 {
            ctx.stop(ExitReason::custom("no coins"));
        }
        assert!(coins != 13, "unlucky");
    }
    #[call]
    async fn pay_slowly(&mut self, coins: u32) {
        tokio::task::yield_now().await;
        self.coins += coins;
        panic!("the till is stuck");
    }
    #[call]
    fn pay_later(&mut self, slip: Slip, from: ReplyTo<()>) -> Flow {
        self.parked.push(from);
        match slip {
            Slip::Stops => Flow::Stop(ExitReason::custom("closed")),
            _ => panic!("the till is stuck"),
        }
    }
    #[call]
    async fn pay_later_slowly(&mut self, from: ReplyTo<()>) {
        self.parked.push(from);
        if let Some(other) = &self.other {
            other.trap().await.unwrap();
        }
        panic!("the till is stuck");
    }
    #[call]
    fn park(&mut self, from: ReplyTo<()>) {
        self.parked.push(from);
    }
    #[cast]
    fn forget_the_parked(&mut self) {
        self.parked.clear();
        panic!("the till is stuck");
    }
    #[format_status]
    fn shown(&self) -> String {
        assert!(!self.hook_panics, "nothing to show");
        format!("{} coins, secret ***", self.coins)
    }
    #[terminate]
    fn bye(&mut self) {
        self.coins = 0;
    }
}

/// Ends a till, from a process called after it, and gives the report and the caller's pid.
async fn report_of_till(name: &'static str, till: Till, slip: Slip) -> (Told, Pid) {
    listen();
    let other = Some(Fragile::start(false, false).await.unwrap());
    let till = Till::start(Till { other, ..till }).name(name).await.unwrap();
    let (down, caller) = (process::monitor(&till), format!("{name}'s client"));
    let (client, done) = process::spawn_monitor(async move |_: Mailbox<()>| {
        process::register(&caller, &process::self_pid()).unwrap();
        let _ = match slip {
            Slip::Panics => till.pay(13).await,
            Slip::PanicsLater => till.pay_slowly(1).await,
            Slip::StopsAnswered => till.pay(0).await,
            Slip::Stops | Slip::KeepsAndPanics => till.pay_later(slip).await,
            Slip::KeepsAndPanicsLater => till.pay_later_slowly().await,
        };
        std::future::pending::<()>().await;
    });
    let pid = client.pid().unwrap();
    down.await;
    tokio::task::yield_now().await;
    drop(done);
    let told = told_of("server", name);
    let [report] = &told[..] else { panic!("{told:?}") };
    (report.clone(), pid)
}

/// GS-41: the client of the call that was being handled, however the handler ends.
#[cordial::test]
async fn report_names_the_calling_client() {
    for (name, slip) in [
        ("till a", Slip::Panics),
        ("till b", Slip::PanicsLater),
        ("till c", Slip::Stops),
        ("till d", Slip::StopsAnswered),
        ("till e", Slip::KeepsAndPanics),
        ("till f", Slip::KeepsAndPanicsLater),
    ] {
        let (report, client) = report_of_till(name, Till::default(), slip).await;
        assert_eq!(report.fields.get("client"), Some(&client.to_string()), "{slip:?}");
        assert_eq!(report.fields["client_name"], format!("{name}'s client"));
        let line = format!("\n  client        {client} `{name}'s client`\n");
        assert!(report.fields["message"].contains(&line), "{report:?}");
    }
}

/// GS-41: who was parked before is not the client of what crashed.
#[cordial::test]
async fn report_of_a_cast_has_no_client() {
    listen();
    let till = Till::start(Till::default()).name("till without").await.unwrap();
    let parked = till.park();
    let down = process::monitor(&till);
    till.forget_the_parked();
    down.await;
    assert!(parked.await.is_err());
    tokio::task::yield_now().await;
    let told = told_of("server", "till without");
    assert_eq!(told[0].fields["last_message"], "forget_the_parked");
    assert!(!told[0].fields.contains_key("client"), "{told:?}");
}

/// GS-41, GS-42: the whole report as it reads.
// break: GS-42 runtime/cordial/src/gen_server/server.rs
//     `panics::contain(format_status)` => `panics::contain(|| None::<String>)`
#[cordial::test]
async fn whole_report_of_a_call_that_panics() {
    let till = Till { coins: 3, secret: "1234", ..Till::default() };
    assert_eq!(till.secret.len(), 4);
    let (report, client) = report_of_till("till", till, Slip::Panics).await;
    let (pid, reason) = (&report.fields["pid"], &report.fields["reason"]);
    assert!(reason.starts_with("panicked: unlucky at "), "{reason}");
    let text = format!(
        "cordial: `till` {pid} crashed\n  \
         reason        {reason}\n  \
         last message  pay\n  \
         client        {client} `till's client`\n  \
         state as left 16 coins, secret ***"
    );
    assert_eq!(report.fields["message"], text);
    assert_eq!(report.fields["state"], "16 coins, secret ***");
    assert_eq!(report.fields["poisoned"], "true");
    assert!(!report.fields["message"].contains("1234"));
}

/// GS-42: the report goes on without it.
#[cordial::test]
async fn hook_that_panics_does_not_break_the_report() {
    let till = Till { hook_panics: true, ..Till::default() };
    let (report, _) = report_of_till("till with a bad hook", till, Slip::StopsAnswered).await;
    assert_eq!(report.fields["reason"], "no coins");
    assert_eq!(report.fields["last_message"], "pay");
    let state = &report.fields["state"];
    assert!(state.starts_with("`format_status` panicked: nothing to show at "), "{state}");
}

/// GS-42: of a state that has neither a hook nor a `Debug` nothing is shown, of a message never.
#[cordial::test]
async fn state_without_a_rendering_is_not_shown() {
    let (told, ..) = reports("no hook", |server| {
        server.end(Way::Stop(ExitReason::custom("done")));
    })
    .await;
    assert!(!told[0].fields.contains_key("state"), "{told:?}");
    assert!(!told[0].fields["message"].contains("terminate_panics"));
}

/// A server of any type, which shows a type of its own.
#[gen_server]
struct Shelf<T> {
    goods: Vec<T>,
}

#[gen_server]
impl<T: Debug> Shelf<T> {
    #[init]
    fn init(goods: Vec<T>) -> Self {
        Self { goods }
    }
    #[call]
    fn take(&mut self, at: usize) -> T {
        self.goods.remove(at)
    }
    #[format_status]
    fn shown(&self) -> impl std::fmt::Display + use<T> {
        format!("{:?}", self.goods)
    }
}

/// A server by hand.
struct Ledger(u32);

enum LedgerMsg {
    Fail(ReplyTo<()>),
}

impl cordial::Message for LedgerMsg {
    fn kind(&self) -> &'static str {
        "fail"
    }
}

impl cordial::ServerStruct for Ledger {
    type Replay = supervisor::Replayed;
}

impl GenServer for Ledger {
    type Msg = LedgerMsg;
    type Args = u32;
    type Client = cordial::PlainClient<LedgerMsg>;
    async fn init(page: u32, _: &mut Ctx<Self>) -> Init<Self> {
        Init::run(Self(page))
    }
    async fn handle(&mut self, msg: LedgerMsg, _: &mut Ctx<Self>) -> Flow {
        let LedgerMsg::Fail(_from) = msg;
        panic!("torn at page {}", self.0);
    }
    fn format_status(&self) -> Option<String> {
        Some(format!("page {}", self.0))
    }
}

/// GS-42
#[cordial::test]
async fn generic_servers_and_those_by_hand_show_their_state_too() {
    listen();
    let shelf = Shelf::start(vec!["tea"]).name("shelf").await.unwrap();
    assert!(shelf.take(1).await.is_err());
    let ledger: Ref<Ledger> = Start::new(7).name("ledger").await.unwrap();
    assert!(ledger.call("fail", LedgerMsg::Fail).await.is_err());
    tokio::task::yield_now().await;
    for (name, state) in [("shelf", "[\"tea\"]"), ("ledger", "page 7")] {
        let told = told_of("server", name);
        assert_eq!(told[0].fields["state"], state, "{told:?}");
        let client = "\n  client        outside of all processes\n";
        assert!(told[0].fields["message"].contains(client), "{told:?}");
    }
}

/// GS-41
#[cordial::test]
async fn report_tells_how_much_mail_is_lost() {
    let (told, ..) = reports("busy", |server| {
        server.end(Way::Panic);
        server.end(Way::Panic);
        drop(server.trap());
    })
    .await;
    assert_eq!(told[0].fields["mail_waiting"], "2");
    assert!(told[0].fields["message"].ends_with("\n  mail waiting  2"), "{told:?}");
}

/// GS-41, PROC-42
#[cordial::test]
async fn report_names_the_ancestors() {
    listen();
    let (_, down) = process::spawn_monitor(async |_: Mailbox<()>| {
        process::register("family", &process::self_pid()).unwrap();
        let child = Fragile::start(false, false).name("child of family").await.unwrap();
        let down = process::monitor(&child);
        child.end(Way::Panic);
        down.await;
    });
    down.await;
    tokio::task::yield_now().await;
    let told = told_of("server", "child of family");
    assert!(told[0].fields["message"].ends_with("\n  ancestors     family"), "{told:?}");
}

// ===== Warnings and notes =====

/// GS-28
#[cordial::test]
async fn signal_that_nobody_expects_is_noted() {
    listen();
    let server = Fragile::start(false, false).await.unwrap();
    let pid = gen_server::whereis(&server).unwrap().to_string();
    server.trap().await.unwrap();
    let target = server.clone();
    let (_, down) = process::spawn_monitor(async move |_: Mailbox<()>| {
        process::exit(&target, ExitReason::custom("who?"));
    });
    down.await;
    sync(&server).await;
    let told = told_of("pid", &pid);
    let [note] = &told[..] else { panic!("{told:?}") };
    assert_eq!((note.target.as_str(), note.level), ("cordial::unexpected", Level::DEBUG));
    assert!(note.fields["message"].starts_with("Exit ignored: Exit {"));
    assert!(note.fields["message"].contains("who?"));
}

#[cordial::test]
async fn cast_that_logs_its_error_goes_on() {
    listen();
    let server = Fragile::start(false, false).await.unwrap();
    server.fail();
    sync(&server).await;
    let told = told_of("kind", "fail");
    let [warning] = &told[..] else { panic!("{told:?}") };
    assert_eq!((warning.target.as_str(), warning.level), ("cordial::cast", Level::WARN));
    assert_eq!(warning.fields["message"], "cast `fail` failed: not today");
}

#[gen_server]
struct Slow;

#[gen_server]
impl Slow {
    #[init]
    async fn init() -> Self {
        let _ = tokio::time::timeout(secs(7), std::future::pending::<()>()).await;
        Self
    }
    #[cast]
    fn nothing(&self) {}
}

/// GS-7
#[cordial::test]
async fn start_that_takes_long_is_warned_of_after_five_seconds() {
    listen();
    let began = tokio::time::Instant::now();
    let start = Slow::start().name("slow");
    let mut start = Box::pin(async { start.await.unwrap() });
    assert!(tokio::time::timeout(millis(4900), &mut start).await.is_err());
    assert!(told_of("server", "slow").is_empty());
    start.await;
    assert_eq!(began.elapsed(), secs(7));
    let told = told_of("server", "slow");
    let [warning] = &told[..] else { panic!("{told:?}") };
    assert_eq!((warning.target.as_str(), warning.level), ("cordial::start", Level::WARN));
    assert_eq!(warning.fields["message"], "`slow` is still starting after 5s");
}

/// Knows nothing of threads.
#[gen_server(local)]
struct Stall {
    coins: std::rc::Rc<u32>,
}

#[gen_server(local)]
impl Stall {
    #[init]
    fn init() -> Self {
        Self { coins: std::rc::Rc::new(1) }
    }
    #[call]
    fn close(&mut self, ctx: &mut Ctx<Self>) -> u32 {
        ctx.stop(ExitReason::custom("sold out"));
        *self.coins
    }
}

/// GS-41: a local server names the client of the call in which it stops, too.
#[cordial::test]
async fn report_of_a_local_server_names_the_calling_client() {
    listen();
    let stall = Stall::start().name("stall").await.unwrap();
    let down = process::monitor(&stall);
    let (client, _done) = process::spawn_monitor(async move |_: Mailbox<()>| {
        let _ = stall.close().await;
        std::future::pending::<()>().await;
    });
    let pid = client.pid().unwrap();
    down.await;
    tokio::task::yield_now().await;
    let told = told_of("server", "stall");
    assert_eq!(told[0].fields.get("client"), Some(&pid.to_string()), "{told:?}");
}
