//! Plain processes that link, watch, name and remind one another, and count what they are sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cordial::chaos::{Chaos, Faults, Phase, any_process, per_second};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::test::random;

enum Note {
    /// The n-th that this pid sends.
    Count(Pid, u64),
    Remember,
}

impl cordial::Message for Note {
    fn kind(&self) -> &'static str {
        match self {
            Self::Count(..) => "count",
            Self::Remember => "remember",
        }
    }
}

type Address = cordial::RawRef<Note>;

/// What went wrong, told by who saw it.
#[derive(Clone, Default)]
struct Wrongs(Arc<Mutex<Vec<String>>>);

impl Wrongs {
    fn tell(&self, wrong: String) {
        self.0.lock().unwrap().push(wrong);
    }
}

/// Watches the others, takes a name for a while, sends itself reminders, and checks the order.
async fn member(mut mail: Mailbox<Note>, wrongs: Wrongs, others: Arc<Mutex<Vec<Address>>>) {
    let (mut seen, mut sent) = (BTreeMap::<Pid, u64>::new(), 0);
    let mut watched = BTreeMap::new();
    process::send_after(&mail.address(), millis(3), Note::Remember);
    loop {
        match mail.receive().await {
            Received::Message(Note::Count(from, n)) => {
                let before = seen.insert(from, n);
                if before.is_some_and(|before| before >= n) {
                    wrongs.tell(format!("{n} of {from} after {before:?}"));
                }
            }
            Received::Message(Note::Remember) => {
                let all: Vec<Address> = others.lock().unwrap().clone();
                for other in &all {
                    sent += 1;
                    other.send(Note::Count(mail.pid(), sent));
                    if other.pid().is_some_and(|pid| pid != mail.pid()) {
                        watched.insert(process::monitor_message(other), 0);
                    }
                }
                let _ = process::register("speaker", &mail.pid());
                process::whereis("speaker");
                let _ = process::unregister("speaker");
                process::send_after(&mail.address(), millis(7), Note::Remember);
            }
            Received::Down(down) => match watched.get_mut(&down.monitor) {
                Some(0) => *watched.entry(down.monitor).or_default() = 1,
                other => wrongs.tell(format!("a DOWN too many: {other:?}")),
            },
            _ => {}
        }
    }
}

/// Starts members, and another one for each that ends.
async fn owner(mut mail: Mailbox<()>, wrongs: Wrongs, all: Arc<Mutex<Vec<Address>>>) {
    process::trap_exit(true);
    let begin = || {
        let (wrongs, others) = (wrongs.clone(), all.clone());
        let one =
            process::spawn_link(async |mail: Mailbox<Note>| member(mail, wrongs, others).await);
        all.lock().unwrap().push(one);
    };
    (0..4).for_each(|_| begin());
    loop {
        if let Received::Exit(_) = mail.receive().await {
            all.lock().unwrap().retain(|one| one.pid().is_some());
            begin();
        }
    }
}

#[cordial::chaos_test(seeds = 200, steps = 600)]
async fn crowd_keeps_order_and_hears_of_each_end_once(mut c: Chaos) {
    let (wrongs, all) = (Wrongs::default(), Arc::<Mutex<Vec<Address>>>::default());
    let (told, members) = (wrongs.clone(), all.clone());
    let owner = process::spawn(async |mail: Mailbox<()>| owner(mail, told, members).await);
    c.faults(
        Faults::swarm().crash(any_process(), per_second(20.0)).panic_in(&[Phase::Drop], 0.1).block(
            any_process(),
            0.02,
            millis(1)..millis(50),
        ),
    );
    for _ in 0..5 {
        let one = all.lock().unwrap().first().cloned();
        if let Some(one) = one.filter(|_| random().is_multiple_of(2)) {
            process::exit(&one, ExitReason::custom("enough"));
        }
        c.run_for(millis(20)).await;
    }
    c.heal().await;
    process::exit(&owner, ExitReason::Kill);
    assert_eq!(*wrongs.0.lock().unwrap(), [""; 0]);
}
