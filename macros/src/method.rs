//! Facts about one handler method: receiver, arguments, asyncness, reply type, docs, cfgs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, Generics, ImplItemFn, Pat, PatType, Receiver, ReturnType, Safety, Token,
    Type, Visibility,
};

use crate::{argument, hygiene};

/// One method of the `impl`, as far as the macros look at it.
#[derive(Clone)]
pub(crate) struct Method {
    pub(crate) name: Ident,
    pub(crate) vis: Visibility,
    /// The attributes that are carried to what is generated from the method: docs, `cfg`,
    /// `deprecated`.
    carried: Vec<Attribute>,
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) safety: Safety,
    pub(crate) generics: Generics,
    pub(crate) receiver: Option<Receiver>,
    /// All that stands between the parentheses, for errors that underline it.
    pub(crate) inputs: Punctuated<FnArg, Token![,]>,
    pub(crate) params: Vec<Param>,
    pub(crate) output: ReturnType,
}

/// One argument besides the receiver.
#[derive(Clone)]
pub(crate) struct Param {
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
    /// `#[into]`, if it stands before the argument.
    pub(crate) into: Option<Attribute>,
    /// `#[cfg]`, which may not.
    pub(crate) cfg: Option<Attribute>,
    pub(crate) slot: Slot,
}

/// What an argument is for, told by its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Slot {
    /// `ctx: &mut Ctx<Self>`
    Ctx,
    /// `from: ReplyTo<T>`
    ReplyTo,
    /// `reason: &ExitReason`
    Reason,
    /// The server's own handle, of a session.
    Me,
    /// Everything else: a part of the message.
    Value,
}

/// How a value travels from the client's caller to the handler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Passing {
    /// Moved all the way.
    Owned,
    /// The client takes `impl Into<T>`.
    Into,
    /// The client takes `&T`, the message holds `T::Owned`, the handler gets `&T`.
    Lent,
}

impl Method {
    /// Reads `method` and takes the argument attributes that are ours out of it. What its body says
    /// of it by `#![..]` stands before it from then on.
    pub(crate) fn take_from(method: &mut ImplItemFn) -> Self {
        hygiene::outward(&mut method.attrs);
        let carried = ["doc", "cfg", "deprecated"];
        let is_carried = |attr: &&Attribute| carried.iter().any(|name| attr.path().is_ident(name));
        let inputs = method.sig.inputs.clone();
        let params = method.sig.inputs.iter_mut().filter_map(|input| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(typed) => Some(Param::take_from(typed)),
        });
        Self {
            params: params.collect(),
            name: method.sig.ident.clone(),
            vis: method.vis.clone(),
            carried: method.attrs.iter().filter(is_carried).cloned().collect(),
            asyncness: method.sig.asyncness,
            safety: method.sig.safety.clone(),
            generics: method.sig.generics.clone(),
            receiver: method.sig.receiver().cloned(),
            inputs,
            output: method.sig.output.clone(),
        }
    }

    /// The arguments that are part of the message.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| param.slot == Slot::Value)
    }

    /// The argument which is the reply handle.
    pub(crate) fn reply_to(&self) -> Option<&Param> {
        self.params.iter().find(|param| param.slot == Slot::ReplyTo)
    }

    /// The return type, unless the method returns `()`.
    pub(crate) fn returned(&self) -> Option<&Type> {
        let ReturnType::Type(_, ty) = &self.output else { return None };
        let is_unit = matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty());
        (!is_unit).then_some(&**ty)
    }

    /// Whether the last segment of the return type is `Result`.
    pub(crate) fn returns_result(&self) -> bool {
        self.returned().is_some_and(|ty| argument::is_named(ty, "Result"))
    }

    /// The method's `#[cfg]`s, for each piece that is generated from it.
    pub(crate) fn cfgs(&self) -> TokenStream {
        let cfgs = self.carried.iter().filter(|attr| attr.path().is_ident("cfg"));
        quote!(#(#cfgs)*)
    }

    /// Whether the method may be absent: then its twin with another `#[cfg]` is no duplicate.
    pub(crate) fn has_cfg(&self) -> bool {
        self.carried.iter().any(|attr| attr.path().is_ident("cfg"))
    }

    /// Leaves its `#[cfg]`s to others: what is generated from it is there without them.
    pub(crate) fn drop_cfgs(&mut self) {
        self.carried.retain(|attr| !attr.path().is_ident("cfg"));
    }

    /// Whether its users are warned off.
    pub(crate) fn is_deprecated(&self) -> bool {
        self.carried.iter().any(|attr| attr.path().is_ident("deprecated"))
    }

    /// `#[cfg]`s, `#[deprecated]` and docs, for a variant or client method.
    pub(crate) fn carried(&self) -> TokenStream {
        let carried = &self.carried;
        quote!(#(#carried)*)
    }

    /// The name at its place in the source, for generated tokens that no lint should look at.
    pub(crate) fn shown_name(&self) -> Ident {
        let mut name = self.name.clone();
        name.set_span(self.span());
        name
    }

    /// Where the method's name stands.
    pub(crate) fn span(&self) -> Span {
        hygiene::at(self.name.span())
    }
}

impl Param {
    fn take_from(typed: &mut PatType) -> Self {
        let into = typed.attrs.iter().position(|attr| attr.path().is_ident("into"));
        let into = into.map(|place| typed.attrs.remove(place));
        let cfg = typed.attrs.iter().find(|attr| attr.path().is_ident("cfg")).cloned();
        let slot = Slot::of(&typed.ty);
        Self { pat: (*typed.pat).clone(), ty: (*typed.ty).clone(), into, cfg, slot }
    }

    /// The argument's name, unless it is a pattern or `_`.
    pub(crate) fn name(&self) -> Option<Ident> {
        match &self.pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                let mut name = pat.ident.clone();
                name.set_span(hygiene::at(name.span()));
                Some(name)
            }
            _ => None,
        }
    }

    /// The argument's name for an error: `_` where it has none.
    pub(crate) fn called(&self) -> String {
        self.name().map_or_else(|| "_".to_owned(), |name| name.to_string())
    }

    /// How the argument travels.
    pub(crate) fn passing(&self) -> Passing {
        match argument::peeled(&self.ty) {
            Type::Reference(reference)
                if reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident == "_")
                    && reference.mutability.is_none()
                    && argument::is_lent(&reference.elem) =>
            {
                Passing::Lent
            }
            _ if self.into.is_some() => Passing::Into,
            _ => Passing::Owned,
        }
    }

    /// `T` of an argument `&T`.
    pub(crate) fn lent(&self) -> Option<&Type> {
        match argument::peeled(&self.ty) {
            Type::Reference(reference) if self.passing() == Passing::Lent => Some(&reference.elem),
            _ => None,
        }
    }
}

impl Slot {
    fn of(ty: &Type) -> Self {
        let target = argument::behind_ref(ty);
        let borrowed = matches!(argument::peeled(ty), Type::Reference(_));
        // By value, `Ctx` without arguments is rather a type of the user's.
        let has_arguments = argument::first_argument(target).is_some();
        if argument::is_named(target, "Ctx") && (borrowed || has_arguments) {
            Self::Ctx
        } else if argument::is_named(target, "ReplyTo") {
            Self::ReplyTo
        } else if borrowed && argument::is_named(target, "ExitReason") {
            Self::Reason
        } else {
            Self::Value
        }
    }
}

impl ToTokens for Param {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.pat.to_tokens(tokens);
        tokens.extend(quote!(:));
        self.ty.to_tokens(tokens);
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn the_place_of_an_argument_is_told_by_its_type() {
        let mut method: ImplItemFn = parse_quote! {
            fn f(
                &mut self,
                ctx: &mut cordial::Ctx<Self>,
                from: ReplyTo<u8>,
                why: &ExitReason,
                text: &str,
                #[into] name: String,
                mine: Ctx,
                fixed: &'static str,
            ) {}
        };
        let method = Method::take_from(&mut method);
        let slots: Vec<Slot> = method.params.iter().map(|param| param.slot).collect();
        let passing: Vec<Passing> = method.values().map(Param::passing).collect();
        assert_eq!(slots[..3], [Slot::Ctx, Slot::ReplyTo, Slot::Reason]);
        assert!(slots[3..].iter().all(|slot| *slot == Slot::Value));
        assert_eq!(passing, [Passing::Lent, Passing::Into, Passing::Owned, Passing::Owned]);
    }

    #[test]
    fn our_argument_attributes_leave_the_users_method() {
        let mut method: ImplItemFn = parse_quote!(
            fn f(&mut self, #[into] name: String) {}
        );
        Method::take_from(&mut method);
        let expected: ImplItemFn = parse_quote!(
            fn f(&mut self, name: String) {}
        );
        assert_eq!(quote!(#method).to_string(), quote!(#expected).to_string());
    }
}
