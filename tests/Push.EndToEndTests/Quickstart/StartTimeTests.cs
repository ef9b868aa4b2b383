using System.Diagnostics;
using Push.EndToEndTests.Setup;
using Push.TestKit.Network;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Quickstart;

[Collection(AloneCollection.Name)]
public sealed class StartTimeTests
{
    private const int Attempts = 5;

    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(3);

    // Other work that keeps all processors busy for the whole test.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(7);

    /// <summary>One start on time will do: whatever else the machine has to do only ever adds to it.</summary>
    [Fact]
    public async Task The_all_in_one_is_there_within_three_seconds()
    {
        var took = new List<double>();
        while (took.Count < Attempts && (took.Count == 0 || took[^1] > Promise.TotalSeconds))
        {
            took.Add((await StartAsync()).TotalSeconds);
        }

        Console.WriteLine($"start-up: the all-in-one answered /health after {took[^1]:0.0} s");
        Assert.True(took[^1] <= (Promise + Tolerance).TotalSeconds, $"It took {string.Join(" s, ", took.Select(each => $"{each:0.0}"))} s");
    }

    private static async Task<TimeSpan> StartAsync()
    {
        var (http, edge) = (ServerAddress.Loopback(FreePort.Take()), ServerAddress.Loopback(FreePort.Take()));
        var startedAt = Stopwatch.GetTimestamp();
        await using var process = ServiceProcess.Launch(
            "all-in-one",
            "services/Push.AllInOne",
            new Uri($"http://{http}"),
            [new("Listen:Url", $"http://{http}"), new("Listen:Edge:Url", $"http://{edge}")]);
        await process.AnswersAsync("/health", TestContext.Current.CancellationToken);
        return Stopwatch.GetElapsedTime(startedAt);
    }
}
