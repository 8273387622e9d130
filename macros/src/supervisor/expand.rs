//! Model → tokens: the struct, its start functions, and one `add` per child in start order.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, Path};

use super::handles::{self, Field};
use super::model::{
    Backoff, Child, If, Kind, MaxRestarts, Node, Options, Param, Shutdown, Supervisor, Tree,
};
use super::uses::Use;
use super::{draw, names};
use crate::crate_path::CratePath;
use crate::hygiene;

/// The whole of a correct tree.
pub(crate) fn supervisor(supervisor: &Supervisor) -> TokenStream {
    let Supervisor { krate, name, params, tree, .. } = supervisor;
    let scope = params.iter().map(|param| (param.name.to_string(), Bound::Parameter)).collect();
    let specs = Specs { krate, is_generic: supervisor.is_generic() };
    let spec = specs.tree(tree, &name.unraw().to_string(), scope);
    let items = items(supervisor, &spec);
    let (named, names) = (names::named(supervisor), names::check(supervisor));
    quote!(#items #named #names)
}

/// Every item that users can name. `child_spec` is the body of the function of that name.
pub(crate) fn items(supervisor: &Supervisor, child_spec: &TokenStream) -> TokenStream {
    let namespace = namespace(supervisor);
    let handles = handles::all(supervisor);
    let handles = handles.iter().map(handles::Handles::expand);
    let (_, args, _) = supervisor.generics.split_for_impl();
    let tree_of = &supervisor.tree.handles;
    let functions = functions(supervisor, &quote!(#tree_of #args), child_spec);
    let child = child_impl(supervisor);
    quote!(#namespace #(#handles)* #functions #child)
}

/// The struct that carries the start functions and, in its documentation, the drawn tree.
pub(crate) fn namespace(supervisor: &Supervisor) -> TokenStream {
    let Supervisor { cfgs, attrs, vis, name, .. } = supervisor;
    let generics = handles::generics(supervisor);
    let where_clause = &generics.where_clause;
    let fields = handles::marker_type(supervisor).map(|marker| quote!((#marker)));
    let blank = (!attrs.is_empty()).then(|| quote!(#[doc = ""]));
    let drawing = draw::lines(supervisor);
    quote! {
        #(#cfgs)*
        #(#attrs)*
        #blank
        #(#[doc = #drawing])*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #[allow(dead_code)]
        #vis struct #name #generics #fields #where_clause;
    }
}

/// `start`, `start_link` and `child_spec` of a tree whose handles are of the type `tree_of`.
pub(crate) fn functions(
    supervisor: &Supervisor,
    tree_of: &TokenStream,
    child_spec: &TokenStream,
) -> TokenStream {
    let Supervisor { krate, cfgs, vis, name, params, .. } = supervisor;
    let generics = handles::impl_generics(supervisor);
    let (impl_params, args, where_clause) = generics.split_for_impl();
    let names: Vec<_> = params.iter().map(|param| &param.name).collect();
    let typed = params.iter().map(|Param { name, ty }| quote!(#name: #ty));
    let typed: Vec<_> = typed.collect();
    quote! {
        #(#cfgs)*
        #[allow(dead_code, private_interfaces, clippy::too_many_arguments)]
        impl #impl_params #name #args #where_clause {
            #[doc = "Starts the tree; await it for the handles of its children."]
            #vis fn start(#(#typed),*) -> #krate::supervisor::StartTree<#tree_of> {
                Self::child_spec(#(#names),*).start()
            }
            #[doc = "Starts the tree, linked to the process that starts it."]
            #vis fn start_link(#(#typed),*) -> #krate::supervisor::StartTree<#tree_of> {
                Self::child_spec(#(#names),*).start_link()
            }
            #[doc = "How a supervisor above starts and restarts this tree."]
            #vis fn child_spec(#(#typed),*) -> #krate::supervisor::TreeSpec<#tree_of> {
                #child_spec
            }
        }
    }
}

fn child_impl(supervisor: &Supervisor) -> TokenStream {
    let Supervisor { krate, cfgs, name, tree, .. } = supervisor;
    let generics = handles::impl_generics(supervisor);
    let (params, args, where_clause) = generics.split_for_impl();
    let handles = &tree.handles;
    quote! {
        #(#cfgs)*
        impl #params #krate::Child for #name #args #where_clause {
            type Handle = #handles #args;
        }
    }
}

// ===== Statements =====

/// Names that are bound where a child stands.
type Scope = BTreeMap<String, Bound>;

/// What a name stands for.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    /// A parameter of the tree: the last child that uses it may have it.
    Parameter,
    /// The handle of an earlier sibling: it goes into the struct of handles.
    Handle,
}

/// Names that are still used after a child.
type Wanted = BTreeSet<String>;

/// Writes the statements that build a tree.
struct Specs<'a> {
    krate: &'a CratePath,
    is_generic: bool,
}

impl Specs<'_> {
    fn tree(&self, tree: &Tree, id: &str, mut scope: Scope) -> TokenStream {
        let (krate, handles, builder) = (self.krate, &tree.handles, builder());
        let flags = self.flags(tree);
        let children = self.nodes(tree.nodes(), 0, &mut scope, &Wanted::new());
        let fields = handles::fields(tree);
        let fields = fields.iter().map(|Field { child, .. }| {
            let Child { cfgs, id, .. } = child;
            quote!(#(#cfgs)* #id,)
        });
        let supervisor = handles::supervisor_field();
        let marker = handles::marker_field();
        let marker = self.is_generic.then(|| quote!(#marker: ::core::marker::PhantomData,));
        quote! {
            #krate::supervisor::TreeSpec::new(
                #flags,
                #id,
                move |#builder: &mut #krate::supervisor::Builder| {
                    #(#children)*
                    #handles { #(#fields)* #supervisor: #builder.supervisor(), #marker }
                },
            )
        }
    }

    fn flags(&self, tree: &Tree) -> TokenStream {
        let krate = self.krate;
        let strategy = Ident::new(tree.strategy.name(), Span::call_site());
        let limit = match &tree.max_restarts {
            Some(MaxRestarts { count, period }) => quote!(max_restarts: #count, period: #period,),
            None => TokenStream::new(),
        };
        let auto_shutdown = tree.auto_shutdown.map(|auto_shutdown| {
            let word = Ident::new(auto_shutdown.name(), Span::call_site());
            quote!(auto_shutdown: #krate::supervisor::AutoShutdown::#word,)
        });
        quote! {
            #krate::supervisor::Flags {
                strategy: #krate::Strategy::#strategy,
                #limit
                #auto_shutdown
                ..::core::default::Default::default()
            }
        }
    }

    /// `depth` counts the `if`s around the nodes, `wanted` is what is used after all of them.
    fn nodes(
        &self,
        nodes: &[Node],
        depth: usize,
        scope: &mut Scope,
        wanted: &Wanted,
    ) -> Vec<TokenStream> {
        let each = nodes.iter().enumerate().map(|(at, node)| {
            let later = uses_in(&nodes[at + 1..], &mut Wanted::new());
            let later = later.iter().map(|used| used.name.to_string());
            let wanted: Wanted = later.chain(wanted.iter().cloned()).collect();
            match node {
                Node::Child(child) => self.child(child, scope, &wanted),
                Node::If(block) => self.optional(block, depth, scope, &wanted),
            }
        });
        each.collect()
    }

    fn child(&self, child: &Child, scope: &mut Scope, wanted: &Wanted) -> TokenStream {
        let (id, builder, cfgs) = (&child.id, builder(), &child.cfgs);
        let clones = clones(&uses(child), scope, wanted);
        let spec = self.spec(child, scope);
        let add = quote_spanned!(hygiene::at(place(child))=> #builder.add);
        scope.insert(id.to_string(), Bound::Handle);
        quote! {
            #(#cfgs)*
            let #id = {
                #(#clones)*
                #add(#spec)
            };
        }
    }

    /// The handles are made inside of the `if` and leave it as `Option`s.
    fn optional(
        &self,
        block: &If,
        depth: usize,
        scope: &mut Scope,
        wanted: &Wanted,
    ) -> TokenStream {
        let (condition, holds) = (&block.condition, hygiene::local("holds"));
        let children = self.nodes(&block.nodes, depth + 1, scope, wanted);
        let (before, some, none, after) = leave_block(block, depth);
        quote! {
            #before
            let #holds: ::core::primitive::bool = #condition;
            if #holds { #(#children)* #some } else { #none }
            #after
        }
    }

    // ===== Specs =====

    fn spec(&self, child: &Child, scope: &Scope) -> TokenStream {
        let Child { id, kind, options, .. } = child;
        let text = id.unraw().to_string();
        let options = self.options(options);
        match kind {
            Kind::One { ty, args, parens } => {
                let call = call_child_spec(ty, args, *parens);
                let id = spanned_call("id", &text, place(child));
                quote!(#call #options #id)
            }
            Kind::Dynamic { ty } => {
                let krate = self.krate;
                let new =
                    quote_spanned!(hygiene::at(ty.span())=> #krate::DynamicSpec::<#ty>::new());
                quote!(#new #options.id(#text))
            }
            Kind::Nested(tree) => {
                let tree = self.tree(tree, &text, scope.clone());
                quote!(#tree #options)
            }
            Kind::Unknown(_) => TokenStream::new(),
        }
    }

    fn options(&self, options: &Options) -> TokenStream {
        let krate = self.krate;
        let Options { restart, shutdown, significant, backoff, max_children, .. } = options;
        let restart = restart.as_ref().map(|restart| {
            if restart == "Temporary" {
                return quote_spanned!(hygiene::at(restart.span())=> .temporary());
            }
            let krate = krate.at(restart.span());
            quote_spanned!(hygiene::at(restart.span())=> .restart(#krate::Restart::#restart))
        });
        let shutdown = shutdown.as_ref().map(|shutdown| match shutdown {
            Shutdown::BrutalKill => quote!(.shutdown(#krate::Shutdown::BrutalKill)),
            Shutdown::Infinity => quote!(.shutdown(#krate::Shutdown::Infinity)),
            Shutdown::After(after) => quote!(.shutdown(#after)),
        });
        let max_children = max_children.as_ref().map(|most| quote!(.max_children(#most)));
        let max_restarts = options.max_restarts.as_ref();
        let max_restarts = max_restarts
            .map(|MaxRestarts { count, period }| quote!(.max_restarts(#count, #period)));
        let significant =
            significant.as_ref().map(|significant| quote!(.significant(#significant)));
        let backoff = backoff.as_ref().map(|Backoff { first, longest }| {
            quote!(.backoff(#krate::supervisor::Backoff::exp(#first, #longest)))
        });
        quote!(#max_children #max_restarts #restart #shutdown #significant #backoff)
    }
}

/// How the handles of an `if` leave it: statements before it, at the end of either branch, and
/// after it.
fn leave_block(block: &If, depth: usize) -> (TokenStream, TokenStream, TokenStream, TokenStream) {
    let [mut before, mut some, mut none, mut after] = <[TokenStream; 4]>::default();
    for Field { child: Child { cfgs, id, .. }, optional } in handles::fields_of(&block.nodes, false)
    {
        let out = hygiene::local(&format!("{}_{depth}", id.unraw()));
        let value = if optional { quote!(#id) } else { quote!(::core::option::Option::Some(#id)) };
        before.extend(quote!(#(#cfgs)* let #out;));
        some.extend(quote!(#(#cfgs)* { #out = #value; }));
        none.extend(quote!(#(#cfgs)* { #out = ::core::option::Option::None; }));
        after.extend(quote!(#(#cfgs)* let #id = #out;));
    }
    (before, some, none, after)
}

/// Where an error about the child as a whole is shown: at its arguments, if there are any.
fn place(child: &Child) -> Span {
    match &child.kind {
        Kind::One { ty, parens, .. } => parens.unwrap_or_else(|| last_span(ty)),
        Kind::Dynamic { ty } => last_span(ty),
        Kind::Nested(_) | Kind::Unknown(_) => child.id.span(),
    }
}

/// `<Type>::child_spec(args)`, shown at `Type(args)`.
fn call_child_spec(ty: &Path, args: &[Expr], parens: Option<Span>) -> TokenStream {
    let open = quote_spanned!(hygiene::at(ty.span())=> <);
    let function = quote_spanned!(hygiene::at(last_span(ty))=> >::child_spec);
    let mut group = Group::new(Delimiter::Parenthesis, quote!(#(#args),*));
    group.set_span(hygiene::at(parens.unwrap_or_else(|| last_span(ty))));
    quote!(#open #ty #function #group)
}

/// `.method(arg)`, shown at `span`.
fn spanned_call(method: &str, arg: &str, span: Span) -> TokenStream {
    let span = hygiene::at(span);
    let method = Ident::new(method, span);
    quote_spanned!(span=> .#method(#arg))
}

fn last_span(ty: &Path) -> Span {
    let last = ty.segments.last().expect("a path has a segment");
    last.to_token_stream()
        .into_iter()
        .last()
        .map_or_else(|| last.ident.span(), |token| token.span())
}

/// The variable that holds the builder of a tree.
fn builder() -> Ident {
    hygiene::local("tree")
}

// ===== Clones =====

/// The names that a child takes from around it.
fn uses(child: &Child) -> Vec<&Use> {
    match &child.kind {
        Kind::Nested(tree) => uses_in(tree.nodes(), &mut Wanted::new()),
        Kind::One { .. } | Kind::Dynamic { .. } | Kind::Unknown(_) => child.uses.iter().collect(),
    }
}

/// The names that `nodes` take from around them: those that are not `bound` by an earlier one.
fn uses_in<'a>(nodes: &'a [Node], bound: &mut Wanted) -> Vec<&'a Use> {
    let mut found = Vec::new();
    for node in nodes {
        let uses = match node {
            Node::Child(child) => uses(child),
            Node::If(block) => block.uses.iter().collect(),
        };
        found.extend(uses.into_iter().filter(|used| !bound.contains(&used.name.to_string())));
        match node {
            Node::Child(child) => {
                bound.insert(child.id.to_string());
            }
            Node::If(block) => found.extend(uses_in(&block.nodes, bound)),
        }
    }
    found
}

/// `let board = board.clone();` for each name of the tree that somebody wants after this child.
fn clones(uses: &[&Use], scope: &Scope, wanted: &Wanted) -> Vec<TokenStream> {
    let mut seen = Wanted::new();
    let kept = uses.iter().filter(|used| {
        let name = used.name.to_string();
        match scope.get(&name) {
            Some(Bound::Handle) => seen.insert(name),
            Some(Bound::Parameter) => wanted.contains(&name) && seen.insert(name),
            None => false,
        }
    });
    let each = kept.map(|Use { name, certain }| {
        // What a macro call makes of a name is not known; it may be nothing.
        let allow = (!certain).then(|| quote!(#[allow(unused_variables)]));
        let clone = quote_spanned!(hygiene::at(name.span())=> ::core::clone::Clone::clone(&#name));
        quote!(#allow let #name = #clone;)
    });
    each.collect()
}
