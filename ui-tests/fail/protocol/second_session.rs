//! Two sessions of one protocol in one server.

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
    async fn serve(b: talk::b::Start) {
        drop(b);
    }
    #[session(Talk as A)]
    async fn more(a: talk::a::Start) {
        drop(a);
    }
}

async fn open(desk: &DeskRef) {
    drop(Talk::connect(desk).await);
}

fn main() {}
