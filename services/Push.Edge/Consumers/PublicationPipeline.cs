using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Fanout;
using Push.Edge.Telemetry;
using Push.ServiceDefaults.Bus;

namespace Push.Edge.Consumers;

/// <summary>
/// What happens to a publication between the broker and the fan-out, whichever way it came. Called by one reader at a time, in the
/// stream's order; never throws for what a publisher sent.
/// </summary>
internal sealed class PublicationPipeline(
    RoomFanout fanout,
    DuplicateWindow seen,
    PoisonLog poison,
    EdgeMetrics metrics,
    DeliveryTelemetry telemetry,
    IOptions<PublicationOptions> options)
{
    private readonly ArrayBufferWriter<byte> _payload = new(initialCapacity: 4096);

    public PublicationOutcome Handle(in Delivery delivery) => Count(HandleRecord(delivery));

    public PublicationOutcome Handle(PushRequested request, ActivityContext trace) => Count(HandleEvent(request, trace));

    /// <summary>Takes note of a publication from before this Edge was ready, so that its retry is recognised; delivers nothing.</summary>
    public void Remember(in Delivery delivery)
    {
        if (TryDecode(delivery, out var push, out _) && TryWrite(push, out _))
        {
            IsNew(push.Target, push.Id ?? delivery.Id);
        }
    }

    private PublicationOutcome Count(PublicationOutcome outcome)
    {
        metrics.PublicationRead(outcome);
        return outcome;
    }

    private PublicationOutcome HandleRecord(in Delivery delivery)
    {
        // Most publications are for rooms without members here. One without an id costs a look at a header; one with an id is read all the same,
        // since the id of a malformed one must not stand in the way of its corrected retry.
        if (delivery.TryGetTarget(out var target) && !fanout.HasAudience(target) && delivery.Id is null)
        {
            return PublicationOutcome.Skipped;
        }

        return TryDecode(delivery, out var push, out var error)
            ? FanOut(push, push.Id ?? delivery.Id, delivery.Trace)
            : poison.SetAside(error, delivery.Body);
    }

    private PublicationOutcome HandleEvent(PushRequested request, ActivityContext trace)
    {
        var message = request.Message.ValueKind == JsonValueKind.Undefined ? default : MessageJson.Normalize(JsonMarshal.GetRawUtf8Value(request.Message));
        if (!PushTarget.TryGet(request, out var target, out var error)
            || (error = PushDecoder.Check(request.Id, request.Message.ValueKind)) is not null)
        {
            return poison.SetAside(error!, message);
        }

        var push = new DecodedPush
        {
            Target = target,
            Id = request.Id,
            Message = message,
            PublishedAt = request.PublishedAt,
            OccurredAt = request.OccurredAt,
        };
        return FanOut(push, request.Id, trace);
    }

    private bool TryDecode(in Delivery delivery, out DecodedPush push, out string error)
    {
        if (delivery.Body.Length <= options.Value.MaxRecordBytes)
        {
            return PushDecoder.TryDecode(delivery.Body, delivery.IsEnvelope, out push, out error!);
        }

        push = default;
        error = $"the record has more than {options.Value.MaxRecordBytes} bytes, 16 times Pushes:MaxMessageBytes";
        return false;
    }

    /// <summary>Writes the message as clients receive it. False, with a reason, where they may not receive it.</summary>
    private bool TryWrite(scoped in DecodedPush push, [NotNullWhen(false)] out string? error) =>
        PlainPayload.TryWrite(push.Message, _payload, out error) && (error = CheckSize(_payload.WrittenCount)) is null;

    private string? CheckSize(int bytes) => bytes <= options.Value.MaxMessageBytes
        ? null
        : $"the message has {bytes} bytes, Pushes:MaxMessageBytes of this Edge allows {options.Value.MaxMessageBytes}";

    private PublicationOutcome FanOut(scoped in DecodedPush push, string? id, ActivityContext trace)
    {
        if (!TryWrite(push, out var error))
        {
            var outcome = poison.SetAside(error, push.Message);
            return CheckSize(_payload.WrittenCount) is null ? outcome : PublicationOutcome.TooLarge;
        }

        if (push.HasUnreadableTime)
        {
            metrics.TimeUnreadable();
        }

        if (!IsNew(push.Target, id))
        {
            return PublicationOutcome.Duplicate;
        }

        if (!fanout.HasAudience(push.Target))
        {
            return PublicationOutcome.Skipped;
        }

        using var activity = telemetry.StartProcess(trace, push.Target, id);
        fanout.Publish(new Publication(push.Target, _payload.WrittenMemory, push.PublishedAt, push.OccurredAt, activity?.Context ?? trace));
        return PublicationOutcome.FannedOut;
    }

    /// <summary>A publication without an id is always new.</summary>
    private bool IsNew(in PushTarget target, string? id) => string.IsNullOrEmpty(id) || seen.TryAdd(target, id);
}
