//! What `protocol` makes of the example `checkout`.

/// A checkout: things are added until the customer pays or leaves.
#[allow(dead_code, non_camel_case_types)]
#[derive(::core::fmt::Debug)]
enum Checkout {}
impl ::cordial::protocol::Protocol for Checkout {
    type Wire = checkout::Wire;
}

impl ::cordial::protocol::Opening for checkout::customer::Start {
    type Protocol = Checkout;
    type Peer = checkout::till::Start;
    fn open() -> (Self, Self::Peer) {
        let (ours, theirs) = checkout::open();
        (ours, theirs)
    }
}

impl ::cordial::protocol::Opening for checkout::till::Start {
    type Protocol = Checkout;
    type Peer = checkout::customer::Start;
    fn open() -> (Self, Self::Peer) {
        let (theirs, ours) = checkout::open();
        (ours, theirs)
    }
}

#[allow(dead_code, non_upper_case_globals)]
impl Checkout {
    /// Opens a conversation with a server's `#[session(Checkout as ..)]`; await it.
    fn connect<S, T>(server: &::cordial::Ref<S>) -> ::cordial::protocol::Connect<T>
    where
        S: ::cordial::protocol::Serves<Self, Peer = T>,
    {
        ::cordial::protocol::connect(server)
    }

    #[doc(hidden)]
    const Customer: ::cordial::protocol::Plays<checkout::customer::Start> =
        ::cordial::protocol::Plays::ROLE;
    #[doc(hidden)]
    const Till: ::cordial::protocol::Plays<checkout::till::Start> =
        ::cordial::protocol::Plays::ROLE;
}

/// The conversations of [`Checkout`](super::Checkout), each side in a module of its own.
///
/// ```text
/// Checkout: Customer => Till
///    loop Shopping
///        choice Customer
///            Add(String, u32)
///                Till -> Customer: Subtotal(u32)
///                continue Shopping
///            Pay(u32)
///                choice Till
///                    Receipt(String)
///                        end
///                    Declined
///                        continue Shopping
///            Leave
///                end
///
/// ```
#[allow(dead_code, missing_docs, missing_debug_implementations)]
#[allow(unused_imports, unreachable_pub, private_interfaces)]
mod checkout {
    use super::*;
    pub use __wire::Wire;
    mod __wire {
        use super::super::*;
        /// All that is said, by both sides.
        pub enum Wire {
            /// One more thing.
            Add(String, u32),
            Subtotal(u32),
            Pay(u32),
            Receipt(String),
            /// It is not enough.
            Declined,
            Leave,
        }
    }

    impl ::cordial::protocol::Conversation for Wire {
        const PROTOCOL: &'static ::core::primitive::str = "Checkout";
        const ROLES: [&'static ::core::primitive::str; 2] = ["Customer", "Till"];
        fn kind(&self) -> &'static ::core::primitive::str {
            match self {
                Self::Add { .. } => "Add",
                Self::Subtotal { .. } => "Subtotal",
                Self::Pay { .. } => "Pay",
                Self::Receipt { .. } => "Receipt",
                Self::Declined { .. } => "Declined",
                Self::Leave { .. } => "Leave",
            }
        }
    }

    /// Both sides of a new conversation: `Customer`'s and `Till`'s.
    ///
    /// # Panics
    /// Without a runtime, as `process::spawn`.
    pub fn open() -> (customer::Start, till::Start) {
        let (one, other) = ::cordial::protocol::open();
        (customer::Shopping(one), till::Shopping(other))
    }

    /// What `Customer` does, state by state.
    pub mod customer {
        use super::super::*;
        use super::Wire;
        /// Where `Customer` begins.
        pub(in super::super) type Start = Shopping;
        /// `Customer` says `Add`, `Pay` or `Leave`.
        #[must_use = "the conversation is not over: `Customer` must now send `Add`, `Pay` or `Leave`"]
        #[derive(::core::fmt::Debug)]
        pub(in super::super) struct Shopping(pub(super) ::cordial::protocol::Half<Wire>);
        impl Shopping {
            /// Says `Add`.
            /// One more thing.
            pub fn add(self, title: String, cents: u32) -> RecvSubtotal {
                RecvSubtotal(self.0.say(Wire::Add(title, cents)))
            }

            /// Says `Pay`.
            pub fn pay(self, cents: u32) -> Verdict {
                Verdict(self.0.say(Wire::Pay(cents)))
            }

            /// Says `Leave`.
            pub fn leave(self) -> End {
                End::of(self.0.say(Wire::Leave))
            }
        }

        impl ::cordial::protocol::State for Shopping {
            type Wire = Wire;
            fn half(&self) -> &::cordial::protocol::Half<Wire> {
                &self.0
            }
        }

        /// `Customer` hears `Subtotal`.
        #[must_use = "the conversation is not over: `Customer` must now receive `Subtotal`"]
        #[derive(::core::fmt::Debug)]
        pub(in super::super) struct RecvSubtotal(pub(super) ::cordial::protocol::Half<Wire>);
        impl RecvSubtotal {
            /// Waits for `Subtotal`.
            pub fn subtotal(self) -> ::cordial::protocol::Receive<Wire, (u32, Shopping)> {
                self.0.hear("`Subtotal`", |word, half| match word {
                    Wire::Subtotal(subtotal) => {
                        ::core::option::Option::Some((subtotal, Shopping(half)))
                    }
                    _ => ::core::option::Option::None,
                })
            }
        }

        impl ::cordial::protocol::State for RecvSubtotal {
            type Wire = Wire;
            fn half(&self) -> &::cordial::protocol::Half<Wire> {
                &self.0
            }
        }

        /// `Customer` hears `Receipt` or `Declined`.
        #[must_use = "the conversation is not over: `Customer` must now receive `Receipt` or `Declined`"]
        #[derive(::core::fmt::Debug)]
        pub(in super::super) struct Verdict(pub(super) ::cordial::protocol::Half<Wire>);
        impl Verdict {
            /// Waits for `Receipt` or `Declined`.
            pub fn offer(self) -> ::cordial::protocol::Receive<Wire, VerdictOffer> {
                self.0.hear("`Receipt` or `Declined`", |word, half| match word {
                    Wire::Receipt(receipt) => {
                        ::core::option::Option::Some(VerdictOffer::Receipt(receipt, End::of(half)))
                    }
                    Wire::Declined => {
                        ::core::option::Option::Some(VerdictOffer::Declined(Shopping(half)))
                    }
                    _ => ::core::option::Option::None,
                })
            }
        }

        impl ::cordial::protocol::State for Verdict {
            type Wire = Wire;
            fn half(&self) -> &::cordial::protocol::Half<Wire> {
                &self.0
            }
        }

        /// What `Till` may say, with the state that follows.
        pub enum VerdictOffer {
            Receipt(String, End),
            /// It is not enough.
            Declined(Shopping),
        }

        impl ::core::fmt::Debug for VerdictOffer {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(match self {
                    Self::Receipt(..) => "Receipt",
                    Self::Declined(..) => "Declined",
                })
            }
        }

        /// Nothing is to be said any more.
        #[derive(::core::fmt::Debug)]
        pub struct End(());
        impl End {
            fn of(half: ::cordial::protocol::Half<Wire>) -> Self {
                half.over();
                Self(())
            }
        }
    }

    /// What `Till` does, state by state.
    pub mod till {
        use super::super::*;
        use super::Wire;
        /// Where `Till` begins.
        pub(in super::super) type Start = Shopping;
        /// `Till` hears `Add`, `Pay` or `Leave`.
        #[must_use = "the conversation is not over: `Till` must now receive `Add`, `Pay` or `Leave`"]
        #[derive(::core::fmt::Debug)]
        pub(in super::super) struct Shopping(pub(super) ::cordial::protocol::Half<Wire>);
        impl Shopping {
            /// Waits for `Add`, `Pay` or `Leave`.
            pub fn offer(self) -> ::cordial::protocol::Receive<Wire, ShoppingOffer> {
                self.0.hear("`Add`, `Pay` or `Leave`", |word, half| match word {
                    Wire::Add(title, cents) => {
                        ::core::option::Option::Some(ShoppingOffer::Add(
                            title,
                            cents,
                            SendSubtotal(half),
                        ))
                    }
                    Wire::Pay(cents) => {
                        ::core::option::Option::Some(ShoppingOffer::Pay(cents, Verdict(half)))
                    }
                    Wire::Leave => {
                        ::core::option::Option::Some(ShoppingOffer::Leave(End::of(half)))
                    }
                    _ => ::core::option::Option::None,
                }).timeout(::core::time::Duration::from_secs(30u64))
            }
        }

        impl ::cordial::protocol::State for Shopping {
            type Wire = Wire;
            fn half(&self) -> &::cordial::protocol::Half<Wire> {
                &self.0
            }
        }

        /// What `Customer` may say, with the state that follows.
        pub enum ShoppingOffer {
            /// One more thing.
            Add(String, u32, SendSubtotal),
            Pay(u32, Verdict),
            Leave(End),
        }

        impl ::core::fmt::Debug for ShoppingOffer {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(match self {
                    Self::Add(..) => "Add",
                    Self::Pay(..) => "Pay",
                    Self::Leave(..) => "Leave",
                })
            }
        }

        /// `Till` says `Subtotal`.
        #[must_use = "the conversation is not over: `Till` must now send `Subtotal`"]
        #[derive(::core::fmt::Debug)]
        pub(in super::super) struct SendSubtotal(pub(super) ::cordial::protocol::Half<Wire>);
        impl SendSubtotal {
            /// Says `Subtotal`.
            pub fn subtotal(self, subtotal: u32) -> Shopping {
                Shopping(self.0.say(Wire::Subtotal(subtotal)))
            }
        }

        impl ::cordial::protocol::State for SendSubtotal {
            type Wire = Wire;
            fn half(&self) -> &::cordial::protocol::Half<Wire> {
                &self.0
            }
        }

        /// `Till` says `Receipt` or `Declined`.
        #[must_use = "the conversation is not over: `Till` must now send `Receipt` or `Declined`"]
        #[derive(::core::fmt::Debug)]
        pub(in super::super) struct Verdict(pub(super) ::cordial::protocol::Half<Wire>);
        impl Verdict {
            /// Says `Receipt`.
            pub fn receipt(self, receipt: String) -> End {
                End::of(self.0.say(Wire::Receipt(receipt)))
            }

            /// Says `Declined`.
            /// It is not enough.
            pub fn declined(self) -> Shopping {
                Shopping(self.0.say(Wire::Declined))
            }
        }

        impl ::cordial::protocol::State for Verdict {
            type Wire = Wire;
            fn half(&self) -> &::cordial::protocol::Half<Wire> {
                &self.0
            }
        }

        /// Nothing is to be said any more.
        #[derive(::core::fmt::Debug)]
        pub struct End(());
        impl End {
            fn of(half: ::cordial::protocol::Half<Wire>) -> Self {
                half.over();
                Self(())
            }
        }
    }
}
