//! What the servers of a type handle, all of them together.
use crate::support::{Clerk, ClerkRef, Door};
use cordial::prelude::*;
use cordial::test::{advance, sync};
use cordial::{Agent, sys};
use std::collections::BTreeMap;

async fn clerk() -> ClerkRef {
    Clerk::start(Clerk::default()).await.unwrap()
}

fn by_kind<const N: usize>(kinds: [(&'static str, u64); N]) -> BTreeMap<&'static str, u64> {
    kinds.into()
}

/// Those that ran before are counted, and those that start later.
#[cordial::test]
async fn type_counts_what_all_its_servers_handle_and_nothing_while_it_is_off() {
    let (early, other) = (clerk().await, Agent::start(|| 0).await.unwrap());
    early.note(1);
    sync(&early).await;
    assert_eq!(sys::counts::<Clerk>(), None);
    sys::count::<Clerk>(true);
    early.note(2);
    other.update(|value| *value += 1).await.unwrap();
    let late = clerk().await;
    late.note(3);
    late.done().await.unwrap();
    sync(&early).await;
    advance(secs(2)).await;
    let counts = sys::counts::<Clerk>().unwrap();
    assert_eq!(counts.by_kind, by_kind([("note", 2), ("done", 1)]));
    assert_eq!((counts.handled, counts.during), (3, secs(2)));
    assert!(counts.server.ends_with("::Clerk"));
    assert_eq!(sys::all_counts(), [counts]);
    sys::count::<Clerk>(true);
    early.note(4);
    sync(&early).await;
    assert_eq!(sys::counts::<Clerk>().unwrap().by_kind["note"], 3, "it goes on");
    sys::count::<Clerk>(false);
    early.note(5);
    sync(&early).await;
    assert_eq!(sys::counts::<Clerk>(), None);
    sys::count::<Clerk>(true);
    early.note(6);
    sync(&early).await;
    assert_eq!(sys::counts::<Clerk>().unwrap().by_kind, by_kind([("note", 1)]));
}

#[cordial::test]
async fn counts_of_servers_that_are_gone_stay() {
    sys::count::<Clerk>(true);
    for _ in 0..300 {
        let clerk = clerk().await;
        clerk.note(1);
        gen_server::stop(&clerk).await.unwrap();
    }
    assert_eq!(sys::counts::<Clerk>().unwrap().handled, 300);
}

#[cordial::test]
async fn all_types_are_counted_by_their_names_and_a_handler_that_awaits_too() {
    sys::count_all(true);
    let (clerk, door) = (clerk().await, Door::default());
    let agent = Agent::start(|| 0).await.unwrap();
    agent.get(|value| *value).await.unwrap();
    clerk.wait_for(door.clone(), 1);
    door.open();
    clerk.done().await.unwrap();
    let all = sys::all_counts();
    let find = |name: &str| all.iter().find(|counts| counts.server.contains(name)).unwrap();
    assert_eq!(find("::Clerk").by_kind, by_kind([("wait_for", 1), ("done", 1)]));
    assert_eq!(find("Keeper<").by_kind, by_kind([("get", 1)]));
    sys::count_all(false);
    assert!(sys::all_counts().is_empty());
}

/// However busy its servers are, nothing is lost and nothing counted twice.
#[cordial::test(workers = 2)]
async fn counts_are_exact_though_servers_work_on_several_threads() {
    sys::count::<Clerk>(true);
    let clerks = [clerk().await, clerk().await, clerk().await];
    for _ in 0..2_000 {
        clerks.iter().for_each(|clerk| {
            clerk.note(1);
        });
    }
    let seen = sys::counts::<Clerk>().unwrap().handled;
    for clerk in &clerks {
        sync(clerk).await;
    }
    assert!(seen <= 6_000);
    assert_eq!(sys::counts::<Clerk>().unwrap().handled, 6_000);
}
