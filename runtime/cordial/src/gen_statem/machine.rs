//! Pure: which event comes next, what is kept for later, which timeouts run.
//!
//! ```text
//!            settle(outcome)                       next()
//!  a clause ───────────────▶ injected ─┐
//!                            tried again ├─▶ queue ──▶ an event
//!  postponed ──(new state)──▶──────────┘      │ empty
//!                            due at once ─────┴─────▶ a timeout
//!                            due at a time ─ due(at) ▶ a timeout
//!                                                     nothing: the mailbox's turn
//! ```
//!
//! The rules are numbered as in OTP's: what is injected comes before what is tried again (FSM-4)
//! and before what was injected earlier (FSM-5); what is postponed is tried again in another state
//! only (FSM-6), in the order in which it came (FSM-7); a new state cancels the state timeout
//! (FSM-9), any event the event timeout (FSM-10), nothing a named one (FSM-11).
use std::collections::VecDeque;

/// The queue of one state machine: `S` are its states, `E` its events, `T` points in time.
#[derive(Clone, Debug)]
pub(crate) struct Machine<S, E, T> {
    state: S,
    /// What comes before the mailbox, the next in front.
    queue: VecDeque<E>,
    /// What waits for another state, the oldest in front.
    postponed: VecDeque<E>,
    /// In the order in which they were armed; one per name.
    timeouts: Vec<Timeout<E, T>>,
}

/// Which timeout it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Of the state: another state cancels it.
    State,
    /// Of the silence: any event cancels it.
    Event,
    /// One that nothing cancels but its name.
    Named(&'static str),
}

/// A timeout that runs.
#[derive(Clone, Debug)]
struct Timeout<E, T> {
    which: Which,
    due: Due<T>,
    /// What a named one brings.
    event: Option<E>,
}

/// When a timeout fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due<T> {
    /// Before the mailbox is looked at.
    AtOnce,
    At(T),
}

/// What a clause asks of a timeout.
#[derive(Clone, Debug)]
pub(crate) struct Set<E, T> {
    pub(crate) which: Which,
    pub(crate) change: Change<E, T>,
}

/// How a timeout changes.
#[derive(Clone, Debug)]
pub(crate) enum Change<E, T> {
    Start(Due<T>, Option<E>),
    Cancel,
    /// Another event, at the same time; one that does not run fires at once.
    Update(Option<E>),
}

/// Where a clause leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Leads<S> {
    Keep,
    Repeat,
    To(S),
}

/// What came of an event.
#[derive(Clone, Debug)]
pub(crate) struct Outcome<S, E> {
    pub(crate) leads: Leads<S>,
    /// The event itself, if it waits for another state.
    pub(crate) postponed: Option<E>,
    /// What was injected, in the order in which it is to come.
    pub(crate) injected: Vec<E>,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Coming<E> {
    Event(E),
    Timeout(Which, Option<E>),
}

impl<S: Clone + PartialEq, E, T: Copy + Ord> Machine<S, E, T> {
    pub(crate) fn new(state: S) -> Self {
        let (queue, postponed) = (VecDeque::new(), VecDeque::new());
        Self { state, queue, postponed, timeouts: Vec::new() }
    }

    pub(crate) fn state(&self) -> &S {
        &self.state
    }

    /// Puts another state in its place: no transition, so nothing is tried again (FSM-24).
    pub(crate) fn replace_state(&mut self, state: S) {
        self.state = state;
    }

    /// How many events wait for another state.
    #[cfg(test)]
    pub(crate) fn postponed(&self) -> usize {
        self.postponed.len()
    }

    /// An event was handled. `Some(old)`: a state was entered, from this one (FSM-16, FSM-17). What
    /// was asked of timeouts meanwhile, by `enter` too, is [`set`](Self::set) next (FSM-27).
    pub(crate) fn settle(&mut self, outcome: Outcome<S, E>) -> Option<S> {
        let Outcome { leads, postponed, injected } = outcome;
        self.postponed.extend(postponed);
        self.stop(Which::Event);
        let entered = self.lead(leads);
        for event in injected.into_iter().rev() {
            self.queue.push_front(event);
        }
        entered
    }

    fn lead(&mut self, leads: Leads<S>) -> Option<S> {
        match leads {
            Leads::Keep => None,
            Leads::Repeat => Some(self.state.clone()),
            Leads::To(state) if state == self.state => None,
            Leads::To(state) => {
                self.stop(Which::State);
                let again = self.postponed.drain(..).rev();
                again.for_each(|event| self.queue.push_front(event));
                Some(std::mem::replace(&mut self.state, state))
            }
        }
    }

    /// Arms, cancels and changes timeouts: what one transition asks for. Of each the last word
    /// counts, and what was said before it does not.
    pub(crate) fn set(&mut self, timeouts: impl IntoIterator<Item = Set<E, T>>) {
        let mut last: Vec<Set<E, T>> = Vec::new();
        for set in timeouts {
            last.retain(|earlier| earlier.which != set.which);
            last.push(set);
        }
        for Set { which, change } in last {
            match change {
                Change::Start(due, event) => {
                    self.stop(which);
                    self.timeouts.push(Timeout { which, due, event });
                }
                Change::Cancel => self.stop(which),
                Change::Update(event) => match self.running(which) {
                    Some(timeout) => timeout.event = event,
                    None => self.timeouts.push(Timeout { which, due: Due::AtOnce, event }),
                },
            }
        }
    }

    fn running(&mut self, which: Which) -> Option<&mut Timeout<E, T>> {
        self.timeouts.iter_mut().find(|timeout| timeout.which == which)
    }

    fn stop(&mut self, which: Which) {
        self.timeouts.retain(|timeout| timeout.which != which);
    }

    /// What comes before the mailbox; `None`: it is the mailbox's turn.
    pub(crate) fn next(&mut self) -> Option<Coming<E>> {
        if let Some(event) = self.queue.pop_front() {
            return Some(Coming::Event(event));
        }
        let place = self.timeouts.iter().position(|timeout| timeout.due == Due::AtOnce)?;
        Some(self.fire(place))
    }

    /// The timeout that is due first, if it is due at `now`.
    pub(crate) fn due(&mut self, now: T) -> Option<Coming<E>> {
        let due = |timeout: &Timeout<E, T>| timeout.due <= Due::At(now);
        let running = self.timeouts.iter().enumerate().filter(|(_, timeout)| due(timeout));
        let (place, _) = running.min_by_key(|(place, timeout)| (timeout.due, *place))?;
        Some(self.fire(place))
    }

    fn fire(&mut self, place: usize) -> Coming<E> {
        let Timeout { which, event, .. } = self.timeouts.remove(place);
        Coming::Timeout(which, event)
    }

    /// When [`due`](Self::due) has something next.
    pub(crate) fn earliest(&self) -> Option<T> {
        let times = self.timeouts.iter().filter_map(|timeout| match timeout.due {
            Due::AtOnce => None,
            Due::At(time) => Some(time),
        });
        times.min()
    }

    /// Whether this timeout runs.
    #[cfg(test)]
    pub(crate) fn runs(&self, which: Which) -> bool {
        self.timeouts.iter().any(|timeout| timeout.which == which)
    }
}
