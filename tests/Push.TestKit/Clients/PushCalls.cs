using System.Net.Http.Json;
using System.Text.Json;

namespace Push.TestKit.Clients;

/// <summary>The HTTP calls of Push, as any client makes them.</summary>
public sealed class PushCalls : IDisposable
{
    public const string PublishPath = "/push/new/score/message";

    private readonly HttpClient _http;

    public PushCalls(Uri address) => _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };

    public Uri Address => _http.BaseAddress!;

    public async Task<string> GetTokenAsync(string deviceId, string? userId = null, CancellationToken cancellationToken = default)
    {
        var user = userId is null ? "" : $"&isLogin=true&userId={Uri.EscapeDataString(userId)}";
        var answer = await GetAsync($"/get/token?deviceId={Uri.EscapeDataString(deviceId)}{user}", cancellationToken);
        if (answer.Status != 200)
        {
            throw new InvalidOperationException($"no token: {answer}");
        }

        using var body = JsonDocument.Parse(answer.Body);
        return body.RootElement.GetProperty("data").GetString()!;
    }

    public Task<Answer> HeartbeatAsync(string token, CancellationToken cancellationToken = default) => GetAsync($"/heartbeat?token={token}", cancellationToken);

    public Task<Answer> PublishAsync<T>(T body, CancellationToken cancellationToken = default) =>
        PostAsync(JsonContent.Create(body, options: JsonSerializerOptions.Web), cancellationToken);

    public async Task<Answer> PostAsync(HttpContent content, CancellationToken cancellationToken = default)
    {
        using (content)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, PublishPath) { Content = content };
            return await SendAsync(request, cancellationToken);
        }
    }

    public async Task<Answer> GetAsync(string pathAndQuery, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, pathAndQuery));
        return await SendAsync(request, cancellationToken);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        using var answer = await _http.SendAsync(request, cancellationToken);
        return new Answer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken), answer.Headers.RetryAfter?.Delta);
    }

    public void Dispose() => _http.Dispose();
}
