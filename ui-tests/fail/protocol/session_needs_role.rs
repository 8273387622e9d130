//! A session without its role.

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
    #[session(Talk)]
    async fn serve(_me: DeskRef, b: talk::b::Start) {
        if let Ok((_, b)) = b.hello().await {
            b.bye();
        }
    }
}

fn main() {}
