using Push.LoadTest.Capacity;
using Push.LoadTest.Results;
using Push.LoadTest.Targets;
using Spectre.Console;

namespace Push.LoadTest.CommandLine;

/// <summary><c>capacity</c>: measures one Edge at small loads, predicts several Edges at a large one, measures that too.</summary>
internal static class CapacityCommand
{
    public static async Task<int> RunAsync(Options options, CancellationToken cancellationToken)
    {
        var edges = options.Whole("edges") ?? 3;
        var load = new EdgeLoad(options.Whole("connections") ?? edges * 18_000, RoomMembers: 150, options.Number("rate") ?? 100);
        var seconds = options.Number("seconds") ?? 15;
        options.RejectUnknown();

        await using var services = await PushServices.StartAsync(PushServices.Separate, cancellationToken);
        var probe = new CapacityProbe(services, seconds, cancellationToken);
        var share = new EdgeLoad(load.Connections / edges / 2, RoomMembers: 10, load.MessagesPerSecond);
        var costs = EdgeCosts.From(
            await probe.MeasureAsync(edges: 1, share with { Connections = 500, MessagesPerSecond = 0 }),
            await probe.MeasureAsync(edges: 1, share with { MessagesPerSecond = 0 }),
            await probe.MeasureAsync(edges: 1, share),
            await probe.MeasureAsync(edges: 1, share with { RoomMembers = 90 }));
        var predicted = costs.Predict(edges, load);
        var measured = await probe.MeasureAsync(edges, load);

        Print(costs);
        Print(edges, predicted, measured);
        return 0;
    }

    private static void Print(EdgeCosts costs)
    {
        AnsiConsole.WriteLine(Machine.Here().ToString());
        AnsiConsole.Write(new Table().Border(TableBorder.Markdown)
            .AddColumns("an Edge", "ms of CPU/s", "MB")
            .AddRow("by itself", Figures.Show(costs.BaseCpu * 1e3), Figures.Show(costs.BaseBytes / 1e6))
            .AddRow("1,000 idle connections", Figures.Show(costs.ConnectionCpu * 1e6), Figures.Show(costs.ConnectionBytes / 1e3))
            .AddRow("1 message/s for a room that it holds", Figures.Show(costs.MessageCpu * 1e3), Figures.None)
            .AddRow("1,000 deliveries/s", Figures.Show(costs.DeliveryCpu * 1e6), Figures.None));
    }

    private static void Print(int edges, EdgeUse predicted, EdgeUse measured)
    {
        var load = measured.Load;
        AnsiConsole.WriteLine(
            $"{edges} Edges, {load.Connections:N0} connections in {load.Rooms:N0} rooms, {load.MessagesPerSecond:N0} messages/s, {load.DeliveriesPerSecond:N0} deliveries/s");
        AnsiConsole.Write(new Table().Border(TableBorder.Markdown)
            .AddColumns("all Edges", "predicted", "measured", "measured / predicted")
            .AddRow("CPU-s a second", Figures.Show(predicted.Cpu), Figures.Show(measured.Cpu), $"{measured.Cpu / predicted.Cpu:0.00}")
            .AddRow("RSS MB", Figures.Show(predicted.Bytes / 1e6), Figures.Show(measured.Bytes / 1e6), $"{measured.Bytes / predicted.Bytes:0.00}"));
    }
}
