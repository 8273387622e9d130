//! Steps → states: what may be said next, and what follows. Both sides are made of it.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::model::{Branch, Choice, Message, Protocol, Step, Within};
use crate::errors::Errors;
use crate::hygiene;
use crate::messages;

/// Names that every side has, whatever is said.
pub(super) const RESERVED: [&str; 3] = ["End", "Start", "Wire"];

/// All states of a conversation, each once, in the order in which they are come to.
pub(super) struct Machine {
    pub(super) states: Vec<State>,
    /// What is said, each message once.
    pub(super) words: Vec<Word>,
    /// Whether it can come to an end.
    pub(super) can_end: bool,
}

/// One state: somebody says something.
pub(super) struct State {
    /// Who: 0 or 1.
    pub(super) speaker: usize,
    /// Whether there is a choice, even of one.
    pub(super) is_choice: bool,
    pub(super) edges: Vec<Edge>,
    pub(super) within: Option<Within>,
    /// What it is called for who speaks, and for who hears.
    pub(super) names: [Ident; 2],
    /// What is heard, where there is a choice.
    pub(super) offer: Ident,
}

/// What is said, and where that leads.
pub(super) struct Edge {
    /// A number in [`Machine::words`].
    pub(super) word: usize,
    /// `None`: the end.
    pub(super) next: Option<usize>,
}

pub(super) struct Word {
    pub(super) message: Message,
    /// Its variant: its name, unless another message has that by mistake.
    pub(super) variant: Ident,
}

// ===== From steps to a graph =====

/// A place in the graph that is being built.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    End,
    Node(usize),
    /// The beginning of a loop.
    Head(usize),
}

struct Node {
    speaker: usize,
    is_choice: bool,
    edges: Vec<(usize, At)>,
    within: Option<Within>,
    label: Option<Ident>,
    choice: Option<Ident>,
}

struct Builder<'a> {
    protocol: &'a Protocol,
    words: Vec<Word>,
    nodes: Vec<Node>,
    /// Where each loop begins.
    heads: Vec<At>,
    /// The loops around, the innermost last.
    loops: Vec<(&'a Ident, usize)>,
}

impl<'a> Builder<'a> {
    /// The messages in the order of the source: states are made from the last to the first.
    fn collect(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Say { message, .. } => {
                    self.word(message);
                }
                Step::Choice(choice) => {
                    for branch in &choice.branches {
                        self.word(&branch.message);
                        self.collect(&branch.steps);
                    }
                }
                Step::Loop { steps, .. } => self.collect(steps),
                Step::Continue { .. } | Step::End { .. } => {}
            }
        }
    }

    /// What begins with these steps and goes on at `next`.
    fn steps(&mut self, steps: &'a [Step], next: At) -> At {
        let mut next = next;
        for step in steps.iter().rev() {
            next = self.step(step, next);
        }
        next
    }

    fn step(&mut self, step: &'a Step, next: At) -> At {
        match step {
            Step::Say { from, message, within, .. } => {
                let edges = vec![(self.word(message), next)];
                self.node(self.protocol.role(from), false, edges, within.as_ref(), None)
            }
            Step::Choice(choice) => self.choice(choice, next),
            Step::Loop { label, steps } => {
                let head = self.heads.len();
                self.heads.push(At::End);
                self.loops.push((label, head));
                let first = self.steps(steps, At::Head(head));
                self.loops.pop();
                self.heads[head] = first;
                if let At::Node(node) = self.resolve(first).unwrap_or(At::End) {
                    self.nodes[node].label = Some(label.clone());
                }
                At::Head(head)
            }
            Step::Continue { label, .. } => {
                let around = self.loops.iter().rev().find(|(name, _)| *name == label);
                // A label that is none was told; the loop around is meant, if there is one.
                around.or(self.loops.last()).map_or(At::End, |(_, head)| At::Head(*head))
            }
            Step::End { .. } => At::End,
        }
    }

    fn choice(&mut self, choice: &'a Choice, next: At) -> At {
        let mut edges = Vec::new();
        let mut methods = HashSet::new();
        // Of two branches that look alike, which was told, the first counts.
        let is_first = |branch: &&Branch| methods.insert(snake_case(&branch.message.name));
        let branches: Vec<&Branch> = choice.branches.iter().filter(is_first).collect();
        for branch in branches.into_iter().rev() {
            let follows = self.steps(&branch.steps, next);
            edges.push((self.word(&branch.message), follows));
        }
        edges.reverse();
        if edges.is_empty() {
            return next;
        }
        let speaker = self.protocol.role(&choice.role);
        self.node(speaker, true, edges, choice.within.as_ref(), choice.name.clone())
    }

    fn node(
        &mut self,
        speaker: usize,
        is_choice: bool,
        edges: Vec<(usize, At)>,
        within: Option<&Within>,
        choice: Option<Ident>,
    ) -> At {
        let within = within.or(self.protocol.within.as_ref()).cloned();
        self.nodes.push(Node { speaker, is_choice, edges, within, label: None, choice });
        At::Node(self.nodes.len() - 1)
    }

    fn word(&mut self, message: &Message) -> usize {
        let (name, payload) = (&message.name, payload_text(message));
        let is_same = |word: &&Word| word.message.name == *name;
        let same: Vec<&Word> = self.words.iter().filter(is_same).collect();
        let known = self
            .words
            .iter()
            .position(|word| word.message.name == *name && payload_text(&word.message) == payload);
        if let Some(known) = known {
            return known;
        }
        let variant = match same.len() {
            0 => at_place(&variant_text(name), name),
            count => at_place(&format!("{}{}", name.unraw(), count + 1), name),
        };
        self.words.push(Word { message: message.clone(), variant });
        self.words.len() - 1
    }

    /// Where a place really is. `None`: in a loop that says nothing.
    fn resolve(&self, at: At) -> Option<At> {
        let mut seen = HashSet::new();
        let mut at = at;
        while let At::Head(head) = at {
            if !seen.insert(head) {
                return None;
            }
            at = self.heads[head];
        }
        Some(at)
    }
}

// ===== From the graph to states =====

impl Machine {
    pub(super) fn of(protocol: &Protocol, errors: &mut Errors) -> Self {
        let mut builder = Builder {
            protocol,
            words: Vec::new(),
            nodes: Vec::new(),
            heads: Vec::new(),
            loops: Vec::new(),
        };
        builder.collect(&protocol.steps);
        let start = builder.steps(&protocol.steps, At::End);
        tell_silent_loops(&protocol.steps, errors);
        let mut order = Vec::new();
        visit(&builder, start, &mut order);
        let number = |at: At| match builder.resolve(at) {
            Some(At::Node(node)) => order.iter().position(|known| *known == node),
            _ => None,
        };
        let mut names = Names::of(&builder, &order);
        let states = order.iter().map(|at| {
            let node = &builder.nodes[*at];
            let edges = node.edges.iter();
            let edges = edges.map(|(word, next)| Edge { word: *word, next: number(*next) });
            let (names, offer) = names.next(*at, node, &builder.words);
            State {
                speaker: node.speaker,
                is_choice: node.is_choice,
                edges: edges.collect(),
                within: node.within.clone(),
                names,
                offer,
            }
        });
        let states: Vec<State> = states.collect();
        let can_end = states.iter().any(|state| state.edges.iter().any(|edge| edge.next.is_none()));
        Self { states, words: builder.words, can_end }
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.words.iter().map(|word| &word.message)
    }
}

/// In the order of the source: what is said first, and what follows each branch in turn.
fn visit(builder: &Builder<'_>, at: At, order: &mut Vec<usize>) {
    let mut open = vec![at];
    while let Some(at) = open.pop() {
        let Some(At::Node(node)) = builder.resolve(at) else { continue };
        if order.contains(&node) {
            continue;
        }
        order.push(node);
        open.extend(builder.nodes[node].edges.iter().rev().map(|(_, next)| *next));
    }
}

/// A loop goes round only by saying something.
fn tell_silent_loops(steps: &[Step], errors: &mut Errors) {
    for step in steps {
        match step {
            Step::Loop { label, steps } => {
                if is_silent(steps) {
                    errors.at(label, messages::LOOP_SAYS_NOTHING);
                } else {
                    tell_silent_loops(steps, errors);
                }
            }
            Step::Choice(choice) => {
                choice.branches.iter().for_each(|branch| tell_silent_loops(&branch.steps, errors));
            }
            Step::Say { .. } | Step::Continue { .. } | Step::End { .. } => {}
        }
    }
}

/// Whether control goes through without a word, or round.
fn is_silent(steps: &[Step]) -> bool {
    match steps.first() {
        None | Some(Step::Continue { .. }) => true,
        Some(Step::Loop { steps, .. }) => is_silent(steps),
        Some(Step::Choice(choice)) => choice.branches.is_empty(),
        Some(Step::Say { .. } | Step::End { .. }) => false,
    }
}

/// Gives each state a name that no other of its side has.
struct Names {
    taken: [HashSet<String>; 2],
    /// Those that the user gave, by their nodes.
    given: HashMap<usize, Ident>,
}

impl Names {
    fn of(builder: &Builder<'_>, order: &[usize]) -> Self {
        let hidden = builder.words.iter().flat_map(|word| payload_names(&word.message));
        let hidden = hidden.map(|name| name.to_string());
        let taken: HashSet<String> = hidden.chain(RESERVED.map(str::to_owned)).collect();
        let mut names = Self { taken: [taken.clone(), taken], given: HashMap::new() };
        for at in order {
            let node = &builder.nodes[*at];
            if let Some(given) = node.label.as_ref().or(node.choice.as_ref()) {
                let name = names.free(0, &given.unraw().to_string(), given);
                names.taken[1].insert(name.to_string());
                names.given.insert(*at, name);
            }
        }
        names
    }

    fn next(&mut self, at: usize, node: &Node, words: &[Word]) -> ([Ident; 2], Ident) {
        let first = &words[node.edges[0].0].message.name;
        let names = match self.given.get(&at) {
            Some(given) => [given.clone(), given.clone()],
            None => {
                let text = variant_text(first);
                let speaks = self.free(node.speaker, &format!("Send{text}"), first);
                [speaks, self.free(1 - node.speaker, &format!("Recv{text}"), first)]
            }
        };
        let offered = node.choice.as_ref().unwrap_or(&names[1]);
        let offer = match node.is_choice {
            true => self.free(1 - node.speaker, &format!("{}Offer", offered.unraw()), offered),
            false => offered.clone(),
        };
        (names, offer)
    }

    fn free(&mut self, side: usize, wish: &str, place: &Ident) -> Ident {
        let numbered = (2..).map(|number| format!("{wish}{number}"));
        let mut names = std::iter::once(wish.to_owned()).chain(numbered);
        let free = names.find(|name| self.taken[side].insert(name.clone()));
        at_place(&free.expect("there are more numbers than names"), place)
    }
}

// ===== Names of what is generated =====

/// A generated name that is shown where the user wrote another.
fn at_place(text: &str, place: &Ident) -> Ident {
    let span = hygiene::at(place.span());
    match syn::parse_str::<Ident>(text) {
        Ok(_) => Ident::new(text, span),
        Err(_) => Ident::new_raw(text, span),
    }
}

fn variant_text(name: &Ident) -> String {
    let text = name.unraw().to_string();
    if text == "Self" { "Self_".to_owned() } else { text }
}

/// What a message carries, to be compared.
pub(super) fn payload_text(message: &Message) -> String {
    let types = message.payload.iter().map(|part| &part.ty);
    quote!(#(#types),*).into_token_stream().to_string()
}

/// Names that stand at the beginning of a path in what a message carries.
pub(super) fn payload_names(message: &Message) -> Vec<Ident> {
    message.payload.iter().flat_map(|part| first_names(part.ty.to_token_stream())).collect()
}

fn first_names(tokens: TokenStream) -> Vec<Ident> {
    let (mut names, mut is_inside) = (Vec::new(), false);
    for token in tokens {
        match token {
            TokenTree::Ident(name) if !is_inside => names.push(name),
            TokenTree::Group(group) => names.extend(first_names(group.stream())),
            TokenTree::Punct(sign) => {
                is_inside = sign.as_char() == ':';
                continue;
            }
            _ => {}
        }
        is_inside = false;
    }
    names
}

/// `GetScore` is `get_score`.
pub(super) fn snake_case(name: &Ident) -> String {
    let text = name.unraw().to_string();
    let mut snake = String::new();
    let mut before = '_';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends_capitals = letters.peek().is_some_and(|next| next.is_lowercase());
        let begins_word = letter.is_uppercase()
            && before != '_'
            && (before.is_lowercase() || before.is_numeric() || ends_capitals);
        if begins_word {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        before = letter;
    }
    snake
}

/// The same as a name of a function or a module.
pub(super) fn snake_ident(name: &Ident) -> Ident {
    let (text, span) = (snake_case(name), hygiene::at(name.span()));
    match syn::parse_str::<Ident>(&text) {
        Ok(_) => Ident::new(&text, span),
        Err(_) if matches!(text.as_str(), "self" | "super" | "crate" | "_") => {
            Ident::new(&format!("{text}_"), span)
        }
        Err(_) => Ident::new_raw(&text, span),
    }
}

/// The module of a protocol; one that is called as its module, which is an error, makes another.
pub(super) fn module_ident(name: &Ident) -> Ident {
    match name.unraw() == snake_case(name) {
        true => at_place(&format!("{}_protocol", name.unraw()), name),
        false => snake_ident(name),
    }
}
