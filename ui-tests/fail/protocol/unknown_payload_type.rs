//! A type that does not exist.

use cordial::prelude::*;

protocol! {
    Post: Sender => Receiver {
        Sender -> Receiver: Parcel(Missing);
    }
}

fn main() {
    let _ = post::open;
}
