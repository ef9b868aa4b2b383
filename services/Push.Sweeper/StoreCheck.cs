using Microsoft.Extensions.Diagnostics.HealthChecks;
using Push.Presence;

namespace Push.Sweeper;

/// <summary>A sweeper without its store has nothing to do.</summary>
internal sealed class StoreCheck(PresenceStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.PingAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (PresenceUnavailableException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception: e);
        }
    }
}
