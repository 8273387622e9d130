defmodule Harbor.Fleet.Vehicle do
  defstruct [:id, :status]

  def to_text(%__MODULE__{id: id, status: status}), do: "#{id} is #{status}"
end

defmodule Harbor.Fleet.Listing do
  alias Harbor.Fleet.Vehicle

  def list_vehicles(fleet_id) do
    [
      %Vehicle{id: "#{fleet_id}-1", status: :active},
      %Vehicle{id: "#{fleet_id}-2", status: :docked},
      %Vehicle{id: "#{fleet_id}-3", status: :active}
    ]
  end

  def get_shipment("sh-42"), do: {:ok, %{id: "sh-42", status: :in_transit}}
  def get_shipment(_id), do: {:error, :not_found}

  def format_result({:ok, %{id: id, status: status}}), do: "#{id} is #{status}"
  def format_result({:error, reason}), do: "error: #{reason}"
end

alias Harbor.Fleet.{Listing, Vehicle}

42
|> Listing.list_vehicles()
|> Enum.filter(&(&1.status == :active))
|> Enum.map(&Vehicle.to_text/1)
|> Enum.each(&IO.puts/1)

"sh-42" |> Listing.get_shipment() |> Listing.format_result() |> IO.puts()
"sh-43" |> Listing.get_shipment() |> Listing.format_result() |> IO.puts()
