//! A conversation is a statement without a value, and an expression whose value is the process.

use std::sync::mpsc;

use cordial::process::Spawned;
use cordial::{ExitReason, ping_pong};

#[cordial::main]
async fn main() {
    let (heard, all_heard) = mpsc::channel();
    let also_heard = heard.clone();

    let process = ping_pong! {
        ping 1;
        ping { 1 + 1 }
        pong |n| heard.send(n).unwrap()
        ping 3
        pong async |n| { heard.send(n).unwrap() };
        pong move |n: i32| {
            let n = n.pow(2);
            heard.send(n).unwrap()
        }
        ping 5
    };
    ping_pong! { ping () pong |()| also_heard.send(0).unwrap() }.await;
    assert_eq!(process.await.reason, ExitReason::Normal);

    if all_heard.iter().count() == 4 {
        ping_pong! { ping "a statement" pong drop }
    }
    ping_pong! { ping 'c' pong drop };
    let _ = two().await;
    assert_eq!(crash().await.reason.panic().map(|panic| panic.message()), Some("no"));
}

fn two() -> Spawned<impl cordial::Message> {
    let process = ping_pong! { ping "two" pong |word| assert_eq!(word.len(), 3) };
    process
}

fn crash() -> Spawned<impl cordial::Message> {
    (ping_pong! { ping "no" pong |word| panic!("{word}") })
}
