//! `#[derive(NotAHandle)]`: a type whose fields hold no handle holds none itself.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, GenericParam, parse_quote};

use crate::attrs::{Kind, Options};
use crate::crate_path::CratePath;
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::{argument, hygiene};

/// What a derived type gets.
pub(crate) fn expand(item: TokenStream) -> Expansion {
    let input = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => return Expansion::broken(TokenStream::new(), error),
    };
    let mut errors = Errors::default();
    let krate = crate_path(&input, &mut errors);
    let tokens = match input.generics.type_params().all(|param| argument::is_name(&param.ident)) {
        true => implement(&krate, &input),
        false => TokenStream::new(), // A parameter called `_`, of which rustc tells.
    };
    match errors.finish() {
        Ok(()) => Expansion::good(tokens),
        Err(error) => Expansion::broken(tokens, error),
    }
}

fn crate_path(input: &DeriveInput, errors: &mut Errors) -> CratePath {
    let ours = input.attrs.iter().find(|attr| attr.path().is_ident("not_a_handle"));
    let tokens = ours.and_then(|attr| attr.meta.require_list().ok()).map(|list| &list.tokens);
    let mut options =
        Options::read(tokens.cloned().unwrap_or_default(), &[("crate", Kind::Value)], errors);
    CratePath::take(&mut options, errors)
}

/// The impl, and what is asked of the fields: of the type's parameters in its bounds, of all others
/// at the field.
fn implement(krate: &CratePath, input: &DeriveInput) -> TokenStream {
    let (name, mut generics) = (&input.ident, input.generics.clone());
    let params: Vec<Ident> = generics.type_params().map(|param| param.ident.clone()).collect();
    let fields = fields(&input.data);
    let (open, closed): (Vec<&Field>, Vec<&Field>) = fields
        .into_iter()
        .filter(|field| !argument::is_known_send(&field.ty))
        .partition(|field| argument::mentions(field.ty.to_token_stream(), &params));
    for param in &mut generics.params {
        if let GenericParam::Type(param) = param {
            param.bounds.push(parse_quote!(#krate::NotAHandle));
        }
    }
    for field in open.iter().filter(|field| !has_cfg(field)) {
        let ty = &field.ty;
        generics.make_where_clause().predicates.push(parse_quote!(#ty: #krate::NotAHandle));
    }
    let asked = closed.iter().map(|field| {
        let (cfgs, ty) = (field.attrs.iter().filter(|attr| attr.path().is_ident("cfg")), &field.ty);
        let ask = hygiene::respanned(quote!(#krate::__private::no_handle::<), ty.span());
        quote!(#(#cfgs)* #ask #ty>();)
    });
    let (impl_generics, ty, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(clippy::multiple_bound_locations)]
        impl #impl_generics #krate::NotAHandle for #name #ty #where_clause {}
        const _: () = {
            #[allow(dead_code, clippy::multiple_bound_locations)]
            fn asked #impl_generics() #where_clause { #(#asked)* }
        };
    }
}

fn fields(data: &Data) -> Vec<&Field> {
    match data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
        Data::Union(data) => data.fields.named.iter().collect(),
    }
}

fn has_cfg(field: &Field) -> bool {
    field.attrs.iter().any(|attr| attr.path().is_ident("cfg"))
}
