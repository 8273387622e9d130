//! What is being written hides nothing of the rest.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A -> B: Hello(String);
        B -> A: Bye;
        A ->
    }
}

async fn talk(a: talk::a::Start) {
    let _ = a.hello("hi".to_owned()).bye().await;
}

fn main() {
    let _ = talk;
}
