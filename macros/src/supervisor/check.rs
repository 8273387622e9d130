//! One function per rule of a tree.

use std::cmp::Ordering;

use proc_macro2::Ident;
use syn::{Expr, ExprLit, GenericParam, Lifetime, Lit, Type, UnOp};

use super::model::{
    AutoShutdown, Child, If, Kind, MaxRestarts, Node, Supervisor, Tree, children_of,
};
use super::uses::Use;
use crate::attrs::Time;
use crate::errors::Errors;
use crate::messages::{self, fill};

/// Every rule, for the whole of `supervisor`.
pub(crate) fn supervisor(supervisor: &Supervisor, errors: &mut Errors) {
    check_has_no_lifetimes(supervisor, errors);
    check_parameters_are_owned(supervisor, errors);
    if !supervisor.incomplete {
        check_has_children(&supervisor.name, &supervisor.tree, errors);
    }
    check_tree(&supervisor.tree, errors);
    let scope = Scope { supervisor, levels: Vec::new() };
    check_uses(supervisor.tree.nodes(), &supervisor.tree, &scope, errors);
}

/// The rules of one supervisor and of those nested in it.
fn check_tree(tree: &Tree, errors: &mut Errors) {
    check_ids_are_unique(tree, errors);
    check_max_restarts(tree.max_restarts.as_ref(), errors);
    for child in tree.children() {
        check_significant_child(child, tree, errors);
        check_partitions(child, errors);
        check_max_restarts(child.options.max_restarts.as_ref(), errors);
        if let Kind::Nested(nested) = &child.kind {
            check_tree(nested, errors);
        }
    }
}

// ===== Shape =====

fn check_has_no_lifetimes(supervisor: &Supervisor, errors: &mut Errors) {
    for param in &supervisor.generics.params {
        if let GenericParam::Lifetime(lifetime) = param {
            errors.at(lifetime, messages::SUPERVISOR_HAS_NO_LIFETIMES);
        }
    }
}

fn check_parameters_are_owned(supervisor: &Supervisor, errors: &mut Errors) {
    let is_static = |lifetime: &Lifetime| lifetime.ident == "static";
    for param in &supervisor.params {
        if let Type::Reference(ty) = &param.ty
            && !ty.lifetime.as_ref().is_some_and(is_static)
        {
            errors.at(ty, messages::PARAMETER_IS_OWNED);
        }
    }
}

fn check_has_children(name: &Ident, tree: &Tree, errors: &mut Errors) {
    if tree.nodes.is_none() {
        errors.at(name, fill(messages::CHILDREN_MISSING, &[name]));
    }
    for child in tree.children() {
        if let Kind::Nested(nested) = &child.kind {
            check_has_children(&child.id, nested, errors);
        }
    }
}

/// Of two children with one id, one may be there under a `#[cfg]` and the other not.
fn check_ids_are_unique(tree: &Tree, errors: &mut Errors) {
    let children = tree.children();
    for (at, child) in children.iter().enumerate() {
        let same = |earlier: &&&Child| {
            earlier.id == child.id && earlier.cfgs.is_empty() && child.cfgs.is_empty()
        };
        if children[..at].iter().any(|earlier| same(&earlier)) {
            errors.at(&child.id, fill(messages::DUPLICATE_ID, &[&child.id]));
        }
    }
}

// ===== Numbers and words =====

fn check_max_restarts(limit: Option<&MaxRestarts>, errors: &mut Errors) {
    let Some(MaxRestarts { count, period }) = limit else { return };
    if is_negative(count) {
        errors.at(count, messages::MAX_RESTARTS_IS_NOT_NEGATIVE);
    }
    if let Time::Fixed(time, span) = period
        && time.is_zero()
    {
        errors.push(syn::Error::new(*span, messages::PERIOD_IS_NOT_ZERO));
    }
}

fn is_negative(count: &Expr) -> bool {
    matches!(count, Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)))
}

/// PART-4
fn check_partitions(child: &Child, errors: &mut Errors) {
    let Kind::Partition { count: Some(count), .. } = &child.kind else { return };
    if is_negative(count) || is_zero(count) {
        errors.at(count, messages::PARTITIONS_ARE_ONE_OR_MORE);
    }
}

fn is_zero(count: &Expr) -> bool {
    match count {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_digits() == "0",
        _ => false,
    }
}

/// TYP-15
fn check_significant_child(child: &Child, tree: &Tree, errors: &mut Errors) {
    let Some(significant) = child.options.significant.as_ref().filter(|value| value.value) else {
        return;
    };
    let is_permanent = match &child.options.restart {
        Some(word) => word == "Permanent",
        // What a server is, its type says; a supervisor is permanent.
        None => matches!(child.kind, Kind::Nested(_)),
    };
    let never = matches!(tree.auto_shutdown, None | Some(AutoShutdown::Never));
    if matches!(child.kind, Kind::Dynamic { .. }) {
        errors.at(significant, messages::DYNAMIC_IS_NOT_SIGNIFICANT);
    } else if matches!(child.kind, Kind::Partition { .. }) {
        errors.at(significant, messages::PARTITION_IS_NOT_SIGNIFICANT);
    } else if is_permanent {
        errors.at(significant, messages::PERMANENT_IS_NOT_SIGNIFICANT);
    } else if never {
        errors.at(significant, messages::SIGNIFICANT_NEEDS_AUTO_SHUTDOWN);
    }
}

// ===== Names in arguments =====

/// Where a child stands: in its own supervisor's list, and in those around it.
struct Scope<'a> {
    supervisor: &'a Supervisor,
    /// The innermost last.
    levels: Vec<Level<'a>>,
}

#[derive(Clone)]
struct Level<'a> {
    children: Vec<&'a Child>,
    /// The child that is looked at, or around it.
    at: usize,
}

/// What a name in an argument stands for.
enum Found<'a> {
    /// A parameter, or nothing of this tree: rustc knows better.
    Fine,
    /// An earlier sibling.
    Earlier,
    /// The child itself, or a supervisor around it.
    Itself,
    /// A sibling that starts later.
    Later(&'a Child),
    /// A child of an earlier nested supervisor, with the path that leads to it.
    Inside { nested: Ident, path: String },
}

fn check_uses<'a>(nodes: &'a [Node], tree: &'a Tree, scope: &Scope<'a>, errors: &mut Errors) {
    let children = tree.children();
    for node in nodes {
        match node {
            Node::Child(child) => {
                let inner = scope.at(&children, child);
                check_names(child, &child.uses, &inner, errors);
                if let Kind::Nested(nested) = &child.kind {
                    check_uses(nested.nodes(), nested, &inner, errors);
                }
            }
            Node::If(block) => {
                check_condition(block, &children, scope, errors);
                check_uses(&block.nodes, tree, scope, errors);
            }
        }
    }
}

/// A condition sees what the first child under it sees.
fn check_condition<'a>(
    block: &'a If,
    children: &[&'a Child],
    scope: &Scope<'a>,
    errors: &mut Errors,
) {
    if let Some(first) = children_of(&block.nodes).first() {
        check_names(first, &block.uses, &scope.at(children, first), errors);
    }
}

fn check_names(child: &Child, uses: &[Use], scope: &Scope<'_>, errors: &mut Errors) {
    for used in uses.iter().filter(|used| used.certain && !is_number(used, child)) {
        let result = match used.late() {
            Some(sibling) => check_late(&sibling, &scope.find_late(&sibling)),
            None => check_name(&child.id, &used.name, scope.find(&used.name)),
        };
        errors.keep(result);
    }
}

/// A partition's own number needs nobody.
fn is_number(used: &Use, child: &Child) -> bool {
    matches!(child.kind, Kind::Partition { .. }) && used.is_number()
}

fn check_name(child: &Ident, name: &Ident, found: Found<'_>) -> syn::Result<()> {
    let message = match found {
        Found::Fine | Found::Earlier => return Ok(()),
        Found::Itself => fill(messages::CHILD_NEEDS_ITSELF, &[name]),
        Found::Later(Child { kind: Kind::One { .. }, .. }) => {
            fill(messages::SIBLING_STARTS_LATER_OR_LATE, &[child, name])
        }
        Found::Later(_) => fill(messages::SIBLING_STARTS_LATER, &[child, name]),
        Found::Inside { nested, path } => fill(messages::HANDLE_IS_NESTED, &[name, &nested, &path]),
    };
    Err(syn::Error::new(name.span(), message))
}

/// `late name`
fn check_late(name: &Ident, found: &Found<'_>) -> syn::Result<()> {
    let message = match found {
        Found::Earlier => fill(messages::LATE_IS_UP, &[name]),
        Found::Itself => fill(messages::CHILD_NEEDS_ITSELF, &[name]),
        Found::Fine | Found::Inside { .. } => fill(messages::LATE_TAKES_A_SIBLING, &[name]),
        Found::Later(child) => match what_has_no_casts(child) {
            Some(what) => fill(messages::LATE_TAKES_A_SERVER, &[name, &what]),
            None => return Ok(()),
        },
    };
    Err(syn::Error::new(name.span(), message))
}

fn what_has_no_casts(child: &Child) -> Option<&'static str> {
    match child.kind {
        Kind::One { .. } | Kind::Unknown(_) => None,
        Kind::Dynamic { .. } => Some("`dynamic`"),
        Kind::Partition { .. } => Some("a `partition`"),
        Kind::Task { .. } => Some("a task"),
        Kind::Nested(_) => Some("a supervisor"),
    }
}

impl<'a> Scope<'a> {
    /// The scope of `child`, one of `children` of the supervisor that is looked at.
    fn at(&self, children: &[&'a Child], child: &Child) -> Self {
        let at = children.iter().position(|other| std::ptr::eq(*other, child));
        let level = Level {
            children: children.to_vec(),
            at: at.expect("a child is one of its supervisor's children"),
        };
        let levels = self.levels.iter().cloned().chain([level]).collect();
        Self { supervisor: self.supervisor, levels }
    }

    fn find(&self, name: &Ident) -> Found<'a> {
        let mut levels = self.levels.iter().rev();
        let is = |child: &&&Child| child.id == *name;
        if levels.clone().any(|level| level.children[..level.at].iter().any(|child| is(&child))) {
            return Found::Earlier;
        }
        if self.supervisor.params.iter().any(|param| param.name == *name) {
            return Found::Fine;
        }
        if levels.clone().any(|level| is(&&level.children[level.at])) {
            return Found::Itself;
        }
        let later = levels.clone().flat_map(|level| &level.children[level.at..]);
        if let Some(later) = later.copied().find(|child| child.id == *name) {
            return Found::Later(later);
        }
        levels.find_map(|level| inside(&level.children[..level.at], name)).unwrap_or(Found::Fine)
    }
}

impl<'a> Scope<'a> {
    /// The nearest supervisor that has such a child decides.
    fn find_late(&self, name: &Ident) -> Found<'a> {
        let place = self.levels.iter().rev().find_map(|level| {
            let place = level.children.iter().position(|child| child.id == *name)?;
            Some((place.cmp(&level.at), level.children[place]))
        });
        match place {
            Some((Ordering::Less, _)) => Found::Earlier,
            Some((Ordering::Equal, _)) => Found::Itself,
            Some((Ordering::Greater, child)) => Found::Later(child),
            None => Found::Fine,
        }
    }
}

/// Looks for `name` in the supervisors nested in `children`.
fn inside<'a>(children: &[&Child], name: &Ident) -> Option<Found<'a>> {
    children.iter().find_map(|child| {
        let Kind::Nested(nested) = &child.kind else { return None };
        let path = path_to(nested, name)?;
        Some(Found::Inside { nested: child.id.clone(), path: format!("{}.{path}", child.id) })
    })
}

fn path_to(tree: &Tree, name: &Ident) -> Option<String> {
    tree.children().iter().find_map(|child| match &child.kind {
        _ if child.id == *name => Some(name.to_string()),
        Kind::Nested(nested) => Some(format!("{}.{}", child.id, path_to(nested, name)?)),
        Kind::One { .. }
        | Kind::Dynamic { .. }
        | Kind::Partition { .. }
        | Kind::Task { .. }
        | Kind::Unknown(_) => None,
    })
}
