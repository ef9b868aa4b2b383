using Push.LoadTest.Cases;
using Spectre.Console;

namespace Push.LoadTest.CommandLine;

/// <summary>What a person can ask for.</summary>
internal static class Commands
{
    private const int PlainWidth = 200;

    private const string Usage = """
        Push.LoadTest cases                            lists the cases
        Push.LoadTest run [case…] <target>             runs cases one after the other, prints a table
        Push.LoadTest compare [case…] <targets>        runs cases in turns against Push and peers, prints medians and ratios
        Push.LoadTest capacity [--edges N]             predicts several Edges from one, and measures them; --connections, --rate, --seconds
        Push.LoadTest telemetry [case…] [--edges N]    runs cases in turns without and with tracing and metrics, prints what they cost
        Push.LoadTest up [--start …] [--edges N]       starts Push and prints the options that name it; Ctrl-C ends it

        target   --start all|allinone|edge                              a Push of this build: services over a private RabbitMQ and Redis, one
                                                                        process, or an Edge alone that takes publications without a broker
                 --edges N                                              with --start all
                 --api http://host:8082 --ws ws://host:8081[,ws://…]    a Push that runs already
                 --peer nats|nchan|baseline|name=program[,…]            a peer; a program of your own is given two ports, for clients and for publications
        publish  --publish http|amqp   --amqp amqp://…   --api-key …
        watch    --pid edge=123[,124]   --port broker=5672   --process redis=redis-server
                 parts of a running Push by process id, listening port or command line; "edge" gives the CPU figures
        size     --connections N  --rooms N  --rate messages/s  --in-flight N  --messages N  --bytes N  --seconds N  --warm-up N
        tool     --subscribers processes  --rounds N  --out file.json
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!AnsiConsole.Profile.Out.IsTerminal)
        {
            // Tables would break at the 80 columns that are assumed elsewhere.
            AnsiConsole.Profile.Width = PlainWidth;
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = true;
            stop.Cancel();
        };
        try
        {
            var options = new Options([.. arguments.Skip(1)]);
            switch (arguments.FirstOrDefault())
            {
                case "cases":
                    foreach (var loadCase in LoadCases.All)
                    {
                        Console.WriteLine($"{loadCase.Name,-8} {loadCase.Description}");
                    }

                    return 0;
                case "run":
                    return await RunCommand.RunAsync(options, arguments, stop.Token);
                case "up":
                    return await UpCommand.RunAsync(options, stop.Token);
                case "capacity":
                    return await CapacityCommand.RunAsync(options, stop.Token);
                case "telemetry":
                    return await TelemetryCommand.RunAsync(options, arguments, stop.Token);
                case "compare":
                    return await CompareCommand.RunAsync(options, arguments, stop.Token);
                default:
                    Console.WriteLine(Usage);
                    return arguments.Length == 0 ? 0 : 2;
            }
        }
        catch (UsageException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message}\n\n{Usage}");
            return 2;
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
    }
}
