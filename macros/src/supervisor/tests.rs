//! What the rules say about a tree, and what a good one becomes.

use proc_macro2::TokenStream;
use quote::quote;

use super::expand;
use crate::print;

fn errors_of(input: TokenStream) -> Vec<String> {
    let errors = expand(input).error.into_iter().flatten();
    errors.map(|error| error.to_string()).collect()
}

/// The errors of a tree whose `children` are these.
#[track_caller]
fn check_children(children: &TokenStream, expected: &[&str]) {
    let errors = errors_of(quote!(pub S(cfg: Cfg) { children: [#children] }));
    assert_eq!(errors, expected);
}

/// The errors of a tree with these fields and one child.
#[track_caller]
fn check_fields(fields: &TokenStream, expected: &[&str]) {
    assert_eq!(errors_of(quote!(S { #fields, children: [a: A] })), expected);
}

/// What is said about a server that starts later.
fn later(child: &str, sibling: &str) -> String {
    format!(
        "`{child}` needs `{sibling}`, which starts later; move `{sibling}` above `{child}`, or \
         write `late {sibling}` if its casts are enough (if `{sibling}` also needs `{child}`, that \
         is a cycle: break it with `late`, a name lookup or a message)"
    )
}

/// What is said about anything else that starts later.
fn later_tree(child: &str, sibling: &str) -> String {
    format!(
        "`{child}` needs `{sibling}`, which starts later; move `{sibling}` above `{child}` (if \
         `{sibling}` also needs `{child}`, that is a cycle: break it with a name lookup or a \
         message)"
    )
}

#[test]
fn whole_grammar_is_read() {
    let errors = errors_of(quote! {
        crate = my::cordial;
        /// The tree.
        pub(crate) HarborSup<S: Store>(store: Ref<S>, metrics: bool) where S: Clone {
            strategy: RestForOne,
            max_restarts: 3 in 5s,
            auto_shutdown: Never,
            children: [
                /// Points.
                board: Scoreboard(Scoreboard::default()),
                buckets: Buckets,
                cache: a::Cache<String, u32>(store, board) {
                    restart: Transient, shutdown: 5s, backoff: exp(1s, wait)
                },
                rooms: dynamic ChatRoom { max_children: 10_000, max_restarts: 9 in 1min },
                if metrics && board.is_some() { extra: Publisher(cache), more: Publisher(extra) },
                #[cfg(feature = "prom")] prom: Publisher(cache) { shutdown: brutal_kill },
                #[cfg(not(feature = "prom"))] prom: Publisher(cache) { shutdown: infinity },
                edge: supervisor { children: [ publisher: Publisher(board) ], restart: Temporary },
                last: Publisher(edge.publisher, format!("{board:?}", board), |later| later),
                billing: BillingSup(store),
            ],
        }
    });
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn every_mistake_of_a_tree_is_told_at_once() {
    let errors = errors_of(quote! {
        S<'a>(name: &str) {
            stratgy: OneForOne,
            strategy: one_for_all,
            max_restarts: 3 in 5,
            children: [
                a: A,
                a: A,
                b: B(c) { restrt: Transient },
                c: C { max_children: 3 },
                d: 5,
                e: E(x) { backoff: 1s },
            ],
        }
    });
    let expected = [
        "expected the child's type: `id: Type(..)`",
        "unknown field `stratgy`; did you mean `strategy`?",
        "unknown strategy `one_for_all`; did you mean `OneForAll`?",
        "a duration needs a unit: `5ms`, `5s`, `5min` or `5h`",
        "unknown child option `restrt`; did you mean `restart`?",
        "`max_children` is for `dynamic` children",
        "`backoff` is the first wait and the longest one: `exp(100ms, 10s)`",
        "a tree owns all that it starts children from; it has no lifetimes",
        "the tree keeps its parameters to restart children from; take it by value",
        "two children are called `a`",
        &later("b", "c"),
    ];
    assert_eq!(errors, expected);
}

#[test]
fn siblings_are_used_after_they_start() {
    check_children(&quote!(a: A, n: N(a)), &[]);
    check_children(&quote!(n: N(a), a: A), &[&later("n", "a")]);
    check_children(&quote!(n: N(&a, a.clone(), f(a)), a: A), &[&later("n", "a")]);
    check_children(&quote!(x: X(y), y: Y(x)), &[&later("x", "y")]);
    check_children(&quote!(n: N(n)), &["`n` cannot depend on itself"]);
    check_children(&quote!(if z.ok() { n: N }, z: Z), &[&later("n", "z")]);
    check_children(&quote!(e: supervisor { children: [n: N(z)] }, z: Z), &[&later("n", "z")]);
    check_children(&quote!(n: N(r), r: dynamic R), &[&later_tree("n", "r")]);
    check_children(&quote!(n: N(w), w: partition(2) W), &[&later_tree("n", "w")]);
    check_children(
        &quote!(w: partition(m.len()) W(a), m: M, a: A),
        &[&later("w", "m"), &later("w", "a")],
    );
}

#[test]
fn late_takes_a_server_that_starts_later() {
    let no_server = |name: &str, what: &str| {
        format!("`late` gives the casts of a server; `{name}` is {what}, and has none")
    };
    let no_sibling =
        |name: &str| format!("`late` takes a sibling that starts later; `{name}` is none");
    let up = "`a` is already up: write `a`";
    check_children(&quote!(n: N(1, late a), a: A(n)), &[]);
    check_children(&quote!(e: supervisor { children: [n: N(late a)] }, a: A(e.n)), &[]);
    check_children(&quote!(n: N(cfg, late cfg), cfg: A), &[]);
    check_children(&quote!(n: N(late), late: A), &[&later("n", "late")]);
    check_children(&quote!(a: A, n: N(late a)), &[up]);
    check_children(&quote!(a: A, e: supervisor { children: [n: N(late a)] }), &[up]);
    check_children(&quote!(a: A(late a)), &["`a` cannot depend on itself"]);
    check_children(&quote!(n: N(late cfg)), &[&no_sibling("cfg")]);
    check_children(&quote!(n: N(late e.a)), &[&no_sibling("e")]);
    check_children(
        &quote!(n: N(S { a: late b }, vec![late c])),
        &[&no_sibling("b"), &no_sibling("c")],
    );
    check_children(&quote!(n: N(S(late r#type)), r#type: A(late as u8)), &[]);
    check_children(&quote!(n: N(late r), r: dynamic R), &[&no_server("r", "`dynamic`")]);
    check_children(&quote!(n: N(late r), r: partition R), &[&no_server("r", "a `partition`")]);
    let nested = quote!(e: supervisor { children: [a: A] });
    check_children(&quote!(n: N(late e), #nested), &[&no_server("e", "a supervisor")]);
    check_children(&quote!(n: N(late a), #nested), &[&no_sibling("a")]);
}

/// PART-4
#[test]
fn partitions_are_one_or_more() {
    let count = "`partition` takes the number of its children: 1 or more";
    check_children(&quote!(w: partition(0) W), &[count]);
    check_children(&quote!(w: partition(-2) W), &[count]);
    check_children(&quote!(w: partition(1) W, x: partition(cfg.n()) W, y: partition W), &[]);
    let significant = "a `partition` child is never significant: it stands for several children";
    check_children(&quote!(w: partition(1) W { significant: true }), &[significant]);
    let unknown = "unknown option of a partition `auto_shutdown`; known are `strategy`, \
                   `max_restarts`, `restart`, `shutdown`, `significant` and `backoff`";
    check_children(&quote!(w: partition(1) W { auto_shutdown: AnySignificant }), &[unknown]);
    let named = |word: &str| {
        format!("`{word}` starts children of a type: write this tree as a `supervisor!` of its own")
    };
    check_children(&quote!(w: partition(1) supervisor { children: [] }), &[&named("partition")]);
    check_children(&quote!(w: dynamic supervisor { children: [] }), &[&named("dynamic")]);
}

#[test]
fn only_expression_paths_of_one_segment_are_siblings() {
    check_children(&quote!(n: N(a(), a::b, self.a, S { a: 1 }, vec![a]), a: A), &[]);
    check_children(&quote!(n: N(|a| a, { let a = 1; a }), a: A), &[]);
    check_children(&quote!(cfg: C(cfg)), &[]);
}

#[test]
fn nested_handle_is_reached_through_its_supervisor() {
    let nested = quote!(e: supervisor { children: [a: A, f: supervisor { children: [b: B(a)] }] });
    check_children(&quote!(#nested, n: N(e.a, e.f.b)), &[]);
    check_children(&quote!(#nested, n: N(a)), &["`a` is a child of `e`: write `e.a`"]);
    check_children(&quote!(#nested, n: N(b)), &["`b` is a child of `e`: write `e.f.b`"]);
    check_children(
        &quote!(e: supervisor { children: [a: A(e)] }),
        &["`e` cannot depend on itself"],
    );
}

#[test]
fn words_of_later_versions_are_known() {
    let later = |word: &str| format!("`{word}` is not available yet in this version");
    check_children(&quote!(w: dynamic dyn Plugin), &[&later("dyn")]);
    check_children(&quote!(r: dynamic Room { by: Key }), &[]);
}

/// TYP-15
// break: TYP-15 macros/src/supervisor/check.rs `&& time.is_zero()` =>
//     `&& time.as_secs() == 1`
#[test]
fn limits_that_cannot_hold_are_refused() {
    let period = "nothing happens within no time: the period of `max_restarts` is longer than zero";
    check_fields(&quote!(max_restarts: 0 in 0s), &[period]);
    check_fields(&quote!(max_restarts: 0 in 1ms), &[]);
    let negative = "`max_restarts` counts restarts: it is 0 or more";
    check_fields(&quote!(max_restarts: -1 in 5s), &[negative]);
    let shape = "`max_restarts` is a number and a time: `3 in 5s`";
    check_fields(&quote!(max_restarts: 3), &[shape]);
    check_fields(&quote!(max_restarts: in 5s), &[shape]);
}

/// TYP-15
#[test]
fn significant_child_ends_by_itself_in_a_tree_that_cares() {
    let never = "a significant child needs a supervisor with `auto_shutdown: AnySignificant` or \
                 `AllSignificant`";
    check_children(&quote!(a: A { significant: true, restart: Transient }), &[never]);
    check_children(&quote!(a: A { significant: false }), &[]);
    let tree = |auto: TokenStream, options: TokenStream| {
        errors_of(quote!(S { auto_shutdown: #auto, children: [a: A { #options }] }))
    };
    let transient = quote!(significant: true, restart: Transient);
    assert!(tree(quote!(AnySignificant), transient.clone()).is_empty());
    assert!(tree(quote!(AllSignificant), quote!(significant: true)).is_empty());
    assert_eq!(tree(quote!(Never), transient), [never]);
    let permanent = "a `Permanent` child is restarted whenever it ends, so it is never significant";
    check_children(&quote!(a: A { significant: true, restart: Permanent }), &[permanent]);
    let dynamic =
        "a `dynamic` child is never significant: it stands for any number of children, or none";
    check_children(&quote!(a: dynamic A { significant: true }), &[dynamic]);
}

#[test]
fn header_that_cannot_be_read_is_one_error() {
    let name = "a supervisor starts with its name: `pub MySup { children: [..] }`";
    assert_eq!(errors_of(quote!()), [name]);
    assert_eq!(errors_of(quote!(pub struct S { children: [] })), [name]);
    assert_eq!(errors_of(quote!(S)), ["expected the fields of `S` in braces"]);
    assert_eq!(errors_of(quote!(S {})), ["`S` has no `children: [...]`"]);
}

#[test]
fn drawn_tree_shows_options_and_conditions() {
    let tokens = expand(quote! {
        S(on: bool) {
            strategy: OneForAll,
            max_restarts: 1_000 in 1min,
            children: [
                a: Cache<String, u32>(1) { restart: Transient },
                edge: supervisor { children: [ r: dynamic Room { max_children: 10 } ] },
                w: partition(4) W(shard) { strategy: OneForAll, shutdown: 1s },
                if on { #[cfg(unix)] z: x::Z },
            ],
        }
    });
    let text = print::lines(&tokens.tokens);
    let drawing = "/// S (OneForAll, max_restarts 1_000 in 60s)
/// ├── a: Cache<String, u32>, restart Transient
/// ├── edge: supervisor (OneForOne)
/// │   └── r: dynamic Room, at most 10
/// ├── w: partition(4) W, OneForAll, shutdown 1s
/// └── z: x::Z, if on, cfg(unix)";
    let lines: Vec<&str> = drawing.lines().collect();
    assert!(lines.iter().all(|line| text.contains(line)), "{text}");
}

/// The body of the generated `child_spec`, laid out by prettyplease.
fn child_spec_of(input: TokenStream) -> String {
    let file = syn::parse2(expand(input).tokens).expect("an expansion is a file");
    let text = prettyplease::unparse(&file);
    let start = text.find("::cordial::supervisor::TreeSpec::new").expect("a tree has a spec");
    let end = text[start..].find("\n    }").expect("a function ends");
    text[start..start + end].to_owned()
}

/// What the tree of the next test becomes.
const SMALL_TREE: &str = r#"::cordial::supervisor::TreeSpec::new(
            ::cordial::supervisor::Flags {
                strategy: ::cordial::Strategy::OneForOne,
                max_restarts: 1,
                period: ::core::time::Duration::from_secs(2u64),
                ..::core::default::Default::default()
            },
            "S",
            move |tree: &mut ::cordial::supervisor::Builder| {
                let a = {
                    let cfg = ::core::clone::Clone::clone(&cfg);
                    tree.add(<A>::child_spec(cfg).id("a"))
                };
                let b_0;
                let holds: ::core::primitive::bool = on;
                if holds {
                    let b = {
                        let a = ::core::clone::Clone::clone(&a);
                        tree.add(
                            <B>::child_spec(a, cfg)
                                .temporary()
                                .shutdown(::core::time::Duration::from_secs(1u64))
                                .id("b"),
                        )
                    };
                    b_0 = ::core::option::Option::Some(b);
                } else {
                    b_0 = ::core::option::Option::None;
                }
                let b = b_0;
                let e = tree
                    .add(
                        ::cordial::supervisor::TreeSpec::new(
                            ::cordial::supervisor::Flags {
                                strategy: ::cordial::Strategy::OneForAll,
                                ..::core::default::Default::default()
                            },
                            "e",
                            move |tree: &mut ::cordial::supervisor::Builder| {
                                let r = tree
                                    .add(::cordial::DynamicSpec::<Room>::new().id("r"));
                                SERef {
                                    r,
                                    __cordial_supervisor: tree.supervisor(),
                                }
                            },
                        ),
                    );
                SRef {
                    a,
                    b,
                    e,
                    __cordial_supervisor: tree.supervisor(),
                }
            },
        )"#;

#[test]
fn small_tree_expands_to_one_add_per_child() {
    let text = child_spec_of(quote! {
        S(cfg: Cfg, on: bool) {
            max_restarts: 1 in 2s,
            children: [
                a: A(cfg),
                if on { b: B(a, cfg) { restart: Temporary, shutdown: 1s } },
                e: supervisor { strategy: OneForAll, children: [ r: dynamic Room ] },
            ],
        }
    });
    assert_eq!(text, SMALL_TREE, "{text}");
}

/// What late siblings and partitions become.
const LATE_TREE: &str = r#"
                let place_of_b = tree.late::<B>();
                let __late_b = place_of_b.handle();
                let a = {
                    let __late_b = ::core::clone::Clone::clone(&__late_b);
                    tree.add(<A>::child_spec(__late_b).id("a"))
                };
                let w = tree
                    .add(
                        ::cordial::PartitionSpec::<
                            W,
                        >::new(
                                n,
                                move |shard| {
                                    let cfg = ::core::clone::Clone::clone(&cfg);
                                    let __late_b = ::core::clone::Clone::clone(&__late_b);
                                    <W>::child_spec(shard, cfg, __late_b)
                                        .restart(::cordial::Restart::Transient)
                                },
                            )
                            .strategy(::cordial::Strategy::OneForAll)
                            .id("w"),
                    );
                let b = {
                    let a = ::core::clone::Clone::clone(&a);
                    tree.add(place_of_b.with(<B>::child_spec(a).id("b")))
                };
                SRef {"#;

#[test]
fn late_sibling_has_its_place_before_anybody_starts() {
    let text = child_spec_of(quote! {
        S(n: usize, cfg: Cfg) {
            children: [
                a: A(late b),
                w: partition(n) W(shard, cfg, late b) { strategy: OneForAll, restart: Transient },
                b: B(a),
            ],
        }
    });
    assert!(text.contains(LATE_TREE), "{text}");
}

#[test]
fn last_child_that_uses_a_parameter_has_it() {
    let text = child_spec_of(quote! {
        S(once: A, twice: B, inside: C) {
            children: [
                a: A(once, twice),
                b: B(twice, format!("{inside}")),
                c: supervisor { children: [ d: D(inside), e: E(inside) ] },
            ],
        }
    });
    let clones = |name: &str| text.matches(&format!("let {name} =")).count();
    assert_eq!([clones("once"), clones("twice"), clones("inside")], [0, 1, 2], "{text}");
}
