using System.Text;
using System.Threading.Channels;
using Push.Contracts;
using Push.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Push.IntegrationTests.Messaging;

/// <summary>Reads the stream from its first record, as any AMQP client can.</summary>
internal sealed class StreamRecords : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Channel<(string Body, IReadOnlyBasicProperties Properties)> _records = Channel.CreateUnbounded<(string, IReadOnlyBasicProperties)>();
    private readonly IChannel _channel;

    private StreamRecords(IChannel channel) => _channel = channel;

    public static async Task<StreamRecords> OpenAsync(IConnection connection)
    {
        var channel = await connection.CreateChannelAsync();
        var records = new StreamRecords(channel);
        await channel.BasicQosAsync(0, 1000, false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, record) =>
        {
            records._records.Writer.TryWrite((Encoding.UTF8.GetString(record.Body.Span), new BasicProperties(record.BasicProperties)));
            await channel.BasicAckAsync(record.DeliveryTag, false);
        };
        await channel.BasicConsumeAsync(
            BusNames.PushStream, false, "", false, false, new Dictionary<string, object?> { ["x-stream-offset"] = "first" }, consumer);
        return records;
    }

    public Task<(string Body, IReadOnlyBasicProperties Properties)> NextAsync() =>
        _records.Reader.ReadAsync().AsTask().WithinAsync(Limit, "the next record of the stream");

    public ValueTask DisposeAsync() => _channel.DisposeAsync();
}
