using System.Text.RegularExpressions;
using Push.TestKit;
using Push.TestKit.Network;
using Push.TestKit.Processes;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Quickstart;

public sealed partial class WelcomeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_lines_that_it_prints_work_as_they_are()
    {
        var (http, edge) = (ServerAddress.Loopback(FreePort.Take()), ServerAddress.Loopback(FreePort.Take()));
        await using var process = ServiceProcess.Launch(
            "all-in-one",
            "services/Push.AllInOne",
            new Uri($"http://{http}"),
            [new("Listen:Url", $"http://{http}"), new("Listen:Edge:Url", $"http://{edge}")]);
        await UntilAsync(() => Task.FromResult(process.Log.Tail()), "/push/new/score/message", "the welcome");

        string[] lines = [.. process.Log.Lines.Where(line => line.Contains("curl ", StringComparison.Ordinal))];
        Assert.Equal(3, lines.Length);
        using var folder = new PrivateFolder("welcome");
        var arrived = folder.Write("arrived", "");
        await using var client = Run("client", $"{lines[0]}; {lines[1]} --include --output '{arrived}'");
        await UntilAsync(() => ReadAsync(arrived), "101 Switching Protocols", "the connection");
        await using var publisher = Run("publisher", lines[2]);

        await UntilAsync(() => Task.FromResult(publisher.Log.Tail()), "message sent", "the publisher's answer");
        await UntilAsync(() => ReadAsync(arrived), "Goal!", "the message");
        Assert.Contains(process.Log.Lines, line => WebSocketLine().IsMatch(line) && line.Contains($"{edge}", StringComparison.Ordinal));
    }

    private static ChildProcess Run(string name, string script) => ChildProcess.Start(name, "bash", ["-c", script], new Dictionary<string, string?>());

    private static Task UntilAsync(Func<Task<string>> read, string text, string phase) =>
        Deadline.UntilAsync(async _ => (await read()).Contains(text, StringComparison.Ordinal), Limit, phase, Cancelled);

    private static async Task<string> ReadAsync(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return await reader.ReadToEndAsync(Cancelled);
    }

    [GeneratedRegex(@"^\s+WebSocket\s+ws://\S+/ws$")]
    private static partial Regex WebSocketLine();
}
