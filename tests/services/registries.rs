//! Registries, as the scenarios ask them.
use crate::people::People;
use crate::{list, number, sorted};
use cordial::prelude::*;
use cordial::process;
use cordial::registry::{Entry, Event, Keeper, Registry, RegistryError, Unique};
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::{Arc, Mutex};

registry! { Only: String => Pid, unique, value = i64, listener = OfOnly }
registry! { OnlySpread: String => Pid, unique, value = i64, partitions = 8 }
registry! { Many: String => Pid, duplicate, value = i64, listener = OfMany }
registry! { ManySpread: String => Pid, duplicate, value = i64, partitions = 8 }
registry! { Rooms: String => Room, unique }

/// Values beside the entries.
struct Colour(i64);
struct Size(i64);

/// What a listener has heard.
type Heard = Arc<Mutex<Vec<Said>>>;

/// Who, and what: a key with a value, or one that was left.
type Said = (Pid, String);

macro_rules! listener {
    ($($name:ident $called:tt $registry:ident)*) => {$(
        #[gen_server(name = $called)]
        #[derive(Clone)]
        struct $name(Heard);

        #[gen_server]
        impl $name {
            #[info]
            fn heard(&mut self, event: Event<$registry>) {
                let said = match event {
                    Event::Registered(entry) => {
                        (entry.pid(), format!("has {} {}", entry.key(), entry.value()))
                    }
                    Event::Unregistered(entry) => (entry.pid(), format!("left {}", entry.key())),
                };
                self.0.lock().unwrap().push(said);
            }
        }
    )*};
}
listener! { OfOnly "of only" Only OfMany "of many" Many }

/// The registry of a scenario.
pub(crate) struct Registries {
    kind: Kind,
    process: Pid,
    heard: Heard,
}

#[derive(Clone, Copy)]
enum Kind {
    Only,
    OnlySpread,
    Many,
    ManySpread,
    Rooms,
}

impl Registries {
    pub(crate) async fn start(keys: &str, is_spread: bool) -> Self {
        let heard = Heard::default();
        let (kind, process) = match (keys, is_spread) {
            ("unique", false) => (Kind::Only, started::<Only>().await),
            ("unique", true) => (Kind::OnlySpread, started::<OnlySpread>().await),
            ("duplicate", false) => (Kind::Many, started::<Many>().await),
            ("duplicate", true) => (Kind::ManySpread, started::<ManySpread>().await),
            ("via", _) => (Kind::Rooms, started::<Rooms>().await),
            _ => panic!("no kind `{keys}`"),
        };
        OfOnly::start(OfOnly(heard.clone())).await.unwrap();
        OfMany::start(OfMany(heard.clone())).await.unwrap();
        Self { kind, process, heard }
    }

    pub(crate) async fn answer(&self, words: &[&str], people: &mut People) -> Option<String> {
        match *words {
            ["end_registry"] => {
                let down = process::monitor(&self.process);
                process::exit(&self.process, ExitReason::Kill);
                down.await;
                return None;
            }
            ["heard"] => {
                cordial::test::advance(millis(1)).await;
                let heard = std::mem::take(&mut *self.heard.lock().unwrap());
                return Some(list(
                    heard.iter().map(|(who, what)| format!("{} {what}", people.name_of(*who))),
                ));
            }
            _ => {}
        }
        Some(match self.kind {
            Kind::Only => unique::<Only>(words, people).await,
            Kind::OnlySpread => unique::<OnlySpread>(words, people).await,
            Kind::Many => common::<Many>(words, people).await,
            Kind::ManySpread => common::<ManySpread>(words, people).await,
            Kind::Rooms => by_key(words, people).await,
        })
    }
}

async fn started<R: Registry>() -> Pid {
    let keeper: Ref<Keeper<R>> = R::start().await.unwrap();
    gen_server::whereis(&keeper).unwrap()
}

fn pairs<R: Registry<Value = i64>>(entries: &[Entry<R>], people: &People) -> Vec<String> {
    let text = |entry: &Entry<R>| format!("{} {}", people.name_of(entry.pid()), entry.value());
    entries.iter().map(text).collect()
}

/// What only a registry with unique keys answers, and the rest.
async fn unique<R>(words: &[&str], people: &mut People) -> String
where
    R: Unique + Registry<Key = String, Member = Pid, Value = i64>,
{
    let ["update", who, key, by] = *words else { return common::<R>(words, people).await };
    let (key, by) = (key.to_owned(), number(by));
    let updated = people.be(who, move || R::update_value(key.as_str(), |value| value + by)).await;
    match updated {
        Ok((after, before)) => format!("{} to {}", before.value(), after.value()),
        Err(_) => "error".to_owned(),
    }
}

async fn common<R>(words: &[&str], people: &mut People) -> String
where
    R: Registry<Key = String, Member = Pid, Value = i64>,
{
    match changed::<R>(words, people).await {
        Break(answer) => answer,
        Continue(()) => looked::<R>(words, people).await,
    }
}

async fn changed<R>(words: &[&str], people: &People) -> ControlFlow<String>
where
    R: Registry<Key = String, Member = Pid, Value = i64>,
{
    let (who, key) = match *words {
        [_, who, key, ..] => (who, key.to_owned()),
        _ => return Continue(()),
    };
    match *words {
        ["register", .., value] => {
            let value = number(value);
            let registered = people.be(who, move || R::register(key.as_str(), value)).await;
            Break(match registered {
                Ok(()) => "ok".to_owned(),
                Err(RegistryError::Taken { pid, .. }) => {
                    format!("taken by {}", people.name_of(pid))
                }
                Err(error) => error.to_string(),
            })
        }
        ["unregister", ..] => {
            people.be(who, move || R::unregister(key.as_str())).await;
            Break("ok".to_owned())
        }
        ["unregister_above", .., bound] => {
            let bound = number(bound);
            let above = move |value: &i64| *value > bound;
            people.be(who, move || R::unregister_match(key.as_str(), above)).await;
            Break("ok".to_owned())
        }
        ["unregister_equal", .., equal] => {
            let equal = number(equal);
            let is_equal = move |value: &i64| *value == equal;
            people.be(who, move || R::unregister_match(key.as_str(), is_equal)).await;
            Break("ok".to_owned())
        }
        _ => Continue(()),
    }
}

async fn looked<R>(words: &[&str], people: &People) -> String
where
    R: Registry<Key = String, Member = Pid, Value = i64>,
{
    let above = |bound: &str| {
        let bound = number(bound);
        move |value: &i64| *value > bound
    };
    match *words {
        ["lookup", key] => list(pairs(&R::lookup(key), people)),
        ["keys", who] => {
            people.puppet(who).await;
            sorted(R::keys_of(people.pid(who)))
        }
        ["values", who, key] => {
            people.puppet(who).await;
            list(R::values_of(key, people.pid(who)).iter().map(i64::to_string))
        }
        ["count"] => R::count().to_string(),
        ["match", key, bound] => list(pairs(&R::matching(key, above(bound)), people)),
        ["count_match", key, bound] => R::count_matching(key, above(bound)).to_string(),
        ["select", bound] => {
            let wants = above(bound);
            let text = |entry: &Entry<R>| {
                let text =
                    || format!("{} {} {}", entry.key(), people.name_of(entry.pid()), entry.value());
                wants(entry.value()).then(text)
            };
            sorted(R::select(text))
        }
        ["select_either", low, high] => {
            let (low, high) = (number(low), number(high));
            let either = |value: i64| (value < low || value > high).then_some(value);
            let mut values = R::select(|entry| either(*entry.value()));
            values.sort_unstable();
            list(values.iter().map(i64::to_string))
        }
        ["count_select", bound] => {
            let wants = above(bound);
            R::count_select(|entry| wants(entry.value())).to_string()
        }
        ["dispatch", key] => {
            let mut told = Vec::new();
            R::dispatch(key, |entries| told = pairs(entries, people));
            format!("{} ok", sorted(told))
        }
        ["put_meta", _, value] => {
            R::put_meta(Colour(number(value))).unwrap();
            "ok".to_owned()
        }
        ["meta", "colour"] => meta(R::meta::<Colour>().map(|colour| colour.0)),
        ["meta", "size"] => meta(R::meta::<Size>().map(|size| size.0)),
        ["delete_meta", "colour"] => {
            R::delete_meta::<Colour>();
            "ok".to_owned()
        }
        ["tied", who] => {
            let puppet = people.puppet(who).await;
            (!process::info(&puppet).unwrap().links.is_empty()).to_string()
        }
        _ => panic!("no question {words:?}"),
    }
}

fn meta(value: Option<i64>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

/// A server that is found by its key.
#[gen_server(via = Rooms, key = String)]
struct Room {
    who: String,
    told: u32,
}

#[gen_server]
impl Room {
    #[init]
    fn init(who: String) -> Self {
        Self { who, told: 0 }
    }
    #[call]
    fn who(&self) -> String {
        format!("{} {}", self.who, self.told)
    }
    #[cast]
    fn more(&mut self) {
        self.told += 1;
    }
}

async fn by_key(words: &[&str], people: &People) -> String {
    match *words {
        ["serve", who, key] => match Room::start(who.to_owned()).key(key).await {
            Ok(room) => {
                people.add(who, gen_server::whereis(&room).unwrap());
                "ok".to_owned()
            }
            Err(StartError::AlreadyStarted(holder)) => {
                format!("taken by {}", people.name_of(holder.pid()))
            }
            Err(error) => error.to_string(),
        },
        ["ask", key] => match Room::at(key).who().await {
            Ok(who) => who,
            Err(CallError::NoProc(_)) => "noproc".to_owned(),
            Err(error) => error.to_string(),
        },
        ["tell", key] => {
            Room::at(key).more();
            "ok".to_owned()
        }
        ["whereis", key] => match Room::whereis(key).and_then(|room| gen_server::whereis(&room)) {
            Some(pid) => people.name_of(pid),
            None => "none".to_owned(),
        },
        ["stop", who] => {
            gen_server::stop(&people.pid(who)).await.unwrap();
            "ok".to_owned()
        }
        _ => panic!("no question {words:?}"),
    }
}
