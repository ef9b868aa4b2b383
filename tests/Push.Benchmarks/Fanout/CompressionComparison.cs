using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Fanout;
using Push.Edge.Transports.WebSockets;

namespace Push.Benchmarks.Fanout;

/// <summary>
/// One room over loopback that gets score messages: as they are, compressed for half of the members, and compressed for all, in turns. Shows what
/// compression saves on the wire and what it does to the Edge's CPU.
/// </summary>
internal sealed class CompressionComparison
{
    private static readonly RoomKey Room = RoomKey.Room("room");
    private static readonly (string Name, int OfTwo)[] Cases = [("as they are", 0), ("compressed for half", 1), ("compressed for all", 2)];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(20);

    private readonly int _sockets;
    private readonly TimeSpan _duration;
    private readonly int _rounds;
    private readonly int _inFlight;
    private readonly byte[][] _messages = ScoreMessages.Read();
    private readonly FrameProgress _plain;
    private readonly FrameProgress _deflated;

    public CompressionComparison(string[] settings)
    {
        double Setting(int index, double otherwise) => index < settings.Length ? double.Parse(settings[index], CultureInfo.InvariantCulture) : otherwise;
        _sockets = (int)Setting(0, 1000);
        _duration = TimeSpan.FromSeconds(Setting(1, 5));
        _rounds = (int)Setting(2, 5);
        _inFlight = (int)Setting(3, 16);
        _plain = new FrameProgress(_messages.Select(message => ServerFrame.Length(message.Length)));
        using var deflater = new FrameDeflater(Options.Create(new CompressionOptions { Enabled = true }));
        _deflated = new FrameProgress(_messages.Select(message => deflater.Deflate(message) is { IsEmpty: false } frame ? frame.Length : ServerFrame.Length(message.Length)));
    }

    public async Task RunAsync()
    {
        Console.WriteLine($"{_sockets} sockets in one room, {_messages.Length} messages of {_messages.Min(m => m.Length)} to {_messages.Max(m => m.Length)} bytes, "
            + $"{_messages.Average(m => m.Length):F0} on average, {_inFlight} in flight, {_rounds} rounds of {_duration.TotalSeconds} s");
        Console.WriteLine($"{"",-24}{"deliveries/s",14}{"frames/send",14}{"B/delivery",12}{"CPU-s/1M",12}{"of it user",12}");
        var results = Cases.Select(_ => new List<DeliveryFigures>()).ToArray();
        for (var round = 0; round < _rounds; round++)
        {
            for (var i = 0; i < Cases.Length; i++)
            {
                results[i].Add(await MeasureAsync(Cases[i].OfTwo));
                Print(Cases[i].Name, results[i][^1]);
            }
        }

        Console.WriteLine("medians, and their ratios to the messages as they are:");
        var medians = Array.ConvertAll(results, DeliveryFigures.Median);
        for (var i = 0; i < Cases.Length; i++)
        {
            Print(Cases[i].Name, medians[i]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{"",-24}{"",14}{"",14}{medians[i].Bytes / medians[0].Bytes,11:F2}x{medians[i].Cpu / medians[0].Cpu,11:F2}x{medians[i].UserCpu / medians[0].UserCpu,11:F2}x"));
        }
    }

    private async Task<DeliveryFigures> MeasureAsync(int deflatingOfTwo)
    {
        using var clients = await LoopbackClients.ConnectAsync(_sockets);
        await using var edge = new EdgeUnderTest(new FanoutOptions(), new CompressionOptions { Enabled = deflatingOfTwo > 0 });
        await edge.StartAsync();
        var transports = clients.Sockets.Select((socket, i) => edge.Open(socket, "room", takesDeflate: i % 2 < deflatingOfTwo)).ToList();

        var (published, clock, progressAt, isWarm) = (0L, Stopwatch.StartNew(), TimeSpan.Zero, false);
        var (cpu, delivered, writes) = (Environment.CpuUsage, 0L, 0L);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (clock.Elapsed < _duration || !isWarm)
        {
            if (!isWarm && clock.Elapsed > WarmUp)
            {
                isWarm = true;
                (cpu, delivered, writes) = (Environment.CpuUsage, Received(clients, deflatingOfTwo), transports.Sum(transport => transport.Writes));
                progressAt = TimeSpan.Zero;
                clock.Restart();
            }

            var received = Received(clients, deflatingOfTwo);
            progressAt = published - received < _inFlight ? clock.Elapsed : progressAt;
            for (; published - received < _inFlight; published++)
            {
                edge.Fanout.Publish(new Publication { Target = Room, Payload = _messages[published % _messages.Length] });
            }

            if (clock.Elapsed - progressAt > StallTimeout)
            {
                throw new TimeoutException($"Somebody has received only {received} of {published} publications.");
            }

            await timer.WaitForNextTickAsync();
        }

        var deliveries = (Received(clients, deflatingOfTwo) - delivered) * (double)_sockets;
        var used = Environment.CpuUsage;
        return new DeliveryFigures(
            deliveries / clock.Elapsed.TotalSeconds,
            deliveries / (transports.Sum(transport => transport.Writes) - writes),
            ((_deflated.BytesPerMessage * deflatingOfTwo) + (_plain.BytesPerMessage * (2 - deflatingOfTwo))) / 2,
            (used.TotalTime - cpu.TotalTime).TotalSeconds / deliveries * 1e6,
            (used.UserTime - cpu.UserTime).TotalSeconds / deliveries * 1e6);
    }

    /// <summary>Messages that everybody has, whichever form they come in.</summary>
    private long Received(LoopbackClients clients, int deflatingOfTwo)
    {
        var (plain, deflated) = (long.MaxValue, long.MaxValue);
        for (var i = 0; i < _sockets; i++)
        {
            (plain, deflated) = i % 2 < deflatingOfTwo ? (plain, Math.Min(deflated, clients.Bytes(i))) : (Math.Min(plain, clients.Bytes(i)), deflated);
        }

        return Math.Min(plain == long.MaxValue ? plain : _plain.Messages(plain), deflated == long.MaxValue ? deflated : _deflated.Messages(deflated));
    }

    private static void Print(string name, DeliveryFigures figures) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-24}{figures.Rate,14:N0}{figures.FramesPerSend,14:F1}{figures.Bytes,12:F0}{figures.Cpu,12:F3}{figures.UserCpu,12:F3}"));
}
