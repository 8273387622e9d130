//! Nothing is in scope but what is written, not even the prelude.

#![no_implicit_prelude]

use ::cordial::{Ctx, InfoStream, NotAHandle, ReplyTo};
use ::cordial::{gen_server, ping_pong, pipe, registry, supervisor, table};

#[derive(NotAHandle)]
struct Fix(u8, ::std::vec::Vec<u8>);

struct LampV1(bool);

#[gen_server(name = "lamp", version = 2)]
struct Lamp {
    is_on: bool,
    stream: ::std::boxed::Box<dyn InfoStream<Item = u8> + ::core::marker::Send>,
}

#[gen_server(mailbox = 5, on_full = wait, closed)]
impl Lamp {
    #[init]
    fn init(is_on: bool) -> ::core::result::Result<Self, ::std::string::String> {
        if ::core::mem::size_of::<LampV1>() > 1 {
            return ::core::result::Result::Err(::std::string::String::new());
        }
        let nothing = ::cordial::gen_server::poll_fn(|_| ::core::task::Poll::Pending);
        ::core::result::Result::Ok(Self { is_on, stream: ::std::boxed::Box::new(nothing) })
    }

    #[code_change(from = 1)]
    fn second(old: LampV1) -> ::core::result::Result<Self, ::std::string::String> {
        Self::init(old.0)
    }

    #[cast]
    fn switch(&mut self, fix: Fix, words: &str) -> ::cordial::Flow {
        self.is_on = fix.0 > 0 && !fix.1.is_empty() && !words.is_empty();
        ::cordial::Flow::Continue
    }

    #[call]
    async fn is_on(&mut self) -> ::core::result::Result<bool, ::std::string::String> {
        if ::core::future::ready(self.is_on).await {
            ::core::result::Result::Ok(true)
        } else {
            ::core::result::Result::Err(::std::string::String::new())
        }
    }

    #[call]
    fn later(&self, from: ReplyTo<bool>, ctx: &mut Ctx<Self>) {
        let _pid = ctx.pid();
        from.reply(self.is_on);
    }

    #[info(stream = self.stream)]
    fn byte(&mut self, byte: ::core::option::Option<u8>) {
        self.is_on = byte.is_some();
    }

    #[info]
    fn gone(&mut self, exit: ::cordial::Exit) {
        ::core::mem::drop(exit);
    }

    #[handle_continue]
    fn begin(&mut self) {}

    #[every(1h)]
    fn tick(&mut self) {}

    #[idle(1h)]
    fn quiet(&mut self) {}

    #[format_status]
    fn shown(&self) -> bool {
        self.is_on
    }

    #[terminate]
    fn bye(&mut self) {}
}

registry! { Lamps: u8 => Bulb, unique }
table! { Rows<K>: K => u8, ordered_set, public }

#[gen_server(via = Lamps, key = u8)]
struct Bulb(());

#[gen_server]
impl Bulb {
    #[cast]
    fn glow(&mut self) {}
}

supervisor! {
    House(is_on: bool) {
        strategy: OneForAll,
        children: [
            lamps: Lamps,
            lamp: Lamp(is_on),
            bulbs: dynamic Bulb { by: u8 },
            below: supervisor { children: [rest: partition(2) Rest(lamp)] },
        ],
    }
}

#[gen_server]
struct Rest(LampRef);

#[gen_server]
impl Rest {
    #[init]
    fn init(lamp: LampRef) -> Self {
        Self(lamp)
    }

    #[call]
    async fn is_on(&self) -> bool {
        ::core::matches!(self.0.is_on().await, ::core::result::Result::Ok(true))
    }
}

#[::cordial::main(current_thread)]
async fn main() {
    let ::core::result::Result::Ok(house) = House::start(true).await else { return };
    let ::core::result::Result::Ok(true) = house.lamp.later().await else { return };
    let four = pipe!(3 |> |n: u8| n + 1);
    let talk = ping_pong! { ping four; pong |n: u8| ::core::assert_eq!(n, 4) };
    ::core::mem::drop(talk.await);
    let _rows: ::core::option::Option<Rows<u8>> = ::core::option::Option::None;
}

/// All of it.
pub fn run() {
    main();
}
