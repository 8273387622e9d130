//! Process groups, as the scenarios ask them.
use crate::people::{People, Puppet, PuppetRef};
use crate::sorted;
use cordial::prelude::*;
use cordial::{GroupEvent, MonitorRef, Pg};

struct There;
type Here = Pg<Puppet>;
type Elsewhere = Pg<Puppet, String, There>;

/// Two scopes, and somebody who monitors one of them.
pub(crate) struct Groups {
    watcher: WatcherRef,
    monitor: Option<MonitorRef>,
}

impl Groups {
    pub(crate) async fn start() -> Self {
        Here::start().await.unwrap();
        Elsewhere::start().await.unwrap();
        Self { watcher: Watcher::start(Watcher::default()).await.unwrap(), monitor: None }
    }

    pub(crate) async fn answer(&mut self, words: &[&str], people: &mut People) -> String {
        let name = |member: &PuppetRef| people.name_of(gen_server::whereis(member).unwrap());
        let names = |members: &[PuppetRef]| sorted(members.iter().map(name).collect());
        match *words {
            ["join", group, who] => {
                Here::join(group, &people.puppet(who).await).unwrap();
                "ok".to_owned()
            }
            ["join_there", group, who] => {
                Elsewhere::join(group, &people.puppet(who).await).unwrap();
                "ok".to_owned()
            }
            ["leave", group, who] => match Here::leave(group, &people.puppet(who).await) {
                Ok(()) => "ok".to_owned(),
                Err(_) => "not_joined".to_owned(),
            },
            ["members", group] => names(&Here::members(group)),
            ["members_there", group] => names(&Elsewhere::members(group)),
            ["local", group] => names(&Here::local_members(group)),
            ["which"] => sorted(Here::which_groups()),
            ["watch", group] => {
                let (monitor, there) = self.watcher.watch(group).await.unwrap();
                self.monitor = Some(monitor);
                names(&there)
            }
            ["watch_all"] => {
                let (monitor, there) = self.watcher.watch_all().await.unwrap();
                self.monitor = Some(monitor);
                let text = |(group, member): &_| format!("{group} {}", name(member));
                sorted(there.iter().map(text).collect())
            }
            ["unwatch"] => match Here::demonitor(self.monitor.expect("it was watched")) {
                true => "ok".to_owned(),
                false => "false".to_owned(),
            },
            ["changes"] => crate::list(self.watcher.changes().await.unwrap()),
            _ => panic!("no question {words:?}"),
        }
    }
}

/// What it was told: joined or left, and which group.
#[gen_server]
#[derive(Clone, Default)]
struct Watcher(Vec<String>);

#[gen_server]
impl Watcher {
    #[call]
    fn watch(&self, group: &str, ctx: &mut Ctx<Self>) -> (MonitorRef, Vec<PuppetRef>) {
        Here::monitor(ctx, group).unwrap()
    }
    #[call]
    fn watch_all(&self, ctx: &mut Ctx<Self>) -> (MonitorRef, Vec<(String, PuppetRef)>) {
        Here::monitor_scope(ctx).unwrap()
    }
    #[info]
    fn changed(&mut self, event: GroupEvent<Puppet>) {
        self.0.push(match event {
            GroupEvent::Joined { group, .. } => format!("join {group}"),
            GroupEvent::Left { group, .. } => format!("leave {group}"),
        });
    }
    #[call]
    fn changes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.0)
    }
}
