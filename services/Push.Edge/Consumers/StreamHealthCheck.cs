using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Push.Edge.Consumers;

/// <summary>An Edge is ready while it reads the stream.</summary>
internal sealed class StreamHealthCheck(PushStreamReader reader) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(reader.IsAttached
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "The stream is not attached."));
}
