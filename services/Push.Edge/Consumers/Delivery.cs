using System.Diagnostics;
using System.Text;
using Push.Contracts;
using RabbitMQ.Client;

namespace Push.Edge.Consumers;

/// <summary>One record of the stream. Valid only while it is handled.</summary>
internal readonly ref struct Delivery(IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body)
{
    /// <summary>Where MassTransit puts the trace context (in the form of <c>traceparent</c>) when RabbitMQ.Client is not traced itself.</summary>
    private const string MassTransitActivityHeader = "MT-Activity-Id";

    private const string EnvelopeContentType = "application/vnd.masstransit+json";

    /// <summary>Longer than any header that is understood.</summary>
    private const int MaxHeaderBytes = 1024;

    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>What the publisher says the target is; only the body knows. False where it says nothing, or nothing sensible.</summary>
    public bool TryGetTarget(out PushTarget target) => PushTarget.TryParse(Header(BusNames.TargetHeader), out target);

    /// <summary>Null where the publisher does not give it, or it is malformed.</summary>
    public string? Id => Header(BusNames.IdHeader) is { } id && PublicationId.IsValid(id) ? id : null;

    /// <summary>The publisher says that the body is MassTransit's envelope.</summary>
    public bool IsEnvelope => properties.ContentType is { } type && type.StartsWith(EnvelopeContentType, StringComparison.OrdinalIgnoreCase);

    public ActivityContext Trace =>
        ActivityContext.TryParse(Header(BusNames.TraceParentHeader) ?? Header(MassTransitActivityHeader), null, isRemote: true, out var trace) ? trace : default;

    private string? Header(string name) =>
        properties.Headers is { } headers && headers.TryGetValue(name, out var value) && value is byte[] { Length: > 0 and <= MaxHeaderBytes } bytes
            ? Encoding.UTF8.GetString(bytes)
            : null;
}
