//! Whose a table is: its end, its heir, giving it away, its address and its name.
use crate::support::*;
use crate::{Nums, NumsRef, Sorted};
use cordial::ets::{self, Kind, Protection, TableError, Transfer};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{ExitReason, gen_server};

table! { Guarded: u32 => u64, set, protected }
table! { Hidden: u32 => u64, ordered_set, private }
table! { Left: u32 => u64, set, protected, heir = Keeper }

/// Owns a table of its own, which it shows and writes to.
#[gen_server]
struct Holder {
    table: Guarded,
}

#[gen_server]
impl Holder {
    #[init]
    fn init(ctx: &mut Ctx<Self>) -> Self {
        Self { table: Guarded::new(ctx) }
    }
    #[call]
    fn reader(&self) -> GuardedRef {
        self.table.reader()
    }
    #[call]
    fn put(&mut self, key: u32, value: u64) -> Result<(), TableError> {
        self.table.insert(key, value)
    }
    #[cast]
    fn crash(&mut self) {
        panic!("on purpose");
    }
}

/// Takes tables that come to it.
#[gen_server]
#[derive(Default)]
struct Keeper {
    left: Option<Left>,
    given: Option<Guarded>,
    told: Vec<(Pid, String)>,
}

#[gen_server]
impl Keeper {
    #[init]
    fn init() -> Self {
        Self::default()
    }
    #[info]
    fn inherits(&mut self, transfer: Transfer<Left>) {
        self.told.push((transfer.from, "inherited".into()));
        self.left = Some(transfer.table);
    }
    #[info]
    fn takes(&mut self, transfer: Transfer<Guarded, String>) {
        self.told.push((transfer.from, transfer.data));
        self.given = Some(transfer.table);
    }
    #[call]
    fn told(&self) -> Vec<(Pid, String)> {
        self.told.clone()
    }
    #[call]
    fn write(&mut self, key: u32, value: u64) -> Result<(), TableError> {
        match (&self.left, &self.given) {
            (Some(left), _) => left.insert(key, value),
            (None, Some(given)) => given.insert(key, value),
            (None, None) => Err(TableError::Gone { table: "none", owner: None }),
        }
    }
}

/// ETS-13: it says so, and whose it was.
// break: ETS-13 runtime/cordial/src/ets/core.rs `core.end(owner);` => `let _ = owner;`
#[cordial::test]
async fn table_dies_with_its_owner() {
    let holder = Holder::start().await.unwrap();
    holder.put(1, 10).await.unwrap();
    let reader = holder.reader().await.unwrap();
    let owner = gen_server::whereis(&holder).unwrap();
    assert_eq!((reader.lookup(&1), reader.owner()), (Ok(Some(10)), Some(owner)));
    gen_server::stop(&holder).await.unwrap();
    let gone = reader.lookup(&1).unwrap_err();
    assert_eq!(gone, TableError::Gone { table: "Guarded", owner: Some(owner) });
    let text = format!("table `Guarded` is gone: its owner {owner} has ended or deleted it");
    assert_eq!(gone.to_string(), text);
    assert_eq!(reader.info(), None);
    assert_eq!(reader.select(|key, _| Some(*key)), Err(gone));
    assert_eq!(format!("{reader:?}"), "Guarded<gone>");
}

/// PROC-34: nobody who has learned of the end finds the table.
#[test]
fn table_is_gone_when_the_end_is_seen() {
    check_races(async || {
        let ((from, table), (go, gone)) = (ReplyTo::pair(), ReplyTo::<()>::pair());
        let (_, down) = process::spawn_monitor(async move |mail: Mailbox<()>| {
            let nums = Nums::new(&mail);
            nums.insert(1, 1).unwrap();
            from.reply(nums.reader());
            gone.await;
        });
        let table: NumsRef = table.await.unwrap();
        assert_eq!(table.lookup(&1), Ok(Some(1)));
        go.reply(());
        down.await;
        assert!(table.lookup(&1).is_err() && table.insert(1, 1).is_err());
    });
}

/// A supervised owner that starts again makes the table anew at the same address, empty.
#[cordial::test]
async fn address_reaches_the_next_incarnations_table() {
    let mut tree = Supervisor::builder();
    let holder = tree.add(Holder::child_spec());
    let tree = tree.start().await.unwrap();
    holder.put(1, 10).await.unwrap();
    let reader = holder.reader().await.unwrap();
    let first = reader.owner().unwrap();
    let again = cordial::test::restarted(&holder);
    holder.crash();
    again.await;
    assert_eq!(reader.lookup(&1), Ok(None));
    holder.put(2, 20).await.unwrap();
    assert_eq!(reader.lookup(&2), Ok(Some(20)));
    assert_eq!(holder.reader().await.unwrap(), reader);
    assert_ne!(reader.owner(), Some(first));
    supervisor::stop(&tree).await.unwrap();
    assert!(reader.lookup(&2).is_err());
}

/// Two tables of one type are two tables, before and after a restart.
#[cordial::test]
async fn tables_of_one_type_keep_apart() {
    in_process(async |mail| {
        let (one, two) = (Nums::new(&mail), Nums::new(&mail));
        assert_ne!(one.reader(), two.reader());
        one.insert(1, 1).unwrap();
        assert_eq!(two.lookup(&1), Ok(None));
        let address = one.reader();
        ets::delete(one).unwrap();
        assert!(address.lookup(&1).is_err());
        let again = Nums::new(&mail);
        assert_eq!((again.reader() == address, address.lookup(&1)), (true, Ok(None)));
        two.insert(1, 2).unwrap();
        assert_eq!(again.lookup(&1), Ok(None));
    })
    .await;
}

/// ETS-14: whatever its owner ends with, with all rows; where the heir is gone, so is the table.
// break: ETS-14 runtime/cordial/src/ets/core.rs
//     `let heir = heir.filter(|heir| is_owner && is_other(heir));`
//     => `let heir = heir.filter(|heir| is_owner && !is_other(heir));`
#[cordial::test]
async fn heir_gets_the_table_when_its_owner_ends() {
    for reason in [ExitReason::Normal, ExitReason::Kill, ExitReason::custom("crash")] {
        let keeper = Keeper::start().await.unwrap();
        let ((from, table), heir) = (ReplyTo::pair(), keeper.clone());
        let ending = reason.clone();
        let (owner, down) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            let table = Left::new(&mail, &heir);
            table.insert(1, 10).unwrap();
            from.reply((table.reader(), table));
            mail.next().await;
            ending
        });
        let (reader, old): (LeftRef, Left) = table.await.unwrap();
        let pid = owner.pid().unwrap();
        assert_eq!(reader.info().unwrap().heir, gen_server::whereis(&keeper));
        match reason {
            ExitReason::Kill => process::exit(&owner, ExitReason::Kill),
            _ => drop(owner.send(())),
        }
        down.await;
        assert_eq!(reader.lookup(&1), Ok(Some(10)));
        assert_eq!(reader.owner(), gen_server::whereis(&keeper));
        assert_eq!(keeper.told().await.unwrap(), [(pid, "inherited".to_owned())]);
        keeper.write(2, 20).await.unwrap();
        assert_eq!(reader.lookup(&2), Ok(Some(20)));
        // A handle of the tenure before writes no more.
        assert!(matches!(old.insert(3, 30), Err(TableError::NotOwner { .. })));
        assert!(matches!(ets::delete(old), Err(TableError::NotOwner { .. })));
        assert_eq!(reader.lookup(&2), Ok(Some(20)));
        gen_server::stop(&keeper).await.unwrap();
        assert!(reader.lookup(&1).is_err());
    }
}

/// ETS-14: an heir that is gone inherits nothing.
#[cordial::test]
async fn table_of_a_dead_heir_is_deleted() {
    let keeper = Keeper::start().await.unwrap();
    let (from, table) = ReplyTo::pair();
    let heir = keeper.clone();
    let (owner, down) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
        let table = Left::new(&mail, &heir);
        from.reply(table.reader());
        mail.next().await;
    });
    let reader: LeftRef = table.await.unwrap();
    gen_server::stop(&keeper).await.unwrap();
    assert_eq!(reader.info().unwrap().heir, None);
    owner.send(());
    down.await;
    assert!(reader.lookup(&1).is_err());
}

/// ETS-15: the one who gives has no handle left to write with; the heir's setting stays.
// break: ETS-15 runtime/cordial/src/ets/core.rs `let old = book.owner.replace(new.clone());`
//     => `self.about.lock().heir = None;
//     let old = book.owner.replace(new.clone());`
#[cordial::test]
async fn table_is_given_to_whoever_takes_it() {
    in_process(async |mail| {
        let (keeper, heir) = (Keeper::start().await.unwrap(), Keeper::start().await.unwrap());
        let dead = Keeper::start().await.unwrap();
        gen_server::stop(&dead).await.unwrap();
        let table = Guarded::new(&mail);
        table.set_heir(&heir, "late".to_owned()).unwrap();
        table.insert(1, 10).unwrap();
        let reader = table.reader();
        let (table, refused) = ets::give_away(table, &dead, "x".to_owned()).unwrap_err();
        assert_eq!(refused, TableError::NoProc { table: "Guarded" });
        table.insert(2, 20).unwrap();
        ets::give_away(table, &keeper, "yours".to_owned()).unwrap();
        assert_eq!(keeper.told().await.unwrap(), [(mail.pid(), "yours".to_owned())]);
        assert_eq!(reader.owner(), gen_server::whereis(&keeper));
        assert_eq!(keeper.write(3, 30).await, Ok(()));
        assert_eq!(reader.size(), Ok(3));
        gen_server::stop(&keeper).await.unwrap();
        assert_eq!(reader.owner(), gen_server::whereis(&heir));
        assert_eq!(reader.size(), Ok(3));
    })
    .await;
}

/// A table that was given away does not end with who gave it.
#[cordial::test]
async fn table_given_away_outlives_its_giver() {
    let keeper = Keeper::start().await.unwrap();
    let (from, table) = ReplyTo::pair();
    let to = keeper.clone();
    let giver = process::spawn_monitor(async move |mail: Mailbox<()>| {
        let table = Guarded::new(&mail);
        table.insert(1, 10).unwrap();
        from.reply(table.reader());
        ets::give_away(table, &to, String::new()).unwrap();
    });
    giver.1.await;
    let reader: GuardedRef = table.await.unwrap();
    assert_eq!(reader.lookup(&1), Ok(Some(10)));
    assert_eq!(keeper.told().await.unwrap().len(), 1);
}

/// ETS-16: a second delete cannot be written, for the first one takes the handle.
// break: ETS-16 runtime/cordial/src/ets/known.rs `return Err((table, since)),` =>
//     `drop((table, since)),`
#[cordial::test]
async fn name_of_a_table_is_its_own_as_long_as_it_lives() {
    in_process(async |mut mail| {
        let (one, two) = (Nums::new(&mail), Nums::new(&mail));
        assert!(ets::whereis::<Nums>("fixes").is_none());
        one.rename("fixes").unwrap();
        assert_eq!(ets::whereis("fixes"), Some(one.reader()));
        assert!(ets::whereis::<Sorted>("fixes").is_none());
        assert_eq!(mail.receive_if(|()| true).after(secs(3)).await, None);
        one.rename("fixes").unwrap();
        let taken = two.rename("fixes").unwrap_err();
        assert_eq!(
            taken.to_string(),
            format!("a table of {} has had the name `fixes` for 3s", mail.pid())
        );
        one.rename("old").unwrap();
        two.rename("fixes").unwrap();
        assert_eq!(ets::whereis("old"), Some(one.reader()));
        assert_eq!(ets::whereis("fixes"), Some(two.reader()));
        assert_eq!(two.info().unwrap().name.as_deref(), Some("fixes"));
        ets::delete(two).unwrap();
        assert!(ets::whereis::<Nums>("fixes").is_none());
    })
    .await;
    assert!(ets::whereis::<Nums>("old").is_none());
}

/// ETS-24: also of a private table; folds of an ordered set go up.
// break: ETS-24 runtime/cordial/src/ets/handle.rs `kind: T::Kind::KIND,`
//     => `kind: super::Kind::Set,`
#[cordial::test]
async fn info_is_complete_and_folds_are_ordered() {
    in_process(async |mail| {
        let hidden = Hidden::new(&mail);
        hidden.insert_all([(3, 1), (1, 2), (2, 3)]).unwrap();
        let folded = hidden.fold(String::new(), |all, key, value| format!("{all}{key}={value} "));
        assert_eq!(folded.unwrap(), "1=2 2=3 3=1 ");
        let others: HiddenRef = hidden.reader();
        let info = others.info().unwrap();
        assert_eq!((info.table, info.name, info.heir), ("Hidden", None, None));
        assert_eq!((info.kind, info.protection), (Kind::OrderedSet, Protection::Private));
        assert_eq!((info.owner, info.size), (mail.pid(), 3));
        assert!(info.memory > 3 * 12);
    })
    .await;
}

/// ETS-12: what others may do is their handle's type; that of a tenure that is over writes nothing.
#[cordial::test]
async fn protection_lets_everybody_ask_what_a_table_is() {
    in_process(async |mail| {
        let (public, protected) = (Nums::new(&mail), Guarded::new(&mail));
        let hidden = Hidden::new(&mail);
        let others = (public.reader(), protected.reader(), hidden.reader());
        let elsewhere = process::spawn_monitor(async move |_: Mailbox<()>| {
            let (public, protected, hidden) = others;
            public.insert(1, 1).unwrap();
            assert_eq!(public.lookup(&1), Ok(Some(1)));
            assert_eq!(protected.lookup(&1), Ok(None));
            assert_eq!(hidden.info().unwrap().protection, Protection::Private);
            assert_eq!(hidden.size(), Ok(0));
        });
        assert_eq!(elsewhere.1.await.reason, ExitReason::Normal);
    })
    .await;
}
