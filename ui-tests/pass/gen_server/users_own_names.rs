//! Names of the user's own that shadow those of the prelude change nothing in what is generated.

#![allow(dead_code, non_camel_case_types, private_interfaces, unused_macros)]

use cordial::{Ctx, ReplyTo, gen_server};

struct Option;
struct Vec;
struct String;
struct Box;
struct Some;
struct None;
struct Ok;
struct Err;
struct Flow;
struct Init;
struct Call;
struct Cast;
struct Ref;
struct Start;
struct Timeout;
trait Send {}
trait Sync {}
trait Clone {}
trait Fn {}
trait Into {}
trait Deref {}
trait Message {}
trait Client {}
trait GenServer {}
mod tokio {}
mod core {}
mod std {}
mod cordial_macros {}

macro_rules! matches {
    () => {};
}
macro_rules! unreachable {
    () => {};
}

type Outcome = ::core::result::Result<u32, u8>;

enum Result {
    Fine,
}

#[gen_server(name = "shadowed", restart = Temporary, shutdown = 1s)]
pub struct Shadowed {
    words: ::std::vec::Vec<::std::string::String>,
}

#[gen_server(mailbox = 3)]
impl Shadowed {
    #[init]
    fn init(#[into] word: ::std::string::String, more: &str) -> Self {
        Self { words: ::std::vec![word, more.to_owned()] }
    }

    #[call(timeout = infinity, inline = never)]
    pub fn count(&self, _text: &str, _bytes: &[u8]) -> usize {
        self.words.len()
    }

    #[call(raw)]
    pub async fn fine(&self) -> Result {
        Result::Fine
    }

    #[call(flat)]
    pub fn flat(&self) -> Outcome {
        ::core::result::Result::Err(3)
    }

    #[call]
    pub fn later(&self, from: ReplyTo<u8>) {
        from.reply(1);
    }

    #[cast]
    pub fn clear(&mut self, ctx: &mut Ctx<Self>) {
        self.words.clear();
        let _ = ctx.pid();
    }

    #[info]
    fn word(&mut self, word: ::std::string::String) {
        self.words.push(word);
    }

    #[handle_continue]
    fn first(&mut self) {}

    #[handle_continue]
    fn then(&mut self, word: ::std::string::String) {
        self.words.push(word);
    }

    #[every(30s)]
    fn tick(&mut self) {}

    #[idle(1h)]
    fn quiet(&mut self) {}

    #[terminate]
    fn bye(&mut self) {}
}

#[gen_server]
struct Shelf<T> {
    items: ::std::vec::Vec<T>,
}

#[gen_server]
impl<T> Shelf<T> {
    #[init]
    fn init() -> Self {
        Self { items: ::std::vec::Vec::new() }
    }

    #[cast]
    fn put(&mut self, item: T) {
        self.items.push(item);
    }
}

fn main() {}
