//! In whose `tracing` spans handlers and blocking work run. A test binary of its own, for it sets
//! the subscriber of the whole OS process.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Mutex, Once};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, info_span};

// ===== The subscriber =====

type Known = &'static Metadata<'static>;

/// All spans; the number of one is its place here, from one.
static SPANS: Mutex<Vec<Known>> = Mutex::new(Vec::new());

/// What each says of itself.
static FIELDS: Mutex<BTreeMap<u64, String>> = Mutex::new(BTreeMap::new());

/// Which follows from which.
static FOLLOWS: Mutex<Vec<(u64, u64)>> = Mutex::new(Vec::new());

/// The values of a span's fields.
struct Fields(Vec<String>);

impl Visit for Fields {
    fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
        self.0.push(format!("{value:?}"));
    }
    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.push(value.to_owned());
    }
}

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
        let id = spans.len() as u64;
        let mut fields = Fields(Vec::new());
        span.record(&mut fields);
        FIELDS.lock().unwrap().insert(id, fields.0.join(" "));
        Id::from_u64(id)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, id: &Id, from: &Id) {
        FOLLOWS.lock().unwrap().push((id.into_u64(), from.into_u64()));
    }
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
        assert_eq!(call.await.unwrap(), ["message", "its own"]);
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

// ===== The spans of messages =====

/// Who is told.
struct To(ReplyTo<Vec<String>>);

/// Passes on what it is told.
#[gen_server(restart = Temporary)]
struct Relay {
    next: Option<Ref<Self>>,
    said: Vec<String>,
}

#[gen_server]
impl Relay {
    #[init]
    fn new(next: Option<Ref<Self>>) -> Self {
        Self { next, said: Vec::new() }
    }
    #[cast]
    fn pass(&mut self, to: To) {
        self.said = lines();
        match &self.next {
            Some(next) => {
                next.pass(to);
            }
            None => to.0.reply(lines()),
        }
    }
    #[cast]
    async fn later(&mut self, to: To) {
        let mut said = lines();
        tokio::task::yield_now().await;
        said.extend(lines());
        to.0.reply(said);
    }
    #[call]
    fn said(&mut self) -> Vec<String> {
        std::mem::take(&mut self.said)
    }
}

/// The spans that this thread is in: `kind by pid after [what it follows from]`.
fn lines() -> Vec<String> {
    let inside = INSIDE.with_borrow(Clone::clone);
    inside.iter().map(|id| line(id.into_u64())).collect()
}

fn line(id: u64) -> String {
    let name = SPANS.lock().unwrap()[usize::try_from(id).unwrap() - 1].name();
    let told = FIELDS.lock().unwrap().get(&id).cloned().unwrap_or_default();
    let follows: Vec<_> = FOLLOWS.lock().unwrap().iter().filter(|it| it.0 == id).copied().collect();
    let follows: Vec<_> = follows.iter().map(|(_, from)| line(*from)).collect();
    if name == "message" { format!("{told} after {follows:?}") } else { name.to_owned() }
}

/// A span per message, which follows from the sender's, from server to server.
#[cordial::test]
async fn message_is_handled_in_a_span_that_follows_from_its_sender_s() {
    listen();
    let last = Relay::start(None).await.unwrap();
    let first = Relay::start(Some(last.clone())).await.unwrap();
    let (to, told) = ReplyTo::pair();
    info_span!("outer").in_scope(|| {
        first.pass(To(to));
    });
    let of = |relay: &Ref<Relay>| format!("Relay {} pass", gen_server::whereis(relay).unwrap());
    let at_first = format!("{} after [\"outer\"]", of(&first));
    let at_last = format!("{} after [{at_first:?}]", of(&last));
    assert_eq!(told.await.unwrap(), [at_last]);
    let said = in_spans(&[&info_span!("asks")], first.said()).await.unwrap();
    assert_eq!(said, [at_first]);
}

#[cordial::test]
async fn message_that_is_sent_in_no_span_follows_from_none_and_what_awaits_stays_in_its_span() {
    listen();
    let relay = Relay::start(None).await.unwrap();
    for _ in 0..2 {
        let (to, told) = ReplyTo::pair();
        relay.later(To(to));
        let own = format!("Relay {} later after []", gen_server::whereis(&relay).unwrap());
        assert_eq!(told.await.unwrap(), [own.clone(), own]);
    }
    assert_eq!(lines(), [""; 0]);
}
