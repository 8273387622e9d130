//! Topics and process groups: lists of who is where, in the order in which they came.
use crate::random::Random;
use crate::steps::{Histories, Log, agree};
use cordial::prelude::*;
use cordial::registry::{Keeper, Registry};
use cordial::{GroupEvent, Pg, PubSub, gen_server, process};

/// How many histories run on the runtime.
const LIVE: u64 = 700;

const PEOPLE: usize = 4;
const PLACES: [&str; 2] = ["tea", "milk"];

/// REG-6, REG-12, PG-1: who comes twice is told twice, until he leaves or ends.
#[test]
fn topics_and_groups_do_what_lists_do() {
    agree::<Topics>(LIVE);
}

/// By numbers: who, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Subscribe(usize, usize, u32),
    Unsubscribe(usize, usize),
    Broadcast(usize),
    BroadcastFrom(usize, usize),
    Join(usize, usize),
    Leave(usize, usize),
    /// The watcher of groups; `None` is all of them.
    Watch(Option<usize>),
    /// The oldest watch.
    Demonitor,
    /// Somebody else comes in its place.
    Die(usize),
    /// The topics end, and begin anew.
    FallOfTopics,
    FallOfGroups,
}

pub(crate) struct Topics;

impl Histories for Topics {
    type Step = Step;
    const NAME: &'static str = "topics and groups";

    fn make(seed: u64) -> Vec<Step> {
        let mut random = Random::new(seed);
        (0..5 + random.below(40)).map(|_| step(&mut random)).collect()
    }

    fn model(history: &[Step]) -> Option<Vec<String>> {
        let mut model = Model { next_person: PEOPLE, ..Model::default() };
        model.people = std::array::from_fn(|at| at);
        for (nth, step) in history.iter().enumerate() {
            model.step(nth, *step);
        }
        Some(model.log)
    }

    async fn live(history: Vec<Step>, log: Log) {
        let mut world = World::new(log).await;
        for (nth, step) in history.into_iter().enumerate() {
            world.step(nth, step).await;
        }
    }
}

fn step(random: &mut Random) -> Step {
    let (who, place) = (random.pick(&[0, 1, 2, 3]), random.pick(&[0, 1]));
    match random.below(100) {
        0..22 => Step::Subscribe(who, place, u32::try_from(random.below(100)).unwrap()),
        22..30 => Step::Unsubscribe(who, place),
        30..44 => Step::Broadcast(place),
        44..52 => Step::BroadcastFrom(who, place),
        52..70 => Step::Join(who, place),
        70..80 => Step::Leave(who, place),
        80..86 => Step::Watch(random.percent(60).then_some(place)),
        86..88 => Step::Demonitor,
        88..96 => Step::Die(who),
        96..98 => Step::FallOfTopics,
        _ => Step::FallOfGroups,
    }
}

// ===== The model =====

/// People have a number each, and another one after each death.
#[derive(Default)]
struct Model {
    log: Vec<String>,
    people: [usize; PEOPLE],
    next_person: usize,
    /// Place, person, what he says of himself.
    topics: Vec<(usize, usize, u32)>,
    /// Place, person.
    groups: Vec<(usize, usize)>,
    /// By number: of which group.
    watches: Vec<(usize, Option<usize>)>,
    next_watch: usize,
    /// Person, news; of those who have not looked at theirs.
    heard: Vec<(usize, String)>,
}

impl Model {
    fn step(&mut self, nth: usize, step: Step) {
        let mut said = "ok".to_owned();
        match step {
            Step::Subscribe(who, place, meta) => {
                self.topics.push((place, self.people[who], meta));
            }
            Step::Unsubscribe(who, place) => {
                let who = self.people[who];
                self.topics.retain(|entry| (entry.0, entry.1) != (place, who));
            }
            Step::Broadcast(place) => said = self.broadcast(nth, place, None),
            Step::BroadcastFrom(who, place) => {
                said = self.broadcast(nth, place, Some(self.people[who]));
            }
            Step::Join(who, place) => {
                self.groups.push((place, self.people[who]));
                self.tell("joined", place, self.people[who]);
            }
            Step::Leave(who, place) => {
                let who = self.people[who];
                match self.groups.iter().rposition(|entry| *entry == (place, who)) {
                    Some(at) => {
                        self.groups.remove(at);
                        self.tell("left", place, who);
                    }
                    None => said = "not there".to_owned(),
                }
            }
            Step::Watch(place) => {
                self.next_watch += 1;
                self.watches.push((self.next_watch, place));
                let there = self.groups.iter().filter(|entry| place.is_none_or(|p| p == entry.0));
                said = format!("{} there", there.count());
            }
            Step::Demonitor => {
                let was = !self.watches.is_empty();
                self.watches.drain(..usize::from(was));
                said = was.to_string();
            }
            Step::Die(who) => self.die(who),
            Step::FallOfTopics => {
                // Who is in a registry lives and dies with it.
                let tied = |who: &usize| self.topics.iter().any(|e| e.1 == self.people[*who]);
                let dead: Vec<usize> = (0..PEOPLE).filter(tied).collect();
                self.topics.clear();
                dead.into_iter().for_each(|who| self.die(who));
            }
            Step::FallOfGroups => {
                self.groups.clear();
                self.watches.clear();
            }
        }
        self.look(nth, step, &said);
    }

    fn broadcast(&mut self, nth: usize, place: usize, not: Option<usize>) -> String {
        let there = self.topics.iter().filter(|entry| entry.0 == place);
        let there = there.map(|entry| entry.1).filter(|who| Some(*who) != not);
        let before = self.heard.len();
        self.heard.extend(there.map(|who| (who, format!("news {nth}"))));
        (self.heard.len() - before).to_string()
    }

    fn tell(&mut self, what: &str, place: usize, who: usize) {
        let all = self.watches.iter().filter(|(_, watched)| watched.is_none_or(|p| p == place));
        let lines = all.map(|(number, _)| (usize::MAX, format!("{number} {what} {place} {who}")));
        self.heard.extend(lines);
    }

    fn die(&mut self, who: usize) {
        let person = std::mem::replace(&mut self.people[who], self.next_person);
        self.next_person += 1;
        self.topics.retain(|entry| entry.1 != person);
        self.heard.retain(|(of, _)| *of != person);
        let memberships: Vec<usize> =
            self.groups.iter().filter(|entry| entry.1 == person).map(|entry| entry.0).collect();
        self.groups.retain(|entry| entry.1 != person);
        memberships.into_iter().for_each(|place| self.tell("left", place, person));
    }

    /// All that can be seen.
    fn look(&mut self, nth: usize, step: Step, said: &str) {
        self.log.push(format!("-- {nth} {step:?}: {said}"));
        for place in 0..PLACES.len() {
            let of = self.topics.iter().filter(|entry| entry.0 == place);
            let topic: Vec<_> = of.map(|(_, who, meta)| (*who, *meta)).collect();
            let of = self.groups.iter().filter(|entry| entry.0 == place);
            let group: Vec<_> = of.map(|entry| entry.1).collect();
            self.log.push(format!("{place}: {topic:?} {group:?}"));
        }
        for (who, _) in &mut self.heard {
            // By places, and the watcher last.
            *who = self.people.iter().position(|person| *person == *who).unwrap_or(PEOPLE);
        }
        let heard = self.heard.drain(..).map(|(who, what)| format!("{who} {what}"));
        let mut heard: Vec<String> = heard.collect();
        heard.sort_unstable();
        self.log.append(&mut heard);
    }
}

// ===== The runtime =====

/// In which step it was told.
#[derive(Clone, Copy)]
struct News(usize);

type Told = PubSub<News, u32>;
type Groups = Pg<Person>;

/// It comes and goes as it is told to.
#[gen_server]
#[derive(Clone, Default)]
struct Person(Vec<usize>);

#[gen_server]
impl Person {
    #[call]
    fn subscribe(&self, topic: &str, meta: u32, ctx: &mut Ctx<Self>) {
        Told::subscribe_with(ctx, topic, meta).unwrap();
    }
    #[call]
    fn unsubscribe(&self, topic: &str) {
        Told::unsubscribe(topic);
    }
    #[info]
    fn news(&mut self, news: News) {
        self.0.push(news.0);
    }
    #[call]
    fn heard(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.0)
    }
}

/// Watches groups.
#[gen_server]
#[derive(Clone, Default)]
struct Watcher(Vec<Change>);

/// Which watch, joined or left, where, who.
type Change = (MonitorRef, &'static str, String, PersonRef);

#[gen_server]
impl Watcher {
    #[call]
    fn watch(&self, group: Option<&'static str>, ctx: &mut Ctx<Self>) -> (MonitorRef, usize) {
        let Some(group) = group else {
            let (monitor, there) = Groups::monitor_scope(ctx).unwrap();
            return (monitor, there.len());
        };
        let (monitor, there) = Groups::monitor(ctx, group).unwrap();
        (monitor, there.len())
    }
    #[info]
    fn changed(&mut self, event: GroupEvent<Person>) {
        self.0.push(match event {
            GroupEvent::Joined { monitor, group, member } => (monitor, "joined", group, member),
            GroupEvent::Left { monitor, group, member, .. } => (monitor, "left", group, member),
        });
    }
    #[call]
    fn told(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.0)
    }
}

struct World {
    log: Log,
    /// All that there ever were, by number.
    all: Vec<(Pid, PersonRef)>,
    people: [usize; PEOPLE],
    watcher: WatcherRef,
    /// By number, from 1.
    watches: Vec<MonitorRef>,
    /// How many of them are over.
    over: usize,
}

impl World {
    async fn new(log: Log) -> Self {
        Told::start().await.unwrap();
        Groups::start().await.unwrap();
        let watcher = Watcher::start(Watcher::default()).await.unwrap();
        let (all, watches) = (Vec::new(), Vec::new());
        let mut world = Self { log, all, people: [0; PEOPLE], watcher, watches, over: 0 };
        for at in 0..PEOPLE {
            world.come(at).await;
        }
        world
    }

    async fn come(&mut self, who: usize) {
        let person = Person::start(Person::default()).await.unwrap();
        self.people[who] = self.all.len();
        self.all.push((gen_server::whereis(&person).unwrap(), person));
    }

    fn person(&self, who: usize) -> &PersonRef {
        &self.all[self.people[who]].1
    }

    fn number(&self, pid: Pid) -> usize {
        self.all.iter().position(|one| one.0 == pid).unwrap()
    }

    async fn step(&mut self, nth: usize, step: Step) {
        let mut said = "ok".to_owned();
        match step {
            Step::Subscribe(who, place, meta) => {
                self.person(who).subscribe(PLACES[place], meta).await.unwrap();
            }
            Step::Unsubscribe(who, place) => {
                self.person(who).unsubscribe(PLACES[place]).await.unwrap();
            }
            Step::Broadcast(place) => {
                said = Told::broadcast(PLACES[place], News(nth)).to_string();
            }
            Step::BroadcastFrom(who, place) => {
                let from = self.all[self.people[who]].0;
                said = Told::broadcast_from(from, PLACES[place], News(nth)).to_string();
            }
            Step::Join(who, place) => Groups::join(PLACES[place], self.person(who)).unwrap(),
            Step::Leave(who, place) => {
                if Groups::leave(PLACES[place], self.person(who)).is_err() {
                    said = "not there".to_owned();
                }
            }
            Step::Watch(place) => {
                let place = place.map(|place| PLACES[place]);
                let (monitor, there) = self.watcher.watch(place).await.unwrap();
                self.watches.push(monitor);
                said = format!("{there} there");
            }
            Step::Demonitor => {
                let oldest = self.watches.get(self.over).copied();
                self.over += usize::from(oldest.is_some());
                said = oldest.is_some_and(Groups::demonitor).to_string();
            }
            Step::Die(who) => {
                kill(&self.all[self.people[who]].0).await;
                self.come(who).await;
            }
            Step::FallOfTopics => self.fall_of_topics().await,
            Step::FallOfGroups => {
                self.over = self.watches.len();
                fall::<Groups>(Groups::start).await;
            }
        }
        self.look(nth, step, &said).await;
    }

    /// Who has ended with them is replaced.
    async fn fall_of_topics(&mut self) {
        fall::<Told>(Told::start).await;
        for who in 0..PEOPLE {
            let pid = self.all[self.people[who]].0;
            if !process::is_alive(&pid).await {
                self.come(who).await;
            }
        }
    }

    async fn look(&self, nth: usize, step: Step, said: &str) {
        self.log.line(format!("-- {nth} {step:?}: {said}"));
        for (place, name) in PLACES.iter().enumerate() {
            let there = Told::subscribers(name).into_iter();
            let topic: Vec<_> = there.map(|(pid, meta)| (self.number(pid), meta)).collect();
            let mut by_dispatch = Vec::new();
            Told::dispatch(*name, |all| by_dispatch.extend(all.iter().map(|one| one.pid())));
            let by_dispatch = by_dispatch.into_iter().map(|pid| self.number(pid));
            assert!(by_dispatch.eq(topic.iter().map(|one| one.0)), "dispatch meets others");
            let there = Groups::members(*name).into_iter();
            let group: Vec<_> =
                there.map(|one| self.number(gen_server::whereis(&one).unwrap())).collect();
            self.log.line(format!("{place}: {topic:?} {group:?}"));
        }
        let mut heard = Vec::new();
        for who in 0..PEOPLE {
            let news = self.person(who).heard().await.unwrap().into_iter();
            heard.extend(news.map(|news| format!("{who} news {news}")));
        }
        let changes = self.watcher.told().await.unwrap();
        heard.extend(changes.iter().map(|change| format!("{PEOPLE} {}", self.told(change))));
        heard.sort_unstable();
        heard.into_iter().for_each(|line| self.log.line(line));
        let groups = PLACES.iter().filter(|name| !Groups::members(**name).is_empty()).count();
        assert_eq!(Groups::which_groups().len(), groups, "which_groups");
    }

    fn told(&self, (monitor, what, group, member): &Change) -> String {
        let number = self.watches.iter().position(|one| one == monitor).unwrap() + 1;
        let place = PLACES.iter().position(|place| place == group).unwrap();
        let who = self.all.iter().position(|one| one.1 == *member).unwrap();
        format!("{number} {what} {place} {who}")
    }
}

async fn kill(pid: &Pid) {
    let down = process::monitor(pid);
    process::exit(pid, ExitReason::Kill);
    down.await;
}

/// The end of a registry, and its next life.
async fn fall<R: Registry>(start: fn() -> Start<Keeper<R>>) {
    let Err(StartError::AlreadyStarted(holder)) = start().await else {
        panic!("it runs already");
    };
    kill(&holder.pid()).await;
    start().await.unwrap();
}
