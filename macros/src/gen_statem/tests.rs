//! What is read out of an `impl`, and what becomes of it.

use proc_macro2::TokenStream;
use quote::quote;

use super::*;

fn read(args: TokenStream, item: TokenStream) -> (Statem, Errors) {
    let (item, mut bodies) = Bodies::take_from(item);
    let mut item: ItemImpl = syn::parse2(item).expect("an `impl`");
    let mut errors = Errors::default();
    let mut machine = Statem::take_from(args, &mut item, &mut bodies, &mut errors);
    check::machine(&mut machine, &mut errors);
    (machine, errors)
}

fn messages_of(args: TokenStream, item: TokenStream) -> Vec<String> {
    let (_, errors) = read(args, item);
    errors.finish().map_or_else(|all| all.into_iter().map(|e| e.to_string()).collect(), |()| vec![])
}

fn door() -> TokenStream {
    quote! {
        impl Door {
            #[on(Locked)] #[cast] pub fn button(&mut self, digit: u8) -> to![Locked | Open] {
                goto(Open)
            }
            #[on(Open)] #[cast] pub fn button(&mut self, _digit: u8) {}
            #[on(Open)] #[call] pub fn lock(&mut self) -> (usize, to![Locked]) { (0, goto(Locked)) }
            #[on(Locked)] #[postpone] pub fn lock();
            #[on(Open)] #[after(self.grace)] fn relock(&mut self) -> to![Locked] { goto(Locked) }
            #[on(_)] #[call] pub fn tries(&self) -> usize { 0 }
            #[enter(Open)] fn opened(&mut self) {}
        }
    }
}

#[test]
fn clauses_of_one_name_are_one_event() {
    let (machine, errors) = read(quote!(Locked | Open), door());
    assert!(errors.is_empty());
    let events: Vec<String> = machine.events().iter().map(ToString::to_string).collect();
    assert_eq!(events, ["button", "lock", "tries"]);
    let head = machine.head(machine.events()[0]).expect("every event has a handler");
    let names: Vec<String> = head.method.values().map(crate::method::Param::called).collect();
    assert_eq!(names, ["digit"]);
    let emitted: Vec<String> =
        machine.clauses.iter().map(|clause| clause.emitted.to_string()).collect();
    let hidden = ["__cordial_button_in_locked", "__cordial_button_in_open"];
    assert_eq!(emitted[..2], hidden);
    // The only one of its name with a body keeps it.
    assert_eq!(emitted[2..], ["lock", "lock", "tries"]);
}

#[test]
fn the_diagram_shows_every_transition_to_another_state() {
    let (machine, _) = read(quote!(Locked | Open), door());
    assert_eq!(
        draw::lines(&machine),
        [
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> Locked",
            "    Locked --> Open : button",
            "    Open --> Locked : lock, after self.grace",
            "```",
        ]
    );
}

#[test]
fn states_are_told_from_options() {
    let leading = |args: TokenStream| {
        read::leading_states(&args).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(leading(quote!(A)), "A");
    assert_eq!(leading(quote!(|A| B, mailbox = 3)), "A B");
    assert_eq!(leading(quote!(name = "a", restart = Transient)), "");
    assert_eq!(leading(quote!()), "");
}

#[test]
fn every_mistake_is_told() {
    let messages = messages_of(
        quote!(Locked | Open),
        quote! {
            impl Door {
                #[on(Lockd)] #[cast] fn a(&mut self) {}
                #[on(Open)] #[cast] fn b(&mut self) {}
                #[on(_)] #[postpone] #[cast] fn c();
                #[on(_)] fn d(&mut self) {}
                #[on(_)] #[after(5s)] fn e(&mut self) {}
                #[enter(Open)] fn f(&mut self) {}
                #[enter(Open)] fn g(&mut self) {}
            }
        },
    );
    assert_eq!(
        messages,
        [
            "mark this clause `#[call]`, `#[cast]` or `#[info]`",
            "no state `Lockd`; did you mean `Locked`?",
            "`a` is not handled in state `Open`; add `#[on(Open)]` or a catch-all `#[on(_)]`",
            "`b` is not handled in state `Locked`; add `#[on(Locked)]` or a catch-all `#[on(_)]`",
            "`c` would never be handled: handle it in at least one state",
            "a state timeout belongs to a state: name it, as in `#[on(Open)]`",
            "second `#[enter]` for `Open`: a state has at most one",
        ]
    );
}

/// The door, with one slip of the pen.
fn messages_with(change: impl FnOnce(String) -> String) -> Vec<String> {
    let right = door().to_string().replace(' ', "");
    let right = right.replace("pub", "pub ").replace("fn", "fn ").replace("&mut", "&mut ");
    let right = right.replace("impl", "impl ");
    let slip = change(right.clone());
    assert_ne!(slip, right);
    messages_of(quote!(Locked | Open), slip.parse().expect("tokens"))
}

#[test]
fn a_clause_without_a_body_and_without_a_fate_is_one_error() {
    let told = [fill(messages::CLAUSE_WITHOUT_BODY, &[&"lock"])];
    assert_eq!(messages_with(|door| door.replace("#[postpone]", "#[defer]")), told);
    assert_eq!(messages_with(|door| door.replace("#[postpone]", "#[call]")), told);
}

#[test]
fn a_timeout_of_an_unknown_state_is_one_error() {
    let with = |on| messages_with(|door| door.replace("#[on(Open)]#[after", on));
    let unknown = ["no state `Wide`; the states are `Locked` and `Open`"];
    assert_eq!(with("#[on(Wide)]#[after"), unknown);
    let unclear = [fill(messages::BAD_STATES, &[&"on"])];
    assert_eq!(with("#[on(DoorState::Open)]#[after"), unclear);
}

#[test]
fn a_second_role_is_told_of_the_method_by_its_name() {
    let told = ["`relock` is already marked `#[after]`: a method has one role"];
    assert_eq!(messages_with(|door| door.replace("fn relock", "#[cast]fn relock")), told);
}

#[test]
fn a_state_of_a_raw_name_may_be_what_was_meant() {
    let item = quote! {
        impl Door {
            #[on(_)] #[cast] fn a(&mut self) -> to![r#mov] { goto(r#move) }
        }
    };
    let messages = messages_of(quote!(Locked | r#move), item);
    assert_eq!(messages, ["no state `r#mov`; did you mean `r#move`?"]);
}

#[test]
fn a_list_of_states_that_is_none_is_one_error() {
    for args in [
        quote!(Locked, Open),
        quote!(Locked Open),
        quote!(Locked || Open),
        quote!(Locked | Open fn),
        quote!(Locked(u8) | Open),
        quote!(Locked, Open, mailbox = 10),
        quote!(Locked | Open mailbox = 10),
    ] {
        let text = args.to_string();
        assert_eq!(messages_of(args, door()), [messages::STATES_ARE_ALTERNATIVES], "{text}");
    }
}

#[test]
fn a_state_to_which_nothing_leads_is_told() {
    let item = quote! {
        impl Door {
            #[on(_)] #[cast] fn a(&mut self) -> to![Open] { goto(Open) }
        }
    };
    let messages = messages_of(quote!(Locked | Open | Broken), item);
    assert_eq!(
        messages,
        ["state `Broken` is unreachable: no transition from `Locked` leads to it"]
    );
}

#[test]
fn an_option_for_the_states_is_one_error() {
    for args in [
        quote!(states = Locked | Open),
        quote!(states(Locked, Open), mailbox = 10),
        quote!(states = [Open, Locked], initial = Locked),
        quote!(mailbox = 10, states = Locked, Open),
    ] {
        let text = args.to_string();
        assert_eq!(messages_of(args, door()), [messages::STATES_ARE_ALTERNATIVES], "{text}");
    }
}

#[test]
fn a_machine_under_the_word_for_servers_is_one_error() {
    let told = |args, item| {
        let errors = gen_server::expand(args, item).error.into_iter().flatten();
        errors.map(|error| error.to_string()).collect::<Vec<_>>()
    };
    let message =
        ["these are the clauses of a state machine: write `#[gen_statem(Locked | Open)]`"];
    assert_eq!(told(quote!(), door()), message);
    assert_eq!(told(quote!(mailbox = 10), door()), message);
    assert_eq!(told(quote!(Locked | Open), door()), message);
    let plain = quote!(impl Door { #[cast] fn on(&mut self) {} });
    assert_eq!(told(quote!(), plain), [""; 0]);
}
