using System.Runtime.InteropServices;
using System.Text.Json;
using Push.Contracts;
using Push.Messaging;
using Push.TestKit;

namespace Push.IntegrationTests.Messaging;

internal static class Pushes
{
    private static readonly TimeSpan RetryLimit = TimeSpan.FromSeconds(90);

    public static PushRequested ToRoom(string room, string text, string? id = null) =>
        new() { Id = id ?? Guid.NewGuid().ToString("N"), RoomId = room, Message = JsonSerializer.SerializeToElement(text) };

    public static ValueTask PublishAsync(this IPublicationPublisher publisher, PushRequested request)
    {
        RoomKey.TryGet(request, out var target, out _);
        var publication = new DecodedPublication { Target = target, Id = request.Id, Message = JsonMarshal.GetRawUtf8Value(request.Message) };
        return publisher.PublishAsync(publication, CancellationToken.None);
    }

    /// <summary>As a publisher should: again with the same id, until the broker confirms it.</summary>
    public static Task PublishPersistentlyAsync(this IPublicationPublisher publisher, PushRequested request) =>
        Deadline.UntilAsync(
            async _ =>
            {
                try
                {
                    await publisher.PublishAsync(request);
                    return true;
                }
                catch (BrokerUnavailableException)
                {
                    return false;
                }
            },
            RetryLimit,
            $"the broker confirms {request.Id}");
}
