//! What a full mailbox does, and calls that nobody waits for any more.
use crate::support::Door;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::telemetry::events::{CallShed, MailboxOverflow};
use cordial::test::{advance, capture_telemetry, start_supervised, sync};
use cordial::{CastWait, SendError};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tokio::time::timeout;

struct Told(u32);

macro_rules! store {
    ($name:ident, $policy:ident) => {
        #[gen_server]
        #[derive(Clone, Default)]
        struct $name(Vec<u32>);

        #[gen_server(mailbox = 3, on_full = $policy)]
        impl $name {
            #[cast]
            fn put(&mut self, number: u32) {
                self.0.push(number);
            }
            #[cast(on_full = reject)]
            fn refuse(&mut self, number: u32) {
                self.0.push(number);
            }
            #[call]
            async fn hold(&self, door: Door) {
                door.0.notified().await;
            }
            #[call]
            fn take(&mut self) -> Vec<u32> {
                std::mem::take(&mut self.0)
            }
            #[call]
            fn dropped(&self, ctx: &mut Ctx<Self>) -> u64 {
                ctx.dropped()
            }
            #[info]
            fn told(&mut self, told: Told) {
                self.0.push(told.0);
            }
        }
    };
}
store!(Sliding, drop_oldest);
store!(Waiting, wait);

fn poll(cast: &mut std::pin::Pin<&mut CastWait>) -> Poll<Result<(), SendError>> {
    cast.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

// ===== drop_oldest =====

async fn sliding() -> (SlidingRef, Door) {
    let (server, door) =
        (start_supervised!(Sliding::child_spec(Sliding::default())), Door::default());
    drop(server.hold(door.clone()));
    advance(millis(1)).await;
    (server, door)
}

#[cordial::test]
async fn full_mailbox_drops_its_oldest_cast_or_info_for_a_younger_one() {
    let (server, door) = sliding().await;
    cordial::send(&server, Told(1)).sent().unwrap();
    for number in 2..7 {
        assert_eq!(server.put(number).sent(), Ok(()));
    }
    door.open();
    sync(&server).await;
    assert_eq!(server.take().await, Ok(vec![4, 5, 6]));
    assert_eq!(server.dropped().await, Ok(3));
    assert_eq!(server.dropped().await, Ok(0));
}

#[cordial::test]
async fn oldest_is_found_also_while_the_server_works_through_its_mail() {
    let (server, door) = sliding().await;
    server.put(1).sent().unwrap();
    let second = Door::default();
    let held = server.hold(second.clone());
    server.put(2).sent().unwrap();
    door.open();
    advance(millis(1)).await; // It holds again, and 2 is all that waits.
    for number in 3..6 {
        server.put(number).sent().unwrap();
    }
    second.open();
    held.await.unwrap();
    sync(&server).await;
    assert_eq!(server.take().await, Ok(vec![1, 3, 4, 5]));
}

#[cordial::test]
async fn call_makes_room_and_is_never_dropped_itself() {
    let (server, door) = sliding().await;
    server.put(1).sent().unwrap();
    server.put(2).sent().unwrap();
    let first = server.take();
    let second = server.take();
    let third = server.take();
    assert!(matches!(server.take().await, Err(CallError::Full(_))), "only calls are left");
    assert_eq!(server.put(3).sent(), Err(SendError::Full));
    assert_eq!(server.refuse(4).sent(), Err(SendError::Full));
    door.open();
    assert_eq!((first.await, second.await, third.await), (Ok(vec![]), Ok(vec![]), Ok(vec![])));
    assert_eq!(server.dropped().await, Ok(2));
}

#[cordial::test]
async fn what_is_to_be_refused_is_neither_dropped_nor_makes_room() {
    let (server, door) = sliding().await;
    server.refuse(1).sent().unwrap();
    server.put(2).sent().unwrap();
    server.put(3).sent().unwrap();
    assert_eq!(server.refuse(4).sent(), Err(SendError::Full));
    server.put(5).sent().unwrap();
    door.open();
    sync(&server).await;
    assert_eq!(server.take().await, Ok(vec![1, 3, 5]));
}

#[cordial::test]
async fn message_that_is_dropped_is_told_of_by_its_kind() {
    let (server, door) = sliding().await;
    let events = capture_telemetry(async {
        for number in 0..4 {
            server.put(number).sent().unwrap();
        }
    })
    .await;
    assert_eq!(events.of::<MailboxOverflow>()[0].kind, "put");
    door.open();
}

// ===== wait =====

async fn waiting() -> (WaitingRef, Door) {
    let (server, door) =
        (start_supervised!(Waiting::child_spec(Waiting::default())), Door::default());
    drop(server.hold(door.clone()));
    advance(millis(1)).await;
    (server, door)
}

#[cordial::test]
async fn cast_waits_for_room_and_casts_keep_the_order_of_their_calls() {
    let (server, door) = waiting().await;
    for number in 0..3 {
        server.put(number).await.unwrap();
    }
    let mut fourth = pin!(server.put(3));
    let mut fifth = pin!(server.put(4));
    assert!(poll(&mut fifth).is_pending() && poll(&mut fourth).is_pending());
    door.open();
    assert_eq!(fifth.await, Ok(()));
    assert_eq!(poll(&mut fourth), Poll::Ready(Ok(())));
    sync(&server).await;
    assert_eq!(server.take().await, Ok(vec![0, 1, 2, 3, 4]));
}

#[cordial::test]
async fn cast_that_is_dropped_while_it_waits_is_not_sent_and_gives_its_place_back() {
    let (server, door) = waiting().await;
    for number in 0..3 {
        server.put(number).await.unwrap();
    }
    let given_up = server.put(3);
    let kept = server.put(4);
    drop(given_up);
    assert_eq!(server.put(5).try_now(), Err(SendError::Full));
    door.open();
    kept.await.unwrap();
    sync(&server).await;
    assert_eq!(server.take().await, Ok(vec![0, 1, 2, 4]));
    assert_eq!(server.put(6).try_now(), Ok(()));
    assert_eq!(server.take().await, Ok(vec![6]));
}

#[cordial::test]
async fn call_stands_in_the_same_line_and_its_limit_counts_there() {
    let (server, door) = waiting().await;
    for number in 0..3 {
        server.put(number).await.unwrap();
    }
    let late = server.put(3);
    assert!(matches!(server.take().timeout(secs(1)).await, Err(CallError::Timeout(..))));
    let taken = server.take();
    door.open();
    late.await.unwrap();
    assert_eq!(taken.await, Ok(vec![0, 1, 2, 3]), "the call that was given up took nothing");
}

/// There is room as soon as a message is taken, also if its handler then waits for something.
#[expect(clippy::disallowed_methods, reason = "a task that is no process")]
#[cordial::test]
async fn who_waits_gets_room_while_a_handler_waits() {
    let (server, first) = waiting().await;
    let second = Door::default();
    let held = server.hold(second.clone());
    for number in 1..=2 {
        server.put(number).await.unwrap();
    }
    let mut last = tokio::spawn(server.put(3));
    advance(millis(1)).await;
    assert!(!last.is_finished(), "three wait already");
    first.open();
    timeout(secs(1), &mut last).await.expect("one of three was taken").unwrap().unwrap();
    second.open();
    held.await.unwrap();
    assert_eq!(server.take().await, Ok(vec![1, 2, 3]));
}

#[cordial::test]
async fn info_never_waits_and_goes_over_the_bound() {
    let (server, door) = waiting().await;
    for number in 0..3 {
        server.put(number).await.unwrap();
    }
    cordial::send(&server, Told(3)).sent().unwrap();
    assert_eq!(server.refuse(4).sent(), Err(SendError::Full));
    door.open();
    sync(&server).await;
    assert_eq!(server.take().await, Ok(vec![0, 1, 2, 3]));
}

#[cordial::test]
async fn who_waits_for_room_learns_of_the_servers_end() {
    let (server, _door) = waiting().await;
    for number in 0..3 {
        server.put(number).await.unwrap();
    }
    let (cast, call) = (server.put(3), server.take());
    process::exit(&server, ExitReason::Kill);
    assert_eq!(cast.await, Err(SendError::NoProc));
    assert!(matches!(call.await, Err(CallError::Down(ExitReason::Killed, _))));
}

#[cordial::test]
async fn line_of_calls_that_were_given_up_does_not_grow() {
    let (server, door) = waiting().await;
    for number in 0..3 {
        server.put(number).await.unwrap();
    }
    for _ in 0..10_000 {
        drop(server.take());
    }
    door.open();
    sync(&server).await;
    assert_eq!(server.take().await, Ok(vec![0, 1, 2]));
}

#[cordial::test(workers = 2)]
async fn producers_that_wait_lose_and_reorder_nothing() {
    let server = start_supervised!(Waiting::child_spec(Waiting::default()));
    let producers: Vec<_> = (0..4u32)
        .map(|producer| {
            let server = server.clone();
            process::spawn_monitor(async move |_: Mailbox<()>| {
                for number in 0..2_000 {
                    server.put(producer * 10_000 + number).await.unwrap();
                }
            })
        })
        .collect();
    for (_, down) in producers {
        assert_eq!(down.await.reason, ExitReason::Normal);
    }
    let all = server.take().await.unwrap();
    assert_eq!(all.len(), 8_000);
    for producer in 0..4 {
        let own: Vec<_> = all.iter().filter(|number| *number / 10_000 == producer).collect();
        assert!(own.is_sorted() && own.len() == 2_000);
    }
}

// ===== shed =====

#[gen_server]
#[derive(Clone, Default)]
struct Cook {
    served: u32,
}

#[gen_server]
impl Cook {
    #[call]
    async fn hold(&self, door: Door) {
        door.0.notified().await;
    }
    #[call(shed)]
    fn cook(&mut self) -> u32 {
        self.served += 1;
        self.served
    }
    #[call(shed)]
    async fn bake(&mut self) -> u32 {
        self.served += 1;
        self.served
    }
    #[call]
    fn always(&mut self) {
        self.served += 1;
    }
    #[call]
    fn served(&self) -> u32 {
        self.served
    }
}

/// GS-16: unless the handler sheds, a call whose caller has gone is handled all the same.
#[cordial::test]
async fn call_whose_caller_has_gone_is_left_if_its_handler_sheds() {
    let (cook, door) = (start_supervised!(Cook::child_spec(Cook::default())), Door::default());
    drop(cook.hold(door.clone()));
    advance(millis(1)).await;
    let events = capture_telemetry(async {
        drop(cook.cook());
        drop(cook.bake());
        assert!(matches!(cook.cook().timeout(secs(1)).await, Err(CallError::Timeout(..))));
        drop(cook.always());
        let wanted = cook.cook();
        door.open();
        assert_eq!(wanted.await, Ok(2));
    })
    .await;
    assert_eq!(cook.served().await, Ok(2));
    let kinds: Vec<_> = events.of::<CallShed>().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["cook", "bake", "cook"]);
}
