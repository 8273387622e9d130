defmodule Scoreboard do
  use GenServer

  def start_link(_opts), do: GenServer.start_link(__MODULE__, %{}, name: __MODULE__)
  def add_points(player, points), do: GenServer.cast(__MODULE__, {:add, player, points})
  def get_score(player), do: GenServer.call(__MODULE__, {:get, player})

  @impl true
  def init(scores), do: {:ok, scores}

  @impl true
  def handle_cast({:add, player, points}, scores) do
    {:noreply, Map.update(scores, player, points, &(&1 + points))}
  end

  @impl true
  def handle_call({:get, player}, _from, scores), do: {:reply, Map.get(scores, player, 0), scores}
end

{:ok, _} = Supervisor.start_link([Scoreboard], strategy: :one_for_one)
Scoreboard.add_points("ann", 3)
Scoreboard.add_points("bob", 1)
Scoreboard.add_points("ann", 4)
IO.puts("ann has #{Scoreboard.get_score("ann")}, bob has #{Scoreboard.get_score("bob")}")
