using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Push.ServiceDefaults.Bus;

/// <summary>A service that publishes is ready while a push can be confirmed.</summary>
internal sealed class PublisherHealthCheck(StreamPublisher publisher) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(publisher.IsReady
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "The broker can't be reached, or accepts no messages."));
}
