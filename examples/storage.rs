//! A behaviour: what two quite different servers can both do, for whoever should know no more.
//!
//! Run with `cargo run -p cordial-examples --example storage`. It checks its own result and exits
//! with an error if that is wrong.
//!
//! The counter of visits is given a `StorageRef`. It can read and write, and neither clear a memory
//! nor sync a journal: the handle has no such methods, and the counter does not know that there are
//! such servers. One of them crashes on the way; the handle finds its successor.

use std::collections::BTreeMap;

use cordial::prelude::*;
use cordial::{gen_server, process, supervisor as tree};

/// Numbers by their names. It could stand in a crate of its own.
#[behaviour]
pub trait Storage {
    /// What is stored under a name.
    #[call]
    fn get(&self, name: &str) -> Option<u64>;
    /// Stores a number.
    #[cast]
    fn put(&mut self, name: &str, value: u64);
    /// Waits until everything is safe, and says how many steps that took; who keeps nothing
    /// elsewhere leaves it out.
    #[call]
    async fn sync(&mut self) -> usize {
        0
    }
}

/// It forgets everything when it crashes.
#[gen_server]
#[derive(Clone, Default)]
struct Memory(BTreeMap<String, u64>);

#[gen_server(behaviours(Storage))]
impl Memory {
    #[cast]
    fn crash(&mut self) {
        panic!("the memory is gone");
    }
}

impl Storage for Memory {
    fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }
    fn put(&mut self, name: &str, value: u64) {
        self.0.insert(name.to_owned(), value);
    }
}

/// It writes down every change.
#[gen_server]
#[derive(Clone, Default)]
struct Journal {
    lines: Vec<(String, u64)>,
    synced: usize,
}

#[gen_server(behaviours(Storage))]
impl Journal {
    #[call]
    fn lines(&self) -> usize {
        self.lines.len()
    }
}

impl Storage for Journal {
    fn get(&self, name: &str) -> Option<u64> {
        let newest = self.lines.iter().rev().find(|(written, _)| written == name)?;
        Some(newest.1)
    }
    fn put(&mut self, name: &str, value: u64) {
        self.lines.push((name.to_owned(), value));
    }
    async fn sync(&mut self) -> usize {
        let steps = self.lines.len() - self.synced;
        for _ in 0..steps {
            process::sleep(millis(1)).await; // A disk would be written to.
        }
        self.synced = self.lines.len();
        steps
    }
}

/// Counts visits, wherever that is stored.
#[gen_server]
struct Visits(StorageRef);

#[gen_server]
impl Visits {
    /// `#[into]` takes the handle of any server that has the behaviour.
    #[init]
    fn init(#[into] storage: StorageRef) -> Self {
        Self(storage)
    }
    /// How often somebody has been here, with this time.
    #[call]
    async fn visit(&mut self, who: &str) -> Result<u64, CallError> {
        let visits = self.0.get(who).await?.unwrap_or(0) + 1;
        self.0.put(who, visits);
        Ok(visits)
    }
}

supervisor! {
    /// Both kinds of storage, and a counter on each.
    Shop {
        children: [
            memory: Memory(Memory::default()),
            journal: Journal(Journal::default()),
            forgetful: Visits(memory),
            careful: Visits(journal),
        ],
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shop = Shop::start().await?;
    for expected in 1..=3 {
        assert_eq!(shop.forgetful.visit("ann").await?, expected);
        assert_eq!(shop.careful.visit("ann").await?, expected);
    }

    let storages: [StorageRef; 2] = [shop.memory.clone().into(), shop.journal.clone().into()];
    for storage in &storages {
        println!("{storage:?} synced in {} steps", storage.sync().await?);
    }
    assert_eq!(shop.journal.lines().await?, 3);

    let before = gen_server::whereis(&storages[0]);
    let down = process::monitor(&storages[0]);
    shop.memory.crash();
    println!("{}", down.await.reason);
    while gen_server::whereis(&storages[0]).is_none_or(|now| Some(now) == before) {
        process::sleep(millis(1)).await;
    }
    assert_eq!(shop.forgetful.visit("ann").await?, 1, "the memory began anew");
    assert_eq!(shop.careful.visit("ann").await?, 4);
    println!("the memory has forgotten ann, the journal has not");
    tree::stop(&shop).await?;
    Ok(())
}
