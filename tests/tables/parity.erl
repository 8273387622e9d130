%% Runs the table scenarios on Erlang/OTP: one answer for each line that asks something.
-module(parity).
-export([main/1]).

main([In, Out]) ->
    {ok, Text} = file:read_file(In),
    Lines = string:split(binary_to_list(Text), "\n", all),
    {_, Answers} = lists:foldl(fun line/2, {none, []}, Lines),
    ok = file:write_file(Out, lists:join("\n", lists:reverse(Answers))),
    halt(0).

line(Line, {State, Answers}) ->
    case string:lexemes(Line, " ") of
        [] -> {State, Answers};
        ["rules" | _] -> {State, Answers};
        ["=="  | _] -> {State, [Line | Answers]};
        ["table", Kind] -> {begin_table(Kind, none), Answers};
        ["table", Kind, "heir"] -> {begin_table(Kind, heir), Answers};
        ["die"] -> {die(State), Answers};
        [Op | Args] ->
            Answer = try op(Op, State, [list_to_integer(A) || A <- Args])
                     catch error:badarg -> error end,
            {State, [text(Answer) | Answers]}
    end.

%% Strings are no texts here.
text(List) when is_list(List) ->
    ["[", lists:join(",", [text(One) || One <- List]), "]"];
text({K, V}) -> io_lib:format("{~w,~w}", [K, V]);
text(Term) -> io_lib:format("~w", [Term]).

begin_table(Kind, Heir) ->
    Me = self(),
    Options = case Heir of heir -> [{heir, Me, data}]; none -> [] end,
    Owner = spawn(fun() ->
        Tab = ets:new(t, [list_to_atom(Kind), public | Options]),
        Me ! {table, Tab},
        receive die -> ok end
    end),
    receive {table, Tab} -> {list_to_atom(Kind), Tab, Owner} end.

die({Kind, Tab, Owner}) ->
    Ref = monitor(process, Owner),
    Owner ! die,
    receive {'DOWN', Ref, _, _, _} -> ok end,
    {Kind, Tab, none}.

rows([K, V | Rest]) -> [{K, V} | rows(Rest)];
rows([]) -> [].

%% A bag keeps the order of the rows of one key; between keys there is none.
sorted(Rows) -> lists:keysort(1, Rows).

op("insert", {_, T, _}, Args) -> ets:insert(T, rows(Args)), ok;
op("insert_new", {_, T, _}, Args) -> ets:insert_new(T, rows(Args));
op("lookup", {_, T, _}, [K]) -> [V || {_, V} <- ets:lookup(T, K)];
op("member", {_, T, _}, [K]) -> ets:member(T, K);
op("element", {_, T, _}, [K]) -> ets:lookup_element(T, K, 2);
op("take", {_, T, _}, [K]) -> [V || {_, V} <- ets:take(T, K)];
op("delete", {_, T, _}, [K]) -> ets:delete(T, K), ok;
op("delete_object", {_, T, _}, [K, V]) -> ets:delete_object(T, {K, V}), ok;
op("delete_all", {_, T, _}, []) -> ets:delete_all_objects(T), ok;
op("counter", {_, T, _}, [K, By]) -> ets:update_counter(T, K, {2, By});
op("counter_or", {_, T, _}, [K, By, Default]) -> ets:update_counter(T, K, {2, By}, {K, Default});
op("counter_wrap", {_, T, _}, [K, By, Threshold, Start]) ->
    ets:update_counter(T, K, {2, By, Threshold, Start});
op("counters", {_, T, _}, [K | Bys]) -> ets:update_counter(T, K, [{2, By} || By <- Bys]);
op("update", {_, T, _}, [K, V]) -> ets:update_element(T, K, {2, V});
op("first", {ordered_set, T, _}, []) -> key(ets:first(T));
op("last", {ordered_set, T, _}, []) -> key(ets:last(T));
op("next", {ordered_set, T, _}, [K]) -> key(ets:next(T, K));
op("prev", {ordered_set, T, _}, [K]) -> key(ets:prev(T, K));
op("all", {_, T, _}, []) -> sorted(ets:tab2list(T));
op("fold", {_, T, _}, []) -> ets:foldl(fun({_, V}, Sum) -> Sum + V end, 0, T);
op("above", {_, T, _}, [V]) ->
    lists:sort(ets:select(T, [{{'$1', '$2'}, [{'>', '$2', V}], ['$1']}]));
op("count_above", {_, T, _}, [V]) -> ets:select_count(T, [{{'_', '$2'}, [{'>', '$2', V}], [true]}]);
op("delete_above", {_, T, _}, [V]) ->
    ets:select_delete(T, [{{'_', '$2'}, [{'>', '$2', V}], [true]}]);
op("replace_above", {_, T, _}, [V, New]) ->
    ets:select_replace(T, [{{'$1', '$2'}, [{'>', '$2', V}], [{{'$1', New}}]}]);
op("reverse", {ordered_set, T, _}, []) -> ets:select_reverse(T, [{{'$1', '_'}, [], ['$1']}]);
op("chunks", {ordered_set, T, _}, [N]) -> chunks(ets:select(T, [{{'$1', '_'}, [], ['$1']}], N));
op("size", {_, T, _}, []) -> number(ets:info(T, size));
op("owned", {_, T, _}, []) -> ets:info(T, owner) =/= undefined;
op("type", {_, T, _}, []) -> ets:info(T, type).

key('$end_of_table') -> none;
key(Key) -> Key.

number(undefined) -> error(badarg);
number(Number) -> Number.

chunks('$end_of_table') -> [];
chunks({Keys, More}) -> [Keys | chunks(ets:select(More))].
