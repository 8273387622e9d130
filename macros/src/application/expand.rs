//! Model → tokens: the trait's impl, and `run`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::Application;
use crate::hygiene;

impl Application {
    /// What stands behind the tree's own items.
    pub(crate) fn expand(&self) -> TokenStream {
        let Self { krate, cfgs, vis, tree, name, env, .. } = self;
        if self.is_generic {
            return TokenStream::new();
        }
        let env = env.as_ref().map_or_else(|| quote!(()), |env| quote!(#env));
        let handle = hygiene::suffixed(tree, "Ref");
        let rank = self.rank();
        let (consts, start, callbacks) = (self.consts(), self.start(), self.callbacks());
        quote! {
            #(#cfgs)*
            impl #krate::Application for #tree {
                const NAME: &'static ::core::primitive::str = #name;
                #consts
                type Env = #env;
                type Handle = #handle;
                type State = ();
                #start
                #callbacks
            }
            #rank
            #(#cfgs)*
            #[allow(dead_code)]
            impl #tree {
                #[doc = "Runs the application as a program: signals, ordered shutdown, exit code."]
                #vis fn run() -> ::std::process::ExitCode {
                    #krate::application::run::<Self>()
                }
            }
        }
    }

    fn consts(&self) -> TokenStream {
        let Self { krate, depends, file, .. } = self;
        let file = file.as_ref().map(|file| {
            quote! {
                const FILE: ::core::option::Option<&'static ::core::primitive::str> =
                    ::core::option::Option::Some(#file);
            }
        });
        if depends.is_empty() || self.is_broken {
            return quote!(#file);
        }
        let each = depends.iter().map(|path| {
            let span = hygiene::at(path.span());
            quote_spanned!(span=> #krate::application::Dependency::of::<#path>())
        });
        // What the compiler says of a circle is shown here.
        quote_spanned! {hygiene::at(depends[0].span())=>
            const DEPENDS: &'static [#krate::application::Dependency] = &[#(#each),*];
            const RANK: ::core::primitive::usize =
                #krate::application::Dependency::rank(Self::DEPENDS);
            #file
        }
    }

    /// Has the compiler look for a circle, also where nobody starts it.
    fn rank(&self) -> Option<TokenStream> {
        let Self { krate, cfgs, tree, depends, .. } = self;
        let span = hygiene::at(depends.first()?.span());
        Some(quote_spanned! {span=>
            #(#cfgs)*
            const _: ::core::primitive::usize = <#tree as #krate::Application>::RANK;
        })
    }

    fn start(&self) -> TokenStream {
        let krate = &self.krate;
        if self.is_broken {
            return quote! {
                async fn start(
                    _: #krate::application::StartType,
                    _: Self::Env,
                ) -> #krate::application::Started<Self> {
                    ::core::unreachable!()
                }
            };
        }
        let env = hygiene::local("env");
        let given = self.env.as_ref().filter(|_| self.takes_env).map(|ty| {
            let span = hygiene::at(ty.span());
            let mut env = env.clone();
            env.set_span(env.span().located_at(span));
            quote!(#env)
        });
        let taken = if given.is_some() { quote!(#env) } else { quote!(_) };
        quote! {
            async fn start(
                _: #krate::application::StartType,
                #taken: Self::Env,
            ) -> #krate::application::Started<Self> {
                ::core::result::Result::Ok((Self::start_link(#given).await?, ()))
            }
        }
    }

    fn callbacks(&self) -> TokenStream {
        let Self { krate, prep_stop, stop, config_change, .. } = self;
        let prep_stop = prep_stop.as_ref().map(|path| {
            quote! {
                async fn prep_stop(handle: &Self::Handle, _: &mut ()) {
                    #path(handle).await
                }
            }
        });
        let stop = stop.as_ref().map(|path| {
            quote! {
                async fn stop(_: ()) {
                    #path().await
                }
            }
        });
        let config_change = config_change.as_ref().map(|path| {
            quote! {
                fn config_change(change: &#krate::application::EnvChange) {
                    #path(change)
                }
            }
        });
        quote!(#prep_stop #stop #config_change)
    }
}
