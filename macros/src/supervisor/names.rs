//! A server with a fixed name can run once: not under `dynamic` or `partition`, not
//! twice in one tree.
//!
//! The names are known to the compiler as constants, so the rule is a constant assertion. It is
//! left out for trees with type parameters, whose children are not known yet, and for children that
//! are there only under a condition, of which there may be one or the other.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::model::{Kind, Node, Supervisor, Tree, children_of};
use crate::crate_path::CratePath;
use crate::hygiene;
use crate::messages::{self, fill};
use crate::print;

/// The assertions of a tree.
pub(crate) fn check(supervisor: &Supervisor) -> TokenStream {
    let Supervisor { krate, cfgs, .. } = supervisor;
    let servers = servers(&supervisor.tree);
    let many = many(&supervisor.tree);
    if supervisor.is_generic() || servers.is_empty() && many.is_empty() {
        return TokenStream::new();
    }
    let names = servers.iter().map(|ty| names_of(krate, ty));
    let once = servers.iter().enumerate().map(|(at, ty)| {
        let holds = quote!(#krate::__private::Names::are_new(NAMES, #at));
        assert(&holds, ty, messages::FIXED_NAME_TWICE, "")
    });
    let many = many.iter().map(|(ty, word)| {
        let names = names_of(krate, ty);
        assert(&quote!(#names.are_none()), ty, messages::FIXED_NAME_OF_MANY, word)
    });
    quote! {
        #(#cfgs)*
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private::Nameless as _;
            const NAMES: &[#krate::__private::Names] = &[#(#names),*];
            #(#once)*
            #(#many)*
        };
    }
}

/// What a tree tells the trees above it.
pub(crate) fn named(supervisor: &Supervisor) -> Option<TokenStream> {
    let Supervisor { krate, cfgs, name, .. } = supervisor;
    let servers = servers(&supervisor.tree);
    if supervisor.is_generic() || servers.is_empty() {
        return None;
    }
    let names = servers.iter().map(|ty| names_of(krate, ty));
    Some(quote! {
        #(#cfgs)*
        #[doc(hidden)]
        impl #krate::__private::Named for #name {
            const NAMES: #krate::__private::Names = {
                use #krate::__private::Nameless as _;
                #krate::__private::Names::of_tree(&[#(#names),*])
            };
        }
    })
}

/// The types of the children that are always there, those of nested supervisors with them.
fn servers(tree: &Tree) -> Vec<&Path> {
    let mut servers = Vec::new();
    for node in tree.nodes() {
        let Node::Child(child) = node else { continue };
        match &child.kind {
            _ if !child.cfgs.is_empty() => {}
            Kind::One { ty, .. } => servers.push(ty),
            Kind::Nested(nested) => servers.extend(self::servers(nested)),
            Kind::Dynamic { .. }
            | Kind::Partition { .. }
            | Kind::Task { .. }
            | Kind::Unknown(_) => {}
        }
    }
    servers
}

/// The types that run any number of times, with the word that says so.
fn many(tree: &Tree) -> Vec<(&Path, &'static str)> {
    let each = children_of(tree.nodes()).into_iter().flat_map(|child| match &child.kind {
        _ if !child.cfgs.is_empty() => Vec::new(),
        Kind::Dynamic { ty } => vec![(ty, "`dynamic`")],
        Kind::Partition { ty, .. } => vec![(ty, "a `partition`")],
        Kind::Nested(nested) => many(nested),
        Kind::One { .. } | Kind::Task { .. } | Kind::Unknown(_) => Vec::new(),
    });
    each.collect()
}

fn names_of(krate: &CratePath, ty: &Path) -> TokenStream {
    let span = hygiene::at(ty.span());
    let names_of = quote_spanned!(span=> #krate::__private::NamesOf::);
    let names = quote_spanned!(span=> ::NAMES);
    quote!(#names_of<#ty>#names)
}

fn assert(holds: &TokenStream, ty: &Path, message: &str, word: &str) -> TokenStream {
    let text = print::lines(&ty.to_token_stream());
    let message = fill(message, &[&text, &word]);
    let panic = quote_spanned!(hygiene::at(ty.span())=> ::core::panic!(#message));
    // Each in a constant of its own, so that one does not hide the next.
    quote! {
        const _: () = if !#holds {
            #panic
        };
    }
}
