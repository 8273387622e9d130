//! Where the entries of a registry lie is the same in every run: by fixed hashes of keys and
//! processes, and not by one that is drawn anew.
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::{env, fs};

use cordial::chaos;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};

/// Where a child process writes its orders.
const ORDERS: &str = "CHAOS_ORDERS";
const PROCESSES: usize = 4;

registry! {
    Spread: String => Pid, duplicate, value = u32, partitions = 8
}

registry! {
    Only: u32 => Pid, unique, partitions = 8
}

/// In which order one meets those who are registered.
async fn orders() -> (Vec<u32>, Vec<u32>) {
    Spread::start().await.unwrap();
    Only::start().await.unwrap();
    for nth in 0..40 {
        let (done, is_done) = ReplyTo::pair();
        process::spawn(async move |mut mail: Mailbox<()>| {
            Spread::register("tea", nth).unwrap();
            Only::register(&nth, ()).unwrap();
            done.reply(());
            mail.next().await;
        });
        is_done.await.unwrap();
    }
    let by_process = Spread::select(|entry| Some(*entry.value()));
    (by_process, Only::select(|entry| Some(*entry.key())))
}

fn simulated(seed: u64) -> (Vec<u32>, Vec<u32>) {
    let found = Arc::new(Mutex::new(None));
    let place = found.clone();
    let history = chaos::history(seed, 1_000, move |_| {
        let place = place.clone();
        async move {
            let orders = orders().await;
            *place.lock().unwrap() = Some(orders);
        }
    });
    assert_eq!(history.failure(), None, "{}", history.trace());
    found.lock().unwrap().take().unwrap()
}

/// What one of many OS processes does; by itself it is nothing.
#[test]
fn orders_are_written() {
    if let Some(path) = env::var_os(ORDERS) {
        fs::write(path, format!("{:?}", simulated(1))).unwrap();
    }
}

/// REG-22: the same entry lies in the same partition in every OS process.
#[test]
fn partitions_are_the_same_in_every_os_process() {
    let own = format!("{:?}", simulated(1));
    for at in 0..PROCESSES {
        let path = format!("{}/{at}.order", env!("CARGO_TARGET_TMPDIR"));
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "partitions::orders_are_written"]).env(ORDERS, &path);
        assert!(child.output().unwrap().status.success());
        assert_eq!(fs::read_to_string(&path).unwrap(), own);
        fs::remove_file(path).unwrap();
    }
}

/// REG-22: and in every history of one OS process, each of which has a node of its own.
#[test]
fn partitions_are_the_same_in_every_history() {
    let (first, second) = (simulated(1), simulated(1));
    assert_eq!(first, second);
    assert!(!first.0.is_sorted() && !first.1.is_sorted(), "they lie in several places");
}
