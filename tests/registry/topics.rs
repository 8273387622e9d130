//! Topics: who gets what, in which order, and what becomes of the slow.
use crate::support::{check_everywhere, check_on};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::registry::RegistryError;
use cordial::{Message, PubSub, gen_server};

#[derive(Clone, Copy, Debug, PartialEq)]
struct News(u32);

impl Message for News {
    fn kind(&self) -> &'static str {
        "news"
    }
}

type Topics = PubSub<News, &'static str>;

/// It keeps what it hears.
#[gen_server]
#[derive(Clone, Default)]
struct Reader(Vec<u32>);

#[gen_server(mailbox = 8)]
impl Reader {
    #[call]
    fn subscribe(&self, topic: &str, called: &'static str, ctx: &mut Ctx<Self>) -> bool {
        Topics::subscribe_with(ctx, topic, called).is_ok()
    }
    #[call]
    fn unsubscribe(&self, topic: &str) {
        Topics::unsubscribe(topic);
    }
    /// Tells all others, and says how many took it.
    #[call]
    fn publish(&self, topic: &str, news: u32, ctx: &mut Ctx<Self>) -> usize {
        Topics::broadcast_from(ctx.pid(), topic, News(news))
    }
    #[info]
    fn heard(&mut self, news: News) {
        self.0.push(news.0);
    }
    #[call]
    fn all(&self, ctx: &mut Ctx<Self>) -> (Vec<u32>, u64) {
        (self.0.clone(), ctx.dropped())
    }
}

async fn reader() -> ReaderRef {
    Reader::start(Reader::default()).await.unwrap()
}

/// Whoever subscribes hears it, in order, until he unsubscribes or ends.
#[test]
fn subscribers_hear_their_topic_while_they_are_subscribed() {
    check_everywhere(async || {
        let (ann, bob) = (reader().await, reader().await);
        assert!(!ann.subscribe("tea", "ann").await.unwrap(), "it does not run yet");
        assert_eq!(Topics::broadcast("tea", News(0)), 0);
        Topics::start().await.unwrap();
        assert!(ann.subscribe("tea", "ann").await.unwrap());
        assert!(bob.subscribe("tea", "bob").await.unwrap());
        assert!(bob.subscribe("milk", "bob").await.unwrap());

        for news in 1..=3 {
            assert_eq!(Topics::broadcast("tea", News(news)), 2);
        }
        assert_eq!(Topics::broadcast("milk", News(4)), 1);
        assert_eq!(ann.all().await.unwrap().0, [1, 2, 3]);
        assert_eq!(bob.all().await.unwrap().0, [1, 2, 3, 4]);
        let pids = [&ann, &bob].map(|one| gen_server::whereis(one).unwrap());
        assert_eq!(Topics::subscribers("tea"), [(pids[0], "ann"), (pids[1], "bob")]);

        assert_eq!(ann.publish("tea", 5).await.unwrap(), 1);
        assert_eq!(ann.all().await.unwrap().0, [1, 2, 3]);
        ann.unsubscribe("tea").await.unwrap();
        assert_eq!(Topics::broadcast("tea", News(6)), 1);
        let down = process::monitor(&bob);
        process::exit(&bob, ExitReason::Kill);
        down.await;
        assert_eq!(Topics::broadcast("tea", News(7)), 0);
        assert_eq!((Topics::count(), Topics::keys().len()), (0, 0));
    });
}

/// A full mailbox loses what it has no room for, counts it, and holds nobody up.
#[cordial::test]
async fn slow_subscriber_is_bounded_by_its_own_mailbox() {
    Topics::start().await.unwrap();
    let (slow, quick) = (reader().await, reader().await);
    slow.subscribe("tea", "slow").await.unwrap();
    quick.subscribe("tea", "quick").await.unwrap();
    // On one thread nobody reads while this broadcasts.
    let taken: usize = (0..100).map(|n| Topics::broadcast("tea", News(n))).sum();
    assert_eq!(taken, 16);
    for one in [slow, quick] {
        let heard = loop {
            match one.all().await {
                Err(CallError::Full(_)) => tokio::task::yield_now().await,
                other => break other,
            }
        };
        assert_eq!(heard, Ok(((0..8).collect(), 92)));
    }
}

/// Each publisher's order holds for each subscriber, however many there are of both.
#[test]
fn order_of_each_publisher_holds_for_each_subscriber() {
    for workers in [1, 2] {
        check_on(Some(workers), async || {
            Topics::start().await.unwrap();
            let (mut subscribers, mut ready) = (Vec::new(), Vec::new());
            for _ in 0..20 {
                let (from, is_ready) = ReplyTo::pair();
                subscribers.push(process::spawn_monitor(async move |mut mail: Mailbox<News>| {
                    Topics::subscribe_mailbox("all", "").unwrap();
                    from.reply(());
                    let mut next = [0; 4];
                    for _ in 0..400 {
                        let News(news) = mail.next().await;
                        assert_eq!(next[news as usize / 1_000], news % 1_000);
                        next[news as usize / 1_000] += 1;
                    }
                }));
                ready.push(is_ready);
            }
            for one in ready {
                one.await.unwrap();
            }
            for publisher in 0..4 {
                process::spawn(async move |_: Mailbox<()>| {
                    for n in 0..100 {
                        Topics::broadcast("all", News(publisher * 1_000 + n));
                        if n % 16 == 0 {
                            tokio::task::yield_now().await;
                        }
                    }
                });
            }
            for (_, end) in subscribers {
                assert_eq!(end.await.reason, ExitReason::Normal);
            }
            assert_eq!(Topics::count(), 0);
        });
    }
}

/// A process whose mailbox takes something else does not subscribe.
#[test]
fn mailbox_of_another_type_does_not_subscribe() {
    check_everywhere(async || {
        Topics::start().await.unwrap();
        let (from, answer) = ReplyTo::pair();
        process::spawn(async move |_: Mailbox<()>| {
            from.reply(Topics::subscribe_mailbox("tea", ""));
        });
        let refused = Err(RegistryError::NoProcess { registry: "PubSub" });
        assert_eq!(answer.await, Some(refused));
    });
}
