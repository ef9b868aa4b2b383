using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Push.Contracts;
using RabbitMQ.Client;

namespace Push.ServiceDefaults.Bus;

/// <summary>One publication on its way: serialised where it is published, completed when the broker confirms it.</summary>
internal sealed class OutgoingPush : TaskCompletionSource
{
    // Clients receive objects and arrays as they stand in the body: text stays readable there instead of becoming \u escapes.
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly string Process = RandomNumberGenerator.GetHexString(12, lowercase: true);
    private static long _count;

    private readonly PooledBuffer _body;

    public OutgoingPush(PushRequested request, PushTarget target)
        : this(NextName(), target.ToString(), request.Id, Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } trace } ? trace : null, new PooledBuffer(512))
    {
        using var writer = new Utf8JsonWriter(_body, Json);
        JsonSerializer.Serialize(writer, request, PushJsonContext.Default.PushRequested);
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
