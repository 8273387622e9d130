//! Supervision trees from their definitions, and what a supervisor is asked.
use crate::actions::{self, call_error};
use crate::actor::{Actor, Args};
use crate::language::Def;
use crate::world::{Handle, World, started};
use cordial::prelude::*;
use cordial::supervisor::{
    self, AutoShutdown, Builder, ChildInfo, ChildState, DeleteChildError, Flags, RestartChildError,
    StartChildError, Supervised, TreeSpec,
};
use cordial::{DynamicSpec, SupervisorRef};
use std::sync::Arc;
use std::time::Duration;

/// Starts the supervisor that is defined as `def`, linked.
pub(crate) async fn start(world: &Arc<World>, def: &str) -> Result<Pid, StartError> {
    match world.def(def).kind.as_str() {
        "dyn" => {
            let handle = dynamic(world, def).start_link().await?;
            world.supervise(def, Handle::Dynamic(handle));
        }
        _ => drop(tree(world, def).start_link().await?),
    }
    Ok(world.pid(def).expect("a tree that has started lives"))
}

fn tree(world: &Arc<World>, def: &str) -> TreeSpec<SupervisorRef> {
    let options = world.def(def).clone();
    let plain: Vec<String> = options.plain().into_iter().map(str::to_owned).collect();
    let (max_restarts, period) = limits(&plain[1]);
    let auto_shutdown = auto_shutdown(options.option("auto"));
    let flags = Flags { strategy: strategy(&plain[0]), max_restarts, period, auto_shutdown };
    let (world, name) = (world.clone(), def.to_owned());
    let spec = TreeSpec::new(flags, def.to_owned(), move |tree| {
        let me = tree.supervisor();
        world.supervise(&name, Handle::Static(me.clone()));
        plain[2..].iter().for_each(|child| add(tree, &world, child));
        me
    });
    let spec = spec.restart(restart(&options)).significant(options.is("significant"));
    match shutdown(&options) {
        Some(shutdown) => spec.shutdown(shutdown),
        None => spec,
    }
}

fn dynamic(world: &Arc<World>, def: &str) -> DynamicSpec<Actor> {
    let options = world.def(def);
    let (most, period) = limits(options.plain()[0]);
    DynamicSpec::new().max_restarts(most, period).id(def.to_owned())
}

fn add(tree: &mut Builder, world: &Arc<World>, child: &str) {
    let def = world.def(child);
    match def.kind.as_str() {
        "server" if def.is("named") => drop(tree.add(spec::<true>(world, child, def))),
        "server" => drop(tree.add(spec::<false>(world, child, def))),
        "dyn" => {
            let handle = tree.add(dynamic(world, child));
            world.supervise(child, Handle::Dynamic(handle));
        }
        _ => drop(tree.add(self::tree(world, child))),
    }
}

/// A server as a child, with the options of `options`.
fn spec<const NAMED: bool>(
    world: &Arc<World>,
    child: &str,
    options: &Def,
) -> ChildSpec<Actor<NAMED>> {
    let args = Args { world: world.clone(), def: child.to_owned() };
    let spec = ChildSpec::new(args).id(child.to_owned()).restart(restart(options));
    let spec = spec.significant(options.is("significant"));
    match shutdown(options) {
        Some(shutdown) => spec.shutdown(shutdown),
        None => spec,
    }
}

fn limits(text: &str) -> (u32, Duration) {
    let (most, period) = text.split_once('/').expect("limits are `3/5`");
    let seconds = period.parse().expect("a period is a number of seconds");
    (most.parse().expect("a number of restarts"), Duration::from_secs(seconds))
}

fn strategy(word: &str) -> Strategy {
    match word {
        "one_for_one" => Strategy::OneForOne,
        "one_for_all" => Strategy::OneForAll,
        "rest_for_one" => Strategy::RestForOne,
        other => panic!("`{other}` is no strategy"),
    }
}

fn auto_shutdown(word: Option<&str>) -> AutoShutdown {
    match word {
        None | Some("never") => AutoShutdown::Never,
        Some("any_significant") => AutoShutdown::AnySignificant,
        Some("all_significant") => AutoShutdown::AllSignificant,
        Some(other) => panic!("`{other}` is no auto_shutdown"),
    }
}

fn restart(def: &Def) -> Restart {
    match def.option("restart") {
        None | Some("permanent") => Restart::Permanent,
        Some("transient") => Restart::Transient,
        Some("temporary") => Restart::Temporary,
        Some(other) => panic!("`{other}` is no restart type"),
    }
}

fn shutdown(def: &Def) -> Option<Shutdown> {
    def.option("shutdown").map(|word| match word {
        "brutal" => Shutdown::BrutalKill,
        "infinity" => Shutdown::Infinity,
        ms => Shutdown::Timeout(Duration::from_millis(ms.parse().expect("milliseconds"))),
    })
}

// ===== What a supervisor is asked =====

/// Asks what `verb` says, and puts the answer into words.
pub(crate) async fn ask(world: &Arc<World>, verb: &str, rest: &str) -> String {
    let (name, child) = rest.split_once(':').unwrap_or((rest, ""));
    let Some(handle) = world.supervisor(name) else { return "noproc".to_owned() };
    let result = match (verb, &handle) {
        ("which", Handle::Static(sup)) => which(world, sup).await.map(|all| all.join(" ")),
        ("which", Handle::Dynamic(sup)) => which(world, sup.supervisor()).await.map(|mut all| {
            all.sort(); // Those of a `simple_one_for_one` come in no order.
            all.join(" ")
        }),
        ("count", Handle::Static(sup)) => count(sup, Specs::Shown).await,
        ("count", Handle::Dynamic(sup)) => count(sup.supervisor(), Specs::Hidden).await,
        ("start_child", Handle::Static(sup)) => start_static(world, sup, child).await,
        ("start_child", Handle::Dynamic(sup)) => start_dynamic(world, name, sup, child).await,
        ("terminate_child", Handle::Static(sup)) => {
            done(supervisor::terminate_child(sup, child.to_owned()).await, |_| "not_found".into())
        }
        ("terminate_child", Handle::Dynamic(sup)) => {
            let pid = match world.pid(child) {
                Some(pid) => pid,
                None => actions::dead().await,
            };
            done(sup.terminate_pid(pid).await, |_| "not_found".into())
        }
        ("delete_child", Handle::Static(sup)) => {
            done(supervisor::delete_child(sup, child.to_owned()).await, |error| match error {
                DeleteChildError::NotFound(_) => "not_found".into(),
                DeleteChildError::Running(_) => "running".into(),
                DeleteChildError::Restarting => "restarting".into(),
                other => other.to_string(),
            })
        }
        ("restart_child", Handle::Static(sup)) => {
            let done = supervisor::restart_child(sup, child.to_owned()).await;
            restarted(world, done)
        }
        _ => panic!("nobody understands `{verb}:{rest}`"),
    };
    result.unwrap_or_else(|error| call_error(&error))
}

type Answered = Result<String, CallError>;

async fn which(world: &World, sup: &SupervisorRef) -> Result<Vec<String>, CallError> {
    let children = supervisor::which_children(sup).await?;
    let word = |child: &ChildInfo| {
        let state = match child.state {
            ChildState::Running(pid) => world.name_of(pid),
            ChildState::Restarting => "restarting".to_owned(),
            ChildState::Stopped => "undefined".to_owned(),
        };
        format!("{}={state}", child.id.as_deref().unwrap_or("undefined"))
    };
    Ok(children.iter().map(word).collect())
}

/// The specs of OTP's `simple_one_for_one` are its template: nothing that others have.
enum Specs {
    Shown,
    Hidden,
}

async fn count(sup: &SupervisorRef, shows: Specs) -> Answered {
    let counts = supervisor::count_children(sup).await?;
    let supervisor::Counts { specs, active, supervisors, workers, .. } = counts;
    let numbers = format!("{active}/{supervisors}/{workers}");
    Ok(match shows {
        Specs::Shown => format!("{specs}/{numbers}"),
        Specs::Hidden => numbers,
    })
}

async fn start_static(world: &Arc<World>, sup: &SupervisorRef, child: &str) -> Answered {
    let def = world.def(child);
    let started = match def.kind.as_str() {
        "server" if def.is("named") => {
            sup.start_child(spec::<true>(world, child, def)).await.map(drop)
        }
        "server" => sup.start_child(spec::<false>(world, child, def)).await.map(drop),
        _ => sup.start_child(tree(world, child)).await.map(drop),
    };
    child_started(world, world.last_started(child), started)
}

/// The restart type and shutdown of a `simple_one_for_one`'s children are the template's.
async fn start_dynamic(
    world: &Arc<World>,
    name: &str,
    sup: &DynamicRef<Actor>,
    child: &str,
) -> Answered {
    let started = sup.start_child(spec::<false>(world, child, world.def(name))).await;
    // One that asks to be ignored is an error here.
    child_started(world, world.pid(child), started.map(drop))
}

fn child_started(world: &World, pid: Option<Pid>, result: Result<(), StartChildError>) -> Answered {
    match result {
        Ok(()) => Ok(pid.map_or("ignore".to_owned(), |pid| format!("ok {}", world.name_of(pid)))),
        Err(StartChildError::AlreadyStarted(pid)) => {
            Ok(format!("already_started {}", world.name_of(pid)))
        }
        Err(StartChildError::AlreadyPresent) => Ok("already_present".to_owned()),
        Err(StartChildError::Start(error)) => Ok(started(&error, world)),
        Err(StartChildError::Call(error)) => Err(error),
        Err(other) => Ok(other.to_string()),
    }
}

fn restarted(
    world: &World,
    result: Result<Option<Pid>, TryCallError<RestartChildError>>,
) -> Answered {
    Ok(match result {
        Ok(Some(pid)) => format!("ok {}", world.name_of(pid)),
        Ok(None) => "ignore".to_owned(),
        Err(TryCallError::Call(error)) => return Err(error),
        Err(TryCallError::Handler(RestartChildError::NotFound(_))) => "not_found".to_owned(),
        Err(TryCallError::Handler(RestartChildError::Running(_))) => "running".to_owned(),
        Err(TryCallError::Handler(RestartChildError::Restarting)) => "restarting".to_owned(),
        Err(TryCallError::Handler(RestartChildError::Start(error))) => started(&error, world),
        Err(TryCallError::Handler(other)) => other.to_string(),
    })
}

/// What has no answer but that it was done.
fn done<E>(result: Result<(), TryCallError<E>>, word: impl FnOnce(E) -> String) -> Answered {
    match result {
        Ok(()) => Ok("ok".to_owned()),
        Err(TryCallError::Handler(error)) => Ok(word(error)),
        Err(TryCallError::Call(error)) => Err(error),
    }
}
