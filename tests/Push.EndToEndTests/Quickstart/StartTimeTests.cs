using System.Diagnostics;
using Push.EndToEndTests.Setup;
using Push.TestKit.Network;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Quickstart;

[Collection(AloneCollection.Name)]
public sealed class StartTimeTests
{
    // The figure that a newcomer should see is printed; the limit only tells a start from a hang on a busy machine.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_all_in_one_is_there_at_once()
    {
        var (http, edge) = (ServerAddress.Loopback(FreePort.Take()), ServerAddress.Loopback(FreePort.Take()));
        var startedAt = Stopwatch.GetTimestamp();
        await using var process = ServiceProcess.Launch(
            "all-in-one",
            "services/Push.AllInOne",
            new Uri($"http://{http}"),
            [new("Listen:Url", $"http://{http}"), new("Listen:Edge:Url", $"http://{edge}")]);
        await process.AnswersAsync("/health", TestContext.Current.CancellationToken);

        var took = Stopwatch.GetElapsedTime(startedAt);
        Console.WriteLine($"start-up: the all-in-one answered /health after {took.TotalSeconds:0.0} s");
        Assert.InRange(took, TimeSpan.Zero, Limit);
    }
}
