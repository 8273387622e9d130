//! The private process: `GenServer`, with one dispatch arm per handler, and what hangs on it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse_quote;
use syn::spanned::Spanned;

use super::child_spec::args_type;
use super::mailbox::{reply_field, variant_field};
use super::session;
use super::{allow_deprecated, awaited, field, outside, where_marked};
use super::{info, versions};
use crate::attrs::Time;
use crate::gen_server::model::{Behaviour, Handler, OnErr, Role, Server};
use crate::hygiene::{self, hidden, local};
use crate::method::{Param, Passing, Slot};

/// Every impl that makes the type a server.
pub(super) fn implement(server: &Server) -> TokenStream {
    let callbacks = [
        mailbox_bound(server),
        info::trap_exit(server),
        init(server, &TokenStream::new()),
        dispatch(server),
        timeout(server),
        info::signals(server),
        format_status(server),
        terminate(server),
    ];
    let behaviour = behaviour(server, &quote!(#(#callbacks)*));
    let (windows, polls) = (windows(server), polls(server));
    let (continues, accepts) = (continues(server), info::accepts(server));
    let (sessions, versions) = (session::declare(server), versions::implement(server));
    let behaviours = behaviours(server);
    quote!(#windows #polls #behaviour #continues #accepts #sessions #versions #behaviours)
}

/// Every impl that makes the type a server, for a behaviour on top of one.
pub(super) fn on_top(server: &Server, handle: &TokenStream, begin: &TokenStream) -> TokenStream {
    let callbacks = [
        mailbox_bound(server),
        info::trap_exit(server),
        init(server, begin),
        handle.clone(),
        info::signals(server),
        format_status(server),
        terminate(server),
    ];
    let behaviour = behaviour(server, &quote!(#(#callbacks)*));
    let (accepts, versions) = (info::accepts(server), versions::implement(server));
    let behaviours = behaviours(server);
    quote!(#behaviour #accepts #versions #behaviours)
}

/// `GenServer` with the given callbacks.
pub(in crate::gen_server) fn behaviour(server: &Server, callbacks: &TokenStream) -> TokenStream {
    let (msg, client, server_trait) = (server.msg(), server.client(), server.server_trait());
    // That the struct is not marked is told at the attribute of its `impl`.
    let self_ty = hygiene::respanned(&server.self_ty, Span::call_site());
    let (impl_generics, ty, where_clause) = server.generics.split_for_impl();
    let args = server.inits().into_iter().map(|init| {
        let (cfgs, args) = (init.map(|init| init.method.cfgs()), args_type(server, init));
        quote!(#cfgs type Args = #args;)
    });
    let allow_deprecated = allow_deprecated(server);
    // Which arms there are is known only after the `#[cfg]`s.
    let may_vary = server.messages().any(|handler| handler.method.has_cfg());
    let allow_unreachable = may_vary.then(|| quote!(#[allow(unreachable_patterns)]));
    let half_local = half_local(server);
    quote! {
        #allow_deprecated
        #allow_unreachable
        impl #impl_generics #server_trait for #self_ty #where_clause {
            type Msg = #msg #ty;
            #(#args)*
            type Client = #client #ty;
            #callbacks
        }
        #half_local
    }
}

/// What a local server is while its struct is not local, which is told: one that can be used.
fn half_local(server: &Server) -> TokenStream {
    if !server.local {
        return TokenStream::new();
    }
    let (krate, msg, client) = (&server.krate, server.msg(), server.client());
    let self_ty = &server.self_ty;
    let mut generics = server.generics.clone();
    let bound = parse_quote!(for<'a> #self_ty: #krate::__private::HalfLocal<'a>);
    generics.make_where_clause().predicates.push(bound);
    let (impl_generics, ty, where_clause) = generics.split_for_impl();
    quote! {
        #krate::__private::half_local!(
            [#impl_generics] [#where_clause] [#self_ty] #msg #ty, #client #ty
        );
    }
}

fn mailbox_bound(server: &Server) -> TokenStream {
    let bound = server.mailbox.as_ref().map(|bound| {
        quote! {
            const MAILBOX: ::core::option::Option<usize> = ::core::option::Option::Some(#bound);
        }
    });
    quote!(#bound)
}

// ===== Start =====

fn init(server: &Server, begin: &TokenStream) -> TokenStream {
    let inits = server.inits().into_iter().map(|init| init_callback(server, init, begin));
    inits.collect()
}

fn init_callback(server: &Server, init: Option<&Handler>, begin: &TokenStream) -> TokenStream {
    let (krate, actor) = (&server.krate, server.actor());
    let (args, ctx) = (local("args"), local("ctx"));
    let cfgs = init.map(|init| init.method.cfgs());
    let args_type = args_type(server, init);
    let mut body = match init {
        None => quote!(#krate::Init::run(#args)),
        Some(init) => build_state(server, init),
    };
    let arranged = after_init(server);
    let after = quote!(#arranged #begin);
    if !after.is_empty() {
        let state = local("state");
        body = quote! {
            let #state = { #body };
            #krate::__private::after_init(#state, #ctx, |#state, #ctx| { #after })
        };
    }
    let arguments = quote!(#args: #args_type, #ctx: &mut #krate::Ctx<#actor>);
    let begun = quote!(#krate::Init<Self>);
    let begins_at_once = init.is_none_or(|init| init.method.asyncness.is_none());
    match server.waits_for_nothing() && begins_at_once && begin.is_empty() {
        true => {
            let is_block = init.is_some() || !after.is_empty();
            let ready = ready(&begun, &if is_block { quote!({ #body }) } else { body });
            quote!(#cfgs fn init(#arguments) #ready)
        }
        false => quote!(#cfgs async fn init(#arguments) -> #begun { #body }),
    }
}

/// What a callback gives that waits for nothing. It holds neither message nor context: where a type
/// in a message is not `Send`, neither are they, and that would be told again here.
pub(super) fn ready(output: &TokenStream, body: &TokenStream) -> TokenStream {
    quote! {
        -> impl ::core::future::Future<Output = #output> + ::core::marker::Send {
            ::core::future::ready(#body)
        }
    }
}

/// Calls the user's `#[init]` with the arguments taken apart.
fn build_state(server: &Server, init: &Handler) -> TokenStream {
    let krate = &server.krate;
    let args = local("args");
    let values = init.method.values().enumerate();
    let fields: Vec<_> = values.map(|(place, param)| field(place, param)).collect();
    let state = invoke(server, init);
    let is_state = init.method.returned().is_some_and(|ty| crate::argument::is_named(ty, "Self"));
    let state = match is_state {
        true => quote!(#krate::Init::run(#state)),
        false => quote_spanned! {init.method.span()=>
            #krate::__private::into_init::<Self, _>(#state)
        },
    };
    quote!(let (#(#fields,)*) = #args; #state)
}

/// What is arranged once the state exists: ticks, and the continue that nobody asked for.
pub(super) fn after_init(server: &Server) -> TokenStream {
    let (state, ctx) = (local("state"), local("ctx"));
    let ticks = server.handlers.iter().filter_map(|handler| {
        let Role::Every(time) = &handler.role else { return None };
        let window = match time {
            Time::Fixed(..) => quote!(#time),
            Time::Computed(_) => {
                let window = window_name(handler);
                quote!(#state.#window())
            }
        };
        let (cfgs, tick) = (handler.method.cfgs(), tick(server, handler));
        Some(quote!(#cfgs #ctx.every(#window, #tick);))
    });
    let streams = arrange_streams(server);
    let continues = server.marked("handle_continue").filter_map(|handler| {
        let cfgs = handler.method.cfgs();
        let is_plain = handler.method.values().next().is_none();
        is_plain.then(|| quote!(#cfgs #ctx.continue_unless_asked(());))
    });
    quote!(#(#ticks)* #streams #(#continues)*)
}

/// What polls the stream of each `#[info(stream = self.field)]`.
fn arrange_streams(server: &Server) -> TokenStream {
    let ctx = local("ctx");
    let streams = server.handlers.iter().filter(|handler| handler.stream().is_some());
    let streams = streams.map(|handler| {
        let (cfgs, name) = (handler.method.cfgs(), hidden_name("poll", handler));
        quote!(#cfgs #ctx.stream(Self::#name);)
    });
    streams.collect()
}

/// The methods that do.
fn polls(server: &Server) -> TokenStream {
    let (krate, msg, cx) = (&server.krate, server.msg(), local("cx"));
    let (impl_generics, ty, where_clause) = server.generics.split_for_impl();
    let polls = server.handlers.iter().filter_map(|handler| {
        let (stream, taken) = (handler.stream()?, info::sent_type(handler, server));
        let (cfgs, name) = (handler.method.cfgs(), hidden_name("poll", handler));
        let span = stream.span();
        let at = krate.at(span);
        let poll = quote_spanned! {hygiene::at(span)=>
            #at::__private::poll_stream::<Self, #taken, _>(&mut #stream, #cx)
        };
        Some(quote! {
            #cfgs
            #[doc(hidden)]
            fn #name(
                &mut self,
                #cx: &mut ::core::task::Context<'_>,
            ) -> ::core::task::Poll<#krate::__private::Polled<#msg #ty>> {
                #poll
            }
        })
    });
    let polls: Vec<TokenStream> = polls.collect();
    if polls.is_empty() {
        return TokenStream::new();
    }
    let self_ty = &server.self_ty;
    quote!(impl #impl_generics #self_ty #where_clause { #(#polls)* })
}

/// The closure that runs an `#[every]` handler.
fn tick(server: &Server, handler: &Handler) -> TokenStream {
    let krate = &server.krate;
    let (state, ctx) = (local("state"), local("ctx"));
    let outcome = outcome(server, handler, &invoke_on(server, handler, &quote!(#state)));
    if server.local {
        let front = local("front");
        return quote! {
            |#front, #ctx| #krate::__private::local_tick(#front, #ctx, |#state, #ctx| {
                ::std::boxed::Box::pin(async move { #outcome })
            })
        };
    }
    quote! {
        |#state, #ctx| #krate::__private::boxed_flow(async move { #outcome })
    }
}

/// Methods that compute the durations which look at the state.
fn windows(server: &Server) -> TokenStream {
    let windows: Vec<TokenStream> = server
        .handlers
        .iter()
        .filter_map(|handler| match &handler.role {
            Role::Every(time @ Time::Computed(_)) => {
                let (cfgs, name) = (handler.method.cfgs(), window_name(handler));
                Some(quote! {
                    #cfgs
                    #[doc(hidden)]
                    fn #name(&self) -> ::core::time::Duration { #time }
                })
            }
            _ => None,
        })
        .collect();
    if windows.is_empty() {
        return TokenStream::new();
    }
    let (impl_generics, _, where_clause) = server.generics.split_for_impl();
    let self_ty = &server.self_ty;
    quote!(impl #impl_generics #self_ty #where_clause { #(#windows)* })
}

fn window_name(handler: &Handler) -> syn::Ident {
    hidden_name("window_of", handler)
}

fn hidden_name(what: &str, handler: &Handler) -> syn::Ident {
    hidden(&format!("{what}_{}", syn::ext::IdentExt::unraw(&handler.method.name)))
}

// ===== Messages =====

/// Handlers that wait are in one match, in one future; all others in one that needs no future.
fn dispatch(server: &Server) -> TokenStream {
    if server.local {
        return local_dispatch(server);
    }
    let krate = &server.krate;
    let is_async = |handler: &&Handler| handler.is_waited_for();
    let (waiting, sync): (Vec<_>, Vec<_>) = server.messages().partition(is_async);
    let arms = |handlers: &[&Handler]| -> Vec<TokenStream> {
        handlers.iter().map(|handler| arm(server, handler)).collect()
    };
    let (msg, ctx, other) = (local("msg"), local("ctx"), local("other"));
    let (enum_name, phantom) = (server.msg(), phantom(server));
    let ty = server.generics.split_for_impl().1;
    let arguments = quote!(&mut self, #msg: #enum_name #ty, #ctx: &mut #krate::Ctx<Self>);
    let on_the_spot = |msg| quote!(#krate::__private::handle_sync(self, #msg, #ctx));
    let (mut waits, mut returns) = (arms(&waiting), arms(&sync));
    // Which of a behaviour's callbacks wait, the behaviour knows.
    waits.extend(server.behaviours.iter().map(|behaviour| waiting_arm(server, behaviour)));
    returns.extend(server.behaviours.iter().map(|behaviour| sync_arm(server, behaviour)));
    let body = match (waits.is_empty(), sync.is_empty()) {
        (true, false) => on_the_spot(&msg),
        (_, true) => quote!(match #msg { #(#waits,)* #phantom }),
        (false, false) => {
            let rest = on_the_spot(&other);
            quote!(match #msg { #(#waits,)* #other => #rest })
        }
    };
    let flow = quote!(#krate::Flow);
    let handle = match server.waits_for_nothing() {
        true => {
            let ready = ready(&flow, &body);
            quote!(fn handle(#arguments) #ready)
        }
        false => quote!(async fn handle(#arguments) -> #flow { #body }),
    };
    if returns.is_empty() {
        return handle;
    }
    let back = quote!(#other => ::core::result::Result::Err(#other));
    let rest = if waiting.is_empty() { phantom } else { back };
    let words = OUTCOMES.map(local);
    let words = (!sync.is_empty()).then(|| quote!(use #krate::__private::{#(#words),*};));
    quote! {
        #handle
        fn handle_sync(#arguments) -> ::core::result::Result<#krate::Flow, Self::Msg> {
            #words
            match #msg { #(#returns,)* #rest }
        }
    }
}

/// All handlers in one match: each is waited for.
fn local_dispatch(server: &Server) -> TokenStream {
    let (krate, actor, enum_name) = (&server.krate, server.actor(), server.msg());
    let (msg, ctx, phantom) = (local("msg"), local("ctx"), phantom(server));
    let ty = server.generics.split_for_impl().1;
    let arms = server.messages().map(|handler| arm(server, handler));
    let arms: Vec<TokenStream> = arms.collect();
    let is_sync = |handler: &Handler| handler.method.asyncness.is_none();
    let names = OUTCOMES.map(local);
    let words = server.messages().any(is_sync);
    let words = words.then(|| quote!(use #krate::__private::{#(#names),*};));
    quote! {
        async fn handle(
            &mut self,
            #msg: #enum_name #ty,
            #ctx: &mut #krate::Ctx<#actor>,
        ) -> #krate::Flow {
            #words
            match #msg { #(#arms,)* #phantom }
        }
    }
}

/// `XMsg::Storage(msg) => ..`, where something may be waited for.
fn waiting_arm(server: &Server, behaviour: &Behaviour) -> TokenStream {
    let (name, variant, msg) = (server.msg(), &behaviour.variant, local("msg"));
    let handled = handled_by(server, behaviour);
    quote!(#name::#variant(#msg) => #handled)
}

/// What comes of a behaviour's message, where something may be waited for.
pub(crate) fn handled_by(server: &Server, behaviour: &Behaviour) -> TokenStream {
    let handled = handed(server, behaviour, "handle");
    quote!(#handled.await)
}

/// `XMsg::Storage(msg) => ..`, where nothing may.
fn sync_arm(server: &Server, behaviour: &Behaviour) -> TokenStream {
    let (name, variant) = (server.msg(), &behaviour.variant);
    let (msg, handled) = (local("msg"), handed(server, behaviour, "handle_sync"));
    quote!(#name::#variant(#msg) => #handled.map_err(#name::#variant))
}

/// The message handed to the server; that compiles also where the server does not implement the
/// behaviour, which is told at its name.
fn handed(server: &Server, behaviour: &Behaviour, function: &str) -> TokenStream {
    let (span, krate) = (behaviour.span(), server.krate.at(behaviour.span()));
    let (msg, ctx) = (local("msg"), local("ctx"));
    let function = syn::Ident::new(function, span);
    quote_spanned! {span=>
        #krate::__private::Handed::<Self, _>::of(#msg).#function(self, #ctx)
    }
}

/// That the server has its behaviours.
pub(in crate::gen_server) fn behaviours(server: &Server) -> TokenStream {
    let (krate, name, self_ty) = (&server.krate, server.msg(), &server.self_ty);
    let (impl_generics, ty, where_clause) = server.generics.split_for_impl();
    let value = local("msg");
    let impls = server.behaviours.iter().map(|behaviour| {
        let (variant, alias) = (&behaviour.variant, alias(server, behaviour));
        let (trait_ty, part) = (behaviour.ty(server), behaviour.msg(server));
        let (krate, span) = (krate.at(variant.span()), behaviour.span());
        let carry = quote!(fn carry(#value: #part) -> Self { Self::#variant(#value) });
        let impls = quote_spanned! {span=>
            impl #impl_generics #krate::gen_server::Carries<#trait_ty> for #name #ty #where_clause {
                #carry
            }
            impl #impl_generics #krate::gen_server::HasBehaviour<#trait_ty> for #self_ty
            #where_clause {}
        };
        quote!(#alias #impls)
    });
    impls.collect()
}

/// The trait as a type, asked once whether it is a behaviour, and whether the server implements it:
/// all else goes on as if that were so.
fn alias(server: &Server, behaviour: &Behaviour) -> TokenStream {
    let (span, path) = (behaviour.span(), &behaviour.path);
    let (krate, part) = (server.krate.at(span), behaviour.msg(server));
    let self_ty = hygiene::respanned(&server.self_ty, span);
    let (impl_generics, ty, where_clause) = server.generics.split_for_impl();
    let implemented = quote_spanned!(span=> #krate::__private::implemented::<#part, #self_ty>());
    let implemented = match server.generics.params.is_empty() {
        true => quote_spanned!(span=> const _: () = #implemented;),
        false => quote_spanned! {span=>
            const _: () = {
                #[allow(dead_code)]
                fn implemented #impl_generics() #where_clause { #implemented }
            };
        },
    };
    let names = behaviour.alias_name(server).zip(behaviour.trait_name(server));
    let aliases = names.map(|(alias, named)| {
        quote_spanned! {span=>
            type #named = dyn #path;
            type #alias #ty = #krate::__private::NamedBehaviour<#self_ty, #named, {
                #[allow(unused_imports)]
                use #krate::__private::OrNot as _;
                #krate::__private::behaviour::<#named>();
                #krate::__private::IsBehaviour::<#named>::YES
            }>;
        }
    });
    quote!(#aliases #implemented)
}

/// What `handle_sync` calls by name alone: an arm is a line then.
pub(in crate::gen_server) const OUTCOMES: [&str; 4] =
    ["answer", "forget", "into_flow", "into_flow_after"];

/// A generic server's enum has one variant more, which nobody can make.
pub(in crate::gen_server) fn phantom(server: &Server) -> TokenStream {
    if server.type_params().is_empty() {
        return TokenStream::new();
    }
    let (msg, never) = (server.msg(), local("never"));
    quote!(#msg::__Phantom(_, #never) => match #never {})
}

/// `XMsg::Add { player, pts } => ..`
pub(in crate::gen_server) fn arm(server: &Server, handler: &Handler) -> TokenStream {
    let (msg, cfgs, variant) = (server.msg(), handler.method.cfgs(), handler.variant());
    let values = handler.method.values().enumerate();
    let values = values.map(|(place, param)| variant_field(handler, place, param));
    let fields = values.chain(reply_field(handler));
    let task = handler.call().and_then(|call| call.task.as_ref());
    let outcome = match (task, handler.method.asyncness) {
        _ if handler.session().is_some() => session::serve(server, handler),
        (Some(word), _) => run_as_task(server, handler, word.span()),
        (None, Some(_)) => outcome(server, handler, &invoke(server, handler)),
        (None, None) => outcome_on_the_spot(server, handler),
    };
    let left = handler.call().filter(|call| call.shed).map(|_| {
        let (krate, from, ctx) = (&server.krate, reply_field(handler), local("ctx"));
        let kind = syn::ext::IdentExt::unraw(&handler.method.name).to_string();
        let flow = match server.local || handler.is_waited_for() {
            true => quote!(#krate::Flow::Continue),
            false => quote!(::core::result::Result::Ok(#krate::Flow::Continue)),
        };
        let left = quote!(#krate::__private::shed(&#from, #kind, #ctx));
        quote!(#cfgs #msg::#variant { #from, .. } if #left => #flow,)
    });
    quote!(#left #cfgs #msg::#variant { #(#fields),* } => #outcome)
}

/// What comes of a handler that waits for nothing. Where nothing is taken out of the message it is
/// forgotten first: a frame that has something to drop makes the way of a panic much longer.
fn outcome_on_the_spot(server: &Server, handler: &Handler) -> TokenStream {
    let named = |word: &str, span: Span| {
        let name = syn::Ident::new(word, local(word).span().located_at(span));
        quote!(#name)
    };
    let (value, msg) = (invoke(server, handler), local("msg"));
    match &handler.role {
        Role::Cast { on_err: OnErr::Crash, .. } if handler.method.values().next().is_none() => {
            let span = handler.method.span();
            let (after, forget) = (named("into_flow_after", span), named("forget", span));
            quote!(#after(#forget(#msg), #value))
        }
        _ => outcome_by(server, handler, &value, named),
    }
}

/// The handler as a task, on a copy of the state; what is wrong with copying it is told at `word`.
fn run_as_task(server: &Server, handler: &Handler, word: Span) -> TokenStream {
    let krate = &server.krate;
    let (state, ctx, from) = (local("state"), local("ctx"), reply_field(handler));
    let span = hygiene::at(word);
    let copy = quote_spanned!(span=> #krate::__private::snapshot(self));
    let value = invoke_on(server, handler, &quote!(&#state));
    quote!({
        let #state = #copy;
        #krate::__private::run_as_task(#from, async move { #value }, #ctx)
    })
}

/// What the server does with the value that a handler returned.
fn outcome(server: &Server, handler: &Handler, value: &TokenStream) -> TokenStream {
    let krate = &server.krate;
    outcome_by(server, handler, value, |word, span| {
        let name = syn::Ident::new(word, span);
        quote_spanned!(span=> #krate::__private::#name)
    })
}

/// [`outcome`]; `named` names those of `OUTCOMES`.
fn outcome_by(
    server: &Server,
    handler: &Handler,
    value: &TokenStream,
    named: impl Fn(&str, Span) -> TokenStream,
) -> TokenStream {
    let krate = &server.krate;
    let ctx = local("ctx");
    let span = handler.method.span();
    let into_flow = named("into_flow", span);
    let from = reply_field(handler);
    match &handler.role {
        Role::Call(_) if handler.method.reply_to().is_some() => {
            let flow = quote_spanned!(span=> #into_flow(#value));
            quote!({ #krate::__private::hand_out(#ctx, &#from); #flow })
        }
        Role::Call(call) => {
            let answer = match call.or_crash {
                Some(_) => quote_spanned!(span=> #krate::__private::answer_or_crash),
                None => named("answer", span),
            };
            if handler.method.asyncness.is_none() {
                return quote_spanned!(span=> #answer(#from, #value, #ctx));
            }
            let reply = local("reply");
            quote_spanned! {span=> {
                let #reply = #value;
                #answer(#from, #reply, #ctx)
            }}
        }
        Role::Cast { on_err: OnErr::Log, .. } => {
            let kind = syn::ext::IdentExt::unraw(&handler.method.name).to_string();
            quote_spanned!(span=> #krate::__private::log_flow(#kind, #value))
        }
        _ => quote_spanned!(span=> #into_flow(#value)),
    }
}

/// `Self::add(self, &player, pts)`, awaited where the handler is async.
pub(super) fn invoke(server: &Server, handler: &Handler) -> TokenStream {
    invoke_on(server, handler, &quote!(self))
}

fn invoke_on(server: &Server, handler: &Handler, state: &TokenStream) -> TokenStream {
    let method = &handler.method;
    let (name, span) = (method.shown_name(), method.span());
    let receiver = method.receiver.as_ref().map(|_| state.clone());
    let mut place = 0;
    let arguments = method.params.iter().map(|param| {
        let argument = argument(handler, param, place);
        place += usize::from(param.slot == Slot::Value);
        argument
    });
    let arguments: Vec<TokenStream> = receiver.into_iter().chain(arguments).collect();
    let callee = server.callee(span);
    let call = quote_spanned!(span=> #callee::#name(#(#arguments),*));
    // A session is awaited by a process of its own.
    if handler.session().is_some() { call } else { awaited(server, call, method) }
}

fn argument(handler: &Handler, param: &Param, place: usize) -> TokenStream {
    match param.slot {
        Slot::Ctx => {
            let ctx = local("ctx");
            quote!(#ctx)
        }
        Slot::Me => {
            let ctx = local("ctx");
            quote!(#ctx.me())
        }
        Slot::Reason => {
            let reason = local("reason");
            quote!(#reason)
        }
        Slot::ReplyTo => {
            let from = reply_field(handler);
            quote!(#from)
        }
        Slot::Value => {
            let name = variant_field(handler, place, param);
            if param.passing() == Passing::Lent { quote!(&#name) } else { quote!(#name) }
        }
    }
}

// ===== Other callbacks =====

/// `#[idle]`, or an `#[info]` whose type is `Timeout`.
fn timeout(server: &Server) -> TokenStream {
    let (krate, actor) = (&server.krate, server.actor());
    let ctx = local("ctx");
    let idles: Vec<TokenStream> = server
        .handlers
        .iter()
        .filter_map(|handler| {
            let Role::Idle(time) = &handler.role else { return None };
            let cfgs = handler.method.cfgs();
            let outcome = outcome(server, handler, &invoke(server, handler));
            Some(quote! {
                #cfgs
                fn idle_after(&self) -> ::core::option::Option<::core::time::Duration> {
                    ::core::option::Option::Some(#time)
                }
                #cfgs
                async fn handle_timeout(&mut self, #ctx: &mut #krate::Ctx<#actor>) -> #krate::Flow {
                    #outcome
                }
            })
        })
        .collect();
    if idles.is_empty() { info::timeout(server) } else { quote!(#(#idles)*) }
}

fn format_status(server: &Server) -> TokenStream {
    let krate = &server.krate;
    let callbacks = server.marked("format_status").map(|handler| {
        let (cfgs, call) = (handler.method.cfgs(), invoke(server, handler));
        let span = handler.method.span();
        let shown = quote_spanned!(span=> #krate::__private::shown(&#call));
        quote! {
            #cfgs
            fn format_status(&self) -> ::core::option::Option<::std::string::String> {
                #shown
            }
        }
    });
    quote!(#(#callbacks)*)
}

fn terminate(server: &Server) -> TokenStream {
    let (krate, actor) = (&server.krate, server.actor());
    let (reason, ctx) = (local("reason"), local("ctx"));
    let callbacks = server.marked("terminate").map(|handler| {
        let (cfgs, call) = (handler.method.cfgs(), invoke(server, handler));
        quote! {
            #cfgs
            async fn terminate(
                &mut self,
                #reason: &#krate::ExitReason,
                #ctx: &mut #krate::Ctx<#actor>,
            ) {
                #call
            }
        }
    });
    quote!(#(#callbacks)*)
}

/// `Continues<Arg>` for each `#[handle_continue]`.
fn continues(server: &Server) -> TokenStream {
    let krate = &server.krate;
    let (impl_generics, ..) = server.generics.split_for_impl();
    let where_clause = where_marked(server);
    let (self_ty, ctx) = (&server.self_ty, local("ctx"));
    let (allow_deprecated, actor) = (allow_deprecated(server), server.actor());
    let continues =
        if server.local { quote!(gen_server::LocalContinues) } else { quote!(Continues) };
    let impls = server.marked("handle_continue").map(|handler| {
        let cfgs = handler.method.cfgs();
        let (name, ty) = match handler.method.values().next() {
            Some(param) => {
                let (name, ty) = (field(0, param), outside(&param.ty, server));
                (quote!(#name), ty)
            }
            None => (quote!(_), quote!(())),
        };
        let outcome = outcome(server, handler, &invoke(server, handler));
        quote! {
            #cfgs
            #allow_deprecated
            impl #impl_generics #krate::#continues<#ty> for #self_ty #where_clause {
                async fn handle_continue(
                    &mut self,
                    #name: #ty,
                    #ctx: &mut #krate::Ctx<#actor>,
                ) -> #krate::Flow {
                    #outcome
                }
            }
        }
    });
    quote!(#(#impls)*)
}
