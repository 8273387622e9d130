//! Many local servers, and the simulation.
use crate::support::{Cache, Notes};
use cordial::prelude::*;
use cordial::process;
use cordial::test::sync;

const MANY: u32 = 1_000;

#[cordial::test(workers = 2)]
async fn thousand_local_servers_share_their_thread() {
    let notes = Notes::default();
    let mut caches = Vec::new();
    for number in 0..MANY {
        let cache = Cache::start(notes.clone()).await.unwrap();
        cache.put(number);
        caches.push(cache);
    }
    let answers: Vec<_> = caches.iter().map(|cache| cache.all()).collect();
    for (number, answer) in (0..MANY).zip(answers) {
        assert_eq!(answer.await, Ok(vec![number]));
    }
    let downs: Vec<_> = caches.iter().map(process::monitor).collect();
    for (cache, number) in caches.iter().zip(0u32..) {
        let reason = if number % 2 == 0 { ExitReason::Kill } else { ExitReason::Shutdown };
        process::exit(cache, reason);
    }
    for down in downs {
        down.await;
    }
    assert_eq!(notes.threads().len(), 1);
    assert_eq!(notes.lines().iter().filter(|line| *line == "state dropped").count(), 1_000);
}

#[cordial::test]
async fn messages_of_one_sender_keep_their_order() {
    let cache = Cache::start(Notes::default()).await.unwrap();
    for number in 0..MANY {
        cache.put(number);
    }
    sync(&cache).await;
    assert_eq!(cache.all().await, Ok((0..MANY).collect()));
}
