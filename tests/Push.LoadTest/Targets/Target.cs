using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Subscribing;

namespace Push.LoadTest.Targets;

/// <summary>A running server: where to connect, how to publish, which processes to watch.</summary>
internal sealed record Target : IAsyncDisposable
{
    /// <summary>Push's <see cref="Path"/>.</summary>
    public const string PushPath = "/ws?token={token}&roomIds={room}";

    public required string Name { get; init; }

    /// <summary>Listeners for WebSockets, <c>host:port</c>.</summary>
    public required string[] EndPoints { get; init; }

    /// <summary>Request target of the upgrade, with <c>{room}</c> and <c>{token}</c>.</summary>
    public required string Path { get; init; }

    public WireForm Form { get; init; } = WireForm.Plain;

    public required PublisherSetup Publisher { get; init; }

    /// <summary>Push's API, for tokens and heartbeats; null where the server has none.</summary>
    public Uri? Api { get; init; }

    /// <summary>Where the Edges serve metrics for Prometheus, if they do; empty where that is not known.</summary>
    public IReadOnlyList<Uri> Metrics { get; init; } = [];

    public IReadOnlyList<ProcessRole> Roles { get; init; } = [];

    /// <summary>The part that holds the sockets.</summary>
    public string PrimaryRole { get; init; } = "edge";

    /// <summary>Stops the broker and starts it again, with its data; returns when it accepts connections. Null where it is not ours.</summary>
    public Func<CancellationToken, Task>? RestartBroker { get; init; }

    /// <summary>What was started for it.</summary>
    public IReadOnlyList<IAsyncDisposable> Owned { get; init; } = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Owned.Reverse())
        {
            await owned.DisposeAsync();
        }
    }
}
