//! Servers that are started under a key.
use crate::support::{check_everywhere, check_races};
use cordial::prelude::*;
use cordial::supervisor::StartChildError;
use cordial::{gen_server, process};

registry! {
    pub(crate) Rooms: String => ChatRoom, unique
}

/// A room of a chat.
#[gen_server(via = Rooms, key = String)]
pub(crate) struct ChatRoom(u32);

/// An instance that starts with this waits for the lock `slow`.
const SLOW: u32 = 99;

/// One has begun to.
struct IsSlow;

#[gen_server]
impl ChatRoom {
    #[init]
    async fn init(start: u32) -> Self {
        if start == SLOW {
            Rooms::put_meta(IsSlow).unwrap();
            drop(Rooms::lock("slow").await.unwrap());
        }
        Self(start)
    }
    #[cast]
    fn say(&mut self) {
        self.0 += 1;
    }
    #[call]
    fn said(&self) -> u32 {
        self.0
    }
    #[call]
    fn ask_oneself(&self, name: &str) -> bool {
        let own = Self::at(name);
        gen_server::whereis(&own) == Some(process::self_pid())
    }
    #[call]
    async fn wait_for_oneself(&self, name: &str) -> Option<CallError> {
        Self::at(name).said().await.err()
    }
    #[cast]
    fn crash(&self) {
        panic!("told to");
    }
}

supervisor! {
    Chat {
        max_restarts: 100 in 5s,
        children: [
            names: Rooms,
            rooms: dynamic ChatRoom { by: String, max_restarts: 100 in 5s },
            lobby: ChatRoom(0),
        ],
    }
}

/// REG-11, GS-10: registered before `init` runs, refused if somebody has the key.
// break: REG-11 runtime/cordial/src/registry/via.rs
//     `store.insert(&record).map_err(|owner| StartError::AlreadyStarted(owner.holder()))?;` =>
//     `let _ = store.insert(&record);`
#[test]
fn server_is_started_and_reached_by_its_key() {
    check_everywhere(async || {
        let missing = ChatRoom::start(0).key("tea").await.unwrap_err();
        assert_eq!(missing, StartError::NoRegistry("Rooms"));
        Rooms::start().await.unwrap();
        let room = ChatRoom::start(0).key("tea").await.unwrap();
        let own = gen_server::whereis(&room).unwrap();
        let taken = ChatRoom::start(5).key("tea").await.unwrap_err();
        assert_eq!(taken, StartError::AlreadyStarted(own.into()));

        ChatRoom::at("tea").say();
        assert_eq!(ChatRoom::at("tea").said().await, Ok(1));
        assert_eq!(ChatRoom::whereis("tea"), Some(room.clone()));
        assert_eq!(Rooms::whereis("tea"), Some(room.clone()));
        assert!(room.ask_oneself("tea").await.unwrap());
        assert_eq!(Rooms::keys_of(own), ["tea"]);

        assert_eq!(ChatRoom::at("attic").say().sent(), Err(SendError::NoProc));
        let nobody = ChatRoom::at("attic").said().await.unwrap_err();
        assert_eq!(nobody.to_string(), "call `said` to `Rooms[\"attic\"]` failed: no such process");
    });
}

/// GS-14, GS-47: every form of a name.
#[test]
fn name_through_a_registry_is_a_name_like_others() {
    check_everywhere(async || {
        Rooms::start().await.unwrap();
        let room = ChatRoom::start(0).key("tea").await.unwrap();
        assert_eq!(gen_server::whereis(&ChatRoom::at("tea")), gen_server::whereis(&room));
        assert_eq!(gen_server::whereis(&ChatRoom::at("attic")), None);
        let error = room.wait_for_oneself("tea").await.unwrap();
        assert!(matches!(error, Some(CallError::Deadlock(..))), "{error:?}");
        let down = process::monitor(&ChatRoom::at("tea"));
        gen_server::stop(&ChatRoom::at("tea")).await.unwrap();
        assert_eq!(down.await.reason, ExitReason::Normal);
        assert!(ChatRoom::whereis("tea").is_none());
    });
}

/// An address that stands for a key reaches whoever has it then.
#[test]
fn address_of_a_key_is_resolved_at_each_send() {
    check_everywhere(async || {
        Rooms::start().await.unwrap();
        let at = ChatRoom::at("tea");
        assert_eq!(at.say().sent(), Err(SendError::NoProc));
        for n in 1..=3 {
            let room = ChatRoom::start(n).key("tea").await.unwrap();
            at.say();
            assert_eq!(at.said().await, Ok(n + 1));
            gen_server::stop(&room).await.unwrap();
        }
    });
}

/// A supervised server has its key again when it is restarted.
#[cordial::test]
async fn restarted_server_has_its_key_again() {
    let chat = Chat::start().await.unwrap();
    let room = chat.rooms.start_child(ChatRoom::child_spec(0).key("tea")).await.unwrap();
    let before = gen_server::whereis(&room).unwrap();
    let taken = chat.rooms.start_child(ChatRoom::child_spec(0).key("tea")).await;
    assert_eq!(taken, Err(StartChildError::Start(StartError::AlreadyStarted(before.into()))));
    let down = process::monitor(&before);
    room.crash();
    down.await;
    chat.rooms.count_children().await.unwrap();
    let entry = Rooms::entry("tea").unwrap();
    assert_ne!(entry.pid(), before);
    assert_eq!(gen_server::whereis(&room), Some(entry.pid()));
    assert_eq!(ChatRoom::at("tea").said().await, Ok(0));
    assert_eq!(chat.lobby.said().await, Ok(0));
    assert!(Rooms::keys_of(gen_server::whereis(&chat.lobby).unwrap()).is_empty());
}

/// Of many who ask for one at once, one starts it.
#[test]
fn ensured_server_is_started_once() {
    check_races(async || {
        let chat = Chat::start().await.unwrap();
        let asked: Vec<_> = (0..8).map(|n| Rooms::ensure("tea", (n,))).collect();
        let mut rooms = Vec::new();
        for one in asked {
            rooms.push(one.await.unwrap());
        }
        rooms.dedup();
        assert_eq!(rooms.len(), 1);
        assert_eq!(chat.rooms.count_children().await.unwrap().active, 1);
        assert_eq!(chat.rooms.ensure("tea", (9,)).await.as_ref(), Ok(&rooms[0]));
        supervisor::stop(&chat).await.unwrap();
    });
}

/// Whoever has the key by the time of a restart stays, and the supervisor does not give up.
#[cordial::test]
async fn child_whose_key_somebody_has_by_now_is_forgotten() {
    let chat = Chat::start().await.unwrap();
    let first = Rooms::ensure("tea", (1,)).await.unwrap();
    let supervisor = chat.rooms.pid().unwrap();
    let busy = Rooms::lock("slow").await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "a task that is no process")]
    let slow = tokio::spawn(chat.rooms.start_child((SLOW,)));
    while Rooms::meta::<IsSlow>().is_none() {
        tokio::task::yield_now().await;
    }
    let down = process::monitor(&first);
    first.crash();
    down.await;
    let other = ChatRoom::start(7).key("tea").await.unwrap();
    drop(busy);
    slow.await.unwrap().unwrap();
    assert_eq!(chat.rooms.count_children().await.unwrap().specs, 1, "the slow one");
    assert_eq!(ChatRoom::whereis("tea"), Some(other.clone()));
    assert_eq!(other.said().await, Ok(7));
    assert_eq!(chat.rooms.pid(), Some(supervisor));
}

/// Nobody to start them under is an error that says so; who is there is found all the same.
#[cordial::test]
async fn ensure_needs_a_supervisor_for_those_who_are_not_there() {
    Rooms::start().await.unwrap();
    let nowhere = Rooms::ensure("tea", (1,)).await;
    assert_eq!(nowhere, Err(StartChildError::Start(StartError::NoStarter("Rooms"))));
    assert_eq!(
        nowhere.unwrap_err().to_string(),
        "the child did not start: no supervisor on this node starts the servers of `Rooms`: the \
         one that does has the child `dynamic T { by: Key }`, and is to run before"
    );
    let tea = ChatRoom::start(1).key("tea").await.unwrap();
    assert_eq!(Rooms::ensure("tea", (1,)).await, Ok(tea));
}
