using System.Diagnostics;
using Push.Contracts;
using Push.Messaging.RabbitMq;

namespace Push.Messaging;

/// <summary>Spans of publications, by OpenTelemetry's conventions for messaging and for RabbitMQ. They never name a room, a user or a device.</summary>
public static class MessagingSpan
{
    private const string PublishName = $"publish {BusNames.PushExchange}";

    /// <summary>What is consumed: an exchange's messages from a queue.</summary>
    private const string Consumed = $"{BusNames.PushExchange}:{BusNames.PushStream}";

    private const string ProcessName = $"process {Consumed}";

    private static readonly ActivitySource Publishing = new("Push.Bus");

    /// <summary>Begins the span of a publish where the request that publishes is traced; null costs nothing.</summary>
    /// <param name="broker">Null for the stream in memory.</param>
    /// <param name="id">The publication's, where it has one.</param>
    /// <param name="target">For whom.</param>
    public static Activity? StartPublish(BrokerAddress? broker, string? id, in RoomKey target)
    {
        var activity = Publishing.StartActivity(PublishName, ActivityKind.Producer);
        Describe(activity, broker, "publish", "send", BusNames.PushExchange, id, target);
        return activity;
    }

    /// <summary>Begins the span of a consumed publication on <paramref name="source"/>; null where it is not traced.</summary>
    /// <param name="source">Of the service that consumes.</param>
    /// <param name="trace">The publisher's; default where it sends none: then a trace begins here.</param>
    /// <param name="broker">Null for the stream in memory.</param>
    /// <param name="id">The publication's, where it has one.</param>
    /// <param name="target">For whom.</param>
    public static Activity? StartProcess(ActivitySource source, ActivityContext trace, BrokerAddress? broker, string? id, in RoomKey target)
    {
        var activity = source.StartActivity(ProcessName, ActivityKind.Consumer, trace);
        Describe(activity, broker, "process", "process", Consumed, id, target);
        return activity;
    }

    public static void Fail(this Activity? activity, Exception exception)
    {
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
        activity?.SetTag("error.type", exception.GetType().FullName);
    }

    private static void Describe(
        Activity? activity, BrokerAddress? broker, string operation, string operationType, string destination, string? id, in RoomKey target)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        activity.SetTag("messaging.system", broker is null ? "in_memory" : "rabbitmq");
        activity.SetTag("messaging.operation.name", operation);
        activity.SetTag("messaging.operation.type", operationType);
        activity.SetTag("messaging.destination.name", destination);
        activity.SetTag("messaging.message.id", id);
        activity.SetTag("push.target.kind", target.Kind.ToString().ToLowerInvariant());
        if (broker is not null)
        {
            activity.SetTag("server.address", broker.Uri.Host);
            activity.SetTag("server.port", broker.Port);
        }
    }
}
