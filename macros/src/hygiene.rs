//! Invents the identifiers of generated items, so that none can clash with the user's.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{AttrStyle, Attribute, Expr, parse_quote};

/// The user's name with one suffix: `Counter` and `Client` make `CounterClient`.
pub(crate) fn suffixed(name: &Ident, suffix: &str) -> Ident {
    Ident::new(&format!("{}{suffix}", name.unraw()), name.span())
}

/// A local variable which user code can neither see nor shadow.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// A generated name that stands where items stand.
pub(crate) fn item(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// A generated item which is no part of the user's surface.
pub(crate) fn hidden(name: &str) -> Ident {
    item(&format!("__cordial_{name}"))
}

/// What a body says of its function by `#![..]` as it is written before the function.
pub(crate) fn outward(attrs: &mut [Attribute]) {
    attrs.iter_mut().for_each(|attr| attr.style = AttrStyle::Outer);
}

/// So that a dot behind it means all of it.
pub(crate) fn as_receiver(value: Expr) -> Expr {
    match value {
        Expr::Path(_)
        | Expr::Call(_)
        | Expr::MethodCall(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Lit(_)
        | Expr::Macro(_)
        | Expr::Paren(_)
        | Expr::Try(_)
        | Expr::Await(_)
        | Expr::Verbatim(_) => value,
        other => parse_quote!((#other)),
    }
}

/// The same delimiters at the same place, around other tokens.
pub(crate) fn regrouped(group: &Group, stream: TokenStream) -> Group {
    let mut with = Group::new(group.delimiter(), stream);
    with.set_span(group.span());
    with
}

/// A span that is shown at `span` but belongs to the expansion, so that no lint of the user's
/// crate looks at the tokens that carry it.
pub(crate) fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// The same tokens, all of them at `span`; `$crate` is still that of the macro where it stood.
pub(crate) fn respanned(tokens: impl ToTokens, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            let inner = respanned(group.stream(), span);
            token = TokenTree::Group(Group::new(group.delimiter(), inner));
        }
        let is_crate = matches!(&token, TokenTree::Ident(ident) if ident == "$crate");
        token.set_span(if is_crate { token.span().located_at(span) } else { span });
        token
    };
    tokens.into_token_stream().into_iter().map(respan).collect()
}

/// A handler's name as the name of its variant: `get_score` makes `GetScore`.
pub(crate) fn camel_case(name: &Ident) -> Ident {
    let text = name.unraw().to_string();
    let camel: String = text.split('_').filter(|word| !word.is_empty()).map(capitalised).collect();
    match camel.as_str() {
        // `Self` cannot name a variant, and a name made of underscores leaves nothing.
        "Self" => Ident::new("Self_", name.span()),
        _ if !camel.starts_with(|first: char| first.is_alphabetic()) => {
            Ident::new(&format!("V{camel}"), name.span())
        }
        _ => Ident::new(&camel, name.span()),
    }
}

/// A type's name as the name of a module: `CodeLock` makes `code_lock`.
pub(crate) fn snake_case(name: &Ident) -> String {
    let letters: Vec<char> = name.unraw().to_string().chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && !letters[at - 1].is_uppercase() && letters[at - 1] != '_';
        let before_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let after_letter = at > 0 && letters[at - 1] != '_';
        if letter.is_uppercase() && (after_small || (after_letter && before_small)) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_camel_case(name: &str, expected: &str) {
        let name: Ident = syn::parse_str::<Ident>(name)
            .unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()));
        assert_eq!(camel_case(&name).to_string(), expected);
    }

    #[test]
    fn a_module_is_named_after_its_type() {
        let snake = |name: &str| snake_case(&Ident::new(name, Span::call_site()));
        assert_eq!(snake("Door"), "door");
        assert_eq!(snake("CodeLock"), "code_lock");
        assert_eq!(snake("TCPLink2"), "tcp_link2");
        assert_eq!(snake("Already_snake"), "already_snake");
    }

    #[test]
    fn a_variant_is_named_after_its_handler() {
        check_camel_case("inc", "Inc");
        check_camel_case("get_score", "GetScore");
        check_camel_case("type", "Type");
        check_camel_case("_hidden__name_", "HiddenName");
        check_camel_case("self_", "Self_");
        check_camel_case("_2", "V2");
    }
}
