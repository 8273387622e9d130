//! The actor that one writes without a framework: a task, an enum of messages, a channel, and a
//! oneshot per call.
//!
//! `actor!` makes it for one kind of channel: how it is opened, how one sends, how one receives.

/// The enum, the loop and the peer `ByHand`, one per module.
macro_rules! actor {
    (
        sender $sender:ident, receiver $receiver:ident,
        open $open:expr,
        send |$channel:ident, $sent:ident| $send:expr,
        receive |$inbox:ident| $receive:expr,
        abilities { $($abilities:tt)* }
    ) => {
        use std::time::Duration;

        use ::tokio::sync::oneshot;
        use ::tokio::time::timeout;

        use crate::latch::Latch;
        use crate::payload::Payload;
        use crate::peer::{Calls, Consumer, Peer};
        use crate::state::{State, yield_once};

        /// Actors with this kind of mailbox.
        pub(crate) struct ByHand;

        enum Message<const WORDS: usize> {
            Add(Payload<WORDS>),
            Total(Payload<WORDS>, oneshot::Sender<u64>),
            TotalYielding(Payload<WORDS>, oneshot::Sender<u64>),
            Meet(Box<(Address<WORDS>, Latch)>),
            Pass(u64),
            Report(Latch),
            Drive(Box<(Calls<Address<WORDS>>, Latch)>),
            #[allow(dead_code, reason = "only where a supervisor by hand takes it")]
            Crash,
            Stop(oneshot::Sender<()>),
        }

        pub(crate) struct Address<const WORDS: usize>($sender<Message<WORDS>>);

        impl<const WORDS: usize> Clone for Address<WORDS> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<const WORDS: usize> Address<WORDS> {
            /// An actor that is gone hears nothing.
            async fn send(&self, $sent: Message<WORDS>) {
                let $channel = &self.0;
                let _ = $send;
            }
        }

        async fn actor<const WORDS: usize>(inbox: $receiver<Message<WORDS>>) {
            let mut state = State::<Address<WORDS>>::default();
            #[allow(unused_mut, reason = "not every receiver changes")]
            let mut $inbox = inbox;
            while let Some(message) = $receive {
                match message {
                    Message::Add(payload) => state.add(payload),
                    Message::Total(payload, from) => {
                        let _ = from.send(state.total(payload));
                    }
                    Message::TotalYielding(payload, from) => {
                        yield_once().await;
                        let _ = from.send(state.total(payload));
                    }
                    Message::Meet(met) => state.meet(met.0, met.1),
                    Message::Pass(0) => state.end(),
                    Message::Pass(hops) => state.next().send(Message::Pass(hops - 1)).await,
                    Message::Report(end) => end.hit(),
                    Message::Drive(work) => {
                        Box::pin(work.0.make::<ByHand, WORDS>()).await;
                        work.1.hit();
                    }
                    Message::Crash => panic!("as asked"),
                    Message::Stop(from) => {
                        let _ = from.send(());
                        return;
                    }
                }
            }
        }

        impl<const WORDS: usize> Consumer<WORDS> for ByHand {
            type Address = Address<WORDS>;

            async fn start() -> Address<WORDS> {
                let (channel, inbox) = $open;
                ::tokio::spawn(actor(inbox));
                Address(channel)
            }
            async fn cast(to: &Address<WORDS>, payload: Payload<WORDS>) {
                to.send(Message::Add(payload)).await;
            }
            async fn call(to: &Address<WORDS>, payload: Payload<WORDS>) -> u64 {
                let (from, answer) = oneshot::channel();
                to.send(Message::Total(payload, from)).await;
                answer.await.expect("the actor answers")
            }
            async fn report(to: &Address<WORDS>, end: Latch) {
                to.send(Message::Report(end)).await;
            }
        }

        impl<const WORDS: usize> Peer<WORDS> for ByHand {
            async fn stop(actor: Address<WORDS>) {
                let (from, stopped) = oneshot::channel();
                actor.send(Message::Stop(from)).await;
                let _ = stopped.await;
            }
            async fn meet(to: &Address<WORDS>, next: Address<WORDS>, end: Latch) {
                to.send(Message::Meet(Box::new((next, end)))).await;
            }
            async fn pass(to: &Address<WORDS>, hops: u64) {
                to.send(Message::Pass(hops)).await;
            }
            async fn drive(from: &Address<WORDS>, calls: Calls<Address<WORDS>>, end: Latch) {
                from.send(Message::Drive(Box::new((calls, end)))).await;
            }
            async fn call_yielding(to: &Address<WORDS>, payload: Payload<WORDS>) -> u64 {
                let (from, answer) = oneshot::channel();
                to.send(Message::TotalYielding(payload, from)).await;
                answer.await.expect("the actor answers")
            }
            async fn call_within(
                to: &Address<WORDS>,
                payload: Payload<WORDS>,
                limit: Duration,
            ) -> u64 {
                let answer = timeout(limit, Self::call(to, payload)).await;
                answer.expect("the actor answers in time")
            }
            $($abilities)*
        }
    };
}

pub(super) use actor;
