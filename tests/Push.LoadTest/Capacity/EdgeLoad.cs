namespace Push.LoadTest.Capacity;

/// <param name="Connections">Open WebSockets.</param>
/// <param name="RoomMembers">Members of each room.</param>
/// <param name="MessagesPerSecond">Over all rooms.</param>
internal sealed record EdgeLoad(int Connections, int RoomMembers, double MessagesPerSecond)
{
    public int Rooms => Connections / RoomMembers;

    public double DeliveriesPerSecond => MessagesPerSecond * RoomMembers;
}

/// <summary>What Edges use under a load.</summary>
/// <param name="Load">The load.</param>
/// <param name="Cpu">CPU-seconds a second.</param>
/// <param name="Bytes">RSS.</param>
internal sealed record EdgeUse(EdgeLoad Load, double Cpu, double Bytes);
