//! Names and entries of registries, as they come and go.
use crate::support::Clerk;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::telemetry::Event;
use cordial::telemetry::events::{EntryRegistered, EntryUnregistered, KeyTaken, ProcessStart};
use cordial::test::{Events, advance, capture_telemetry};
use std::fmt;
use std::time::Duration;

registry! {
    /// One room per name.
    Rooms: String => Room, unique
}

registry! {
    /// Who is in which room.
    Guests: String => Room, duplicate
}

registry! {
    /// Keys that cannot be shown.
    Broken: Silent => Pid, unique
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Silent;
impl fmt::Debug for Silent {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("not to be shown")
    }
}

#[gen_server(via = Rooms, key = String)]
#[derive(Clone, Default)]
struct Room;

#[gen_server]
impl Room {
    #[call]
    fn enter(&self, key: &str, ctx: &mut Ctx<Self>) {
        ctx.join::<Guests>(key, ()).unwrap();
    }
    #[call]
    fn go_out(&self, key: &str, ctx: &mut Ctx<Self>) {
        ctx.leave::<Guests>(key);
    }
}

fn came(registry: &'static str, key: &str, pid: Pid) -> EntryRegistered {
    EntryRegistered { registry, key: key.to_owned(), pid }
}

fn went(came: EntryRegistered, held_for: Duration, process_ended: bool) -> EntryUnregistered {
    let EntryRegistered { registry, key, pid } = came;
    EntryUnregistered { registry, key, pid, held_for, process_ended }
}

fn names(events: &Events) -> Vec<&'static str> {
    let of_entries = |name: &&str| name.starts_with("cordial.registry");
    events.names().into_iter().filter(of_entries).collect()
}

/// REG-3: also of those that go with their process.
#[cordial::test]
async fn entries_are_told_of_as_they_come_and_go() {
    Rooms::start().await.unwrap();
    Guests::start().await.unwrap();
    let mut pid = None;
    let events = capture_telemetry(async {
        let room = Room::start(Room).key("tea").await.unwrap();
        room.enter("a").await.unwrap();
        room.enter("b").await.unwrap();
        advance(secs(3)).await;
        room.go_out("a").await.unwrap();
        pid = gen_server::whereis(&room);
        let down = process::monitor(&room);
        process::exit(&room, ExitReason::Kill);
        down.await;
    })
    .await;
    let pid = pid.unwrap();
    let [tea, a, b] = [("Rooms", "\"tea\""), ("Guests", "\"a\""), ("Guests", "\"b\"")]
        .map(|(r, k)| came(r, k, pid));
    assert_eq!(events.of::<EntryRegistered>(), [tea.clone(), a.clone(), b.clone()]);
    let gone = events.of::<EntryUnregistered>();
    assert_eq!(gone[0], went(a, secs(3), false));
    assert_eq!(gone.len(), 3, "{events}");
    assert!(gone.contains(&went(tea, secs(3), true)) && gone.contains(&went(b, secs(3), true)));
    assert_eq!(names(&events)[..1], [EntryRegistered::NAME]);
}

/// REG-1: who asked, who has it, and for how long.
#[cordial::test]
async fn keys_that_were_refused_are_told_of() {
    Rooms::start().await.unwrap();
    let first = Room::start(Room).key("tea").await.unwrap();
    let holder = gen_server::whereis(&first).unwrap();
    advance(secs(5)).await;
    let events = capture_telemetry(async {
        assert!(Room::start(Room).key("tea").await.is_err());
    })
    .await;
    let taken = events.of::<KeyTaken>();
    assert_eq!(taken.len(), 1, "{events}");
    assert_eq!((taken[0].registry, taken[0].key.as_str()), ("Rooms", "\"tea\""));
    assert_eq!((taken[0].holder, taken[0].held_for), (holder, secs(5)));
    assert_ne!(taken[0].pid, holder);
    assert_eq!(names(&events), [KeyTaken::NAME]);
}

#[cordial::test]
async fn names_are_told_of_like_entries() {
    let mut pids = None;
    let events = capture_telemetry(async {
        let clerk = Clerk::start(Clerk::default()).name("clerk").await.unwrap();
        let error = Clerk::start(Clerk::default()).name("clerk").await.unwrap_err();
        assert!(matches!(error, StartError::AlreadyStarted(_)));
        let other = process::spawn(async |mut mail: Mailbox<()>| {
            mail.next().await;
        });
        assert!(process::register("clerk", &other).is_err());
        assert!(process::register("one more", &clerk).is_err());
        process::unregister("clerk").unwrap();
        process::register("night clerk", &clerk).unwrap();
        pids = gen_server::whereis(&clerk).zip(other.pid());
        let down = process::monitor(&clerk);
        process::exit(&clerk, ExitReason::Kill);
        down.await;
    })
    .await;
    let (clerk, other) = pids.unwrap();
    let both = ["clerk", "night clerk"].map(|name| came("names", name, clerk));
    assert_eq!(events.of::<EntryRegistered>(), both);
    let [day, night] = both;
    let gone = [went(day, Duration::ZERO, false), went(night, Duration::ZERO, true)];
    assert_eq!(events.of::<EntryUnregistered>(), gone);
    let taken = events.of::<KeyTaken>();
    assert_eq!((taken.len(), taken[1].pid, taken[1].holder), (2, other, clerk), "{events}");
    assert_eq!(events.names()[..2], [EntryRegistered::NAME, ProcessStart::NAME]);
}

/// A key is shown only to those who listen, and a `Debug` that panics harms nobody.
#[cordial::test]
async fn key_is_shown_only_if_somebody_listens() {
    Broken::start().await.unwrap();
    let whole = async || {
        let (_, down) = process::spawn_monitor(async |_: Mailbox<()>| {
            Broken::register(&Silent, ()).unwrap();
        });
        assert_eq!(down.await.reason, ExitReason::Normal);
        assert_eq!(Broken::count(), 0);
    };
    whole().await;
    let events = capture_telemetry(whole()).await;
    assert_eq!(events.of::<EntryRegistered>()[0].key, "?");
    assert_eq!(events.of::<EntryUnregistered>()[0].key, "?");
}

/// What a process leaves behind goes in the order in which it came.
#[cordial::test]
async fn entries_of_the_dead_go_in_the_order_in_which_they_came() {
    Rooms::start().await.unwrap();
    Guests::start().await.unwrap();
    let rooms: Vec<String> = (0..40).map(|number| format!("room {number}")).collect();
    let events = capture_telemetry(async {
        let room = Room::start(Room).key("tea").await.unwrap();
        for key in &rooms {
            room.enter(key).await.unwrap();
        }
        let down = process::monitor(&room);
        process::exit(&room, ExitReason::Kill);
        down.await;
    })
    .await;
    let of_guests = |event: &EntryUnregistered| event.registry == "Guests";
    let gone = events.of::<EntryUnregistered>().into_iter().filter(of_guests);
    let gone: Vec<String> = gone.map(|event| event.key).collect();
    assert_eq!(gone, rooms.iter().map(|key| format!("{key:?}")).collect::<Vec<_>>());
}
