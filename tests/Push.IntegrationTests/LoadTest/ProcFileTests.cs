using System.Net;
using System.Net.Sockets;
using Push.LoadTest.Processes;
using Xunit;

namespace Push.IntegrationTests.LoadTest;

public sealed class ProcFileTests
{
    [Fact]
    public void A_sample_of_this_process_is_what_the_runtime_says_of_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's");
        var before = Environment.CpuUsage.TotalTime;
        var sample = ProcFile.Sample(Environment.ProcessId)!;
        var after = Environment.CpuUsage.TotalTime;
        Assert.InRange(sample.CpuSeconds, before.TotalSeconds - 0.02, after.TotalSeconds + 0.02);
        Assert.InRange(sample.RssBytes, 10_000_000, long.MaxValue);
        Assert.InRange(sample.Handles, 3, int.MaxValue);
        Assert.InRange(sample.Threads, 2, int.MaxValue);
    }

    [Fact]
    public void A_process_that_is_gone_has_no_sample() => Assert.Null(ProcFile.Sample(int.MaxValue));

    [Fact]
    public void A_process_is_found_by_the_port_on_which_it_listens()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Assert.Equal([Environment.ProcessId], ProcFile.ByPort(((IPEndPoint)listener.LocalEndpoint).Port));
    }
}
