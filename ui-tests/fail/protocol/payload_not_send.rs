//! A type that is not `Send`, which only the compiler sees.

use cordial::prelude::*;

struct Shared(std::rc::Rc<u8>);

protocol! {
    Post: Sender => Receiver {
        Sender -> Receiver: Parcel(Shared);
    }
}

fn main() {
    let _ = Shared(std::rc::Rc::new(1));
}
