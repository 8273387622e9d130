//! Alarms of mailboxes: what was refused, and what piles up.
use crate::support::Clerk;
use cordial::prelude::*;
use cordial::telemetry::events::{MailboxHighWater, MailboxOverflow};
use cordial::test::{capture_telemetry, start_supervised};

#[gen_server]
#[derive(Clone)]
struct Narrow;

#[gen_server(mailbox = 2)]
impl Narrow {
    #[cast]
    fn put(&self, _number: u32) {}
    #[call]
    fn get(&self) -> u32 {
        7
    }
}

fn flood(clerk: &Ref<Clerk>, most: u32) {
    for number in 0..most {
        clerk.note(number);
    }
}

#[cordial::test]
async fn message_that_a_full_mailbox_refuses_is_told_of() {
    let narrow = start_supervised!(Narrow::child_spec(Narrow));
    let events = capture_telemetry(async {
        for number in 0..3 {
            let _ = narrow.put(number).sent();
        }
        let _ = narrow.get().await;
    })
    .await;
    let kinds: Vec<_> = events.of::<MailboxOverflow>().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["put", "get"]);
}

#[cordial::test]
async fn mailbox_over_the_mark_is_told_of_at_the_mark_and_at_each_doubling() {
    let node = cordial::Node::current().unwrap();
    node.set_high_water_mark(Some(100));
    let clerk = start_supervised!(Clerk::child_spec(Clerk::default()));
    let events = capture_telemetry(async { flood(&clerk, 450) });
    let alarms = events.await.of::<MailboxHighWater>();
    let waiting: Vec<_> = alarms.iter().map(|alarm| alarm.waiting).collect();
    assert_eq!(waiting, [101, 201, 401]);
    assert_eq!((alarms[0].mark, &*alarms[0].server), (100, "Clerk"));
}

#[cordial::test]
async fn mailbox_below_the_mark_is_not_told_of() {
    let node = cordial::Node::current().unwrap();
    let clerk = start_supervised!(Clerk::child_spec(Clerk::default()));
    let flooded = |most| {
        let clerk = clerk.clone();
        capture_telemetry(async move { flood(&clerk, most) })
    };
    assert!(flooded(5_000).await.of::<MailboxHighWater>().is_empty());
    node.set_high_water_mark(None);
    assert!(flooded(30_000).await.of::<MailboxHighWater>().is_empty());
    node.set_high_water_mark(Some(10_000));
    assert!(!flooded(30_000).await.of::<MailboxHighWater>().is_empty());
}
