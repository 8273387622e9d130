%% The BEAM beside cordial: the workloads of benches/src/workloads, in Erlang.
%%
%% `beam` is gen_server, with children of OTP's supervisor, and Elixir's tasks, agents and registry
%% where that is installed; `beam-raw` is spawn and receive, which have neither supervisors nor
%% limits on a call. Messages between processes are copied, as they are
%% there; reports are turned off, as they are for the others.
-module(bench).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2, handle_info/2, loop/3, start_child/1]).

%% main([Peer, Workload, Workers, Bytes, Operations, Share, Processes]): one line, as the program
%% in Rust prints it. Operations 0 is the workload's own number.
main([Peer, Workload, Workers, Bytes, Operations, Share, Processes]) ->
    logger:set_primary_config(level, none),
    Job = #{words => list_to_integer(Bytes) div 8, operations => list_to_integer(Operations),
            share => share(Share), processes => list_to_integer(Processes)},
    Me = self(),
    %% A process of its own, with a heap like any other.
    spawn(fun() -> Me ! {told, told(list_to_atom(Peer), Workload, Job)} end),
    Told = receive {told, Line} -> Line end,
    io:format("~s\t~s\t~s\t~s\t~s~n", [Peer, Workload, Workers, Bytes, Told]),
    erlang:halt(0).

share(Text) ->
    case string:to_float(Text) of
        {error, no_float} -> list_to_integer(Text) * 1.0;
        {Share, _} -> Share
    end.

told(Peer, Workload, Job) ->
    put(words, maps:get(words, Job)),
    case {Job, Workload} of
        {#{operations := 0}, "memory" ++ _} -> ok;
        {#{operations := 0}, _} -> warm_up(Peer, Job, erlang:monotonic_time(millisecond) + 100);
        _ -> ok
    end,
    case run(Peer, Workload, Job) of
        na -> "-\tn/a";
        {Value, Unit} -> io_lib:format("~.1f\t~s", [Value * 1.0, Unit])
    end.

%% As long as the others: the first operations cost more than all that follow.
warm_up(Peer, Job, End) ->
    [run(Peer, Workload, Job#{share := 0.02}) || Workload <- ["call", "spawn", "cast"]],
    case erlang:monotonic_time(millisecond) < End of
        true -> warm_up(Peer, Job, End);
        false -> ok
    end.

times(#{operations := 0, share := Share}, Own) -> max(1, trunc(Own * Share));
times(#{operations := Operations}, _) -> Operations.

%% ===== The actor: a sum, who comes next, whom to tell =====

init(_) -> {ok, {0, none, none}}.

handle_call({total, V}, _, S = {Sum, _, _}) -> {reply, Sum + number(V), S};
handle_call({meet, Next, End}, _, {Sum, _, _}) -> {reply, ok, {Sum, Next, End}};
handle_call({timers, Times}, _, S) -> {reply, timers(Times), S}.

handle_cast({add, V}, {Sum, Next, End}) -> {noreply, {add(Sum, V), Next, End}};
handle_cast({pass, 0}, S = {_, _, End}) -> End ! hit, {noreply, S};
handle_cast({pass, Hops}, S = {_, Next, _}) ->
    gen_server:cast(Next, {pass, Hops - 1}), {noreply, S};
handle_cast({report, End}, S) -> End ! hit, {noreply, S};
handle_cast({drive, To, Times, End}, S) -> calls(beam, To, Times), End ! hit, {noreply, S};
handle_cast(crash, _) -> erlang:error(as_asked).

handle_info(_, S) -> {noreply, S}.

loop(Sum, Next, End) ->
    receive
        {add, V} -> loop(add(Sum, V), Next, End);
        {total, From, Ref, V} -> From ! {Ref, Sum + number(V)}, loop(Sum, Next, End);
        {meet, Next2, End2, From, Ref} -> From ! {Ref, ok}, loop(Sum, Next2, End2);
        {timers, Times, From, Ref} -> From ! {Ref, timers(Times)}, loop(Sum, Next, End);
        {pass, 0} -> End ! hit, loop(Sum, Next, End);
        {pass, Hops} -> Next ! {pass, Hops - 1}, loop(Sum, Next, End);
        {report, To} -> To ! hit, loop(Sum, Next, End);
        {drive, To, Times, To2} -> calls('beam-raw', To, Times), To2 ! hit, loop(Sum, Next, End);
        {stop, From, Ref} -> From ! {Ref, ok}
    end.

%% As small as a word of the others: no bignums.
add(Sum, V) -> (Sum + number(V)) band 16#7ffffffffffff.
number(V) when is_integer(V) -> V;
number(V) -> element(1, V).
payload(Number) ->
    case get(words) of
        Words when is_integer(Words), Words > 1 -> erlang:make_tuple(Words, Number);
        _ -> Number
    end.

%% ===== What the peers do, each in its way =====

start(beam) -> {ok, Pid} = gen_server:start(?MODULE, [], []), Pid;
start('beam-raw') -> spawn(?MODULE, loop, [0, none, none]).

cast(beam, To, Message) -> gen_server:cast(To, Message);
cast('beam-raw', To, Message) -> To ! Message.

call(beam, To, V) -> gen_server:call(To, {total, V});
call('beam-raw', To, V) -> ask(To, fun(Ref) -> {total, self(), Ref, V} end).

meet(beam, To, Next, End) -> gen_server:call(To, {meet, Next, End});
meet('beam-raw', To, Next, End) -> ask(To, fun(Ref) -> {meet, Next, End, self(), Ref} end).

stop(beam, Pid) -> gen_server:stop(Pid);
stop('beam-raw', Pid) ->
    Ref = erlang:monitor(process, Pid),
    Pid ! {stop, self(), Ref},
    receive {Ref, ok} -> ok end,
    receive {'DOWN', Ref, _, _, _} -> ok end.

ask(To, Message) ->
    Ref = make_ref(),
    To ! Message(Ref),
    receive {Ref, Answer} -> Answer end.

calls(_, _, 0) -> ok;
calls(Peer, To, Times) -> call(Peer, To, payload(Times)), calls(Peer, To, Times - 1).

%% ===== The workloads =====

run(Peer, "cast", Job) ->
    Times = times(Job, 5000000), Pid = used(Peer),
    rate(Times, fun() -> produce(Peer, Pid, Times, self()), hits(1) end);
run(Peer, "cast-yield", Job) ->
    Times = times(Job, 5000000), Pid = used(Peer),
    rate(Times, fun() -> paced(Peer, Pid, Times), cast(Peer, Pid, {report, self()}), hits(1) end);
run(Peer, "mpsc8", Job) ->
    Times = times(Job, 400000), Pid = used(Peer), Me = self(),
    rate(8 * Times, fun() ->
        each(8, fun(_) -> together(fun() -> produce(Peer, Pid, Times, Me) end) end), hits(8) end);
run(Peer, "ring", Job) ->
    Hops = times(Job, 1000000), Ring = [used(Peer) || _ <- lists:seq(1, 1000)],
    Nexts = tl(Ring) ++ [hd(Ring)],
    [meet(Peer, Pid, Next, self()) || {Pid, Next} <- lists:zip(Ring, Nexts)],
    rate(Hops, fun() -> cast(Peer, hd(Ring), {pass, Hops}), hits(1) end);
run(Peer, "pingpong64", Job) ->
    Hops = times(Job, 20000), Firsts = [pair(Peer) || _ <- lists:seq(1, 64)],
    rate(64 * Hops, fun() -> [cast(Peer, First, {pass, Hops}) || First <- Firsts], hits(64) end);
run(Peer, "fanout", Job) ->
    Rounds = times(Job, 100), Crowd = [used(Peer) || _ <- lists:seq(1, 10000)], Me = self(),
    rate(10000 * Rounds, fun() ->
        each(Rounds, fun(Round) -> [cast(Peer, Pid, {add, payload(Round)}) || Pid <- Crowd] end),
        [cast(Peer, Pid, {report, Me}) || Pid <- Crowd], hits(10000) end);
run(beam, "publish", Job) ->
    Rounds = times(Job, 100), Me = self(), {ok, _} = pg:start_link(),
    Crowd = [used(beam) || _ <- lists:seq(1, 10000)], ok = pg:join(news, Crowd),
    ns(Rounds, fun() ->
        each(Rounds, fun(Round) ->
            [cast(beam, Pid, {add, payload(Round)}) || Pid <- pg:get_local_members(news)] end),
        [cast(beam, Pid, {report, Me}) || Pid <- Crowd], hits(10000) end);
run(Peer, "call", Job) ->
    Times = times(Job, 500000), Pid = used(Peer), calls(Peer, Pid, 1000),
    ns(Times, fun() -> calls(Peer, Pid, Times) end);
run(beam, "call-timeout", Job) ->
    Times = times(Job, 500000), Pid = used(beam),
    ns(Times, fun() ->
        each(Times, fun(N) -> gen_server:call(Pid, {total, payload(N)}, 1000) end) end);
run(Peer, "call-process", Job) ->
    Times = times(Job, 500000), From = used(Peer), To = used(Peer), calls(Peer, To, 1000),
    ns(Times, fun() -> cast(Peer, From, {drive, To, Times, self()}), hits(1) end);
run(Peer, "call-queued", Job) -> run(Peer, "call", Job);
run(Peer, "call-queued-process", Job) -> run(Peer, "call-process", Job);
run(Peer, "call64", Job) ->
    Times = times(Job, 15000), Pid = used(Peer), Me = self(),
    rate(64 * Times, fun() ->
        each(64, fun(_) -> together(fun() -> calls(Peer, Pid, Times), Me ! hit end) end),
        hits(64) end);
run(beam, "named", Job) ->
    Times = times(Job, 300000), each(1000, fun(N) -> named(N) end),
    ns(Times, fun() ->
        each(Times, fun(N) -> gen_server:call('actor-500', {total, payload(N)}) end) end);
run(beam, "keyed", Job) ->
    Times = times(Job, 300000), elixir(fun() ->
        registry(), To = place(500),
        fun() -> each(Times, fun(N) -> gen_server:call(To, {total, payload(N)}) end) end
    end, Times);
run(beam, "register", Job) ->
    Times = times(Job, 300000), elixir(fun() ->
        registry(),
        fun() -> each(Times, fun(_) ->
            {ok, _} = 'Elixir.Registry':register(places, <<"mine">>, nil),
            ok = 'Elixir.Registry':unregister(places, <<"mine">>) end) end
    end, Times);
run('beam-raw', "register", Job) ->
    Times = times(Job, 300000),
    ns(Times, fun() -> each(Times, fun(_) -> register(mine, self()), unregister(mine) end) end);
run(beam, "task", Job) ->
    Times = times(Job, 200000), elixir(fun() ->
        fun() -> each(Times, fun(N) ->
            'Elixir.Task':await('Elixir.Task':async(fun() -> N end)) end) end
    end, Times);
run('beam-raw', "task", Job) ->
    Times = times(Job, 200000),
    ns(Times, fun() -> each(Times, fun(N) ->
        {_, Ref} = spawn_monitor(fun() -> exit({done, N}) end),
        receive {'DOWN', Ref, _, _, {done, _}} -> ok end end) end);
run(beam, "task-stream", Job) ->
    Times = times(Job, 200000), elixir(fun() ->
        fun() -> 'Elixir.Stream':run('Elixir.Task':async_stream(lists:seq(1, Times),
            fun(N) -> erlang:yield(), N end, [{max_concurrency, 64}])) end
    end, Times);
run(beam, "agent-get", Job) ->
    Times = times(Job, 300000), elixir(fun() ->
        {ok, Agent} = 'Elixir.Agent':start(fun() -> 0 end),
        fun() -> each(Times, fun(_) -> 'Elixir.Agent':get(Agent, fun(V) -> V end) end) end
    end, Times);
run(beam, "agent-update", Job) ->
    Times = times(Job, 300000), elixir(fun() ->
        {ok, Agent} = 'Elixir.Agent':start(fun() -> 0 end),
        fun() -> each(Times, fun(N) ->
            'Elixir.Agent':update(Agent, fun(V) -> add(V, N) end) end) end
    end, Times);
run(Peer, "spawn", Job) ->
    Times = times(Job, 100000),
    rate(Times, fun() -> each(Times, fun(_) -> stop(Peer, start(Peer)) end) end);
run(beam, "spawn-supervised", Job) ->
    Times = times(Job, 50000), {ok, Sup} = bench_sup:start(simple_one_for_one, temporary),
    ns(Times, fun() -> each(Times, fun(_) ->
        {ok, Pid} = supervisor:start_child(Sup, [[]]),
        ok = supervisor:terminate_child(Sup, Pid) end) end);
run(beam, "dynamic", Job) ->
    Children = times(Job, 100000), {ok, Sup} = bench_sup:start(simple_one_for_one, permanent),
    ns(Children, fun() ->
        each(Children, fun(_) -> {ok, _} = supervisor:start_child(Sup, [[]]) end) end);
run(beam, "crash", Job) ->
    Times = times(Job, 10000), {ok, _} = bench_sup:start(one_for_one, permanent),
    ns(Times, fun() -> each(Times, fun crash/1) end);
run(Peer, "timer", Job) ->
    Times = times(Job, 200000), Pid = used(Peer),
    {case Peer of
        beam -> gen_server:call(Pid, {timers, Times}, infinity);
        'beam-raw' -> ask(Pid, fun(Ref) -> {timers, Times, self(), Ref} end)
    end / Times, "ns"};
run(Peer, "monitor", Job) ->
    Times = times(Job, 500000), Pid = used(Peer),
    ns(Times, fun() ->
        each(Times, fun(_) -> erlang:demonitor(erlang:monitor(process, Pid), [flush]) end) end);
run('beam-raw', "selective", Job) ->
    Times = times(Job, 200000), Me = self(),
    Pid = spawn(fun() -> each(Times, fun(_) -> receive {wanted, _} -> ok end end), Me ! hit end),
    each(100, fun(_) -> Pid ! unwanted end),
    ns(Times, fun() -> each(Times, fun(N) -> Pid ! {wanted, N} end), hits(1) end);
run(Peer, "memory-idle", Job) ->
    held(times(Job, 200000), fun(_) -> start(Peer) end);
run(Peer, "memory-used", Job) ->
    held(times(Job, 200000), fun(_) -> used(Peer) end);
run(Peer, "memory-queued", Job) ->
    {Times, Empty, Full, _} = burst(Peer, Job), {(Full - Empty) / Times, "B"};
run(Peer, "memory-returned", Job) ->
    {_, Empty, Full, Drained} = burst(Peer, Job), {100 * (Full - Drained) / (Full - Empty), "%"};
run(Peer, "scale-cast", Job = #{processes := Processes}) ->
    Times = max(times(Job, 2000000), Processes), Rounds = Times div Processes,
    All = [used(Peer) || _ <- lists:seq(1, Processes)], Me = self(),
    ns(Rounds * Processes, fun() ->
        each(Rounds, fun(Round) -> [cast(Peer, Pid, {add, payload(Round)}) || Pid <- All] end),
        [cast(Peer, Pid, {report, Me}) || Pid <- All], hits(Processes) end);
run(Peer, "scale-spawn", Job = #{processes := Processes}) ->
    Rounds = max(1, times(Job, 200000) div Processes),
    Took = lists:sum([begin
        {Ns, All} = timed(fun() -> [start(Peer) || _ <- lists:seq(1, Processes)] end),
        [stop(Peer, Pid) || Pid <- All], Ns
    end || _ <- lists:seq(1, Rounds)]),
    {Took / (Rounds * Processes), "ns"};
run(_, _, _) -> na.

%% An actor that has answered once.
used(Peer) -> Pid = start(Peer), call(Peer, Pid, payload(1)), Pid.

produce(Peer, Pid, Times, End) ->
    each(Times, fun(N) -> cast(Peer, Pid, {add, payload(N)}) end),
    cast(Peer, Pid, {report, End}).

paced(_, _, 0) -> ok;
paced(Peer, Pid, N) when N rem 256 =:= 0 ->
    cast(Peer, Pid, {add, payload(N)}), erlang:yield(), paced(Peer, Pid, N - 1);
paced(Peer, Pid, N) -> cast(Peer, Pid, {add, payload(N)}), paced(Peer, Pid, N - 1).

pair(Peer) ->
    First = used(Peer), Second = used(Peer),
    meet(Peer, First, Second, self()), meet(Peer, Second, First, self()), First.

named(N) ->
    Name = list_to_atom("actor-" ++ integer_to_list(N)),
    {ok, _} = gen_server:start({local, Name}, ?MODULE, [], []).

%% Where Elixir is installed: `Prepare` gives what is measured.
elixir(Prepare, Times) ->
    case application:ensure_all_started(elixir) of
        {ok, _} -> ns(Times, Prepare());
        _ -> na
    end.

%% Elixir's, with a thousand servers in it.
registry() ->
    {ok, _} = 'Elixir.Registry':start_link([{keys, unique}, {name, places}]),
    each(1000, fun(N) -> {ok, _} = gen_server:start(place(N), ?MODULE, [], []) end).

place(N) -> {via, 'Elixir.Registry', {places, <<"actor-", (integer_to_binary(N))/binary>>}}.

start_child(_) -> gen_server:start_link({local, crasher}, ?MODULE, [], []).

crash(_) ->
    Ref = erlang:monitor(process, crasher), gen_server:cast(crasher, crash),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    until_answered().

until_answered() ->
    try gen_server:call(crasher, {total, 1}) catch _:_ -> erlang:yield(), until_answered() end.

timers(Times) ->
    {Ns, _} = timed(fun() -> each(Times, fun(N) ->
        erlang:cancel_timer(erlang:send_after(3600000, self(), N)) end) end),
    Ns.

%% The receiver waits in a suspended state until all of them stand in line.
burst(Peer, Job) ->
    Times = times(Job, 4000000), Pid = used(Peer),
    erlang:suspend_process(Pid), erlang:garbage_collect(), Empty = resident(),
    each(Times, fun(N) -> cast(Peer, Pid, {add, payload(N)}) end), Full = resident(),
    cast(Peer, Pid, {report, self()}), erlang:resume_process(Pid), hits(1),
    timer:sleep(300), {Times, Empty, Full, resident()}.

held(Times, Make) ->
    erlang:garbage_collect(), Before = resident(),
    All = [Make(N) || N <- lists:seq(1, Times)], timer:sleep(300),
    Bytes = resident() - Before, put(all, All), {Bytes / Times, "B"}.

%% ===== Counting =====

%% A task of the others: a process that knows the size of a payload.
together(Work) -> Words = get(words), spawn(fun() -> put(words, Words), Work() end).

each(0, _) -> ok;
each(N, Do) -> Do(N), each(N - 1, Do).

hits(0) -> ok;
hits(N) -> receive hit -> hits(N - 1) end.

timed(Work) ->
    Start = erlang:monotonic_time(nanosecond), Answer = Work(),
    {erlang:monotonic_time(nanosecond) - Start, Answer}.
rate(Times, Work) -> {Ns, _} = timed(Work), {Times * 1.0e9 / Ns, "ops/s"}.
ns(Times, Work) -> {Ns, _} = timed(Work), {Ns / Times, "ns"}.

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = string:lexemes(Text, " "), binary_to_integer(Pages) * 4096.
