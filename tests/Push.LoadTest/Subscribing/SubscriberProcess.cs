using System.Text.Json;

namespace Push.LoadTest.Subscribing;

/// <summary>The subscriber's end of its pipes: the plan and commands come a line each, reports leave a line each.</summary>
internal static class SubscriberProcess
{
    public const string Verb = "subscriber";

    public static int Run()
    {
        var plan = JsonSerializer.Deserialize(Console.ReadLine()!, LoadTestJson.Default.SubscriberPlan)!;
        using var output = Console.OpenStandardOutput();
        using var loop = new SubscriberLoop(plan, report => Write(output, report));

        var input = new Thread(() => Listen(loop)) { IsBackground = true };
        input.Start();
        loop.Run();
        return 0;
    }

    private static void Listen(SubscriberLoop loop)
    {
        while (Console.ReadLine() is { } line)
        {
            loop.Tell(JsonSerializer.Deserialize(line, LoadTestJson.Default.SubscriberCommand)!);
        }

        // The parent is gone.
        loop.Tell(new SubscriberCommand(SubscriberVerb.Quit));
    }

    private static void Write(Stream output, SubscriberReport report)
    {
        JsonSerializer.Serialize(output, report, LoadTestJson.Default.SubscriberReport);
        output.WriteByte((byte)'\n');
        output.Flush();
    }
}
