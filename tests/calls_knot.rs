//! A server for the tests of circles: it calls along a path, and waits in many ways.
use crate::gen_server_support::Gate;
use cordial::prelude::*;
use cordial::{Call, TryCall};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};

/// How a server waits for the next on the path.
#[derive(Clone)]
pub(crate) enum How {
    Alone,
    NoTimeout,
    OwnLimit(Duration),
    /// Or until this gate opens, whichever comes first.
    OrGate(Gate),
    /// As `OrGate`, polled with wakers of its own, as collections of futures do.
    OrGateApart(Gate),
    /// Within `tokio::time::timeout`.
    Within(Duration),
    /// Passes a gate between calling and waiting.
    AfterGate(Gate),
    /// And for a second call, which is answered when that server's gate opens.
    And(KnotRef, Gate),
    /// After a call that it never awaits.
    BesideUnawaited(KnotRef),
    /// After it has looked whether something is in a channel, which keeps a waker.
    AfterGlance(Glance),
}

pub(crate) type Glance = Arc<Mutex<mpsc::Receiver<()>>>;

/// Calls that server, and waits like that.
#[derive(Clone)]
pub(crate) struct Hop(pub(crate) KnotRef, pub(crate) How);

pub(crate) type Answered = Result<u32, CallError>;

#[gen_server]
#[derive(Clone)]
pub(crate) struct Knot;

#[gen_server]
impl Knot {
    #[call]
    pub(crate) fn ping(&self) -> u32 {
        1
    }

    #[call(timeout = infinity)]
    pub(crate) async fn pass(&self, gate: Gate) -> u32 {
        gate.pass().await;
        1
    }

    /// Makes the hops from `at` on, one server after the other.
    #[call(timeout = infinity)]
    pub(crate) async fn hop_slowly(&self, hops: Arc<[Hop]>, at: usize) -> Result<u32, CallError> {
        hop(&hops, at).await
    }

    #[call]
    pub(crate) async fn hop(&self, hops: Arc<[Hop]>, at: usize) -> Result<u32, CallError> {
        hop(&hops, at).await
    }

    /// Passes a gate first.
    #[call(timeout = infinity)]
    pub(crate) async fn hop_after(&self, gate: Gate, hops: Arc<[Hop]>) -> Result<u32, CallError> {
        gate.pass().await;
        hop(&hops, 0).await
    }
}

async fn hop(hops: &Arc<[Hop]>, at: usize) -> Result<u32, CallError> {
    let Some(Hop(next, how)) = hops.get(at) else { return Ok(1) };
    let call = next.hop(hops.clone(), at + 1);
    match how {
        How::Alone => flat(call).await,
        How::NoTimeout => flat(call.no_timeout()).await,
        How::OwnLimit(limit) => flat(call.timeout(*limit)).await,
        How::OrGate(gate) => or_gate(flat(call), gate).await,
        How::OrGateApart(gate) => apart(or_gate(flat(call), gate)).await,
        How::Within(limit) => tokio::time::timeout(*limit, flat(call)).await.unwrap_or(Ok(2)),
        How::AfterGate(gate) => {
            gate.pass().await;
            flat(call).await
        }
        How::And(other, gate) => tokio::join!(flat(call), other.pass(gate.clone())).0,
        How::BesideUnawaited(other) => {
            let _unawaited: Call<u32> = other.ping();
            flat(call).await
        }
        How::AfterGlance(channel) => {
            let mut channel = channel.lock().await;
            let glance = std::future::poll_fn(|cx| Poll::Ready(channel.poll_recv(cx)));
            assert!(glance.await.is_pending());
            flat(call).await
        }
    }
}

async fn flat(call: TryCall<u32, CallError>) -> Answered {
    call.await.map_err(|error| match error {
        TryCallError::Call(error) | TryCallError::Handler(error) => error,
    })
}

pub(crate) async fn knot() -> KnotRef {
    Knot::start(Knot).await.unwrap()
}

pub(crate) async fn knots<const N: usize>() -> [KnotRef; N] {
    let mut knots = Vec::new();
    for _ in 0..N {
        knots.push(knot().await);
    }
    knots.try_into().expect("so many were started")
}

/// Makes `first` go along these hops, and gives what comes of it.
pub(crate) async fn go(first: &KnotRef, hops: impl IntoIterator<Item = Hop>) -> Answered {
    flat(first.hop_slowly(hops.into_iter().collect(), 0)).await
}

/// Whether somebody was told of a circle.
pub(crate) fn is_circle(answer: &Answered) -> bool {
    matches!(answer, Err(CallError::Deadlock(..)))
}

async fn or_gate(answer: impl Future<Output = Answered>, gate: &Gate) -> Answered {
    tokio::select! {
        answer = answer => answer,
        () = gate.pass() => Ok(2),
    }
}

/// Polls a future with a waker that is not the process's own.
async fn apart<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        let waker = Waker::from(Arc::new(Apart(cx.waker().clone())));
        future.as_mut().poll(&mut Context::from_waker(&waker))
    })
    .await
}

struct Apart(Waker);

impl Wake for Apart {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}
