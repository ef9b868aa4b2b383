using System.Globalization;
using Push.Messaging.RabbitMq;

namespace Push.UnitTests.Messaging.Epochs;

/// <summary>What two streams, a lock and a clock of a broker do, in one thread, as far as the protocol of the epochs rests on it.</summary>
internal sealed class ModelBroker(Random random) : TimeProvider
{
    private long _now = 1;
    private ulong _republications;

    public Random Random { get; } = random;

    /// <summary>Null while it does not exist.</summary>
    public ModelStream<ModelRecord>? Pushes { get; set; }

    /// <summary>Null while it does not exist.</summary>
    public ModelStream<EpochRecord>? Epochs { get; set; }

    public object? LockHolder { get; set; }

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => _now;

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public void Pass(int atMostMilliseconds) => _now += Random.Next(atMostMilliseconds);

    public void Publish(int id, bool isRepublished = false) => Pushes!.Records.Add(new ModelRecord(id, _now, isRepublished ? ++_republications : 0));

    /// <summary>The place from which a consumer reads that attaches with <paramref name="start"/>.</summary>
    public int Resolve(object start)
    {
        var records = Pushes!.Records;
        if (start is string { } word)
        {
            if (word == StreamOffset.First)
            {
                return 0;
            }

            if (word == StreamOffset.Next)
            {
                return records.Count;
            }

            var since = _now - (long)TimeSpan.FromSeconds(int.Parse(word[..^1], CultureInfo.InvariantCulture)).TotalMilliseconds;
            var at = records.FindIndex(record => record.At >= since);
            at = at < 0 ? records.Count : at;

            // By whole chunks: it can begin a little earlier.
            return records.FindIndex(record => record.At >= since - Random.Next(100)) is var earlier and >= 0 ? Math.Min(earlier, at) : at;
        }

        return (int)Convert.ToInt64(start, CultureInfo.InvariantCulture);
    }
}

/// <summary>One life of a stream: a deleted one that is made again is another.</summary>
internal sealed class ModelStream<T>
{
    public List<T> Records { get; init; } = [];

    public ModelStream<T> Copy() => new() { Records = [.. Records] };
}

/// <param name="Id">Names the publication, however often it is published.</param>
/// <param name="At">When it was stored, in milliseconds.</param>
/// <param name="Republication">See <see cref="Push.Messaging.PublicationRecord.Republication"/>.</param>
internal sealed record ModelRecord(int Id, long At, ulong Republication)
{
    public ulong Fingerprint => ((ulong)Id + 1) * 0x9E3779B97F4A7C15;
}
