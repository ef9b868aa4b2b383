using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using WorldCupReplay.Tournament;

namespace WorldCupReplay.Publishing;

/// <summary>Publishes goals over HTTP. Sending one again is harmless: Push drops a second message with the same id.</summary>
internal sealed class GoalPublisher : IDisposable
{
    private const int Attempts = 30;

    private static readonly Uri Path = new("push/new/score/message", UriKind.Relative);
    private static readonly TimeSpan DefaultRetryDelay = TimeSpan.FromSeconds(1);

    // Push remembers ids for minutes: without this part, a second replay would look like a retry of the first.
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public GoalPublisher(Uri url, string? apiKey, TimeProvider time)
    {
        _time = time;
        _http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(15) };
        _http.DefaultRequestHeaders.Authorization = apiKey is null ? null : new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public async Task PublishAsync(Goal goal, CancellationToken cancellationToken)
    {
        var body = JsonContent.Create(
            new { id = $"{_run}-{goal.Room}-{goal.Number}", roomId = goal.Room, key = goal.Room, occurredAt = _time.GetUtcNow(), message = GoalMessage.Of(goal) },
            options: JsonSerializerOptions.Web);
        await body.LoadIntoBufferAsync(cancellationToken);

        var problem = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                using var answer = await _http.PostAsync(Path, body, cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                problem = $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}";
                if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests))
                {
                    break;
                }

                await Task.Delay(answer.Headers.RetryAfter?.Delta ?? DefaultRetryDelay, _time, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                problem = e.Message;
                await Task.Delay(DefaultRetryDelay, _time, cancellationToken);
            }
        }

        throw new PublishFailedException($"{_http.BaseAddress} did not take goal {goal.Number} of {goal.Room}. {problem}");
    }

    public void Dispose() => _http.Dispose();
}
