defmodule PingPong do
  defmacro ping_pong(do: block) do
    quote do
      spawn(fn -> unquote(block) end)
    end
  end

  defmacro ping(message) do
    quote do: send(self(), {:ping, unquote(message)})
  end

  defmacro pong(fun) do
    quote do
      receive do
        {:ping, message} -> unquote(fun).(message)
      end
    end
  end
end

defmodule Talk do
  import PingPong

  def run do
    ping_pong do
      ping("hey there")
      pong(fn message -> IO.puts("Pong received: #{message}") end)
    end
  end
end

monitor = Process.monitor(Talk.run())

receive do
  {:DOWN, ^monitor, :process, _pid, _reason} -> :ok
end
