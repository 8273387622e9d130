//! Shape → tokens: how a type shows itself, field by field, and what is said of its names.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Type, WherePredicate, parse_quote};

use super::model::{By, Field, Kind, Mark, Mode, Shape, Variant};
use super::names;
use crate::argument;
use crate::crate_path::CratePath;
use crate::hygiene::{self, local};

/// `Inspect` beside an error: it is never run.
pub(super) fn fallback(shape: &Shape, krate: &CratePath) -> TokenStream {
    let (impl_generics, ty, where_clause) = shape.generics.split_for_impl();
    let name = &shape.name;
    quote! {
        impl #impl_generics #krate::Inspect for #name #ty #where_clause {
            fn inspect(&self) -> #krate::inspect::Inspected { ::core::unreachable!() }
        }
    }
}

/// `Inspect`, of all that is not skipped.
pub(super) fn implement(shape: &Shape, krate: &CratePath, mode: Option<&Mode>) -> TokenStream {
    let name = &shape.name;
    let (generics, bounds) = (&shape.generics, bounds_of_fields(shape, mode));
    let generics = &with_bounds(generics, bounds);
    let (impl_generics, ty, where_clause) = generics.split_for_impl();
    let arms = shape.variants.iter().map(|variant| arm(shape, variant, krate, mode));
    let shown = match shape.variants.is_empty() {
        true => quote!(match *self {}),
        false => quote!(match self { #(#arms)* }),
    };
    quote! {
        impl #impl_generics #krate::Inspect for #name #ty #where_clause {
            fn inspect(&self) -> #krate::inspect::Inspected { #shown }
        }
    }
}

fn arm(shape: &Shape, variant: &Variant, krate: &CratePath, mode: Option<&Mode>) -> TokenStream {
    let (mut bound, mut shown) = (Vec::new(), Vec::new());
    for (at, field) in variant.fields.iter().enumerate() {
        let (cfgs, binding) = (&field.cfgs, local(&format!("field_{at}")));
        let called =
            field.name.as_ref().map_or_else(|| at.to_string(), |it| it.unraw().to_string());
        let value = match field.mark {
            Some(Mark::Skip) => continue,
            Some(Mark::Redact) => quote!(::core::option::Option::None),
            Some(Mark::Show) | None => {
                let member = match &field.name {
                    Some(name) => name.to_token_stream(),
                    None => syn::Index::from(at).to_token_stream(),
                };
                bound.push(quote!(#(#cfgs)* #member: #binding));
                let shown = show_field(&binding, krate, mode);
                quote!(::core::option::Option::Some(#shown))
            }
        };
        shown.push(quote!(#(#cfgs)* (#called, #value)));
    }
    let (cfgs, name, is_variant) = (&variant.cfgs, &variant.name, shape.is_enum);
    let pattern = if is_variant { quote!(Self::#name) } else { quote!(Self) };
    let called = name.unraw().to_string();
    let kind = match variant.kind {
        Kind::Named => quote!(Named),
        Kind::Numbered => quote!(Numbered),
        Kind::None => quote!(None),
    };
    quote! {
        #(#cfgs)*
        #pattern { #(#bound,)* .. } => #krate::__private::record(
            #called,
            #is_variant,
            #krate::__private::Fields::#kind,
            &[#(#shown),*],
        ),
    }
}

fn show_field(binding: &Ident, krate: &CratePath, mode: Option<&Mode>) -> TokenStream {
    match mode.map(|mode| mode.by) {
        Some(By::Debug) => quote!(#krate::__private::show_debug(#binding)),
        Some(By::Serialize) => quote!(#krate::__private::show_json(#binding)),
        Some(By::Inspect | By::TypeName) | None => {
            quote!(#krate::__private::ladder(#binding).shown())
        }
    }
}

/// What `ServerStruct::SHOW` is; nothing: the type's name.
pub(crate) fn show(shape: &Shape, krate: &CratePath, mode: Option<&Mode>) -> TokenStream {
    let by_mode = |mode: &Mode| {
        let span = hygiene::at(mode.word.span());
        let krate = krate.at(span);
        match mode.by {
            By::Inspect => Some(quote_spanned!(span=> #krate::Inspect::inspect)),
            By::Serialize => Some(quote_spanned!(span=> #krate::__private::show_json)),
            By::Debug => Some(quote_spanned!(span=> #krate::__private::show_debug)),
            By::TypeName => None,
        }
    };
    let it = local("it");
    let shown = match mode {
        Some(Mode { by: By::TypeName, .. }) => None,
        _ if shape.has_marks() => Some(quote!(#krate::Inspect::inspect)),
        Some(mode) => by_mode(mode),
        None if shape.generics.params.is_empty() => {
            Some(quote!(|#it| #krate::__private::ladder(#it).shown()))
        }
        None => None,
    };
    shown.map_or_else(TokenStream::new, |shown| quote!(const SHOW: #krate::Show<Self> = #shown;))
}

/// What a server with parameters asks of them, so that it can be shown so.
pub(crate) fn bounds(shape: &Shape, krate: &CratePath, mode: Option<&Mode>) -> Vec<WherePredicate> {
    if shape.has_marks() {
        return bounds_of_fields(shape, mode);
    }
    let (name, ty) = (&shape.name, shape.generics.split_for_impl().1);
    let of_whole = |needed: TokenStream| parse_quote!(#name #ty: #needed);
    match mode {
        Some(mode) if !shape.generics.params.is_empty() => {
            needed(mode, krate).map(of_whole).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn needed(mode: &Mode, krate: &CratePath) -> Option<TokenStream> {
    match mode.by {
        By::Inspect => Some(quote!(#krate::Inspect)),
        By::Serialize => Some(quote!(#krate::__private::Serialize)),
        By::Debug => Some(quote!(::core::fmt::Debug)),
        By::TypeName => None,
    }
}

fn bounds_of_fields(shape: &Shape, mode: Option<&Mode>) -> Vec<WherePredicate> {
    let names: Vec<Ident> = shape.generics.type_params().map(|param| param.ident.clone()).collect();
    let Some(By::Debug) = mode.map(|mode| mode.by) else { return Vec::new() };
    let shown =
        shape.fields().filter(|field| !matches!(field.mark, Some(Mark::Skip | Mark::Redact)));
    let generic = shown.filter(|field| argument::mentions(field.ty.to_token_stream(), &names));
    generic.map(|Field { ty, .. }| parse_quote!(#ty: ::core::fmt::Debug)).collect()
}

/// The same parameters, of which more is asked.
pub(crate) fn with_bounds(generics: &syn::Generics, bounds: Vec<WherePredicate>) -> syn::Generics {
    let mut generics = generics.clone();
    if !bounds.is_empty() {
        generics.make_where_clause().predicates.extend(bounds);
    }
    generics
}

// ===== Names =====

/// Of each field of a server that is called like a secret and would be shown.
pub(crate) fn warnings(shape: &Shape, krate: &CratePath, mode: Option<&Mode>) -> TokenStream {
    let shows_nothing = match mode {
        Some(Mode { by: By::TypeName | By::Inspect, .. }) => !shape.has_marks(),
        Some(_) => false,
        None => !shape.generics.params.is_empty(),
    };
    if shows_nothing {
        return TokenStream::new();
    }
    if shape.has_marks() {
        return warnings_of_marked(shape, krate);
    }
    let (name, ty) = (&shape.name, shape.generics.split_for_impl().1);
    warn(shape, krate, &bounds(shape, krate, mode), |_| parse_quote!(#name #ty))
}

/// Of the fields of a type that shows each in its turn.
pub(super) fn warnings_of_marked(shape: &Shape, krate: &CratePath) -> TokenStream {
    warn(shape, krate, &[], |field| field.ty.clone())
}

/// It depends on what the rendering is of.
fn warn(
    shape: &Shape,
    krate: &CratePath,
    bounds: &[WherePredicate],
    of: impl Fn(&Field) -> Type,
) -> TokenStream {
    let (own_name, own_ty) = (&shape.name, shape.generics.split_for_impl().1);
    let own: Type = parse_quote!(#own_name #own_ty);
    let suspects = shape.fields().filter_map(|field| {
        let name = field.name.as_ref().filter(|_| field.mark.is_none())?;
        names::sound_secret(name, &field.ty).then_some((field, name))
    });
    let all = suspects.map(|(field, name)| {
        let ty = argument::without_self(&of(field), &own);
        // At the name, and as if it stood there: the lint asks who wrote it.
        let shows_this = Ident::new("shows_this", name.span());
        let (cfgs, allowed, it) = (&field.cfgs, &field.allowed, local("it"));
        let generics = with_bounds(&shape.generics, bounds.to_vec());
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let own_allowed = &shape.allowed;
        quote! {
            #(#cfgs)*
            #(#own_allowed)*
            #(#allowed)*
            const _: () = {
                #[allow(dead_code)]
                fn named #impl_generics (#it: &#ty) #where_clause {
                    #krate::__private::ladder(#it).#shows_this();
                }
            };
        }
    });
    all.collect()
}
