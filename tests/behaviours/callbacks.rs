//! What callbacks can be, and what comes back to who called.
use crate::servers::{Heap, Last, Slot};
use cordial::gen_server;
use cordial::prelude::*;
use cordial_tests_contract::{ClockRef, NoRoom, RingRef, Storage, StorageRef};

async fn heap() -> (Ref<Heap>, StorageRef) {
    let heap = Heap::start().await.unwrap();
    (heap.clone(), heap.into())
}

async fn slot() -> StorageRef {
    Slot::start(Slot::default()).await.unwrap().into()
}

/// Servers of different types are reached by handles of one type.
#[cordial::test]
async fn calls_and_casts_reach_whoever_has_the_behaviour() {
    for storage in [heap().await.1, slot().await] {
        storage.put("a", "one");
        assert_eq!(storage.get("a").await, Ok(Some("one".to_owned())));
        assert_eq!(storage.get("b").await, Ok(None));
    }
}

/// What it is sent comes into the server's own mailbox, in its order with all else.
#[cordial::test]
async fn messages_of_a_behaviour_keep_their_order_with_the_servers_own() {
    let (heap, storage) = heap().await;
    storage.put("a", "one");
    heap.clear();
    storage.put("b", "two");
    let (len, a, b) = (heap.len(), storage.get("a"), storage.get("b"));
    assert_eq!(len.await, Ok(1));
    assert_eq!(a.await, Ok(None));
    assert_eq!(b.await, Ok(Some("two".to_owned())));
}

/// A callback with a body is optional: a server has the body, or its own.
#[cordial::test]
async fn callback_with_a_body_is_optional() {
    let ((_, heap), slot) = (heap().await, slot().await);
    assert_eq!(heap.try_put("a", "one".to_owned()).await, Ok(1));
    assert_eq!(heap.try_put("b", "two".to_owned()).await, Ok(2));
    assert_eq!(heap.flush().await, Ok(2));
    assert_eq!(slot.try_put("a", "one".to_owned()).await, Ok(1));
    let full = slot.try_put("b", "two".to_owned()).await;
    assert_eq!(full.unwrap_err().handler(), Some(NoRoom { limit: 1 }));
}

/// A call waits as long as the behaviour says, or its caller.
#[cordial::test]
async fn call_has_the_limit_of_its_callback() {
    let storage = slot().await;
    let began = tokio::time::Instant::now();
    let late = storage.flush().await.unwrap_err();
    assert!(matches!(late, CallError::Timeout(limit, _) if limit == millis(50)), "{late}");
    assert_eq!(began.elapsed(), millis(50));
    let late = storage.flush().timeout(millis(5)).await.unwrap_err();
    assert!(late.to_string().starts_with("call `flush` to `Slot`"), "{late}");
}

/// A callback that takes a `ReplyTo` answers when it will; a dropped one is told at once.
#[cordial::test]
async fn callback_may_reply_later() {
    let ((_, heap), slot) = (heap().await, slot().await);
    let waits = heap.wait("a".to_owned());
    heap.put("b", "two");
    heap.put("a", "one");
    assert_eq!(waits.await, Ok("one".to_owned()));
    let dropped = slot.wait("a".to_owned()).await;
    assert!(matches!(dropped, Err(CallError::ReplyDropped(_))), "{dropped:?}");
}

/// A server may have several behaviours; each handle has the methods of its own.
#[cordial::test]
async fn server_has_several_behaviours() {
    let (heap, storage) = heap().await;
    let clock = ClockRef::from(heap.clone());
    assert_eq!(clock.now().await, Ok(7));
    let pid = gen_server::whereis(&heap).unwrap();
    assert_eq!(clock.name().await, Ok(("heap", pid)));
    storage.put("a", "one");
    assert_eq!(heap.len().await, Ok(1));
}

/// A behaviour may have type parameters, as a server may.
#[cordial::test]
async fn behaviour_may_be_generic() {
    let ring: RingRef<u8> = Last::start(Last(vec![1, 2])).await.unwrap().into();
    (3..6).for_each(|n| _ = ring.push(n));
    assert_eq!(ring.all().await, Ok(vec![3, 4, 5]));
    let texts: RingRef<&'static str> = Last::start(Last(vec![])).await.unwrap().into();
    texts.push("a");
    assert_eq!(texts.all().await, Ok(vec!["a"]));
}

/// A callback that returns `Flow::Stop` ends the server.
#[cordial::test]
async fn callback_may_end_its_server() {
    let (heap, storage) = heap().await;
    let down = cordial::process::monitor(&heap);
    storage.close();
    assert_eq!(down.await.reason, ExitReason::Shutdown);
}

/// TYP-6: a panic in a callback ends the server, and its caller learns why.
#[cordial::test]
async fn crash_in_a_callback_is_told_to_its_caller() {
    let (_, storage) = heap().await;
    match storage.get("bomb").await {
        Err(CallError::Down(reason, callee)) => {
            assert!(reason.panic().unwrap().message().contains("somebody asked for it"));
            assert!(callee.to_string().contains("get"), "{callee}");
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(storage.get("a").await, Err(CallError::NoProc(_))));
}

/// Callbacks are methods of the state: no process is needed to try one.
#[test]
fn callbacks_are_plain_methods() {
    let mut slot = Slot::default();
    slot.put("a", "one".to_owned());
    assert_eq!(slot.get("a").as_deref(), Some("one"));
    assert_eq!(slot.try_put("b", "two".to_owned()), Err(NoRoom { limit: 1 }));
}
