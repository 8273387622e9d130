//! The structs of handles, one per supervisor: `HarborSupRef` and, for a nested one,
//! `HarborSupEdgeRef`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Generics, Path, parse_quote_spanned};

use super::model::{Child, Kind, Node, Supervisor, Tree};
use crate::crate_path::CratePath;
use crate::hygiene;

/// One struct of handles that is to be written.
pub(crate) struct Handles<'a> {
    supervisor: &'a Supervisor,
    tree: &'a Tree,
    /// What its documentation calls the supervisor.
    title: String,
    /// Everything that must be configured in for the supervisor to be there.
    cfgs: Vec<Attribute>,
}

/// The handle of one child as a field.
pub(crate) struct Field<'a> {
    pub(crate) child: &'a Child,
    /// It stands under an `if`, so the handle is an `Option`.
    pub(crate) optional: bool,
}

/// The field which holds the handle of the supervisor itself.
pub(crate) fn supervisor_field() -> Ident {
    Ident::new("__cordial_supervisor", Span::call_site())
}

/// The field which uses the type parameters that no handle uses.
pub(crate) fn marker_field() -> Ident {
    Ident::new("__cordial_marker", Span::call_site())
}

/// The structs of handles of the whole tree and of every nested supervisor.
pub(crate) fn all(supervisor: &Supervisor) -> Vec<Handles<'_>> {
    let mut all = Vec::new();
    collect(supervisor, &supervisor.tree, supervisor.name.to_string(), &supervisor.cfgs, &mut all);
    all
}

fn collect<'a>(
    supervisor: &'a Supervisor,
    tree: &'a Tree,
    title: String,
    cfgs: &[Attribute],
    all: &mut Vec<Handles<'a>>,
) {
    all.push(Handles { supervisor, tree, title, cfgs: cfgs.to_vec() });
    for child in tree.children() {
        if let Kind::Nested(nested) = &child.kind {
            let title = format!("{}'s {}", supervisor.name, child.id.unraw());
            collect(supervisor, nested, title, &[cfgs, &child.cfgs].concat(), all);
        }
    }
}

/// The fields of `tree`'s handles, in start order.
pub(crate) fn fields(tree: &Tree) -> Vec<Field<'_>> {
    fields_of(tree.nodes(), false)
}

/// The fields that `nodes` give, where `optional` says whether an `if` is around them.
pub(crate) fn fields_of(nodes: &[Node], optional: bool) -> Vec<Field<'_>> {
    let each = nodes.iter().flat_map(|node| match node {
        Node::Child(child) => vec![Field { child, optional }],
        Node::If(block) => fields_of(&block.nodes, true),
    });
    each.collect()
}

/// Type parameters as any part of a process must be; the same for everything that is generated.
pub(crate) fn generics(supervisor: &Supervisor) -> Generics {
    let mut generics = supervisor.generics.clone();
    let names: Vec<_> = generics.type_params().map(|param| param.ident.clone()).collect();
    for name in names {
        let bound = parse_quote_spanned! { hygiene::at(name.span())=>
            #name: ::core::marker::Send + 'static
        };
        generics.make_where_clause().predicates.push(bound);
    }
    generics
}

/// The generics of everything but the structs themselves.
///
/// That the children are children stands as a bound on each `impl`: a type that is none is told
/// there, once and at the type, and within the `impl` it counts as one.
pub(crate) fn impl_generics(supervisor: &Supervisor) -> Generics {
    let mut generics = generics(supervisor);
    if supervisor.is_generic() {
        return generics;
    }
    let krate = &supervisor.krate;
    for ty in types(&supervisor.tree) {
        let krate = krate.at(ty.span());
        let bound = parse_quote_spanned!(hygiene::at(ty.span())=> #ty: #krate::Child);
        generics.make_where_clause().predicates.push(bound);
    }
    generics
}

/// The child types that are always configured in.
fn types(tree: &Tree) -> Vec<&Path> {
    let each = tree.children().into_iter().filter(|child| child.cfgs.is_empty());
    each.flat_map(|child| match &child.kind {
        Kind::One { ty, .. } | Kind::Dynamic { ty } | Kind::Partition { ty, .. } => vec![ty],
        Kind::Nested(nested) => types(nested),
        Kind::Task { .. } | Kind::Unknown(_) => Vec::new(),
    })
    .collect()
}

impl Handles<'_> {
    /// The struct and what it implements.
    pub(crate) fn expand(&self) -> TokenStream {
        let items = [self.item(), self.clone_impl(), self.debug_impl(), self.supervised_impl()];
        let cfgs = &self.cfgs;
        items.into_iter().map(|item| quote!(#(#cfgs)* #item)).collect()
    }

    fn item(&self) -> TokenStream {
        let Supervisor { krate, vis, .. } = self.supervisor;
        let (name, doc) =
            (&self.tree.handles, format!("The handles of {}'s children.", self.title));
        let generics = generics(self.supervisor);
        let (params, where_clause) = (&generics, &generics.where_clause);
        let fields = fields(self.tree);
        let fields = fields.iter().map(|field| self.field(field));
        let (supervisor, marker) = (supervisor_field(), self.marker());
        quote! {
            #[doc = #doc]
            #[allow(dead_code, private_interfaces)]
            #vis struct #name #params #where_clause {
                #(#fields)*
                #[doc(hidden)]
                #supervisor: #krate::SupervisorRef,
                #marker
            }
        }
    }

    fn field(&self, field: &Field<'_>) -> TokenStream {
        let Child { cfgs, attrs, id, .. } = field.child;
        let ty = self.field_type(field);
        let is_documented = attrs.iter().any(|attr| attr.path().is_ident("doc"));
        let doc = (!is_documented).then(|| {
            let doc = format!("The handle of `{}`.", id.unraw());
            quote!(#[doc = #doc])
        });
        quote!(#(#cfgs)* #(#attrs)* #doc pub #id: #ty,)
    }

    fn field_type(&self, field: &Field<'_>) -> TokenStream {
        let handle = handle_type(self.supervisor, field.child);
        if field.optional { quote!(::core::option::Option<#handle>) } else { handle }
    }

    fn marker(&self) -> Option<TokenStream> {
        let (marker, ty) = (marker_field(), marker_type(self.supervisor)?);
        Some(quote!(#[doc(hidden)] #marker: #ty,))
    }

    /// By hand: a derived one would ask for `Clone` of the type parameters.
    fn clone_impl(&self) -> TokenStream {
        let generics = impl_generics(self.supervisor);
        let (params, args, where_clause) = generics.split_for_impl();
        let name = &self.tree.handles;
        let children = self.tree.children();
        let fields = children.iter().map(|child| {
            let (cfgs, id, value, span) =
                (&child.cfgs, &child.id, field_of_self(child), place(child));
            let value = quote_spanned!(span=> ::core::clone::Clone::clone(#value));
            quote!(#(#cfgs)* #id: #value,)
        });
        let supervisor = supervisor_field();
        let marker = marker_type(self.supervisor).map(|_| {
            let marker = marker_field();
            quote!(#marker: ::core::marker::PhantomData,)
        });
        quote! {
            impl #params ::core::clone::Clone for #name #args #where_clause {
                fn clone(&self) -> Self {
                    Self {
                        #(#fields)*
                        #supervisor: ::core::clone::Clone::clone(&self.#supervisor),
                        #marker
                    }
                }
            }
        }
    }

    fn debug_impl(&self) -> TokenStream {
        let generics = impl_generics(self.supervisor);
        let (params, args, where_clause) = generics.split_for_impl();
        let (name, text) = (&self.tree.handles, self.tree.handles.to_string());
        let children = self.tree.children();
        let out = hygiene::local("out");
        let fields = children.iter().map(|child| {
            let (cfgs, value) = (&child.cfgs, field_of_self(child));
            let text = child.id.unraw().to_string();
            quote!(#(#cfgs)* ::core::fmt::DebugStruct::field(&mut #out, #text, #value);)
        });
        quote! {
            impl #params ::core::fmt::Debug for #name #args #where_clause {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    let mut #out = ::core::fmt::Formatter::debug_struct(f, #text);
                    #(#fields)*
                    ::core::fmt::DebugStruct::finish(&mut #out)
                }
            }
        }
    }

    fn supervised_impl(&self) -> TokenStream {
        let generics = impl_generics(self.supervisor);
        let (params, args, where_clause) = generics.split_for_impl();
        let (krate, name, field) = (&self.supervisor.krate, &self.tree.handles, supervisor_field());
        quote! {
            impl #params #krate::supervisor::Supervised for #name #args #where_clause {
                fn supervisor(&self) -> &#krate::SupervisorRef {
                    &self.#field
                }
            }
        }
    }
}

/// Where what is wrong with the type of a handle is shown: a type that is no child is told once.
fn place(child: &Child) -> Span {
    hygiene::at(match &child.kind {
        Kind::One { ty, .. } | Kind::Dynamic { ty } | Kind::Partition { ty, .. } => ty.span(),
        Kind::Task { word, .. } => word.span(),
        Kind::Nested(_) | Kind::Unknown(_) => child.id.span(),
    })
}

/// `&self.id`, shown there.
fn field_of_self(child: &Child) -> TokenStream {
    let (mut id, span) = (child.id.clone(), place(child));
    id.set_span(span);
    quote_spanned!(span=> &self.#id)
}

/// The type of a child's handle, shown at the child's type.
pub(crate) fn handle_type(supervisor: &Supervisor, child: &Child) -> TokenStream {
    let krate = &supervisor.krate;
    match &child.kind {
        Kind::One { ty, .. } => as_child(krate, ty),
        Kind::Dynamic { ty } => {
            let dynamic = quote_spanned!(hygiene::at(ty.span())=> #krate::DynamicRef);
            quote!(#dynamic<#ty>)
        }
        Kind::Partition { ty, .. } => {
            let (krate, span) = (krate.at(ty.span()), hygiene::at(ty.span()));
            let partition = quote_spanned!(span=> #krate::PartitionRef<);
            let end = quote_spanned!(span=> >);
            quote!(#partition #ty #end)
        }
        Kind::Task { word, .. } => quote_spanned!(hygiene::at(word.span())=> #krate::TaskRef),
        Kind::Nested(tree) => {
            let name = &tree.handles;
            let (_, args, _) = supervisor.generics.split_for_impl();
            quote!(#name #args)
        }
        // An error as the type: what is done with this handle gives no errors of its own.
        Kind::Unknown(error) => type_of_error(error),
    }
}

fn as_child(krate: &CratePath, ty: &Path) -> TokenStream {
    quote_spanned!(hygiene::at(ty.span())=> <#ty as #krate::Child>::Handle)
}

/// A type that is an error, the one already told: rustc tells it once, and nothing that is done
/// with a value of this type gives another.
pub(crate) fn type_of_error(error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!([(); #error])
}

/// A type that uses every type parameter and lifetime, if there are any.
pub(crate) fn marker_type(supervisor: &Supervisor) -> Option<TokenStream> {
    let types = supervisor.generics.type_params().map(|param| &param.ident);
    let lifetimes = supervisor.generics.lifetimes().map(|param| &param.lifetime);
    let used = quote!(#(fn() -> #types,)* #(&#lifetimes (),)*);
    (!used.is_empty()).then(|| quote!(::core::marker::PhantomData<(#used)>))
}
