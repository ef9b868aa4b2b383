using System.Text.Json;
using Push.LoadTest.Targets;

namespace Push.LoadTest.Cases;

/// <summary>A token for every connection, from Push's own API, kept alive by heartbeats as long as the session lasts.</summary>
internal sealed class TokenSupply : IAsyncDisposable
{
    private const int AtOnce = 32;

    // Within the default time-out of 30 s; a case that is over before that sends none.
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(15);

    private readonly HttpClient _client;
    private readonly string[] _tokens;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _heartbeats;

    private TokenSupply(HttpClient client, string[] tokens, string file)
    {
        _client = client;
        _tokens = tokens;
        File = file;
        _heartbeats = HeartbeatsAsync();
    }

    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>One token a line.</summary>
    public string File { get; }

    /// <summary>Heartbeats that were not answered with success.</summary>
    public int FailedHeartbeats { get; private set; }

    public static async Task<TokenSupply> CreateAsync(Target target, int count, string folder, CancellationToken cancellationToken)
    {
        var client = new HttpClient { BaseAddress = target.Api };
        if (target.Publisher.ApiKey is { } key)
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        }

        var run = Guid.NewGuid().ToString("N")[..8];
        var tokens = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, stop) =>
        {
            using var answer = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri($"/get/token?deviceId=load-{run}-{i}&isLogin=false", UriKind.Relative), stop));
            tokens[i] = answer.RootElement.GetProperty("data").GetString()!;
        });
        var file = Path.Combine(folder, "tokens");
        await System.IO.File.WriteAllLinesAsync(file, tokens, cancellationToken);
        return new TokenSupply(client, tokens, file);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _heartbeats.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task HeartbeatsAsync()
    {
        using var timer = new PeriodicTimer(HeartbeatInterval);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            await Parallel.ForEachAsync(_tokens, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = _stop.Token }, async (token, stop) =>
            {
                using var answer = await _client.GetAsync(new Uri($"/heartbeat?token={token}", UriKind.Relative), stop);
                if (!answer.IsSuccessStatusCode)
                {
                    FailedHeartbeats++;
                }
            });
        }
    }
}
