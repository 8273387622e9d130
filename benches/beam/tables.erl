%% The tables of the BEAM beside cordial's: the rows of benches/src/bin/tables.rs, in Erlang.
-module(tables).
-export([main/1]).

rows() -> 10000.

main([Times]) ->
    N = list_to_integer(Times),
    kind("ETS set", [set, public, {read_concurrency, true}], N),
    Ordered = kind("ETS ordered_set", [ordered_set, public, {read_concurrency, true}], N),
    tell("ETS ordered_set", "range of 100", measured(1, N div 20, fun(K) ->
        length(range(Ordered, K - 1, K + 100))
    end)),
    halt(0).

kind(Name, Options, N) ->
    T = ets:new(t, Options),
    [ets:insert(T, {K, K}) || K <- lists:seq(0, rows() - 1)],
    Read = fun(K) -> ets:lookup(T, K) end,
    Write = fun(K) -> ets:insert(T, {K, K}) end,
    tell(Name, "read, 1 thread", measured(1, N, Read)),
    tell(Name, "read, 2 threads", measured(2, N, Read)),
    Writer = spawn(fun() -> forever(Write, 7) end),
    tell(Name, "read beside a writer", measured(1, N, Read)),
    exit(Writer, kill),
    tell(Name, "write, 1 thread", measured(1, N, Write)),
    tell(Name, "write, 2 threads", measured(2, N, Write)),
    tell(Name, "count, 1 thread",
         measured(1, N, fun(K) -> ets:update_counter(T, K, {2, 1}, {K, 0}) end)),
    T.

%% A selection by a guard would look at all rows.
range(T, Key, End) ->
    case ets:next(T, Key) of
        Next when is_integer(Next), Next < End -> [ets:lookup(T, Next) | range(T, Next, End)];
        _ -> []
    end.

tell(Peer, Row, Nanos) -> io:format("~s\t~s\t~.1f~n", [Peer, Row, Nanos]).

measured(Processes, Times, Work) ->
    Me = self(),
    Begin = erlang:monotonic_time(nanosecond),
    Pids = [spawn(fun() -> times(Work, 16#9E3779B9 + P, Times), Me ! {done, self()} end)
            || P <- lists:seq(1, Processes)],
    [receive {done, Pid} -> ok end || Pid <- Pids],
    (erlang:monotonic_time(nanosecond) - Begin) / Times.

times(_, _, 0) -> ok;
times(Work, Seed, N) ->
    Next = next(Seed),
    Work(Next rem rows()),
    times(Work, Next, N - 1).

forever(Work, Seed) ->
    Next = next(Seed),
    Work(Next rem rows()),
    forever(Work, Next).

%% 27 bits: numbers that are no heap objects.
next(Seed) -> (Seed * 1103515 + 12345) band 16#7FFFFFF.
