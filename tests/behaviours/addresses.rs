//! What kind of address the handle of a behaviour is.
use crate::servers::{Heap, HeapRef, Slot};
use cordial::prelude::*;
use cordial::{gen_server, process, supervisor};
use cordial_tests_contract::{ClockRef, StorageRef};
use std::collections::HashSet;

supervisor! {
    Stores {
        children: [
            heap: Heap,
            slot: Slot(Slot::default()),
            reader: Reader(heap),
        ],
    }
}

/// It is told where to read, and not what that is.
#[gen_server]
pub(crate) struct Reader {
    storage: StorageRef,
}

#[gen_server]
impl Reader {
    #[init]
    fn init(#[into] storage: StorageRef) -> Self {
        Self { storage }
    }
    #[call]
    pub(crate) async fn read(&self, name: &str) -> Option<String> {
        self.storage.get(name).await.ok()?
    }
}

/// It survives restarts as the server's own handle does.
#[cordial::test]
async fn handle_of_a_behaviour_survives_restarts() {
    let stores = Stores::start().await.unwrap();
    let storage = StorageRef::from(stores.heap.clone());
    storage.put("a", "one");
    assert_eq!(stores.reader.read("a").await, Ok(Some("one".to_owned())));
    let before = gen_server::whereis(&storage).unwrap();
    let down = process::monitor(&storage);
    let restarted = cordial::test::restarted(&storage);
    stores.heap.crash();
    restarted.await;
    assert!(down.await.reason.panic().is_some());
    assert_ne!(gen_server::whereis(&storage), Some(before));
    assert_eq!(storage.get("a").await, Ok(None));
    storage.put("a", "two");
    assert_eq!(stores.reader.read("a").await, Ok(Some("two".to_owned())));
    supervisor::stop(&stores).await.unwrap();
    assert!(matches!(storage.get("a").await, Err(CallError::NoProc(_))));
    assert_eq!(storage.put("a", "three").sent(), Err(SendError::NoProc));
}

/// Two are equal when they are the same address, and it shows itself as the server does.
#[cordial::test]
async fn handles_are_equal_by_address_and_show_the_server() {
    let [one, two]: [HeapRef; 2] = [Heap::start().await.unwrap(), Heap::start().await.unwrap()];
    let [a, b, c] = [&one, &one, &two].map(|heap| StorageRef::from(heap.clone()));
    assert!(a == b && a == a.clone() && a != c);
    let all: HashSet<StorageRef> = [a.clone(), b, c].into_iter().collect();
    assert_eq!(all.len(), 2);
    assert_eq!(format!("{a:?}"), format!("{one:?}"));
    assert_eq!(format!("{:?}", ClockRef::from(two.clone())), format!("{two:?}"));
    gen_server::stop(&a).await.unwrap();
    assert_eq!(format!("{a:?}"), "Heap<closed>");
    assert_eq!(size_of::<StorageRef>(), 16);
}

/// Of a handle that stands for a name, whoever has the name is reached.
#[cordial::test]
async fn handle_may_stand_for_a_name() {
    let storage: StorageRef = gen_server::named::<Heap>("store").into();
    assert!(matches!(storage.get("a").await, Err(CallError::NoProc(_))));
    assert_eq!(storage.put("a", "one").sent(), Err(SendError::NoProc));
    let heap = Heap::start().name("store").await.unwrap();
    storage.put("a", "one");
    assert_eq!(heap.len().await, Ok(1));
    assert_eq!(gen_server::whereis(&storage), gen_server::whereis(&heap));
}

/// It is a target as any handle: watched, linked, stopped, killed.
#[cordial::test]
async fn whoever_has_the_handle_can_watch_and_stop_the_server() {
    let heap: StorageRef = Heap::start().await.unwrap().into();
    let down = process::monitor(&heap);
    gen_server::stop(&heap).await.unwrap();
    assert_eq!(down.await.reason, ExitReason::Normal);
    let slot: StorageRef = Slot::start(Slot::default()).await.unwrap().into();
    let down = process::monitor(&slot);
    process::exit(&slot, ExitReason::Kill);
    assert_eq!(down.await.reason, ExitReason::Killed);
}

/// It calls itself through a handle of its behaviour.
#[gen_server]
#[derive(Clone, Default)]
struct Mirror(Option<NoseRef>);

#[behaviour]
trait Nose {
    #[call]
    async fn look(&self) -> Result<u8, CallError>;
    #[cast]
    fn turn_to(&mut self, other: NoseRef);
}

#[gen_server(behaviours(Nose))]
impl Mirror {}

impl Nose for Mirror {
    async fn look(&self) -> Result<u8, CallError> {
        match &self.0 {
            Some(other) => match other.look().no_timeout().await {
                Ok(depth) => Ok(depth + 1),
                Err(TryCallError::Call(error) | TryCallError::Handler(error)) => Err(error),
            },
            None => Ok(0),
        }
    }
    fn turn_to(&mut self, other: NoseRef) {
        self.0 = Some(other);
    }
}

/// GS-14: a call to oneself, and a circle of such calls, fail at once.
#[cordial::test]
async fn circle_of_calls_through_behaviours_is_found() {
    let [one, two]: [NoseRef; 2] = [
        Mirror::start(Mirror::default()).await.unwrap().into(),
        Mirror::start(Mirror::default()).await.unwrap().into(),
    ];
    one.turn_to(two.clone());
    assert_eq!(one.look().await.unwrap(), 1);
    two.turn_to(one.clone());
    let circle = one.look().await.unwrap_err();
    assert!(matches!(circle.handler(), Some(CallError::Deadlock(..))));
    one.turn_to(one.clone());
    let own = one.look().await.unwrap_err();
    assert!(matches!(own.handler(), Some(CallError::Deadlock(..))));
}
