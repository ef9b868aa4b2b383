using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Http;

namespace Push.Gateway;

/// <summary>Limits the requests of each client address. Health checks are not limited: an orchestrator must get its answer.</summary>
internal static class AddressLimit
{
    private static readonly Reply TooMany = Reply.Error(StatusCodes.Status429TooManyRequests, "Too many requests from this address") with { RetryAfter = "1" };

    public static void AddAddressLimit(this WebApplicationBuilder builder)
    {
        builder.Services.AddRateLimiter(limiter => limiter.OnRejected = (context, _) => new ValueTask(TooMany.WriteAsync(context.HttpContext)));
        builder.Services.AddOptions<Microsoft.AspNetCore.RateLimiting.RateLimiterOptions>().Configure<IOptions<GatewayOptions>>((limiter, options) =>
        {
            var rate = options.Value.RequestsPerSecond;
            if (rate > 0)
            {
                limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, IPAddress>(context => Partition(context, rate));
            }
        });
    }

    private static RateLimitPartition<IPAddress> Partition(HttpContext context, int rate) =>
        context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            ? RateLimitPartition.GetNoLimiter(IPAddress.None)
            : RateLimitPartition.GetTokenBucketLimiter(Client(context.Connection.RemoteIpAddress ?? IPAddress.None), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = rate,
                TokensPerPeriod = rate,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            });

    /// <summary>A subscriber of IPv6 has a whole /64 to choose addresses from.</summary>
    private static IPAddress Client(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
