//! Conversations of two sides whose order the compiler checks: what `protocol!` is made of.
//!
//! A protocol says once who says what, and when. Each side becomes types, one per state: a state
//! has the methods that are in order there and no others, and each gives the next state.
//!
//! ```
//! use cordial::prelude::*;
//! use cordial::protocol::SessionError;
//!
//! protocol! {
//!     /// Buying things.
//!     pub Checkout: Customer => Till {
//!         loop Shopping {
//!             choice Customer {
//!                 Add(String, u32) => { Till -> Customer: Subtotal(u32); continue Shopping; }
//!                 Pay(u32) => choice Till {
//!                     Receipt(String) => end,
//!                     Declined => continue Shopping,
//!                 }
//!                 Leave => end,
//!             }
//!         }
//!     }
//! }
//!
//! async fn serve(mut till: checkout::till::Start) -> Result<u32, SessionError> {
//!     use checkout::till::ShoppingOffer;
//!     let mut total = 0;
//!     loop {
//!         till = match till.offer().await? {
//!             ShoppingOffer::Add(_, price, till) => {
//!                 total += price;
//!                 till.subtotal(total)
//!             }
//!             ShoppingOffer::Pay(cents, till) if cents < total => till.declined(),
//!             ShoppingOffer::Pay(_, till) => {
//!                 till.receipt(format!("paid {total}"));
//!                 return Ok(total);
//!             }
//!             ShoppingOffer::Leave(_) => return Ok(0),
//!         }
//!     }
//! }
//!
//! # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (customer, till) = checkout::open();
//! let sale = cordial::Task::spawn(serve(till));
//! let (subtotal, customer) = customer.add("book".to_owned(), 10).subtotal().await?;
//! assert_eq!(subtotal, 10);
//! use checkout::customer::RecvReceiptOffer;
//! match customer.pay(10).offer().await? {
//!     RecvReceiptOffer::Receipt(text, _) => assert_eq!(text, "paid 10"),
//!     RecvReceiptOffer::Declined(customer) => drop(customer.leave()),
//! }
//! assert_eq!(sale.await??, 10);
//! # Ok(()) }
//! ```
//!
//! # What the compiler sees to
//! - A message out of turn, of another type, or said twice does not compile.
//! - Both sides come from one description, so what one may say the other expects, and neither waits
//!   while the other does.
//! - A state that is let go of before the end is a warning that says what had to come next.
//!
//! # What it cannot
//! Rust's values may be dropped. Who drops a state before the end leaves the conversation: the peer
//! gets [`SessionError::PeerGone`] at its next step, behind what was said before. Who ends because
//! its process does is told of with the reason, as [`SessionError::Down`]. A peer that is silent is
//! [`SessionError::Timeout`] after 5 s, unless the protocol or the caller says otherwise.
//! What is said never fails and never waits, as a cast: that nobody hears it shows at the next step
//! that waits, or is asked of [`peer_gone`].
//!
//! # Conversations with servers
//! A server that has a `#[session(P as Role)]` takes part in conversations, each in a task of its
//! own beside the server, whose mailbox no slow peer blocks. The message that opens one goes
//! through the mailbox:
//!
//! ```
//! use cordial::prelude::*;
//!
//! protocol! {
//!     pub Order: Guest => Kitchen {
//!         Guest -> Kitchen: Dish(String);
//!         Kitchen -> Guest: Price(u32);
//!     }
//! }
//!
//! #[gen_server]
//! #[derive(Clone, Default)]
//! struct Diner {
//!     orders: u32,
//! }
//! #[gen_server]
//! impl Diner {
//!     #[call]
//!     fn count(&mut self) -> u32 {
//!         self.orders += 1;
//!         self.orders
//!     }
//!     /// One guest's order.
//!     #[session(Order as Kitchen)]
//!     async fn serve(me: DinerRef, guest: order::kitchen::Start) {
//!         let Ok((dish, guest)) = guest.dish().await else { return };
//!         let number = me.count().await.unwrap_or(0);
//!         guest.price(number * 100 + dish.len() as u32);
//!     }
//! }
//!
//! # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let diner = Diner::start(Diner::default()).await?;
//! let guest = Order::connect(&diner).await?;
//! let (price, _) = guest.dish("soup".to_owned()).price().await?;
//! assert_eq!(price, 104);
//! # Ok(()) }
//! ```
//!
//! What becomes of a conversation:
//!
//! - The session returns early: its peer gets [`SessionError::PeerGone`].
//! - The session returns `Err`, or panics: its peer gets [`SessionError::Down`] with the reason. By
//!   the link the server ends with it, too, unless it has an `#[info]` for `Exit`, or the session
//!   is `#[session(P as Role, nolink)]`.
//! - The session returns an `Err(SessionError)` as it is: it ends normally, for that a peer has
//!   left is no crash.
//! - The peer leaves, crashes or is silent: the next step of the session says so.
//! - The server crashes or is killed: its sessions end with its reason, which their peers get.
//! - The server stops, or its supervisor shuts it down: its sessions end with `Shutdown`.
//! - The server is restarted: conversations with the one before are over; its `Ref` is the same, so
//!   `connect` reaches the new one.
//! - The node ends: every side is dropped, and what is left of the program gets `Down`.
//!
//! A session ends at its next `.await`; the server's end does not wait for it.
//!
//! # Differences from OTP
//! OTP has no such thing: there the order of messages between two processes is a convention.
mod error;
mod half;
pub(crate) mod line;
mod session;

pub use error::{Peer, SessionError};
pub use half::Receive;
#[doc(hidden)]
pub use half::{Half, open};
#[doc(hidden)]
pub use session::connect;
pub use session::{Connect, Serves};
#[doc(hidden)]
pub use session::{Plays, Session, serve, session};

/// What a `protocol!` is: its two roles say to each other what is in [`Wire`](Self::Wire).
pub trait Protocol: Sized + 'static {
    /// All messages, of both sides. Values and no code, so that they can leave the node later.
    type Wire: Conversation;
}

/// The messages of a protocol.
pub trait Conversation: 'static {
    /// The protocol's name.
    const PROTOCOL: &'static str;
    /// The two roles.
    const ROLES: [&'static str; 2];
    /// The message's name.
    fn kind(&self) -> &'static str;
}

/// A state in which a conversation begins.
pub trait Opening: State {
    /// Of which protocol.
    type Protocol: Protocol;
    /// The state in which it begins for the other side.
    type Peer: Opening<Protocol = Self::Protocol, Peer = Self>;
    /// Both sides of a new conversation.
    #[doc(hidden)]
    fn open() -> (Self, Self::Peer)
    where
        Self: Sized;
}

/// A state in which a conversation is not over.
pub trait State: 'static {
    /// What is said in it.
    type Wire: Conversation;
    #[doc(hidden)]
    fn half(&self) -> &Half<Self::Wire>;
}

/// How the peer left, if it did and all that it said before was heard: for who only speaks, and
/// would learn it at the end.
///
/// # Examples
/// ```
/// use cordial::prelude::*;
/// use cordial::protocol;
///
/// protocol! {
///     Feed: Writer => Reader {
///         loop Writing { Writer -> Reader: Line(String); }
///     }
/// }
/// # #[cordial::main(current_thread)] async fn main() {
/// let (writer, reader) = feed::open();
/// let writer = writer.line("one".to_owned());
/// assert_eq!(protocol::peer_gone(&writer), None);
/// drop(reader);
/// assert_eq!(protocol::peer_gone(&writer).unwrap().to_string(), "`Reader` of `Feed` left");
/// # }
/// ```
pub fn peer_gone<S: State>(state: &S) -> Option<SessionError> {
    state.half().peer_gone()
}
