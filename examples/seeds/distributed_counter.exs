defmodule Distributed.Counter do
  use GenServer

  def start_link(name), do: GenServer.start_link(__MODULE__, 0, name: {:global, name})
  def inc(name), do: GenServer.cast({:global, name}, :inc)
  def value(name), do: GenServer.call({:global, name}, :value)

  @impl true
  def init(count), do: {:ok, count}

  @impl true
  def handle_cast(:inc, count), do: {:noreply, count + 1}

  @impl true
  def handle_call(:value, _from, count), do: {:reply, count, count}
end

{:ok, _} = Distributed.Counter.start_link("my_counter")
Distributed.Counter.inc("my_counter")
Distributed.Counter.inc("my_counter")
IO.puts("my_counter is #{Distributed.Counter.value("my_counter")}")
