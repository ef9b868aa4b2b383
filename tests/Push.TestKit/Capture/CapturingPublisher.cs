using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Push.Contracts;
using Push.Messaging;

namespace Push.TestKit.Capture;

/// <summary>Stands where the broker would be: what reaches it is not the point of these tests, but that and as what something does.</summary>
public sealed class CapturingPublisher : IPublicationPublisher
{
    private readonly ConcurrentQueue<(PushRequested Push, RoomKey Target)> _published = new();

    public IReadOnlyCollection<(PushRequested Push, RoomKey Target)> Published => _published;

    public bool IsAway { get; set; }

    public bool IsReady => !IsAway;

    public ValueTask PublishAsync(scoped in DecodedPublication publication, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            return ValueTask.FromException(new BrokerUnavailableException("away on purpose"));
        }

        var body = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(body);
        PublicationEncoder.Write(publication, writer);
        writer.Flush();
        _published.Enqueue((JsonSerializer.Deserialize(body.WrittenSpan, PushJsonContext.Default.PushRequested)!, publication.Target));
        return ValueTask.CompletedTask;
    }
}
