//! A session that does not wait.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A -> B: Hello(String);
        B -> A: Bye;
    }
}

#[gen_server]
#[derive(Clone)]
struct Desk;

#[gen_server]
impl Desk {
    #[session(Talk as B)]
    fn serve(b: talk::b::Start) {
        drop(b);
    }
}

fn main() {}
