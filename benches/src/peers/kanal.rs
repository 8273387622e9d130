//! kanal by hand: the fastest channel that was found, in the place of tokio's `mpsc`.
//!
//! It is a channel and no framework: it has no abilities of its own, and what one would write by
//! hand stands in `tokio.rs` already.

pub(crate) use bounded::ByHand as Bounded;
pub(crate) use unbounded::ByHand as Unbounded;

mod bounded {
    //! A producer waits for room.
    use kanal::{AsyncReceiver, AsyncSender, bounded_async};

    use crate::peer::BOUND;
    use crate::peers::by_hand::actor;

    actor! {
        sender AsyncSender, receiver AsyncReceiver,
        open bounded_async(BOUND),
        send |channel, message| channel.send(message).await,
        receive |inbox| inbox.recv().await.ok(),
        abilities {}
    }
}

mod unbounded {
    //! Sending never waits.
    use kanal::{AsyncReceiver, AsyncSender, unbounded_async};

    use crate::peers::by_hand::actor;

    actor! {
        sender AsyncSender, receiver AsyncReceiver,
        open unbounded_async(),
        send |channel, message| channel.send(message).await,
        receive |inbox| inbox.recv().await.ok(),
        abilities {}
    }
}
