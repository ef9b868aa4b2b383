using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Fanout;
using Push.Edge.Telemetry;

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
        if (delivery.TryGetTarget(out var target) && delivery.Id is { } id)
        {
            seen.TryAdd(target, id);
        }
        else if (TryDecode(delivery, out var push, out _))
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
        // Most publications are for rooms without members here: those cost a look at a header.
        if (delivery.TryGetTarget(out var target) && !fanout.HasAudience(target))
        {
            return IsNew(target, delivery.Id) ? PublicationOutcome.Skipped : PublicationOutcome.Duplicate;
        }

        if (!TryDecode(delivery, out var push, out var error))
        {
            return poison.SetAside(error, delivery.Body);
        }

        return FanOut(push, push.Id ?? delivery.Id, delivery.Trace);
    }

    private PublicationOutcome HandleEvent(PushRequested request, ActivityContext trace)
    {
        var message = request.Message.ValueKind == JsonValueKind.Undefined ? default : JsonMarshal.GetRawUtf8Value(request.Message);
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
        if (delivery.Body.Length <= options.Value.MaxBodyBytes)
        {
            return PushDecoder.TryDecode(delivery.Body, out push, out error!);
        }

        push = default;
        error = "the body is too large";
        return false;
    }

    private PublicationOutcome FanOut(scoped in DecodedPush push, string? id, ActivityContext trace)
    {
        if (!IsNew(push.Target, id))
        {
            return PublicationOutcome.Duplicate;
        }

        if (!fanout.HasAudience(push.Target))
        {
            return PublicationOutcome.Skipped;
        }

        if (!PlainPayload.TryWrite(push.Message, _payload, out var error))
        {
            return poison.SetAside(error, push.Message);
        }

        if (_payload.WrittenCount > options.Value.MaxMessageBytes)
        {
            return poison.SetAside("message is too large", push.Message);
        }

        using var activity = telemetry.StartProcess(trace, push.Target, id);
        fanout.Publish(new Publication(push.Target, _payload.WrittenMemory, push.PublishedAt, push.OccurredAt, activity?.Context ?? trace));
        return PublicationOutcome.FannedOut;
    }

    /// <summary>A publication without an id is always new.</summary>
    private bool IsNew(in PushTarget target, string? id) => string.IsNullOrEmpty(id) || seen.TryAdd(target, id);
}
