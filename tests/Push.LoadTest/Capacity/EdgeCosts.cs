namespace Push.LoadTest.Capacity;

/// <summary>What an Edge costs, in the terms that add up: by connection, by message for a room that it holds members of, by delivery.</summary>
/// <param name="BaseCpu">CPU-seconds a second of an Edge without connections.</param>
/// <param name="ConnectionCpu">CPU-seconds a second of an idle connection: pings, presence.</param>
/// <param name="MessageCpu">CPU-seconds of a message: read, decoded, handed to the loops.</param>
/// <param name="DeliveryCpu">CPU-seconds of a frame to one connection.</param>
/// <param name="BaseBytes">RSS of an Edge without connections.</param>
/// <param name="ConnectionBytes">RSS of a connection.</param>
internal sealed record EdgeCosts(double BaseCpu, double ConnectionCpu, double MessageCpu, double DeliveryCpu, double BaseBytes, double ConnectionBytes)
{
    /// <summary>Solves for the costs from one Edge's use at different loads.</summary>
    /// <param name="few">Few idle connections.</param>
    /// <param name="many">Many idle connections.</param>
    /// <param name="smallRooms">As many, with messages to small rooms.</param>
    /// <param name="bigRooms">As many, with as many messages to big rooms.</param>
    public static EdgeCosts From(EdgeUse few, EdgeUse many, EdgeUse smallRooms, EdgeUse bigRooms)
    {
        double connections = many.Load.Connections - few.Load.Connections;
        var connectionCpu = Math.Max(0, many.Cpu - few.Cpu) / connections;
        var baseCpu = Math.Max(0, many.Cpu - (connectionCpu * many.Load.Connections));
        var connectionBytes = (many.Bytes - few.Bytes) / connections;
        var deliveryCpu = (bigRooms.Cpu - smallRooms.Cpu) / (bigRooms.Load.DeliveriesPerSecond - smallRooms.Load.DeliveriesPerSecond);
        var messageCpu = (smallRooms.Cpu - many.Cpu - (deliveryCpu * smallRooms.Load.DeliveriesPerSecond)) / smallRooms.Load.MessagesPerSecond;
        return new EdgeCosts(
            baseCpu, connectionCpu, Math.Max(0, messageCpu), deliveryCpu, few.Bytes - (connectionBytes * few.Load.Connections), connectionBytes);
    }

    /// <summary>What <paramref name="edges"/> Edges together use when each room's members are spread over all of them.</summary>
    public EdgeUse Predict(int edges, EdgeLoad load) => new(
        load,
        (edges * (BaseCpu + (load.MessagesPerSecond * MessageCpu))) + (load.Connections * ConnectionCpu) + (load.DeliveriesPerSecond * DeliveryCpu),
        (edges * BaseBytes) + (load.Connections * ConnectionBytes));
}
