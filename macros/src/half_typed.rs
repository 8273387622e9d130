//! Half-typed input: what an editor gives a macro while its user types.
//!
//! Each known input is cut at each border between two tokens, in each of its groups, whose
//! delimiters are closed as an editor closes them. No cut makes a macro panic, and what was
//! finished before the cut is there afterwards, so that an editor knows it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::robustness::{Input, MACROS, Macro, inputs_in};

#[test]
fn half_typed_input_makes_no_macro_panic_and_loses_nothing_that_was_finished() {
    for one in MACROS {
        let folders = ["examples", "ui-tests/pass", "tests/servers"];
        let cuts: Vec<Input> = inputs_in(one, &folders).iter().flat_map(cuts_of).collect();
        assert!(!cuts.is_empty(), "no file uses `{}`", one.name);
        cuts.iter().for_each(|cut| check(one, cut));
    }
}

fn check(one: &Macro, cut: &Input) {
    let shown = || format!("`{}({})` on\n{}", one.name, cut.args, cut.item);
    let expanded = catch_unwind(AssertUnwindSafe(|| (one.expand)(cut.clone())));
    let Ok(expansion) = expanded else { panic!("it panics on {}", shown()) };
    let told = expansion.error.is_some();
    let text = expansion.into_tokens().to_string();
    for name in finished(one, &cut.item) {
        assert!(text.contains(&name), "`{name}` is lost: {}\n{text}", shown());
    }
    // A body that is half typed is rustc's to tell: the client is there, and completes.
    if one.name == "gen_server" && !told && !is_struct(&cut.item) {
        assert!(text.contains("Client"), "there is no client: {}\n{text}", shown());
    }
}

/// What the rest of the program knows of an input, as far as it is finished.
fn finished(one: &Macro, input: &TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = input.clone().into_iter().collect();
    match one.name {
        "gen_server" => methods(&tokens),
        "main" | "application" => Vec::new(),
        "supervisor" => trees(&tokens),
        "pipe" => names_before_last(&tokens, |token, next| {
            is_sign(token, '|') && next.is_some_and(|next| is_sign(next, '>'))
        }),
        "receive" => names_before_last(&tokens, |token, _| is_sign(token, ',')),
        "ping_pong" => names_before_last(&tokens, |token, _| {
            is_word(token, "ping") || is_word(token, "pong") || is_sign(token, ';')
        }),
        _ => Vec::new(),
    }
}

/// All names that stand before the last of the signs that end something.
fn names_before_last(
    tokens: &[TokenTree],
    ends: impl Fn(&TokenTree, Option<&TokenTree>) -> bool,
) -> Vec<String> {
    let krate = tokens.first().is_some_and(|first| is_word(first, "crate"));
    let begin = tokens.iter().position(|token| krate && is_sign(token, ';'));
    let tokens = &tokens[begin.map_or(0, |end| end + 1)..];
    let end = (0..tokens.len()).rev().find(|at| ends(&tokens[*at], tokens.get(at + 1)));
    let finished = &tokens[..end.unwrap_or(0)];
    // In a `macro_rules!`, whose own words these are.
    if finished.iter().any(|token| is_sign(token, '$')) {
        return Vec::new();
    }
    let finished = finished.iter().cloned().collect();
    // The words of the macro itself.
    let words = ["ping", "pong", "after", "crate", "_"];
    names(finished).into_iter().filter(|name| !words.contains(&name.as_str())).collect()
}

fn names(tokens: TokenStream) -> Vec<String> {
    let names = tokens.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => names(group.stream()),
        TokenTree::Ident(name) => vec![name.to_string()],
        _ => Vec::new(),
    });
    names.collect()
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// The methods of an `impl` whose bodies are there.
fn methods(tokens: &[TokenTree]) -> Vec<String> {
    let is_impl = tokens.iter().any(|token| is_word(token, "impl"));
    let Some(TokenTree::Group(body)) = tokens.last().filter(|_| is_impl) else {
        return Vec::new();
    };
    if body.delimiter() != Delimiter::Brace {
        return Vec::new();
    }
    let mut names = Vec::new();
    let mut begun: Option<String> = None;
    for pair in body.stream().into_iter().collect::<Vec<_>>().windows(2) {
        match pair {
            [first, TokenTree::Ident(name)] if is_word(first, "fn") => {
                begun = Some(format!("fn {name}"));
            }
            [_, TokenTree::Group(group)] if group.delimiter() == Delimiter::Brace => {
                names.extend(begun.take());
            }
            _ => {}
        }
    }
    names
}

/// A tree that has its braces: its type is known from then on.
fn trees(tokens: &[TokenTree]) -> Vec<String> {
    let is_tree = match tokens.last() {
        Some(TokenTree::Group(body)) => body.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let name = tokens.iter().find_map(|token| match token {
        TokenTree::Ident(name) if *name != "pub" && *name != "crate" => Some(name.to_string()),
        _ => None,
    });
    name.filter(|_| is_tree).into_iter().collect()
}

fn is_struct(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter();
    tokens.any(|token| is_word(&token, "struct") || is_word(&token, "enum"))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

/// The input, cut everywhere.
fn cuts_of(input: &Input) -> Vec<Input> {
    let cuts = cut_everywhere(&input.item);
    cuts.into_iter().map(|item| Input { args: input.args.clone(), item }).collect()
}

fn cut_everywhere(tokens: &TokenStream) -> Vec<TokenStream> {
    let mut cuts = Vec::new();
    let mut before: Vec<TokenTree> = Vec::new();
    for token in tokens.clone() {
        cuts.push(before.iter().cloned().collect());
        if let TokenTree::Group(group) = &token {
            for inside in cut_everywhere(&group.stream()) {
                let group = TokenTree::Group(Group::new(group.delimiter(), inside));
                cuts.push(before.iter().cloned().chain([group]).collect());
            }
        }
        before.push(token);
    }
    cuts
}
