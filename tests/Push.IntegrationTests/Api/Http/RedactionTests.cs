using System.Text.Json;
using Xunit;

namespace Push.IntegrationTests.Api.Http;

public sealed class RedactionTests
{
    [Fact]
    public async Task No_log_line_and_no_span_of_the_api_holds_a_token()
    {
        await using var host = await ApiHost.StartAsync("Development");
        var minted = await host.Client.GetStringAsync("/get/token?deviceId=phone", TestContext.Current.CancellationToken);
        var token = JsonDocument.Parse(minted).RootElement.GetProperty("data").GetString()!;

        foreach (var path in new[] { "/heartbeat?token=", "/heartbeat?x=", "/get/token?token=", "/push/new/score/message?token=", "/?token=", "/docs?token=", "/nowhere?token=", "/health/ready?token=" })
        {
            using var response = await host.GetAsync(path + token, ("Referer", $"{host.Address}?token={token}"));
        }

        // After the end of the host nothing more is written.
        await host.App.StopAsync(TestContext.Current.CancellationToken);
        Assert.Contains(host.Log.Lines, line => line.StartsWith("Trace ", StringComparison.Ordinal));
        Assert.NotEmpty(host.Spans.Spans);
        Assert.DoesNotContain(host.Log.Lines, line => line.Contains(token, StringComparison.Ordinal));
        Assert.DoesNotContain(host.Spans.Spans, span => span.Contains(token, StringComparison.Ordinal));
    }
}
