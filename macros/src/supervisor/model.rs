//! What a tree is: plain data, read from the input with every word looked up.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, Generics, LitBool, Pat, PatIdent, Path, Type, Visibility};

use super::parse::{
    Args, Body, ChildInput, Entry, Header, IfInput, Input, ParamInput, Setting, What,
};
use super::uses::{self, Use};
use super::words::{self, Place, Words};
use crate::argument;
use crate::attrs::Time;
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::hygiene;
use crate::messages::{self, fill};

/// A whole `supervisor!`.
pub(crate) struct Supervisor {
    pub(crate) krate: CratePath,
    /// Its `#[cfg]`s, which go to everything that is generated.
    pub(crate) cfgs: Vec<Attribute>,
    /// Docs and all other attributes, for the struct.
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
    If(Box<If>),
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
        args: Args,
    },
    Dynamic {
        ty: Path,
    },
    Partition {
        /// One per core without it.
        count: Option<Expr>,
        ty: Path,
        args: Args,
        strategy: Option<Strategy>,
    },
    /// One future, where it is right.
    Task {
        word: Ident,
        args: Args,
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
    pub(crate) backoff: Option<Backoff>,
    pub(crate) max_children: Option<Expr>,
    /// What the children are named by, in the registry that starts them here.
    pub(crate) by: Option<Type>,
    pub(crate) max_restarts: Option<MaxRestarts>,
}

/// `3 in 5s`
pub(crate) struct MaxRestarts {
    pub(crate) count: Expr,
    pub(crate) period: Time,
}

/// `exp(100ms, 10s)`
pub(crate) struct Backoff {
    pub(crate) first: Time,
    pub(crate) longest: Time,
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
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum AutoShutdown {
    Never,
    AnySignificant,
    AllSignificant,
}

impl Kind {
    /// The type of its processes, if it is one.
    pub(crate) fn ty(&self) -> Option<&Path> {
        match self {
            Self::One { ty, .. } | Self::Dynamic { ty } | Self::Partition { ty, .. } => Some(ty),
            Self::Task { .. } | Self::Nested(_) | Self::Unknown(_) => None,
        }
    }
}

impl Strategy {
    pub(super) const ALL: [Self; 3] = [Self::OneForOne, Self::OneForAll, Self::RestForOne];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OneForOne => "OneForOne",
            Self::OneForAll => "OneForAll",
            Self::RestForOne => "RestForOne",
        }
    }
}

impl AutoShutdown {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Never => "Never",
            Self::AnySignificant => "AnySignificant",
            Self::AllSignificant => "AllSignificant",
        }
    }
}

impl Supervisor {
    /// Reads the fields and options of the input; a wrong one is told and counts as not given.
    pub(crate) fn read(input: Input, errors: &mut Errors) -> Self {
        let Header { krate, attrs, vis, name, generics, params } = input.header;
        let (cfgs, attrs) = split_cfgs(attrs);
        let incomplete = input.body.incomplete;
        let params =
            params.into_iter().filter_map(|param| errors.keep(read_param(param))).collect();
        let (tree, _) =
            read_tree(input.body, hygiene::suffixed(&name, "Ref"), &words::TREE, errors);
        Self { krate, cfgs, attrs, vis, name, generics, params, tree, incomplete }
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
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. })
            if argument::is_name(&ident) =>
        {
            Ok(Param { name: ident, ty: param.ty })
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
                let nodes = read_nodes(entries, &cfgs, handles, errors);
                Node::If(Box::new(If { uses, condition, nodes }))
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
        Kind::One { args, .. } | Kind::Task { args, .. } => uses::of(&args.exprs),
        Kind::Partition { count, args, .. } => {
            let exprs: Vec<Expr> = count.iter().chain(&args.exprs).cloned().collect();
            uses::of(&exprs)
        }
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
            words.read(settings, &words::CHILD, errors);
            Kind::One { ty, args }
        }
        What::Dynamic { ty, args } => {
            words.read(settings, &words::DYNAMIC, errors);
            if let Some(first) = args.exprs.first() {
                errors.at(first, messages::DYNAMIC_TAKES_NO_ARGUMENTS);
            }
            Kind::Dynamic { ty }
        }
        What::Partition { count, ty, args } => {
            words.read(settings, &words::PARTITION, errors);
            Kind::Partition { count, ty, args, strategy: words.strategy }
        }
        What::Task { word, args } => {
            words.read(settings, &words::CHILD, errors);
            check_is_one_future(&word, &args, errors);
            Kind::Task { word, args }
        }
        What::Nested(body) => {
            let (tree, options) =
                read_tree(body, nested_handles(handles, id), &words::NESTED, errors);
            words.options = options;
            words.read(settings, &words::NESTED_BRACES, errors);
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

fn check_is_one_future(word: &Ident, args: &Args, errors: &mut Errors) {
    match args.exprs.as_slice() {
        [_] => {}
        [_, second, ..] => errors.at(second, messages::TASK_TAKES_ONE_FUTURE),
        [] => errors.at(word, messages::TASK_TAKES_ONE_FUTURE),
    }
}

/// `HarborSupRef` and `edge` make `HarborSupEdgeRef`.
fn nested_handles(outer: &Ident, id: &Ident) -> Ident {
    let outer = outer.to_string();
    let stem = outer.strip_suffix("Ref").unwrap_or(&outer);
    let camel = hygiene::camel_case(id);
    Ident::new(&format!("{stem}{}Ref", camel.unraw()), id.span())
}
