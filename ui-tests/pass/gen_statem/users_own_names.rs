//! A user's own names change nothing in what is generated, nor do raw ones, nor a function
//! around it.

#![allow(dead_code, non_camel_case_types)]

use cordial::gen_statem::goto;
use cordial::prelude::gen_statem;

struct Option;
struct Result;
struct Clone;
struct Copy;
struct Debug;
struct Some;
struct None;
trait Send {}
trait From {}
mod core {}
mod std {}
fn drop() {}

#[gen_statem]
struct r#Loop(u8);

#[gen_statem(Match | State | Msg)]
impl r#Loop {
    #[on(Match)]
    #[cast]
    fn r#type(&mut self, state: u8, msg: u8, ctx: u8, from: u8) -> to![State] {
        self.0 = state + msg + ctx + from;
        goto(State)
    }
    #[on(State)]
    #[cast]
    fn r#type(&mut self, _state: u8, _: u8, _ctx: u8, _from: u8) -> to![Msg | Match] {
        if self.0 == 1 { goto(Msg) } else { goto(Match) }
    }
    #[on(_)]
    #[ignore]
    #[cast]
    fn r#type();
    #[on(_)]
    #[call]
    fn from(&self, from: u8) -> u8 {
        from
    }
}

macro_rules! machine {
    ($name:ident, $state:ident, $other:ident, $ty:ty, $time:expr) => {
        #[gen_statem]
        struct $name($ty);
        #[gen_statem($state | $other)]
        impl $name {
            #[on($state)]
            #[cast]
            fn go(&mut self, value: $ty) -> to![$other] {
                self.0 = value;
                goto($other)
            }
            #[on($other)]
            #[ignore]
            fn go();
            #[on($other)]
            #[after($time)]
            fn back(&mut self) -> to![$state] {
                goto($state)
            }
        }
    };
}

machine!(Switch, Off, On, ::std::vec::Vec<u8>, ::cordial::prelude::secs(1));

fn main() {
    #[gen_statem]
    struct Inner;
    #[gen_statem(Here | There)]
    impl Inner {
        #[on(Here)]
        #[cast]
        fn go(&mut self) -> to![There] {
            goto(There)
        }
        #[on(There)]
        #[cast]
        fn go(&mut self) -> to![Here] {
            goto(Here)
        }
        #[on(_)]
        #[cast]
        #[cfg(not(unix))]
        fn absent(&mut self) {}
        #[on(_)]
        #[call]
        #[cfg(unix)]
        fn present(&self) -> u8 {
            1
        }
    }
    let _ = (Inner::start(Inner), Switch::start(Switch(::std::vec::Vec::new())));
}
