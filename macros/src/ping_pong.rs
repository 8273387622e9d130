//! `ping_pong!`: a process that sends itself messages and takes them, one step after the other.
//!
//! ```text
//! ping "hey there"                  mailbox.send_self(Plain("hey there"));
//! pong |msg| println!("{msg}")      apply(mailbox.next().await.0, |msg| println!("{msg}"));
//! ```
//!
//! As an expression it is the process, whose end can be awaited; as a statement it is nothing, so
//! that it needs no semicolon. One expansion serves both: `{ } * conversation` is a product where
//! an expression is expected, and where a statement is, an empty block and then `*conversation`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Token};

use crate::attrs;
use crate::crate_path::CratePath;
use crate::entry::{self, Expansion};
use crate::errors::Errors;
use crate::hygiene;
use crate::messages::{self, fill};

/// What a use of `ping_pong!` becomes: an expression, the spawned process.
pub(crate) fn expand(input: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let mut script = Script::default();
    let result = (|input: ParseStream<'_>| script.read(input, &mut errors)).parse2(input);
    errors.keep(result);
    if errors.is_empty() {
        check_pings_and_pongs(&script, &mut errors);
    }
    match errors.finish() {
        Ok(()) => Expansion::good(expand_script(&script)),
        Err(error) if script.steps.is_empty() => Expansion::broken(TokenStream::new(), error),
        Err(error) => {
            let finished = expand_script(&script);
            Expansion::broken(entry::for_editors(&quote!({} #finished;)), error)
        }
    }
}

/// The steps in their order.
#[derive(Default)]
struct Script {
    krate: CratePath,
    steps: Vec<Step>,
}

/// `ping value` or `pong closure`
struct Step {
    word: Ident,
    kind: Kind,
    expr: Expr,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Ping,
    Pong,
}

// ===== Parse =====

impl Script {
    fn read(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        self.krate = CratePath::parse_front(input)?;
        while !input.is_empty() {
            let word = input.call(Ident::parse_any)?;
            let kind = read_kind(&word, errors);
            if starts_step(input) {
                let message = match kind {
                    Kind::Ping => messages::PING_WITHOUT_VALUE,
                    Kind::Pong => messages::PONG_WITHOUT_CLOSURE,
                };
                errors.at(&word, message);
            } else {
                let rest = input.fork();
                let expr = input.parse().inspect_err(|_| {
                    let rest = rest.parse().ok().and_then(entry::finished);
                    self.steps.extend(rest.map(|expr| Step { word: word.clone(), kind, expr }));
                })?;
                self.steps.push(Step { word, kind, expr });
            }
            input.parse::<Option<Token![;]>>()?;
        }
        Ok(())
    }
}

/// A word that is neither is told and stands for the one it resembles.
fn read_kind(word: &Ident, errors: &mut Errors) -> Kind {
    let text = word.to_string();
    match text.as_str() {
        "ping" => return Kind::Ping,
        "pong" => return Kind::Pong,
        _ => errors.at(word, fill(messages::PING_PONG_UNKNOWN_STEP, &[&text])),
    }
    if attrs::nearest(&text, ["ping", "pong"]) == Some("pong") { Kind::Pong } else { Kind::Ping }
}

/// Whether the value of the step before is missing.
fn starts_step(input: ParseStream<'_>) -> bool {
    let next = input.fork().call(Ident::parse_any).ok();
    input.is_empty()
        || input.peek(Token![;])
        || next.is_some_and(|next| next == "ping" || next == "pong")
}

// ===== Check =====

fn check_pings_and_pongs(script: &Script, errors: &mut Errors) {
    let mut untaken = 0_usize;
    for step in &script.steps {
        match (step.kind, untaken.checked_sub(1)) {
            (Kind::Ping, _) => untaken += 1,
            (Kind::Pong, Some(rest)) => untaken = rest,
            (Kind::Pong, None) => errors.at(&step.word, messages::PONG_WITHOUT_PING),
        }
    }
    if !script.steps.iter().any(|step| step.kind == Kind::Pong) {
        let place = script.steps.first().map_or_else(Span::call_site, |step| step.word.span());
        errors.push(syn::Error::new(place, messages::PING_PONG_IS_EMPTY));
    }
}

// ===== Expand =====

fn expand_script(script: &Script) -> TokenStream {
    let (krate, mailbox) = (&script.krate, hygiene::local("mailbox"));
    let steps = script.steps.iter().map(|step| expand_step(step, krate, &mailbox));
    quote! {
        * #krate::__private::ping_pong(move |mut #mailbox| async move {
            #(#steps)*
        })
    }
}

fn expand_step(step: &Step, krate: &CratePath, mailbox: &Ident) -> TokenStream {
    let (expr, span) = (&step.expr, hygiene::at(step.word.span()));
    match step.kind {
        Kind::Ping => {
            quote_spanned!(span=> #mailbox.send_self(#krate::__private::Plain(#expr));)
        }
        Kind::Pong => {
            let next = quote_spanned!(span=> #mailbox.next().await.0);
            if is_async(expr) {
                quote_spanned!(span=> #krate::__private::apply_async(#next, #expr).await;)
            } else {
                quote_spanned!(span=> #krate::__private::apply(#next, #expr);)
            }
        }
    }
}

fn is_async(expr: &Expr) -> bool {
    matches!(expr, Expr::Closure(closure) if closure.asyncness.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors_of(input: TokenStream) -> Vec<String> {
        let errors = expand(input).error.into_iter().flatten();
        errors.map(|error| error.to_string()).collect()
    }

    #[test]
    fn semicolons_are_optional_and_steps_any_number() {
        assert!(errors_of(quote!(ping "a" pong |m| println!("{m}"))).is_empty());
        assert!(
            errors_of(quote!(ping 1; ping 2; pong |a| f(a); pong async |b| g(b).await;)).is_empty()
        );
        assert!(errors_of(quote!(crate = my::cordial; ping x pong handle)).is_empty());
    }

    #[test]
    fn each_pong_takes_one_ping_before_it() {
        let hangs = [messages::PONG_WITHOUT_PING];
        assert_eq!(errors_of(quote!(pong |m| f(m) ping 1)), hangs);
        assert_eq!(errors_of(quote!(ping 1 pong |m| f(m) pong |m| f(m))), hangs);
        assert_eq!(errors_of(quote!(pong |m| f(m); pong |m| f(m))).len(), 2);
    }

    #[test]
    fn a_conversation_has_a_ping_and_a_pong() {
        assert_eq!(errors_of(quote!()), [messages::PING_PONG_IS_EMPTY]);
        assert_eq!(errors_of(quote!(ping 1)), [messages::PING_PONG_IS_EMPTY]);
    }

    #[test]
    fn one_slip_is_one_error() {
        let unknown = ["expected `ping` or `pong`, found `pnig`"];
        assert_eq!(errors_of(quote!(pnig "a" pong |m| f(m))), unknown);
        assert_eq!(errors_of(quote!(ping pong |m| f(m))), [messages::PING_WITHOUT_VALUE]);
        assert_eq!(errors_of(quote!(ping 1; pong)), [messages::PONG_WITHOUT_CLOSURE]);
    }
}
