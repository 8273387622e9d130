//! What stands beside the errors: every name of the good path, so that uses of the tree give no
//! errors of their own.

use quote::quote;

use proc_macro2::TokenStream;

use super::expand;
use super::handles;
use super::model::{Child, Kind, Node, Supervisor, Tree};

/// The items of a tree that has errors, one of which is `error`.
pub(crate) fn supervisor(mut supervisor: Supervisor, error: &syn::Error) -> TokenStream {
    keep_first_of_each_id(&mut supervisor.tree);
    let names = supervisor.params.iter().map(|param| &param.name);
    let body = quote! {
        let _ = (#(#names,)*);
        ::core::unreachable!()
    };
    if supervisor.incomplete || supervisor.generics.lifetimes().next().is_some() {
        return unknown_handles(&supervisor, &body, error);
    }
    expand::items(&supervisor, &body)
}

/// Which handles the tree has is not known, so their type is the error itself.
fn unknown_handles(supervisor: &Supervisor, body: &TokenStream, error: &syn::Error) -> TokenStream {
    let Supervisor { cfgs, vis, tree, .. } = supervisor;
    let handles = &tree.handles;
    let error = handles::type_of_error(error);
    let namespace = expand::namespace(supervisor);
    let functions = expand::functions(supervisor, &quote!(#handles), body);
    quote! {
        #namespace
        #(#cfgs)*
        #[allow(dead_code)]
        #vis type #handles = #error;
        #functions
    }
}

fn keep_first_of_each_id(tree: &mut Tree) {
    let mut seen = Vec::new();
    if let Some(nodes) = &mut tree.nodes {
        keep_unseen(nodes, &mut seen);
    }
}

fn keep_unseen(nodes: &mut Vec<Node>, seen: &mut Vec<String>) {
    nodes.retain_mut(|node| match node {
        Node::If(block) => {
            keep_unseen(&mut block.nodes, seen);
            true
        }
        Node::Child(child) => {
            let Child { id, cfgs, kind, .. } = &mut **child;
            if let Kind::Nested(tree) = kind {
                keep_first_of_each_id(tree);
            }
            let id = id.to_string();
            let is_first = !cfgs.is_empty() || !seen.contains(&id);
            seen.push(id);
            is_first
        }
    });
}
