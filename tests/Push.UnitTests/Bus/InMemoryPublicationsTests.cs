using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Push.Contracts;
using Push.ServiceDefaults.Bus;
using Xunit;

namespace Push.UnitTests.Bus;

public sealed class InMemoryPublicationsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryPublications _publications;

    public InMemoryPublicationsTests() => _publications = new InMemoryPublications(Options.Create(new BusOptions()), _time);

    [Fact]
    public async Task While_the_Edge_is_behind_publishers_wait_and_are_refused_in_the_end()
    {
        var taken = 0;
        ValueTask waiting;
        while ((waiting = Publish()).IsCompleted)
        {
            await waiting;
            Assert.InRange(++taken, 1, 10_000);
        }

        _time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<BrokerUnavailableException>(waiting.AsTask);

        var next = Publish();
        Assert.False(next.IsCompleted);
        Assert.True(_publications.Reader.TryRead(out _));
        await next;
        Assert.Equal(taken, _publications.Reader.Count);
    }

    private ValueTask Publish() => _publications.PublishAsync(
        new PushRequested { Id = "1", Message = JsonDocument.Parse("[]").RootElement }, PushTarget.Everybody, TestContext.Current.CancellationToken);
}
