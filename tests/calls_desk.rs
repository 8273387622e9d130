//! A server for the tests of calls: it answers at once, slowly, later, through others, or never.
use crate::gen_server_support::{Gate, Log};
use cordial::prelude::*;
use cordial::{Call, Node};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How a server ends while calls are pending.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    Normal,
    Shutdown,
    Panic,
    Killed,
}

/// Answers a call some time after it came.
pub(crate) struct Answer(Arc<()>, ReplyTo<Arc<()>>);

pub(crate) type Outside = UnboundedSender<ReplyTo<u32>>;

#[gen_server]
#[derive(Default)]
pub(crate) struct Desk {
    log: Log,
    pub(crate) gate: Gate,
    kept: VecDeque<ReplyTo<u32>>,
}

#[gen_server]
impl Desk {
    #[call]
    pub(crate) fn echo(&self, n: u32) -> u32 {
        self.log.write(format!("echo {n}"));
        n
    }
    #[cast]
    pub(crate) fn note(&self, n: u32) {
        self.log.write(format!("note {n}"));
    }
    /// Waits at the gate.
    #[call]
    pub(crate) async fn echo_slowly(&self, n: u32) -> u32 {
        self.gate.pass().await;
        self.log.write(format!("slow echo {n}"));
        n
    }
    /// Answers later.
    #[call]
    pub(crate) fn keep(&mut self, from: ReplyTo<u32>) {
        self.kept.push_back(from);
    }
    #[call(timeout = 2s)]
    pub(crate) fn keep_for_two(&mut self, from: ReplyTo<u32>) {
        self.kept.push_back(from);
    }
    #[call(timeout = infinity)]
    pub(crate) fn keep_for_ever(&mut self, from: ReplyTo<u32>) {
        self.kept.push_back(from);
    }
    #[cast]
    pub(crate) fn answer_oldest(&mut self, n: u32) {
        if let Some(from) = self.kept.pop_front() {
            from.reply(n);
        }
    }
    #[cast]
    pub(crate) fn let_go(&mut self) {
        self.kept.clear();
    }
    /// Somebody outside answers.
    #[call(timeout = infinity)]
    pub(crate) fn hand_out(&mut self, to: Outside, from: ReplyTo<u32>) {
        let _ = to.send(from);
    }
    #[call]
    pub(crate) fn answer_after(
        &mut self,
        time: Duration,
        value: Arc<()>,
        from: ReplyTo<Arc<()>>,
        ctx: &mut Ctx<Self>,
    ) {
        ctx.send_after(time, Answer(value, from));
    }
    #[call]
    pub(crate) fn watch(&mut self, who: Pid, ctx: &mut Ctx<Self>) {
        ctx.monitor(&who);
    }
    #[info]
    pub(crate) fn down(&mut self, _: Down) {
        self.log.write("down");
    }
    #[info]
    pub(crate) fn answer(&mut self, answer: Answer) {
        answer.1.reply(answer.0);
    }
    /// Waits at the gate with the caller's handle, then ends the server.
    #[call(timeout = infinity)]
    pub(crate) async fn end(&mut self, way: Way, from: ReplyTo<u32>) -> Flow {
        self.gate.pass().await;
        let _never_answered = from;
        match way {
            Way::Normal => Flow::Stop(ExitReason::Normal),
            Way::Shutdown => Flow::Stop(ExitReason::Shutdown),
            Way::Panic | Way::Killed => panic!("x"),
        }
    }
    #[call]
    pub(crate) fn check(&self, n: u32) -> Result<u32, Refused> {
        if n == 0 { Err(Refused) } else { Ok(n) }
    }
    /// Calls the first, which calls the rest.
    #[call]
    pub(crate) async fn via(
        &self,
        path: Vec<DeskRef>,
        limit: Option<Duration>,
    ) -> Result<u32, CallError> {
        let Some((next, rest)) = path.split_first() else { return Ok(1) };
        let call = next.via(rest.to_vec(), limit);
        let answer = match limit {
            Some(limit) => call.timeout(limit).await,
            None => call.await,
        };
        answer.map_err(|error| match error {
            TryCallError::Call(error) | TryCallError::Handler(error) => error,
        })
    }
    /// Waits for an answer that another server gives out of its hands.
    #[call]
    pub(crate) async fn wait_for_outside(
        &self,
        peer: DeskRef,
        to: Outside,
    ) -> Result<u32, CallError> {
        peer.hand_out(to).await
    }
    #[call]
    pub(crate) async fn call_itself(
        &self,
        limit: Option<Duration>,
        ctx: &mut Ctx<Self>,
    ) -> CallError {
        let call = ctx.me().echo(1);
        let answer = match limit {
            Some(limit) => call.timeout(limit).await,
            None => call.no_timeout().await,
        };
        answer.unwrap_err()
    }
    #[call]
    pub(crate) fn who_asks(&self, from: ReplyTo<(Pid, String)>) {
        let caller = from.caller();
        let shown = format!("{from:?}");
        from.reply((caller, shown));
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}
impl std::error::Error for Refused {}

pub(crate) async fn desk() -> DeskRef {
    Desk::start(Desk::default()).await.unwrap()
}

pub(crate) async fn desk_with_log() -> (DeskRef, Log, Gate) {
    let desk = Desk::default();
    let (log, gate) = (desk.log.clone(), desk.gate.clone());
    (Desk::start(desk).await.unwrap(), log, gate)
}

pub(crate) fn timers() -> usize {
    Node::current().unwrap().timers()
}

pub(crate) fn processes() -> usize {
    Node::current().unwrap().processes()
}

/// Polls a call once, so that it waits.
pub(crate) async fn begin<T: Send + 'static>(call: &mut Call<T>) {
    let polled = std::future::poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *call).poll(cx)));
    assert!(polled.await.is_pending());
}

pub(crate) fn outside() -> (Outside, UnboundedReceiver<ReplyTo<u32>>) {
    unbounded_channel()
}
