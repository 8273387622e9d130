defmodule Harbor.Fleet.Tracker do
  use GenServer

  def start_link(fleet_id), do: GenServer.start_link(__MODULE__, fleet_id, name: via(fleet_id))
  def get_position(fleet_id), do: GenServer.call(via(fleet_id), :get_position)
  def whereis(fleet_id), do: GenServer.whereis(via(fleet_id))
  defp via(fleet_id), do: {:via, Registry, {Harbor.Fleets, fleet_id}}

  @impl true
  def init(fleet_id), do: {:ok, %{fleet_id: fleet_id, last_fix: nil}}

  @impl true
  def handle_call(:get_position, _from, state), do: {:reply, state.last_fix, state}

  @impl true
  def handle_info({:gps_update, fix}, state), do: {:noreply, %{state | last_fix: fix}}
end

defmodule Harbor do
  def shown(nil), do: "nowhere"
  def shown({lat, lon}), do: "at #{lat}, #{lon}"

  def wait_for_another(fleet_id, pid) do
    case Harbor.Fleet.Tracker.whereis(fleet_id) do
      new when is_pid(new) and new != pid -> new
      _ -> wait_for_another(fleet_id, pid)
    end
  end
end

children = [{Registry, keys: :unique, name: Harbor.Fleets}, {Harbor.Fleet.Tracker, 42}]
{:ok, _} = Supervisor.start_link(children, strategy: :one_for_one)
tracker = Harbor.Fleet.Tracker.whereis(42)
send(tracker, {:gps_update, {53.5, 9.9}})
IO.puts("fleet 42 is #{Harbor.shown(Harbor.Fleet.Tracker.get_position(42))}")

Process.exit(tracker, :kill)
Harbor.wait_for_another(42, tracker)
IO.puts("after a crash fleet 42 is #{Harbor.shown(Harbor.Fleet.Tracker.get_position(42))}")
