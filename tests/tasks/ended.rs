//! Tasks of a server, whose end is a message.
use crate::support::{check_everywhere, custom};
use crate::{Gauge, exits_with, never};
use cordial::prelude::*;
use cordial::process;
use cordial::task::Ended;

#[gen_server]
struct Kitchen {
    served: Vec<(u32, Result<String, ExitReason>)>,
    gauge: Gauge,
}

#[gen_server(mailbox = 1)]
impl Kitchen {
    #[init]
    fn init(gauge: Gauge) -> Self {
        Self { served: Vec::new(), gauge }
    }

    #[call]
    fn cook(&mut self, table: u32, dish: String, ctx: &mut Ctx<Self>) -> Pid {
        let inside = self.gauge.enter();
        let task = ctx.spawn(table, async move {
            let _inside = inside;
            match dish.as_str() {
                "fugu" => exits_with(custom()).await,
                "souffle" => panic!("it fell"),
                "stew" => never().await,
                dish => dish.to_uppercase(),
            }
        });
        task.unwrap()
    }

    #[call]
    fn burn(&mut self, ctx: &mut Ctx<Self>) {
        ctx.spawn_link(exits_with::<()>(custom())).unwrap();
    }

    #[info]
    fn cooked(&mut self, done: Ended<u32, String>) {
        self.served.push((done.tag, done.result));
    }

    #[call]
    fn served(&self) -> Vec<(u32, Result<String, ExitReason>)> {
        self.served.clone()
    }
}

async fn kitchen(gauge: &Gauge) -> Ref<Kitchen> {
    Kitchen::start(gauge.clone()).await.unwrap()
}

/// Each end is one message, whatever it is, and the server goes on.
#[test]
fn end_of_a_task_is_one_message() {
    check_everywhere(async || {
        let gauge = Gauge::default();
        let kitchen = kitchen(&gauge).await;
        for (table, dish) in ["tea", "fugu", "souffle", "stew"].into_iter().enumerate() {
            let pid = kitchen.cook(table as u32, dish.to_owned()).await.unwrap();
            let end = process::monitor(&pid);
            if dish == "stew" {
                process::exit(&pid, ExitReason::Kill);
            }
            end.await;
        }
        let mut served = kitchen.served().await.unwrap();
        served.sort_by_key(|(table, _)| *table);
        let reasons: Vec<_> = served.into_iter().map(|(_, result)| result).collect();
        assert_eq!(reasons[0], Ok("TEA".to_owned()));
        assert_eq!(reasons[1], Err(custom()));
        assert_eq!(reasons[2].as_ref().unwrap_err().panic().unwrap().message(), "it fell");
        assert_eq!(reasons[3], Err(ExitReason::Killed));
        assert_eq!(gauge.now(), 0);
        assert_eq!(process::info(&kitchen).unwrap().links, []);
    });
}

/// Who is told is the incarnation that asked; its unclean end is the task's.
#[test]
fn task_goes_with_its_server() {
    check_everywhere(async || {
        let gauge = Gauge::default();
        let kitchen = kitchen(&gauge).await;
        let task = kitchen.cook(1, "stew".to_owned()).await.unwrap();
        let end = process::monitor(&task);
        process::exit(&kitchen, custom());
        assert_eq!(end.await.reason, custom());
        assert_eq!(gauge.now(), 0);
    });
}

/// A linked task's crash is the server's.
#[test]
fn linked_task_takes_its_server_along() {
    check_everywhere(async || {
        let kitchen = kitchen(&Gauge::default()).await;
        let end = process::monitor(&kitchen);
        kitchen.burn().await.unwrap();
        assert_eq!(end.await.reason, custom());
    });
}
