//! Circles of waits: of two that ask each other at once, one is told, however late it looks.
use super::rig::{World, begin, block_on, explore};
use crate::gen_server::{Ctx, Flow, GenServer, Init, PlainClient, Ref, ServerStruct, Start};
use crate::process::Message;
use crate::{CallError, ReplyTo};

struct Peer(Option<Ref<Self>>);

enum PeerMsg {
    Meet(Ref<Peer>),
    /// Asks the other one; whether that closed a circle.
    Ask(ReplyTo<bool>),
    Ping(ReplyTo<()>),
}

impl Message for PeerMsg {
    fn kind(&self) -> &'static str {
        match self {
            Self::Meet(_) => "meet",
            Self::Ask(_) => "ask",
            Self::Ping(_) => "ping",
        }
    }
}

impl ServerStruct for Peer {
    type Replay = ();
}

impl GenServer for Peer {
    type Msg = PeerMsg;
    type Args = ();
    type Client = PlainClient<PeerMsg>;

    async fn init((): (), _: &mut Ctx<Self>) -> Init<Self> {
        Init::run(Self(None))
    }

    async fn handle(&mut self, msg: PeerMsg, _: &mut Ctx<Self>) -> Flow {
        match msg {
            PeerMsg::Meet(other) => self.0 = Some(other),
            PeerMsg::Ask(from) => {
                let other = self.0.as_ref().expect("they have met");
                let end = other.call("ping", PeerMsg::Ping).no_timeout().await;
                from.reply(matches!(end, Err(CallError::Deadlock(..))));
            }
            PeerMsg::Ping(from) => from.reply(()),
        }
        Flow::Continue
    }
}

fn peer() -> Ref<Peer> {
    block_on(async { Start::new(()).await }).expect("a peer starts")
}

/// Each of them waits before it looks whether the other does, so one of the two sees it (W1).
#[test]
fn two_that_ask_each_other_are_told_once_at_most() {
    explore(2, || {
        let world = World::new(2);
        let (one, two) = (peer(), peer());
        let _ = one.cast(PeerMsg::Meet(two.clone()));
        let _ = two.cast(PeerMsg::Meet(one.clone()));
        begin();
        let asks = (one.call("ask", PeerMsg::Ask), two.call("ask", PeerMsg::Ask));
        let first = block_on(asks.0.no_timeout()).expect("it is answered");
        let second = block_on(asks.1.no_timeout()).expect("it is answered");
        // Where one had asked and was answered before the other began, there was no circle.
        assert!(!(first && second), "both were told");
        drop(world);
    });
}
