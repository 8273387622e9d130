%% The scenarios of parity on Erlang/OTP: the same interpreter as the Rust files beside it, in the
%% words of gen_server, supervisor and erlang.
%%
%% `main([In, Out, Factor])` reads the expanded scenarios from the file In, and writes the release
%% and the log of each scenario to Out. All times are Factor times what the scenarios say.
-module(parity).
-behaviour(gen_server).
-export([main/1, start_server/3, start_tree/2, start_dynamic/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2]).

%% How long a scenario may take, and how many run at once.
-define(PATIENCE, 20000).
-define(AT_ONCE, 16).
%% How long all of them may take.
-define(LIMIT, 90000).

-record(scenario, {name, defs = #{}, order = [], steps = []}).
%% What all processes of a scenario share.
-record(world, {prefix, defs, log, names, watcher, group, factor}).
%% What one process knows: its name, and what it has under way.
-record(me, {
    world, name, def, refs = #{}, timers = #{}, parked = [],
    from = none, reply = none, parks = false, stop = none, timeout = none, then = []
}).

main([In, Out, Factor]) ->
    {ok, _} = timer:apply_after(?LIMIT, erlang, halt, [2]),
    logger:set_primary_config(level, none),
    {ok, Text} = file:read_file(In),
    Scenarios = parse(string:split(binary_to_list(Text), "\n", all), []),
    put(factor, list_to_integer(Factor)),
    Logs = run_all(Scenarios, 1, #{}, #{}),
    Release = ["otp ", erlang:system_info(otp_release), "\n"],
    Lines = [["== ", Name, "\n", [[Line, "\n"] || Line <- Log]] || {_, {Name, Log}} <- Logs],
    ok = file:write_file(Out, [Release, Lines]),
    halt(0).

%% ===== Reading =====

parse([], Done) -> lists:reverse(Done);
parse([Line | Rest], Done) ->
    case {string:lexemes(Line, " "), Done} of
        {[], _} -> parse(Rest, Done);
        {["scenario", Name], _} -> parse(Rest, [#scenario{name = Name} | Done]);
        {["def" | Def], [S | More]} ->
            {Name, Value} = parse_def(Def),
            Order = S#scenario.order ++ [Name],
            Defs = maps:put(Name, Value, S#scenario.defs),
            parse(Rest, [S#scenario{defs = Defs, order = Order} | More]);
        {["step" | Step], [S | More]} ->
            parse(Rest, [S#scenario{steps = S#scenario.steps ++ [Step]} | More])
    end.

parse_def(["sup", Name, Strategy, Limits | Rest]) ->
    IsOption = fun(Word) -> lists:member($=, Word) orelse Word =:= "significant" end,
    {Options, Children} = lists:partition(IsOption, Rest),
    {Name, (options(Options))#{kind => sup, strategy => list_to_atom(Strategy),
        limits => limits(Limits), children => Children}};
parse_def(["dyn", Name, Limits | Rest]) ->
    {Name, (options(Rest))#{kind => dyn, limits => limits(Limits)}};
parse_def([Kind, Name | Rest]) ->
    {Name, (options(Rest))#{kind => list_to_atom(Kind)}}.

options(Words) -> maps:from_list([option(Word) || Word <- Words]).

option(Word) ->
    case string:split(Word, "=") of
        [Key, Value] -> {list_to_atom(Key), Value};
        [Flag] -> {list_to_atom(Flag), true}
    end.

limits(Text) ->
    [Most, Period] = string:split(Text, "/"),
    {list_to_integer(Most), list_to_integer(Period)}.

%% ===== Running =====

run_all([], _, Running, Logs) when map_size(Running) =:= 0 -> lists:sort(maps:to_list(Logs));
run_all([S | Rest], At, Running, Logs) when map_size(Running) < ?AT_ONCE ->
    Main = self(),
    Factor = get(factor),
    Prefix = "s" ++ integer_to_list(At) ++ "_",
    {Pid, _} = spawn_monitor(fun() -> Main ! {done, self(), run(S, Prefix, Factor)} end),
    erlang:send_after(?PATIENCE * Factor, self(), {late, Pid}),
    run_all(Rest, At + 1, Running#{Pid => {At, S#scenario.name}}, Logs);
run_all(Rest, Next, Running, Logs) ->
    receive
        {late, Pid} ->
            exit(Pid, kill),
            run_all(Rest, Next, Running, Logs);
        {done, Pid, Log} ->
            {At, Name} = maps:get(Pid, Running),
            run_all(Rest, Next, maps:remove(Pid, Running), Logs#{At => {Name, Log}});
        {'DOWN', _, process, Pid, Reason} ->
            case maps:take(Pid, Running) of
                {{At, Name}, Others} ->
                    Line = io_lib:format("!! the driver ended: ~0p", [Reason]),
                    run_all(Rest, Next, Others, Logs#{At => {Name, [Line]}});
                error -> run_all(Rest, Next, Running, Logs)
            end
    end.

run(#scenario{defs = Defs, order = Order, steps = Steps}, Prefix, Factor) ->
    Group = spawn(fun() -> receive stop -> ok end end),
    group_leader(Group, self()),
    Names = ets:new(names, [public]),
    Log = ets:new(log, [public, ordered_set]),
    Driver = self(),
    Watcher = spawn(fun() -> watch(Driver, #{}, []) end),
    W = #world{prefix = Prefix, defs = Defs, log = Log, names = Names, watcher = Watcher,
        group = Group, factor = Factor},
    First = [Name || Name <- Order, is_first(maps:get(Name, Defs))],
    [spawn_proc(fun erlang:spawn/1, Name, W) || Name <- First],
    quiet(W),
    [step(Step, W) || Step <- Steps],
    log(W, "alive" ++ [[" ", Name] || Name <- lists:sort(alive(W))]),
    Group ! stop,
    [exit(P, kill) || P <- mine(W)],
    [Line || {_, Line} <- ets:tab2list(Log)].

is_first(#{kind := proc} = Def) -> not is_map_key(later, Def);
is_first(_) -> false.

step(["pause", Ms], W) ->
    timer:sleep(ms(Ms, W)),
    settle(["pause ", Ms], W);
step([Target | Actions], W) ->
    Name = string:trim(Target, trailing, ":"),
    case pid_of(Name, W) of
        none -> log(W, ["!! nobody is called ", Name]);
        Pid -> Pid ! {do, Actions}
    end,
    settle(lists:join(" ", [Target | Actions]), W).

%% What ended in a step is told after it, by name: who of several died first is nobody's business.
settle(What, W) ->
    quiet(W),
    W#world.watcher ! {ended, self()},
    Ended = receive {have_ended, List} -> List end,
    [log(W, ["ended ", Name, " ", reason(Reason)]) || {Name, Reason} <- lists:sort(Ended)],
    log(W, ["-- ", What]).

%% Until nobody of the scenario has anything to do. The driver looks at all of them at one moment:
%% there is one scheduler, and nobody else was on it between the first look and the last.
quiet(W) ->
    process_flag(priority, high),
    quiet(W, erlang:monotonic_time(millisecond) + ?PATIENCE div 2).

quiet(W, End) ->
    receive after 1 -> ok end,
    erlang:monotonic_time(millisecond) < End orelse exit(never_quiet),
    All = mine(W),
    Switches = statistics(context_switches),
    Busy = lists:any(fun is_busy/1, All),
    IsOneMoment = statistics(context_switches) =:= Switches,
    %% Nobody began between the list and the look.
    case not Busy andalso IsOneMoment andalso mine(W) =:= All of
        true -> ok;
        false -> quiet(W, End)
    end.

%% One with mail that it does not want yet is idle too: mail that it has not seen wakes it.
is_busy(P) -> process_info(P, status) =/= {status, waiting}.

mine(W) -> [P || P <- processes(), is_mine(P, W)].

%% Asked once: it never changes.
is_mine(P, W) ->
    case get(P) of
        undefined ->
            IsMine = process_info(P, group_leader) =:= {group_leader, W#world.group},
            put(P, IsMine andalso P =/= self());
        _ -> ok
    end,
    get(P).

%% Sees the end of everybody that was born.
watch(Driver, Watched, Ended) ->
    receive
        {watch, Pid, Name} ->
            Ref = monitor(process, Pid),
            Pid ! {watched, self()},
            watch(Driver, Watched#{Ref => Name}, Ended);
        {'DOWN', Ref, process, _, Reason} ->
            watch(Driver, Watched, [{maps:get(Ref, Watched), Reason} | Ended]);
        {ended, Driver} ->
            Driver ! {have_ended, Ended},
            watch(Driver, Watched, [])
    end.

%% ===== The world =====

log(#world{log = Log}, Line) ->
    ets:insert(Log, {erlang:unique_integer([monotonic]), Line}).

note(#me{world = W, name = Name}, What) -> log(W, [Name, " " | What]).

%% The process that calls lives as `Def` now: `a`, and `a#2` when it is there again.
born(Def, #world{names = Names, watcher = Watcher}) ->
    Life = ets:update_counter(Names, {lives, Def}, 1, {{lives, Def}, 0}),
    Name = case Life of 1 -> Def; _ -> Def ++ "#" ++ integer_to_list(Life) end,
    ets:insert(Names, [{{pid, Def}, self()}, {self(), Name}]),
    Watcher ! {watch, self(), Name},
    receive {watched, Watcher} -> ok end,
    Name.

pid_of(Def, #world{names = Names}) ->
    case ets:lookup(Names, {pid, Def}) of
        [{_, Pid}] -> Pid;
        [] -> none
    end.

name_of(Pid, #world{names = Names}) when is_pid(Pid) ->
    case ets:lookup(Names, Pid) of
        [{_, Name}] -> Name;
        [] -> "?"
    end;
name_of(Other, _) -> io_lib:format("~0p", [Other]).

alive(W) ->
    Born = ets:tab2list(W#world.names),
    [Name || {Pid, Name} <- Born, is_pid(Pid), is_process_alive(Pid)].

def(Name, W) -> maps:get(Name, W#world.defs).

%% A time in milliseconds.
ms(Text, W) -> list_to_integer(Text) * W#world.factor.

%% The registered name: other scenarios run at the same time.
named(W) -> list_to_atom(W#world.prefix ++ "named").

reason({shutdown, {failed_to_start_child, Id, Reason}}) ->
    ["failed ", id(Id), " ", reason(Reason)];
reason({start_spec, {duplicate_child_name, Id}}) -> ["duplicate ", id(Id)];
reason({Refused, _}) when Refused =:= start_spec; Refused =:= supervisor_data;
    Refused =:= bad_combination -> "refused";
reason({shutdown, What}) -> ["shutdown(", reason(What), ")"];
reason({Reason, {Module, _, _}}) when Module =:= gen_server; Module =:= sys -> reason(Reason);
reason({Reason, [{_, _, _, _} | _]}) -> ["panic(", reason(Reason), ")"];
reason(Reason) when is_list(Reason) -> Reason;
reason(Reason) -> io_lib:format("~0p", [Reason]).

to_reason(Text) ->
    case string:split(Text, "(") of
        [Reason] -> list_to_atom(Reason);
        ["shutdown", Rest] -> {shutdown, list_to_atom(string:trim(Rest, trailing, ")"))}
    end.

id(Id) when is_list(Id) -> Id;
id(Id) -> io_lib:format("~0p", [Id]).

%% ===== Plain processes =====

spawn_proc(Spawn, Name, W) ->
    Result = Spawn(fun() ->
        Me = #me{world = W, name = born(Name, W), def = Name},
        proc(acts(words(maps:get(do, def(Name, W), "")), Me))
    end),
    Result.

proc(Me) ->
    receive
        {do, Actions} -> proc(acts(Actions, Me));
        {'EXIT', From, Reason} ->
            note(Me, ["exit ", name_of(From, Me#me.world), " ", reason(Reason)]),
            proc(Me);
        {'DOWN', Ref, process, _, Reason} ->
            note(Me, ["down ", maps:get(Ref, Me#me.refs, "?"), " ", reason(Reason)]),
            proc(Me);
        Other ->
            note(Me, ["stray ", io_lib:format("~0p", [Other])]),
            proc(Me)
    end.

words(Text) -> string:lexemes(Text, ",").

%% ===== Servers =====

start_server(How, Def, W) ->
    start_server(How, Def, W, infinity).

start_server(How, Def, W, Limit) ->
    Args = {server, Def, W},
    Options = [{timeout, Limit}],
    case maps:is_key(named, def(Def, W)) of
        true -> gen_server:How({local, named(W)}, ?MODULE, Args, Options);
        false -> gen_server:How(?MODULE, Args, Options)
    end.

init({server, Def, W}) ->
    Name = born(Def, W),
    Options = def(Def, W),
    maps:is_key(trap, Options) andalso process_flag(trap_exit, true),
    Me = #me{world = W, name = Name, def = Def},
    note(Me, "init"),
    began(acts(words(this_start(Def, Options, W)), Me));
init({sup, Def, W}) ->
    born(Def, W),
    #{strategy := Strategy, limits := {Most, Period}, children := Children} = Options = def(Def, W),
    Auto = list_to_atom(maps:get(auto, Options, "never")),
    Flags = #{strategy => Strategy, intensity => Most, period => Period * W#world.factor,
        auto_shutdown => Auto},
    {ok, {Flags, [child_spec(Child, W) || Child <- Children]}};
init({dyn, Def, W}) ->
    born(Def, W),
    #{limits := {Most, Period}} = Options = def(Def, W),
    Spec = (common(Options, 5000, W))#{id => child, start => {?MODULE, start_dynamic, [W]}},
    Flags = #{strategy => simple_one_for_one, intensity => Most, period => Period * W#world.factor},
    {ok, {Flags, [Spec]}}.

%% The n-th start does what stands at the n-th place of `init=`, the last for all that follow.
this_start(Def, Options, #world{names = Names}) ->
    Starts = string:split(maps:get(init, Options, ""), "|", all),
    At = ets:update_counter(Names, {starts, Def}, 1, {{starts, Def}, 0}),
    lists:nth(min(At, length(Starts)), Starts).

began(#me{stop = ignore}) -> ignore;
began(#me{stop = {stop, Reason}}) -> {stop, Reason};
began(Me) -> going(ok, [], Me).

handle_call({do, Actions}, From, Me) ->
    heard("call", Actions, Me),
    case acts(Actions, Me#me{from = From}) of
        #me{stop = {stop, Reason}, reply = none} = Next -> {stop, Reason, rest(Next)};
        #me{stop = {stop, Reason}, reply = Reply} = Next -> {stop, Reason, Reply, rest(Next)};
        #me{parks = true} = Next -> going(noreply, [], Next);
        #me{reply = none} = Next -> going(reply, ["ok"], Next);
        #me{reply = Reply} = Next -> going(reply, [Reply], Next)
    end.

handle_cast({do, Actions}, Me) ->
    heard("cast", Actions, Me),
    after_acts(acts(Actions, Me)).

handle_info({do, Actions}, Me) ->
    heard("info", Actions, Me),
    after_acts(acts(Actions, Me));
handle_info(timeout, Me) ->
    note(Me, "timeout"),
    {noreply, Me};
handle_info({'EXIT', From, Reason}, Me) ->
    note(Me, ["exit ", name_of(From, Me#me.world), " ", reason(Reason)]),
    {noreply, Me};
handle_info({'DOWN', Ref, process, _, Reason}, Me) ->
    note(Me, ["down ", maps:get(Ref, Me#me.refs, "?"), " ", reason(Reason)]),
    {noreply, Me};
handle_info(Other, Me) ->
    note(Me, ["stray ", io_lib:format("~0p", [Other])]),
    {noreply, Me}.

handle_continue([Action | Then], Me) ->
    note(Me, ["continue ", Action]),
    after_acts(acts([Action], Me#me{then = Then})).

terminate(Reason, Me) ->
    note(Me, ["terminate ", reason(Reason)]),
    acts(words(maps:get(terminate, def(Me#me.def, Me#me.world), "")), Me),
    note(Me, "terminated").

heard(How, Actions, Me) -> note(Me, [How, " " | lists:join(" ", Actions)]).

after_acts(#me{stop = {stop, Reason}} = Me) -> {stop, Reason, rest(Me)};
after_acts(Me) -> going(noreply, [], Me).

going(Tag, Values, #me{then = [], timeout = none} = Me) ->
    list_to_tuple([Tag | Values] ++ [rest(Me)]);
going(Tag, Values, #me{then = [], timeout = Ms} = Me) ->
    list_to_tuple([Tag | Values] ++ [rest(Me), Ms]);
going(Tag, Values, #me{then = Then} = Me) ->
    list_to_tuple([Tag | Values] ++ [rest(Me), {continue, Then}]).

%% Nothing of this message is left for the next.
rest(Me) ->
    Me#me{from = none, reply = none, parks = false, stop = none, timeout = none, then = []}.

%% ===== Trees =====

start_tree(Def, W) ->
    #{kind := Kind} = def(Def, W),
    supervisor:start_link(?MODULE, {Kind, Def, W}).

start_dynamic(W, Def) -> start_server(start_link, Def, W).

child_spec(Def, W) ->
    Options = def(Def, W),
    {Start, Type, Shutdown} = case Options of
        #{kind := server} -> {{?MODULE, start_server, [start_link, Def, W]}, worker, 5000};
        _ -> {{?MODULE, start_tree, [Def, W]}, supervisor, infinity}
    end,
    Significant = maps:is_key(significant, Options),
    (common(Options, Shutdown, W))#{
        id => Def, start => Start, type => Type, significant => Significant}.

common(Options, Default, W) ->
    Shutdown = case maps:get(shutdown, Options, Default) of
        "brutal" -> brutal_kill;
        "infinity" -> infinity;
        Text when is_list(Text) -> ms(Text, W);
        Value -> Value
    end,
    #{restart => list_to_atom(maps:get(restart, Options, "permanent")), shutdown => Shutdown}.

%% ===== Actions =====

acts([], Me) -> Me;
acts([Action | Rest], Me) ->
    case act(string:split(Action, ":"), Me) of
        #me{stop = none} = Next -> acts(Rest, Next);
        Stopping -> Stopping
    end.

act([Verb, Rest], Me) -> act(Verb, Rest, Me);
act([Verb], Me) -> act(Verb, "", Me).

act("note", Text, Me) -> told(Me, ["note ", Text]);
act("die", Reason, _) -> exit(to_reason(Reason));
act("panic", Text, _) -> error(list_to_atom(Text));
act("sleep", Ms, Me) -> timer:sleep(ms(Ms, Me#me.world)), Me;
act("never", _, _) -> timer:sleep(infinity);
act("trap", On, Me) ->
    Was = process_flag(trap_exit, On =:= "on"),
    told(Me, ["trap was ", atom_to_list(Was)]);
act("link", Name, Me) ->
    Result = try link(target(Name, Me)) of true -> "ok" catch error:noproc -> "noproc" end,
    told(Me, ["link ", Name, " -> ", Result]);
act("unlink", Name, Me) -> unlink(target(Name, Me)), Me;
act("monitor", Name, Me) ->
    Pid = target(Name, Me),
    Ref = monitor(process, Pid),
    Me#me{refs = (Me#me.refs)#{Ref => name_of(Pid, Me#me.world), {last, Name} => Ref}};
act("demonitor", Name, Me) ->
    Was = case maps:find({last, Name}, Me#me.refs) of
        {ok, Ref} -> demonitor(Ref, [info]);
        error -> false
    end,
    told(Me, ["demonitor ", Name, " -> ", atom_to_list(Was)]);
act("exit", Rest, Me) ->
    {Name, Reason} = two(Rest),
    exit(target(Name, Me), to_reason(Reason)),
    Me;
act("send", Rest, Me) ->
    {Name, Actions} = two(Rest),
    target(Name, Me) ! {do, nested(Actions)},
    Me;
act("cast", Rest, Me) ->
    {Name, Actions} = two(Rest),
    ok = gen_server:cast(target(Name, Me), {do, nested(Actions)}),
    Me;
act("call", Rest, Me) -> called(Rest, 5000, Me);
act("call_within", Rest, Me) ->
    {Ms, More} = two(Rest),
    called(More, ms(Ms, Me#me.world), Me);
act("alive", Name, Me) ->
    told(Me, ["alive ", Name, " -> ", atom_to_list(is_process_alive(target(Name, Me)))]);
act("whereis", _, Me) ->
    Found = case whereis(named(Me#me.world)) of
        undefined -> "nobody";
        Pid -> name_of(Pid, Me#me.world)
    end,
    told(Me, ["whereis -> ", Found]);
act("register", Name, Me) ->
    Result = try register(named(Me#me.world), target(Name, Me)) of true -> "ok"
             catch error:badarg -> "error" end,
    told(Me, ["register ", Name, " -> ", Result]);
act("unregister", _, Me) ->
    Result = try unregister(named(Me#me.world)) of true -> "ok" catch error:badarg -> "error" end,
    told(Me, ["unregister -> ", Result]);
act("spawn", Name, Me) -> spawned(fun erlang:spawn/1, Name, Me);
act("spawn_link", Name, Me) -> spawned(fun erlang:spawn_link/1, Name, Me);
act("timer", Rest, Me) ->
    {Timer, More} = two(Rest),
    {Ms, Send} = two(More),
    {Name, Actions} = two(Send),
    Message = {do, nested(Actions)},
    Ref = erlang:send_after(ms(Ms, Me#me.world), target(Name, Me), Message),
    Me#me{timers = (Me#me.timers)#{Timer => Ref}};
act("cancel", Timer, Me) ->
    Result = case erlang:cancel_timer(maps:get(Timer, Me#me.timers, make_ref())) of
        false -> "gone";
        _ -> "cancelled"
    end,
    told(Me, ["cancel ", Timer, " -> ", Result]);
act("start", Name, Me) -> started("start", Name, start, infinity, Me);
act("start_link", Name, Me) -> started("start_link", Name, start_link, infinity, Me);
act("start_within", Rest, Me) ->
    {Ms, Name} = two(Rest),
    started("start_link", Name, start_link, ms(Ms, Me#me.world), Me);
act("gen_stop", Rest, Me) -> stopped(Rest, infinity, Me);
act("stop_within", Rest, Me) ->
    {Ms, More} = two(Rest),
    stopped(More, ms(Ms, Me#me.world), Me);
%% In a server.
act("ignore", _, Me) -> Me#me{stop = ignore};
act("stop", Reason, Me) -> Me#me{stop = {stop, to_reason(Reason)}};
act("reply", Value, Me) -> Me#me{reply = Value};
act("reply_now", Value, Me) -> gen_server:reply(Me#me.from, Value), Me#me{parks = true};
act("park", _, Me) -> Me#me{parks = true, parked = Me#me.parked ++ [Me#me.from]};
act("answer", Value, #me{parked = [From | Rest]} = Me) ->
    gen_server:reply(From, Value),
    Me#me{parked = Rest};
act("timeout", Ms, Me) -> Me#me{timeout = ms(Ms, Me#me.world)};
act("continue", Actions, Me) -> Me#me{then = string:split(Actions, ">", all)};
%% About a supervisor.
act("which", Name, Me) ->
    told(Me, ["which ", Name, " -> ", answered(fun() -> which(Name, Me) end)]);
act("count", Name, Me) ->
    told(Me, ["count ", Name, " -> ", answered(fun() -> count(Name, Me) end)]);
act("start_child", Rest, Me) ->
    {Sup, Child} = two(Rest),
    W = Me#me.world,
    What = case def(Sup, W) of
        #{kind := dyn} -> [Child];
        _ -> child_spec(Child, W)
    end,
    asked("start_child", Rest, fun() -> supervisor:start_child(target(Sup, Me), What) end, Me);
act("terminate_child", Rest, Me) ->
    {Sup, Child} = two(Rest),
    Which = case def(Sup, Me#me.world) of
        #{kind := dyn} -> target(Child, Me);
        _ -> Child
    end,
    Ask = fun() -> supervisor:terminate_child(target(Sup, Me), Which) end,
    asked("terminate_child", Rest, Ask, Me);
act("restart_child", Rest, Me) ->
    {Sup, Child} = two(Rest),
    asked("restart_child", Rest, fun() -> supervisor:restart_child(target(Sup, Me), Child) end, Me);
act("delete_child", Rest, Me) ->
    {Sup, Child} = two(Rest),
    asked("delete_child", Rest, fun() -> supervisor:delete_child(target(Sup, Me), Child) end, Me).

told(Me, What) -> note(Me, What), Me.

two(Text) ->
    [First, Rest] = string:split(Text, ":"),
    {First, Rest}.

nested(Actions) -> string:lexemes(Actions, "+").

target("me", _) -> self();
target(Name, Me) ->
    case pid_of(Name, Me#me.world) of
        none -> dead();
        Pid -> Pid
    end.

%% Somebody who was never there.
dead() ->
    {Pid, Ref} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Ref, process, Pid, _} -> Pid end.

spawned(Spawn, Name, Me) ->
    spawn_proc(Spawn, Name, Me#me.world),
    Me.

called(Rest, Limit, Me) ->
    {Name, Actions} = two(Rest),
    Answer = try gen_server:call(target(Name, Me), {do, nested(Actions)}, Limit)
    catch
        exit:{noproc, _} -> "noproc";
        exit:{timeout, _} -> "timeout";
        exit:{calling_self, _} -> "calling_self";
        exit:{Reason, {gen_server, call, _}} -> ["exit ", reason(Reason)]
    end,
    told(Me, ["call ", Name, " -> ", Answer]).

started(Verb, Name, How, Limit, Me) ->
    W = Me#me.world,
    Result = case def(Name, W) of
        #{kind := server} -> start_server(How, Name, W, Limit);
        _ -> start_tree(Name, W)
    end,
    told(Me, [Verb, " ", Name, " -> ", result(Result, W)]).

stopped(Rest, Limit, Me) ->
    {Name, Reason} = two(Rest),
    Result = try gen_server:stop(target(Name, Me), to_reason(Reason), Limit) of ok -> "ok"
    catch
        exit:noproc -> "noproc";
        exit:timeout -> "timeout";
        exit:calling_self -> "calling_self";
        exit:{calling_self, _} -> "calling_self";
        exit:Other -> ["exit ", reason(Other)]
    end,
    told(Me, ["gen_stop ", Name, " -> ", Result]).

asked(Verb, Rest, Ask, Me) ->
    Result = answered(fun() -> result(Ask(), Me#me.world) end),
    told(Me, [Verb, " ", Rest, " -> ", Result]).

answered(Ask) ->
    try Ask()
    catch
        exit:{noproc, _} -> "noproc";
        exit:{Reason, {gen_server, call, _}} -> ["exit ", reason(Reason)]
    end.

which(Name, Me) ->
    W = Me#me.world,
    All = supervisor:which_children(target(Name, Me)),
    Children = [[id(Id), "=", name_of(Pid, W)] || {Id, Pid, _, _} <- All],
    %% Those of a simple_one_for_one come in no order.
    lists:join(" ", case is_dynamic(Name, W) of true -> lists:sort(Children); _ -> Children end).

count(Name, Me) ->
    Counts = supervisor:count_children(target(Name, Me)),
    %% The specs of a simple_one_for_one are its template: nothing that others have.
    Specs = case is_dynamic(Name, Me#me.world) of true -> []; false -> [specs] end,
    Keys = Specs ++ [active, supervisors, workers],
    lists:join("/", [integer_to_list(proplists:get_value(Key, Counts)) || Key <- Keys]).

is_dynamic(Name, W) -> maps:get(kind, def(Name, W)) =:= dyn.

result(ok, _) -> "ok";
result(ignore, _) -> "ignore";
result({ok, undefined}, _) -> "ignore";
result({ok, Pid}, W) -> ["ok ", name_of(Pid, W)];
result({error, {already_started, Pid}}, W) -> ["already_started ", name_of(Pid, W)];
result({error, Word}, _) when Word =:= already_present; Word =:= not_found; Word =:= running;
    Word =:= restarting; Word =:= timeout -> atom_to_list(Word);
result({error, {Reason, Child}}, W) when element(1, Child) =:= child -> result({error, Reason}, W);
result({error, {shutdown, {failed_to_start_child, _, _}} = Reason}, _) -> reason(Reason);
result({error, {Refused, _} = Reason}, _) when Refused =:= start_spec;
    Refused =:= supervisor_data; Refused =:= bad_combination -> reason(Reason);
result({error, Reason}, _) -> ["error ", reason(Reason)].
