# Runs the scenarios of the services on Elixir: one answer for each line that asks something.
defmodule Parity do
  def main([from, to]) do
    :logger.set_primary_config(:level, :none)
    Process.flag(:trap_exit, true)
    Process.register(self(), :listener)
    :ets.new(:pids, [:named_table, :public])
    answers = from |> File.read!() |> String.split("\n") |> Enum.flat_map(&line/1)
    File.write!(to, Enum.map(answers, &[&1, "\n"]))
  end

  defp line("== " <> _ = line) do
    clear()
    [line]
  end

  defp line(line) do
    case String.split(line) do
      [] -> []
      ["rules" | _] -> []
      words -> words |> op() |> List.wrap()
    end
  end

  # ===== What every area shares =====

  defp clear do
    for {_, pid} when is_pid(pid) <- :ets.tab2list(:pids), do: kill(pid)
    for name <- [Names, Tasks], Process.whereis(name), do: Supervisor.stop(name)
    for name <- [:keeper, :here, :there], pid = Process.whereis(name), do: kill(pid)
    :ets.delete_all_objects(:pids)
    flush()
  end

  defp flush do
    receive do
      _ -> flush()
    after
      0 -> :ok
    end
  end

  defp kill(pid) do
    ref = Process.monitor(pid)
    Process.exit(pid, :kill)
    down(ref)
  end

  defp down(ref) do
    receive do
      {:DOWN, ^ref, _, _, reason} -> reason
    after
      5000 -> exit("nobody ended")
    end
  end

  def pid(name), do: :ets.lookup_element(:pids, name, 2)
  def known(name, pid), do: :ets.insert(:pids, {name, pid})

  defp name_of(pid) do
    [name] = for {name, ^pid} <- :ets.tab2list(:pids), do: name
    name
  end

  def number(text), do: String.to_integer(text)
  def list(texts), do: "[#{Enum.join(texts, ",")}]"

  def reason({%{__exception__: true}, _}), do: "crash"
  def reason({:shutdown, _}), do: "shutdown"
  def reason(reason) when is_atom(reason), do: Atom.to_string(reason)

  defp eventually(times \\ 200, is_so) do
    cond do
      is_so.() -> :ok
      times == 0 -> :never
      true -> Process.sleep(10) && eventually(times - 1, is_so)
    end
  end

  # A process that does what it is told.
  defp puppet(name) do
    case :ets.lookup(:pids, name) do
      [{_, pid}] -> pid
      [] -> spawn(&obey/0) |> tap(&known(name, &1))
    end
  end

  defp obey do
    receive do
      {:run, from, ref, job} -> send(from, {ref, job.()})
    end

    obey()
  end

  defp be(name, job) do
    pid = puppet(name)
    ref = Process.monitor(pid)
    send(pid, {:run, self(), ref, job})

    receive do
      {^ref, answer} ->
        Process.demonitor(ref, [:flush])
        answer

      {:DOWN, ^ref, _, _, reason} ->
        "gone #{reason(reason)}"
    end
  end

  # ===== All areas =====

  defp op(["kill", name]) do
    pid = pid(name)
    kill(pid)
    :ets.delete(:pids, name)
    in_groups = fn -> Enum.any?([:here, :there], &(pid in all_members(&1))) end
    eventually(fn -> not in_groups.() end)
    []
  end

  defp op(["alive", name]), do: to_string(Process.alive?(pid(name)))

  defp op(["dies", "owner"]), do: owner_ends()
  defp op(["dies", name]), do: down(Process.monitor(pid(name))) && "gone"

  # ===== Registries =====

  defp op(["registry", keys | spread]) do
    partitions = if spread == [], do: 1, else: 8
    keys = if keys == "via", do: :unique, else: String.to_atom(keys)
    options = [keys: keys, name: Names, partitions: partitions, listeners: [:listener]]
    {:ok, _} = Registry.start_link(options)
    []
  end

  defp op(["end_registry"]) do
    kill(Process.whereis(Names))
    eventually(fn -> Process.whereis(Names.PIDPartition0) == nil end)
    []
  end

  defp op(["register", who, key, value]) do
    case be(who, fn -> Registry.register(Names, key, number(value)) end) do
      {:ok, _} -> "ok"
      {:error, {:already_registered, pid}} -> "taken by #{name_of(pid)}"
    end
  end

  defp op(["unregister", who, key]), do: be(who, fn -> Registry.unregister(Names, key) end) |> to_string()

  defp op(["unregister_above", who, key, bound]) do
    above = [{:>, :"$1", number(bound)}]
    be(who, fn -> Registry.unregister_match(Names, key, :"$1", above) end) |> to_string()
  end

  defp op(["unregister_equal", who, key, value]),
    do: be(who, fn -> Registry.unregister_match(Names, key, number(value)) end) |> to_string()

  defp op(["lookup", key]), do: pairs(Registry.lookup(Names, key))
  defp op(["keys", who]), do: list(Enum.sort(Registry.keys(Names, puppet(who))))
  defp op(["values", who, key]), do: list(Registry.values(Names, key, puppet(who)))
  defp op(["count"]), do: to_string(Registry.count(Names))

  defp op(["update", who, key, by]) do
    case be(who, fn -> Registry.update_value(Names, key, &(&1 + number(by))) end) do
      {new, old} -> "#{old} to #{new}"
      :error -> "error"
    end
  end

  defp op(["match", key, bound]),
    do: pairs(Registry.match(Names, key, :"$1", [{:>, :"$1", number(bound)}]))

  defp op(["count_match", key, bound]),
    do: to_string(Registry.count_match(Names, key, :"$1", [{:>, :"$1", number(bound)}]))

  defp op(["select", bound]) do
    spec = [{{:"$1", :"$2", :"$3"}, [{:>, :"$3", number(bound)}], [{{:"$1", :"$2", :"$3"}}]}]
    rows = for {key, pid, value} <- Registry.select(Names, spec), do: "#{key} #{name_of(pid)} #{value}"
    list(Enum.sort(rows))
  end

  # Two clauses: what one of them takes is selected.
  defp op(["select_either", low, high]) do
    clause = fn guard -> {{:"$1", :_, :"$3"}, [guard], [:"$3"]} end
    spec = [clause.({:<, :"$3", number(low)}), clause.({:>, :"$3", number(high)})]
    list(Enum.sort(Registry.select(Names, spec)))
  end

  defp op(["count_select", bound]) do
    spec = [{{:_, :_, :"$1"}, [{:>, :"$1", number(bound)}], [true]}]
    to_string(Registry.count_select(Names, spec))
  end

  defp op(["dispatch", key]) do
    me = self()
    answer = Registry.dispatch(Names, key, &send(me, {:dispatched, self(), &1}))
    list(dispatched(me)) <> " #{answer}"
  end

  defp op(["put_meta", key, value]), do: Registry.put_meta(Names, String.to_atom(key), number(value)) |> to_string()
  defp op(["delete_meta", key]), do: Registry.delete_meta(Names, String.to_atom(key)) |> to_string()

  defp op(["meta", key]) do
    case Registry.meta(Names, String.to_atom(key)) do
      {:ok, value} -> to_string(value)
      :error -> "none"
    end
  end

  defp op(["heard"]), do: list(heard())

  defp op(["tied", who]) do
    {:links, links} = Process.info(puppet(who), :links)
    to_string(links != [])
  end

  defp op(["serve", who, key]) do
    case GenServer.start(Room, who, name: {:via, Registry, {Names, key}}) do
      {:ok, pid} -> known(who, pid) && "ok"
      {:error, {:already_started, pid}} -> "taken by #{name_of(pid)}"
    end
  end

  defp op(["ask", key]) do
    GenServer.call({:via, Registry, {Names, key}}, :who)
  catch
    :exit, {:noproc, _} -> "noproc"
  end

  defp op(["tell", key]), do: GenServer.cast({:via, Registry, {Names, key}}, :more) |> to_string()

  defp op(["whereis", key]) do
    case Registry.whereis_name({Names, key}) do
      :undefined -> "none"
      pid -> name_of(pid)
    end
  end

  defp op(["stop", who]), do: GenServer.stop(pid(who)) |> to_string()

  # ===== Tasks =====

  defp op(["owner" | opts]) do
    {pid, ref} = spawn_monitor(fn -> Owner.obey(%{}) end)
    known("owner", pid)
    Process.put(:owner_down, ref)
    Process.delete(:owner_ended)
    if opts == ["traps"], do: owned(["trap"]), else: []
  end

  defp op(["open", task]), do: send(pid(task), :open) && []

  # It has ended, and what that sends has been sent.
  defp op(["settle", task]) do
    down(Process.monitor(pid(task)))
    Process.sleep(20)
    []
  end

  defp op(["supervisor" | max]) do
    max = if max == [], do: :infinity, else: number(hd(max))
    {:ok, _} = Task.Supervisor.start_link(name: Tasks, max_children: max)
    []
  end

  defp op(["children", expected]) do
    count = fn -> length(Task.Supervisor.children(Tasks)) end
    eventually(fn -> count.() == number(expected) end)
    to_string(count.())
  end

  defp op(["terminate", task]),
    do: with({:error, why} <- Task.Supervisor.terminate_child(Tasks, pid(task)), do: why) |> to_string()

  defp op(["end_supervisor"]), do: Supervisor.stop(Tasks) && []

  # ===== Agents =====

  defp op(["agent", value]) do
    case Agent.start(fn -> first(value) end) do
      {:ok, pid} -> known("agent", pid) && "ok"
      {:error, why} -> "failed #{reason(why)}"
    end
  end

  defp op(["named_agent", value]) do
    case Agent.start(fn -> number(value) end, name: :keeper) do
      {:ok, pid} -> known("agent", pid) && "ok"
      {:error, {:already_started, _}} -> "taken"
    end
  end

  defp op(["get"]), do: asked(&Agent.get(&1, fn value -> value end))
  defp op(["get_named"]), do: to_string(Agent.get(:keeper, fn value -> value end))
  defp op(["add", n]), do: asked(&Agent.update(&1, fn value -> value + number(n) end))
  defp op(["get_add", n]), do: asked(&Agent.get_and_update(&1, fn value -> {value, value + number(n)} end))
  defp op(["cast_add", n]), do: asked(&Agent.cast(&1, fn value -> value + number(n) end))
  defp op(["cast_times", n]), do: asked(&Agent.cast(&1, fn value -> value * number(n) end))
  defp op(["crash_get"]), do: asked(&Agent.get(&1, fn _ -> raise "worn out" end))
  defp op(["crash_update"]), do: asked(&Agent.update(&1, fn _ -> raise "worn out" end))

  defp op(["crash_cast"]) do
    ref = Process.monitor(pid("agent"))
    Agent.cast(pid("agent"), fn _ -> raise "worn out" end)
    "gone " <> reason(down(ref))
  end

  # So that no answer can be there at once.
  defp op(["late_add", n]) do
    Agent.cast(pid("agent"), fn value -> Process.sleep(50) && value end)
    asked(&Agent.update(&1, fn value -> value + number(n) end, 0))
  end

  defp op(["stop_agent"]), do: asked(&Agent.stop/1)

  # ===== Process groups =====

  defp op(["groups"]) do
    {:ok, _} = :pg.start_link(:here)
    {:ok, _} = :pg.start_link(:there)
    []
  end

  defp op(["join", group, who]), do: :pg.join(:here, group, puppet(who)) |> to_string()
  defp op(["join_there", group, who]), do: :pg.join(:there, group, puppet(who)) |> to_string()
  defp op(["leave", group, who]), do: :pg.leave(:here, group, puppet(who)) |> to_string()
  defp op(["members", group]), do: members(:here, group)
  defp op(["members_there", group]), do: members(:there, group)
  defp op(["local", group]), do: :pg.get_local_members(:here, group) |> Enum.map(&name_of/1) |> Enum.sort() |> list()
  defp op(["which"]), do: :pg.which_groups(:here) |> Enum.sort() |> list()

  defp op(["watch", group]) do
    {ref, members} = :pg.monitor(:here, group)
    Process.put(:watch, ref)
    members |> Enum.map(&name_of/1) |> Enum.sort() |> list()
  end

  defp op(["watch_all"]) do
    {ref, groups} = :pg.monitor_scope(:here)
    Process.put(:watch, ref)
    rows = for {group, members} <- groups, pid <- members, do: "#{group} #{name_of(pid)}"
    list(Enum.sort(rows))
  end

  defp op(["unwatch"]), do: :pg.demonitor(:here, Process.get(:watch)) |> to_string()

  defp op(["changes"]) do
    :sys.get_state(:here)
    list(changes())
  end

  # ===== Whatever the owner of tasks does =====

  defp op(words), do: owned(words)

  defp owned(words) do
    [ref, down] = [make_ref(), Process.get(:owner_down)]
    send(pid("owner"), {:op, self(), ref, words})

    receive do
      {^ref, answer} -> answer
      {:DOWN, ^down, _, _, reason} ->
        Process.put(:owner_ended, reason)
        owner_ends()

    after
      if(Process.get(:owner_ended), do: 0, else: 20000) -> owner_ends()
    end
  end

  # Why the owner is gone.
  defp owner_ends do
    down = Process.get(:owner_down)
    reason = Process.get(:owner_ended) || down(down)
    Process.put(:owner_ended, reason)
    "gone " <> reason(reason)
  end

  # ===== Parts =====

  defp pairs(entries), do: list(for {pid, value} <- entries, do: "#{name_of(pid)} #{value}")

  defp dispatched(me) do
    receive do
      {:dispatched, ^me, entries} ->
        Enum.sort(for {pid, value} <- entries, do: "#{name_of(pid)} #{value}") ++ dispatched(me)
    after
      0 -> []
    end
  end

  defp heard do
    receive do
      {:register, Names, key, pid, value} -> ["#{name_of(pid)} has #{key} #{value}" | heard()]
      {:unregister, Names, key, pid} -> ["#{name_of(pid)} left #{key}" | heard()]
    after
      20 -> []
    end
  end

  defp first("crash"), do: raise("empty")
  defp first(value), do: number(value)

  defp asked(ask) do
    case ask.(pid("agent")) do
      :ok -> "ok"
      value -> to_string(value)
    end
  catch
    :exit, {:timeout, _} -> "timeout"
    :exit, {why, _} -> "exit #{reason(why)}"
    :exit, why -> "exit #{reason(why)}"
  end

  defp members(scope, group), do: :pg.get_members(scope, group) |> Enum.map(&name_of/1) |> Enum.sort() |> list()

  defp all_members(scope) do
    if Process.whereis(scope),
      do: Enum.flat_map(:pg.which_groups(scope), &:pg.get_members(scope, &1)),
      else: []
  end

  defp changes do
    ref = Process.get(:watch)

    receive do
      {^ref, what, group, pids} -> Enum.map(pids, fn _ -> "#{what} #{group}" end) ++ changes()
    after
      0 -> []
    end
  end
end

# A server that is found by its key.
defmodule Room do
  use GenServer
  def init(who), do: {:ok, {who, 0}}
  def handle_call(:who, _, {who, told}), do: {:reply, "#{who} #{told}", {who, told}}
  def handle_cast(:more, {who, told}), do: {:noreply, {who, told + 1}}
end

# The process that starts tasks, and waits for them.
defmodule Owner do
  import Parity, only: [known: 2, list: 1, number: 1, reason: 1]

  def obey(tasks) do
    receive do
      {:op, from, ref, words} ->
        {answer, tasks} = op(words, tasks)
        send(from, {ref, answer})
        obey(tasks)
    end
  end

  defp op(["spawn", name | body], tasks), do: begun(name, Task.async(job(body)), body, tasks)

  defp op(["spawn_under", name | body], tasks) do
    begun(name, Task.Supervisor.async(Tasks, job(body)), body, tasks)
  rescue
    RuntimeError -> {"too many", tasks}
  end

  defp op(["spawn_nolink", name | body], tasks) do
    begun(name, Task.Supervisor.async_nolink(Tasks, job(body)), body, tasks)
  rescue
    RuntimeError -> {"too many", tasks}
  end

  defp op(["child", name, restart | body], tasks) do
    options = [restart: String.to_atom(restart)]

    case Task.Supervisor.start_child(Tasks, job(body), options) do
      {:ok, pid} -> known(name, pid) && {[], tasks}
      {:error, :max_children} -> {"too many", tasks}
    end
  end

  # How often such a child ran.
  defp op(["runs", expected], tasks) do
    Process.sleep(20)
    await_runs(number(expected), 100)
    {to_string(runs()), tasks}
  end

  defp op(["start", name | body], tasks) do
    {:ok, pid} = Task.start(job(body))
    known(name, pid)
    {[], tasks}
  end

  defp op(["start_link", name | body], tasks) do
    {:ok, pid} = Task.start_link(job(body))
    known(name, pid)
    {[], tasks}
  end

  defp op(["completed", name, value], tasks),
    do: {[], Map.put(tasks, name, Task.completed(number(value)))}

  defp op(["await", name], tasks), do: {awaited(fn -> Task.await(tasks[name]) end), tasks}

  defp op(["await", name, ms], tasks),
    do: {awaited(fn -> Task.await(tasks[name], number(ms)) end), tasks}

  defp op(["await_many", ms | names], tasks) do
    many = Enum.map(names, &tasks[&1])
    {awaited(fn -> list(Task.await_many(many, number(ms))) end), tasks}
  end

  defp op(["yield", name, ms], tasks), do: {ended(Task.yield(tasks[name], number(ms))), tasks}

  defp op(["yield_many", ms | names], tasks) do
    ends = Task.yield_many(Enum.map(names, &tasks[&1]), number(ms))
    {list(for {_, its} <- ends, do: ended(its)), tasks}
  end

  defp op(["shutdown", name], tasks), do: {ended(Task.shutdown(tasks[name])), tasks}
  defp op(["shutdown", name, "kill"], tasks), do: {ended(Task.shutdown(tasks[name], :brutal_kill)), tasks}
  defp op(["shutdown", name, ms], tasks), do: {ended(Task.shutdown(tasks[name], number(ms))), tasks}
  defp op(["ignore", name], tasks), do: {ended(Task.ignore(tasks[name])), tasks}

  defp op(["stream", max, order, late, ms | items], tasks) do
    options = options(max, order, late, ms)
    {streamed(fn -> Task.async_stream(items, &item/1, options) end), tasks}
  end

  defp op(["stream_under", max, order, late, ms | items], tasks) do
    options = options(max, order, late, ms)
    {streamed(fn -> Task.Supervisor.async_stream(Tasks, items, &item/1, options) end), tasks}
  end

  defp op(["stream_nolink", max, order, late, ms | items], tasks) do
    options = options(max, order, late, ms)
    {streamed(fn -> Task.Supervisor.async_stream_nolink(Tasks, items, &item/1, options) end), tasks}
  end

  defp op(["take", most, max | items], tasks) do
    options = options(max, "ordered", "exit", "5000")
    stream = Task.async_stream(items, &item/1, options)
    {streamed(fn -> Enum.take(stream, number(most)) end), tasks}
  end

  defp op(["zip", max | items], tasks) do
    options = [zip_input_on_exit: true] ++ options(max, "ordered", "kill", "100")
    stream = Task.async_stream(items, &item/1, options)

    texts =
      for one <- stream do
        case one do
          {:ok, value} -> to_string(value)
          {:exit, {input, why}} -> "#{input}: exit #{reason(why)}"
        end
      end

    {list(texts), tasks}
  end

  defp op(["trap"], tasks) do
    Process.flag(:trap_exit, true)
    {[], tasks}
  end

  defp op(["mail"], tasks) do
    {:message_queue_len, count} = Process.info(self(), :message_queue_len)
    {to_string(count), tasks}
  end

  defp op(["exits"], tasks), do: {list(exits()), tasks}

  defp op(["links"], tasks) do
    {:links, links} = Process.info(self(), :links)
    {to_string(length(links)), tasks}
  end

  defp op(["leave", why], _), do: exit(String.to_atom(why))

  defp begun(name, task, body, tasks) do
    known(name, task.pid)
    if body == ["stubborn"], do: receive(do: (:ready -> :ok))
    {[], Map.put(tasks, name, task)}
  end

  defp job(body) do
    owner = self()
    fn -> run(body, owner) end
  end

  defp run(["value", value], _), do: number(value)
  defp run(["exit", why], _), do: exit(String.to_atom(why))
  defp run(["crash"], _), do: raise("told to")
  defp run(["hang"], _), do: Process.sleep(:infinity)
  defp run(["nap", ms, value], _), do: Process.sleep(number(ms)) && number(value)
  defp run(["gate", value], _), do: receive(do: (:open -> number(value)))

  defp run(["gate_crash"], _), do: receive(do: (:open -> raise("told to")))

  defp run(["count", why], _) do
    :ets.update_counter(:pids, :runs, 1, {:runs, 0})
    if runs() < 3, do: exit(String.to_atom(why))
  end

  defp run(["stubborn"], owner) do
    Process.flag(:trap_exit, true)
    send(owner, :ready)
    Process.sleep(:infinity)
  end

  defp runs do
    case :ets.lookup(:pids, :runs) do
      [{_, runs}] -> runs
      [] -> 0
    end
  end

  defp await_runs(expected, times) do
    if runs() < expected and times > 0 do
      Process.sleep(10)
      await_runs(expected, times - 1)
    end
  end

  defp awaited(wait) do
    case wait.() do
      value when is_binary(value) -> value
      value -> to_string(value)
    end
  catch
    :exit, {:timeout, _} -> "timeout"
    :exit, {why, _} -> "exit #{reason(why)}"
  end

  defp ended({:ok, value}), do: to_string(value)
  defp ended({:exit, why}), do: "exit #{reason(why)}"
  defp ended(nil), do: "none"

  defp exits do
    receive do
      {:EXIT, _, why} -> [reason(why) | exits()]
    after
      0 -> []
    end
  end

  defp options(max, order, late, ms) do
    late = if late == "kill", do: :kill_task, else: :exit
    ordered = order == "ordered"
    [max_concurrency: number(max), ordered: ordered, on_timeout: late, timeout: number(ms)]
  end

  defp streamed(stream) do
    list(for one <- stream.(), do: ended(one))
  rescue
    RuntimeError -> "too many"
  catch
    :exit, {:timeout, _} -> "timeout"
    :exit, {why, _} -> "exit #{reason(why)}"
  end

  defp item("crash"), do: raise("told to")

  defp item(item) do
    case String.split(item, ":") do
      [ms, value] -> Process.sleep(number(ms)) && number(value)
      [item] -> value(item)
    end
  end

  defp value(item) do
    case Integer.parse(item) do
      {value, ""} -> value
      :error -> exit(String.to_atom(item))
    end
  end
end

Parity.main(System.argv())
