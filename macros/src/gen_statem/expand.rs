//! Model → tokens: the states, and `GenStatem` with one arm per clause. Infallible.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::draw;
use super::model::{Answer, Clause, Enter, Fate, On, Statem, Timed};
use super::read::is_enter_ctx;
use crate::gen_server::expand::{
    allow_deprecated, allowed, awaited, handled_by, on_top, reply_field, variant_field,
    where_marked,
};
use crate::gen_server::fallback as server_fallback;
use crate::gen_server::model::{Behaviour, Handler, Role};
use crate::hygiene::{self, local};
use crate::method::{Method, Param, Passing, Slot};

/// The user's `impl`, then what makes it a state machine.
pub(super) fn machine(item: &TokenStream, machine: &Statem) -> TokenStream {
    let krate = &machine.server.krate;
    let ctx = local("ctx");
    let begin = quote!(#krate::gen_statem::begin(#ctx););
    let server = on_top(item, &machine.server, &handle(machine), &begin);
    let states = states(machine, Purpose::Run);
    let callbacks = [
        handle_event(machine),
        durations(machine, "after"),
        durations(machine, "idle"),
        timeouts(machine, "after"),
        timeouts(machine, "idle"),
        enter(machine),
    ];
    let behaviour = behaviour(machine, &quote!(#(#callbacks)*));
    quote!(#server #states #behaviour)
}

/// The user's `impl` and a state machine which compiles but could not run.
pub(super) fn fallback(item: &TokenStream, machine: &Statem) -> TokenStream {
    let krate = &machine.server.krate;
    let server = server_fallback::server(item, &machine.server);
    let states = states(machine, Purpose::Resolve);
    let state = machine.state_enum();
    let behaviour = behaviour(
        machine,
        &quote! {
            async fn handle_event(
                &mut self,
                _: #state,
                _: Self::Msg,
                _: &mut #krate::Ctx<Self>,
            ) -> #krate::gen_statem::Done<Self> {
                ::core::unreachable!()
            }
        },
    );
    quote!(#server #states #behaviour)
}

/// `GenStatem` with the given callbacks.
fn behaviour(machine: &Statem, callbacks: &TokenStream) -> TokenStream {
    let server = &machine.server;
    let (krate, self_ty, state) = (&server.krate, &server.self_ty, machine.state_enum());
    let (impl_generics, ..) = server.generics.split_for_impl();
    let where_clause = where_marked(server);
    let allow_deprecated = allow_deprecated(server);
    let initial = initial(machine);
    quote! {
        #allow_deprecated
        #[allow(unreachable_patterns, unused_variables)]
        impl #impl_generics #krate::gen_statem::GenStatem for #self_ty #where_clause {
            type State = #state;
            const INITIAL: #state = #initial;
            #callbacks
        }
    }
}

/// `DoorState::Locked`
fn initial(machine: &Statem) -> TokenStream {
    let (state, initial) = (machine.state_enum(), machine.states.first());
    quote!(#state::#initial)
}

// ===== The states =====

/// Whether transitions are checked: beside an error every one is there.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    Run,
    Resolve,
}

/// `enum DoorState`, `mod door_state` with a type per state, and which row leads where.
fn states(machine: &Statem, purpose: Purpose) -> TokenStream {
    let server = &machine.server;
    let (krate, state, module) = (&server.krate, machine.state_enum(), machine.state_mod());
    let (names, allowed) = (&machine.states, allowed());
    let texts = names.iter().map(|name| syn::ext::IdentExt::unraw(name).to_string());
    let (doc, drawing) = (format!("The states of [`{}`].", server.name), draw::lines(machine));
    let module_doc = format!("The states of `{}` as types: what `goto` takes.", server.name);
    let rows = machine.rows.iter().map(|row| &row.name);
    let (unknown, initial) = (&machine.unknown, initial(machine));
    let leads = machine.rows.iter().map(|row| {
        let (name, to) = (&row.name, &row.states);
        if purpose == Purpose::Resolve {
            return quote!(impl<X> #krate::gen_statem::LeadsTo<X> for #module::#name {});
        }
        quote!(#(impl #krate::gen_statem::LeadsTo<#module::#to> for #module::#name {})*)
    });
    quote! {
        #[doc = #doc]
        #[doc = ""]
        #(#[doc = #drawing])*
        #allowed
        #[derive(
            ::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq, ::core::cmp::Eq,
            ::core::hash::Hash,
        )]
        pub enum #state { #(#names),* }
        impl ::core::fmt::Debug for #state {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(match *self { #(Self::#names => #texts),* })
            }
        }
        #[doc = #module_doc]
        #[allow(dead_code, missing_docs, unreachable_pub, missing_debug_implementations)]
        #[allow(missing_copy_implementations, clippy::exhaustive_structs)]
        pub mod #module {
            #(pub struct #names;)*
            #(pub struct #unknown;)*
            #(#[doc(hidden)] pub struct #rows;)*
        }
        #(
            impl #krate::gen_statem::State for #module::#names {
                type Of = #state;
                const STATE: #state = #state::#names;
            }
        )*
        #(
            impl #krate::gen_statem::State for #module::#unknown {
                type Of = #state;
                const STATE: #state = #initial;
            }
        )*
        #(#leads)*
    }
}

/// `DoorState::Locked | DoorState::Open`, or `_`.
fn pattern(machine: &Statem, on: &On) -> TokenStream {
    let state = machine.state_enum();
    match on {
        On::Any(_) => quote!(_),
        On::These(states) => quote!(#(#state::#states)|*),
    }
}

/// Those of states first, then those of any state.
fn in_order<'a, T>(of: impl Iterator<Item = &'a T> + Clone, on: fn(&T) -> &On) -> Vec<&'a T> {
    let named = of.clone().filter(|one| !on(one).is_any());
    named.chain(of.filter(|one| on(one).is_any())).collect()
}

// ===== Messages =====

/// How the process takes a message: all of it is the machine's.
fn handle(machine: &Statem) -> TokenStream {
    let krate = &machine.server.krate;
    let (msg, ctx) = (local("msg"), local("ctx"));
    let arguments = quote!(&mut self, #msg: Self::Msg, #ctx: &mut #krate::Ctx<Self>);
    let at_once = (!machine.waits()).then(|| {
        quote! {
            fn handle_sync(#arguments) -> ::core::result::Result<#krate::Flow, Self::Msg> {
                ::core::result::Result::Ok(#krate::gen_statem::handle_now(self, #msg, #ctx))
            }
        }
    });
    quote! {
        async fn handle(#arguments) -> #krate::Flow {
            #krate::gen_statem::handle(self, #msg, #ctx).await
        }
        #at_once
    }
}

fn handle_event(machine: &Statem) -> TokenStream {
    let (krate, enum_name) = (&machine.server.krate, machine.state_enum());
    let (state, msg, ctx, never) = (local("state"), local("msg"), local("ctx"), local("never"));
    let clauses = in_order(machine.clauses.iter(), |clause| &clause.on);
    let arms = clauses.into_iter().filter_map(|clause| arm(machine, clause));
    let parts = machine.server.behaviours.iter().map(|behaviour| part(machine, behaviour));
    let arms = arms.chain(parts);
    let msg_enum = machine.server.msg();
    let is_generic = !machine.server.type_params().is_empty();
    let phantom =
        is_generic.then(|| quote!((_, #msg_enum::__Phantom(_, #never)) => match #never {}));
    quote! {
        async fn handle_event(
            &mut self,
            #state: #enum_name,
            #msg: Self::Msg,
            #ctx: &mut #krate::Ctx<Self>,
        ) -> #krate::gen_statem::Done<Self> {
            match (#state, #msg) { #(#arms,)* #phantom }
        }
    }
}

/// `(DoorState::Locked, DoorMsg::Button { digit }) => ..`
fn arm(machine: &Statem, clause: &Clause) -> Option<TokenStream> {
    let head = machine.head(&clause.event)?;
    let (krate, msg_enum, variant) = (&machine.server.krate, machine.server.msg(), head.variant());
    let (states, cfgs) = (pattern(machine, &clause.on), clause.handler.method.cfgs());
    let msg = local("msg");
    Some(match clause.fate {
        Fate::Ignored => quote! {
            #cfgs (#states, #msg_enum::#variant { .. }) =>
                #krate::gen_statem::Done::next(#krate::gen_statem::Next::Keep)
        },
        Fate::Postponed => quote! {
            #cfgs (#states, #msg @ #msg_enum::#variant { .. }) =>
                #krate::gen_statem::Done::postpone(#msg)
        },
        Fate::Handled => {
            let values = head.method.values().enumerate();
            let values = values.map(|(place, param)| variant_field(head, place, param));
            let fields = values.chain(reply_field(head));
            let outcome = outcome(machine, clause, head);
            quote!(#cfgs (#states, #msg_enum::#variant { #(#fields),* }) => #outcome)
        }
    })
}

/// `(_, DoorMsg::Storage(msg)) => ..`: a callback of a behaviour is of no state.
fn part(machine: &Statem, behaviour: &Behaviour) -> TokenStream {
    let (krate, msg_enum, msg) = (&machine.server.krate, machine.server.msg(), local("msg"));
    let (variant, flow) = (&behaviour.variant, handled_by(&machine.server, behaviour));
    quote!((_, #msg_enum::#variant(#msg)) => #krate::__private::statem_moves(#flow))
}

/// What the machine does with the value that a clause returned.
fn outcome(machine: &Statem, clause: &Clause, head: &Handler) -> TokenStream {
    let krate = &machine.server.krate;
    let method = &clause.handler.method;
    let value = invoke(machine, &clause.emitted, method, &arguments(method, head));
    let (span, ctx) = (method.span(), local("ctx"));
    let given = Ident::new("given", local("given").span().located_at(span));
    let call = |name: &str, arguments: &TokenStream| {
        let name = Ident::new(name, span);
        quote_spanned!(span=> #krate::__private::#name(#arguments))
    };
    let Role::Call(options) = &head.role else {
        return call("statem_moves", &value);
    };
    let from = reply_field(head);
    if method.reply_to().is_some() {
        let moves = call("statem_moves", &value);
        return quote!({ #krate::__private::hand_out(#ctx, &#from); #moves });
    }
    let word = match clause.answer {
        Answer::Value => "statem_replies",
        Answer::Move => "statem_replies_nothing",
        Answer::Both => "statem_replies_and_moves",
    };
    let answer = call(word, &quote!(#from, #given));
    let answered = quote_spanned!(span=> { let #given = #value; #answer });
    if !options.shed {
        return answered;
    }
    let kind = syn::ext::IdentExt::unraw(&clause.event).to_string();
    quote! {
        if #krate::__private::shed(&#from, #kind, #ctx) {
            #krate::gen_statem::Done::next(#krate::gen_statem::Next::Keep)
        } else #answered
    }
}

/// `Self::button(self, digit)`, awaited where the clause is async.
fn invoke(
    machine: &Statem,
    name: &Ident,
    method: &Method,
    arguments: &[TokenStream],
) -> TokenStream {
    let span = method.span();
    let mut name = name.clone();
    name.set_span(span);
    let receiver = method.receiver.as_ref().map(|_| quote!(self));
    let arguments = receiver.iter().chain(arguments);
    let call = quote_spanned!(span=> Self::#name(#(#arguments),*));
    awaited(&machine.server, call, method)
}

/// The arguments of a clause, by the names that they have in the message.
fn arguments(method: &Method, head: &Handler) -> Vec<TokenStream> {
    let mut fields = head.method.values().enumerate();
    let argument = |param: &Param| match param.slot {
        Slot::Value => {
            let field = fields.next().map(|(place, param)| variant_field(head, place, param));
            if param.passing() == Passing::Lent { quote!(&#field) } else { quote!(#field) }
        }
        Slot::ReplyTo => {
            let from = reply_field(head);
            quote!(#from)
        }
        Slot::Ctx | Slot::Reason | Slot::Me => {
            let ctx = local("ctx");
            quote!(#ctx)
        }
    };
    method.params.iter().map(argument).collect()
}

// ===== Time =====

fn timed<'a>(machine: &'a Statem, word: &'static str) -> Vec<&'a Timed> {
    let of = machine.timed.iter().filter(move |timed| timed.word == word);
    in_order(of, |timed| &timed.on)
}

/// The last arm, unless one for any state stands before it.
fn rest<'a>(
    mut of: impl Iterator<Item = (&'a On, &'a Method)>,
    arm: TokenStream,
) -> Option<TokenStream> {
    let is_total = of.any(|(on, method)| on.is_any() && !method.has_cfg());
    (!is_total).then_some(arm)
}

/// `fn after(&self, state)` and `fn idle(&self, state)`
fn durations(machine: &Statem, word: &'static str) -> TokenStream {
    let timed = timed(machine, word);
    if timed.is_empty() {
        return TokenStream::new();
    }
    let (name, state, state_enum) = (hygiene::item(word), local("state"), machine.state_enum());
    let none = quote!(_ => ::core::option::Option::None);
    let rest = rest(timed.iter().map(|timed| (&timed.on, &timed.method)), none);
    let arms = timed.into_iter().map(|timed| {
        let (cfgs, states, time) = (timed.method.cfgs(), pattern(machine, &timed.on), &timed.time);
        quote!(#cfgs #states => ::core::option::Option::Some(#time))
    });
    quote! {
        fn #name(&self, #state: &#state_enum) -> ::core::option::Option<::core::time::Duration> {
            match *#state { #(#arms,)* #rest }
        }
    }
}

/// `handle_state_timeout` and `handle_event_timeout`
fn timeouts(machine: &Statem, word: &'static str) -> TokenStream {
    let timed = timed(machine, word);
    if timed.is_empty() {
        return TokenStream::new();
    }
    let name = match word {
        "after" => hygiene::item("handle_state_timeout"),
        _ => hygiene::item("handle_event_timeout"),
    };
    let (krate, state_enum) = (&machine.server.krate, machine.state_enum());
    let (state, ctx) = (local("state"), local("ctx"));
    let keep = quote!(_ => #krate::gen_statem::Next::Keep);
    let rest = rest(timed.iter().map(|timed| (&timed.on, &timed.method)), keep);
    let arms = timed.into_iter().map(|timed| {
        let (cfgs, states) = (timed.method.cfgs(), pattern(machine, &timed.on));
        let method = &timed.method;
        let arguments: Vec<TokenStream> = method.params.iter().map(|_| quote!(#ctx)).collect();
        let value = invoke(machine, &timed.emitted, method, &arguments);
        let span = method.span();
        let next = quote_spanned!(span=> #krate::gen_statem::IntoNext::into_next(#value));
        quote!(#cfgs #states => #next)
    });
    quote! {
        async fn #name(
            &mut self,
            #state: #state_enum,
            #ctx: &mut #krate::Ctx<Self>,
        ) -> #krate::gen_statem::Next<#state_enum> {
            match #state { #(#arms,)* #rest }
        }
    }
}

fn enter(machine: &Statem) -> TokenStream {
    let enters = in_order(machine.enters.iter(), |enter| &enter.on);
    if enters.is_empty() {
        return TokenStream::new();
    }
    let (krate, state_enum) = (&machine.server.krate, machine.state_enum());
    let (state, old, ctx) = (local("state"), local("old"), local("ctx"));
    let done = quote!(_ => #krate::gen_statem::Enter::Done);
    let rest = rest(enters.iter().map(|enter| (&enter.on, &enter.method)), done);
    let arms = enters.into_iter().map(|enter| {
        let Enter { on, method, emitted } = enter;
        let argument = |param: &Param| match is_enter_ctx(param) {
            true => quote!(#ctx),
            // Of another type it is told there.
            false => {
                let mut old = old.clone();
                old.set_span(old.span().located_at(param.ty.span()));
                quote!(#old)
            }
        };
        let arguments: Vec<TokenStream> = method.params.iter().map(argument).collect();
        let value = invoke(machine, emitted, method, &arguments);
        let (cfgs, states, span) = (method.cfgs(), pattern(machine, on), method.span());
        let entered = quote_spanned!(span=> #krate::gen_statem::IntoEnter::into_enter(#value));
        quote!(#cfgs #states => #entered)
    });
    quote! {
        async fn enter(
            &mut self,
            #state: #state_enum,
            #old: #state_enum,
            #ctx: &mut #krate::gen_statem::EnterCtx<'_, Self>,
        ) -> #krate::gen_statem::Enter {
            match #state { #(#arms,)* #rest }
        }
    }
}
