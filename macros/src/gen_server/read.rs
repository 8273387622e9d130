//! An `impl` block → [`Server`]: the attributes that are ours are taken out of the user's item.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, FnArg, GenericParam, Generics, ImplItem, ImplItemFn, ItemImpl, Meta, PathArguments,
    Signature, Token, Type, TypeParam, TypeParamBound, Visibility, parse_quote,
};

use crate::argument;
use crate::attrs::{Options, nearest};
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::gen_server::model::{Carrier, Handler, Role, Server};
use crate::gen_server::{local, options};
use crate::hygiene::regrouped;
use crate::messages::{self, fill};
use crate::method::{Method, Param, Passing, Slot};

/// The words that mark a method.
const ROLES: [&str; 11] = [
    "init",
    "call",
    "cast",
    "info",
    "handle_continue",
    "every",
    "idle",
    "session",
    "format_status",
    "terminate",
    "code_change",
];

/// Attributes of the language that look like ours, with a slip of the pen.
const NOT_OURS: [&str; 6] = ["cold", "test", "inline", "doc", "allow", "into"];

impl Server {
    /// Reads the options and the `impl`, and takes what is ours out of the `impl`.
    pub(super) fn take_from(args: TokenStream, item: &mut ItemImpl, errors: &mut Errors) -> Self {
        let mut options = Options::read(args, options::ON_IMPL, errors);
        make_sendable(&mut item.generics);
        let before = errors.count();
        let (mailbox, on_full) = options::mailbox(&mut options, errors);
        let is_bounded = mailbox.is_some() || errors.count() > before;
        let mut server = Self {
            krate: CratePath::take(&mut options, errors),
            name: server_name(item),
            vis: parse_quote!(pub),
            self_ty: (*item.self_ty).clone(),
            generics: item.generics.clone(),
            mailbox,
            on_full,
            closed: options.flag("closed").is_some(),
            local: options.flag("local").is_some(),
            behaviours: options::behaviours(&mut options, errors),
            carrier: Carrier::Server,
            handlers: Vec::new(),
            plain_functions: Vec::new(),
        };
        if let (true, Some(behaviour)) = (server.closed, server.behaviours.first()) {
            errors.at(&behaviour.path, messages::CLOSED_WITH_BEHAVIOURS);
        }
        if server.local {
            local::read_contexts(item, &server.krate);
        }
        for item in &mut item.items {
            match item {
                ImplItem::Fn(method) => server.take_method(method, errors),
                ImplItem::Const(constant) => refuse_roles(&mut constant.attrs, errors),
                ImplItem::Type(alias) => refuse_roles(&mut alias.attrs, errors),
                ImplItem::Verbatim(tokens) => server.take_bodiless(tokens, errors),
                _ => {}
            }
        }
        for handler in server.handlers.iter().filter(|_| !is_bounded) {
            if let Role::Cast { on_full: Some((key, _)), .. } = &handler.role {
                errors.at(key, messages::ON_FULL_WITHOUT_MAILBOX);
            }
        }
        server
    }

    /// A method without a body is rustc's to report; its client method is made all the same.
    fn take_bodiless(&mut self, tokens: &mut TokenStream, errors: &mut Errors) {
        let parser = |input: ParseStream<'_>| {
            let attrs = input.call(Attribute::parse_outer)?;
            let head = (input.parse::<Visibility>()?, input.parse::<Signature>()?);
            Ok((attrs, head.0, head.1, input.parse::<Token![;]>()?))
        };
        let Ok((attrs, vis, sig, semi)) = parser.parse2(tokens.clone()) else { return };
        let mut method: ImplItemFn = parse_quote!(#(#attrs)* #vis #sig {});
        self.take_method(&mut method, errors);
        let ImplItemFn { attrs, vis, sig, .. } = method;
        *tokens = quote!(#(#attrs)* #vis #sig #semi);
    }

    fn take_method(&mut self, item: &mut ImplItemFn, errors: &mut Errors) {
        match take_role(&item.sig.ident, &mut item.attrs, errors) {
            Some(role) => {
                let mut method = Method::take_from(item);
                if let (Role::Session(_), [me, _]) = (&role, &mut method.params[..]) {
                    me.slot = Slot::Me;
                }
                item.attrs.extend(shape_is_given(&method, &role));
                repair_reply_to(item, &method);
                self.handlers.push(Handler { role, method, sound: true });
            }
            None => self.plain_functions.push(item.sig.ident.clone()),
        }
    }
}

/// A `ReplyTo` without its type is our error; the item that stands beside it must not be rustc's.
pub(crate) fn repair_reply_to(item: &mut ImplItemFn, method: &Method) {
    let Some(from) = method.reply_to() else { return };
    if argument::first_argument(argument::behind_ref(&from.ty)).is_some() {
        return;
    }
    for input in &mut item.sig.inputs {
        let FnArg::Typed(input) = input else { continue };
        let mut ty = argument::behind_ref(&input.ty).clone();
        if argument::is_named(&ty, "ReplyTo")
            && let Type::Path(path) = &mut ty
            && let Some(last) = path.path.segments.last_mut()
        {
            last.arguments = PathArguments::AngleBracketed(parse_quote!(<()>));
            *input.ty = ty;
        }
    }
    item.attrs.push(parse_quote!(#[allow(unused_variables)]));
    item.block = parse_quote!({ ::core::unreachable!() });
}

/// An item that is no `impl` of ours, without the attributes that only we know.
pub(crate) fn without_marks(item: TokenStream) -> TokenStream {
    let Ok(mut parsed) = syn::parse2::<ItemImpl>(item.clone()) else { return stripped(item) };
    for item in &mut parsed.items {
        if let ImplItem::Fn(method) = item {
            method.attrs.retain(|attr| !attr.path().get_ident().is_some_and(is_mark));
            Method::take_from(method);
        }
    }
    parsed.into_token_stream()
}

/// Tokens that cannot be read without what looks like our marks: that there is no such attribute
/// would be told of each.
fn stripped(tokens: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = &token else {
            kept.push(token);
            continue;
        };
        let is_attribute = group.delimiter() == Delimiter::Bracket
            && matches!(kept.last(), Some(TokenTree::Punct(sign)) if sign.as_char() == '#');
        let first = group.stream().into_iter().next();
        if is_attribute && matches!(&first, Some(TokenTree::Ident(word)) if is_mark(word)) {
            kept.pop();
            continue;
        }
        kept.push(TokenTree::Group(regrouped(group, stripped(group.stream()))));
    }
    kept.into_iter().collect()
}

/// Whether that is a word of a server's or of a state machine's.
fn is_mark(word: &Ident) -> bool {
    ROLES.iter().chain(&["on", "postpone", "after", "enter", "into"]).any(|mark| word == mark)
}

/// Lints about the shape of a signature have nobody to talk to: the mailbox gives a handler's.
pub(crate) fn shape_is_given(method: &Method, role: &Role) -> Option<Attribute> {
    let is_read = matches!(role, Role::Call(_)) && method.asyncness.is_none();
    let is_private = matches!(method.vis, Visibility::Inherited);
    let by_value = |param: &Param| match param.passing() {
        Passing::Into => true,
        Passing::Owned => !argument::is_known_send(&param.ty),
        Passing::Lent => false,
    };
    let lints = [
        (is_read, quote!(clippy::must_use_candidate)),
        (method.values().any(by_value), quote!(clippy::needless_pass_by_value)),
        (is_private, quote!(clippy::unused_self)),
    ];
    let lints: Vec<_> = lints.into_iter().filter(|(fires, _)| *fires).map(|(_, l)| l).collect();
    (!lints.is_empty()).then(|| parse_quote!(#[allow(#(#lints),*)]))
}

pub(crate) fn server_name(item: &ItemImpl) -> Ident {
    let segment = argument::last_segment(&item.self_ty).expect("`parse` saw a path with a name");
    segment.ident.clone()
}

/// Makes every type parameter `Send + 'static`, as messages and state must be.
pub(crate) fn make_sendable(generics: &mut Generics) {
    for param in &mut generics.params {
        let GenericParam::Type(TypeParam { bounds, colon_token, .. }) = param else { continue };
        colon_token.get_or_insert_default();
        let has = |wanted: &str| {
            let named = |bound: &TypeParamBound| match bound {
                TypeParamBound::Trait(bound) => {
                    bound.path.segments.last().is_some_and(|segment| segment.ident == wanted)
                }
                TypeParamBound::Lifetime(lifetime) => lifetime.ident == wanted,
                _ => false,
            };
            bounds.iter().any(named)
        };
        let (has_send, has_static) = (has("Send"), has("static"));
        if !has_send {
            bounds.push(parse_quote!(::core::marker::Send));
        }
        if !has_static {
            bounds.push(parse_quote!('static));
        }
    }
}

/// Takes the attributes that mark a method out of its attributes.
pub(super) fn take_role(
    method: &Ident,
    attrs: &mut Vec<Attribute>,
    errors: &mut Errors,
) -> Option<Role> {
    let mut role: Option<Role> = None;
    let mut kept = Vec::new();
    for attr in std::mem::take(attrs) {
        match Mark::of(&attr) {
            Mark::None => kept.push(attr),
            Mark::Role(word) => {
                let args = arguments(&attr, errors);
                match &role {
                    None => role = Some(options::role(&word, args, errors)),
                    Some(first) => {
                        errors.at(&word, fill(messages::SECOND_ROLE, &[method, &first.word()]));
                    }
                }
            }
            Mark::Misspelt(word, near) => {
                errors.at(&word, fill(messages::UNKNOWN_ATTRIBUTE, &[&word, &near]));
                // The handler is taken for what was meant, so that its client method exists.
                let near = Ident::new(near, Span::call_site());
                role = role.or_else(|| Some(near_role(&near, &attr, errors)));
            }
            Mark::Hidden(attr) => errors.at(attr, messages::CFG_ATTR_ON_HANDLER),
        }
    }
    *attrs = kept;
    role
}

/// What an attribute of a method is to us.
pub(super) enum Mark {
    None,
    Role(Ident),
    Misspelt(Ident, &'static str),
    /// One of our words inside `#[cfg_attr(..)]`.
    Hidden(TokenStream),
}

impl Mark {
    pub(super) fn of(attr: &Attribute) -> Self {
        let Some(word) = attr.path().get_ident() else { return Self::None };
        let text = word.to_string();
        if ROLES.contains(&text.as_str()) {
            Self::Role(word.clone())
        } else if text == "cfg_attr" {
            hidden_role(attr).map_or(Self::None, Self::Hidden)
        } else if NOT_OURS.contains(&text.as_str()) {
            Self::None
        } else {
            let near = nearest(&text, ROLES);
            near.map_or(Self::None, |near| Self::Misspelt(word.clone(), near))
        }
    }
}

/// The word of ours that `#[cfg_attr(predicate, word)]` holds.
fn hidden_role(attr: &Attribute) -> Option<TokenStream> {
    let parser = syn::punctuated::Punctuated::<Meta, Token![,]>::parse_terminated;
    let metas = attr.parse_args_with(parser).ok()?;
    let ours = |meta: &&Meta| ROLES.iter().any(|role| meta.path().is_ident(role));
    metas.iter().skip(1).find(ours).map(ToTokens::to_token_stream)
}

fn near_role(near: &Ident, attr: &Attribute, errors: &mut Errors) -> Role {
    let args = arguments(attr, errors);
    options::role(near, args, errors)
}

/// What stands between the parentheses of an attribute.
pub(crate) fn arguments(attr: &Attribute, errors: &mut Errors) -> TokenStream {
    match &attr.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => {
            let word = pair.path.to_token_stream();
            errors.at(&pair.value, fill(messages::OPTIONS_IN_PARENTHESES, &[&word]));
            TokenStream::new()
        }
    }
}

/// Takes our words off an item that is no method.
pub(super) fn refuse_roles(attrs: &mut Vec<Attribute>, errors: &mut Errors) {
    attrs.retain(|attr| match Mark::of(attr) {
        Mark::Role(word) => {
            errors.at(&word, fill(messages::ROLE_WITHOUT_METHOD, &[&word]));
            false
        }
        _ => true,
    });
}
