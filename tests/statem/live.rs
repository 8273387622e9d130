//! A process that plays a script: a state machine by hand, without any macro.
use crate::puppet::{Log, pass};
use crate::script::{Action, END, Event, Go, Rule, Script, entered, line};
use cordial::gen_statem::{self, Done, Enter, GenStatem, Next};
use cordial::prelude::*;
use cordial::{Accepts, Message, PlainClient, ServerStruct, gen_server, supervisor};
use std::time::Duration;

/// How long a unit of a script's time is.
const UNIT: Duration = Duration::from_millis(10);
const NAMES: [&str; 2] = ["0", "1"];

struct Player {
    script: Script,
    counts: Vec<u8>,
    log: Log,
}

struct Number(u8);
impl Message for Number {
    fn kind(&self) -> &'static str {
        "number"
    }
}
impl ServerStruct for Player {
    type Replay = supervisor::Replayed;
}
impl GenServer for Player {
    type Msg = Number;
    type Args = (Script, Log);
    type Client = PlainClient<Number>;
    async fn init((script, log): (Script, Log), ctx: &mut Ctx<Self>) -> Init<Self> {
        gen_statem::begin(ctx);
        Init::run(Self { script, log, counts: Vec::new() })
    }
    async fn handle(&mut self, msg: Number, ctx: &mut Ctx<Self>) -> Flow {
        gen_statem::handle(self, msg, ctx).await
    }
    fn handle_sync(&mut self, msg: Number, ctx: &mut Ctx<Self>) -> Result<Flow, Number> {
        Ok(gen_statem::handle_now(self, msg, ctx))
    }
}
impl Accepts<u8> for Player {
    fn accept(number: u8) -> Number {
        Number(number)
    }
}

impl GenStatem for Player {
    type State = u8;
    const INITIAL: u8 = 0;
    async fn handle_event(&mut self, state: u8, msg: Number, ctx: &mut Ctx<Self>) -> Done<Self> {
        let Number(number) = msg;
        let (next, actions) = self.at(state, Event::Number(number), ctx);
        match actions.contains(&Action::Postpone) {
            true => Done::postpone(msg).and(next),
            false => Done::next(next),
        }
    }
    async fn handle_state_timeout(&mut self, state: u8, ctx: &mut Ctx<Self>) -> Next<u8> {
        self.at(state, Event::StateTimeout, ctx).0
    }
    async fn handle_event_timeout(&mut self, state: u8, ctx: &mut Ctx<Self>) -> Next<u8> {
        self.at(state, Event::Silence, ctx).0
    }
    async fn enter(&mut self, state: u8, old: u8, ctx: &mut EnterCtx<'_, Self>) -> Enter {
        self.log.write(entered(state, old));
        let rule = self.script.rule(state, Event::Enter, &mut self.counts).cloned();
        let Some(Rule { go, actions, .. }) = rule else { return Enter::Done };
        for action in actions {
            match action {
                Action::Postpone | Action::Inject(_) => {}
                Action::StateTimeout(after) => ctx.state_timeout(time(after)),
                Action::Named(name, after, number) => {
                    ctx.timeout_named(NAMES[usize::from(name)], time(after), number);
                }
                Action::Update(name, number) => ctx.update_named(NAMES[usize::from(name)], number),
                Action::EventTimeout(after) => ctx.timeout(time(Some(after))),
            }
        }
        if go == Go::Repeat { Enter::Again } else { Enter::Done }
    }
}

impl Player {
    fn at(&mut self, state: u8, event: Event, ctx: &mut Ctx<Self>) -> (Next<u8>, Vec<Action>) {
        self.log.write(line(event, state));
        let rule = self.script.rule(state, event, &mut self.counts).cloned();
        let Some(Rule { go, actions, .. }) = rule else { return (Next::Keep, Vec::new()) };
        for action in &actions {
            match *action {
                Action::Postpone => {}
                Action::Inject(number) => ctx.next_event(Number(number)),
                Action::StateTimeout(after) => ctx.state_timeout(time(after)),
                Action::Named(name, after, number) => {
                    ctx.timeout_named(NAMES[usize::from(name)], time(after), number);
                }
                Action::Update(name, number) => ctx.update_named(NAMES[usize::from(name)], number),
                Action::EventTimeout(after) => ctx.timeout(time(Some(after))),
            }
        }
        let next = match go {
            Go::Keep => Next::Keep,
            Go::Repeat => Next::Repeat,
            Go::To(state) => Next::To(state),
        };
        (next, actions)
    }
}

fn time(units: Option<u64>) -> Duration {
    units.map_or(Duration::MAX, |units| UNIT * u32::try_from(units).unwrap())
}

/// The lines that it writes.
pub(crate) fn play(script: &Script) -> Vec<String> {
    let log = Log::default();
    let (theirs, script) = (log.clone(), script.clone());
    cordial::__private::run_test(None, async move {
        let player: Ref<Player> = Start::new((script.clone(), theirs)).await.unwrap();
        let mut now = 0;
        for (at, number) in script.mails {
            if at > now {
                pass(time(Some(at - now))).await;
                now = at;
            }
            player.cast(Number(number));
        }
        pass(time(Some(END))).await;
        gen_server::stop(&player).await.unwrap();
    });
    log.take()
}
