//! `Table` → the owner's handle, its address and what ties them to the runtime.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, parse_quote};

use super::model::Table;
use crate::hygiene;

/// Everything that a table becomes.
pub(super) fn items(table: &Table) -> TokenStream {
    let parts = [handle(table), address(table), table_impl(table), methods(table), child(table)];
    parts.into_iter().collect()
}

/// Of a table with type parameters: what they have to be, for its kind.
fn generics(table: &Table) -> Generics {
    let Table { krate, key, value, .. } = table;
    let mut generics = table.generics.clone();
    if generics.params.is_empty() {
        return generics;
    }
    let keys = if table.kind == "OrderedSet" {
        quote!(::core::cmp::Ord)
    } else {
        quote!(::core::hash::Hash + ::core::cmp::Eq)
    };
    let values = (table.kind == "Bag").then(|| quote!(+ ::core::cmp::PartialEq));
    let clause = generics.make_where_clause();
    clause.predicates.push(parse_quote!(#key: #krate::ets::Datum + #keys));
    clause.predicates.push(parse_quote!(#value: #krate::ets::Datum #values));
    generics
}

/// `#[cfg]`s go to every item, all else to the handle.
fn cfgs(table: &Table) -> TokenStream {
    let cfgs = table.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    quote!(#(#cfgs)*)
}

fn handle(table: &Table) -> TokenStream {
    let Table { krate, attrs, vis, name, .. } = table;
    let generics = generics(table);
    let (params, args, clause) = generics.split_for_impl();
    let (declared, cfgs) = (&generics.params, cfgs(table));
    let declared = (!declared.is_empty()).then(|| quote!(<#declared>));
    let doc = (!attrs.iter().any(|attr| attr.path().is_ident("doc"))).then(|| {
        let doc = format!("The owner's handle of the table `{name}`.");
        quote!(#[doc = #doc])
    });
    quote! {
        #(#attrs)*
        #doc
        #vis struct #name #declared (#krate::ets::Owned<Self>) #clause;
        #cfgs
        impl #params ::core::ops::Deref for #name #args #clause {
            type Target = #krate::ets::Owned<Self>;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
        #cfgs
        impl #params ::core::fmt::Debug for #name #args #clause {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.0, f)
            }
        }
    }
}

fn address(table: &Table) -> TokenStream {
    let Table { krate, vis, name, generics, .. } = table;
    let (_, args, _) = generics.split_for_impl();
    let (alias, doc) =
        (format_ident!("{name}Ref"), format!("What others have of a table `{name}`: its address."));
    let params = generics.type_params().map(|param| &param.ident);
    let consts = generics.const_params();
    let declared = quote!(#(#params,)* #(#consts),*);
    let declared = (!generics.params.is_empty()).then(|| quote!(<#declared>));
    let cfgs = cfgs(table);
    quote! {
        #cfgs
        #[doc = #doc]
        #[allow(dead_code)]
        #vis type #alias #declared = #krate::ets::TableRef<#name #args>;
    }
}

fn table_impl(table: &Table) -> TokenStream {
    let Table { krate, name, key, value, kind, access, ttl, max, .. } = table;
    let generics = generics(table);
    let (params, args, clause) = generics.split_for_impl();
    let (cfgs, text) = (cfgs(table), name.to_string());
    let options = (ttl.is_some() || max.is_some()).then(|| {
        let some = |value| quote!(::core::option::Option::Some(#value));
        let none = || quote!(::core::option::Option::None);
        let ttl = ttl.as_ref().map(|ttl| some(quote!(#ttl))).unwrap_or_else(none);
        let max = max.as_ref().map(|max| some(quote!(#max))).unwrap_or_else(none);
        quote! {
            fn options() -> #krate::ets::Options {
                #krate::ets::Options { ttl: #ttl, max: #max }
            }
        }
    });
    // That the rows do not fit the kind is told at the key.
    let kind_path = {
        let krate = krate.at(key.span());
        let kind = proc_macro2::Ident::new(&kind.to_string(), hygiene::at(key.span()));
        quote_spanned!(hygiene::at(key.span())=> #krate::ets::#kind)
    };
    quote! {
        #cfgs
        impl #params #krate::ets::Table for #name #args #clause {
            type Key = #key;
            type Value = #value;
            type Kind = #kind_path;
            type Access = #krate::ets::#access;
            const NAME: &'static str = #text;
            #options
            fn of_owned(owned: #krate::ets::Owned<Self>) -> Self {
                Self(owned)
            }
            fn into_owned(self) -> #krate::ets::Owned<Self> {
                self.0
            }
        }
    }
}

fn methods(table: &Table) -> TokenStream {
    let Table { krate, vis, name, heir, .. } = table;
    let generics = generics(table);
    let (params, args, clause) = generics.split_for_impl();
    let cfgs = cfgs(table);
    let new = match heir {
        None => quote! {
            /// Makes the table; whose context this is owns it.
            #[allow(dead_code)]
            #vis fn new(owner: &impl #krate::ets::Owner) -> Self {
                #krate::ets::new(owner)
            }
        },
        Some(heir) => {
            let set = quote_spanned!(hygiene::at(heir.span())=>
                #krate::ets::with_heir(owner, heir)
            );
            quote! {
                /// Makes the table; whose context this is owns it, and who inherits it is told by a
                /// `Transfer`.
                #[allow(dead_code)]
                #vis fn new(owner: &impl #krate::ets::Owner, heir: &#krate::Ref<#heir>) -> Self {
                    #set
                }
            }
        }
    };
    let spec = is_public(table).then(|| {
        quote! {
            /// The table as a child: owned by the supervisor itself.
            #[allow(dead_code)]
            #vis fn child_spec() -> #krate::ets::TableSpec<Self> {
                #krate::ets::TableSpec::new()
            }
        }
    });
    quote! {
        #cfgs
        impl #params #name #args #clause {
            #new
            #spec
        }
    }
}

/// What nobody but the supervisor could write to is no child.
fn child(table: &Table) -> TokenStream {
    if !is_public(table) {
        return TokenStream::new();
    }
    let Table { krate, name, .. } = table;
    let generics = generics(table);
    let (params, args, clause) = generics.split_for_impl();
    let cfgs = cfgs(table);
    quote! {
        #cfgs
        impl #params #krate::Child for #name #args #clause {
            type Handle = #krate::ets::TableRef<Self>;
        }
    }
}

fn is_public(table: &Table) -> bool {
    table.access == "Public"
}
