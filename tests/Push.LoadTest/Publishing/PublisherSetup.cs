namespace Push.LoadTest.Publishing;

/// <summary>Whom a publisher process publishes to; the first line on its standard input.</summary>
internal sealed record PublisherSetup
{
    public required PublisherKind Kind { get; init; }

    /// <summary><c>host:port</c>, or an AMQP URI.</summary>
    public required string Server { get; init; }

    /// <summary>Sent as a bearer token where the server asks for one.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Where to learn that a message has reached all subscribers; null in open loop.</summary>
    public string? FeedbackPath { get; init; }

    /// <summary>Each of them reports a message by itself.</summary>
    public int SubscriberProcesses { get; init; } = 1;
}

internal enum PublisherKind
{
    /// <summary>POST to Push's API; confirmed by its answer.</summary>
    PushHttp,

    /// <summary>To Push's exchange on the broker; confirmed by the broker.</summary>
    PushAmqp,

    /// <summary>NATS' client protocol; not confirmed.</summary>
    Nats,

    /// <summary>POST to nchan; confirmed by its answer.</summary>
    Nchan,
}
