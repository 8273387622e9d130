//! In whose `tracing` spans handlers and blocking work run. A test binary of its own, for it sets
//! the subscriber of the whole OS process.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::cell::RefCell;
use std::sync::{Mutex, Once};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, info_span};

// ===== The subscriber =====

type Known = &'static Metadata<'static>;

/// All spans; the number of one is its place here, from one.
static SPANS: Mutex<Vec<Known>> = Mutex::new(Vec::new());

thread_local! {
    /// The spans that this thread is in, the innermost last.
    static INSIDE: RefCell<Vec<Id>> = const { RefCell::new(Vec::new()) };
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = SPANS.lock().unwrap();
        spans.push(span.metadata());
        Id::from_u64(spans.len() as u64)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, id: &Id) {
        INSIDE.with_borrow_mut(|inside| inside.push(id.clone()));
    }
    fn exit(&self, id: &Id) {
        let last = INSIDE.with_borrow_mut(Vec::pop);
        assert_eq!(last.as_ref(), Some(id), "spans are left in the order they were entered");
    }
    fn current_span(&self) -> tracing_core::span::Current {
        let last = INSIDE.with_borrow(|inside| inside.last().cloned());
        last.map_or_else(tracing_core::span::Current::none, |id| {
            let place = usize::try_from(id.into_u64()).unwrap() - 1;
            tracing_core::span::Current::new(id, SPANS.lock().unwrap()[place])
        })
    }
}

/// The names of the spans that this thread is in.
fn spans() -> Vec<&'static str> {
    let inside = INSIDE.with_borrow(Clone::clone);
    let spans = SPANS.lock().unwrap();
    let place = |id: Id| usize::try_from(id.into_u64()).unwrap() - 1;
    inside.into_iter().map(|id| spans[place(id)].name()).collect()
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
}

// ===== The tests =====

#[gen_server(restart = Temporary)]
struct Where;

#[gen_server]
impl Where {
    #[init]
    fn new() -> Self {
        Self
    }
    #[call]
    fn spans(&self) -> Vec<&'static str> {
        let _span = info_span!("its own").entered();
        spans()
    }
    #[call]
    fn fall(&self) {
        panic!("in no span of the caller's");
    }
}

/// Whoever runs it: a handler that its server runs is in no span, either.
#[cordial::test]
async fn handler_on_its_caller_s_stack_is_in_none_of_the_caller_s_spans() {
    listen();
    let server = Where::start().await.unwrap();
    let outer = info_span!("outer");
    let inner = info_span!("inner");
    let (call, fails) = (server.spans(), async {
        assert!(server.fall().await.is_err());
    });
    in_spans(&[&outer, &inner], async {
        assert_eq!(call.await.unwrap(), ["its own"]);
        assert_eq!(spans(), ["outer", "inner"]);
        fails.await;
        assert_eq!(spans(), ["outer", "inner"]);
    })
    .await;
    assert_eq!(spans(), [""; 0]);
}

/// Polls a future inside of spans.
async fn in_spans<F: Future>(spans: &[&tracing::Span], future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        let entered: Vec<_> = spans.iter().map(|span| span.enter()).collect();
        let polled = future.as_mut().poll(cx);
        entered.into_iter().rev().for_each(drop);
        polled
    })
    .await
}

#[cordial::test]
async fn blocking_work_is_in_the_span_of_who_waits_for_it() {
    listen();
    let (done, is_done) = ReplyTo::pair();
    process::spawn(async move |_: Mailbox<()>| {
        let span = info_span!("waits");
        let inside = in_spans(&[&span], async { process::blocking(spans).await }).await;
        done.reply(inside);
    });
    assert_eq!(is_done.await.unwrap(), ["waits"]);
}
