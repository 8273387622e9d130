//! What the two items say, as plain data: [`Identity`] (the struct) and [`Server`] (the `impl`).

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Expr, Field, GenericParam, Generics, LitStr, Path, Type, Visibility};

use crate::argument;
use crate::attrs::Time;
use crate::crate_path::CratePath;
use crate::hygiene;
use crate::inspect::{Mode, Shape};
use crate::method::Method;

/// The struct's side: what the process is.
pub(crate) struct Identity {
    pub(crate) krate: CratePath,
    pub(crate) name: Ident,
    pub(crate) vis: Visibility,
    pub(crate) generics: Generics,
    pub(crate) fields: Vec<Field>,
    /// `name = "x"`: the name under which the process is registered.
    pub(crate) registered: Option<LitStr>,
    /// `via = Rooms, key = String`: the registry that names its instances.
    pub(crate) via: Option<Via>,
    pub(crate) restart: Option<Restart>,
    pub(crate) shutdown: Option<Shutdown>,
    /// `version = N`
    pub(crate) version: Option<Version>,
    /// `local`: its state never leaves its thread.
    pub(crate) local: bool,
    /// What may be shown of its fields.
    pub(crate) shape: Shape,
    /// `inspect = ..`
    pub(crate) inspect: Option<Mode>,
}

/// The number of a version, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Version {
    pub(crate) number: u32,
    pub(crate) span: Span,
}

/// `via = Registry, key = Type`
pub(crate) struct Via {
    pub(crate) registry: Path,
    pub(crate) key: Type,
}

/// `restart = ..`
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Restart {
    Permanent,
    Transient,
    Temporary,
}

/// `shutdown = ..`
pub(crate) enum Shutdown {
    BrutalKill,
    Infinity,
    After(Time),
}

/// The `impl`'s side: what the process understands.
pub(crate) struct Server {
    pub(crate) krate: CratePath,
    /// The last segment of the server's type.
    pub(crate) name: Ident,
    /// Who sees its messages and its client.
    pub(crate) vis: Visibility,
    pub(crate) self_ty: Type,
    /// The generics of the `impl`, each type parameter `Send + 'static`.
    pub(crate) generics: Generics,
    /// `mailbox = N`: how many messages may wait.
    pub(crate) mailbox: Option<Expr>,
    /// `on_full = ..`
    pub(crate) on_full: OnFull,
    /// `closed`: no handle travels in a message.
    pub(crate) closed: bool,
    /// `local`: its state never leaves its thread.
    pub(crate) local: bool,
    /// Every marked method, in the order of the source.
    pub(crate) handlers: Vec<Handler>,
    /// `behaviours(..)`: what else it understands.
    pub(crate) behaviours: Vec<Behaviour>,
    /// What its clients send to.
    pub(crate) carrier: Carrier,
    /// The names of unmarked functions, which replace ours where they are the same.
    pub(crate) plain_functions: Vec<Ident>,
}

/// What the messages of a client go to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Carrier {
    /// A server's address.
    Server,
    /// The part of any server's address that takes a behaviour's messages.
    Behaviour,
}

/// A behaviour that a server has: a trait.
pub(crate) struct Behaviour {
    pub(crate) path: Path,
    /// Its variant of the mailbox enum: the trait's name.
    pub(crate) variant: Ident,
}

impl Behaviour {
    /// `None`: the path ends with a word that names no trait, such as `self`.
    pub(crate) fn at(path: Path) -> Option<Self> {
        let variant = path.segments.last()?.ident.clone();
        argument::is_name(&variant).then_some(Self { path, variant })
    }

    /// What stands for it: an alias, unless it names parameters of the server.
    pub(crate) fn ty(&self, server: &Server) -> TokenStream {
        let (path, span) = (&self.path, self.span());
        let ty = hygiene::respanned(server.generics.split_for_impl().1.to_token_stream(), span);
        match self.alias_name(server) {
            Some(alias) => quote!(#alias #ty),
            None => quote_spanned!(span=> dyn #path),
        }
    }

    /// `__StorageOfHeap`: the behaviour, whatever the trait is.
    pub(crate) fn alias_name(&self, server: &Server) -> Option<Ident> {
        self.name(server, "")
    }

    /// `__DynStorageOfHeap`: the trait as a type.
    pub(crate) fn trait_name(&self, server: &Server) -> Option<Ident> {
        self.name(server, "Dyn")
    }

    fn name(&self, server: &Server, front: &str) -> Option<Ident> {
        let path = &self.path;
        let names_params = argument::mentions(quote!(#path), &server.params());
        let name = format!("__{front}{}Of{}", self.variant.unraw(), server.name.unraw());
        (!names_params).then(|| Ident::new(&name, self.span()))
    }

    /// Where everything is shown that is wrong with it.
    pub(crate) fn span(&self) -> Span {
        hygiene::at(self.variant.span())
    }

    /// Its messages, which need no name but the trait's.
    pub(crate) fn msg(&self, server: &Server) -> TokenStream {
        let (ty, krate) = (self.ty(server), server.krate.at(self.variant.span()));
        quote_spanned!(self.span()=> <#ty as #krate::gen_server::Behaviour>::Msg)
    }
}

/// One marked method.
#[derive(Clone)]
pub(crate) struct Handler {
    pub(crate) role: Role,
    pub(crate) method: Method,
    /// Nothing is wrong with its signature, so that its variant can stand beside the errors.
    pub(crate) sound: bool,
}

/// What a method is marked as.
#[derive(Clone)]
pub(crate) enum Role {
    Init,
    Call(CallOptions),
    Cast {
        on_err: OnErr,
        /// `on_full = ..` of its own, with the word.
        on_full: Option<(Ident, OnFull)>,
    },
    Info {
        /// `stream = self.field`: where its messages come from.
        stream: Option<Expr>,
    },
    /// `from = N`, unless that is wrong.
    CodeChange(Option<Version>),
    Continue,
    Every(Time),
    Idle(Time),
    Session(SessionOptions),
    FormatStatus,
    Terminate,
}

/// The options of `#[call(..)]`.
#[derive(Clone, Default)]
pub(crate) struct CallOptions {
    pub(crate) timeout: Timeout,
    /// `or_crash`: an `Err` is replied and then ends the server.
    pub(crate) or_crash: Option<Ident>,
    /// `flat`: the return type is a `Result` under another name.
    pub(crate) flat: Option<Ident>,
    /// `raw`: a `Result` is replied as it is.
    pub(crate) raw: Option<Ident>,
    /// `inline = never`: no caller runs it on its own stack.
    pub(crate) never_inline: bool,
    /// `shed`: it is left where nobody waits for its answer.
    pub(crate) shed: bool,
    /// `task`: it runs beside the server, on a copy of the state.
    pub(crate) task: Option<Ident>,
    /// `fuse = ..`: what makes the fuse in front of it.
    pub(crate) fuse: Option<Box<Expr>>,
}

/// `#[session(Protocol as Role, nolink)]`
#[derive(Clone)]
pub(crate) struct SessionOptions {
    /// The protocol and the role, unless they could not be read.
    pub(crate) plays: Option<(Path, Ident)>,
    /// Its crash is not the server's.
    pub(crate) is_nolink: bool,
}

/// How long a call waits.
#[derive(Clone, Default)]
pub(crate) enum Timeout {
    /// As long as the runtime says.
    #[default]
    Default,
    Infinity,
    After(Time),
}

/// What becomes of a cast handler's `Err`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum OnErr {
    /// It ends the server.
    #[default]
    Crash,
    /// It is logged, and the server goes on.
    Log,
}

/// What a full mailbox does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum OnFull {
    #[default]
    Reject,
    DropOldest,
    Wait,
}

impl Role {
    /// The attribute's word.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Call(_) => "call",
            Self::Cast { .. } => "cast",
            Self::Info { .. } => "info",
            Self::CodeChange(_) => "code_change",
            Self::Continue => "handle_continue",
            Self::Every(_) => "every",
            Self::Idle(_) => "idle",
            Self::Session(_) => "session",
            Self::FormatStatus => "format_status",
            Self::Terminate => "terminate",
        }
    }

    /// Whether the handler's arguments travel through the mailbox in a variant of its own.
    pub(crate) const fn is_message(&self) -> bool {
        matches!(self, Self::Call(_) | Self::Cast { .. } | Self::Info { .. } | Self::Session(_))
    }
}

impl Server {
    /// The handlers that have a variant of the mailbox enum.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Handler> {
        self.handlers.iter().filter(|handler| handler.role.is_message())
    }

    /// Whether every message is handled on the spot.
    pub(crate) fn waits_for_nothing(&self) -> bool {
        let mut messages = self.messages().peekable();
        let is_told_something = messages.peek().is_some() && self.behaviours.is_empty();
        !self.local && is_told_something && !messages.any(Handler::is_waited_for)
    }

    /// The handlers marked `#[word]`.
    pub(crate) fn marked(&self, word: &'static str) -> impl Iterator<Item = &Handler> {
        self.handlers.iter().filter(move |handler| handler.role.word() == word)
    }

    /// The steps from older states to this one, the oldest first.
    pub(crate) fn code_changes(&self) -> Vec<(Version, &Handler)> {
        let steps = self.handlers.iter().filter_map(|handler| match handler.role {
            Role::CodeChange(from) => Some((from?, handler)),
            _ => None,
        });
        let mut steps: Vec<_> = steps.collect();
        steps.sort_by_key(|(from, _)| from.number);
        steps
    }

    /// The `#[init]` handlers, of which one is left when the `#[cfg]`s are looked at; none stands
    /// for a server that is started with its state.
    pub(crate) fn inits(&self) -> Vec<Option<&Handler>> {
        let marked: Vec<_> = self.marked("init").map(Some).collect();
        if marked.is_empty() { vec![None] } else { marked }
    }

    /// Whether the user wrote a function `name`, which then replaces ours.
    pub(crate) fn replaces(&self, name: &str) -> bool {
        let handlers = self.handlers.iter().map(|handler| &handler.method.name);
        self.plain_functions.iter().chain(handlers).any(|function| function == name)
    }

    /// What becomes of a cast at a full mailbox.
    pub(crate) fn cast_on_full(&self, handler: &Handler) -> OnFull {
        match &handler.role {
            Role::Cast { on_full: Some((_, own)), .. } => *own,
            _ => self.on_full,
        }
    }

    /// The type parameters of the `impl`.
    pub(crate) fn type_params(&self) -> Vec<Ident> {
        self.generics.type_params().map(|param| param.ident.clone()).collect()
    }

    /// The type and const parameters of the `impl`.
    pub(crate) fn params(&self) -> Vec<Ident> {
        let params = self.generics.params.iter().filter_map(|param| match param {
            GenericParam::Type(param) => Some(param.ident.clone()),
            GenericParam::Const(param) => Some(param.ident.clone()),
            GenericParam::Lifetime(_) => None,
        });
        params.collect()
    }

    /// A name for one more type parameter, which is none of the server's.
    pub(crate) fn free_param(&self, wish: &str) -> Ident {
        let taken = self.type_params();
        let names = (0..).map(|number| match number {
            0 => hygiene::item(wish),
            number => hygiene::item(&format!("{wish}{number}")),
        });
        let mut free = names.filter(|name| !taken.contains(name));
        free.next().expect("there are more numbers than parameters")
    }

    /// What a handler is called through, at the place that is blamed for what is wrong with it.
    pub(crate) fn callee(&self, span: Span) -> TokenStream {
        let (name, ty) = (&self.name, self.generics.split_for_impl().1);
        match self.carrier {
            Carrier::Server => quote_spanned!(span=> Self),
            Carrier::Behaviour => quote_spanned!(span=> <Self as #name #ty>),
        }
    }

    /// The type of the process: `Self`, or `Local<Self>`.
    pub(crate) fn actor(&self) -> TokenStream {
        let krate = &self.krate;
        if self.local { quote!(#krate::Local<Self>) } else { quote!(Self) }
    }

    /// What makes it a server.
    pub(crate) fn server_trait(&self) -> TokenStream {
        let krate = &self.krate;
        match self.local {
            true => quote!(#krate::gen_server::LocalServer),
            false => quote!(#krate::GenServer),
        }
    }

    /// `XMsg`
    pub(crate) fn msg(&self) -> Ident {
        hygiene::suffixed(&self.name, "Msg")
    }

    /// `XCasts`
    pub(crate) fn casts(&self) -> Ident {
        hygiene::suffixed(&self.name, "Casts")
    }

    /// `XClient`
    pub(crate) fn client(&self) -> Ident {
        hygiene::suffixed(&self.name, "Client")
    }
}

impl Handler {
    /// The handler's variant of the mailbox enum.
    pub(crate) fn variant(&self) -> Ident {
        let mut variant = hygiene::camel_case(&self.method.name);
        variant.set_span(self.method.span());
        variant
    }

    /// `stream = self.field`
    pub(crate) const fn stream(&self) -> Option<&Expr> {
        match &self.role {
            Role::Info { stream } => stream.as_ref(),
            _ => None,
        }
    }

    /// The options of a call.
    pub(crate) const fn call(&self) -> Option<&CallOptions> {
        match &self.role {
            Role::Call(options) => Some(options),
            _ => None,
        }
    }

    /// The options of a session.
    pub(crate) const fn session(&self) -> Option<&SessionOptions> {
        match &self.role {
            Role::Session(options) => Some(options),
            _ => None,
        }
    }

    /// Whether the server itself waits for it.
    pub(crate) fn is_waited_for(&self) -> bool {
        let runs_beside = self.call().is_some_and(|call| call.task.is_some());
        self.method.asyncness.is_some() && !runs_beside && self.session().is_none()
    }

    /// The type that a call replies with; none stands for `()`.
    pub(crate) fn reply(&self) -> Option<&Type> {
        match self.method.reply_to() {
            Some(from) => argument::first_argument(argument::behind_ref(&from.ty)),
            None => self.method.returned(),
        }
    }

    /// Whether a call's `Result` is taken apart for its client.
    pub(crate) fn is_flat(&self) -> bool {
        let (Some(call), Some(reply)) = (self.call(), self.reply()) else { return false };
        call.flat.is_some() || (call.raw.is_none() && argument::is_named(reply, "Result"))
    }
}
