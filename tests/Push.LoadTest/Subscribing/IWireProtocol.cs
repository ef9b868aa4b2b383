namespace Push.LoadTest.Subscribing;

/// <summary>What a server speaks on its WebSockets.</summary>
internal interface IWireProtocol
{
    /// <summary>Whole frames to send once the upgrade is answered; empty where the upgrade alone joins the room.</summary>
    byte[] Greeting(SubscriberConnection connection);

    /// <summary>Takes the messages out of what has come; returns how many bytes it is done with. The rest comes again, with more behind it.</summary>
    int Read(SubscriberConnection connection, Span<byte> bytes, Deliveries deliveries);
}
