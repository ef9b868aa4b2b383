using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Push.Edge.Lifecycle;

internal sealed class EdgeHealthCheck(EdgeReadiness readiness) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(readiness.IsReady ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus));
}
