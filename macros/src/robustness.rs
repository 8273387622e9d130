//! Bad input: whatever a macro is given, it answers with tokens, never with a panic.
//!
//! The inputs are those of the ui-tests and the examples, changed at random places, and tokens at
//! random. `FUZZ_SEED` is the first seed; with `FUZZ_SECONDS` each macro gets input for so many
//! seconds of a core.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "this is no part of the macros: it runs for a time and says what it did"
)]
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::{File, ImplItem, Item, TraitItem};

use crate::entry::Expansion;
use crate::hygiene::regrouped;

/// How many inputs each macro gets where no time is set.
const INPUTS: u64 = 1_500;

/// What is given to a macro: its arguments, empty where it has none, and the item or the input.
#[derive(Clone)]
pub(crate) struct Input {
    pub(crate) args: TokenStream,
    pub(crate) item: TokenStream,
}

pub(crate) type Expand = fn(Input) -> Expansion;

/// A macro that stands before an item, or around its input.
pub(crate) struct Macro {
    pub(crate) name: &'static str,
    pub(crate) is_attribute: bool,
    pub(crate) expand: Expand,
}

impl Macro {
    /// A derive never repeats its item.
    fn is_derive(&self) -> bool {
        matches!(self.name, "Env" | "NotAHandle")
    }
}

pub(crate) const MACROS: &[Macro] = &[
    Macro {
        name: "gen_server",
        is_attribute: true,
        expand: |input| crate::gen_server::expand(input.args, input.item),
    },
    Macro {
        name: "gen_statem",
        is_attribute: true,
        expand: |input| crate::gen_statem::expand(input.args, input.item),
    },
    Macro {
        name: "behaviour",
        is_attribute: true,
        expand: |input| crate::gen_server::behaviour::expand(input.args, input.item),
    },
    Macro {
        name: "application",
        is_attribute: true,
        expand: |input| crate::application::expand(input.args, input.item),
    },
    Macro {
        name: "main",
        is_attribute: true,
        expand: |input| crate::main_attr::expand(input.args, input.item),
    },
    Macro {
        name: "test",
        is_attribute: true,
        expand: |input| crate::test_attr::expand(input.args, input.item),
    },
    Macro {
        name: "chaos_test",
        is_attribute: true,
        expand: |input| crate::chaos_test::expand(input.args, input.item),
    },
    Macro { name: "Env", is_attribute: true, expand: |input| crate::env::expand(input.item) },
    Macro {
        name: "NotAHandle",
        is_attribute: true,
        expand: |input| crate::not_a_handle::expand(input.item),
    },
    Macro {
        name: "registry",
        is_attribute: false,
        expand: |input| crate::registry::expand(input.item),
    },
    Macro {
        name: "supervisor",
        is_attribute: false,
        expand: |input| crate::supervisor::expand(input.item),
    },
    Macro { name: "table", is_attribute: false, expand: |input| crate::table::expand(input.item) },
    Macro {
        name: "ping_pong",
        is_attribute: false,
        expand: |input| crate::ping_pong::expand(input.item),
    },
    Macro { name: "pipe", is_attribute: false, expand: |input| crate::pipe::expand(input.item) },
    Macro {
        name: "protocol",
        is_attribute: false,
        expand: |input| crate::protocol::expand(input.item),
    },
    Macro {
        name: "receive",
        is_attribute: false,
        expand: |input| crate::receive::expand(input.item),
    },
    Macro {
        name: "expect_cast",
        is_attribute: false,
        expand: |input| crate::expect::expand(crate::expect::Verb::Cast, &input.item),
    },
    Macro {
        name: "expect_call",
        is_attribute: false,
        expand: |input| crate::expect::expand(crate::expect::Verb::Call, &input.item),
    },
    Macro {
        name: "assert_receive",
        is_attribute: false,
        expand: |input| crate::expect::expand(crate::expect::Verb::Assert, &input.item),
    },
    Macro {
        name: "refute_receive",
        is_attribute: false,
        expand: |input| crate::expect::expand(crate::expect::Verb::Refute, &input.item),
    },
];

// ===== What holds =====

/// What is nearly right is told what is wrong with it.
#[test]
fn changed_inputs_never_make_a_macro_panic() {
    for one in MACROS {
        let inputs = known_inputs(one);
        assert!(!inputs.is_empty(), "no file uses `{}`", one.name);
        let mut given = 0;
        for seed in seeds() {
            given += 1;
            let mut random = Random(seed);
            let mut input = random.of(&inputs).clone();
            for _ in 0..1 + random.below(3) {
                let other = random.of(&inputs).clone();
                if one.is_attribute && random.below(4) == 0 {
                    input.args = changed(input.args, &other.args, &mut random);
                } else {
                    input.item = changed(input.item, &other.item, &mut random);
                }
            }
            check(one, seed, &input);
        }
        count(one, given);
    }
}

/// What is nothing at all is told so, too.
#[test]
fn tokens_at_random_never_make_a_macro_panic() {
    for one in MACROS {
        let mut given = 0;
        for seed in seeds() {
            given += 1;
            let mut random = Random(seed ^ 0xC0DE);
            let (args, item) = (some_tokens(&mut random, 2), some_tokens(&mut random, 4));
            check(one, seed, &Input { args, item });
        }
        count(one, given);
    }
}

/// It does not panic; what the compiler gets is made of items where the input was, and of
/// statements for a value; who annotated an item has it still; and what is no item is told.
fn check(one: &Macro, seed: u64, input: &Input) {
    let shown = || format!("seed {seed}: `{}({})` on\n{}", one.name, input.args, input.item);
    let expanded = catch_unwind(AssertUnwindSafe(|| (one.expand)(input.clone())));
    let Ok(Expansion { tokens, error }) = expanded else { panic!("it panics on {}", shown()) };
    let told = error.is_some();
    let whole = Expansion { tokens, error }.into_tokens();
    if !one.is_attribute {
        let is_block = || {
            let block = with_a_value_for_crate(quote::quote!({ #whole }));
            syn::parse2::<syn::Block>(block).is_ok()
        };
        let is_items = || syn::parse2::<File>(whole.clone()).is_ok();
        let is_read = match one.name {
            "ping_pong" | "pipe" => true,
            "expect_cast" | "expect_call" | "assert_receive" | "refute_receive" | "receive" => {
                is_block()
            }
            _ => is_items(),
        };
        assert!(is_read, "what it becomes cannot be read: {}\n{whole}", shown());
        return;
    }
    // What is wrong inside a body is rustc's to tell.
    let is_item = |item: TokenStream| match syn::parse2::<Item>(item) {
        Ok(Item::Verbatim(_)) | Err(_) => None,
        Ok(item) => Some(item),
    };
    let outside = |depth| is_item(without_bodies(input.item.clone(), depth));
    let item = is_item(input.item.clone());
    let known = item.is_some() || (0..2).any(|depth| outside(depth).is_some());
    assert!(known || told, "it tells nothing of {}", shown());
    let Some(item) = item else { return };
    let parsed = syn::parse2::<File>(whole.clone());
    assert!(parsed.is_ok(), "what it becomes cannot be read: {}\n{whole}", shown());
    // Nobody names a test.
    if !one.is_derive() && !matches!(one.name, "test" | "chaos_test") {
        let text = whole.to_string();
        let lost = names_of(&item).into_iter().find(|name| !text.contains(name));
        assert!(lost.is_none(), "`{lost:?}` is lost: {}\n{whole}", shown());
    }
}

/// A word that syn reads as a value wherever rustc does, in the place of each `crate` that begins
/// no path.
fn with_a_value_for_crate(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut with = Vec::new();
    while let Some(token) = tokens.next() {
        let is_path =
            matches!(tokens.peek(), Some(TokenTree::Punct(sign)) if sign.as_char() == ':');
        with.push(match token {
            TokenTree::Ident(word) if word == "crate" && !is_path => {
                TokenTree::Ident(Ident::new("value", word.span()))
            }
            TokenTree::Group(group) => {
                TokenTree::Group(regrouped(&group, with_a_value_for_crate(group.stream())))
            }
            other => other,
        });
    }
    with.into_iter().collect()
}

/// With nothing between the braces so deep inside.
fn without_bodies(tokens: TokenStream, depth: usize) -> TokenStream {
    let without = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            let inside = match depth {
                0 => TokenStream::new(),
                _ => without_bodies(group.stream(), depth - 1),
            };
            TokenTree::Group(Group::new(Delimiter::Brace, inside))
        }
        other => other,
    };
    tokens.into_iter().map(without).collect()
}

/// The names by which the rest of the program knows an item.
fn names_of(item: &Item) -> Vec<String> {
    match item {
        Item::Struct(item) => vec![item.ident.to_string()],
        Item::Enum(item) => vec![item.ident.to_string()],
        Item::Fn(item) => vec![item.sig.ident.to_string()],
        Item::Impl(item) => {
            let methods = item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
                _ => None,
            });
            methods.collect()
        }
        Item::Trait(item) => {
            let methods = item.items.iter().filter_map(|item| match item {
                TraitItem::Fn(method) => Some(method.sig.ident.to_string()),
                _ => None,
            });
            methods.chain([item.ident.to_string()]).collect()
        }
        _ => Vec::new(),
    }
}

fn seeds() -> impl Iterator<Item = u64> {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("FUZZ_SEED").unwrap_or(1);
    let limit = number("FUZZ_SECONDS").map(Duration::from_secs);
    let (start, ran) = (Instant::now(), time_of_core());
    let goes_on = move |seed: &u64| match limit {
        None => *seed < first + INPUTS,
        Some(limit) => match (ran, time_of_core()) {
            (Some(before), Some(now)) => now - before < limit,
            _ => start.elapsed() < limit,
        },
    };
    (first..).take_while(goes_on)
}

/// How long this thread has run on a core, where Linux tells: on a busy machine it is less than
/// has passed.
fn time_of_core() -> Option<Duration> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(told.split(' ').next()?.parse().ok()?))
}

/// Says how much input a macro got, for who runs it for long.
fn count(one: &Macro, inputs: usize) {
    if std::env::var_os("FUZZ_SECONDS").is_some() {
        println!("fuzz: {} got {inputs} inputs", one.name);
    }
}

// ===== Inputs that are known =====

fn known_inputs(one: &Macro) -> Vec<Input> {
    inputs_in(one, &["ui-tests/pass", "ui-tests/fail", "examples", "tests/servers"])
}

/// What a macro is given in the files of these folders.
pub(crate) fn inputs_in(one: &Macro, folders: &[&str]) -> Vec<Input> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in folders {
        collect(&root.join(folder), &mut files);
    }
    files.sort();
    let mut inputs = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).expect("sources are UTF-8");
        if let Ok(tokens) = text.parse::<TokenStream>() {
            find(one, &tokens.into_iter().collect::<Vec<_>>(), &mut inputs);
        }
    }
    inputs
}

/// The uses of a macro in one file.
pub(crate) fn find_in(one: &Macro, file: TokenStream) -> Vec<Input> {
    let mut inputs = Vec::new();
    find(one, &file.into_iter().collect::<Vec<_>>(), &mut inputs);
    inputs
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// `#[name(args)] item`, or `name! { input }`.
fn find(one: &Macro, tokens: &[TokenTree], inputs: &mut Vec<Input>) {
    let is_name = |token: &TokenTree| matches!(token, TokenTree::Ident(name) if *name == one.name);
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
        find(one, &inside, inputs);
        if one.is_attribute && group.delimiter() == Delimiter::Bracket {
            let is_derive =
                matches!(inside.first(), Some(TokenTree::Ident(name)) if name == "derive");
            let named = match one.name {
                name if one.is_derive() => is_derive && group.stream().to_string().contains(name),
                _ => inside.iter().any(is_name),
            };
            let args = inside.iter().rev().find_map(|token| match token {
                TokenTree::Group(group) if !is_derive => Some(group.stream()),
                _ => None,
            });
            if named {
                let item = item_behind(&tokens[at + 1..]);
                inputs.push(Input { args: args.unwrap_or_default(), item });
            }
        } else if !one.is_attribute && at >= 2 && is_name(&tokens[at - 2]) {
            inputs.push(Input { args: TokenStream::new(), item: group.stream() });
        }
    }
}

/// Up to its braces or its semicolon.
fn item_behind(tokens: &[TokenTree]) -> TokenStream {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    };
    let end = tokens.iter().position(is_end).map_or(tokens.len(), |at| at + 1);
    tokens[..end].iter().cloned().collect()
}

// ===== Chance =====

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let end = end as u64;
        usize::try_from((z ^ (z >> 31)) % end).expect("it is below a length")
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

const WORDS: &[&str] = &[
    "struct",
    "enum",
    "impl",
    "fn",
    "async",
    "pub",
    "self",
    "Self",
    "mut",
    "where",
    "for",
    "crate",
    "init",
    "call",
    "cast",
    "info",
    "restart",
    "strategy",
    "max_restarts",
    "late",
    "dynamic",
    "partition",
    "edge",
    "in",
    "name",
    "x",
    "T",
    "'a",
    "r#fn",
    "_",
    "#",
    "!",
    "$",
    "::",
    ":",
    ";",
    ",",
    ".",
    "..",
    "->",
    "=>",
    "=",
    "<",
    ">",
    "&",
    "|",
    "?",
    "-",
    "0",
    "1_000",
    "5s",
    "3.5",
    "0xFFu8",
    "18446744073709551616",
    "\"text\"",
    "\"\"",
    "b\"x\"",
    "'c'",
    "()",
    "{}",
    "[]",
    "#[call]",
    "#[init]",
    "#[cfg(any())]",
    "#[doc = 1]",
    "(self)",
    "&mut self",
    "infinity",
];

fn some_token(random: &mut Random) -> Vec<TokenTree> {
    let word = random.of(WORDS);
    word.parse::<TokenStream>().map(|tokens| tokens.into_iter().collect()).unwrap_or_default()
}

fn some_tokens(random: &mut Random, depth: usize) -> TokenStream {
    let mut tokens = Vec::new();
    for _ in 0..random.below(10) {
        if depth > 0 && random.below(4) == 0 {
            let inside = some_tokens(random, depth - 1);
            tokens.push(TokenTree::Group(Group::new(delimiter(random), inside)));
        } else {
            tokens.extend(some_token(random));
        }
    }
    tokens.into_iter().collect()
}

fn delimiter(random: &mut Random) -> Delimiter {
    *random.of(&[Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket])
}

/// One change, here or in one of the groups.
fn changed(tokens: TokenStream, other: &TokenStream, random: &mut Random) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let groups: Vec<usize> =
        (0..tokens.len()).filter(|at| matches!(tokens[*at], TokenTree::Group(_))).collect();
    if !groups.is_empty() && random.below(10) < 7 {
        let at = *random.of(&groups);
        if let TokenTree::Group(group) = &tokens[at] {
            let same = random.below(12) > 0;
            let delimiter = if same { group.delimiter() } else { delimiter(random) };
            let inside = changed(group.stream(), other, random);
            tokens[at] = TokenTree::Group(Group::new(delimiter, inside));
        }
        return tokens.into_iter().collect();
    }
    let at = random.below(tokens.len() + 1);
    let here = at.min(tokens.len().saturating_sub(1));
    match random.below(6) {
        _ if tokens.is_empty() => tokens.extend(some_token(random)),
        0 => drop(tokens.remove(here)),
        1 => tokens.insert(at, tokens[here].clone()),
        2 => tokens.swap(here, at.saturating_sub(1).min(here)),
        3 => drop(tokens.splice(here..=here, some_token(random))),
        4 => drop(tokens.splice(at..at, some_token(random))),
        _ => {
            let others: Vec<TokenTree> = other.clone().into_iter().collect();
            let from = random.below(others.len() + 1);
            drop(tokens.splice(at..at, others.into_iter().skip(from).take(4)));
        }
    }
    tokens.into_iter().collect()
}

/// What the long run has found, each once.
#[test]
fn inputs_that_were_found_stay_mended() {
    let found = [
        ("gen_server", "behaviours(self)", "impl Heap {}"),
        ("gen_server", "", "impl Heap { #[call] fn count(&self, from: &(ReplyTo)) {} }"),
        ("gen_server", "", "impl Heap { #[call] fn count(&self, from: ReplyTo(u8)) {} }"),
        ("gen_server", "", "struct Heap { seat: Self<Seat> }"),
        ("application", "", "Self::supervisor! { Sup { children: [] } }"),
        ("Env", "", "struct Heap { _: u8, size: u8 }"),
        ("NotAHandle", "", "struct Guest<_> { seat: u8 }"),
        ("table", "", "Tags<_>: u8 => String, bag"),
        ("expect_cast", "", "probe.., Add { mut player } => crate"),
        ("protocol", "", "pub(in ::inner) Here: A => B { A -> B: Hello; }"),
        ("supervisor", "", "Sup<_> { children: [] }"),
        ("supervisor", "", "Sup(self: u8) { children: [] }"),
        (
            "supervisor",
            "",
            "#[application(env = #[cfg(all())] Cfg)] Sup(cfg: Cfg) { children: [] }",
        ),
        ("main", "", "async fn main() { #![allow(unused)] }"),
        ("test", "", "async fn sails() { #![allow(unused)] }"),
        ("chaos_test", "", "async fn sails(chaos: Chaos) { #![allow(unused)] }"),
        (
            "gen_server",
            "",
            "impl Heap { #[call] fn count(&self) -> u8 { #![cfg(all())] #![doc = \"a\"] 1 } \
                #[cast] async fn add(&mut self) { #![allow(unused)] #![cfg(all())] } }",
        ),
        (
            "gen_statem",
            "Locked | Open",
            "impl Door { #[on(Locked)] #[cast] fn push(&mut self) -> to![Open] { \
                #![cfg(all())] #![doc = \"a\"] goto(Open) } }",
        ),
        (
            "behaviour",
            "",
            "trait Rad { #[call] fn turn(&self) -> u8 { #![cfg(all())] #![doc = \"a\"] 1 } }",
        ),
        ("behaviour", "crate = ::crate::Self", "trait Rad { #[call] fn turn(&self) -> u8; }"),
        (
            "gen_statem",
            "Locked | Open",
            "impl Door { #[on(Locked)] #[cast] fn push(&mut self) -> to![Open] { \
                fn other() -> to![Open] { to![Open] } \
                fn third() -> (u8, to![Open]) { (1, goto(Open)) } \
            } }",
        ),
    ];
    for (seed, (name, args, item)) in (0..).zip(found) {
        let one = MACROS.iter().find(|one| one.name == name).expect("there is such a macro");
        let read = |text: &str| text.parse::<TokenStream>().expect("these are tokens");
        check(one, seed, &Input { args: read(args), item: read(item) });
    }
}
