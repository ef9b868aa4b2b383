using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Push.LoadTest.Processes;

/// <summary>Watches what the kernel holds for the fullest send queue of some listeners, by <c>ss</c> (Debian: iproute2): the server's side of sockets that nobody reads.</summary>
internal sealed partial class SendQueues : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly string _filter;
    private readonly Task _watching;

    public SendQueues(IEnumerable<string> listeners, TimeSpan interval)
    {
        _filter = string.Join(" or ", listeners.Select(l => $"sport = :{l[(l.LastIndexOf(':') + 1)..]}"));
        _watching = WatchAsync(interval);
    }

    /// <summary>The most that one socket held, bookkeeping included.</summary>
    public long MaxBytes { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WatchAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            using var ss = Process.Start(new ProcessStartInfo("ss", ["-tmnH", "state", "established", _filter]) { RedirectStandardOutput = true })!;
            var text = await ss.StandardOutput.ReadToEndAsync(_stop.Token);
            await ss.WaitForExitAsync(_stop.Token);
            foreach (var queued in QueuedBytes().EnumerateMatches(text))
            {
                MaxBytes = Math.Max(MaxBytes, long.Parse(text.AsSpan(queued.Index + 2, queued.Length - 2), CultureInfo.InvariantCulture));
            }
        }
    }

    // skmem:(r0,rb131072,t0,tb46080,f0,w0,…): w is all memory of the send queue.
    [GeneratedRegex(@",w\d+")]
    private static partial Regex QueuedBytes();
}
