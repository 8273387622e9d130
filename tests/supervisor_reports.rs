//! What supervisors tell through `tracing`, in which order.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor::{self, AutoShutdown};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The fields of one report.
type Report = BTreeMap<&'static str, String>;

thread_local! {
    /// What was told on this thread since it listens; a test has a thread of its own.
    static TOLD: RefCell<Option<Vec<Report>>> = const { RefCell::new(None) };
}

/// Writes the reports of supervisors down, for the threads that listen.
struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "cordial::supervisor"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        TOLD.with_borrow_mut(|told| {
            let Some(told) = told else { return };
            let mut fields = Fields::default();
            event.record(&mut fields);
            fields.0.insert("level", event.metadata().level().to_string());
            told.push(fields.0);
        });
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields(Report);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

/// What this thread is told from now on.
struct Told;

impl Told {
    fn listen() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
        TOLD.set(Some(Vec::new()));
        Self
    }

    fn take(&self) -> Vec<Report> {
        TOLD.replace(Some(Vec::new())).unwrap_or_default()
    }

    /// Which reports about whom, since the last time.
    fn kinds(&self) -> String {
        let kind = |report: &Report| format!("{} {}", report["report"], report["child"]);
        self.take().iter().map(kind).collect::<Vec<_>>().join(", ")
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        TOLD.set(None);
    }
}

/// SUP-51
#[cordial::test]
async fn each_started_child_is_told() {
    let told = Told::listen();
    let mut tree = Supervisor::builder().id("harbor");
    let child = tree.add(Script::new("a", &Log::default()).spec());
    tree.add(Script::new("b", &Log::default()).spec());
    let supervisor = tree.start().await.unwrap();
    let reports = told.take();
    assert_eq!(reports.len(), 2);
    let pid = gen_server::whereis(&child).unwrap().to_string();
    let about = &reports[0];
    assert_eq!((about["report"].as_str(), about["child"].as_str()), ("progress", "a"));
    assert_eq!((about["supervisor"].as_str(), &about["pid"]), ("harbor", &pid));
    assert_eq!(about["supervisor_pid"], supervisor.pid().unwrap().to_string());
    assert_eq!(about["message"], format!("child `a` started as {pid}"));
}

/// SUP-51
// break: SUP-51 runtime/cordial/src/supervisor/server.rs
//     `if !(ordinary && exit.reason.is_clean()) {` => `if !exit.reason.is_clean() {`
#[cordial::test]
async fn clean_end_is_told_only_of_a_permanent_child() {
    let clean = [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("tea")];
    for (restart, expected) in [
        (Restart::Permanent, "child_terminated a, restarting a, progress a"),
        (Restart::Transient, ""),
        (Restart::Temporary, ""),
    ] {
        for reason in clean.clone() {
            let mut tree = Supervisor::builder();
            let child = tree.add(Script::new("a", &Log::default()).spec().restart(restart));
            let supervisor = tree.start().await.unwrap();
            let told = Told::listen();
            end(&child, reason.clone(), &supervisor).await;
            assert_eq!(told.kinds(), expected, "{restart:?} {reason}");
        }
    }
}

/// SUP-51, SUP-52
// break: SUP-52 runtime/cordial/src/supervisor/requests.rs
//     `self.tell_exit(key, &exit, &actions);` =>
//     `let told = actions.clone(); let flow = self.carry_out(actions).await;
//     self.tell_exit(key, &exit, &told); return flow; #[allow(unreachable_code)]
//     let actions = told;`
#[cordial::test]
async fn crash_is_told_then_the_start_of_the_successor() {
    for (restart, expected) in [
        (Restart::Transient, "child_terminated a, restarting a, progress a"),
        (Restart::Temporary, "child_terminated a"),
    ] {
        let mut tree = Supervisor::builder();
        let child = tree.add(Script::new("a", &Log::default()).spec().restart(restart));
        let supervisor = tree.start().await.unwrap();
        let told = Told::listen();
        crash(&child, &supervisor).await;
        assert_eq!(told.kinds(), expected, "{restart:?}");
    }
}

/// SUP-51
#[cordial::test]
async fn crash_is_told_with_its_reason_and_how_many_restarts_are_left() {
    let mut tree = Supervisor::builder();
    let child = tree.add(Script::new("a", &Log::default()).spec());
    let supervisor = tree.start().await.unwrap();
    let pid = gen_server::whereis(&child).unwrap();
    let told = Told::listen();
    crash(&child, &supervisor).await;
    let reports = told.take();
    let (ended, next) = (&reports[0], &reports[1]);
    assert_eq!((&*ended["reason"], &*ended["pid"]), ("crash", &*pid.to_string()));
    assert_eq!(ended["level"], "WARN");
    let numbers = (&*next["count"], &*next["max_restarts"], &*next["period_ms"]);
    assert_eq!(numbers, ("1", "3", "5000"));
    assert_eq!(next["message"], "restarting `a`: 1 of 3 within 5s");
}

/// SUP-52
#[cordial::test]
async fn escalation_is_told_after_the_crash_that_was_too_many() {
    let mut tree = Supervisor::builder().max_restarts(0, secs(5));
    let child = tree.add(Script::new("a", &Log::default()).spec());
    tree.add(Script::new("b", &Log::default()).spec());
    let supervisor = tree.start().await.unwrap();
    let told = Told::listen();
    crash(&child, &supervisor).await;
    let reports = told.take();
    let kinds: Vec<_> = reports.iter().map(|report| &*report["report"]).collect();
    assert_eq!(kinds, ["child_terminated", "shutdown"]);
    assert_eq!(reports[1]["reason"], "reached_max_restart_intensity");
    assert_eq!(reports[1]["level"], "ERROR");
    assert_eq!(reports[1]["message"], "giving up: over 0 restarts in 5s, last `a`");
}

/// SUP-33, SUP-51
// break: SUP-33 runtime/cordial/src/supervisor/stop.rs
//     `by.shutdown_error(&self.child.id, pid, reason);` => ``
#[cordial::test]
async fn failed_start_and_failed_stop_are_told() {
    let script = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder();
    let child = tree.add(script.spec());
    tree.add(Script::new("b", &Log::default()).stops(OnStop::Panics).spec());
    let supervisor = tree.start().await.unwrap();
    let told = Told::listen();
    script.will_start([Outcome::Stop]);
    crash(&child, &supervisor).await;
    let retried = "start_error a, restarting a, progress a";
    assert_eq!(told.kinds(), format!("child_terminated a, restarting a, {retried}"));

    supervisor::stop(&supervisor).await.unwrap();
    let reports = told.take();
    assert_eq!(reports.len(), 1, "{reports:?}");
    let kind = (&*reports[0]["report"], &*reports[0]["child"]);
    assert_eq!(kind, ("shutdown_error", "b"));
    assert!(reports[0]["reason"].contains("cannot stop"));
}

/// The texts of the reports that came since the last time.
fn texts(told: &Told) -> Vec<String> {
    told.take().iter().map(|report| report["message"].clone()).collect()
}

/// SUP-51, SUP-52: each kind as it reads, from the crash to the end of the supervisor.
#[cordial::test]
async fn reports_read_as_prose() {
    let script = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder().id("harbor").strategy(Strategy::OneForAll);
    tree = tree.max_restarts(1, secs(5));
    let child = tree.add(script.spec());
    let stubborn = tree.add(Script::new("b", &Log::default()).stops(OnStop::Panics).spec());
    let told = Told::listen();
    let supervisor = tree.start().await.unwrap();
    let pids = || [&child, &stubborn].map(|child| gen_server::whereis(child).unwrap());
    let (harbor, [a, b]) = (supervisor.pid().unwrap(), pids());
    let started = [format!("child `a` started as {a}"), format!("child `b` started as {b}")];
    assert_eq!(texts(&told), started);

    crash(&child, &supervisor).await;
    let [again, b_again] = pids();
    let reports = told.take();
    let stop = reports[2]["reason"].clone();
    assert!(stop.starts_with("panicked: cannot stop at "), "{stop}");
    let expected = [
        format!(
            "child `a` {a} of `harbor` {harbor} terminated\n  \
             reason        crash\n  \
             restarts      1 of 1 in 5s\n  \
             next          restart `a`, `b`"
        ),
        "restarting `a`: 1 of 1 within 5s".into(),
        format!("child `b` {b} was told to stop and ended with: {stop}"),
        format!("child `a` started as {again}"),
        format!("child `b` started as {b_again}"),
    ];
    assert_eq!(
        reports.iter().map(|report| &report["message"]).collect::<Vec<_>>(),
        expected.each_ref()
    );
    let numbers = ["restarts", "max_restarts", "period_ms"].map(|field| &*reports[0][field]);
    assert_eq!((numbers, &*reports[0]["next"]), (["1", "1", "5000"], "restart `a`, `b`"));

    let down = cordial::process::monitor(&supervisor);
    crash(&child, &supervisor).await;
    down.await;
    let texts = texts(&told);
    let last = format!(
        "child `a` {again} of `harbor` {harbor} terminated\n  \
         reason        crash\n  \
         restarts      2 of 1 in 5s\n  \
         next          give up and stop the others"
    );
    assert_eq!(texts[..2], [last, "giving up: over 1 restarts in 5s, last `a`".into()]);
}

/// SUP-51: what is not restarted is told as such.
#[cordial::test]
async fn report_of_a_child_that_is_not_restarted_says_so() {
    let mut tree = Supervisor::builder().id("harbor");
    let child = tree.add(Script::new("a", &Log::default()).spec().restart(Restart::Temporary));
    let supervisor = tree.start().await.unwrap();
    let (harbor, a) = (supervisor.pid().unwrap(), gen_server::whereis(&child).unwrap());
    let told = Told::listen();
    crash(&child, &supervisor).await;
    let text = format!(
        "child `a` {a} of `harbor` {harbor} terminated\n  \
         reason        crash\n  \
         next          nothing: it is not restarted"
    );
    assert_eq!(texts(&told), [text]);
}

/// SUP-51: a failed start as it reads.
#[cordial::test]
async fn report_of_a_failed_start_tells_why() {
    let script = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder();
    let child = tree.add(script.spec());
    let supervisor = tree.start().await.unwrap();
    let told = Told::listen();
    script.will_start([Outcome::Stop]);
    crash(&child, &supervisor).await;
    let texts = texts(&told);
    let failed = "child `a` did not start: `init` failed: no start";
    assert!(texts.iter().any(|text| text == failed), "{texts:?}");
}

/// SUP-47, SUP-51
#[cordial::test]
async fn end_with_a_significant_child_is_told() {
    let mut tree = Supervisor::builder().auto_shutdown(AutoShutdown::AnySignificant);
    let spec = Script::new("a", &Log::default()).spec();
    let child = tree.add(spec.restart(Restart::Transient).significant(true));
    let supervisor = tree.start().await.unwrap();
    let told = Told::listen();
    end(&child, ExitReason::Normal, &supervisor).await;
    let reports = told.take();
    assert_eq!(reports.len(), 1);
    let about = (&*reports[0]["report"], &*reports[0]["reason"]);
    assert_eq!(about, ("shutdown", "significant_child_ended"));
    let text = "shutting down: the significant child `a` has ended";
    assert_eq!(reports[0]["message"], text);
}
