using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Push.Gateway;

/// <summary>
/// Makes one destination of each address that a name stands for, and looks again from time to time: instances come and go. YARP's own
/// resolver ends the process when a name is not there yet, so Edges that are late would take the Api with them.
/// </summary>
internal sealed class DestinationResolver(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time) : IDestinationResolver
{
    internal static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, IPAddress[]> _known = new();

    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>();
        var isLasting = true;
        foreach (var (name, destination) in destinations)
        {
            var url = new Uri(destination.Address);
            var isName = url.HostNameType == UriHostNameType.Dns && !url.IsLoopback;
            var addresses = isName ? await AddressesAsync(url.Host, cancellationToken) : [];
            isLasting &= !isName;
            foreach (var address in addresses)
            {
                resolved[$"{name}[{address}]"] = destination with
                {
                    Address = new UriBuilder(url) { Host = address.ToString() }.ToString(),
                    Host = destination.Host ?? url.Authority,
                };
            }

            if (addresses.Length == 0)
            {
                resolved[name] = destination;
            }
        }

        var change = isLasting ? null : new CancellationChangeToken(new CancellationTokenSource(RefreshPeriod, time).Token);
        return new ResolvedDestinationCollection(resolved, change);
    }

    /// <summary>The addresses that were known last, where the name service has no answer.</summary>
    private async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return _known[host] = await resolve(host, cancellationToken);
        }
        catch (SocketException)
        {
            return _known.GetValueOrDefault(host, []);
        }
    }
}
