using System.Text;
using Push.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Push.LoadTest.Publishing;

/// <summary>Straight to the broker, as a pipeline does: plain JSON with the headers of docs/protocol.md, each message confirmed.</summary>
internal sealed class AmqpPublisher : IPublisher
{
    private const int MaxUnconfirmed = 1024;

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _run = Guid.NewGuid().ToString("N")[..12];
    private long _count;

    private AmqpPublisher(IConnection connection, IChannel channel)
    {
        _connection = connection;
        _channel = channel;
    }

    public static async Task<AmqpPublisher> ConnectAsync(Uri broker, CancellationToken cancellationToken)
    {
        var connection = await new ConnectionFactory { Uri = broker, ClientProvidedName = "push-load-test" }.CreateConnectionAsync(cancellationToken);
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: true,
            outstandingPublisherConfirmationsRateLimiter: new ThrottlingRateLimiter(MaxUnconfirmed));
        return new AmqpPublisher(connection, await connection.CreateChannelAsync(options, cancellationToken));
    }

    public async ValueTask<string?> PublishAsync(string? room, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var id = $"{_run}-{Interlocked.Increment(ref _count)}";
        var message = Encoding.ASCII.GetString(payload.Span);
        var body = Encoding.ASCII.GetBytes(room is null
            ? $"{{\"id\":\"{id}\",\"message\":\"{message}\"}}"
            : $"{{\"id\":\"{id}\",\"message\":\"{message}\",\"roomId\":\"{room}\"}}");
        var properties = new BasicProperties
        {
            MessageId = id,
            ContentType = "application/json",
            Headers = new Dictionary<string, object?>
            {
                [BusNames.TargetHeader] = (room is null ? RoomKey.Everybody : RoomKey.Room(room)).ToString(),
                [BusNames.IdHeader] = id,
            },
        };
        try
        {
            await _channel.BasicPublishAsync(BusNames.PushExchange, "", mandatory: false, properties, body, cancellationToken);
            return null;
        }
        catch (RabbitMQClientException e)
        {
            return e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
