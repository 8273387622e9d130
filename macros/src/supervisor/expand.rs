//! Model → tokens: the struct, its start functions, and one `add` per child in start order.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, Path};

use super::handles::{self, Field};
use super::late;
use super::model::{
    Backoff, Child, If, Kind, MaxRestarts, Node, Options, Param, Shutdown, Strategy, Supervisor,
    Tree,
};
use super::parse::Args;
use super::uses::{self, Use};
use super::{draw, names};
use crate::crate_path::CratePath;
use crate::hygiene;

/// The whole of a correct tree.
pub(crate) fn supervisor(supervisor: &Supervisor) -> TokenStream {
    let Supervisor { krate, name, params, tree, .. } = supervisor;
    let scope = params.iter().map(|param| (param.name.to_string(), Bound::Parameter)).collect();
    let late = late_children(tree);
    let specs = Specs { krate, is_generic: supervisor.is_generic(), late };
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

/// Names that are bound where a child stands, late handles included.
type Scope = BTreeMap<String, Bound>;

/// What a name stands for.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    /// A parameter of the tree, or the handle of a late sibling: the last child that uses it may
    /// have it.
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
    /// The children that earlier ones hold `late` handles of, each with one that does.
    late: Vec<(&'a Child, &'a Use)>,
}

impl Specs<'_> {
    fn tree(&self, tree: &Tree, id: &str, mut scope: Scope) -> TokenStream {
        let (krate, handles, builder) = (self.krate, &tree.handles, builder());
        let flags = self.flags(tree);
        let places = self.places(tree, &mut scope);
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
                    #(#places)*
                    #(#children)*
                    #handles { #(#fields)* #supervisor: #builder.supervisor(), #marker }
                },
            )
        }
    }

    /// The places of late children, and their handles for those above them.
    fn places(&self, tree: &Tree, scope: &mut Scope) -> Vec<TokenStream> {
        let builder = builder();
        let children = tree.children();
        let own = self
            .late
            .iter()
            .filter(|(late, _)| children.iter().any(|child| std::ptr::eq(*child, *late)));
        let each = own.map(|(child, used)| {
            let (cfgs, place, handle) = (&child.cfgs, place_of(&child.id), &used.name);
            scope.insert(used.name.to_string(), Bound::Parameter);
            // That the child is no server is told where it is called `late`.
            let span = hygiene::at(used.name.span());
            let ty = child.kind.ty().map(|ty| hygiene::respanned(ty, span));
            let late = quote_spanned!(span=> #builder.late::<#ty>());
            quote! {
                #(#cfgs)*
                let #place = #late;
                #(#cfgs)*
                let #handle = #place.handle();
            }
        });
        each.collect()
    }

    fn flags(&self, tree: &Tree) -> TokenStream {
        let krate = self.krate;
        let strategy = self.strategy(tree.strategy);
        let limit = match &tree.max_restarts {
            Some(MaxRestarts { count, period }) => quote!(max_restarts: #count, period: #period,),
            None => TokenStream::new(),
        };
        let auto_shutdown = tree.auto_shutdown.map(|auto_shutdown| {
            let word = Ident::new(auto_shutdown.name(), Span::call_site());
            quote!(auto_shutdown: #krate::supervisor::AutoShutdown::#word,)
        });
        // Where nothing is left to default, clippy says so in the user's crate.
        let is_whole = tree.max_restarts.is_some() && auto_shutdown.is_some();
        let rest = (!is_whole).then(|| quote!(..::core::default::Default::default()));
        quote! {
            #krate::supervisor::Flags {
                strategy: #strategy,
                #limit
                #auto_shutdown
                #rest
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
        let clones = clones(&taken_by(child), scope, wanted);
        let spec = self.spec(child, scope);
        let add = quote_spanned!(hygiene::at(place(child))=> #builder.add);
        scope.insert(id.to_string(), Bound::Handle);
        let handle = match clones.is_empty() {
            true => quote!(#add(#spec)),
            false => quote!({ #(#clones)* #add(#spec) }),
        };
        quote!(#(#cfgs)* let #id = #handle;)
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
        let (limits, options) = (limits(options), self.options(options));
        match kind {
            Kind::One { ty, args } => {
                let call = call_child_spec(ty, args);
                let id = spanned_call("id", &text, place(child));
                let is_late = self.late.iter().any(|(late, _)| std::ptr::eq(*late, child));
                if is_late {
                    let place = place_of(&child.id);
                    return quote!(#place.with(#call #options #id));
                }
                quote!(#call #options #id)
            }
            Kind::Dynamic { ty } => {
                let krate = self.krate;
                let new =
                    quote_spanned!(hygiene::at(ty.span())=> #krate::DynamicSpec::<#ty>::new());
                quote!(#new #limits #options.id(#text))
            }
            Kind::Partition { count, ty, args, strategy } => {
                let new = self.partitions(count.as_ref(), ty);
                let count = count.as_ref().map(|count| quote!(#count,));
                let one = one_partition(ty, args, scope, &options);
                let mut group = Group::new(Delimiter::Parenthesis, quote!(#count #one));
                group.set_span(hygiene::at(place(child)));
                let strategy = strategy.map(|strategy| self.strategy(strategy));
                let strategy = strategy.map(|strategy| quote!(.strategy(#strategy)));
                quote!(#new #group #strategy #limits.id(#text))
            }
            Kind::Task { word, args } => {
                let (new, uses) = (self.task(word), uses::of(&args.exprs));
                let bound = |used: &&Use| scope.contains_key(&used.name.to_string());
                let clones = uses.iter().filter(bound).map(clone);
                let args_of = &args.exprs;
                let futures = args.exprs.iter().map(|future| self.future(future));
                let runs = draw::source(&quote!(#(#args_of),*));
                quote!(#new(#runs, move || { #(#clones)* #(#futures)* }) #options.id(#text))
            }
            Kind::Nested(tree) => {
                let tree = self.tree(tree, &text, scope.clone());
                quote!(#tree #options)
            }
            Kind::Unknown(_) => TokenStream::new(),
        }
    }

    /// `PartitionSpec::<Type>::new`
    fn partitions(&self, count: Option<&Expr>, ty: &Path) -> TokenStream {
        let krate = self.krate.at(ty.span());
        let new = if count.is_some() { quote!(new) } else { quote!(per_core) };
        let span = hygiene::at(ty.span());
        let (spec, new) = (
            quote_spanned!(span=> #krate::PartitionSpec::<),
            hygiene::respanned(quote!(>::#new), span),
        );
        quote!(#spec #ty #new)
    }

    /// What a task runs; that it is no future is told there.
    fn future(&self, future: &Expr) -> TokenStream {
        let krate = self.krate.at(future.span());
        let open = quote_spanned!(hygiene::at(future.span())=> #krate::__private::task_future);
        quote!(#open(#future))
    }

    /// What makes the spec, shown at `task`.
    fn task(&self, word: &Ident) -> TokenStream {
        let krate = self.krate.at(word.span());
        quote_spanned!(hygiene::at(word.span())=> #krate::__private::task_spec)
    }

    fn strategy(&self, strategy: Strategy) -> TokenStream {
        let (krate, word) = (self.krate, Ident::new(strategy.name(), Span::call_site()));
        quote!(#krate::Strategy::#word)
    }

    fn options(&self, options: &Options) -> TokenStream {
        let krate = self.krate;
        let Options { restart, shutdown, significant, backoff, .. } = options;
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
        let significant =
            significant.as_ref().map(|significant| quote!(.significant(#significant)));
        let backoff = backoff.as_ref().map(|Backoff { first, longest }| {
            quote!(.backoff(#krate::supervisor::Backoff::exp(#first, #longest)))
        });
        quote!(#restart #shutdown #significant #backoff)
    }
}

/// What gives the child of one number: the arguments are evaluated for each.
fn one_partition(ty: &Path, args: &Args, scope: &Scope, options: &TokenStream) -> TokenStream {
    let (call, uses) = (call_child_spec(ty, args), uses::of(&args.exprs));
    let clones = uses.iter().filter(|used| scope.contains_key(&used.name.to_string())).map(clone);
    let number =
        uses.iter().find(|used| used.is_number() && !scope.contains_key(&used.name.to_string()));
    let number = match number {
        Some(Use { name, certain: true, .. }) => quote!(#name),
        Some(Use { name, .. }) => quote!(#[allow(unused_variables)] #name),
        None => quote!(_),
    };
    quote!(move |#number| { #(#clones)* #call #options })
}

/// How much a supervisor of many children bears.
fn limits(options: &Options) -> TokenStream {
    let max_children = options.max_children.as_ref().map(|most| quote!(.max_children(#most)));
    let max_restarts = options.max_restarts.as_ref();
    let max_restarts =
        max_restarts.map(|MaxRestarts { count, period }| quote!(.max_restarts(#count, #period)));
    let by = options.by.as_ref().map(|key| quote_spanned!(hygiene::at(key.span())=> .by::<#key>()));
    quote!(#max_children #max_restarts #by)
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
        // An attribute stands before a block, not before an assignment.
        let assigned = |value| match cfgs.is_empty() {
            true => quote!(#out = #value;),
            false => quote!(#(#cfgs)* { #out = #value; }),
        };
        some.extend(assigned(value));
        none.extend(assigned(quote!(::core::option::Option::None)));
        after.extend(quote!(#(#cfgs)* let #id = #out;));
    }
    (before, some, none, after)
}

/// Where an error about the child as a whole is shown: at its arguments, if there are any.
fn place(child: &Child) -> Span {
    match &child.kind {
        Kind::One { ty, args } | Kind::Partition { ty, args, .. } => {
            args.parens.unwrap_or_else(|| last_span(ty))
        }
        Kind::Dynamic { ty } => last_span(ty),
        Kind::Task { word, .. } => word.span(),
        Kind::Nested(_) | Kind::Unknown(_) => child.id.span(),
    }
}

/// `<Type>::child_spec(args)`, shown at `Type(args)`.
fn call_child_spec(ty: &Path, args: &Args) -> TokenStream {
    let open = quote_spanned!(hygiene::at(ty.span())=> <);
    let function = quote_spanned!(hygiene::at(last_span(ty))=> >::child_spec);
    let exprs = &args.exprs;
    let mut group = Group::new(Delimiter::Parenthesis, quote!(#(#exprs),*));
    group.set_span(hygiene::at(args.parens.unwrap_or_else(|| last_span(ty))));
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

/// The variable that holds the place of a late child.
fn place_of(child: &Ident) -> Ident {
    hygiene::local(&format!("place_of_{}", child.unraw()))
}

/// The variable that holds the builder of a tree.
fn builder() -> Ident {
    hygiene::local("tree")
}

// ===== Clones =====

/// The names that a child takes from around it.
fn taken_by(child: &Child) -> Vec<&Use> {
    match &child.kind {
        Kind::Nested(tree) => {
            let own = late_in(tree);
            let mut bound = own.iter().map(|(_, used)| used.name.to_string()).collect();
            uses_in(tree.nodes(), &mut bound)
        }
        _ => child.uses.iter().collect(),
    }
}

/// The children of `tree` that earlier ones, or their children, hold `late` handles of, each with
/// one that does.
fn late_in(tree: &Tree) -> Vec<(&Child, &Use)> {
    let children = tree.children();
    let mut earlier: Vec<&Use> = Vec::new();
    let mut late = Vec::new();
    for child in children {
        let used = earlier.iter().find(|used| late::is_of(&used.name, &child.id));
        late.extend(used.map(|used| (child, *used)));
        earlier.extend(taken_by(child).into_iter().filter(|used| used.late().is_some()));
    }
    late
}

/// [`late_in`], nested supervisors included.
fn late_children(tree: &Tree) -> Vec<(&Child, &Use)> {
    let mut late = late_in(tree);
    for child in tree.children() {
        if let Kind::Nested(nested) = &child.kind {
            late.extend(late_children(nested));
        }
    }
    late
}

/// The names that `nodes` take from around them: those that are not `bound` by an earlier one.
fn uses_in<'a>(nodes: &'a [Node], bound: &mut Wanted) -> Vec<&'a Use> {
    let mut found = Vec::new();
    for node in nodes {
        let uses = match node {
            Node::Child(child) => taken_by(child),
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
        let key = used.name.to_string();
        match scope.get(&key) {
            Some(Bound::Handle) => seen.insert(key),
            Some(Bound::Parameter) => wanted.contains(&key) && seen.insert(key),
            None => false,
        }
    });
    kept.map(|used| clone(used)).collect()
}

fn clone(used: &Use) -> TokenStream {
    let variable = &used.name;
    // What a macro call makes of a name is not known; it may be nothing.
    let allow = (!used.certain).then(|| quote!(#[allow(unused_variables)]));
    let span = hygiene::at(used.name.span());
    let clone = quote_spanned!(span=> ::core::clone::Clone::clone(&#variable));
    quote!(#allow let #variable = #clone;)
}
