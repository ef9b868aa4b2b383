using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Push.Contracts;
using RabbitMQ.Client;

namespace Push.Messaging;

/// <summary>One record of the stream. Valid only while it is handled.</summary>
public readonly ref struct PublicationRecord
{
    /// <summary>Where MassTransit puts the trace context (in the form of <c>traceparent</c>) when RabbitMQ.Client is not traced itself.</summary>
    private const string MassTransitActivityHeader = "MT-Activity-Id";

    private const string EnvelopeContentType = "application/vnd.masstransit+json";

    /// <summary>Longer than any header that is understood.</summary>
    private const int MaxHeaderBytes = 1024;

    private readonly IReadOnlyBasicProperties? _properties;
    private readonly DecodedPublication _decoded;
    private readonly ActivityContext _trace;

    /// <summary>As the broker delivers it.</summary>
    internal PublicationRecord(StreamPosition position, IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body)
    {
        Position = position;
        _properties = properties;
        Body = body;
    }

    /// <summary>As a publisher of this process has handed it over: checked there, and not once more.</summary>
    internal PublicationRecord(StreamPosition position, DecodedPublication decoded, ActivityContext trace)
    {
        Position = position;
        _decoded = decoded;
        _trace = trace;
    }

    /// <summary>Its place in the stream.</summary>
    public StreamPosition Position { get; }

    /// <summary>What was published; empty for a publisher of this process.</summary>
    public ReadOnlySpan<byte> Body { get; }

    public ActivityContext Trace =>
        _properties is null ? _trace
        : ActivityContext.TryParse(Header(BusNames.TraceParentHeader) ?? Header(MassTransitActivityHeader), null, isRemote: true, out var trace) ? trace : default;

    /// <summary>What the publisher's header says the id is; only the body knows. Null where there is none, or it is malformed.</summary>
    public string? HeaderId => Header(BusNames.IdHeader) is { } id && PrincipalId.IsValid(id) ? id : null;

    /// <summary>
    /// A hash of the body and of what else tells publications of one text apart. The same for a publication that is published once more;
    /// never used for security.
    /// </summary>
    internal ulong Fingerprint
    {
        get
        {
            var seed = _properties!.IsTimestampPresent() ? _properties.Timestamp.UnixTime : 0;
            seed = Mix(HeaderBytes(BusNames.IdHeader), seed);
            seed = Mix(HeaderBytes(BusNames.TraceParentHeader), seed);
            seed = Mix(MemoryMarshal.AsBytes(_properties.MessageId.AsSpan()), seed);
            return XxHash3.HashToUInt64(Body, seed);

            static long Mix(ReadOnlySpan<byte> bytes, long seed) => bytes.IsEmpty ? seed : (long)XxHash3.HashToUInt64(bytes, seed);
        }
    }

    /// <summary>Names the time that it is published once more because the stream may have lost it; 0 for what is published first.</summary>
    internal ulong Republication => HeaderBytes(BusNames.RepublishedHeader) is { } name ? XxHash3.HashToUInt64(name) : 0;

    /// <summary>What the publisher's header says the target is; only the body knows. False where it says nothing, or nothing sensible.</summary>
    public bool TryGetHeaderTarget(out RoomKey target) => RoomKey.TryParse(Header(BusNames.TargetHeader), out target);

    /// <summary>Reads the publication. False, with a reason that holds nothing of it, where it can't be delivered.</summary>
    public bool TryDecode(out DecodedPublication publication, [NotNullWhen(false)] out string? error)
    {
        if (_properties is not null)
        {
            var isEnvelope = _properties.ContentType is { } type && type.StartsWith(EnvelopeContentType, StringComparison.OrdinalIgnoreCase);
            return PublicationDecoder.TryDecode(Body, isEnvelope ? PublicationForm.Envelope : PublicationForm.Record, out publication, out error);
        }

        publication = _decoded;
        error = null;
        return true;
    }

    private string? Header(string name) => HeaderBytes(name) is { Length: > 0 and <= MaxHeaderBytes } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private byte[]? HeaderBytes(string name) => _properties?.Headers is { } headers && headers.TryGetValue(name, out var value) ? value as byte[] : null;
}
