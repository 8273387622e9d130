//! Looking into a registry: what stands in it, found without waiting.
use super::entry::{Entry, Record};
use super::store::{self, Store};
use super::{AsKey, Keys, Registry, RegistryError, hold, me};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::{self, Mailbox, Target};
use crate::rt::sync::atomic::AtomicBool;
use std::any::{Any, TypeId};
use std::future::Future;
use std::sync::Arc;

pub(super) fn lookup<R: Registry, Q>(key: &Q) -> Vec<Entry<R>>
where
    Q: AsKey<R::Key> + ?Sized,
{
    let parts = store::with::<R, _>(|store| store.by_part(key)).unwrap_or_default();
    let is_one = parts.len() < 2;
    let mut records: Vec<_> = parts.into_iter().flatten().collect();
    if !is_one {
        records.sort_unstable_by_key(|record| record.number);
    }
    entries(records)
}

fn entries<R: Registry>(records: Vec<Arc<Record<R>>>) -> Vec<Entry<R>> {
    records.into_iter().map(Entry).collect()
}

/// Nothing of the user's runs while the maps are looked at.
pub(super) fn each<R: Registry, Q>(key: &Q, mut f: impl FnMut(&R::Member))
where
    Q: AsKey<R::Key> + ?Sized,
{
    if R::KEYS == Keys::Unique {
        let only = |store: &Store<R>| store.only(key, |record| record.member.clone());
        if let Some(member) = store::with(only).flatten() {
            f(&member);
        }
        return;
    }
    for log in store::with::<R, _>(|store| store.logs(key)).unwrap_or_default() {
        log.each(|record| f(&record.member));
    }
}

/// [`each`], with the whole entries.
pub(crate) fn each_entry<R: Registry, Q>(key: &Q, mut f: impl FnMut(&R::Value, Pid))
where
    Q: AsKey<R::Key> + ?Sized,
{
    for log in store::with::<R, _>(|store| store.logs(key)).unwrap_or_default() {
        log.each(|record| f(&record.value, record.pid));
    }
}

pub(super) fn dispatch_parallel<R: Registry, Q>(
    key: &Q,
    f: impl Fn(&[Entry<R>]) + Send + Sync + 'static,
) -> impl Future<Output = Result<(), ExitReason>> + Send
where
    Q: AsKey<R::Key> + ?Sized,
{
    let store = store::get::<R>();
    let is_here = R::KEYS == Keys::Unique || store.as_ref().is_none_or(|s| s.partitions() < 2);
    let parts = store.map(|store| store.by_part(key)).unwrap_or_default();
    let f = Arc::new(f);
    let begun: Vec<_> = match is_here {
        true => {
            parts.into_iter().for_each(|part| f(&entries(part)));
            Vec::new()
        }
        false => {
            let one = |part| {
                let f = f.clone();
                process::spawn_monitor(async move |_: Mailbox<()>| f(&entries(part))).1
            };
            parts.into_iter().map(one).collect()
        }
    };
    async move {
        let mut result = Ok(());
        for down in begun {
            let reason = down.await.reason;
            if reason != ExitReason::Normal && result.is_ok() {
                result = Err(reason);
            }
        }
        result
    }
}

pub(super) fn of_pid<R: Registry>(pid: Pid) -> Vec<Entry<R>> {
    pid.find().map(|who| entries(hold::entries_of(&who))).unwrap_or_default()
}

pub(super) fn all<R: Registry>() -> Vec<Entry<R>> {
    entries(store::with::<R, _>(Store::all).unwrap_or_default())
}

pub(super) fn update_value<R: Registry, Q>(
    key: &Q,
    f: impl FnOnce(&R::Value) -> R::Value,
) -> Result<(Entry<R>, Entry<R>), RegistryError>
where
    Q: AsKey<R::Key> + ?Sized,
{
    let who = me::<R>()?;
    let store = store::get::<R>().ok_or(RegistryError::NotRunning { registry: R::NAME })?;
    let own = store.only(key, |record| record.clone()).filter(|record| record.pid == who.pid);
    let before = own.ok_or(RegistryError::NotOwner { registry: R::NAME })?;
    let after = Arc::new(Record {
        key: before.key.clone(),
        member: before.member.clone(),
        value: f(&before.value),
        pid: before.pid,
        since: before.since,
        number: before.number,
        gone: AtomicBool::new(false),
    });
    hold::replace(&store, &who, &after);
    Ok((Entry(after), Entry(before)))
}

// ===== Meta =====

pub(super) fn put_meta<R: Registry, T: Any + Send + Sync>(store: &Store<R>, value: T) {
    store.meta.pin().insert(TypeId::of::<T>(), Arc::new(value));
}

pub(super) fn meta<R: Registry, T: Any + Send + Sync>(store: &Store<R>) -> Option<Arc<T>> {
    store.meta.pin().get(&TypeId::of::<T>())?.clone().downcast().ok()
}

pub(super) fn delete_meta<R: Registry, T: Any + Send + Sync>(store: &Store<R>) {
    store.meta.pin().remove(&TypeId::of::<T>());
}
