//! Readers and writers against the death and the return of a table's owner.
use crate::support::check_on;
use cordial::ets::TableError;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

table! { Lives: u32 => u64, set, public }
table! { Ordered: u32 => u64, ordered_set, public }

/// More where it is optimised.
const LIVES: u64 = if cfg!(debug_assertions) { 200 } else { 4_000 };
const KEYS: u32 = 16;

/// Owns both tables, and fills them with the number of its life.
#[gen_server]
struct Owner {
    tables: (Lives, Ordered),
}

#[gen_server]
impl Owner {
    #[init]
    fn init(lives: Arc<AtomicU64>, ctx: &mut Ctx<Self>) -> Self {
        let life = lives.fetch_add(1, Relaxed);
        let tables = (Lives::new(ctx), Ordered::new(ctx));
        tables.0.insert_all((0..KEYS).map(|key| (key, life))).unwrap();
        tables.1.insert_all((0..KEYS).map(|key| (key, life))).unwrap();
        Self { tables }
    }
    #[call]
    fn tables(&self) -> (LivesRef, OrderedRef) {
        (self.tables.0.reader(), self.tables.1.reader())
    }
}

/// A reader never sees a row of an earlier life after one of a later one, a writer never writes to
/// a life that is over, and everything either works or says `Gone`.
#[test]
fn readers_and_writers_survive_the_deaths_of_an_owner() {
    for workers in [1, 2] {
        check_on(Some(workers), storm);
    }
}

async fn storm() {
    let lives = Arc::new(AtomicU64::new(0));
    let mut tree = Supervisor::builder().max_restarts(u32::MAX, hours(1));
    let owner = tree.add(Owner::child_spec(lives.clone()));
    let tree = tree.start().await.unwrap();
    let (set, sorted) = owner.tables().await.unwrap();
    let newest = Arc::new(AtomicU64::new(0));
    for _ in 0..LIVES {
        let again = cordial::test::restarted(&owner);
        let others: Vec<_> = (0..4).map(|at| reader(&set, &sorted, at, &newest)).collect();
        process::exit(&owner, ExitReason::Kill);
        for other in others {
            assert_eq!(other.await.reason, ExitReason::Normal);
        }
        again.await;
        // Who was restarted has its tables at the addresses that everybody knows.
        newest.store(set.lookup(&0).unwrap().unwrap(), Relaxed);
    }
    assert_eq!(lives.load(Relaxed), LIVES + 1);
    supervisor::stop(&tree).await.unwrap();
    assert!(matches!(set.lookup(&0), Err(TableError::Gone { .. })));
    assert_eq!((set.info(), sorted.info()), (None, None));
}

/// A process that looks and writes while the owner dies and is started again.
fn reader(
    set: &LivesRef,
    sorted: &OrderedRef,
    at: u32,
    newest: &Arc<AtomicU64>,
) -> process::Spawned<()> {
    let (set, sorted, mut newest) = (set.clone(), sorted.clone(), newest.load(Relaxed));
    process::spawn_monitor(async move |_: Mailbox<()>| {
        for _ in 0..40 {
            look(&set, &sorted, at, &mut newest);
        }
    })
    .1
}

fn look(set: &LivesRef, sorted: &OrderedRef, at: u32, newest: &mut u64) {
    let key = at % KEYS;
    if let Ok(Some(life)) = set.lookup(&key) {
        assert!(life >= *newest, "{life} after {newest}");
        *newest = life;
    }
    if let Ok(rows) = sorted.to_vec() {
        assert!(rows.is_sorted());
    }
    // Put back what was read, so that nobody sees a number that was not there.
    if at == 0 {
        let _ = set.update_element(&key, |life| *life += 0);
        let _ = sorted.delete(&key);
    }
}
