//! An `impl` block → [`Statem`]: clauses become methods with names of their own, what is ours is
//! taken out of the user's item.

use proc_macro2::{Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, ImplItem, ImplItemFn, ItemImpl, Pat, Signature, Token, Visibility, parse_quote,
};

use super::attributes::Marks;
use super::model::{Answer, Clause, Enter, Fate, On, Statem, Timed};
use super::rows::{self, Returned, Rows, alternatives};
use super::slips;
use crate::attrs::Options;
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::gen_server::model::{CallOptions, Carrier, Handler, OnErr, Role, Server};
use crate::gen_server::{Bodies, options, read};
use crate::messages::{self, fill};
use crate::method::{Method, Slot};
use crate::{argument, hygiene};

/// The states in front of the options: `Locked | Open, mailbox = 10`.
pub(super) fn leading_states(args: &TokenStream) -> Vec<Ident> {
    split(args.clone(), &mut Errors::default()).0
}

/// The states, and the options behind them.
fn split(args: TokenStream, errors: &mut Errors) -> (Vec<Ident>, TokenStream) {
    if let Some(split) = split_options(&args, errors) {
        return split;
    }
    let mut tokens = args.clone().into_iter();
    let is = |token: Option<TokenTree>, sign| match token {
        Some(TokenTree::Punct(punct)) => punct.as_char() == sign,
        _ => false,
    };
    let first = tokens.next();
    let is_state = matches!(&first, Some(TokenTree::Ident(_))) || is(first, '|');
    if !is_state || matches!(tokens.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=')
    {
        return (Vec::new(), args);
    }
    let parser = |input: ParseStream<'_>| {
        let states = alternatives(input)?;
        input.parse::<Option<Token![,]>>()?;
        Ok((states, input.parse::<TokenStream>()?))
    };
    match parser.parse2(args.clone()) {
        Ok((states, options)) if !begins_with_state(&options) => (states, options),
        _ => guess(args, errors),
    }
}

/// Of `states = Locked | Open, initial = Locked, mailbox = 10`: no option says which states there
/// are, and the first one is the initial one.
fn split_options(args: &TokenStream, errors: &mut Errors) -> Option<(Vec<Ident>, TokenStream)> {
    let tokens: Vec<TokenTree> = args.clone().into_iter().collect();
    let is_comma = |token: &TokenTree| token.to_string() == ",";
    let options: Vec<&[TokenTree]> = tokens.split(is_comma).collect();
    let key = |option: &[TokenTree]| option.first().map(ToString::to_string).unwrap_or_default();
    let first = options.iter().find(|option| ["states", "initial"].contains(&&*key(option)))?;
    errors.at(first.first(), messages::STATES_ARE_ALTERNATIVES);
    let (mut initial, mut states, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    let mut in_states = false;
    for option in options {
        match &*key(option) {
            "states" => states.extend(names_in(option[1..].iter().cloned())),
            "initial" => initial.extend(names_in(option[1..].iter().cloned())),
            // `states = Locked, Open`
            _ if in_states && option.len() == 1 => states.extend(names_in(option.iter().cloned())),
            _ => {
                let comma = TokenTree::from(Punct::new(',', Spacing::Alone));
                rest.extend(option.iter().cloned().chain([comma]));
            }
        }
        in_states |= key(option) == "states";
    }
    states.retain(|state| !initial.contains(state));
    initial.extend(states);
    Some((initial, rest.into_iter().collect()))
}

/// All names among the tokens, those inside of groups too.
fn names_in(tokens: impl IntoIterator<Item = TokenTree>) -> Vec<Ident> {
    let names = tokens.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => names_in(group.stream()),
        token => syn::parse2::<Ident>(token.into()).into_iter().collect(),
    });
    names.collect()
}

/// `Open`, which is no option: those are written small.
pub(super) fn begins_with_state(options: &TokenStream) -> bool {
    let first = options.clone().into_iter().next();
    first.is_some_and(|token| token.to_string().starts_with(char::is_uppercase))
}

/// Every state that is named in a `#[on(..)]`, an `#[enter(..)]` or a `to![..]`, in the order of
/// the source.
pub(super) fn named_states(item: &TokenStream) -> Vec<Ident> {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let mut states: Vec<Ident> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let before = |back: usize| at.checked_sub(back).map(|place| tokens[place].to_string());
        let (last, first) = (before(1).unwrap_or_default(), before(2).unwrap_or_default());
        let is_list = matches!(&*last, "on" | "enter") && at == 1 || last == "!" && first == "to";
        let found = match is_list {
            true => alternatives.parse2(group.stream()).unwrap_or_default(),
            false => named_states(&group.stream()),
        };
        for state in found {
            if !states.contains(&state) {
                states.push(state);
            }
        }
    }
    states
}

/// The states of a list that is none, `Locked, Open`, and the options behind them.
fn guess(args: TokenStream, errors: &mut Errors) -> (Vec<Ident>, TokenStream) {
    let tokens: Vec<TokenTree> = args.into_iter().collect();
    let is = |at: usize, sign: &str| tokens.get(at).is_some_and(|token| token.to_string() == sign);
    let options = (1..tokens.len()).find(|at| is(*at, "=")).map_or(tokens.len(), |at| at - 1);
    let (mut states, mut wrong): (Vec<Ident>, _) = (Vec::new(), None);
    for (at, token) in tokens[..options].iter().enumerate() {
        let after_state = at > 0 && matches!(tokens[at - 1], TokenTree::Ident(_));
        // A keyword is no name.
        match syn::parse2::<Ident>(token.clone().into()) {
            Ok(state) => {
                states.push(state);
                wrong = wrong.or(after_state.then_some(token));
            }
            Err(_) if is(at, "|") && (after_state || at == 0) => {}
            Err(_) => wrong = wrong.or(Some(token)),
        }
    }
    errors.at(wrong.or(tokens.get(options)), messages::STATES_ARE_ALTERNATIVES);
    (states, tokens[options..].iter().cloned().collect())
}

impl Statem {
    /// Reads the states, the options and the `impl`, and takes what is ours out of the `impl`.
    pub(super) fn take_from(
        args: TokenStream,
        item: &mut ItemImpl,
        bodies: &mut Bodies,
        errors: &mut Errors,
    ) -> Self {
        let (states, args) = split(args, errors);
        let mut options = Options::read(args, options::ON_IMPL, errors);
        read::make_sendable(&mut item.generics);
        let (mailbox, on_full) = options::mailbox(&mut options, errors);
        let closed = options.flag("closed").is_some();
        if let Some((key, _)) = options.take("local") {
            errors.at(&key, fill(messages::NOT_AVAILABLE_YET, &[&key]));
        }
        let behaviours = options::behaviours(&mut options, errors);
        if let (true, Some(behaviour)) = (closed, behaviours.first()) {
            errors.at(&behaviour.path, messages::CLOSED_WITH_BEHAVIOURS);
        }
        let server = Server {
            krate: CratePath::take(&mut options, errors),
            name: read::server_name(item),
            self_ty: (*item.self_ty).clone(),
            generics: item.generics.clone(),
            mailbox,
            on_full,
            closed,
            local: false,
            behaviours,
            carrier: Carrier::Server,
            vis: parse_quote!(pub),
            handlers: Vec::new(),
            plain_functions: Vec::new(),
        };
        let rows = Vec::new();
        let (clauses, timed, enters) = (Vec::new(), Vec::new(), Vec::new());
        let mut machine =
            Self { server, states, clauses, timed, enters, rows, unknown: Vec::new() };
        let mut reader = Reader { machine: &mut machine, names: names(item), bodies, errors };
        item.items.retain_mut(|item| reader.take(item));
        machine.make_heads(errors);
        machine
    }
}

/// The names of all methods, as often as they stand there.
fn names(item: &ItemImpl) -> Vec<Ident> {
    let names = item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method.sig.ident.clone()),
        _ => None,
    });
    names.collect()
}

struct Reader<'a> {
    machine: &'a mut Statem,
    names: Vec<Ident>,
    bodies: &'a mut Bodies,
    errors: &'a mut Errors,
}

impl Reader<'_> {
    /// Reads one item. True: it stays in the user's `impl`.
    fn take(&mut self, item: &mut ImplItem) -> bool {
        match item {
            ImplItem::Fn(method) => {
                self.take_method(method, true);
                true
            }
            ImplItem::Verbatim(tokens) => match bodiless(tokens) {
                Some((mut method, semi)) => {
                    let stays = self.take_method(&mut method, false);
                    let ImplItemFn { attrs, vis, sig, .. } = method;
                    *tokens = quote!(#(#attrs)* #vis #sig #semi);
                    stays
                }
                None => true,
            },
            _ => true,
        }
    }

    /// True: it stays in the user's `impl`.
    fn take_method(&mut self, method: &mut ImplItemFn, has_body: bool) -> bool {
        let marks = Marks::take(&method.sig.ident, &mut method.attrs, self.errors);
        if marks.is_empty() {
            self.machine.server.plain_functions.push(method.sig.ident.clone());
            return true;
        }
        let event = method.sig.ident.clone();
        let returned = self.returned(method);
        let mut plain = Method::take_from(method);
        plain.output = returned.reply.clone();
        if has_body {
            let (name, states) = (&self.machine.server.name, &self.machine.states);
            let body = self.bodies.behind(&method.block);
            if let Some(meant) = slips::mended(body, name, states, self.errors) {
                self.bodies.put_behind(&method.block, meant);
            }
            self.bodies.open_with(&method.block, &rows::opening(&self.machine.server.name));
        }
        let Marks { on, role, fate, timed, enter } = marks;
        if enter.is_some() || timed.is_some() {
            method.attrs.extend(read::shape_is_given(&plain, &Role::Terminate));
        }
        if let Some((word, on)) = enter {
            let others = [role.map(|it| it.0), fate.map(|it| it.0), timed.map(|it| it.0)];
            self.refuse(others, &event, &word);
            if let Some(to) = &returned.written {
                self.errors.at(to, messages::ENTER_STAYS);
            }
            let emitted = self.rename(method, &event, &on);
            self.machine.enters.push(Enter { on, method: plain, emitted });
            return true;
        }
        if let Some((word, time)) = timed {
            self.refuse([role.map(|it| it.0), fate.map(|it| it.0), None], &event, &word);
            let Some((_, on)) = on else {
                self.errors.at(&word, fill(messages::CLAUSE_WITHOUT_STATE, &[&word]));
                return true;
            };
            let emitted = self.rename(method, &event, &on);
            let row = returned.states;
            self.machine.timed.push(Timed { word, on, time, method: plain, emitted, row });
            return true;
        }
        match (on, role) {
            (None, Some((_, role @ (Role::Init | Role::Terminate | Role::FormatStatus)))) => {
                self.machine.server.handlers.push(Handler { role, method: plain, sound: true });
                true
            }
            (Some((word, _)), Some((role, Role::Init | Role::Terminate | Role::FormatStatus))) => {
                self.errors.at(&word, fill(messages::NOT_OF_ONE_STATE, &[&role]));
                true
            }
            (on, role) => {
                let on = on.map_or_else(|| self.any_state(&role, &fate), |(_, on)| on);
                let source = Source { event, method: plain, returned, has_body };
                self.take_clause(method, source, on, role, fate)
            }
        }
    }

    /// A clause that does not say for which states it is, beside its error: it is for any.
    fn any_state(&mut self, role: &Option<(Ident, Role)>, fate: &Option<(Ident, Fate)>) -> On {
        if self.machine.states.is_empty() {
            return On::Any(None);
        }
        let words = role.iter().map(|(word, _)| word).chain(fate.iter().map(|(word, _)| word));
        let mut words = words.cloned();
        let Some(word) = words.next() else { return On::Any(None) };
        self.errors.at(&word, fill(messages::CLAUSE_WITHOUT_STATE, &[&word]));
        On::Any(None)
    }

    fn take_clause(
        &mut self,
        item: &mut ImplItemFn,
        source: Source,
        on: On,
        role: Option<(Ident, Role)>,
        fate: Option<(Ident, Fate)>,
    ) -> bool {
        let Source { event, method, returned, has_body } = source;
        if let (Some((word, _)), true) = (&fate, has_body) {
            self.errors.at(word, fill(messages::FATE_WITH_BODY, &[word, &event]));
        }
        if fate.is_none() && !has_body {
            self.errors.at(&event, fill(messages::CLAUSE_WITHOUT_BODY, &[&event]));
        }
        let without = if has_body { Fate::Handled } else { Fate::Ignored };
        let fate = fate.map_or(without, |(_, fate)| fate);
        let has_role = role.is_some();
        if !has_role && fate == Fate::Handled {
            self.errors.at(&event, messages::CLAUSE_WITHOUT_ROLE);
        }
        let role =
            role.map_or(Role::Cast { on_err: OnErr::Crash, on_full: None }, |(_, role)| role);
        self.refuse_options(&role);
        item.attrs.extend(read::shape_is_given(&method, &role));
        read::repair_reply_to(item, &method);
        let emitted = self.rename(item, &event, &on);
        let Returned { answer, states, .. } = returned;
        let is_call = matches!(role, Role::Call(_));
        let handler = Handler { role, method, sound: true };
        let answer = if is_call { answer } else { Answer::Value };
        let clause = Clause { on, event, fate, handler, has_role, emitted, answer, row: states };
        self.machine.clauses.push(clause);
        has_body
    }

    fn returned(&mut self, method: &mut ImplItemFn) -> Returned {
        let server = &self.machine.server;
        let mut rows = Rows {
            krate: &server.krate,
            machine: &server.name,
            states: &self.machine.states,
            rows: &mut self.machine.rows,
            errors: self.errors,
        };
        rows.take(&mut method.sig.output)
    }

    /// A name of its own for each of several clauses of one event.
    fn rename(&mut self, method: &mut ImplItemFn, event: &Ident, on: &On) -> Ident {
        if self.names.iter().filter(|name| *name == event).count() < 2 {
            return event.clone();
        }
        let states = match on {
            On::Any(_) => "any_state".to_owned(),
            On::These(states) => {
                let states: Vec<String> = states.iter().map(hygiene::snake_case).collect();
                states.join("_or_")
            }
        };
        let name = format!("__cordial_{}_in_{states}", event.unraw());
        let free = (1..).map(|number| match number {
            1 => Ident::new(&name, event.span()),
            number => Ident::new(&format!("{name}_{number}"), event.span()),
        });
        let emitted = free.into_iter().find(|name| !self.names.contains(name));
        let emitted = emitted.expect("there are more numbers than methods");
        self.names.push(emitted.clone());
        method.sig.ident = emitted.clone();
        method.attrs.push(parse_quote!(#[doc(hidden)]));
        emitted
    }

    /// What cannot stand beside `word`.
    fn refuse(&mut self, others: [Option<Ident>; 3], event: &Ident, word: &Ident) {
        for other in others.into_iter().flatten() {
            self.errors.at(&other, fill(messages::SECOND_ROLE, &[event, word]));
        }
    }

    fn refuse_options(&mut self, role: &Role) {
        let refused = match role {
            Role::Call(CallOptions { or_crash, task, .. }) => or_crash.as_ref().or(task.as_ref()),
            Role::Info { stream: Some(stream) } => {
                self.errors.at(stream, fill(messages::OPTION_OF_SERVERS_ONLY, &[&"stream"]));
                None
            }
            _ => None,
        };
        if let Some(option) = refused {
            self.errors.at(option, fill(messages::OPTION_OF_SERVERS_ONLY, &[option]));
        }
    }
}

/// A clause as it was read.
struct Source {
    event: Ident,
    method: Method,
    returned: Returned,
    has_body: bool,
}

/// `#[postpone] fn lock();`
fn bodiless(tokens: &TokenStream) -> Option<(ImplItemFn, Token![;])> {
    let parser = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        let head = (input.parse::<Visibility>()?, input.parse::<Signature>()?);
        Ok((attrs, head.0, head.1, input.parse::<Token![;]>()?))
    };
    let (attrs, vis, sig, semi) = parser.parse2(tokens.clone()).ok()?;
    Some((parse_quote!(#(#attrs)* #vis #sig {}), semi))
}

// ===== Events =====

impl Statem {
    /// One handler per event, for all that others see of it.
    fn make_heads(&mut self, errors: &mut Errors) {
        let events: Vec<Ident> = self.events().into_iter().cloned().collect();
        for event in events {
            let of: Vec<&Clause> = self.of(&event).collect();
            let with_role =
                of.iter().find(|clause| clause.has_role && clause.fate == Fate::Handled);
            let Some(first) = with_role.or_else(|| of.iter().find(|clause| clause.has_role)) else {
                if of.iter().all(|clause| clause.fate != Fate::Handled) {
                    errors.at(&event, fill(messages::EVENT_NEVER_HANDLED, &[&event]));
                }
                continue;
            };
            let mut head = first.handler.clone();
            head.method.name = event.clone();
            if first.fate != Fate::Handled {
                head.method.receiver = Some(parse_quote!(&self));
            }
            let cfgs: Vec<String> =
                of.iter().map(|clause| clause.handler.method.cfgs().to_string()).collect();
            if cfgs.iter().any(|cfg| *cfg != cfgs[0]) {
                head.method.drop_cfgs();
            }
            for (place, pat) in argument_names(&of, first).into_iter().enumerate() {
                let values = head.method.params.iter_mut();
                let mut values = values.filter(|param| param.slot == Slot::Value);
                if let (Some(param), Some(pat)) = (values.nth(place), pat) {
                    param.pat = pat;
                }
            }
            self.server.handlers.push(head);
        }
        if self.waits() {
            let handlers = self.server.handlers.iter_mut();
            for handler in handlers.filter(|handler| handler.role.is_message()) {
                handler.method.asyncness.get_or_insert_default();
            }
        }
    }
}

/// What the arguments of an event are called: as in the first clause that names them, without the
/// `_` in front of what that one does not use.
fn argument_names(clauses: &[&Clause], first: &Clause) -> Vec<Option<Pat>> {
    let count = first.handler.method.values().count();
    let nth = |clause: &&Clause, place| clause.handler.method.values().nth(place)?.name();
    let named = |place| {
        let handled = clauses.iter().filter(|clause| clause.fate == Fate::Handled);
        let names: Vec<Ident> = handled.filter_map(|clause| nth(clause, place)).collect();
        let used = names.iter().find(|name| !name.to_string().starts_with('_'));
        let name = used.or(names.first())?;
        let text = name.to_string();
        let text = text.trim_start_matches('_');
        let stripped = syn::parse_str::<Ident>(text).ok();
        let mut name = stripped.unwrap_or_else(|| name.clone());
        name.set_span(first.handler.method.name.span());
        Some(parse_quote!(#name))
    };
    (0..count).map(named).collect()
}

/// `ctx: &mut EnterCtx<'_, Self>`
pub(super) fn is_enter_ctx(param: &crate::method::Param) -> bool {
    argument::is_named(argument::behind_ref(&param.ty), "EnterCtx")
}

/// For errors: the tokens of a list of arguments.
pub(super) fn inputs(method: &Method) -> TokenStream {
    method.inputs.to_token_stream()
}
