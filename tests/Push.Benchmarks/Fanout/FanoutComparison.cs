using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Push.Contracts;
using Push.Edge.Fanout;
using Push.Edge.Transports.WebSockets;

namespace Push.Benchmarks.Fanout;

/// <summary>
/// One room over loopback, with several publications in flight and with one, and after each the same bytes in the same
/// portions by a bare loop of sends over the same sockets: what the fan-out costs beyond the kernel's part.
/// </summary>
internal sealed class FanoutComparison
{
    private const int PayloadLength = 128;
    private static readonly RoomKey Room = RoomKey.Room("room");
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(20);

    private readonly int _sockets;
    private readonly TimeSpan _duration;
    private readonly FanoutOptions _options;
    private readonly byte[] _payload = [.. Enumerable.Repeat((byte)'x', PayloadLength)];
    private long _sentPerSocket;

    public FanoutComparison(string[] settings)
    {
        double Setting(int index, double otherwise) => index < settings.Length ? double.Parse(settings[index], CultureInfo.InvariantCulture) : otherwise;
        _sockets = (int)Setting(0, 1000);
        _duration = TimeSpan.FromSeconds(Setting(1, 5));
        _options = new FanoutOptions { CoalesceWindow = TimeSpan.FromMilliseconds(Setting(2, 8)), Loops = (int)Setting(3, 0) };
    }

    private static int FrameLength => ServerFrame.Length(PayloadLength);

    public async Task RunAsync()
    {
        Console.WriteLine($"{_sockets} sockets in one room, {PayloadLength} bytes, {_options.LoopCount} loops, coalescing {_options.CoalesceWindow.TotalMilliseconds} ms");
        Console.WriteLine($"{"",-28}{"deliveries/s",14}{"frames/send",14}{"CPU-s/1M",12}{"of it user",12}{"B/frame",10}");
        foreach (var inFlight in (int[])[16, 1])
        {
            var framesPerSend = await MeasureFanoutAsync(inFlight);
            await MeasureLoopAsync(inFlight, Math.Max(1, (int)Math.Round(framesPerSend)));
        }
    }

    private async Task<double> MeasureFanoutAsync(int inFlight)
    {
        using var clients = await LoopbackClients.ConnectAsync(_sockets);
        await using var edge = new EdgeUnderTest(_options);
        await edge.StartAsync();
        var transports = clients.Sockets.ConvertAll(socket => edge.Open(socket, "room"));
        var publication = new Publication { Target = Room, Payload = _payload };
        return await MeasureAsync($"fan-out, {inFlight} in flight", clients, inFlight, () => edge.Fanout.Publish(publication), () => transports.Sum(transport => transport.Writes), batch: 1);
    }

    private async Task MeasureLoopAsync(int inFlight, int framesPerSend)
    {
        using var clients = await LoopbackClients.ConnectAsync(_sockets);
        var bytes = new byte[FrameLength * framesPerSend];
        for (var i = 0; i < framesPerSend; i++)
        {
            ServerFrame.Write(bytes.AsSpan(i * FrameLength), ServerFrame.Text, _payload);
        }

        var writes = 0L;
        await MeasureAsync("bare loop", clients, Math.Max(inFlight, framesPerSend), SendToAll, () => writes, framesPerSend);

        void SendToAll()
        {
            foreach (var socket in clients.Sockets)
            {
                if (socket.Send(bytes, SocketFlags.None, out var error) != bytes.Length)
                {
                    throw new InvalidOperationException($"The bare loop does not queue: {error}.");
                }

                writes++;
            }
        }
    }

    /// <param name="name">Of the line.</param>
    /// <param name="clients">Who tell how far they are.</param>
    /// <param name="inFlight">Publications that not everybody has received.</param>
    /// <param name="publish">Publishes <paramref name="batch"/> of them.</param>
    /// <param name="writes">Sends up to now.</param>
    /// <param name="batch">Publications a call.</param>
    private async Task<double> MeasureAsync(string name, LoopbackClients clients, int inFlight, Action publish, Func<long> writes, int batch)
    {
        _sentPerSocket = 0;
        var (cpu, allocated, delivered, clock) = (Environment.CpuUsage, 0L, 0L, Stopwatch.StartNew());
        var (writesBefore, progressAt, isWarm) = (0L, TimeSpan.Zero, false);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (clock.Elapsed < _duration || !isWarm)
        {
            if (!isWarm && clock.Elapsed > TimeSpan.FromSeconds(1))
            {
                isWarm = true;
                (cpu, allocated, writesBefore, delivered) = (Environment.CpuUsage, GC.GetTotalAllocatedBytes(), writes(), clients.LeastBytes());
                clock.Restart();
            }

            var received = clients.LeastBytes() / FrameLength;
            var mayPublish = _sentPerSocket - received + batch <= inFlight;
            progressAt = mayPublish ? clock.Elapsed : progressAt;
            for (; _sentPerSocket - received + batch <= inFlight; _sentPerSocket += batch)
            {
                publish();
            }

            if (clock.Elapsed - progressAt > StallTimeout)
            {
                throw new TimeoutException($"{name}: somebody has received only {received} of {_sentPerSocket} publications.");
            }

            await timer.WaitForNextTickAsync();
        }

        var frames = (clients.LeastBytes() - delivered) / FrameLength * (double)_sockets;
        var framesPerSend = frames / (writes() - writesBefore);
        var cpuPerMillion = (Environment.CpuUsage.TotalTime - cpu.TotalTime).TotalSeconds / frames * 1e6;
        var userPerMillion = (Environment.CpuUsage.UserTime - cpu.UserTime).TotalSeconds / frames * 1e6;
        var bytesPerFrame = (GC.GetTotalAllocatedBytes() - allocated) / frames;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-28}{frames / clock.Elapsed.TotalSeconds,14:N0}{framesPerSend,14:F1}{cpuPerMillion,12:F3}{userPerMillion,12:F3}{bytesPerFrame,10:F2}"));
        return framesPerSend;
    }
}
