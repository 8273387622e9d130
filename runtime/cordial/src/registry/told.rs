//! Who is told of entries: the registry's listener, and whoever listens to the node's events.
use super::Registry;
use super::entry::{Entry, Event, Record};
use crate::process::{Found, Node, panics};
use crate::telemetry::events::{EntryRegistered, EntryUnregistered, KeyTaken};
use std::sync::Arc;

pub(super) fn registered<R: Registry>(node: &Node, record: &Arc<Record<R>>) {
    R::tell(&Event::Registered(Entry(record.clone())));
    node.telemetry.emit(|| {
        let (key, pid) = (text(record), record.pid);
        EntryRegistered { registry: R::NAME, key, pid }
    });
}

/// A process has taken its entry away.
pub(super) fn left<R: Registry>(who: &Found, record: Arc<Record<R>>) {
    gone(who.process.node(), &record, false);
    R::tell(&Event::Unregistered(Entry(record)));
}

pub(super) fn gone<R: Registry>(node: &Node, record: &Record<R>, process_ended: bool) {
    node.telemetry.emit(|| {
        let (key, pid, held_for) = (text(record), record.pid, record.since.elapsed());
        EntryUnregistered { registry: R::NAME, key, pid, held_for, process_ended }
    });
}

pub(super) fn taken<R: Registry>(node: &Node, refused: &Record<R>, owner: &Record<R>) {
    node.telemetry.emit(|| {
        let (key, pid, held_for) = (text(refused), refused.pid, owner.since.elapsed());
        KeyTaken { registry: R::NAME, key, pid, holder: owner.pid, held_for }
    });
}

/// The key; what its `Debug` does harms nobody.
fn text<R: Registry>(record: &Record<R>) -> String {
    panics::contain(|| format!("{:?}", record.key)).unwrap_or_else(|_| "?".to_owned())
}
