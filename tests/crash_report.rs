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
        let text = format!(
            "cordial: `{name}` {pid} crashed\n  reason        {reason}\n  last message  {kind}"
        );
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
