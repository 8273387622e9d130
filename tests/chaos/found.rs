//! What a failing history tells, keeps and repeats.

use std::cell::Cell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use cordial::__private::{ChaosTest, run_chaos_test};
use cordial::chaos::{self, Chaos, Faults, any_process, per_second};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};

/// A balance that two tellers read and then write: what comes in between is lost.
#[gen_server]
#[derive(Clone, Default)]
struct Account(i64);

#[gen_server]
impl Account {
    #[call]
    fn balance(&self) -> i64 {
        self.0
    }
    #[cast]
    fn set(&mut self, to: i64) {
        self.0 = to;
    }
    #[cast]
    fn add(&mut self, by: i64) {
        self.0 += by;
    }
}

async fn two_tellers(mut c: Chaos, is_careful: bool) {
    let account = c.local(async || Account::start(Account(0)).await).await;
    let tellers: Vec<_> = (0..2)
        .map(|_| {
            let account = account.clone();
            process::spawn_monitor(async move |_: Mailbox<()>| {
                if is_careful {
                    account.add(1);
                } else if let Ok(balance) = account.balance().await {
                    account.set(balance + 1);
                }
            })
        })
        .collect();
    for (_, down) in tellers {
        down.await;
    }
    assert_eq!(account.balance().await, Ok(2), "a deposit is lost");
}

fn test(name: &'static str) -> ChaosTest {
    let root = env!("CARGO_TARGET_TMPDIR");
    let folder = Path::new(root).join("chaos").join(name);
    let _ = fs::remove_dir_all(folder);
    ChaosTest { name, root, seeds: 500, steps: 200 }
}

fn message(run: impl FnOnce()) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(run)).err()?;
    Some(payload.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn lost_update_is_found_made_small_kept_and_run_first() {
    let (test, is_careful) = (test("lost_update"), Cell::new(false));
    let run = || run_chaos_test(test, |c| two_tellers(c, is_careful.get()));
    let told = message(run).expect("some order loses a deposit");
    assert!(told.contains("lost_update fails with seed "), "{told}");
    assert!(told.contains("a deposit is lost"), "{told}");
    assert!(told.contains("CORDIAL_SEED="), "{told}");
    let plans: Vec<_> = fs::read_dir(Path::new(test.root).join("chaos/lost_update"))
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let [plan] = plans.as_slice() else { panic!("{} plans are kept", plans.len()) };
    let choices = plan.lines().filter(|line| line.starts_with("choice")).count();
    assert!((1..=4).contains(&choices), "{plan}");

    let again = message(run).expect("the kept plan fails, too");
    assert!(again.contains("lost_update/") && again.contains(".plan fails again"), "{again}");
    is_careful.set(true);
    assert_eq!(message(run), None, "what was mended passes, its plan included");
}

/// A server that is not there again after it was killed: the fault is what the plan says.
async fn nobody_starts_it_again(mut c: Chaos) {
    let parent = process::spawn(async |mut mail: Mailbox<()>| {
        process::trap_exit(true);
        let _child = process::spawn_link(async |mut mail: Mailbox<()>| mail.next().await);
        loop {
            mail.receive().await;
        }
    });
    c.faults(Faults::swarm().crash(any_process(), per_second(1.0)));
    c.run_for(secs(20)).await;
    let lives = process::info(&parent).is_some_and(|info| !info.links.is_empty());
    assert!(lives, "the child is gone");
}

#[test]
fn one_fault_is_left_where_one_is_enough() {
    let test = test("one_fault");
    let told = message(|| run_chaos_test(test, nobody_starts_it_again)).expect("kills end it");
    assert!(told.contains("the smallest plan, 1 faults and 0 choices"), "{told}");
    assert!(told.contains("kill #2"), "{told}");
}

#[test]
fn broken_promise_of_the_test_is_told_with_its_name() {
    let test = test("broken_promise");
    let told = message(|| {
        run_chaos_test(test, async |mut c: Chaos| {
            c.always("nobody lives", |w| w.processes() == 0);
            process::spawn(async |mut mail: Mailbox<()>| mail.next().await);
            c.run_for(secs(1)).await;
        });
    });
    assert!(told.unwrap().contains("always `nobody lives`: it does not hold"));
}

#[test]
fn wait_for_what_never_comes_is_told() {
    let history = chaos::history(1, 100, async |_: Chaos| {
        std::future::pending::<()>().await;
    });
    assert!(history.failure().unwrap().contains("waits for what does not come"));
}

#[test]
fn processes_that_never_rest_are_told() {
    let history = chaos::history(1, 1, async |mut c: Chaos| {
        process::spawn(async |mut mail: Mailbox<()>| {
            loop {
                mail.send_self(());
                mail.next().await;
            }
        });
        c.run_for(secs(1)).await;
    });
    assert!(history.failure().unwrap().contains("there is no end"), "{:?}", history.failure());
}

#[test]
fn process_that_is_left_is_told() {
    let history = chaos::history(1, 100, async |_: Chaos| {
        process::spawn(async |_: Mailbox<()>| std::future::pending::<()>().await);
    });
    assert_eq!(history.failure(), None, "the end of the node ends it");
}
