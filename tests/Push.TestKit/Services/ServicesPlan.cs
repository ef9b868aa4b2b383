using Push.TestKit.Network;

namespace Push.TestKit.Services;

/// <summary>How many of each service to start, and on what.</summary>
public sealed record ServicesPlan
{
    /// <summary>See <see cref="Servers.VirtualHost.Address"/>.</summary>
    public required Uri Broker { get; init; }

    /// <summary>See <see cref="Servers.StoreDatabase.ConnectionString"/>.</summary>
    public required string Store { get; init; }

    public int Apis { get; init; } = 2;

    public int Edges { get; init; } = 2;

    public int Sweepers { get; init; } = 1;

    public bool HasGateway { get; init; } = true;

    /// <summary>Makes the Edges serve <c>wss://</c>.</summary>
    public SelfSignedCertificate? EdgeCertificate { get; init; }

    /// <summary>Configuration of every service, keys with colons.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();
}
