//! What a tree is: plain data, read from the input with every word looked up.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Generics, Lit, LitBool, Pat, Path, Type, Visibility};

use super::parse::{Body, ChildInput, Entry, Header, IfInput, Input, ParamInput, Setting, What};
use super::uses::{self, Use};
use crate::attrs::{self, Time};
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::hygiene;
use crate::messages::{self, fill};

/// A whole `supervisor!`.
pub(crate) struct Supervisor {
    pub(crate) krate: CratePath,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) params: Vec<Param>,
    pub(crate) tree: Tree,
    /// Part of the input could not be read: fields that are missing may have been meant.
    pub(crate) incomplete: bool,
}

/// A parameter of the tree's start function.
pub(crate) struct Param {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}

/// One supervisor: the whole tree's or a nested one.
pub(crate) struct Tree {
    /// The name of its struct of handles.
    pub(crate) handles: Ident,
    pub(crate) strategy: Strategy,
    pub(crate) max_restarts: Option<MaxRestarts>,
    pub(crate) auto_shutdown: Option<AutoShutdown>,
    /// `None` without a field `children`.
    pub(crate) nodes: Option<Vec<Node>>,
}

/// A child, or children which exist only if a condition holds.
pub(crate) enum Node {
    Child(Box<Child>),
    If(If),
}

pub(crate) struct If {
    pub(crate) condition: Expr,
    pub(crate) uses: Vec<Use>,
    pub(crate) nodes: Vec<Node>,
}

pub(crate) struct Child {
    /// Its `#[cfg]`s, those of the `if` around it included.
    pub(crate) cfgs: Vec<Attribute>,
    /// Docs and all other attributes, for the field of its handle.
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) id: Ident,
    pub(crate) kind: Kind,
    pub(crate) options: Options,
    /// Names in its arguments that may be parameters or siblings.
    pub(crate) uses: Vec<Use>,
}

pub(crate) enum Kind {
    One {
        ty: Path,
        args: Vec<Expr>,
        parens: Option<Span>,
    },
    Dynamic {
        ty: Path,
    },
    Nested(Tree),
    /// Something that this version cannot start, with the error that says so.
    Unknown(syn::Error),
}

/// What stands in the braces of a child.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) restart: Option<Ident>,
    pub(crate) shutdown: Option<Shutdown>,
    pub(crate) significant: Option<LitBool>,
    pub(crate) max_children: Option<Expr>,
    pub(crate) max_restarts: Option<MaxRestarts>,
}

/// `3 in 5s`
pub(crate) struct MaxRestarts {
    pub(crate) count: Expr,
    pub(crate) period: Time,
}

pub(crate) enum Shutdown {
    BrutalKill,
    Infinity,
    After(Time),
}

/// Which siblings a crash restarts.
#[derive(Clone, Copy, Default)]
pub(crate) enum Strategy {
    #[default]
    OneForOne,
    OneForAll,
    RestForOne,
}

/// Whether the end of a significant child ends its supervisor.
pub(crate) enum AutoShutdown {
    Never,
    /// `AnySignificant` or `AllSignificant`
    OnSignificant(Ident),
}

impl Strategy {
    const ALL: [Self; 3] = [Self::OneForOne, Self::OneForAll, Self::RestForOne];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OneForOne => "OneForOne",
            Self::OneForAll => "OneForAll",
            Self::RestForOne => "RestForOne",
        }
    }
}

impl Supervisor {
    /// Reads the fields and options of the input; a wrong one is told and counts as not given.
    pub(crate) fn read(input: Input, errors: &mut Errors) -> Self {
        let Header { krate, attrs, vis, name, generics, params } = input.header;
        let incomplete = input.body.incomplete;
        let params =
            params.into_iter().filter_map(|param| errors.keep(read_param(param))).collect();
        let (tree, _) = read_tree(input.body, hygiene::suffixed(&name, "Ref"), &TREE, errors);
        Self { krate, attrs, vis, name, generics, params, tree, incomplete }
    }
}

impl Supervisor {
    /// Whether it has type parameters, so that a field must use them.
    pub(crate) fn is_generic(&self) -> bool {
        self.generics.type_params().next().is_some()
    }
}

impl Tree {
    pub(crate) fn nodes(&self) -> &[Node] {
        self.nodes.as_deref().unwrap_or_default()
    }

    /// Its children in start order, those under an `if` included.
    pub(crate) fn children(&self) -> Vec<&Child> {
        children_of(self.nodes())
    }
}

/// The children of `nodes` in start order, those under an `if` included.
pub(crate) fn children_of(nodes: &[Node]) -> Vec<&Child> {
    let each = nodes.iter().flat_map(|node| match node {
        Node::Child(child) => vec![&**child],
        Node::If(block) => children_of(&block.nodes),
    });
    each.collect()
}

fn read_param(param: ParamInput) -> syn::Result<Param> {
    match param.pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
            Ok(Param { name: pat.ident, ty: param.ty })
        }
        other => Err(syn::Error::new_spanned(other, messages::PARAMETER_NEEDS_NAME)),
    }
}

// ===== Trees and children =====

fn read_tree(body: Body, handles: Ident, place: &Place, errors: &mut Errors) -> (Tree, Options) {
    let mut words = Words::default();
    words.read(body.settings, place, errors);
    let nodes = body.children.map(|entries| read_nodes(entries, &[], &handles, errors));
    let tree = Tree {
        handles,
        strategy: words.strategy.unwrap_or_default(),
        max_restarts: words.options.max_restarts.take(),
        auto_shutdown: words.auto_shutdown,
        nodes,
    };
    (tree, words.options)
}

fn read_nodes(
    entries: Vec<Entry>,
    cfgs: &[Attribute],
    handles: &Ident,
    errors: &mut Errors,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    for entry in entries {
        nodes.push(match entry {
            Entry::Child(child) => Node::Child(Box::new(read_child(child, cfgs, handles, errors))),
            Entry::If(IfInput { attrs, condition, entries }) => {
                let (own_cfgs, others) = split_cfgs(attrs);
                for attr in others {
                    errors.at(attr, messages::IF_TAKES_ONLY_CFG);
                }
                let cfgs = [cfgs, &own_cfgs].concat();
                let uses = uses::of(std::slice::from_ref(&condition));
                Node::If(If { uses, condition, nodes: read_nodes(entries, &cfgs, handles, errors) })
            }
        });
    }
    nodes
}

fn read_child(
    child: ChildInput,
    outer_cfgs: &[Attribute],
    handles: &Ident,
    errors: &mut Errors,
) -> Child {
    let ChildInput { attrs, id, what, settings } = child;
    let (own_cfgs, attrs) = split_cfgs(attrs);
    let cfgs = [outer_cfgs, &own_cfgs].concat();
    let (kind, options) = read_what(what, &id, settings, handles, errors);
    let uses = match &kind {
        Kind::One { args, .. } => uses::of(args),
        Kind::Dynamic { .. } | Kind::Nested(_) | Kind::Unknown(_) => Vec::new(),
    };
    Child { cfgs, attrs, id, kind, options, uses }
}

fn split_cfgs(attrs: Vec<Attribute>) -> (Vec<Attribute>, Vec<Attribute>) {
    attrs.into_iter().partition(|attr| attr.path().is_ident("cfg"))
}

fn read_what(
    what: What,
    id: &Ident,
    settings: Vec<Setting>,
    handles: &Ident,
    errors: &mut Errors,
) -> (Kind, Options) {
    let mut words = Words::default();
    let kind = match what {
        What::One { ty, args } => {
            words.read(settings, &CHILD, errors);
            for late in args.late {
                errors.at(&late, fill(messages::NOT_AVAILABLE_YET, &[&late]));
            }
            Kind::One { ty, args: args.exprs, parens: args.parens }
        }
        What::Dynamic { ty, args } => {
            words.read(settings, &DYNAMIC, errors);
            if let Some(first) = args.exprs.first() {
                errors.at(first, messages::DYNAMIC_TAKES_NO_ARGUMENTS);
            }
            Kind::Dynamic { ty }
        }
        What::Nested(body) => {
            let (tree, options) = read_tree(body, nested_handles(handles, id), &NESTED, errors);
            words.options = options;
            words.read(settings, &NESTED_BRACES, errors);
            Kind::Nested(tree)
        }
        What::Later(word) => {
            let message = fill(messages::NOT_AVAILABLE_YET, &[&word]);
            let error = syn::Error::new(word.span(), message);
            errors.push(error.clone());
            Kind::Unknown(error)
        }
    };
    (kind, words.options)
}

/// `HarborSupRef` and `edge` make `HarborSupEdgeRef`.
fn nested_handles(outer: &Ident, id: &Ident) -> Ident {
    let outer = outer.to_string();
    let stem = outer.strip_suffix("Ref").unwrap_or(&outer);
    let camel = hygiene::camel_case(id);
    Ident::new(&format!("{stem}{}Ref", camel.unraw()), id.span())
}

// ===== Words =====

/// Where settings stand: what they are called there and which are known.
struct Place {
    what: &'static str,
    known: &'static [&'static str],
}

const TREE: Place =
    Place { what: "field", known: &["strategy", "max_restarts", "auto_shutdown", "children"] };
const NESTED: Place = Place {
    what: "field",
    known: &[
        "strategy",
        "max_restarts",
        "auto_shutdown",
        "children",
        "restart",
        "shutdown",
        "significant",
    ],
};
const NESTED_BRACES: Place =
    Place { what: "child option", known: &["restart", "shutdown", "significant"] };
const CHILD: Place = Place { what: "child option", known: &["restart", "shutdown", "significant"] };
const DYNAMIC: Place = Place {
    what: "option of a dynamic child",
    known: &["max_children", "max_restarts", "restart", "shutdown", "significant"],
};

/// Options of children that a later version brings.
const LATER: [&str; 2] = ["backoff", "by"];

/// The settings of one place, as far as they were right.
#[derive(Default)]
struct Words {
    strategy: Option<Strategy>,
    auto_shutdown: Option<AutoShutdown>,
    options: Options,
    seen: Vec<String>,
}

impl Words {
    fn read(&mut self, settings: Vec<Setting>, place: &Place, errors: &mut Errors) {
        for setting in settings {
            let result = self.accept(&setting, place);
            errors.keep(result);
        }
    }

    fn accept(&mut self, setting: &Setting, place: &Place) -> syn::Result<()> {
        let word = setting.name.to_string();
        let wrong = |message: String| Err(syn::Error::new(setting.name.span(), message));
        if !place.known.contains(&word.as_str()) {
            return wrong(match word.as_str() {
                later if LATER.contains(&later) => fill(messages::NOT_AVAILABLE_YET, &[&later]),
                "max_children" => messages::MAX_CHILDREN_IS_FOR_DYNAMIC.to_owned(),
                _ => attrs::unknown(place.what, &word, place.known.iter().copied()),
            });
        }
        if self.seen.contains(&word) {
            return wrong(fill(messages::OPTION_GIVEN_TWICE, &[&word]));
        }
        self.take(&word, &setting.value)?;
        self.seen.push(word);
        Ok(())
    }

    fn take(&mut self, word: &str, value: &TokenStream) -> syn::Result<()> {
        let options = &mut self.options;
        match word {
            "strategy" => self.strategy = Some(read_strategy(value)?),
            "max_restarts" => options.max_restarts = Some(read_max_restarts(value)?),
            "auto_shutdown" => self.auto_shutdown = Some(read_auto_shutdown(value)?),
            "restart" => options.restart = Some(read_restart(value)?),
            "shutdown" => options.shutdown = Some(read_shutdown(value)?),
            "significant" => options.significant = Some(read_significant(value)?),
            "max_children" => options.max_children = Some(syn::parse2(value.clone())?),
            _ => return Err(error_at(value, messages::CHILDREN_IS_A_LIST)),
        }
        Ok(())
    }
}

fn read_strategy(value: &TokenStream) -> syn::Result<Strategy> {
    let names = Strategy::ALL.map(Strategy::name);
    let word = read_word(value, "strategy", &names)?;
    let known = Strategy::ALL.into_iter().find(|strategy| word == strategy.name());
    known.ok_or_else(|| error_at(value, &unknown_variant("strategy", &word, &names)))
}

fn read_auto_shutdown(value: &TokenStream) -> syn::Result<AutoShutdown> {
    let names = ["Never", "AnySignificant", "AllSignificant"];
    let word = read_word(value, "auto_shutdown", &names)?;
    match word.to_string().as_str() {
        "Never" => Ok(AutoShutdown::Never),
        "AnySignificant" | "AllSignificant" => Ok(AutoShutdown::OnSignificant(word)),
        _ => Err(error_at(value, &unknown_variant("auto_shutdown", &word, &names))),
    }
}

/// Any word is taken: whether `Restart` has such a variant is rustc's to say.
fn read_restart(value: &TokenStream) -> syn::Result<Ident> {
    syn::parse2(value.clone()).map_err(|_| error_at(value, messages::BAD_RESTART))
}

fn read_shutdown(value: &TokenStream) -> syn::Result<Shutdown> {
    let word = syn::parse2::<Ident>(value.clone()).ok();
    match word.map(|word| word.to_string()).as_deref() {
        Some("brutal_kill") => Ok(Shutdown::BrutalKill),
        Some("infinity") => Ok(Shutdown::Infinity),
        _ => Time::from_expr(syn::parse2(value.clone())?).map(Shutdown::After),
    }
}

fn read_significant(value: &TokenStream) -> syn::Result<LitBool> {
    match syn::parse2(value.clone()) {
        Ok(Lit::Bool(value)) => Ok(value),
        _ => Err(error_at(value, messages::SIGNIFICANT_IS_TRUE_OR_FALSE)),
    }
}

/// `3 in 5s`
fn read_max_restarts(value: &TokenStream) -> syn::Result<MaxRestarts> {
    let is_in = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "in");
    let tokens: Vec<TokenTree> = value.clone().into_iter().collect();
    let shape = || error_at(value, messages::MAX_RESTARTS_IS_COUNT_IN_PERIOD);
    let place = tokens.iter().position(is_in).ok_or_else(shape)?;
    let (count, period) = (&tokens[..place], &tokens[place + 1..]);
    if count.is_empty() || period.is_empty() {
        return Err(shape());
    }
    let count: Expr = syn::parse2(count.iter().cloned().collect())?;
    Ok(MaxRestarts { count, period: syn::parse2(period.iter().cloned().collect())? })
}

/// One of the names of a closed set, by whatever word.
fn read_word(value: &TokenStream, field: &str, names: &[&str]) -> syn::Result<Ident> {
    syn::parse2(value.clone()).map_err(|_| {
        error_at(value, &fill(messages::FIELD_IS_ONE_OF, &[&field, &attrs::enumerate(names)]))
    })
}

/// `one_for_one` is as near to `OneForOne` as any word can be.
fn unknown_variant(what: &str, word: &Ident, names: &[&str]) -> String {
    let plain = |word: &str| word.replace('_', "").to_lowercase();
    let text = word.to_string();
    match names.iter().find(|name| plain(name) == plain(&text)) {
        Some(near) => fill(messages::UNKNOWN_WORD_NEAR, &[&what, &text, near]),
        None => attrs::unknown(what, &text, names.iter().copied()),
    }
}

fn error_at(value: &TokenStream, message: &str) -> syn::Error {
    if value.is_empty() {
        return syn::Error::new(value.span(), message);
    }
    syn::Error::new_spanned(value, message)
}
