//! Draws the tree for the documentation of its struct.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Path};

use super::model::{Backoff, Child, Kind, MaxRestarts, Node, Options, Shutdown, Supervisor, Tree};
use crate::attrs::Time;
use crate::print;

/// The lines of the drawing, fences included.
pub(crate) fn lines(supervisor: &Supervisor) -> Vec<String> {
    let mut lines = vec!["```text".to_owned()];
    lines.push(format!("{} ({})", supervisor.name, flags(&supervisor.tree)));
    branches(&supervisor.tree, "", &mut lines);
    lines.push("```".to_owned());
    lines
}

/// A child with the conditions under which it is there.
type Branch<'a> = (&'a Child, Vec<String>);

fn branches(tree: &Tree, indent: &str, lines: &mut Vec<String>) {
    let branches = flatten(tree.nodes(), &[]);
    for (at, (child, conditions)) in branches.iter().enumerate() {
        let (knee, below) = if at + 1 == branches.len() {
            ("└── ", "    ")
        } else {
            ("├── ", "│   ")
        };
        let about = describe(child, conditions);
        lines.push(format!("{indent}{knee}{}: {about}", child.id));
        if let Kind::Nested(nested) = &child.kind {
            self::branches(nested, &format!("{indent}{below}"), lines);
        }
    }
}

fn flatten<'a>(nodes: &'a [Node], conditions: &[String]) -> Vec<Branch<'a>> {
    let each = nodes.iter().flat_map(|node| match node {
        Node::Child(child) => vec![(&**child, conditions.to_vec())],
        Node::If(block) => {
            let condition = format!("if {}", source(&block.condition));
            flatten(&block.nodes, &[conditions, &[condition]].concat())
        }
    });
    each.collect()
}

fn describe(child: &Child, conditions: &[String]) -> String {
    let mut about = vec![match &child.kind {
        Kind::One { ty, .. } => path(ty),
        Kind::Dynamic { ty } => format!("dynamic {}", path(ty)),
        Kind::Partition { count, ty, strategy, .. } => {
            let count = count.as_ref().map(|count| format!("({})", source(count)));
            let strategy = strategy.map(|strategy| format!(", {}", strategy.name()));
            let [count, strategy] = [count, strategy].map(Option::unwrap_or_default);
            format!("partition{count} {}{strategy}", path(ty))
        }
        Kind::Task { args, .. } => {
            let futures: Vec<_> = args.exprs.iter().map(source).collect();
            format!("task {}", futures.join(", "))
        }
        Kind::Nested(tree) => format!("supervisor ({})", flags(tree)),
        Kind::Unknown(_) => String::new(),
    }];
    about.extend(options(&child.options));
    about.extend(conditions.iter().cloned());
    about.extend(child.cfgs.iter().map(cfg));
    about.join(", ")
}

fn flags(tree: &Tree) -> String {
    let mut flags = vec![tree.strategy.name().to_owned()];
    flags.extend(tree.max_restarts.as_ref().map(max_restarts));
    flags.extend(tree.auto_shutdown.map(|auto| format!("auto_shutdown {}", auto.name())));
    flags.join(", ")
}

fn options(options: &Options) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(options.restart.as_ref().map(|restart| format!("restart {restart}")));
    words.extend(options.shutdown.as_ref().map(|shutdown| match shutdown {
        Shutdown::BrutalKill => "shutdown brutal_kill".to_owned(),
        Shutdown::Infinity => "shutdown infinity".to_owned(),
        Shutdown::After(after) => format!("shutdown {}", time(after)),
    }));
    let significant = options.significant.as_ref().filter(|significant| significant.value);
    words.extend(significant.map(|_| "significant".to_owned()));
    words.extend(
        options.backoff.as_ref().map(|Backoff { first, longest }| {
            format!("backoff {} to {}", time(first), time(longest))
        }),
    );
    words.extend(options.max_children.as_ref().map(|most| format!("at most {}", source(most))));
    words.extend(options.max_restarts.as_ref().map(max_restarts));
    words
}

fn max_restarts(limit: &MaxRestarts) -> String {
    format!("max_restarts {} in {}", source(&limit.count), time(&limit.period))
}

fn time(time: &Time) -> String {
    match time {
        Time::Fixed(fixed, _) => format!("{fixed:?}"),
        Time::Computed(computed) => source(computed),
    }
}

fn cfg(attr: &Attribute) -> String {
    source(&attr.meta)
}

fn path(path: &Path) -> String {
    source(path)
}

/// The tokens on one line, without what would end the fence of the drawing.
pub(super) fn source(tokens: &impl ToTokens) -> String {
    let tokens: TokenStream = tokens.to_token_stream();
    let text = print::lines(&tokens).replace('`', "'").replace("&&", "&& ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
