namespace Push.TestKit.Network;

/// <summary>Where a server listens.</summary>
public readonly record struct ServerAddress(string Host, int Port)
{
    public static ServerAddress Loopback(int port) => new("127.0.0.1", port);

    public override string ToString() => $"{Host}:{Port}";
}
