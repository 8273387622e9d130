defmodule OrderProcessor do
  def receive_order(raw) do
    raw
    |> parse()
    |> validate()
    |> calculate_total()
    |> store()
  end

  defp parse(raw) do
    [item, pieces, price] = String.split(raw, ",")
    %{item: item, pieces: String.to_integer(pieces), price: String.to_integer(price)}
  end

  defp validate(order), do: Map.put(order, :valid?, order.pieces > 0)
  defp calculate_total(order), do: Map.put(order, :total, order.pieces * order.price)

  defp store(order) do
    Agent.get_and_update(Orders, fn orders -> {length(orders) + 1, [order | orders]} end)
  end
end

{:ok, _} = Agent.start_link(fn -> [] end, name: Orders)
IO.puts("order #{OrderProcessor.receive_order("book,3,14")}")
IO.puts("order #{OrderProcessor.receive_order("lamp,1,30")}")
[lamp, book] = Agent.get(Orders, & &1)
IO.puts("#{book.item}: #{book.total}, valid: #{book.valid?}")
IO.puts("#{lamp.item}: #{lamp.total}, valid: #{lamp.valid?}")
