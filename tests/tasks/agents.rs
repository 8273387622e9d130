//! Agents.
use crate::support::{check_everywhere, in_process, next_exit};
use cordial::Agent;
use cordial::prelude::*;
use cordial::process;
use cordial::supervisor;

/// AGT-1
// break: AGT-1 runtime/cordial/src/agent.rs `(msg.run)(&mut self.value);` => `drop(msg);`
#[test]
fn closures_run_in_the_agent() {
    check_everywhere(async || {
        let agent = Agent::start(|| vec![1]).await.unwrap();
        let pid = agent.pid();
        assert_eq!(agent.get(|_| process::self_pid()).await.ok(), pid);
        assert_eq!(agent.update(|all| all.push(2)).await, Ok(()));
        assert_eq!(agent.get_and_update(|all| all.pop()).await, Ok(Some(2)));
        agent.cast(|all| all.push(process::self_pid().to_string().len()));
        assert_eq!(agent.get(Vec::len).await, Ok(2));
    });
}

/// AGT-2
// break: AGT-2 runtime/cordial/src/agent.rs
//     `self.0.send(AgentMsg { kind: "cast", run: Box::new(change) })`
//     => `{ let to = self.0.clone(); let _ = crate::task::Task::start(async move {
//     let _ = to.send(AgentMsg { kind: "cast", run: Box::new(change) }); }); Cast(Ok(())) }`
#[test]
fn operations_keep_their_order_and_a_cast_waits_for_nothing() {
    check_everywhere(async || {
        let agent = Agent::start(Vec::new).await.unwrap();
        for n in 0..100 {
            agent.cast(move |all: &mut Vec<u32>| all.push(n));
        }
        let update = agent.update(|all| all.push(100));
        let get = agent.get(Clone::clone);
        assert_eq!(get.await, Ok((0..=100).collect::<Vec<_>>()));
        assert_eq!(update.await, Ok(()));
    });
}

/// AGT-3
// break: AGT-3 runtime/cordial/src/agent.rs `(msg.run)(&mut self.value);`
//     => `let run = std::panic::AssertUnwindSafe(|| (msg.run)(&mut self.value));
//     let _ = std::panic::catch_unwind(run);`
#[test]
fn closure_that_panics_ends_the_agent_and_its_caller_knows_why() {
    check_everywhere(async || {
        let agent = Agent::start(|| 1).await.unwrap();
        let end = process::monitor(&agent);
        let error = agent.update(|_| panic!("worn out")).await.unwrap_err();
        let CallError::Down(reason, callee) = error else { panic!("{error}") };
        assert_eq!(reason.panic().unwrap().message(), "worn out");
        assert_eq!(callee.kind(), "update");
        assert_eq!(end.await.reason, reason);
        assert!(matches!(agent.get(|n| *n).await, Err(CallError::NoProc(_))));
    });
}

/// AGT-4
// break: AGT-4 runtime/cordial/src/agent.rs `let answer = run(value);`
//     => `if from.is_abandoned() { return; } let answer = run(value);`
#[cordial::test]
async fn update_that_timed_out_is_applied_all_the_same() {
    let agent = Agent::start(|| 1).await.unwrap();
    let late = agent.update(|n| *n += 1).timeout(millis(0));
    assert!(late.await.unwrap_err().is_timeout());
    assert_eq!(agent.get(|n| *n).await, Ok(2));
}

/// AGT-5
// break: AGT-5 runtime/cordial/src/agent.rs `Init::Run(Self { value: make(), show })`
//     => `std::panic::catch_unwind(std::panic::AssertUnwindSafe(make)).map_or(Init::Ignore,
//     |value| Init::Run(Self { value, show }))`
#[test]
fn first_closure_that_panics_is_a_failed_start() {
    check_everywhere(async || {
        let error = Agent::<u8>::start(|| panic!("empty")).name("empty").await.unwrap_err();
        let StartError::Init(reason) = error else { panic!("{error}") };
        assert_eq!(reason.panic().unwrap().message(), "empty");
        assert_eq!(process::whereis("empty"), None);
    });
}

/// AGT-6
// break: AGT-6 runtime/cordial/src/agent.rs `Self(self.0.name(name))`
//     => `{ let _ = name; Self(self.0) }`
#[test]
fn agent_has_a_name_and_is_stopped_as_a_server() {
    check_everywhere(async || {
        let agent = Agent::start(|| 1).name("one").await.unwrap();
        assert_eq!(process::whereis("one"), agent.pid());
        let named = Agent::<i32>::named("one");
        assert_eq!(named.get(|n| *n).await, Ok(1));
        let taken = Agent::start(|| 2).name("one").await.unwrap_err();
        assert_eq!(taken, StartError::AlreadyStarted(agent.pid().unwrap().into()));
        let end = process::monitor(&agent);
        agent.stop_with(ExitReason::Shutdown, secs(1)).await.unwrap();
        assert_eq!(end.await.reason, ExitReason::Shutdown);
        assert!(agent.stop().await.is_err());
        assert_eq!(process::whereis("one"), None);
    });
}

/// AGT-6
#[test]
fn agent_is_linked_and_supervised_as_a_server() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let agent = Agent::start_link(|| 1).await.unwrap();
            agent.cast(|_| panic!("gone"));
            assert_eq!(Some(next_exit(&mut mail).await.from), Some(agent_pid(&agent).await));
        })
        .await;
        let mut tree = Supervisor::builder();
        let agent = tree.add(Agent::child_spec(|| 7).id("seven"));
        let supervisor = tree.start().await.unwrap();
        agent.update(|n| *n += 1).await.unwrap();
        let first = process::monitor(&agent);
        process::exit(&agent, ExitReason::Kill);
        first.await;
        while agent.pid().is_none() {
            tokio::task::yield_now().await;
        }
        assert_eq!(agent.get(|n| *n).await, Ok(7));
        supervisor::stop(&supervisor).await.unwrap();
    });
}

/// Who lived there last.
async fn agent_pid(agent: &Agent<i32>) -> Pid {
    process::monitor(agent).await.pid
}
