namespace Push.Contracts;

/// <summary>The names on the broker, in one place. They are part of the wire contract (docs/protocol.md).</summary>
public static class BusNames
{
    /// <summary>The durable fanout exchange that publishers publish to: the name MassTransit gives to <see cref="PushRequested"/>.</summary>
    public const string PushExchange = "Push.Contracts:PushRequested";

    /// <summary>The stream behind <see cref="PushExchange"/>, read by every Edge at its own offset.</summary>
    public const string PushStream = "push-requested";

    /// <summary>The stream that names the epochs of <see cref="PushStream"/>: only appended to.</summary>
    public const string EpochStream = "push-requested.epoch";

    /// <summary>An exclusive queue whose owner alone may create or re-create the streams.</summary>
    public const string SetupLock = "push-requested.setup";

    /// <summary>AMQP header: the text form of <see cref="RoomKey"/>. Lets an Edge skip a room without parsing the body.</summary>
    public const string TargetHeader = "target";

    /// <summary>AMQP header: <see cref="PushRequested.Id"/>. Lets an Edge remember the id of a skipped publication.</summary>
    public const string IdHeader = "push-id";

    /// <summary>AMQP header: the publication was confirmed before, and is published once more because the stream may have lost it. The value names this time.</summary>
    public const string RepublishedHeader = "push-republished";

    /// <summary>W3C trace context, as MassTransit and OpenTelemetry propagate it.</summary>
    public const string TraceParentHeader = "traceparent";

    /// <summary>The queue for an Edge's control events. Not the name of earlier versions, whose queues were durable: a queue's properties can't be changed.</summary>
    public static string EdgeQueue(string edgeId) => $"push-control-{edgeId}";
}
