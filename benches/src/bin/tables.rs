//! `tables [share]`: what reading and writing a table costs, beside what others would use for it.
//!
//! Each line is a peer, a row and nanoseconds per operation and thread; `cargo xtask bench
//! --tables` runs it several times, with the tables of the BEAM beside it.
#![allow(
    clippy::disallowed_methods,
    reason = "what is measured stands beside plain threads, on the real clock"
)]
#![allow(clippy::print_stdout, reason = "a command talks to a person")]

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use cordial::prelude::*;
use cordial::process::{self, Mailbox};

/// How many rows there are.
const ROWS: u64 = 10_000;
/// How often each thread does what is measured.
const TIMES: u64 = 1_000_000;
/// How many rows a range has.
const RANGE: u64 = 100;

table! { Rows: u64 => u64, set, public }
table! { InOrder: u64 => u64, ordered_set, public }
table! { Aged: u64 => u64, set, public, ttl = 1h, max = 20_000 }

/// What any of them can do.
trait Peer: Sync {
    fn read(&self, key: u64) -> u64;
    fn write(&self, key: u64, value: u64);
    /// One more; what it is then.
    fn count(&self, key: u64) -> u64;
}

/// Numbers at random, quickly.
struct Random(u64);

impl Random {
    fn key(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % ROWS
    }
}

/// Nanoseconds per operation of each of so many threads.
fn measured(threads: u64, times: u64, work: impl Fn(u64) + Sync) -> f64 {
    let begin = Instant::now();
    thread::scope(|scope| {
        for thread in 0..threads {
            let work = &work;
            scope.spawn(move || {
                let mut random = Random(0x9E37_79B9 + thread);
                for _ in 0..times {
                    work(random.key());
                }
            });
        }
    });
    begin.elapsed().as_nanos() as f64 / times as f64
}

fn tell(peer: &str, row: &str, nanos: f64) {
    println!("{peer}\t{row}\t{nanos:.1}");
}

fn all(name: &str, peer: &impl Peer, times: u64) {
    for key in 0..ROWS {
        peer.write(key, key);
    }
    let read = |key| _ = black_box(peer.read(key));
    tell(name, "read, 1 thread", measured(1, times, read));
    tell(name, "read, 2 threads", measured(2, times, read));
    let over = AtomicBool::new(false);
    let beside = thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random(7);
            while !over.load(Relaxed) {
                peer.write(random.key(), 1);
            }
        });
        let beside = measured(1, times, read);
        over.store(true, Relaxed);
        beside
    });
    tell(name, "read beside a writer", beside);
    tell(name, "write, 1 thread", measured(1, times, |key| peer.write(key, key)));
    tell(name, "write, 2 threads", measured(2, times, |key| peer.write(key, key)));
    tell(name, "count, 1 thread", measured(1, times, |key| _ = black_box(peer.count(key))));
}

fn main() {
    let share: f64 = std::env::args().nth(1).and_then(|share| share.parse().ok()).unwrap_or(1.0);
    let times = (TIMES as f64 * share) as u64;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
    let runtime = runtime.expect("a runtime can be built");
    let (rows, ordered, aged) = runtime.block_on(owned());
    all("cordial set", &rows, times);
    all("cordial set, ttl and max", &aged, times);
    all("cordial ordered_set", &ordered, times);
    let range = measured(1, times / 20, |key| {
        black_box(ordered.range(key..key + RANGE).expect("it lives").len());
    });
    tell("cordial ordered_set", "range of 100", range);
    let pinned = measured(1, times / 100, |key| {
        let pinned = rows.pin().expect("it lives");
        for next in key..key + RANGE {
            black_box(pinned.get(&next).expect("it lives"));
        }
    });
    tell("cordial set", "100 reads, pinned once", pinned);
    #[cfg(feature = "maps")]
    others(times);
}

/// Tables of a process that lives as long as the program.
async fn owned() -> (RowsRef, InOrderRef, AgedRef) {
    let (from, tables) = ReplyTo::pair();
    process::spawn(async move |mut mail: Mailbox<()>| {
        let (rows, ordered, aged) = (Rows::new(&mail), InOrder::new(&mail), Aged::new(&mail));
        from.reply((rows.reader(), ordered.reader(), aged.reader()));
        mail.next().await;
    });
    tables.await.expect("the owner lives")
}

macro_rules! peer {
    ($($table:ident)*) => {$(
        impl Peer for $table {
            fn read(&self, key: u64) -> u64 {
                self.lookup(&key).expect("it lives").unwrap_or_default()
            }
            fn write(&self, key: u64, value: u64) {
                self.insert(key, value).expect("it lives");
            }
            fn count(&self, key: u64) -> u64 {
                self.update_counter_or(&key, |value| value, 1, 0).expect("it lives")
            }
        }
    )*};
}
peer!(RowsRef InOrderRef AgedRef);

#[cfg(feature = "maps")]
fn others(times: u64) {
    all("dashmap", &dashmap::DashMap::new(), times);
    all("moka", &moka::sync::Cache::new(2 * ROWS), times);
}

#[cfg(feature = "maps")]
impl Peer for dashmap::DashMap<u64, u64> {
    fn read(&self, key: u64) -> u64 {
        self.get(&key).map(|value| *value).unwrap_or_default()
    }
    fn write(&self, key: u64, value: u64) {
        self.insert(key, value);
    }
    fn count(&self, key: u64) -> u64 {
        let mut value = self.entry(key).or_default();
        *value += 1;
        *value
    }
}

#[cfg(feature = "maps")]
impl Peer for moka::sync::Cache<u64, u64> {
    fn read(&self, key: u64) -> u64 {
        self.get(&key).unwrap_or_default()
    }
    fn write(&self, key: u64, value: u64) {
        self.insert(key, value);
    }
    fn count(&self, key: u64) -> u64 {
        let more = |entry: Option<moka::Entry<u64, u64>>| entry.map_or(1, |it| it.into_value() + 1);
        self.entry(key).and_upsert_with(more).into_value()
    }
}
