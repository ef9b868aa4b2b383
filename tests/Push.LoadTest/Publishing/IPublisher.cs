namespace Push.LoadTest.Publishing;

/// <summary>A way to publish. May be used by many lanes at once.</summary>
internal interface IPublisher : IAsyncDisposable
{
    /// <summary>Publishes to a room, or to everybody. Returns when the server has confirmed it, if it does such a thing.</summary>
    /// <returns>Null, or why the message was not accepted.</returns>
    ValueTask<string?> PublishAsync(string? room, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);
}
