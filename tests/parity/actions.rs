//! What a scripted process does: each action of the language in cordial's words.
//!
//! ```text
//! note:x  sleep:ms  never  panic:x  die:reason          about itself
//! trap:on|off  link:p  unlink:p  monitor:p  demonitor:p  exit:p:reason  alive:p
//! spawn:p  spawn_link:p  register:p  unregister  whereis
//! timer:name:ms:p:actions  cancel:name                  actions of others are joined by `+`
//! start:a  start_link:a  start_within:ms:a  gen_stop:a:reason  stop_within:ms:a:reason
//! send:p:actions  cast:a:actions  call:a:actions  call_within:ms:a:actions
//! reply:x  reply_now:x  park  answer:x                  in a server; `answer` is for a parked call
//! stop:reason  timeout:ms  continue:action>action  ignore (in `init`)
//! which:s  count:s  start_child:s:a  terminate_child:s:a  restart_child:s:a  delete_child:s:a
//! ```
//! `me` is the process itself. `init=`, `terminate=` and `do=` of a definition take actions joined
//! by `,`; those of the first and the following starts are apart by `|`.
use crate::actor::{self, Args, Msg, StartHow};
use crate::language::Def;
use crate::tree;
use crate::world::{World, reason, started, to_reason};
use cordial::process::{self, Mailbox, TimerRef};
use cordial::{
    CallError, Client, Down, Exit, ExitReason, MonitorRef, Pid, PlainClient, RawRef, ReplyTo,
    StopError, gen_server,
};
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// OTP's `infinity`, on a clock that jumps.
const LONG: Duration = Duration::from_secs(86_400);

/// What one process knows: its name, and what it has under way.
pub(crate) struct Me {
    world: Arc<World>,
    name: String,
    def: String,
    pid: Pid,
    monitors: HashMap<MonitorRef, String>,
    last_monitor: HashMap<String, MonitorRef>,
    timers: HashMap<String, TimerRef>,
    parked: VecDeque<ReplyTo<String>>,
}

/// What the actions of one message ask of the server's loop.
#[derive(Default)]
pub(crate) struct Wish {
    pub(crate) from: Option<ReplyTo<String>>,
    pub(crate) parked: Option<ReplyTo<String>>,
    pub(crate) reply: Option<String>,
    pub(crate) stop: Option<Stop>,
    pub(crate) timeout: Option<u64>,
    pub(crate) then: Vec<String>,
}

pub(crate) enum Stop {
    Ignore,
    With(ExitReason),
}

/// The actions of an option's value.
pub(crate) fn words(text: &str) -> Vec<String> {
    split(text, ',')
}

fn split(text: &str, by: char) -> Vec<String> {
    text.split(by).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn two(text: &str) -> (&str, &str) {
    text.split_once(':').unwrap_or_else(|| panic!("`{text}` wants two parts"))
}

/// A name, and the actions that are sent to it.
fn to(text: &str) -> (&str, Vec<String>) {
    let (name, actions) = two(text);
    (name, split(actions, '+'))
}

fn millis(text: &str) -> Duration {
    Duration::from_millis(text.parse().expect("a number of milliseconds"))
}

impl Me {
    pub(crate) fn born(world: Arc<World>, def: &str, pid: Pid, address: RawRef<Msg>) -> Self {
        let name = world.born(def, pid, address);
        Self {
            world,
            name,
            def: def.to_owned(),
            pid,
            monitors: HashMap::new(),
            last_monitor: HashMap::new(),
            timers: HashMap::new(),
            parked: VecDeque::new(),
        }
    }

    pub(crate) fn def(&self) -> &Def {
        self.world.def(&self.def)
    }

    /// The n-th start does what stands at the n-th place of `init=`, the last for all that follow.
    pub(crate) fn this_start(&self) -> String {
        let starts: Vec<&str> = self.def().option("init").unwrap_or_default().split('|').collect();
        let at = self.world.next_start(&self.def).min(starts.len() - 1);
        starts[at].to_owned()
    }

    pub(crate) fn ignored(&self) {
        self.world.ignored(&self.def);
    }

    pub(crate) fn note(&self, what: impl AsRef<str>) {
        self.world.log(format!("{} {}", self.name, what.as_ref()));
    }

    pub(crate) fn note_down(&self, down: &Down) {
        let who = self.monitors.get(&down.monitor).map_or("?", String::as_str);
        self.note(format!("down {who} {}", reason(&down.reason)));
    }

    pub(crate) fn note_exit(&self, exit: &Exit) {
        let from = self.world.name_of(exit.from);
        self.note(format!("exit {from} {}", reason(&exit.reason)));
    }

    pub(crate) fn park(&mut self, from: ReplyTo<String>) {
        self.parked.push_back(from);
    }

    /// Does one after the other, until one ends it.
    pub(crate) fn acts<'a>(
        &'a mut self,
        actions: &'a [String],
        from: Option<ReplyTo<String>>,
    ) -> Boxed<'a, Wish> {
        Box::pin(async move {
            let mut wish = Wish { from, ..Wish::default() };
            for action in actions {
                let (verb, rest) = action.split_once(':').unwrap_or((action, ""));
                if !self.about_me(verb, rest, &mut wish).await {
                    self.about_others(verb, rest).await;
                }
                if wish.stop.is_some() {
                    break;
                }
            }
            wish
        })
    }

    /// False: it is about others.
    async fn about_me(&mut self, verb: &str, rest: &str, wish: &mut Wish) -> bool {
        match verb {
            "note" => self.note(format!("note {rest}")),
            "die" => {
                wish.reply = None;
                wish.stop = Some(Stop::With(to_reason(rest)));
            }
            "panic" => panic!("{rest}"),
            "sleep" => tokio::time::sleep(millis(rest)).await,
            "never" => std::future::pending().await,
            "trap" => {
                let was = process::trap_exit(rest == "on");
                self.note(format!("trap was {was}"));
            }
            "ignore" => wish.stop = Some(Stop::Ignore),
            "stop" => wish.stop = Some(Stop::With(to_reason(rest))),
            "reply" => wish.reply = Some(rest.to_owned()),
            "reply_now" => wish.from.take().expect("in a call").reply(rest.to_owned()),
            "park" => wish.parked = wish.from.take(),
            "answer" => self.parked.pop_front().expect("one is parked").reply(rest.to_owned()),
            "timeout" => wish.timeout = Some(rest.parse().expect("milliseconds")),
            "continue" => wish.then = split(rest, '>'),
            _ => return false,
        }
        true
    }

    async fn about_others(&mut self, verb: &str, rest: &str) {
        match verb {
            "link" => self.link(rest).await,
            "unlink" => process::unlink(&self.target(rest).await),
            "monitor" => self.monitor(rest).await,
            "demonitor" => self.demonitor(rest),
            "exit" => self.exit(rest).await,
            "send" | "cast" => self.send(verb, rest),
            "call" => self.call(rest, None).await,
            "call_within" => {
                let (ms, rest) = two(rest);
                self.call(rest, Some(millis(ms))).await;
            }
            "alive" => {
                let alive = process::is_alive(&self.target(rest).await).await;
                self.note(format!("alive {rest} -> {alive}"));
            }
            "whereis" | "register" | "unregister" => self.names(verb, rest).await,
            "spawn" => actor::spawn(&self.world, rest),
            "spawn_link" => actor::spawn_link(&self.world, rest),
            "timer" => self.timer(rest),
            "cancel" => self.cancel(rest),
            "start" => self.start(verb, rest, StartHow::Alone).await,
            "start_link" => self.start(verb, rest, StartHow::Linked).await,
            "start_within" => {
                let (ms, rest) = two(rest);
                self.start("start_link", rest, StartHow::LinkedWithin(millis(ms))).await;
            }
            "gen_stop" => self.gen_stop(rest, LONG).await,
            "stop_within" => {
                let (ms, rest) = two(rest);
                self.gen_stop(rest, millis(ms)).await;
            }
            _ => {
                let answer = tree::ask(&self.world, verb, rest).await;
                self.note(format!("{verb} {rest} -> {answer}"));
            }
        }
    }

    /// The living incarnation or the last; for somebody who was never there, somebody dead.
    async fn target(&self, name: &str) -> Pid {
        if name == "me" {
            return self.pid;
        }
        match self.world.pid(name) {
            Some(pid) => pid,
            None => dead().await,
        }
    }

    fn address(&self, name: &str) -> Option<RawRef<Msg>> {
        self.world.address(if name == "me" { &self.def } else { name })
    }

    async fn link(&self, name: &str) {
        let linked = process::link(&self.target(name).await);
        let result = if linked.is_ok() { "ok" } else { "noproc" };
        self.note(format!("link {name} -> {result}"));
    }

    async fn monitor(&mut self, name: &str) {
        let pid = self.target(name).await;
        let monitor = process::monitor_message(&pid);
        self.monitors.insert(monitor, self.world.name_of(pid));
        self.last_monitor.insert(name.to_owned(), monitor);
    }

    fn demonitor(&self, name: &str) {
        let monitor = self.last_monitor.get(name);
        let was = monitor.is_some_and(|monitor| process::demonitor(*monitor));
        self.note(format!("demonitor {name} -> {was}"));
    }

    async fn exit(&self, rest: &str) {
        let (name, why) = two(rest);
        let target = self.target(name).await;
        process::exit(&target, to_reason(why));
        if target == self.pid {
            // An exit signal to oneself takes effect at the next await.
            tokio::task::yield_now().await;
        }
    }

    fn send(&self, verb: &str, rest: &str) {
        let (name, actions) = to(rest);
        let message = if verb == "cast" { Msg::Cast(actions) } else { Msg::Do(actions) };
        if let Some(address) = self.address(name) {
            let _ = address.send(message);
        }
    }

    async fn call(&self, rest: &str, limit: Option<Duration>) {
        let (name, actions) = to(rest);
        let answer = match self.address(name) {
            None => "noproc".to_owned(),
            Some(address) => {
                let server = PlainClient::from_raw(address);
                let call = server.call("call", |from| Msg::Call(actions, from));
                let call = match limit {
                    Some(limit) => call.timeout(limit),
                    None => call,
                };
                call.await.unwrap_or_else(|error| call_error(&error))
            }
        };
        self.note(format!("call {name} -> {answer}"));
    }

    async fn names(&self, verb: &str, rest: &str) {
        const NAME: &str = "named";
        let word = |is_ok: bool| if is_ok { "ok" } else { "error" };
        match verb {
            "whereis" => {
                let found = process::whereis(NAME).map(|pid| self.world.name_of(pid));
                self.note(format!("whereis -> {}", found.as_deref().unwrap_or("nobody")));
            }
            "register" => {
                let result = process::register(NAME, &self.target(rest).await);
                self.note(format!("register {rest} -> {}", word(result.is_ok())));
            }
            _ => self.note(format!("unregister -> {}", word(process::unregister(NAME).is_ok()))),
        }
    }

    fn timer(&mut self, rest: &str) {
        let (timer, rest) = two(rest);
        let (ms, rest) = two(rest);
        let (name, actions) = to(rest);
        let address = self.address(name).expect("a timer is aimed at somebody");
        match process::send_after(&address, millis(ms), Msg::Do(actions)) {
            Some(armed) => self.timers.insert(timer.to_owned(), armed),
            // Nobody lives there: the name is that of no timer any more.
            None => self.timers.remove(timer),
        };
    }

    fn cancel(&self, timer: &str) {
        let left = self.timers.get(timer).and_then(process::cancel_timer);
        let result = if left.is_some() { "cancelled" } else { "gone" };
        self.note(format!("cancel {timer} -> {result}"));
    }

    async fn start(&self, verb: &str, def: &str, how: StartHow) {
        let args = Args { world: self.world.clone(), def: def.to_owned() };
        let result = match self.world.def(def).kind.as_str() {
            "server" => actor::start(args, how).await,
            _ => tree::start(&self.world, def).await,
        };
        let result = match result {
            Ok(pid) => format!("ok {}", self.world.name_of(pid)),
            Err(error) => started(&error, &self.world),
        };
        self.note(format!("{verb} {def} -> {result}"));
    }

    async fn gen_stop(&self, rest: &str, limit: Duration) {
        let (name, why) = two(rest);
        let target = self.target(name).await;
        let result = match gen_server::stop_with(&target, to_reason(why), limit).await {
            Ok(()) => "ok".to_owned(),
            Err(StopError::NoProc) => "noproc".to_owned(),
            Err(StopError::Timeout(_)) => "timeout".to_owned(),
            Err(StopError::CallingSelf) => "calling_self".to_owned(),
            Err(StopError::Down(other)) => format!("exit {}", reason(&other)),
            Err(other) => other.to_string(),
        };
        self.note(format!("gen_stop {name} -> {result}"));
    }
}

/// Somebody who was never there.
pub(crate) async fn dead() -> Pid {
    process::spawn_monitor(async |_: Mailbox<()>| {}).1.await.pid
}

/// A failed call in the words of the log.
pub(crate) fn call_error(error: &CallError) -> String {
    match error {
        CallError::NoProc(_) => "noproc".to_owned(),
        CallError::Timeout(..) => "timeout".to_owned(),
        CallError::Down(why, _) => format!("exit {}", reason(why)),
        CallError::Deadlock(path, _) if path.pids().len() == 1 => "calling_self".to_owned(),
        CallError::Deadlock(..) => "deadlock".to_owned(),
        other => format!("{other:?}"),
    }
}
