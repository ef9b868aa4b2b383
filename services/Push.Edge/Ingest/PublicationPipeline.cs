using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Fanout;
using Push.Edge.Protocols;
using Push.Edge.Telemetry;
using Push.Messaging;

namespace Push.Edge.Ingest;

/// <summary>
/// What happens to a publication between the stream and the fan-out. Called by one reader at a time, in the stream's order; never throws for what a
/// publisher sent.
/// </summary>
internal sealed class PublicationPipeline(
    RoomFanout fanout,
    DuplicateWindow seen,
    MalformedLog malformed,
    EdgeMetrics metrics,
    DeliveryTelemetry telemetry,
    IOptions<PublicationOptions> options)
{
    private readonly ArrayBufferWriter<byte> _payload = new(initialCapacity: 4096);

    public PublicationOutcome Handle(in PublicationRecord record)
    {
        var outcome = FanOut(record);
        metrics.PublicationRead(outcome);
        return outcome;
    }

    /// <summary>Takes note of a publication from before this Edge was ready, so that its retry is recognised; delivers nothing.</summary>
    public void Remember(in PublicationRecord record)
    {
        if (TryDecode(record, out var publication, out _) && TryWrite(publication, out _))
        {
            IsNew(publication.Target, publication.Id ?? record.HeaderId);
        }
    }

    private PublicationOutcome FanOut(in PublicationRecord record)
    {
        // Most publications are for rooms without members here. One without an id costs a look at a header; one with an id is read all the same,
        // since the id of a malformed one must not stand in the way of its corrected retry.
        if (record.TryGetHeaderTarget(out var target) && !fanout.HasSubscribers(target) && record.HeaderId is null)
        {
            return PublicationOutcome.Skipped;
        }

        if (!TryDecode(record, out var publication, out var error))
        {
            return malformed.SetAside(error, record.Body);
        }

        if (!TryWrite(publication, out error))
        {
            var outcome = malformed.SetAside(error, publication.Message);
            return CheckSize(_payload.WrittenCount) is null ? outcome : PublicationOutcome.TooLarge;
        }

        if (publication.HasUnreadableTime)
        {
            metrics.TimeUnreadable();
        }

        var id = publication.Id ?? record.HeaderId;
        if (!IsNew(publication.Target, id))
        {
            return PublicationOutcome.Duplicate;
        }

        if (!fanout.HasSubscribers(publication.Target))
        {
            return PublicationOutcome.Skipped;
        }

        var trace = record.Trace;
        using var activity = telemetry.StartProcess(trace, publication.Target, id);
        fanout.Publish(new Publication
        {
            Position = record.Position,
            Target = publication.Target,
            Key = publication.Key,
            Payload = _payload.WrittenMemory,
            PublishedAt = publication.PublishedAt,
            OccurredAt = publication.OccurredAt,
            Trace = activity?.Context ?? trace,
        });
        return PublicationOutcome.FannedOut;
    }

    private bool TryDecode(in PublicationRecord record, out DecodedPublication publication, [NotNullWhen(false)] out string? error)
    {
        if (record.Body.Length <= options.Value.MaxRecordBytes)
        {
            return record.TryDecode(out publication, out error);
        }

        publication = default;
        error = $"the record has more than {options.Value.MaxRecordBytes} bytes, 16 times Pushes:MaxMessageBytes";
        return false;
    }

    /// <summary>Writes the message as clients receive it. False, with a reason, where they may not receive it.</summary>
    private bool TryWrite(scoped in DecodedPublication publication, [NotNullWhen(false)] out string? error)
    {
        PlainPayload.Write(publication.Message, _payload);
        error = CheckSize(_payload.WrittenCount);
        return error is null;
    }

    private string? CheckSize(int bytes) => bytes <= options.Value.MaxMessageBytes
        ? null
        : $"the message has {bytes} bytes, Pushes:MaxMessageBytes of this Edge allows {options.Value.MaxMessageBytes}";

    /// <summary>A publication without an id is always new.</summary>
    private bool IsNew(in RoomKey target, string? id) => string.IsNullOrEmpty(id) || seen.TryAdd(target, id);
}
