using System.Diagnostics;
using Push.Contracts;

namespace Push.ServiceDefaults.Bus;

/// <summary>The span of a publish, by OpenTelemetry's conventions for messaging.</summary>
internal static class PublishTracing
{
    public const string RabbitMq = "rabbitmq";
    public const string InMemory = "in_memory";

    private const string SpanName = "publish " + BusNames.PushExchange;

    private static readonly ActivitySource Source = new("Push.Bus");

    /// <summary>Begins a span where the request that publishes is traced; null costs nothing. Never names a user or a device.</summary>
    public static Activity? Start(string system, PushRequested request, PushTarget target)
    {
        var activity = Source.StartActivity(SpanName, ActivityKind.Producer);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("messaging.system", system);
            activity.SetTag("messaging.operation.name", "publish");
            activity.SetTag("messaging.operation.type", "send");
            activity.SetTag("messaging.destination.name", BusNames.PushExchange);
            activity.SetTag("messaging.message.id", request.Id);
            activity.SetTag("push.target.kind", target.Kind.ToString().ToLowerInvariant());
        }

        return activity;
    }

    public static void Fail(this Activity? activity, Exception exception)
    {
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
        activity?.SetTag("error.type", exception.GetType().FullName);
    }
}
