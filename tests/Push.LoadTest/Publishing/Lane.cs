using Push.LoadTest.Native;
using Push.LoadTest.Results;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Publishing;

/// <summary>One publisher among several: it has at most one message on the way, so its messages have an order.</summary>
internal sealed class Lane(int number, int payloadBytes, bool measured, IPublisher publisher, Dictionary<(int Room, int Lane), int> sequences)
{
    private readonly byte[] _payload = Filled(payloadBytes);

    public int Number => number;

    public int Confirmed { get; private set; }

    public int Failed { get; private set; }

    public string? FirstFailure { get; private set; }

    public long Expected { get; private set; }

    public Latencies ConfirmTimes { get; } = new();

    /// <summary>The sequence number that the next message to <paramref name="room"/> will have.</summary>
    public int NextSequence(PublishRoom room)
    {
        lock (sequences)
        {
            return sequences.GetValueOrDefault((room.Number, number));
        }
    }

    /// <param name="room">Where to.</param>
    /// <param name="due">When its turn came, if that has passed; 0: now.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>Whether it was accepted.</returns>
    public async ValueTask<bool> PublishAsync(PublishRoom room, long due, CancellationToken cancellationToken)
    {
        var now = MonotonicClock.Now;
        var sequence = NextSequence(room);
        new Stamp(room.Number, number, sequence, measured, due == 0 ? now : due).Write(_payload);
        if (await TryPublishAsync(room, cancellationToken) is { } failure)
        {
            // Whether it was published all the same is unknown: its number may come again, which then shows as a duplicate.
            Fail(failure);
            return false;
        }

        lock (sequences)
        {
            sequences[(room.Number, number)] = sequence + 1;
        }

        ConfirmTimes.Record(MonotonicClock.Now - now);
        Confirmed++;
        Expected += room.Members;
        return true;
    }

    /// <summary>Counts a message as failed.</summary>
    public void Fail(string reason)
    {
        Failed++;
        FirstFailure ??= reason;
    }

    private async ValueTask<string?> TryPublishAsync(PublishRoom room, CancellationToken cancellationToken)
    {
        try
        {
            return await publisher.PublishAsync(room.Name, _payload, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return "no answer before the end of the run";
        }
    }

    private static byte[] Filled(int length)
    {
        var payload = new byte[length];
        payload.AsSpan().Fill((byte)'.');
        return payload;
    }
}
