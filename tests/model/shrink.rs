//! Makes a failing history small: fewer steps, fewer children, plainer ones.
use crate::history::{Def, Ending, History, Kind, Shutdown, Step, TOP, Who};

/// The smallest history found that `fails` still.
pub(crate) fn shrunk(mut history: History, fails: impl Fn(&History) -> bool) -> History {
    let mut goes_on = true;
    while goes_on {
        goes_on = false;
        for smaller in candidates(&history) {
            if fails(&smaller) {
                history = smaller;
                goes_on = true;
                break;
            }
        }
    }
    without_strangers(&history, &fails)
}

fn candidates(history: &History) -> Vec<History> {
    let mut all = Vec::new();
    for length in [8, 4, 2, 1] {
        for from in (0..history.steps.len()).rev() {
            if from + length <= history.steps.len() {
                let mut smaller = history.clone();
                smaller.steps.drain(from..from + length);
                all.push(smaller);
            }
        }
    }
    for who in 0..history.defs.len() {
        for def in plainer(&history.defs[who]) {
            let mut smaller = history.clone();
            smaller.defs[who] = def;
            all.push(smaller);
        }
    }
    all
}

/// The same with one thing less.
fn plainer(def: &Def) -> Vec<Def> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Def) -> bool| {
        let mut plainer = def.clone();
        if change(&mut plainer) {
            all.push(plainer);
        }
    };
    with(&|def| std::mem::replace(&mut def.shutdown, Shutdown::Default) != Shutdown::Default);
    match &def.kind {
        Kind::Server(server) => {
            with(&|def| std::mem::take(&mut worker(def).traps));
            with(&|def| std::mem::take(&mut worker(def).ending) != Ending::AtOnce);
            for at in 0..server.starts.len() {
                with(&|def| worker(def).starts.remove(at).takes < u64::MAX);
                with(&|def| std::mem::take(&mut worker(def).starts[at].takes) > 0);
            }
        }
        Kind::Supervisor(_, children) => {
            for at in 0..children.len() {
                with(&|def| match &mut def.kind {
                    Kind::Supervisor(_, children) if children.len() > 1 => {
                        children.remove(at);
                        true
                    }
                    _ => false,
                });
            }
        }
        Kind::Dynamic(_) => {}
    }
    all
}

fn worker(def: &mut Def) -> &mut crate::history::Server {
    match &mut def.kind {
        Kind::Server(server) => server,
        Kind::Supervisor(..) | Kind::Dynamic(_) => unreachable!("only servers come here"),
    }
}

/// Those whom nobody reaches are left out where that changes nothing.
fn without_strangers(history: &History, fails: &impl Fn(&History) -> bool) -> History {
    let mut named = vec![false; history.defs.len()];
    let mut open: Vec<Who> = history.steps.iter().flat_map(of).chain([TOP]).collect();
    while let Some(who) = open.pop() {
        if !std::mem::replace(&mut named[who], true)
            && let Kind::Supervisor(_, children) = &history.defs[who].kind
        {
            open.extend(children);
        }
    }
    let place = |who: Who| named[..who].iter().filter(|named| **named).count();
    let mut smaller = History { defs: Vec::new(), steps: Vec::new() };
    for (who, def) in history.defs.iter().enumerate().filter(|(who, _)| named[*who]) {
        let mut def = def.clone();
        if let Kind::Supervisor(_, children) = &mut def.kind {
            children.iter_mut().for_each(|child| *child = place(*child));
        }
        debug_assert_eq!(place(who), smaller.defs.len(), "the order stays");
        smaller.defs.push(def);
    }
    smaller.steps = history.steps.iter().map(|step| moved(step, &place)).collect();
    if fails(&smaller) { smaller } else { history.clone() }
}

fn of(step: &Step) -> Vec<Who> {
    match step {
        Step::Stop(who, _) | Step::Signal(who, _) => vec![*who],
        Step::Panic(who) | Step::Which(who) | Step::Count(who) => vec![*who],
        Step::Ask(_, sup, child) => vec![*sup, *child],
        Step::Parent(_) | Step::GenStop(_) | Step::Pause(_) => Vec::new(),
    }
}

fn moved(step: &Step, place: &impl Fn(Who) -> Who) -> Step {
    match step.clone() {
        Step::Stop(who, reason) => Step::Stop(place(who), reason),
        Step::Signal(who, reason) => Step::Signal(place(who), reason),
        Step::Panic(who) => Step::Panic(place(who)),
        Step::Which(who) => Step::Which(place(who)),
        Step::Count(who) => Step::Count(place(who)),
        Step::Ask(verb, sup, child) => Step::Ask(verb, place(sup), place(child)),
        same @ (Step::Parent(_) | Step::GenStop(_) | Step::Pause(_)) => same,
    }
}

#[test]
fn what_any_history_shrinks_to_is_nobody_but_the_top_and_its_child() {
    for seed in 1..200 {
        let history = crate::random::history(seed, crate::random::Setting::Erlang);
        let small = shrunk(history, |_| true);
        assert!(small.steps.is_empty(), "{}", small.scenario("small"));
        let servers = small.defs.iter().filter(|def| matches!(def.kind, Kind::Server(_)));
        assert_eq!(servers.count(), 1, "{}", small.scenario("small"));
    }
}
