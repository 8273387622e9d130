//! Values of a process's own.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

process::local! {
    /// Which request a process works for.
    static REQUEST: String;
    static OTHER: String;
    /// Not `Sync`, not `Clone`.
    static COUNT: Cell<u32>;
    static HELD: Held;
}

/// PROC-40: OTP's `put` and `delete` give the old value.
// break: PROC-40 runtime/cordial/src/process/local.rs
//     `Some(std::mem::replace(&mut self.0[at].1, value))`
//     => `Some(std::mem::replace(&mut self.0[at].1, value)).filter(|_| false)`
#[test]
fn value_is_set_read_and_taken_by_its_process() {
    check_everywhere(async || {
        in_process(async |_| {
            assert_eq!(REQUEST.get(), None);
            assert_eq!(REQUEST.set("one".into()), None);
            assert_eq!(REQUEST.set("two".into()), Some("one".into()));
            assert_eq!(OTHER.get(), None);
            tokio::task::yield_now().await;
            assert_eq!(REQUEST.with(|value| value.map(String::len)), Some(3));
            assert_eq!(REQUEST.get(), Some("two".into()));
            assert_eq!(REQUEST.take(), Some("two".into()));
            assert_eq!((REQUEST.take(), REQUEST.get()), (None, None));

            COUNT.set(Cell::new(1));
            COUNT.with(|count| count.unwrap().set(2));
            assert_eq!(COUNT.take().unwrap().get(), 2);
        })
        .await;
    });
}

/// PROC-40: nobody else sees it, and a child inherits nothing.
#[test]
fn value_is_not_seen_by_others_and_not_inherited() {
    check_everywhere(async || {
        in_process(async |_| {
            REQUEST.set("mine".into());
            let (_, child) = process::spawn_monitor(async |_: Mailbox<()>| {
                assert_eq!(REQUEST.get(), None);
                assert_eq!(REQUEST.set("theirs".into()), None);
            });
            check_ends(child, ExitReason::Normal).await;
            assert_eq!(REQUEST.get(), Some("mine".into()));
        })
        .await;
        assert_eq!(REQUEST.get(), None);
    });
}

/// PROC-40: outside of a process there is nothing to read, and setting says what is wrong.
#[test]
#[should_panic = "only a process has values of its own: `REQUEST.set` was called outside of one"]
fn setting_a_value_outside_of_a_process_panics() {
    assert_eq!((REQUEST.get(), REQUEST.take()), (None, None));
    assert!(REQUEST.with(|value| value.is_none()));
    REQUEST.set("nobody's".into());
}

/// PROC-40: a value that is looked at cannot be changed under who looks; it is there afterwards.
#[test]
fn value_cannot_be_set_while_it_is_looked_at() {
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |_: Mailbox<()>| {
            REQUEST.set("one".into());
            REQUEST.with(|_| REQUEST.set("two".into()));
        });
        let down = ends.await;
        let expected = "`REQUEST` is read or set inside its own `with`";
        assert_eq!(down.reason.panic().unwrap().message(), expected);
        in_process(async |_| {
            REQUEST.set("one".into());
            OTHER.set("other".into());
            let both = REQUEST.with(|one| OTHER.with(|other| (one.cloned(), other.cloned())));
            assert_eq!(both, (Some("one".into()), Some("other".into())));
            let look = || REQUEST.with(|_| panic!("while it is looked at"));
            assert!(std::panic::catch_unwind(look).is_err());
            assert_eq!(REQUEST.get(), Some("one".into()));
        })
        .await;
    });
}

/// Counts its drop, or panics in it.
struct Held(Arc<AtomicU32>, bool);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        assert!(!self.1, "dropped a value");
    }
}

/// PROC-40: the values go with the state, before anybody learns of the end, and contained.
#[test]
fn values_are_dropped_with_the_state_also_those_that_panic() {
    check_everywhere(async || {
        let drops = Arc::new(AtomicU32::new(0));
        for panics in [false, true] {
            let (held, before) = (Held(drops.clone(), panics), drops.load(SeqCst));
            let (_, ends) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
                HELD.set(held);
                REQUEST.set("beside it".into());
                mail.next().await;
            });
            dead().await;
            while process::info(&ends.pid()).unwrap().status != process::Status::Waiting {
                dead().await;
            }
            process::exit(&ends.pid(), ExitReason::Kill);
            check_ends(ends, ExitReason::Killed).await;
            assert_eq!(drops.load(SeqCst), before + 1);
        }
    });
}

/// A server that notes where it sees the value.
#[gen_server]
struct Noter {
    seen: Arc<AtomicU32>,
}

#[gen_server]
impl Noter {
    #[init]
    fn new(seen: Arc<AtomicU32>) -> Self {
        REQUEST.set("init".into());
        Self { seen }
    }

    #[call]
    async fn ask(&mut self) -> Option<String> {
        tokio::task::yield_now().await;
        let before = REQUEST.get();
        REQUEST.set("call".into());
        before
    }

    #[terminate]
    fn terminate(&mut self) {
        assert_eq!(REQUEST.get().as_deref(), Some("call"));
        self.seen.fetch_add(1, SeqCst);
    }
}

impl Drop for Noter {
    fn drop(&mut self) {
        if REQUEST.get().as_deref() == Some("call") {
            self.seen.fetch_add(1, SeqCst);
        }
    }
}

/// PROC-40
#[test]
fn value_of_a_server_lasts_from_init_to_the_drop_of_its_state() {
    check_everywhere(async || {
        let seen = Arc::new(AtomicU32::new(0));
        let noter = Noter::start(seen.clone()).await.unwrap();
        assert_eq!(noter.ask().await, Ok(Some("init".into())));
        assert_eq!(noter.ask().await, Ok(Some("call".into())));
        gen_server::stop(&noter).await.unwrap();
        assert_eq!(seen.load(SeqCst), 2);
    });
}
