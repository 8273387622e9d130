//! The two kinds of scripted processes: servers, and plain processes.
use crate::actions::{Boxed, Me, Stop, Wish, words};
use crate::world::{World, reason};
use cordial::prelude::*;
use cordial::process::{Mailbox, Received};
use cordial::supervisor::Replayed;
use cordial::{__private, Continues, Message, PlainClient, ServerStruct, process};
use std::sync::Arc;
use std::time::Duration;

/// What a scripted process is sent.
#[derive(Debug)]
pub(crate) enum Msg {
    /// A plain message.
    Do(Vec<String>),
    Cast(Vec<String>),
    Call(Vec<String>, ReplyTo<String>),
    Down(Down),
    Exit(Exit),
}

impl Message for Msg {
    fn kind(&self) -> &'static str {
        match self {
            Self::Do(_) => "info",
            Self::Cast(_) => "cast",
            Self::Call(..) => "call",
            Self::Down(_) => "down",
            Self::Exit(_) => "exit",
        }
    }
}

/// What a scripted server starts with.
#[derive(Clone)]
pub(crate) struct Args {
    pub(crate) world: Arc<World>,
    pub(crate) def: String,
}

/// A scripted server; `NAMED` ones have a fixed name.
pub(crate) struct Actor<const NAMED: bool = false>(Me);

/// What is left to continue with.
pub(crate) struct Then(Vec<String>);

impl<const NAMED: bool> ServerStruct for Actor<NAMED> {
    const NAME: Option<&'static str> = if NAMED { Some("named") } else { None };
    type Replay = Replayed;
}

impl<const NAMED: bool> Child for Actor<NAMED> {
    type Handle = Ref<Self>;
}

impl<const NAMED: bool> GenServer for Actor<NAMED> {
    type Msg = Msg;
    type Args = Args;
    type Client = PlainClient<Msg>;

    async fn init(Args { world, def }: Args, ctx: &mut Ctx<Self>) -> Init<Self> {
        let mut me = Me::born(world, &def, ctx.pid(), ctx.address());
        if me.def().is("trap") {
            ctx.trap_exit(true);
        }
        me.note("init");
        let script = me.this_start();
        let wish = me.acts(&words(&script), None).await;
        match wish.stop {
            Some(Stop::Ignore) => {
                me.ignored();
                Init::Ignore
            }
            Some(Stop::With(reason)) => Init::Stop(reason),
            None => {
                let mut actor = Self(me);
                actor.go_on(wish, ctx);
                Init::Run(actor)
            }
        }
    }

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<Self>) -> Flow {
        match msg {
            Msg::Do(actions) => self.hears("info", &actions, None, ctx).await,
            Msg::Cast(actions) => self.hears("cast", &actions, None, ctx).await,
            Msg::Call(actions, from) => self.hears("call", &actions, Some(from), ctx).await,
            Msg::Down(down) => {
                self.0.note_down(&down);
                Flow::Continue
            }
            Msg::Exit(exit) => {
                self.0.note_exit(&exit);
                Flow::Continue
            }
        }
    }

    async fn handle_timeout(&mut self, _: &mut Ctx<Self>) -> Flow {
        self.0.note("timeout");
        Flow::Continue
    }

    fn from_down(down: Down) -> Option<Msg> {
        Some(Msg::Down(down))
    }

    fn from_exit(exit: Exit) -> Option<Msg> {
        Some(Msg::Exit(exit))
    }

    async fn terminate(&mut self, why: &ExitReason, _: &mut Ctx<Self>) {
        self.0.note(format!("terminate {}", reason(why)));
        let script = words(self.0.def().option("terminate").unwrap_or_default());
        if let Some(Stop::With(other)) = self.0.acts(&script, None).await.stop {
            // `terminate` has no result here; its own failure is a panic.
            panic!("{other}");
        }
        self.0.note("terminated");
    }
}

impl<const NAMED: bool> Continues<Then> for Actor<NAMED> {
    async fn handle_continue(&mut self, Then(mut actions): Then, ctx: &mut Ctx<Self>) -> Flow {
        let first = actions.remove(0);
        self.0.note(format!("continue {first}"));
        let mut wish = self.0.acts(&[first], None).await;
        if wish.then.is_empty() && wish.stop.is_none() {
            wish.then = actions;
        }
        self.answer(wish, ctx)
    }
}

impl<const NAMED: bool> Actor<NAMED> {
    async fn hears(
        &mut self,
        how: &str,
        actions: &[String],
        from: Option<ReplyTo<String>>,
        ctx: &mut Ctx<Self>,
    ) -> Flow {
        self.0.note(format!("{how} {}", actions.join(" ")));
        let wish = self.0.acts(actions, from).await;
        self.answer(wish, ctx)
    }

    /// What the actions wish for, in cordial's words.
    fn answer(&mut self, mut wish: Wish, ctx: &mut Ctx<Self>) -> Flow {
        let (from, reply) = (wish.from.take(), wish.reply.take());
        match (wish.stop.take(), from, reply) {
            (Some(Stop::With(why)), Some(from), Some(reply)) => {
                ctx.stop(why);
                __private::answer(from, reply, ctx)
            }
            (Some(Stop::With(why)), from, _) => {
                self.park(from, ctx);
                Flow::Stop(why)
            }
            (Some(Stop::Ignore), ..) => panic!("only `init` can ignore"),
            (None, from, reply) => {
                self.park(wish.parked.take(), ctx);
                self.go_on(wish, ctx);
                match from {
                    Some(from) => __private::answer(from, reply.unwrap_or("ok".to_owned()), ctx),
                    None => Flow::Continue,
                }
            }
        }
    }

    /// The caller is told if this server ends before it answers.
    fn park(&mut self, from: Option<ReplyTo<String>>, ctx: &mut Ctx<Self>) {
        if let Some(from) = from {
            __private::hand_out(ctx, &from);
            self.0.park(from);
        }
    }

    fn go_on(&mut self, wish: Wish, ctx: &mut Ctx<Self>) {
        if let Some(ms) = wish.timeout {
            ctx.timeout(Duration::from_millis(ms));
        }
        if !wish.then.is_empty() {
            ctx.continue_with(Then(wish.then));
        }
    }
}

// ===== Plain processes =====

/// The body of a plain process. It is boxed because a process may spawn its like.
pub(crate) fn body(
    world: Arc<World>,
    def: String,
    mut mail: Mailbox<Msg>,
) -> Boxed<'static, ExitReason> {
    Box::pin(async move {
        let mut me = Me::born(world, &def, mail.pid(), mail.address());
        let first = words(me.def().option("do").unwrap_or_default());
        let mut wish = me.acts(&first, None).await;
        loop {
            if let Some(Stop::With(why)) = wish.stop {
                return why;
            }
            wish = Wish::default();
            match mail.receive().await {
                Received::Message(Msg::Do(actions)) => wish = me.acts(&actions, None).await,
                Received::Down(down) => me.note_down(&down),
                Received::Exit(exit) => me.note_exit(&exit),
                other => me.note(format!("stray {other:?}")),
            }
        }
    })
}

/// Spawns the process that is defined as `def`.
pub(crate) fn spawn(world: &Arc<World>, def: &str) {
    let (world, def) = (world.clone(), def.to_owned());
    process::spawn(move |mail| body(world, def, mail));
}

/// As [`spawn`], linked to the process that calls.
pub(crate) fn spawn_link(world: &Arc<World>, def: &str) {
    let (world, def) = (world.clone(), def.to_owned());
    process::spawn_link(move |mail| body(world, def, mail));
}

/// Starts the server that is defined as `def`.
pub(crate) async fn start(args: Args, how: StartHow) -> Result<Pid, StartError> {
    let named = args.world.def(&args.def).is("named");
    if named { start_as::<true>(args, how).await } else { start_as::<false>(args, how).await }
}

/// With a link or without, bounded or not.
#[derive(Clone, Copy)]
pub(crate) enum StartHow {
    Alone,
    Linked,
    LinkedWithin(Duration),
}

async fn start_as<const NAMED: bool>(args: Args, how: StartHow) -> Result<Pid, StartError> {
    let (world, def) = (args.world.clone(), args.def.clone());
    let start = Start::<Actor<NAMED>>::new(args);
    match how {
        StartHow::Alone => start.await?,
        StartHow::Linked => start.link().await?,
        StartHow::LinkedWithin(limit) => start.link().timeout(limit).await?,
    };
    // Not the handle's: a server that stops in its first continue may be gone already.
    Ok(world.pid(&def).expect("what was started was born"))
}
