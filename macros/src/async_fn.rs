//! What `#[cordial::main]` and `#[cordial::test]` share: an `async fn` without arguments, and how
//! many threads run it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprLit, ItemFn, Lit, LitInt, ReturnType, Type};

use crate::attrs::{Known, Options};
use crate::crate_path::CratePath;
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::hygiene;
use crate::messages::{self, fill};

/// An annotated function with the options of its attribute.
pub(crate) struct AsyncFn {
    pub(crate) krate: CratePath,
    pub(crate) item: ItemFn,
    workers: Option<LitInt>,
    seed: Option<LitInt>,
    is_current_thread: bool,
}

impl AsyncFn {
    /// Reads the function on which `#[cordial::name(args)]` stands; `None` if it is no function.
    pub(crate) fn read(
        name: &str,
        args: TokenStream,
        known: &[Known],
        item: TokenStream,
        errors: &mut Errors,
    ) -> Option<Self> {
        let mut options = Options::read(args, known, errors);
        let krate = CratePath::take(&mut options, errors);
        let workers = options.value("workers");
        let workers = workers.and_then(|workers| errors.keep(read_workers(workers)));
        let seed = options.value("seed").and_then(|seed| errors.keep(read_seed(seed)));
        let current_thread = options.flag("current_thread");
        if let (Some(flag), Some(_)) = (&current_thread, &workers) {
            errors.at(flag, messages::WORKERS_OF_ONE_THREAD);
        }
        let item = read_item(name, item, errors)?;
        check_is_async(name, &item, errors);
        check_takes_nothing(&item, errors);
        check_is_not_generic(&item, errors);
        let is_current_thread = current_thread.is_some();
        Some(Self { krate, item, workers, seed, is_current_thread })
    }

    /// How `main` is run: `__private::Workers`.
    pub(crate) fn workers_of_main(&self) -> TokenStream {
        let krate = &self.krate;
        match &self.workers {
            Some(workers) => quote!(#krate::__private::Workers::Many(#workers)),
            None if self.is_current_thread => quote!(#krate::__private::Workers::Current),
            None => quote!(#krate::__private::Workers::PerCore),
        }
    }

    /// How a test is run: on so many threads, or on one whose clock stands still.
    pub(crate) fn workers_of_test(&self) -> TokenStream {
        match &self.workers {
            Some(workers) => quote!(::core::option::Option::Some(#workers)),
            None => quote!(::core::option::Option::None),
        }
    }

    /// The seed that a test asks for.
    pub(crate) fn seed_of_test(&self) -> TokenStream {
        match &self.seed {
            Some(seed) => quote!(::core::option::Option::Some(#seed)),
            None => quote!(::core::option::Option::None),
        }
    }

    /// Whether it says that it returns a `Result`.
    pub(crate) fn returns_result(&self) -> bool {
        match &self.item.sig.output {
            ReturnType::Type(_, ty) => match &**ty {
                Type::Path(path) => {
                    path.path.segments.last().is_some_and(|last| last.ident == "Result")
                }
                _ => false,
            },
            ReturnType::Default => false,
        }
    }

    /// The function as it was written, under another name, to stand inside of the one that runs it.
    pub(crate) fn inner(&self) -> TokenStream {
        let (output, block) = (&self.item.sig.output, &self.item.block);
        let (asyncness, fn_token) = (&self.item.sig.asyncness, self.item.sig.fn_token);
        let span = hygiene::at(fn_token.span);
        let async_token = asyncness.map(|_| quote_spanned!(span=> async));
        let name = inner_name();
        let head = quote_spanned!(span=> #async_token fn #name());
        quote!(#head #output #block)
    }
}

/// `None`: it is no function. What its body says of it by `#![..]` stands before it.
pub(crate) fn read_item(name: &str, item: TokenStream, errors: &mut Errors) -> Option<ItemFn> {
    let read = syn::parse2::<ItemFn>(item.clone()).map_err(|_| {
        let first = item.into_iter().next();
        syn::Error::new_spanned(first, fill(messages::ON_ASYNC_FN, &[&name]))
    });
    let mut item = errors.keep(read)?;
    hygiene::outward(&mut item.attrs);
    Some(item)
}

/// The name of the user's function inside of the one that runs it.
pub(crate) fn inner_name() -> Ident {
    Ident::new("__cordial_inner", Span::call_site())
}

/// The errors, beside an item that keeps the names of the user's.
pub(crate) fn broken(item: TokenStream, errors: Errors) -> Expansion {
    let error = errors.finish().expect_err("this is called because of an error");
    Expansion::broken(item, error)
}

fn read_workers(workers: Expr) -> syn::Result<LitInt> {
    match workers {
        Expr::Lit(ExprLit { lit: Lit::Int(count), .. })
            if count.suffix().is_empty() && count.base10_parse::<usize>().is_ok_and(|n| n > 0) =>
        {
            Ok(count)
        }
        other => Err(syn::Error::new_spanned(other, messages::WORKERS_IS_A_NUMBER)),
    }
}

fn read_seed(seed: Expr) -> syn::Result<LitInt> {
    match seed {
        Expr::Lit(ExprLit { lit: Lit::Int(seed), .. })
            if seed.suffix().is_empty() && seed.base10_parse::<u64>().is_ok() =>
        {
            Ok(seed)
        }
        other => Err(syn::Error::new_spanned(other, messages::SEED_IS_A_NUMBER)),
    }
}

pub(crate) fn check_is_async(name: &str, item: &ItemFn, errors: &mut Errors) {
    if item.sig.asyncness.is_none() {
        errors.at(item.sig.fn_token, fill(messages::ON_ASYNC_FN, &[&name]));
    }
}

fn check_takes_nothing(item: &ItemFn, errors: &mut Errors) {
    if !item.sig.inputs.is_empty() {
        errors.at(&item.sig.inputs, messages::ENTRY_WITH_ARGUMENTS);
    }
}

pub(crate) fn check_is_not_generic(item: &ItemFn, errors: &mut Errors) {
    if !item.sig.generics.params.is_empty() {
        errors.at(&item.sig.generics, messages::ENTRY_IS_GENERIC);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print;
    use crate::{main_attr, test_attr};

    fn errors_of(expansion: Expansion) -> Vec<String> {
        expansion.error.into_iter().flatten().map(|error| error.to_string()).collect()
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let item = quote!(
            fn serve<T>(a: u8) {}
        );
        let errors = errors_of(main_attr::expand(quote!(workers = 0, worker = 1), item));
        let expected = [
            "unknown option `worker`; did you mean `workers`?",
            "`workers` is a number of threads: 1 or more",
            "`#[cordial::main]` goes on an `async fn`",
            "nobody passes arguments to this function",
            "this function is called with nothing that could say what its parameters are",
            "`#[cordial::main]` goes on `async fn main`",
        ];
        assert_eq!(errors, expected);
    }

    #[test]
    fn main_tells_the_error_of_a_result() {
        let item = quote!(
            async fn main() -> io::Result<()> {
                serve().await
            }
        );
        let text = print::lines(&main_attr::expand(quote!(), item).tokens);
        let call = "::cordial::__private::run_try_main(::cordial::__private::Workers::PerCore";
        assert!(text.contains(call), "{text}");
    }

    #[test]
    fn test_keeps_its_attributes_and_its_type() {
        let item = quote! {
            #[should_panic]
            pub(crate) async fn works() -> io::Result<()> { Ok(()) }
        };
        let text = print::lines(&test_attr::expand(quote!(workers = 2, seed = 7), item).tokens);
        assert!(text.contains("#[::core::prelude::v1::test]"), "{text}");
        assert!(text.contains("#[should_panic]"), "{text}");
        assert!(text.contains("pub(crate) fn works() -> io::Result<()> {"), "{text}");
        let text: String = text.split_whitespace().collect();
        let call =
            "run_try_test_as(::core::option::Option::Some(2),::core::option::Option::Some(7)";
        assert!(text.contains(call), "{text}");
    }
}
