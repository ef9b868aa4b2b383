using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Push.Gateway;

/// <summary>
/// Leaves a destination alone for a while after one connection to it that could not be made. YARP's own policy counts ten requests first;
/// choosing by least requests would prefer the dead destination all that time, as it has none.
/// </summary>
internal sealed class UnreachablePolicy(IDestinationHealthUpdater health) : IPassiveHealthCheckPolicy
{
    private static readonly TimeSpan DefaultReactivation = TimeSpan.FromSeconds(10);

    public string Name => "Unreachable";

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (ForwardAttempts.IsUnreachable(context))
        {
            var reactivation = cluster.Model.Config.HealthCheck?.Passive?.ReactivationPeriod ?? DefaultReactivation;
            health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, reactivation);
        }
    }
}
