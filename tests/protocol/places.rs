//! Where a protocol may stand, and beside which names.
use cordial::prelude::*;

/// It is called as a role is.
mod till {
    #[derive(Debug, PartialEq)]
    pub(crate) struct Coins(pub(crate) u32);
}

protocol! {
    Sale: Buyer => Till {
        Buyer -> Till: Give(till::Coins);
    }
}

protocol! {
    /// What it needs is not there, and neither is it.
    #[cfg(any())]
    pub(crate) Absent: One => Other {
        One -> Other: Hello(Missing);
    }
}

/// A payload is looked up where the protocol stands: a role's module hides none of the user's.
#[cordial::test]
async fn payload_may_be_of_a_module_called_as_a_role() {
    let (buyer, keeper) = sale::open();
    buyer.give(till::Coins(3));
    assert_eq!(keeper.give().await.unwrap().0, till::Coins(3));
}

/// Both sides are found from inside a function, where no module can name it.
#[cordial::test]
async fn protocol_may_stand_in_a_function() {
    protocol! {
        Greeting: Guest => Host {
            Guest -> Host: Hello(String);
            Host -> Guest: Welcome;
        }
    }
    let (guest, host) = greeting::open();
    let guest = guest.hello("me".to_owned());
    let (name, host) = host.hello().await.unwrap();
    assert_eq!(name, "me");
    host.welcome();
    guest.welcome().await.unwrap();
}
