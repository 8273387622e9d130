//! Handlers of events.
use crate::Gauge;
use crate::support::check_everywhere;
use cordial::event_handlers::{Detached, EventHandler, EventHandlers, Handled};
use cordial::prelude::*;
use cordial::process;
use std::sync::{Arc, Mutex};

type Seen = Arc<Mutex<Vec<(char, u32)>>>;

/// Notes what it is handed, under this name; panics at 13, and has enough at 99.
struct Note(
    char,
    Seen,
    #[expect(dead_code, reason = "counted while it is held")] Option<crate::Inside>,
);

impl EventHandler<u32> for Note {
    fn handle(&mut self, event: &u32) -> Handled {
        assert!(*event != 13, "not this one");
        self.1.lock().unwrap().push((self.0, *event));
        if *event == 99 { Handled::Detach } else { Handled::Continue }
    }

    fn detached(&mut self, _: &Detached) {
        self.1.lock().unwrap().push((self.0, 0));
    }
}

/// Events reach all handlers, in the order in which these were attached.
#[test]
fn event_reaches_all_handlers_in_their_order() {
    check_everywhere(async || {
        let (seen, events) = (Seen::default(), EventHandlers::start().await.unwrap());
        drop(events.attach("b", Note('b', seen.clone(), None)).await.unwrap());
        drop(events.attach("a", Note('a', seen.clone(), None)).await.unwrap());
        events.notify(1);
        assert_eq!(events.sync_notify(2).await, Ok(2));
        assert_eq!(*seen.lock().unwrap(), [('b', 1), ('a', 1), ('b', 2), ('a', 2)]);
        assert_eq!(events.handlers().await.unwrap(), ["b".into(), "a".into()]);
    });
}

/// A handler that fails is detached and told of; the others, and who emits, go on.
#[test]
fn handler_that_fails_goes_alone() {
    check_everywhere(async || {
        let (seen, gauge) = (Seen::default(), Gauge::default());
        let events = EventHandlers::start().await.unwrap();
        let inside = gauge.enter();
        let first = events.attach("first", Note('a', seen.clone(), Some(inside))).await.unwrap();
        let second = events.attach("second", |_: &u32| Handled::Continue).await.unwrap();
        assert_eq!(events.sync_notify(13).await, Ok(1));
        let Detached::Failed(reason) = first.await else { panic!("it did not fail") };
        assert_eq!(reason.panic().unwrap().message(), "not this one");
        assert_eq!(gauge.now(), 0);
        assert_eq!(events.sync_notify(1).await, Ok(1));
        events.stop().await.unwrap();
        assert_eq!(second.await, Detached::Stopped(ExitReason::Normal));
    });
}

/// A handler goes when it wants to, when it is told to, and with the process.
#[test]
fn handler_is_told_why_it_goes() {
    check_everywhere(async || {
        let (seen, events) = (Seen::default(), EventHandlers::start().await.unwrap());
        let attach = |name| events.attach(name, Note('a', seen.clone(), None));
        let own = attach("own").await.unwrap();
        let taken = attach("own").await.unwrap_err().handler().unwrap();
        assert_eq!(taken.to_string(), "a handler called `own` is attached already");
        events.notify(99);
        assert_eq!(own.await, Detached::Itself);
        let removed = attach("own").await.unwrap();
        events.detach("own").await.unwrap();
        assert_eq!(removed.await, Detached::Removed);
        let gone = events.detach("own").await.unwrap_err().handler().unwrap();
        assert_eq!(gone.to_string(), "no handler called `own` is attached");
        assert_eq!(*seen.lock().unwrap(), [('a', 99), ('a', 0), ('a', 0)]);
        let left = attach("own").await.unwrap();
        process::exit(&events, ExitReason::Kill);
        assert_eq!(left.await, Detached::Stopped(ExitReason::Killed));
    });
}

#[gen_server]
#[derive(Clone, Default)]
struct Till(u32);

#[gen_server]
impl Till {
    #[info]
    fn sold(&mut self, price: u32) {
        self.0 += price;
    }
    #[call]
    fn sum(&self) -> u32 {
        self.0
    }
}

/// A server as a handler gets each event as a message, until it is gone.
#[test]
fn server_is_attached_as_long_as_it_lives() {
    check_everywhere(async || {
        let events = EventHandlers::<u32>::start().await.unwrap();
        let till = Till::start(Till(0)).await.unwrap();
        let attached = events.attach_server("till", &till).await.unwrap();
        events.notify(3);
        assert_eq!(events.sync_notify(4).await, Ok(1));
        assert_eq!(till.sum().await, Ok(7));
        gen_server::stop(&till).await.unwrap();
        events.notify(5);
        assert_eq!(attached.await, Detached::Itself);
    });
}

/// They are called as what they are, wherever somebody reads of them.
#[cordial::test]
async fn handlers_that_ended_are_told_by_their_name() {
    let events = EventHandlers::<u32>::start().await.unwrap();
    let status = cordial::sys::get_status(&events.pid().unwrap()).await.unwrap();
    assert_eq!(&*status.server, "EventHandlers");
    events.stop().await.unwrap();
    let gone = events.sync_notify(1).await.unwrap_err();
    assert_eq!(gone.to_string(), "call `event` to `EventHandlers` failed: no such process");
}
