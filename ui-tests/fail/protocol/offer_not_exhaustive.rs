//! Each thing that the peer may say is dealt with.

use cordial::prelude::*;

protocol! {
    Door: Guest => Keeper {
        choice Keeper { Welcome => end, Closed => end, Full => end }
    }
}

async fn knock(guest: door::guest::Start) {
    match guest.offer().await.expect("the keeper is there") {
        door::guest::RecvWelcomeOffer::Welcome(_) => {}
        door::guest::RecvWelcomeOffer::Closed(_) => {}
    }
}

fn main() {
    let _ = knock;
}
