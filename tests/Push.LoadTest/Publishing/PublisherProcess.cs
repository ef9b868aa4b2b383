using System.Net;
using System.Text.Json;

namespace Push.LoadTest.Publishing;

/// <summary>The publisher's end of its pipes: the setup and plans come a line each, a report leaves after each plan.</summary>
internal static class PublisherProcess
{
    public const string Verb = "publisher";

    // What the server may still owe when a plan's time is over.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync()
    {
        var setup = JsonSerializer.Deserialize(Console.ReadLine()!, LoadTestJson.Default.PublisherSetup)!;
        await using var feedback = setup.FeedbackPath is null ? null : new DeliveryFeedback(setup.FeedbackPath, setup.SubscriberProcesses);
        Write(new PublishReport());

        IPublisher? publisher = null;
        var sequences = new Dictionary<(int Room, int Lane), int>();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var plan = JsonSerializer.Deserialize(line, LoadTestJson.Default.PublishPlan)!;
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(plan.Seconds) + Grace);
            publisher ??= await ConnectAsync(setup, deadline.Token);
            Write(await new PublishRun(plan, publisher, feedback, sequences).RunAsync(deadline.Token));
        }

        if (publisher is not null)
        {
            await publisher.DisposeAsync();
        }

        return 0;
    }

    private static async Task<IPublisher> ConnectAsync(PublisherSetup setup, CancellationToken cancellationToken) => setup.Kind switch
    {
        PublisherKind.PushAmqp => await AmqpPublisher.ConnectAsync(new Uri(setup.Server), cancellationToken),
        PublisherKind.Nats => await NatsPublisher.ConnectAsync(IPEndPoint.Parse(setup.Server), cancellationToken),
        PublisherKind.Nchan => HttpPublisher.ToNchan(IPEndPoint.Parse(setup.Server)),
        _ => HttpPublisher.ToPush(IPEndPoint.Parse(setup.Server), setup.ApiKey),
    };

    private static void Write(PublishReport report) => Console.WriteLine(JsonSerializer.Serialize(report, LoadTestJson.Default.PublishReport));
}
