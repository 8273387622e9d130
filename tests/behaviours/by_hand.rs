//! Nothing needs the macro on the server's side: a behaviour of one that is written by hand.
use cordial::gen_server::{Carries, HasBehaviour};
use cordial::prelude::*;
use cordial::{Message, PlainClient, ServerStruct, supervisor};
use cordial_tests_contract::{Ring, RingMsg, RingRef};

struct Bag(Vec<u8>);

enum BagMsg {
    Ring(RingMsg<u8>),
    Len(ReplyTo<usize>),
}

impl Message for BagMsg {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ring(msg) => msg.kind(),
            Self::Len(_) => "len",
        }
    }
}

impl Carries<dyn Ring<u8>> for BagMsg {
    fn carry(msg: RingMsg<u8>) -> Self {
        Self::Ring(msg)
    }
}

impl ServerStruct for Bag {
    type Replay = supervisor::Once;
}

impl GenServer for Bag {
    type Msg = BagMsg;
    type Args = ();
    type Client = PlainClient<BagMsg>;
    async fn init((): (), _: &mut Ctx<Self>) -> Init<Self> {
        Init::run(Self(Vec::new()))
    }
    async fn handle(&mut self, msg: BagMsg, _: &mut Ctx<Self>) -> Flow {
        match msg {
            BagMsg::Ring(RingMsg::Push { value }) => self.push(value),
            BagMsg::Ring(RingMsg::All { from }) => from.reply(self.all()),
            BagMsg::Ring(_) => unreachable!("there are no others"),
            BagMsg::Len(from) => from.reply(self.0.len()),
        }
        Flow::Continue
    }
}

impl Ring<u8> for Bag {
    fn push(&mut self, value: u8) {
        self.0.push(value);
    }
    fn all(&self) -> Vec<u8> {
        self.0.clone()
    }
}

impl HasBehaviour<dyn Ring<u8>> for Bag {}

#[cordial::test]
async fn server_by_hand_has_a_behaviour() {
    let bag: Ref<Bag> = Start::new(()).await.unwrap();
    let ring: RingRef<u8> = bag.clone().into();
    ring.push(1);
    ring.push(2);
    assert_eq!(bag.call("len", BagMsg::Len).await, Ok(2));
    assert_eq!(ring.all().await, Ok(vec![1, 2]));
}
