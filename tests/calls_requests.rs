//! Calls that are sent now and waited for later: one by one, and collected.
use crate::calls_desk::{Refused, begin, desk, timers};
use crate::gen_server_support::pass;
use cordial::gen_server::{self, Requests};
use cordial::prelude::*;
use cordial::process;
use cordial::test::sync;
use std::pin::pin;
use std::task::{Context, Waker};
use tokio::time::Instant;

// ===== One =====

/// GS-50: a wait that ends without an answer is not the end of the request.
// break: GS-50 runtime/cordial/src/gen_server/client.rs
//     `Poll::Pending if Instant::now() >= due => Poll::Ready(None),` =>
//     `Poll::Pending if Instant::now() >= due => Poll::Ready(Some(Err(self.timed_out()))),`
#[cordial::test]
async fn request_without_an_answer_in_time_stays_valid() {
    let desk = desk().await;
    let began = Instant::now();
    let mut request = desk.keep();
    assert_eq!(request.wait(millis(5)).await, None);
    assert_eq!(began.elapsed(), millis(5));
    assert_eq!(request.wait(secs(20)).await, None, "its own limit does not count here");
    assert_eq!(began.elapsed(), millis(20_005));
    desk.answer_oldest(7);
    assert_eq!(request.wait(secs(1)).await, Some(Ok(7)));
    assert_eq!(began.elapsed(), millis(20_005));
    assert_eq!(timers(), 0);
}

/// GS-50
#[cordial::test]
async fn request_can_be_awaited_after_it_was_waited_for() {
    let desk = desk().await;
    let mut request = desk.keep();
    assert_eq!(request.wait(millis(5)).await, None);
    desk.answer_oldest(7);
    assert_eq!(request.await, Ok(7));
    let mut refused = desk.check(0);
    let answer = refused.wait(secs(1)).await;
    assert_eq!(answer, Some(Err(TryCallError::Handler(Refused))));
}

/// GS-50
#[cordial::test]
async fn failure_is_an_answer_too() {
    let desk = desk().await;
    let mut request = desk.keep();
    assert_eq!(request.wait(millis(5)).await, None);
    process::exit(&desk, ExitReason::Kill);
    let answer = request.wait(secs(1)).await;
    assert!(matches!(answer, Some(Err(CallError::Down(ExitReason::Killed, _)))), "{answer:?}");
    let answer = desk.keep().wait(secs(1)).await;
    assert!(matches!(answer, Some(Err(CallError::NoProc(_)))), "{answer:?}");
}

/// GS-50, GS-17
#[cordial::test]
async fn receiving_with_a_limit_abandons_the_request() {
    let desk = desk().await;
    let abandoned = desk.keep().timeout(millis(5)).await;
    assert!(abandoned.is_err_and(|error| error.is_timeout()));
    let next = desk.keep();
    desk.answer_oldest(1);
    desk.answer_oldest(2);
    assert_eq!(next.await, Ok(2), "the late answer is nobody's");
}

#[cordial::test]
async fn wait_that_is_dropped_keeps_the_request() {
    let desk = desk().await;
    let mut request = desk.keep();
    {
        let mut wait = pin!(request.wait(secs(1)));
        let polled = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        assert_eq!(timers(), 1);
    }
    assert_eq!(timers(), 0);
    desk.answer_oldest(7);
    assert_eq!(request.wait(secs(1)).await, Some(Ok(7)));
}

// ===== Collected =====

/// The answers of a collection, in the order in which they come.
async fn all<L>(mut requests: Requests<L, u32>) -> Vec<(L, u32)> {
    let mut answers = Vec::new();
    while let Some((label, answer)) = requests.next().await {
        answers.push((label, answer.unwrap()));
    }
    answers
}

/// GS-50: labels come back in the order of the answers, not of the requests.
#[cordial::test]
async fn collected_answers_come_in_the_order_in_which_they_are_given() {
    let desks = [desk().await, desk().await, desk().await];
    let mut requests = Requests::new();
    for (label, desk) in ["a", "b", "c"].into_iter().zip(&desks) {
        requests.add(label, desk.keep());
    }
    assert_eq!(requests.len(), 3);
    for (answer, place) in [(1, 2), (2, 0), (3, 1)] {
        desks[place].answer_oldest(answer);
        sync(&desks[place]).await;
    }
    assert_eq!(all(requests).await, [("c", 1), ("a", 2), ("b", 3)]);
}

/// GS-50
#[cordial::test]
async fn collection_waits_for_answers_that_are_not_there_yet() {
    let (first, second) = (desk().await, desk().await);
    let mut requests = Requests::new();
    requests.add(1, first.keep());
    requests.add(2, second.keep());
    let began = Instant::now();
    assert!(requests.wait(millis(5)).await.is_none());
    assert_eq!((began.elapsed(), requests.len()), (millis(5), 2));
    let answers = async {
        pass(millis(5)).await;
        second.answer_oldest(20);
        sync(&second).await;
        first.answer_oldest(10);
    };
    let (answers, ()) = tokio::join!(all(requests), answers);
    assert_eq!(answers, [(2, 20), (1, 10)]);
}

/// GS-50
#[cordial::test]
async fn collected_request_keeps_its_own_limit() {
    let desk = desk().await;
    let mut requests = Requests::new();
    requests.add("long", desk.keep());
    requests.add("short", desk.keep_for_two());
    let began = Instant::now();
    for (label, limit) in [("short", secs(2)), ("long", secs(5))] {
        let (late, answer) = requests.next().await.unwrap();
        assert_eq!((late, began.elapsed()), (label, limit));
        assert!(answer.is_err_and(|error| error.is_timeout()));
    }
    assert!(requests.is_empty() && requests.next().await.is_none());
    drop(requests);
    assert_eq!(timers(), 0);
    assert_eq!(desk.echo(1).await, Ok(1));
}

/// GS-50
#[cordial::test]
async fn wait_for_a_collection_is_bounded_by_itself_only() {
    let desk = desk().await;
    let mut requests = Requests::new();
    requests.add((), desk.keep_for_two());
    assert!(requests.wait(secs(10)).await.is_none());
    desk.answer_oldest(7);
    assert_eq!(requests.wait(secs(10)).await, Some(((), Ok(7))));
    assert_eq!(requests.wait(secs(10)).await, None);
}

#[cordial::test]
async fn collection_takes_calls_that_were_answered_or_not_sent() {
    let (desk, gone) = (desk().await, desk().await);
    gen_server::stop(&gone).await.unwrap();
    let answered = desk.echo(1);
    sync(&desk).await;
    let mut requests = Requests::new();
    requests.add("answered", answered);
    requests.add("gone", gone.echo(2));
    assert_eq!(requests.next().await, Some(("answered", Ok(1))));
    let (label, answer) = requests.next().await.unwrap();
    assert_eq!(label, "gone");
    assert!(matches!(answer, Err(CallError::NoProc(_))));
}

#[cordial::test]
async fn collection_of_calls_with_errors_of_their_own_is_flat() {
    let desk = desk().await;
    let mut requests = Requests::new();
    requests.add(1, desk.check(1));
    requests.add(0, desk.check(0));
    assert_eq!(requests.next().await, Some((1, Ok(1))));
    assert_eq!(requests.next().await, Some((0, Err(TryCallError::Handler(Refused)))));
}

/// GS-52
#[cordial::test]
async fn next_that_is_dropped_loses_nothing() {
    let desk = desk().await;
    let mut requests = Requests::new();
    // The only one, and without a limit: awaited as a call.
    requests.add(1, desk.keep_for_ever());
    assert!(tokio::time::timeout(millis(5), requests.next()).await.is_err());
    requests.add(2, desk.keep());
    assert!(tokio::time::timeout(millis(5), requests.next()).await.is_err());
    desk.answer_oldest(10);
    desk.answer_oldest(20);
    assert_eq!(all(requests).await, [(1, 10), (2, 20)]);
    assert_eq!(timers(), 0);
}

#[cordial::test]
async fn collection_that_is_dropped_leaves_nothing() {
    let desk = desk().await;
    let mut requests = Requests::new();
    requests.add((), desk.keep());
    let mut begun = desk.keep();
    begin(&mut begun).await;
    requests.add((), begun);
    assert!(requests.wait(millis(5)).await.is_none());
    drop(requests);
    assert_eq!(timers(), 0);
    desk.answer_oldest(1);
    assert_eq!(desk.echo(2).await, Ok(2));
}

// ===== Circles =====

#[gen_server]
#[derive(Default, Clone)]
struct Patient;

#[gen_server]
impl Patient {
    /// Waits for `other`, which waits for this one.
    #[call]
    async fn ask_in_a_circle(
        &self,
        other: PatientRef,
        collected: bool,
        ctx: &mut Ctx<Self>,
    ) -> bool {
        let mut answer = other.ask_back(ctx.me());
        if !collected {
            return answer.wait(secs(1)).await.is_none();
        }
        let mut requests = Requests::new();
        requests.add((), answer);
        requests.wait(secs(1)).await.is_none()
    }
    #[call]
    async fn ask_back(&self, first: PatientRef) -> Result<(), CallError> {
        first.nothing().await
    }
    #[call]
    fn nothing(&self) {}
}

/// GS-50: who waits with a bound does not wait in a circle.
#[cordial::test]
async fn bounded_wait_is_no_part_of_a_circle() {
    for collected in [false, true] {
        let first = Patient::start(Patient).await.unwrap();
        let second = Patient::start(Patient).await.unwrap();
        let asked = first.ask_in_a_circle(second.clone(), collected);
        assert_eq!(asked.await, Ok(true));
        assert_eq!(second.nothing().await, Ok(()));
    }
}

#[gen_server]
#[derive(Clone)]
struct Stubborn;

#[gen_server]
impl Stubborn {
    /// Collects a call to `other`, which waits for this one; nothing bounds it.
    #[call(timeout = infinity)]
    async fn collect(&self, other: StubbornRef, ctx: &mut Ctx<Self>) -> Result<(), CallError> {
        let mut requests = Requests::new();
        requests.add((), other.ask_back(ctx.me()).no_timeout());
        match requests.next().await {
            Some(((), Ok(()))) | None => Ok(()),
            Some(((), Err(TryCallError::Call(error) | TryCallError::Handler(error)))) => Err(error),
        }
    }
    #[call(timeout = infinity)]
    async fn ask_back(&self, first: StubbornRef) -> Result<(), CallError> {
        first.nothing().no_timeout().await
    }
    #[call]
    fn nothing(&self) {}
}

/// The last one, if nothing bounds it, is awaited as any call.
#[cordial::test]
async fn last_collected_request_without_a_limit_is_told_of_a_circle() {
    let first = Stubborn::start(Stubborn).await.unwrap();
    let second = Stubborn::start(Stubborn).await.unwrap();
    let error = first.collect(second).await.unwrap_err();
    assert!(matches!(error.handler(), Some(CallError::Deadlock(..))));
}
