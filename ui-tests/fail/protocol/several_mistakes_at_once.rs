//! Three mistakes are three errors, and what is made of the rest is used.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        C -> B: Hello(String);
        loop Again {
            B ->;
            choice A { Ask(u8) => B -> A: Answer(u8), Leave => end }
            continue Agian;
        }
    }
}

async fn talk(a: talk::a::Start) {
    let a = a.hello("hi".to_owned());
    let (_, a) = a.ask(1).answer().await.expect("it answers");
    a.leave();
}

fn main() {
    let _ = talk;
}
