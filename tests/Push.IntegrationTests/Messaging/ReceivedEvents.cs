using System.Threading.Channels;
using Push.Contracts;
using Push.Messaging.ControlBus;
using Push.TestKit;

namespace Push.IntegrationTests.Messaging;

/// <summary>What a consumer of control events got, by connection id.</summary>
internal sealed class ReceivedEvents : IControlHandler<ConnectionExpired>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Channel<string> _connections = Channel.CreateUnbounded<string>();

    public Task<string> NextAsync(string phase) => _connections.Reader.ReadAsync().AsTask().WithinAsync(Limit, phase);

    public Task HandleAsync(ConnectionExpired controlEvent, CancellationToken cancellationToken)
    {
        _connections.Writer.TryWrite(controlEvent.ConnectionId);
        return Task.CompletedTask;
    }
}
