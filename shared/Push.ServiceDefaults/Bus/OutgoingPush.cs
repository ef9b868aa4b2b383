using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Push.Contracts;
using RabbitMQ.Client;

namespace Push.ServiceDefaults.Bus;

/// <summary>One publication on its way: serialised where it is published, completed when the broker confirms it.</summary>
internal sealed class OutgoingPush : TaskCompletionSource, IDisposable
{
    // Clients receive objects and arrays as they stand in the body: text stays readable there instead of becoming \u escapes.
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly PooledBuffer _body = new(512);

    public OutgoingPush(PushRequested request, PushTarget target)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        using (var writer = new Utf8JsonWriter(_body, Json))
        {
            JsonSerializer.Serialize(writer, request, PushJsonContext.Default.PushRequested);
        }

        var headers = new Dictionary<string, object?>(3)
        {
            [BusNames.TargetHeader] = target.ToString(),
            [BusNames.IdHeader] = request.Id,
        };
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } traceParent })
        {
            headers[BusNames.TraceParentHeader] = traceParent;
        }

        Properties = new BasicProperties
        {
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = headers,
        };
    }

    public BasicProperties Properties { get; }

    public ReadOnlyMemory<byte> Body => _body.Written;

    /// <summary>Gives the body back; the confirmation may still be to come.</summary>
    public void Dispose() => _body.Dispose();
}
