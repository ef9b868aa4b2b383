using System.Collections.Concurrent;
using Push.Contracts;
using Push.ServiceDefaults.Bus;

namespace Push.UnitTests.Api;

/// <summary>Stands where the broker would be: what reaches it is not the point of these tests, but that and as what something does.</summary>
internal sealed class CapturingPublisher : IPushPublisher
{
    private readonly ConcurrentQueue<(PushRequested Push, PushTarget Target)> _published = new();

    public IReadOnlyCollection<(PushRequested Push, PushTarget Target)> Published => _published;

    public bool IsAway { get; set; }

    public ValueTask PublishAsync(PushRequested request, PushTarget target, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            throw new BrokerUnavailableException("away on purpose");
        }

        _published.Enqueue((request, target));
        return ValueTask.CompletedTask;
    }
}
