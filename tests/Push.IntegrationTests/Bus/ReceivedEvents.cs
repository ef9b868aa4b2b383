using System.Threading.Channels;
using MassTransit;
using Push.Contracts;
using Push.TestKit;

namespace Push.IntegrationTests.Bus;

/// <summary>What a consumer of control events got, by connection id.</summary>
internal sealed class ReceivedEvents
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Channel<string> _connections = Channel.CreateUnbounded<string>();

    public Task<string> NextAsync(string phase) => _connections.Reader.ReadAsync().AsTask().WithinAsync(Limit, phase);

    public sealed class Consumer(ReceivedEvents events) : IConsumer<ConnectionExpired>
    {
        public Task Consume(ConsumeContext<ConnectionExpired> context)
        {
            events._connections.Writer.TryWrite(context.Message.ConnectionId);
            return Task.CompletedTask;
        }
    }
}
