//! A session begins with the state of the role that it plays.

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
    async fn serve(_me: DeskRef, b: talk::a::Start) {
        drop(b);
    }
}

fn main() {}
