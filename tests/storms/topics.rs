//! Broadcasts while subscribers come, leave and die: who is subscribed misses nothing and hears
//! nothing twice.
use crate::full_length::so_many;
use crate::{Dice, Marker, a_while, over, player, storm};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Message, PubSub};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use tokio::task::yield_now;

const LIVES: u64 = so_many(50_000, 600) as u64;
const PUBLISHERS: u64 = 2;
const CROWDS: u64 = 4;

/// Of whom, and the how many-th.
#[derive(Clone, Copy)]
struct News(u64, u64);

impl Message for News {
    fn kind(&self) -> &'static str {
        "news"
    }
}

type Topics = PubSub<News, &'static str>;

/// Tells all, until it is over.
async fn publisher(number: u64, is_over: Arc<AtomicBool>) {
    let mut nth = 0;
    while !is_over.load(SeqCst) {
        Topics::broadcast("harbour", News(number, nth));
        nth += 1;
        yield_now().await;
    }
}

/// Hears some news, and from the first of each publisher on every one.
async fn subscriber(mut mail: Mailbox<News>, most: u64, heard: Arc<AtomicU64>) {
    Topics::subscribe_mailbox("harbour", "storm").unwrap();
    let mut next = [None; PUBLISHERS as usize];
    for nth in 0..most {
        let News(from, number) = mail.next().await;
        let expected = next[from as usize].replace(number + 1);
        assert_eq!(expected.unwrap_or(number), number, "news of {from} are lost or told twice");
        heard.fetch_add(1, SeqCst);
        if nth == most / 2 && number % 7 == 0 {
            Topics::unsubscribe("harbour");
            return;
        }
    }
}

/// One subscriber after the other, of whom some are killed.
async fn crowd(seed: u64, heard: Arc<AtomicU64>) {
    let mut dice = Dice::new(seed);
    for _ in 0..LIVES {
        let (most, heard) = (1 + dice.below(30), heard.clone());
        let one = process::spawn_monitor(move |mail| subscriber(mail, most, heard)).1;
        let (pid, is_killed) = (one.pid(), dice.below(3) == 0);
        if is_killed {
            a_while(dice.below(20)).await;
            process::exit(&pid, ExitReason::Kill);
        }
        let reason = one.await.reason;
        let is_expected = reason == ExitReason::Normal || is_killed && reason == ExitReason::Killed;
        assert!(is_expected, "{reason}");
        assert_eq!(Topics::keys_of(pid), [""; 0], "it is gone, and its entry is there");
    }
}

/// REG-3, REG-6: topics are keys with many entries.
#[test]
fn who_is_subscribed_hears_all_news_once_and_in_order() {
    storm(async || {
        Topics::start().await.unwrap();
        let (is_over, heard) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|number| {
                let is_over = is_over.clone();
                player(move |_: Mailbox<Marker>| publisher(number, is_over))
            })
            .collect();
        let crowds: Vec<_> = (0..CROWDS)
            .map(|seed| {
                let heard = heard.clone();
                player(move |_: Mailbox<Marker>| crowd(seed + 1, heard))
            })
            .collect();
        over(crowds).await;
        is_over.store(true, SeqCst);
        over(publishers).await;
        assert_eq!((Topics::count(), Topics::keys().len()), (0, 0));
        println!("storm of topics: {} news heard", heard.load(SeqCst));
    });
}
