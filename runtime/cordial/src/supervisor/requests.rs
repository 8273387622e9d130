//! What a supervisor does about each message, one function per kind.
use super::child_spec::{Definition, NEVER_SIGNIFICANT};
use super::plan::{Action, AutoShutdown, ChildKey, ChildKind, Status};
use super::server::{Child, Kind, Server, Who};
use super::{
    ChildInfo, ChildState, DeleteChildError, NotFound, ResizeError, RestartChildError,
    StartChildError,
};
use crate::error::StartError;
use crate::gen_server::Flow;
use crate::pid::Pid;
use crate::signal::Exit;
use std::any::Any;
use std::sync::atomic::Ordering::Relaxed;

// ===== What happens to it =====

impl Server {
    pub(super) async fn child_exited(&mut self, exit: Exit) -> Flow {
        let Some(key) = self.pids.get(&exit.from).copied() else {
            crate::process::log_exit(&exit); // SUP-35
            return Flow::Continue;
        };
        let now = self.now();
        let actions = self.plan.on_exit(key, &exit.reason, now);
        #[cfg(feature = "chaos")]
        self.note_tried(key, &actions, now);
        self.tell_exit(key, &exit, &actions);
        self.tell_next(key, &actions);
        self.carry_out(actions).await
    }

    pub(super) async fn retry(&mut self, key: ChildKey) -> Flow {
        let now = self.now();
        let actions = self.plan.on_retry(key, now);
        #[cfg(feature = "chaos")]
        self.note_tried(key, &actions, now);
        self.tell_next(key, &actions);
        self.carry_out(actions).await
    }
}

// ===== What it is asked =====

impl Server {
    /// SUP-38, DYN-4: it comes last; if it does not start, nothing of it is kept. `None`: it asked
    /// to be ignored.
    pub(super) async fn start_child(
        &mut self,
        definition: Definition,
    ) -> Result<Option<Pid>, StartChildError> {
        self.check_room(&definition)?;
        let key = self.add(definition);
        match self.start(key).await {
            Ok(pid) => Ok(Some(pid)),
            Err(StartError::Ignore) => self.start_ignored(key),
            Err(error) => {
                self.forget(key);
                Err(StartChildError::Start(error))
            }
        }
    }

    /// SUP-40: its spec is kept, and may be restarted; DYN-4: there is nothing left to have a
    /// handle of.
    fn start_ignored(&mut self, key: ChildKey) -> Result<Option<Pid>, StartChildError> {
        for action in self.plan.on_ignored(key) {
            debug_assert_eq!(action, Action::Forget(key), "nothing else is done");
            self.forget(key);
        }
        match self.kind.has_ids() {
            true => Ok(None),
            false => Err(StartChildError::Start(StartError::Ignore)),
        }
    }

    fn check_room(&self, definition: &Definition) -> Result<(), StartChildError> {
        if definition.options.significant && self.auto_shutdown == AutoShutdown::Never {
            return Err(StartError::InvalidFlags(NEVER_SIGNIFICANT).into()); // SUP-12
        }
        match self.kind {
            Kind::Dynamic { max_children } if self.plan.counts().specs >= max_children => {
                Err(StartChildError::MaxChildren(max_children))
            }
            Kind::Dynamic { .. } => Ok(()),
            Kind::Static | Kind::Partitions { .. } => {
                match self.by_id.get(&definition.options.id) {
                    None => Ok(()),
                    Some(key) => Err(match self.busy(*key) {
                        Some(Busy::Running(pid)) => StartChildError::AlreadyStarted(pid),
                        Some(Busy::Restarting) | None => StartChildError::AlreadyPresent,
                    }),
                }
            }
        }
    }

    pub(super) async fn terminate_child(&mut self, who: &Who) -> Result<(), NotFound> {
        let key = self.find(who)?;
        self.terminate_key(key).await;
        Ok(())
    }

    async fn terminate_key(&mut self, key: ChildKey) {
        self.cancel_retry(key);
        let actions = self.plan.on_terminate_child(key);
        #[cfg(feature = "chaos")]
        self.note(key, crate::rt::sim::Step::Parked);
        self.carry_out(actions).await;
    }

    /// SUP-42. `None`: it asked to be ignored.
    pub(super) async fn restart_child(
        &mut self,
        who: &Who,
    ) -> Result<Option<Pid>, RestartChildError> {
        #[cfg(feature = "chaos")]
        self.note_list();
        let key = self.find(who).map_err(RestartChildError::NotFound)?;
        if self.plan.on_restart_child(key).is_err() {
            return Err(match self.busy(key) {
                Some(Busy::Running(pid)) => RestartChildError::Running(pid),
                Some(Busy::Restarting) | None => RestartChildError::Restarting,
            });
        }
        match self.start(key).await {
            Ok(pid) => Ok(Some(pid)),
            Err(StartError::Ignore) => Ok(None),
            Err(error) => Err(RestartChildError::Start(error)),
        }
    }

    /// SUP-43.
    pub(super) fn delete_child(&mut self, who: &Who) -> Result<(), DeleteChildError> {
        let key = self.find(who).map_err(DeleteChildError::NotFound)?;
        if self.plan.on_delete_child(key).is_err() {
            return Err(match self.busy(key) {
                Some(Busy::Running(pid)) => DeleteChildError::Running(pid),
                Some(Busy::Restarting) | None => DeleteChildError::Restarting,
            });
        }
        self.forget(key);
        Ok(())
    }

    fn find(&self, who: &Who) -> Result<ChildKey, NotFound> {
        let key = match who {
            Who::Id(id) => self.by_id.get(id),
            Who::Pid(pid) => self.pids.get(pid),
            Who::Address(address) => self.by_address.get(address),
        };
        key.copied().ok_or_else(|| NotFound::of(who))
    }

    /// What keeps a child from being started or deleted.
    fn busy(&self, key: ChildKey) -> Option<Busy> {
        let pid = self.plan.child(key).and_then(|child| child.pid);
        match (self.plan.status(key)?, pid) {
            (Status::Running, Some(pid)) => Some(Busy::Running(pid)),
            (Status::Restarting, _) => Some(Busy::Restarting),
            (Status::Running | Status::Stopped, _) => None,
        }
    }

    pub(super) fn which_children(&self) -> Vec<ChildInfo> {
        let children = self.plan.children();
        let info = |(key, kind, _, child): (ChildKey, ChildKind, Status, &Child)| ChildInfo {
            id: self.kind.has_ids().then(|| child.id.clone()),
            state: match self.busy(key) {
                Some(Busy::Running(pid)) => ChildState::Running(pid),
                Some(Busy::Restarting) => ChildState::Restarting,
                None => ChildState::Stopped,
            },
            kind,
        };
        children.map(info).collect()
    }

    pub(super) fn handles(&self) -> Vec<Box<dyn Any + Send>> {
        let living = self.plan.children().filter(|child| child.2 == Status::Running);
        living.map(|(.., child)| child.start.handle()).collect()
    }
}

enum Busy {
    Running(Pid),
    Restarting,
}

// ===== Partitions =====

impl Server {
    /// PART-6: nobody is routed to a partition that is stopped; the former number is the answer.
    pub(super) async fn resize(&mut self, to: usize) -> Result<usize, ResizeError> {
        let (in_use, most) = match &self.kind {
            Kind::Partitions { in_use, most } => (in_use.clone(), *most),
            Kind::Static | Kind::Dynamic { .. } => return Err(ResizeError::TooMany(0)),
        };
        if to > most {
            return Err(ResizeError::TooMany(most));
        }
        let before = in_use.load(Relaxed);
        for partition in before..to {
            if let Err(error) = self.start_partition(partition).await {
                self.stop_partitions(before, partition).await;
                return Err(ResizeError::Start(partition, error));
            }
        }
        in_use.store(to, Relaxed);
        self.stop_partitions(to, before).await;
        Ok(before)
    }

    /// One that was started by hand meanwhile is welcome.
    async fn start_partition(&mut self, partition: usize) -> Result<(), RestartChildError> {
        match self.restart_child(&partition_id(partition)).await {
            Ok(_) | Err(RestartChildError::Running(_) | RestartChildError::Restarting) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn stop_partitions(&mut self, from: usize, to: usize) {
        for partition in (from..to).rev() {
            // One that is not there any more was temporary.
            let _ = self.terminate_child(&partition_id(partition)).await;
        }
    }
}

fn partition_id(partition: usize) -> Who {
    Who::Id(partition.to_string().into())
}
