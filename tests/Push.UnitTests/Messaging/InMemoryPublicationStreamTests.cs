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

    [Fact]
    public async Task A_reader_goes_on_where_the_last_one_ended()
    {
        await Publish("[0]");
        await Publish("[1]");
        await ReadAsync(1);

        var reader = await ReadAsync(1);

        Assert.Equal(["[1]"], reader.Messages);
        Assert.Equal([1], reader.Positions.Select(position => position.Offset));
    }

    [Fact]
    public async Task What_was_read_is_retained_for_a_while()
    {
        await Publish("[0]");
        await Publish("[1]");
        await Publish("[2]");
        var first = await ReadAsync(2);

        var again = await ReadAsync(2, offset: 1);

        Assert.Equal(["[1]", "[2]"], again.Messages);
        Assert.Equal(first.Positions[1], again.Positions[0]);
        Assert.Equal(["[0]", "[1]", "[2]"], (await ReadAsync(3, offset: 0)).Messages);

        _time.Advance(TimeSpan.FromMinutes(11));
        await Publish("[3]");
        Assert.Equal(["[3]"], (await ReadAsync(1, offset: 0)).Messages);
    }

    [Fact]
    public async Task What_is_retained_is_bounded_by_its_size()
    {
        const int Count = 100;
        for (var i = 0; i < Count; i++)
        {
            await Publish($"[\"{i}{new string('x', 1 << 20)}\"]");
        }

        await ReadAsync(Count);
        await Publish("[]");
        using var hasAll = new CancellationTokenSource();
        var reader = new Reader(int.MaxValue, hasAll) { Last = "[]" };
        await _stream.ReadAsync(reader, 0, hasAll.Token).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.InRange(reader.Positions.Count, 10, 17);
        Assert.Equal(Enumerable.Range(Count + 1 - reader.Positions.Count, reader.Positions.Count), reader.Positions.Select(position => (int)position.Offset));
    }

    private ValueTask Publish(string message) => _stream.PublishAsync(
        new DecodedPublication { Target = RoomKey.Everybody, Id = "1", Message = Encoding.UTF8.GetBytes(message) }, TestContext.Current.CancellationToken);

    private async Task<Reader> ReadAsync(int count, long? offset = null)
    {
        using var hasAll = new CancellationTokenSource();
        var reader = new Reader(count, hasAll);
        await (offset is { } from ? _stream.ReadAsync(reader, from, hasAll.Token) : _stream.ReadAsync(reader, hasAll.Token)).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.Equal(count, reader.Positions.Count);
        return reader;
    }

    private sealed class Reader(int count, CancellationTokenSource hasAll) : IPublicationHandler
    {
        public List<StreamPosition> Positions { get; } = [];

        public List<string> Messages { get; } = [];

        public string? Last { get; init; }

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
            if (Positions.Count == count || Messages[^1] == Last)
            {
                hasAll.Cancel();
            }

            return true;
        }

        public void Remember(in PublicationRecord record) => Assert.Fail("Nothing is older than the process.");
    }
}
