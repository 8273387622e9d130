defmodule ChatRoom.Server do
  use GenServer

  def start_link(room) do
    GenServer.start_link(__MODULE__, %{room: room, users: %{}}, name: via(room))
  end

  def join(room, user), do: GenServer.call(via(room), {:join, user})
  def broadcast(room, line), do: GenServer.cast(via(room), {:broadcast, line})
  defp via(room), do: {:via, Registry, {ChatRoom.Registry, room}}

  @impl true
  def init(state), do: {:ok, state}

  @impl true
  def handle_call({:join, user}, {pid, _tag}, state) do
    {:reply, :ok, %{state | users: Map.put(state.users, user, pid)}}
  end

  @impl true
  def handle_cast({:broadcast, line}, state) do
    Enum.each(state.users, fn {_user, pid} -> send(pid, {:line, state.room, line}) end)
    {:noreply, state}
  end
end

children = [
  {Registry, keys: :unique, name: ChatRoom.Registry},
  {DynamicSupervisor, name: ChatRoom.Rooms}
]

{:ok, _} = Supervisor.start_link(children, strategy: :one_for_one)

for room <- ["lobby", "attic"] do
  {:ok, _} = DynamicSupervisor.start_child(ChatRoom.Rooms, {ChatRoom.Server, room})
  :ok = ChatRoom.Server.join(room, "ann")
end

ChatRoom.Server.broadcast("lobby", "hello")

receive do
  {:line, room, line} -> IO.puts("#{room}: #{line}")
end

ChatRoom.Server.broadcast("attic", "boo")

receive do
  {:line, room, line} -> IO.puts("#{room}: #{line}")
end
