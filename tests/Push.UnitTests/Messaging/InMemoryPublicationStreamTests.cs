using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Push.Contracts;
using Push.Messaging;
using Push.Messaging.InMemory;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class InMemoryPublicationStreamTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryPublicationStream _stream;

    public InMemoryPublicationStreamTests() => _stream = new InMemoryPublicationStream(Options.Create(new BusOptions()), _time);

    [Fact]
    public async Task Records_come_in_their_order_with_offsets_of_one_epoch()
    {
        for (var i = 0; i < 3; i++)
        {
            await Publish($"[ {i} ]");
        }

        Assert.Null(_stream.Position);
        Assert.Equal(3, _stream.Lag);
        var reader = await ReadAsync(3);
        Assert.Equal(["[0]", "[1]", "[2]"], reader.Messages);
        Assert.Equal([0, 1, 2], reader.Positions.Select(position => position.Offset));
        Assert.Equal(reader.Positions[^1], _stream.Position);
        Assert.Single(reader.Positions.Select(position => position.Epoch).Distinct());
        Assert.Equal(0, _stream.Lag);
    }

    [Fact]
    public async Task While_the_Edge_is_behind_publishers_wait_and_are_refused_in_the_end()
    {
        var taken = 0;
        ValueTask waiting;
        while ((waiting = Publish("[]")).IsCompleted)
        {
            await waiting;
            Assert.InRange(++taken, 1, 10_000);
        }

        _time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<BrokerUnavailableException>(waiting.AsTask);

        var next = Publish("[]");
        Assert.False(next.IsCompleted);
        await ReadAsync(taken + 1);
        await next;
    }

    private ValueTask Publish(string message) => _stream.PublishAsync(
        new DecodedPublication { Target = PushTarget.Everybody, Id = "1", Message = Encoding.UTF8.GetBytes(message) }, TestContext.Current.CancellationToken);

    private async Task<Reader> ReadAsync(int count)
    {
        using var hasAll = new CancellationTokenSource();
        var reader = new Reader(count, hasAll);
        await _stream.ReadAsync(reader, hasAll.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.Equal(count, reader.Positions.Count);
        return reader;
    }

    private sealed class Reader(int count, CancellationTokenSource hasAll) : IPublicationHandler
    {
        public List<StreamPosition> Positions { get; } = [];

        public List<string> Messages { get; } = [];

        public void Attached()
        {
        }

        public void Detached()
        {
        }

        public bool TryHandle(in PublicationRecord record)
        {
            Assert.True(record.TryDecode(out var publication, out _));
            Positions.Add(record.Position);
            Messages.Add(Encoding.UTF8.GetString(publication.Message));
            if (Positions.Count == count)
            {
                hasAll.Cancel();
            }

            return true;
        }

        public void Remember(in PublicationRecord record) => Assert.Fail("Nothing is older than the process.");
    }
}
