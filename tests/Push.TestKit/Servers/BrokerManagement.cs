using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Push.TestKit.Servers;

/// <summary>RabbitMQ's management API, as far as tests need it.</summary>
public sealed class BrokerManagement : IDisposable
{
    private static readonly TimeSpan ReachableLimit = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly BrokerAccount _account;

    internal BrokerManagement(Uri address, BrokerAccount account)
    {
        _account = account;
        Address = address;
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(account.Plain)));
    }

    public Uri Address { get; }

    /// <summary>Name and password with a colon between them, for <c>curl --user</c>.</summary>
    public string Credentials => _account.Plain;

    public async Task CreateVirtualHostAsync(string name, CancellationToken cancellationToken = default)
    {
        await PutAsync($"/api/vhosts/{name}", new { }, cancellationToken);
        await PutAsync(
            $"/api/permissions/{name}/{Uri.EscapeDataString(_account.User)}",
            new { configure = ".*", write = ".*", read = ".*" },
            cancellationToken);
    }

    public async Task DeleteVirtualHostAsync(string name, CancellationToken cancellationToken = default)
    {
        using var answer = await _http.DeleteAsync(new Uri($"/api/vhosts/{name}", UriKind.Relative), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    internal Task WaitUntilReachableAsync(CancellationToken cancellationToken) =>
        Deadline.UntilAsync(IsReachableAsync, ReachableLimit, $"answer of RabbitMQ's management API at {Address}", cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri("/api/whoami", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task PutAsync<T>(string path, T body, CancellationToken cancellationToken)
    {
        using var answer = await _http.PutAsJsonAsync(new Uri(path, UriKind.Relative), body, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
