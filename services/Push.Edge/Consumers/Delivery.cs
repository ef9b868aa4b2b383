using System.Diagnostics;
using System.IO.Hashing;
using System.Runtime.InteropServices;
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

    /// <summary>Names the time that it is published once more because the stream may have lost it; 0 for what is published first.</summary>
    public ulong Republication => HeaderBytes(BusNames.RepublishedHeader) is { } name ? XxHash3.HashToUInt64(name) : 0;

    /// <summary>
    /// A hash of the body and of what else tells publications of one text apart. The same for a publication that is published once more;
    /// never used for security.
    /// </summary>
    public ulong Fingerprint
    {
        get
        {
            var seed = properties.IsTimestampPresent() ? properties.Timestamp.UnixTime : 0;
            seed = Mix(HeaderBytes(BusNames.IdHeader), seed);
            seed = Mix(HeaderBytes(BusNames.TraceParentHeader), seed);
            seed = Mix(MemoryMarshal.AsBytes(properties.MessageId.AsSpan()), seed);
            return XxHash3.HashToUInt64(Body, seed);

            static long Mix(ReadOnlySpan<byte> bytes, long seed) => bytes.IsEmpty ? seed : (long)XxHash3.HashToUInt64(bytes, seed);
        }
    }

    /// <summary>The publisher says that the body is MassTransit's envelope.</summary>
    public bool IsEnvelope => properties.ContentType is { } type && type.StartsWith(EnvelopeContentType, StringComparison.OrdinalIgnoreCase);

    public ActivityContext Trace =>
        ActivityContext.TryParse(Header(BusNames.TraceParentHeader) ?? Header(MassTransitActivityHeader), null, isRemote: true, out var trace) ? trace : default;

    private string? Header(string name) => HeaderBytes(name) is { Length: > 0 and <= MaxHeaderBytes } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private byte[]? HeaderBytes(string name) => properties.Headers is { } headers && headers.TryGetValue(name, out var value) ? value as byte[] : null;
}
