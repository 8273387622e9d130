//! Applications that do what their environment says, and a log of what happened to them.
use cordial::application::{self, Application, Dependency, EnvChange, StartType, Started};
use cordial::env::{Env, Key, Reader, one};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::supervisor::{self, SupervisorRef};
use cordial::{Message, Node, RawRef, Supervisor};

/// Written down, in order, by a process called `log`.
pub(crate) enum LogMsg {
    Said(String),
    Take(ReplyTo<Vec<String>>),
    /// Everything that comes until the log is told to end.
    Last(ReplyTo<Vec<String>>),
}

impl Message for LogMsg {
    fn kind(&self) -> &'static str {
        "log"
    }
}

/// The log of this test's node.
pub(crate) struct Log(RawRef<LogMsg>);

impl Log {
    pub(crate) fn start() -> Self {
        let address = process::spawn(async |mut mail: Mailbox<LogMsg>| {
            process::trap_exit(true);
            let (mut lines, mut last) = (Vec::new(), None);
            loop {
                match mail.receive().await {
                    Received::Message(LogMsg::Said(line)) => lines.push(line),
                    Received::Message(LogMsg::Take(from)) => from.reply(std::mem::take(&mut lines)),
                    Received::Message(LogMsg::Last(from)) => last = Some(from),
                    Received::Exit(_) => break,
                    _ => {}
                }
            }
            if let Some(from) = last {
                from.reply(lines);
            }
        });
        process::register("log", &address).unwrap();
        Self(address)
    }

    /// What was written since this was asked last.
    pub(crate) async fn take(&self) -> Vec<String> {
        let (from, lines) = ReplyTo::pair();
        self.0.send(LogMsg::Take(from));
        lines.await.unwrap()
    }

    /// Shuts the node down; what was written until the log itself, which is the oldest, went.
    pub(crate) async fn until_shutdown(self, node: &Node) -> Vec<String> {
        let (from, lines) = ReplyTo::pair();
        self.0.send(LogMsg::Last(from));
        node.shutdown().await;
        lines.await.unwrap()
    }

    #[track_caller]
    pub(crate) fn check(&self, expected: &[&str]) -> impl Future<Output = ()> {
        let lines = self.take();
        let expected: Vec<String> = expected.iter().map(|line| (*line).into()).collect();
        async move { assert_eq!(lines.await, expected) }
    }
}

pub(crate) fn say(line: String) {
    process::cast("log", LogMsg::Said(line));
}

/// What an application is to do, as keys.
#[derive(Clone)]
pub(crate) struct Script {
    /// How `start` goes: well, or `fail`, `panic`, `hang`, `ended`.
    pub(crate) start: String,
    /// Which callback panics.
    panics: String,
    /// Which callback never ends.
    hangs: String,
}

impl Env for Script {
    const KEYS: &'static [Key] = &[
        Key::new("start", "String").default("well"),
        Key::new("panics", "String"),
        Key::new("hangs", "String"),
    ];

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let start = reader.or("start", one, || "well".into());
        let panics = reader.or("panics", one, String::new);
        let hangs = reader.or("hangs", one, String::new);
        Some(Self { start: start?, panics: panics?, hangs: hangs? })
    }
}

/// What an application keeps while it runs.
pub(crate) struct Kept {
    script: Script,
    /// Put together by the callbacks: OTP's state.
    state: String,
}

/// The one child of every tree; it says when it goes down.
#[gen_server]
#[derive(Clone)]
pub(crate) struct Worker(&'static str);

#[gen_server]
impl Worker {
    #[cast]
    pub(crate) fn crash(&self) {
        panic!("crashed as told");
    }
    /// A process that nobody supervises.
    #[call]
    pub(crate) fn spawn_stray(&self) -> RawRef<()> {
        process::spawn(async |mut mail: Mailbox<()>| mail.next().await)
    }
    #[call]
    pub(crate) fn pid(&self) -> Pid {
        process::self_pid()
    }
    #[info]
    fn exit(&mut self, _: Exit) {}
    #[terminate]
    fn terminate(&mut self) {
        say(format!("{} down", self.0));
    }
}

/// The handles of a tree.
#[derive(Clone)]
pub(crate) struct Tree {
    pub(crate) supervisor: SupervisorRef,
    pub(crate) worker: Ref<Worker>,
}

impl supervisor::Supervised for Tree {
    fn supervisor(&self) -> &SupervisorRef {
        &self.supervisor
    }
}

pub(crate) async fn start(name: &'static str, kind: StartType, script: Script) -> Begun {
    say(format!("{name} start {kind:?}"));
    match script.start.as_str() {
        "fail" => return Err("no harbor here".into()),
        "panic" => panic!("start panicked"),
        "hang" => std::future::pending().await,
        _ => {}
    }
    let mut tree = Supervisor::builder().max_restarts(0, secs(5));
    let worker = tree.add(Worker::child_spec(Worker(name)).id("worker"));
    let supervisor = tree.start_link().await?;
    if script.start == "ended" {
        supervisor::stop(&supervisor).await?;
    }
    Ok((Tree { supervisor, worker }, Kept { script, state: "state".into() }))
}

type Begun = Result<(Tree, Kept), Box<dyn std::error::Error + Send + Sync>>;

pub(crate) async fn callback(name: &str, what: &str, kept: &mut Kept) {
    say(format!("{name} {what} of {}", kept.state));
    kept.state.push_str(" prepared");
    if kept.script.hangs == what {
        std::future::pending::<()>().await;
    }
    assert!(kept.script.panics != what, "{what} panicked");
}

macro_rules! applications {
    ($($app:ident = $name:literal needs [$($needed:ty),*];)*) => {$(
        pub(crate) struct $app;
        impl Application for $app {
            const NAME: &'static str = $name;
            const DEPENDS: &'static [Dependency] = &[$(Dependency::of::<$needed>()),*];
            type Env = Script;
            type Handle = Tree;
            type State = Kept;

            async fn start(kind: StartType, script: Script) -> Started<Self> {
                start($name, kind, script).await
            }
            async fn prep_stop(_: &Tree, kept: &mut Kept) {
                callback($name, "prep_stop", kept).await;
            }
            async fn stop(mut kept: Kept) {
                callback($name, "stop", &mut kept).await;
            }
            fn config_change(change: &EnvChange) {
                say(format!("{} {change:?}", $name));
            }
        }
    )*};
}

applications! {
    Base = "base" needs [];
    Left = "left" needs [Base];
    Right = "right" needs [Base];
    Top = "top" needs [Left, Right];
    Ring = "ring" needs [Chain];
    Chain = "chain" needs [Ring];
}

/// Tells an application what to do, before it starts.
pub(crate) fn script<A: Application>(key: &str, text: &str) {
    application::put_env::<A>(key, text).unwrap();
}
