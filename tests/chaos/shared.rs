//! Registries, tables and topics: each step of theirs is a place where others may go on.

use cordial::chaos::{self, Chaos, Faults, Phase, any_process, per_second};
use cordial::ets::Transfer;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Spawned};
use cordial::test::random;
use cordial::{Message, PubSub};

registry! { Desks: u32 => Pid, unique }
registry! { Rooms: u32 => Room, unique }
table! { Sums: u32 => u64, set, public }
table! { Kept: u32 => u64, ordered_set, protected, heir = Archive }

#[derive(Clone)]
struct News;

impl Message for News {
    fn kind(&self) -> &'static str {
        "news"
    }
}

type Topics = PubSub<News>;

#[gen_server]
struct Ledger {
    sums: Sums,
}

#[gen_server]
impl Ledger {
    #[init]
    fn init(ctx: &mut Ctx<Self>) -> Self {
        Self { sums: Sums::new(ctx) }
    }
    #[call]
    fn sums(&self) -> SumsRef {
        self.sums.reader()
    }
}

/// Whether one of so many seeds finds that it goes wrong.
fn is_found<F: Future<Output = ()>>(seeds: u64, test: impl Fn(Chaos) -> F) -> bool {
    (0..seeds).any(|seed| chaos::history(seed, 300, &test).failure().is_some())
}

/// A process that never awaits until it has done it, and then stays.
fn begin<M: Message>(run: impl FnOnce() + Send + 'static) -> Spawned<M> {
    let body = async move |mut mail: Mailbox<M>| {
        run();
        mail.next().await;
    };
    process::spawn_monitor(body).1
}

/// Nobody fails.
async fn done<M: Message>(c: &mut Chaos, one: Spawned<M>) {
    c.run_for(millis(1)).await;
    process::exit(&one.pid(), ExitReason::Shutdown);
    assert_eq!(one.await.reason, ExitReason::Shutdown);
}

async fn two(c: &mut Chaos, run: impl Fn() + Send + Clone + 'static) {
    for one in [begin::<()>(run.clone()), begin(run)] {
        done(c, one).await;
    }
}

async fn two_tellers(mut c: Chaos, is_careful: bool) {
    let ledger = c.local(async || Ledger::start().await).await;
    let sums = ledger.sums().await.unwrap();
    sums.insert(1, 0).unwrap();
    let table = sums.clone();
    two(&mut c, move || {
        if is_careful {
            table.update_element(&1, |sum| *sum += 1).unwrap();
        } else {
            let sum = table.lookup(&1).unwrap().unwrap();
            table.insert(1, sum + 1).unwrap();
        }
    })
    .await;
    assert_eq!(sums.lookup(&1), Ok(Some(2)));
}

#[test]
fn update_of_a_row_in_two_steps_is_found_to_lose_one() {
    assert!(is_found(200, |c| two_tellers(c, false)));
    assert!(!is_found(25, |c| two_tellers(c, true)));
}

async fn two_clerks(mut c: Chaos, is_careful: bool) {
    c.local(async || Desks::start().await).await;
    two(&mut c, move || {
        let is_free = is_careful || Desks::whereis(&1).is_none();
        let taken = is_free && Desks::register(&1, ()).is_ok();
        assert!(is_careful || taken || !is_free, "it was free a moment ago");
    })
    .await;
}

#[test]
fn look_before_a_registration_is_found_to_be_out_of_date() {
    assert!(is_found(200, |c| two_clerks(c, false)));
    assert!(!is_found(25, |c| two_clerks(c, true)));
}

async fn late_reader(mut c: Chaos, looks_first: bool) {
    c.local(async || Topics::start().await).await;
    let writer = begin::<()>(move || {
        if looks_first && Topics::subscribers("tea").is_empty() {
            assert_eq!(Topics::broadcast("tea", News), 0, "nobody was there a moment ago");
        }
    });
    let reader = begin::<News>(|| Topics::subscribe_mailbox("tea", ()).unwrap());
    done(&mut c, writer).await;
    done(&mut c, reader).await;
}

#[test]
fn look_at_who_listens_is_found_to_be_out_of_date() {
    assert!(is_found(200, |c| late_reader(c, true)));
    assert!(!is_found(25, |c| late_reader(c, false)));
}

#[test]
fn trace_tells_the_steps_of_registries_and_tables() {
    let history = chaos::history(5, 0, |c| two_tellers(c, false));
    assert!(history.trace().contains("read Sums #2\nwrite Sums #2\n"), "{}", history.trace());
    let history = chaos::history(5, 0, |c| two_clerks(c, false));
    assert!(history.trace().contains("read Desks #2\nwrite Desks #2\n"), "{}", history.trace());
}

// ===== Under faults =====

#[gen_server(via = Rooms, key = u32)]
#[derive(Clone)]
struct Room;

#[gen_server]
impl Room {
    #[call]
    fn enter(&self) -> bool {
        true
    }
}

/// Keeps what others leave.
#[gen_server]
#[derive(Default)]
struct Archive {
    kept: Vec<Kept>,
}

#[gen_server]
impl Archive {
    #[init]
    fn init() -> Self {
        Self::default()
    }
    #[info]
    fn inherits(&mut self, transfer: Transfer<Kept>) {
        self.kept.push(transfer.table);
    }
}

#[gen_server]
struct Holder {
    kept: Kept,
}

#[gen_server]
impl Holder {
    #[init]
    fn init(archive: ArchiveRef, ctx: &mut Ctx<Self>) -> Self {
        Self { kept: Kept::new(ctx, &archive) }
    }
    #[call]
    fn reader(&self) -> KeptRef {
        self.kept.reader()
    }
    #[call]
    fn put(&mut self, key: u32, value: u64) -> bool {
        self.kept.insert(key, value).is_ok()
    }
}

supervisor! {
    Hall {
        strategy: RestForOne,
        max_restarts: 100_000 in 1s,
        children: [
            names: Rooms,
            archive: Archive(),
            holder: Holder(archive),
            rooms: dynamic Room { by: u32, max_restarts: 100_000 in 1s },
        ],
    }
}

/// By the time that an end is told no key and no table is the dead one's.
#[cordial::chaos_test(seeds = 60, steps = 500)]
async fn what_the_dead_had_is_given_up_before_their_end_is_told(mut c: Chaos) {
    let hall = c.local(async || Hall::start().await).await;
    let phases = [Phase::Init, Phase::Handle, Phase::Drop];
    c.faults(
        Faults::swarm()
            .crash(any_process().under("Hall"), per_second(10.0))
            .panic_in(&phases, 0.02)
            .block(any_process(), 0.02, millis(1)..millis(50)),
    );
    for _ in 0..20 {
        let key = u32::try_from(random() % 3).unwrap();
        if let Ok(room) = Rooms::ensure(&key, Room).await {
            let _ = room.enter().await;
            if let Some(pid) = Rooms::entry(&key).map(|entry| entry.pid()) {
                process::exit(&pid, ExitReason::Kill);
                process::monitor(&pid).await;
                let owner = Rooms::entry(&key).map(|entry| entry.pid());
                assert_ne!(owner, Some(pid), "the dead one has its key");
            }
        }
        let _ = hall.holder.put(key, random()).await;
        if let Ok(table) = hall.holder.reader().await
            && let Some(pid) = table.owner()
        {
            process::exit(&pid, ExitReason::custom("enough"));
            process::monitor(&pid).await;
            assert_ne!(table.owner(), Some(pid), "the dead one has its table");
        }
        c.run_for(millis(20)).await;
    }
    c.heal().await;
    assert_eq!(hall.holder.put(1, 2).await, Ok(true));
    assert_eq!(Rooms::ensure(&1, Room).await.unwrap().enter().await, Ok(true));
}
