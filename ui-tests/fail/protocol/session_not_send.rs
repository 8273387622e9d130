//! What a session holds while it waits is `Send`.

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
        let count = std::rc::Rc::new(1);
        let _ = b.hello().await;
        drop(count);
    }
}

fn main() {}
