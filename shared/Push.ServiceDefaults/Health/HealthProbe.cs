using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Push.ServiceDefaults.Hosting;

namespace Push.ServiceDefaults.Health;

/// <summary>
/// A container's health check without curl: the service's own assembly, started a second time with <c>--health</c>, asks the running
/// one whether it is ready and tells by its exit code.
/// </summary>
public static class HealthProbe
{
    // Less than the time that container engines commonly grant, so that the reason is printed.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(8);

    public static bool IsRequestedBy(string[] args) => args is ["--health"];

    /// <summary>Asks <c>/health/ready</c> at <see cref="ListenSettings.Url"/> and prints the answer, which names what is not ready.</summary>
    /// <param name="configuration">The service's own, so that both processes read the same address.</param>
    /// <param name="defaultPort">The port where <see cref="ListenSettings.Url"/> is not set.</param>
    /// <returns>The exit code: 0 when the service is ready, else 1.</returns>
    public static async Task<int> RunAsync(IConfiguration configuration, int defaultPort)
    {
        // It asks itself: a proxy of the environment has no part in it, and the certificate is made for another name.
        using var handler = new HttpClientHandler { UseProxy = false, ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var client = new HttpClient(handler) { Timeout = Timeout };
        try
        {
            using var answer = await client.GetAsync(ReadyUri(configuration, defaultPort));
            Console.WriteLine(await answer.Content.ReadAsStringAsync());
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            Console.WriteLine(e.Message);
            return 1;
        }
    }

    private static Uri ReadyUri(IConfiguration configuration, int defaultPort)
    {
        var address = BindingAddress.Parse(configuration[$"{ListenSettings.Section}:{nameof(ListenSettings.Url)}"] ?? $"http://*:{defaultPort}");
        var host = IsEveryAddress(address.Host) ? "localhost" : address.Host;
        return new UriBuilder(address.Scheme, host, address.Port, "/health/ready").Uri;
    }

    private static bool IsEveryAddress(string host) =>
        host is "*" or "+" || (IPAddress.TryParse(host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
}
