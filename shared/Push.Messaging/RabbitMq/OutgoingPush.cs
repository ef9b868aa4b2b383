using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Push.Contracts;
using RabbitMQ.Client;

namespace Push.Messaging.RabbitMq;

/// <summary>One publication on its way: serialised where it is published, completed when the broker confirms it.</summary>
internal sealed class OutgoingPush : TaskCompletionSource
{
    // Clients receive objects and arrays as they stand in the body: text stays readable there instead of becoming \u escapes.
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly string Process = RandomNumberGenerator.GetHexString(12, lowercase: true);
    private static long _count;

    private readonly PooledBuffer _body;

    public OutgoingPush(scoped in DecodedPublication publication)
        : this(NextName(), publication.Target.ToString(), publication.Id, Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } trace } ? trace : null, new PooledBuffer(512))
    {
        using var writer = new Utf8JsonWriter(_body, Json);
        PublicationEncoder.Write(publication, writer);
    }

    /// <summary>Once more, because the stream may have lost it.</summary>
    public OutgoingPush(ConfirmedPublication again)
        : this(again.MessageId, again.Target, again.Id, again.TraceParent, new PooledBuffer(again.Body.Length))
    {
        _body.Write(again.Body);
        Properties.Headers!.Add(BusNames.RepublishedHeader, NextName());
    }

    private OutgoingPush(string messageId, string target, string? id, string? traceParent, PooledBuffer body)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Target = target;
        Id = id;
        TraceParent = traceParent;
        _body = body;
        var headers = new Dictionary<string, object?>(3) { [BusNames.TargetHeader] = target, [BusNames.IdHeader] = id };
        if (traceParent is not null)
        {
            headers[BusNames.TraceParentHeader] = traceParent;
        }

        Properties = new BasicProperties
        {
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            MessageId = messageId,
            Headers = headers,
        };
    }

    /// <summary>Tells publications of one text apart, of whichever publisher.</summary>
    public string MessageId => Properties.MessageId!;

    public string Target { get; }

    public string? Id { get; }

    public string? TraceParent { get; }

    public BasicProperties Properties { get; }

    public ReadOnlyMemory<byte> Body => _body.Written;

    /// <summary>Gives the body back to the pool. Only once it can't be on its way to the broker any more: else it is left to the garbage collector.</summary>
    public void Release() => _body.Dispose();

    private static string NextName() => $"{Process}-{Interlocked.Increment(ref _count)}";
}

/// <summary>A growing buffer from the shared pool. Dispose it exactly once.</summary>
internal sealed class PooledBuffer(int initialCapacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(initialCapacity);
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Reserve(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (_bytes.Length - _length >= needed)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + needed));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
