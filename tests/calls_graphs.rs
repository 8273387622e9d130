//! Random graphs of servers that call each other: each circle is told once, and nothing else is.
use crate::calls_knot::*;
use crate::gen_server_support::{Gate, in_process};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Graphs per test: each one is a race.
const GRAPHS: u64 = 500;

/// Who calls whom, and whether it can do something else meanwhile.
struct Graph {
    next: Vec<Option<usize>>,
    is_free: Vec<bool>,
}

impl Graph {
    /// Numbers that look random, the same ones for the same seed.
    fn random(seed: u64) -> Self {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut roll = move |n: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 16) as usize % n
        };
        let size = 2 + roll(9);
        let next = (0..size).map(|own| Some(roll(size + 1)).filter(|to| *to < size && *to != own));
        let next = next.collect();
        let is_free = (0..size).map(|_| roll(8) == 0).collect();
        Self { next, is_free }
    }

    /// The same without circles: calls only go up.
    fn without_circles(mut self) -> Self {
        for (own, next) in self.next.iter_mut().enumerate() {
            *next = next.filter(|to| *to > own);
        }
        self
    }

    fn circles(&self) -> Vec<BTreeSet<usize>> {
        let mut circles = Vec::new();
        for own in 0..self.next.len() {
            let mut path = vec![own];
            while let Some(to) = self.next[path[path.len() - 1]].filter(|to| !path.contains(to)) {
                path.push(to);
            }
            let is_circle = self.next[path[path.len() - 1]] == Some(own);
            if is_circle && path.iter().min() == Some(&own) {
                circles.push(path.into_iter().collect());
            }
        }
        circles
    }

    /// Those in which nobody can do anything else.
    fn closed_circles(&self) -> Vec<BTreeSet<usize>> {
        let mut circles = self.circles();
        circles.retain(|circle| circle.iter().all(|own| !self.is_free[*own]));
        circles
    }
}

/// Makes all servers of the graph busy, then lets all of them call at once; gives who was told of
/// a circle.
async fn told_of_circles(graph: &Graph) -> Vec<usize> {
    let size = graph.next.len();
    let mut servers = Vec::new();
    for _ in 0..size {
        servers.push(knot().await);
    }
    let (start, free) = (Gate::default(), Gate::default());
    let (told, told_all) = (Arc::new(Semaphore::new(0)), graph.closed_circles().len());
    let mut running = Vec::new();
    for own in 0..size {
        let hops = graph.next[own].map(|to| {
            let how = if graph.is_free[own] { How::OrGate(free.clone()) } else { How::Alone };
            Hop(servers[to].clone(), how)
        });
        let (server, start, told) = (servers[own].clone(), start.clone(), told.clone());
        let (tell, answer) = tokio::sync::oneshot::channel();
        process::spawn(async move |_: Mailbox<()>| {
            let answer = server.hop_after(start, hops.into_iter().collect()).await;
            let is_circle = matches!(&answer, Err(TryCallError::Handler(CallError::Deadlock(..))));
            assert!(is_circle || answer.is_ok(), "{answer:?}");
            told.add_permits(usize::from(is_circle));
            let _ = tell.send(is_circle);
        });
        running.push(answer);
    }
    for _ in 0..size {
        start.reached().await;
    }
    (0..size).for_each(|_| start.open());
    let _ = told.acquire_many(u32::try_from(told_all).unwrap()).await.unwrap();
    (0..size).for_each(|_| free.open());
    let mut who = Vec::new();
    for (own, answer) in running.into_iter().enumerate() {
        if answer.await.expect("its process ended well") {
            who.push(own);
        }
    }
    who
}

async fn check_graph(seed: u64, graph: Graph) {
    let told = timeout(secs(4), told_of_circles(&graph));
    let told = told.await.unwrap_or_else(|_| panic!("seed {seed}: a circle was missed"));
    let circles = graph.closed_circles();
    for circle in &circles {
        let times = told.iter().filter(|own| circle.contains(own)).count();
        assert_eq!(times, 1, "seed {seed}: {circle:?} was told to {told:?}");
    }
    assert_eq!(told.len(), circles.len(), "seed {seed}: {told:?} of {circles:?}");
}

async fn check_graphs() {
    for seed in 1..=GRAPHS {
        check_graph(seed, Graph::random(seed)).await;
    }
}

async fn check_graphs_without_circles() {
    for seed in 1..=GRAPHS {
        let graph = Graph::random(seed).without_circles();
        assert!(graph.circles().is_empty());
        check_graph(seed, graph).await;
    }
}

#[cordial::test(workers = 1)]
async fn every_circle_is_told_once_on_one_worker() {
    check_graphs().await;
}

#[cordial::test(workers = 2)]
async fn every_circle_is_told_once_on_two_workers() {
    check_graphs().await;
}

#[cordial::test(workers = 1)]
async fn graph_without_circles_tells_of_none_on_one_worker() {
    check_graphs_without_circles().await;
}

#[cordial::test(workers = 2)]
async fn graph_without_circles_tells_of_none_on_two_workers() {
    check_graphs_without_circles().await;
}

/// Each server calls any other, again and again; a call is answered or closes a circle, and none
/// waits until its limit.
async fn check_storm() {
    let mut servers = Vec::new();
    for _ in 0..5 {
        servers.push(knot().await);
    }
    for seed in 1..=GRAPHS {
        let calls = (0..4).map(|n| {
            let graph = Graph::random(seed * 8 + n);
            let hops: Arc<[Hop]> = graph
                .next
                .iter()
                .map(|to| Hop(servers[to.unwrap_or(0) % 5].clone(), How::Alone))
                .collect();
            let first = servers[seed as usize % 5].clone();
            in_process(async move |_| match first.hop(hops, 0).await {
                Ok(_) => true,
                Err(TryCallError::Handler(error)) => matches!(error, CallError::Deadlock(..)),
                Err(TryCallError::Call(_)) => false,
            })
        });
        for call in calls.collect::<Vec<_>>() {
            assert!(call.await, "seed {seed}");
        }
    }
}

#[cordial::test(workers = 1)]
async fn random_paths_end_or_are_told_of_a_circle_on_one_worker() {
    check_storm().await;
}

#[cordial::test(workers = 2)]
async fn random_paths_end_or_are_told_of_a_circle_on_two_workers() {
    check_storm().await;
}
