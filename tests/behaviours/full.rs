//! What a full mailbox does with the messages of a behaviour: what it does with all others.
use cordial::prelude::*;
use cordial_tests_contract::{Ring, RingRef};

/// A ring with room for two messages.
macro_rules! small {
    ($name:ident, $($option:tt)*) => {
        #[gen_server]
        #[derive(Clone, Default)]
        struct $name(Vec<u8>);

        #[gen_server(mailbox = 2, $($option)* behaviours(Ring<u8>))]
        impl $name {}

        impl Ring<u8> for $name {
            fn push(&mut self, value: u8) {
                self.0.push(value);
            }
            fn all(&self) -> Vec<u8> {
                self.0.clone()
            }
        }
    };
}

small!(Refuses,);
small!(Forgets, on_full = drop_oldest,);
small!(Waits, on_full = wait,);

/// A bound holds for them too, and says so.
#[cordial::test]
async fn full_mailbox_refuses_the_casts_and_calls_of_a_behaviour() {
    for ring in [
        RingRef::from(Refuses::start(Refuses::default()).await.unwrap()),
        RingRef::from(Waits::start(Waits::default()).await.unwrap()),
    ] {
        let sent: Vec<_> = (1..=3).map(|n| ring.push(n).sent()).collect();
        assert_eq!(sent, [Ok(()), Ok(()), Err(SendError::Full)]);
        assert!(matches!(ring.all().await, Err(CallError::Full(_)) | Ok(_)));
        let all = loop {
            match ring.all().await {
                Ok(all) => break all,
                Err(CallError::Full(_)) => tokio::task::yield_now().await,
                Err(other) => panic!("{other}"),
            }
        };
        assert_eq!(all, [1, 2]);
    }
}

/// Where the oldest goes, a cast of a behaviour goes, and a call does not.
#[cordial::test]
async fn oldest_cast_of_a_behaviour_makes_room() {
    let ring = RingRef::from(Forgets::start(Forgets::default()).await.unwrap());
    (1..=4).for_each(|n| _ = ring.push(n));
    let all = ring.all();
    ring.push(5);
    assert_eq!(all.await, Ok(vec![]), "the call went, and not the casts");
    assert_eq!(ring.all().await, Ok(vec![5]));
}
