%% Plays the scripts of tests/statem on Erlang's gen_statem, all of them at once, and writes what
%% each of them saw, one line per event.
-module(parity).
-behaviour(gen_statem).
-export([main/1, init/1, callback_mode/0, handle_event/4]).

-define(END, 60).
-define(TIMES, 2).

%% Unit: how long a unit of a script's time is, in milliseconds.
main([In, Out, Text]) ->
    Unit = list_to_integer(Text),
    persistent_term:put(unit, Unit),
    {ok, Scripts} = file:consult(In),
    Players = [begin
                   {ok, Pid} = gen_statem:start(?MODULE, Rules, []),
                   {Pid, Mails}
               end || {Rules, Mails} <- Scripts],
    Clock = lists:sort([{At, I, Pid, Number}
                        || {Pid, Mails} <- Players,
                           {I, {At, Number}} <- lists:zip(lists:seq(1, length(Mails)), Mails)]),
    Start = erlang:monotonic_time(millisecond),
    [begin
         sleep_until(Start + At * Unit),
         gen_statem:cast(Pid, {number, Number})
     end || {At, _, Pid, Number} <- Clock],
    sleep_until(Start + ?END * Unit),
    Lines = [["== ", integer_to_list(I), "\n", seen(Pid)]
             || {I, {Pid, _}} <- lists:zip(lists:seq(1, length(Players)), Players)],
    ok = file:write_file(Out, Lines),
    init:stop().

sleep_until(Time) ->
    case Time - erlang:monotonic_time(millisecond) of
        Left when Left > 0 -> timer:sleep(Left);
        _ -> ok
    end.

seen(Pid) ->
    {_, {_, _, Seen}} = sys:get_state(Pid),
    [[Line, "\n"] || Line <- lists:reverse(Seen)].

callback_mode() -> [handle_event_function, state_enter].

init(Rules) ->
    {ok, 0, {maps:from_list([{Key, {Go, Actions}} || {Key, Go, Actions} <- Rules]), #{}, []}}.

handle_event(enter, Old, State, {Rules, Counts, Seen}) ->
    Line = io_lib:format("enter ~w from ~w", [State, Old]),
    {Go, Actions, Counted} = rule({State, enter}, Rules, Counts),
    Data = {Rules, Counted, [Line | Seen]},
    Asked = [action(A) || A <- Actions],
    case Go of
        repeat -> {repeat_state, Data, Asked};
        _ -> {keep_state, Data, Asked}
    end;
%% OTP 25 can lose a timer that it has replaced, and takes its message for an info.
handle_event(info, {timeout, _, _}, _State, {Rules, Counts, Seen}) ->
    {keep_state, {Rules, Counts, ["stray" | Seen]}};
handle_event(Type, Content, State, {Rules, Counts, Seen}) ->
    Event = event(Type, Content),
    Line = io_lib:format("~w in ~w", [Event, State]),
    {Go, Actions, Counted} = rule({State, Event}, Rules, Counts),
    Data = {Rules, Counted, [Line | Seen]},
    Asked = [action(A) || A <- Actions],
    case Go of
        keep -> {keep_state, Data, Asked};
        repeat -> {repeat_state, Data, Asked};
        Next -> {next_state, Next, Data, Asked}
    end.

event(state_timeout, _) -> state_timeout;
event(timeout, _) -> timeout;
event(_, {number, Number}) -> Number.

rule(Key, Rules, Counts) ->
    Count = maps:get(Key, Counts, 0) + 1,
    Counted = Counts#{Key => Count},
    case Rules of
        #{Key := {Go, Actions}} when Count =< ?TIMES -> {Go, Actions, Counted};
        _ -> {keep, [], Counted}
    end.

action(postpone) -> postpone;
action({inject, Number}) -> {next_event, internal, {number, Number}};
action({state_timeout, Time}) -> {state_timeout, units(Time), state};
action({timeout, Time}) -> {timeout, units(Time), event};
action({named, Name, Time, Number}) -> {{timeout, Name}, units(Time), {number, Number}};
action({update, Name, Number}) -> {{timeout, Name}, update, {number, Number}}.

units(infinity) -> infinity;
units(Time) -> Time * persistent_term:get(unit).
