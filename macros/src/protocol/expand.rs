//! States → tokens: a module per side, a type per state, a method per message. Infallible.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Path, Type, Visibility};

use super::draw;
use super::machine::{Edge, Machine, State, module_ident, snake_ident};
use super::model::{Message, Protocol, Within};
use crate::argument;
use crate::hygiene::{self, regrouped};

/// The protocol's type, and the module of its states.
pub(super) fn protocol(protocol: &Protocol, machine: &Machine) -> TokenStream {
    let shell = Shell { protocol, machine };
    let (own, module) = (shell.own_type(), shell.module());
    let travels = shell.travels();
    quote!(#own #travels #module)
}

/// What decides whether there is a protocol decides it for all that is made of it.
fn conditions(protocol: &Protocol) -> Vec<&Attribute> {
    protocol.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect()
}

struct Shell<'a> {
    protocol: &'a Protocol,
    machine: &'a Machine,
}

impl Shell<'_> {
    /// `pub enum Checkout {}`
    fn own_type(&self) -> TokenStream {
        let Protocol { krate, attrs, vis, name, roles, .. } = self.protocol;
        let (module, conditions) = (module_ident(name), conditions(self.protocol));
        let opens = self.machine.states.first().map(|_| {
            let connect = format!(
                "Opens a conversation with a server's `#[session({name} as ..)]`; await it."
            );
            let consts = roles.iter().map(|role| {
                let side = snake_ident(role);
                let role = at(role);
                quote! {
                    #[doc(hidden)]
                    #vis const #role: #krate::protocol::Plays<#module::#side::Start> =
                        #krate::protocol::Plays::ROLE;
                }
            });
            let openings = [0, 1].map(|side| self.opening(side));
            // Beside the error about a role that is called so.
            let is_free = roles.iter().all(|role| role != "connect");
            let connect = is_free.then(|| {
                quote! {
                    #[doc = #connect]
                    #vis fn connect<S, T>(server: &#krate::Ref<S>) -> #krate::protocol::Connect<T>
                    where
                        S: #krate::protocol::Serves<Self, Peer = T>,
                    {
                        #krate::protocol::connect(server)
                    }
                }
            });
            quote! {
                #(#openings)*
                #(#conditions)*
                #[allow(dead_code, non_upper_case_globals)]
                impl #name {
                    #connect
                    #(#consts)*
                }
            }
        });
        quote! {
            #(#attrs)*
            #[allow(dead_code, non_camel_case_types)]
            #[derive(::core::fmt::Debug)]
            #vis enum #name {}
            #(#conditions)*
            impl #krate::protocol::Protocol for #name {
                type Wire = #module::Wire;
            }
            #opens
        }
    }

    /// How one role begins. It stands beside the protocol's type and not in the module: in a
    /// function, too, both are found by their names.
    fn opening(&self, side: usize) -> TokenStream {
        let Protocol { krate, name, roles, .. } = self.protocol;
        let (module, conditions) = (module_ident(name), conditions(self.protocol));
        let (own, peer) = (snake_ident(&roles[side]), snake_ident(&roles[1 - side]));
        let (ours, theirs) = (quote!(ours), quote!(theirs));
        let (first, second) = if side == 0 { (&ours, &theirs) } else { (&theirs, &ours) };
        quote! {
            #(#conditions)*
            impl #krate::protocol::Opening for #module::#own::Start {
                type Protocol = #name;
                type Peer = #module::#peer::Start;
                fn open() -> (Self, Self::Peer) {
                    let (#first, #second) = #module::open();
                    (ours, theirs)
                }
            }
        }
    }

    /// Says of each type that travels that it can, at the place where the user wrote it.
    fn travels(&self) -> TokenStream {
        let krate = &self.protocol.krate;
        let types = self.machine.messages().flat_map(|message| &message.payload);
        let types = types.map(|part| &part.ty);
        let asked = types.filter(|ty| !argument::is_known_send(ty) && argument::flaw(ty).is_none());
        let held: Vec<TokenStream> = asked
            .map(|ty| {
                let open = hygiene::respanned(quote!(#krate::__private::Sent<), ty.span());
                let close = hygiene::respanned(quote!(>), argument::end_of(ty));
                quote!(#open #ty #close)
            })
            .collect();
        if held.is_empty() {
            return TokenStream::new();
        }
        let conditions = conditions(self.protocol);
        quote!(#(#conditions)* const _: () = { struct _Held(#(#held),*); };)
    }

    /// `pub mod checkout { .. }`
    fn module(&self) -> TokenStream {
        let Protocol { krate, vis, name, roles, .. } = self.protocol;
        let module = module_ident(name);
        let wire = self.wire();
        let sides = [0, 1].map(|side| self.side(side));
        let [first, second] = roles.each_ref().map(snake_ident);
        let opens = self.machine.states.first().map(|_| {
            let (start, peer) = (self.state_name(0, 0), self.state_name(1, 0));
            let [one, other] = roles;
            let doc = format!("Both sides of a new conversation: `{one}`'s and `{other}`'s.");
            quote! {
                #[doc = #doc]
                #[doc = ""]
                #[doc = "# Panics"]
                #[doc = "Without a runtime, as `process::spawn`."]
                pub fn open() -> (#first::Start, #second::Start) {
                    let (one, other) = #krate::protocol::open();
                    (#first::#start(one), #second::#peer(other))
                }
            }
        });
        let drawn = draw::protocol(self.protocol);
        let doc = format!(
            "The conversations of [`{name}`](super::{name}), each side in a module of its own."
        );
        let conditions = conditions(self.protocol);
        quote! {
            #(#conditions)*
            #[doc = #doc]
            #[doc = ""]
            #[doc = "```text"]
            #[doc = #drawn]
            #[doc = "```"]
            #[allow(dead_code, missing_docs, missing_debug_implementations)]
            #[allow(unused_imports, unreachable_pub, private_interfaces)]
            #vis mod #module {
                use super::*;
                #wire
                #opens
                #(#sides)*
            }
        }
    }

    /// `pub enum Wire { .. }`
    fn wire(&self) -> TokenStream {
        let Protocol { krate, name, roles, .. } = self.protocol;
        let variants = self.machine.words.iter().map(|word| {
            let (docs, variant) = (&word.message.docs, &word.variant);
            let types = payload(&word.message, 2);
            let types = (!types.is_empty()).then(|| quote!((#(#types),*)));
            quote!(#(#docs)* #variant #types)
        });
        let kinds = self.machine.words.iter().map(|word| {
            let (variant, kind) = (&word.variant, word.message.name.unraw().to_string());
            quote!(Self::#variant { .. } => #kind)
        });
        let kind = match self.machine.words.is_empty() {
            true => quote!(match *self {}),
            false => quote!(match self { #(#kinds,)* }),
        };
        let protocol = name.unraw().to_string();
        let [first, second] = roles.each_ref().map(|role| role.unraw().to_string());
        // In a module of its own, where no side's module hides one of the user's.
        quote! {
            pub use __wire::Wire;
            mod __wire {
                use super::super::*;
                #[doc = "All that is said, by both sides."]
                pub enum Wire { #(#variants),* }
            }
            impl #krate::protocol::Conversation for Wire {
                const PROTOCOL: &'static ::core::primitive::str = #protocol;
                const ROLES: [&'static ::core::primitive::str; 2] = [#first, #second];
                fn kind(&self) -> &'static ::core::primitive::str {
                    #kind
                }
            }
        }
    }

    /// `pub mod customer { .. }`
    fn side(&self, side: usize) -> TokenStream {
        let Protocol { krate, roles, .. } = self.protocol;
        let own = snake_ident(&roles[side]);
        let doc = format!("What `{}` does, state by state.", roles[side]);
        let (states, vis) = (self.machine.states.iter().enumerate(), inside(&self.protocol.vis));
        let states = states.map(|(number, state)| self.state(side, number, state));
        let start = self.machine.states.first().map(|_| {
            let start = self.state_name(side, 0);
            let doc = format!("Where `{}` begins.", roles[side]);
            quote! {
                #[doc = #doc]
                #vis type Start = #start;
            }
        });
        let end = self.machine.can_end.then(|| {
            quote! {
                #[doc = "Nothing is to be said any more."]
                #[derive(::core::fmt::Debug)]
                pub struct End(());
                impl End {
                    fn of(half: #krate::protocol::Half<Wire>) -> Self {
                        half.over();
                        Self(())
                    }
                }
            }
        });
        quote! {
            #[doc = #doc]
            pub mod #own {
                use super::super::*;
                use super::Wire;
                #start
                #(#states)*
                #end
            }
        }
    }

    fn state_name(&self, side: usize, number: usize) -> &Ident {
        let state = &self.machine.states[number];
        &state.names[usize::from(state.speaker != side)]
    }

    /// One state of one side.
    fn state(&self, side: usize, number: usize, state: &State) -> TokenStream {
        let Protocol { krate, roles, .. } = self.protocol;
        let vis = inside(&self.protocol.vis);
        let name = self.state_name(side, number);
        let said = draw::any_of(state.edges.iter().map(|edge| self.message_name(edge)));
        let (role, speaks) = (&roles[side], state.speaker == side);
        let (verb, must) = if speaks { ("says", "send") } else { ("hears", "receive") };
        let doc = format!("`{role}` {verb} {said}.");
        let must = format!("the conversation is not over: `{role}` must now {must} {said}");
        let (methods, offer) = match (speaks, state.is_choice) {
            (true, _) => {
                let methods = state.edges.iter().map(|edge| self.says(side, edge));
                (quote!(#(#methods)*), None)
            }
            (false, true) => (self.offers(side, state, &said), Some(self.offer(side, state))),
            (false, false) => (self.hears(side, state, &said), None),
        };
        // All of it at the name, so that what is said of a state shows nothing else.
        let (span, vis) = (name.span(), hygiene::respanned(vis, name.span()));
        quote_spanned! {span=>
            #[doc = #doc]
            #[must_use = #must]
            #[derive(::core::fmt::Debug)]
            #vis struct #name(pub(super) #krate::protocol::Half<Wire>);
            impl #name { #methods }
            impl #krate::protocol::State for #name {
                type Wire = Wire;
                fn half(&self) -> &#krate::protocol::Half<Wire> {
                    &self.0
                }
            }
            #offer
        }
    }

    fn message_name(&self, edge: &Edge) -> &Ident {
        &self.machine.words[edge.word].message.name
    }

    /// The state behind an edge, and the expression that makes it of a half.
    fn next(&self, side: usize, edge: &Edge, half: &TokenStream) -> (TokenStream, TokenStream) {
        match edge.next {
            None => (quote!(End), quote!(End::of(#half))),
            Some(next) => {
                let name = self.state_name(side, next);
                (quote!(#name), quote!(#name(#half)))
            }
        }
    }

    /// `pub fn add(self, title: String, price: u32) -> RecvSubtotal { .. }`
    fn says(&self, side: usize, edge: &Edge) -> TokenStream {
        let word = &self.machine.words[edge.word];
        let (message, variant) = (&word.message, &word.variant);
        let (method, docs) = (snake_ident(&message.name), &message.docs);
        let (names, types) = (names(message), payload(message, 2));
        let values = (!names.is_empty()).then(|| quote!((#(#names),*)));
        let half = quote!(self.0.say(Wire::#variant #values));
        let (next, made) = self.next(side, edge, &half);
        let doc = format!("Says `{}`.", message.name);
        quote_spanned! {method.span()=>
            #[doc = #doc]
            #(#docs)*
            pub fn #method(self, #(#names: #types),*) -> #next { #made }
        }
    }

    /// `pub fn subtotal(self) -> Receive<Wire, (u32, Shopping)> { .. }`
    fn hears(&self, side: usize, state: &State, said: &str) -> TokenStream {
        let krate = &self.protocol.krate;
        let Some(edge) = state.edges.first() else { return TokenStream::new() };
        let word = &self.machine.words[edge.word];
        let (message, method) = (&word.message, snake_ident(&word.message.name));
        let (types, docs) = (payload(message, 2), &message.docs);
        let (word_local, half) = (hygiene::local("word"), hygiene::local("half"));
        let (next, made) = self.next(side, edge, &quote!(#half));
        let (heard, value) = match types.is_empty() {
            true => (quote!(#next), quote!(#made)),
            false => {
                let names = names(message);
                (quote!((#(#types,)* #next)), quote!((#(#names,)* #made)))
            }
        };
        let arm = self.arm(edge, &value);
        let (within, doc) = (self.within(state), format!("Waits for `{}`.", message.name));
        quote_spanned! {method.span()=>
            #[doc = #doc]
            #(#docs)*
            pub fn #method(self) -> #krate::protocol::Receive<Wire, #heard> {
                self.0.hear(#said, |#word_local, #half| match #word_local { #arm }) #within
            }
        }
    }

    /// `pub fn offer(self) -> Receive<Wire, RecvReceiptOffer> { .. }`
    fn offers(&self, side: usize, state: &State, said: &str) -> TokenStream {
        let (krate, offer) = (&self.protocol.krate, &state.offer);
        let (word_local, half) = (hygiene::local("word"), hygiene::local("half"));
        let arms = state.edges.iter().map(|edge| {
            let word = &self.machine.words[edge.word];
            let (names, variant) = (names(&word.message), at(&word.message.name));
            let (_, made) = self.next(side, edge, &quote!(#half));
            self.arm_of(edge, &quote!(#offer::#variant(#(#names,)* #made)))
        });
        let rest = self.rest(state.edges.len());
        let (within, doc) = (self.within(state), format!("Waits for {said}."));
        let heard = quote!(|#word_local, #half| match #word_local { #(#arms,)* #rest });
        quote_spanned! {offer.span()=>
            #[doc = #doc]
            pub fn offer(self) -> #krate::protocol::Receive<Wire, #offer> {
                self.0.hear(#said, #heard) #within
            }
        }
    }

    /// What is heard where there is a choice.
    fn offer(&self, side: usize, state: &State) -> TokenStream {
        let (offer, role) = (&state.offer, &self.protocol.roles[1 - side]);
        let variants = state.edges.iter().map(|edge| {
            let message = &self.machine.words[edge.word].message;
            let (types, docs, variant) = (payload(message, 2), &message.docs, at(&message.name));
            let (next, _) = self.next(side, edge, &TokenStream::new());
            quote!(#(#docs)* #variant(#(#types,)* #next))
        });
        let kinds = state.edges.iter().map(|edge| {
            let name = self.message_name(edge);
            let (variant, text) = (at(name), name.unraw().to_string());
            quote!(Self::#variant(..) => #text)
        });
        let doc = format!("What `{role}` may say, with the state that follows.");
        quote! {
            #[doc = #doc]
            pub enum #offer { #(#variants),* }
            impl ::core::fmt::Debug for #offer {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.write_str(match self { #(#kinds),* })
                }
            }
        }
    }

    fn arm(&self, edge: &Edge, value: &TokenStream) -> TokenStream {
        let (arm, rest) = (self.arm_of(edge, value), self.rest(1));
        quote!(#arm, #rest)
    }

    /// `Wire::Subtotal(subtotal) => Some(..)`
    fn arm_of(&self, edge: &Edge, value: &TokenStream) -> TokenStream {
        let word = &self.machine.words[edge.word];
        let (variant, names) = (&word.variant, names(&word.message));
        let names = (!names.is_empty()).then(|| quote!((#(#names),*)));
        quote!(Wire::#variant #names => ::core::option::Option::Some(#value))
    }

    /// What is never said in this state, if there is such a thing.
    fn rest(&self, arms: usize) -> TokenStream {
        match self.machine.words.len() > arms {
            true => quote!(_ => ::core::option::Option::None,),
            false => TokenStream::new(),
        }
    }

    fn within(&self, state: &State) -> TokenStream {
        match &state.within {
            None => TokenStream::new(),
            Some(Within::Infinity) => quote!(.no_timeout()),
            Some(Within::After(time)) => {
                let time = deeper(time.to_token_stream(), 2);
                quote!(.timeout(#time))
            }
        }
    }
}

/// The same visibility, as it is written two modules deeper.
fn inside(vis: &Visibility) -> TokenStream {
    let path = match vis {
        Visibility::Public(_) => return quote!(pub),
        Visibility::Inherited => None,
        Visibility::Restricted(restricted) => Some(&*restricted.path),
    };
    match path {
        // One that begins with `::` is rustc's to tell.
        Some(path) if path.leading_colon.is_some() || begins_with_crate(path) => quote!(#vis),
        Some(path) if !path.is_ident("self") => quote!(pub(in super::super::#path)),
        _ => quote!(pub(in super::super)),
    }
}

fn begins_with_crate(path: &Path) -> bool {
    path.segments.first().is_some_and(|first| first.ident == "crate")
}

/// A name of the user's, shown at its place.
fn at(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(hygiene::at(name.span()));
    name
}

/// The types of a message, as they are written so many modules deeper; one that borrows, which was
/// told, is as good as any other.
fn payload(message: &Message, depth: usize) -> Vec<TokenStream> {
    let owned = |ty: &Type| match argument::flaw(ty) {
        None => ty.to_token_stream(),
        Some(_) => argument::made_static(ty).into_token_stream(),
    };
    message.payload.iter().map(|part| deeper(owned(&part.ty), depth)).collect()
}

/// Paths that begin with `super` or `self` mean the same so many modules deeper.
fn deeper(tokens: TokenStream, depth: usize) -> TokenStream {
    let (mut moved, mut is_inside) = (TokenStream::new(), false);
    for token in tokens {
        let is_colon = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == ':');
        match token {
            TokenTree::Ident(word) if !is_inside && (word == "super" || word == "self") => {
                let up = Ident::new("super", word.span());
                let ups = std::iter::repeat_n(up, depth + usize::from(word == "super"));
                moved.extend(quote!(#(#ups)::*));
            }
            TokenTree::Group(group) => {
                let inside = regrouped(&group, deeper(group.stream(), depth));
                moved.extend([TokenTree::Group(inside)]);
            }
            other => moved.extend([other]),
        }
        is_inside = is_colon;
    }
    moved
}

/// Parameters: as the user named them, or after the message, where that name is free.
fn names(message: &Message) -> Vec<Ident> {
    let count = message.payload.len();
    let mut names: Vec<Ident> = Vec::new();
    for (place, part) in message.payload.iter().enumerate() {
        let mut name = match &part.name {
            Some(name) => at(name),
            None if count == 1 => snake_ident(&message.name),
            None => format_ident!("{}_{}", snake_ident(&message.name), place + 1),
        };
        let is_written =
            |name: &Ident| message.payload.iter().any(|it| it.name.as_ref() == Some(name));
        while names.contains(&name) || part.name.is_none() && is_written(&name) {
            name = format_ident!("{name}_");
        }
        names.push(name);
    }
    names
}
