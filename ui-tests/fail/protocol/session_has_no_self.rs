//! A session that takes `self`.

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
    async fn serve(&self, b: talk::b::Start) {
        if let Ok((_, b)) = b.hello().await {
            b.bye();
        }
    }
}

fn main() {}
