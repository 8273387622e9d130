//! Process groups.
use crate::support::{check_everywhere, check_races};
use cordial::prelude::*;
use cordial::registry::RegistryError;
use cordial::{GroupEvent, MonitorRef, Pg, gen_server, process};

/// A member of groups.
#[gen_server]
#[derive(Clone, Default)]
struct Worker;

#[gen_server]
impl Worker {
    #[cast]
    fn work(&self) {}
}

type Workers = Pg<Worker>;
struct Elsewhere;
type Others = Pg<Worker, String, Elsewhere>;

/// Whoever monitors groups, and what it is told: joined or left, where, who.
#[gen_server]
#[derive(Clone, Default)]
struct Watcher(Vec<(MonitorRef, bool, String, WorkerRef)>);

#[gen_server]
impl Watcher {
    #[call]
    fn watch(&self, group: &str, ctx: &mut Ctx<Self>) -> (MonitorRef, Vec<WorkerRef>) {
        Workers::monitor(ctx, group).unwrap()
    }
    #[call]
    fn watch_all(&self, ctx: &mut Ctx<Self>) -> (MonitorRef, Vec<(String, WorkerRef)>) {
        Workers::monitor_scope(ctx).unwrap()
    }
    #[info]
    fn changed(&mut self, event: GroupEvent<Worker>) {
        self.0.push(match event {
            GroupEvent::Joined { monitor, group, member } => (monitor, true, group, member),
            GroupEvent::Left { monitor, group, member, .. } => (monitor, false, group, member),
        });
    }
    #[call]
    fn told(&mut self) -> Vec<(MonitorRef, bool, String, WorkerRef)> {
        std::mem::take(&mut self.0)
    }
}

async fn worker() -> WorkerRef {
    Worker::start(Worker).await.unwrap()
}

async fn kill(worker: &WorkerRef) {
    let down = process::monitor(worker);
    process::exit(worker, ExitReason::Kill);
    down.await;
}

const NOT_IN: RegistryError = RegistryError::NotOwner { registry: "Pg" };

/// PG-1: twice in is twice out.
// break: PG-1 runtime/cordial/src/registry/mod.rs
//     `let taken = hold::take_out::<R>(who, |record| Some(record.number) == newest);` =>
//     `let taken = hold::take_out::<R>(who, |record| Some(record.number) <= newest);`
#[test]
fn joining_is_counted() {
    check_everywhere(async || {
        Workers::start().await.unwrap();
        let (one, other) = (worker().await, worker().await);
        Workers::join("a", &one).unwrap();
        Workers::join("a", &other).unwrap();
        Workers::join("a", &one).unwrap();
        assert_eq!(Workers::members("a"), [one.clone(), other.clone(), one.clone()]);
        assert_eq!(Workers::leave("a", &one), Ok(()));
        assert_eq!(Workers::members("a"), [one.clone(), other.clone()]);
        assert_eq!(Workers::leave("b", &one), Err(NOT_IN));
        assert_eq!(Workers::leave("a", &one), Ok(()));
        assert_eq!(Workers::leave("a", &one), Err(NOT_IN));
        assert_eq!(Workers::members("a"), [other]);
    });
}

/// PG-2, PG-5: by the time that its end is seen; whoever is dead does not join.
// break: PG-2 runtime/cordial/src/registry/hold.rs `self.store.remove(&record);` =>
//     `let _ = &self.store;`
// break: PG-5 runtime/cordial/src/pg.rs `let who = member.find().ok_or(nobody)?;` =>
//     `let Some(who) = member.find() else { return Ok(()) }; let _ = nobody;`
#[test]
fn dead_member_is_in_no_group() {
    check_races(async || {
        Workers::start().await.ok();
        let one = worker().await;
        let joined = {
            let one = one.clone();
            #[expect(clippy::disallowed_methods, reason = "a task that is no process")]
            tokio::spawn(async move { drop(Workers::join("a", &one)) })
        };
        Workers::join("b", &one).unwrap();
        kill(&one).await;
        assert_eq!(Workers::members("b"), []);
        joined.await.unwrap();
        let late = Workers::join("a", &one);
        assert_eq!(late, Err(RegistryError::NoProcess { registry: "Pg" }));
        assert_eq!(Workers::members("a"), []);
        assert_eq!(Workers::which_groups(), [""; 0]);
    });
}

/// PG-3
// break: PG-3 runtime/cordial/src/pg.rs `        Self::members(group)` =>
//     `        Self::members(group)[1..].to_vec()`
#[test]
fn scopes_are_apart() {
    check_everywhere(async || {
        Workers::start().await.unwrap();
        let one = worker().await;
        let missing = Err(RegistryError::NotRunning { registry: "Pg" });
        assert_eq!(Others::join("a", &one), missing);
        Others::start().await.unwrap();
        Workers::join("a", &one).unwrap();
        Others::join("b", &one).unwrap();
        assert_eq!(Workers::which_groups(), ["a"]);
        assert_eq!(Others::which_groups(), ["b"]);
        assert_eq!(Others::leave("a", &one), Err(NOT_IN));
        assert_eq!(Workers::local_members("a"), [one]);
    });
}

/// PG-4: who is there, then everything that changes, deaths too, until the monitor is taken away.
// break: PG-4 runtime/cordial/src/pg.rs `Self::notify(false, entry);` => `let _ = entry;`
#[test]
fn monitor_of_a_group_tells_who_comes_and_goes() {
    check_everywhere(async || {
        Workers::start().await.unwrap();
        let (one, other) = (worker().await, worker().await);
        let watcher = Watcher::start(Watcher::default()).await.unwrap();
        Workers::join("a", &one).unwrap();
        let (of_a, there) = watcher.watch("a").await.unwrap();
        assert_eq!(there, std::slice::from_ref(&one));
        let (of_all, there) = watcher.watch_all().await.unwrap();
        assert_eq!(there, [("a".to_owned(), one.clone())]);

        Workers::join("b", &one).unwrap();
        Workers::join("a", &other).unwrap();
        Workers::leave("a", &one).unwrap();
        kill(&other).await;
        let mut told = watcher.told().await.unwrap();
        told.retain(|(monitor, ..)| *monitor == of_a);
        let (a, b) = ("a".to_owned(), "b".to_owned());
        let of =
            |m, joined, group: &String, who: &WorkerRef| (m, joined, group.clone(), who.clone());
        let changes = [(true, &other), (false, &one), (false, &other)];
        assert_eq!(told, changes.map(|(joined, who)| of(of_a, joined, &a, who)));

        assert!(Workers::demonitor(of_a));
        assert!(!Workers::demonitor(of_a));
        kill(&one).await;
        assert_eq!(watcher.told().await.unwrap(), [of(of_all, false, &b, &one)]);
        gen_server::stop(&watcher).await.unwrap();
        assert!(!Workers::demonitor(of_all));
    });
}
