//! What is redacted, and what is left out, wherever a state is shown.
use cordial::inspect::Inspect;
use cordial::prelude::*;
use cordial::sys::{self, Filter, Limit};
use cordial::{Agent, process};

const SECRET: &str = "hunter2";

/// It has a `Debug` that would tell.
#[gen_server]
#[derive(Clone, Debug, Default)]
struct Mailer {
    host: String,
    #[inspect(redact)]
    password: String,
    #[inspect(skip)]
    outbox: Vec<String>,
    #[inspect(show)]
    next_key: String,
    login: Login,
}

/// A part that says itself what is shown of it.
#[derive(Clone, Debug, Default, Inspect)]
struct Login {
    user: String,
    #[inspect(redact)]
    token: Option<String>,
}

#[gen_server]
impl Mailer {
    #[cast]
    fn mail(&mut self, text: String) {
        if text == self.password && self.login.token.as_deref() == Some(&*text) {
            self.outbox.push(text);
        }
    }
    #[cast]
    fn burst(&self) {
        panic!("burst");
    }
}

fn mailer() -> Mailer {
    Mailer {
        host: "post".into(),
        password: SECRET.into(),
        outbox: vec![SECRET.into()],
        next_key: "k".into(),
        login: Login { user: "ann".into(), token: Some(SECRET.into()) },
    }
}

const SHOWN: &str = concat!(
    r#"{"host":"post","password":"[redacted]","next_key":"k","#,
    r#""login":{"user":"ann","token":"[redacted]"}}"#
);

/// GS-42: in no status, report, log or trace.
#[cordial::test]
async fn what_is_redacted_or_skipped_is_shown_nowhere() {
    let mailer = Mailer::start(mailer()).await.unwrap();
    assert!(format!("{:?}", sys::get_state(&mailer).await.unwrap()).contains(SECRET));
    sys::keep_log(&mailer, 10).unwrap();
    let mut trace = sys::trace(&mailer, Filter::all(), Limit::count(2)).unwrap();
    mailer.mail(SECRET.into());
    let inspected = sys::inspect(&mailer).await.unwrap();
    assert_eq!(inspected.as_str(), SHOWN);
    let status = sys::get_status(&mailer).await.unwrap();
    assert_eq!(status.state.as_ref().unwrap().as_str(), SHOWN);
    let down = process::monitor(&mailer);
    let kept = sys::log(&mailer);
    mailer.burst();
    let down = down.await;
    let crash = &sys::crashes(1)[0];
    assert_eq!(crash.state.as_deref(), Some(SHOWN));
    let mut told = vec![format!("{status:?} {down:?} {crash:?} {kept:?}")];
    while let Some(handled) = trace.next().await {
        told.push(format!("{handled:?}"));
    }
    assert_eq!(told.len(), 3);
    assert!(!told.concat().contains(SECRET), "{told:?}");
}

/// It has no `Serialize`.
#[derive(Clone, Debug)]
struct Name(&'static str);

/// A server that is an enum, with fields of all kinds.
#[gen_server]
#[derive(Clone)]
enum Line {
    Idle,
    Dialing(Name, #[inspect(redact)] String),
    Open {
        to: Name,
        #[inspect(skip)]
        secret: String,
        #[cfg(any())]
        nothing: Missing,
    },
}

#[gen_server]
impl Line {
    #[cast]
    fn set(&mut self, line: Self) {
        *self = line;
    }
    #[call]
    fn says(&self) -> String {
        match self {
            Self::Idle => String::new(),
            Self::Dialing(to, code) => format!("{} {code}", to.0),
            Self::Open { to, secret } => format!("{} {secret}", to.0),
        }
    }
}

#[cordial::test]
async fn variants_are_shown_by_their_own_fields() {
    let line = Line::start(Line::Idle).await.unwrap();
    let cases = [
        (Line::Idle, "Idle"),
        (Line::Dialing(Name("ann"), SECRET.into()), "Dialing(Name(\"ann\"), [redacted])"),
        (Line::Open { to: Name("bob"), secret: SECRET.into() }, "Open { to: Name(\"bob\") }"),
    ];
    for (state, text) in cases {
        line.set(state);
        line.says().await.unwrap();
        assert_eq!(sys::inspect(&line).await.unwrap().as_str(), text);
    }
}

/// The struct of a state machine.
#[gen_statem]
#[derive(Clone)]
struct Lock {
    #[inspect(redact)]
    code: String,
    tries: u32,
}

#[gen_statem(Locked | Open)]
impl Lock {
    #[on(Locked)]
    #[cast]
    fn enter(&mut self, code: &str) -> to![Open | Locked] {
        self.tries += 1;
        if code == self.code { goto(Open) } else { goto(Locked) }
    }
    #[on(Open)]
    #[cast]
    fn enter(&mut self, _: &str) {
        panic!("it is open");
    }
}

#[cordial::test]
async fn state_machine_shows_its_state_and_its_data_without_secrets() {
    let lock = Lock::start(Lock { code: SECRET.into(), tries: 0 }).await.unwrap();
    let data = r#"{"code":"[redacted]","tries":0}"#;
    let status = sys::get_status(&lock).await.unwrap();
    assert_eq!(status.machine.as_deref(), Some("Locked"));
    assert_eq!(status.state.unwrap().as_str(), data);
    let down = process::monitor(&lock);
    lock.enter(SECRET);
    lock.enter(SECRET);
    down.await;
    let crash = &sys::crashes(1)[0];
    let shown = r#"Open: {"code":"[redacted]","tries":1}"#;
    assert_eq!(crash.state.as_deref(), Some(shown));
}

#[cordial::test]
async fn agent_shows_its_value_only_if_it_was_told_to() {
    let login = || Login { user: "ann".into(), token: Some(SECRET.into()) };
    let silent = Agent::start(login).await.unwrap();
    let shown = sys::inspect(&silent).await.unwrap();
    assert!(shown.as_str().ends_with("::Login"), "{shown}");
    let agent = Agent::start(login).inspect().await.unwrap();
    let text = r#"{"user":"ann","token":"[redacted]"}"#;
    assert_eq!(sys::inspect(&agent).await.unwrap().as_str(), text);
    let mut tree = Supervisor::builder();
    let child = tree.add(Agent::child_spec(login).inspect());
    let _tree = tree.start().await.unwrap();
    assert_eq!(sys::inspect(&child).await.unwrap().as_str(), text);
}
