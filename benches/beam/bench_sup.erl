%% The supervisor of bench.erl: one child that crashes, or children on demand.
-module(bench_sup).
-behaviour(supervisor).
-export([start/2, init/1, start_child/1]).

start(Strategy, Restart) -> supervisor:start_link(?MODULE, {Strategy, Restart}).

init({one_for_one, Restart}) ->
    Child = #{id => crasher, start => {bench, start_child, [[]]}, restart => Restart},
    {ok, {#{strategy => one_for_one, intensity => 1000000000, period => 1}, [Child]}};
init({simple_one_for_one, Restart}) ->
    Child = #{id => member, start => {?MODULE, start_child, []}, restart => Restart},
    {ok, {#{strategy => simple_one_for_one}, [Child]}}.

start_child(Args) -> gen_server:start_link(bench, Args, []).
