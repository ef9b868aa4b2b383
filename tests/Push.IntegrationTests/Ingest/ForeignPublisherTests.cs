using System.Diagnostics;
using System.Text;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Push.Contracts;
using Push.Edge.Ingest;
using Push.IntegrationTests.Messaging;
using Push.TestKit;
using Push.TestKit.Servers;
using RabbitMQ.Client;
using Xunit;

namespace Push.IntegrationTests.Ingest;

/// <summary>Publishers that are not the Api: docs/protocol.md is all that they know.</summary>
public sealed class ForeignPublisherTests(SharedBroker broker) : IAsyncLifetime
{
    private static readonly Lazy<Task> SamplePackages = new(InstallSamplePackagesAsync);

    private VirtualHost _vhost = null!;
    private BusHost _edge = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _vhost = await broker.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        _edge = await EdgeHost.StartAsync(_vhost.Address);
        _connection = await BrokerConnection.OpenAsync(_vhost.Address, TestContext.Current.CancellationToken);
        _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await _edge.DisposeAsync();
        await _vhost.DisposeAsync();
    }

    [Fact]
    public async Task Plain_JSON_without_any_header_is_delivered()
    {
        var member = await _edge.JoinAsync("1001");
        await PublishAsync("""{ "roomId": 1001, "message": { "score": [1, 0] } }""");
        Assert.Equal("""{"score":[1,0]}""", await member.NextAsync("plain JSON"));
    }

    [Fact]
    public async Task The_script_that_needs_only_curl_delivers()
    {
        var member = await _edge.JoinAsync("1001");
        Assert.Equal((0, ""), await RunScriptAsync(_vhost, """{"id":"goal-1","roomId":"1001","message":"Müller – 1:0"}"""));
        Assert.Equal("Müller – 1:0", await member.NextAsync("the script's message"));
    }

    [Fact]
    public async Task The_Node_js_publisher_delivers()
    {
        var member = await _edge.JoinAsync("1001");
        var (exitCode, said) = await RunNodeAsync(_vhost);
        Assert.True(exitCode == 0, said);
        Assert.StartsWith("confirmed ", said, StringComparison.Ordinal);
        Assert.Equal("""{"minute":67}""", await member.NextAsync("the message from Node.js"));
    }

    /// <summary>First with nothing there, as before the first start of a service, then with the exchange alone.</summary>
    [Fact]
    public async Task Where_nobody_would_take_the_message_the_samples_say_what_to_do()
    {
        await using var empty = await broker.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        const string Hint = "no Push service has set up the stream yet: start one with this broker and virtual host\n";
        Assert.Equal((1, $"not published: the exchange is missing: {Hint}"), await RunScriptAsync(empty, "{}"));
        Assert.Equal((1, $"not published: the exchange is missing: {Hint}"), await RunNodeAsync(empty));

        await using var connection = await BrokerConnection.OpenAsync(empty.Address, TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        await channel.ExchangeDeclareAsync(BusNames.PushExchange, ExchangeType.Fanout, durable: true, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((1, $"not published: no queue took the message: {Hint}"), await RunScriptAsync(empty, "{}"));
        Assert.Equal((1, $"not published: no queue took the message: {Hint}"), await RunNodeAsync(empty));
    }

    private async Task<(int ExitCode, string Said)> RunScriptAsync(VirtualHost host, string request)
    {
        var management = await broker.GetManagementAsync(TestContext.Current.CancellationToken);
        return await RunAsync(new ProcessStartInfo("sh", [Sample("publish.sh"), "room:1001"])
        {
            Environment =
            {
                ["RABBITMQ_API"] = management.Address.AbsoluteUri.TrimEnd('/'),
                ["RABBITMQ_USER"] = management.Credentials,
                ["RABBITMQ_VHOST"] = host.Name,
            },
        }, request);
    }

    private static async Task<(int ExitCode, string Said)> RunNodeAsync(VirtualHost host)
    {
        // npm's packages are not of this repository: they are there where somebody has installed them.
        await SamplePackages.Value.WaitAsync(TestContext.Current.CancellationToken);
        return await RunAsync(
            new ProcessStartInfo("node", [Sample("publish.mjs"), "1001", """{"minute":67}"""]) { Environment = { ["AMQP_URL"] = host.Address.AbsoluteUri } }, "");
    }

    private static async Task InstallSamplePackagesAsync()
    {
        if (!Directory.Exists(Sample("node_modules/amqplib")))
        {
            var (exitCode, said) = await RunAsync(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"]) { WorkingDirectory = Sample("") }, "");
            Assert.True(exitCode == 0, $"npm ci in samples/publish-amqp: {said}");
        }
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(ProcessStartInfo start, string input)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var program = Process.Start(start)!;
        var (output, errors) = (program.StandardOutput.ReadToEndAsync(), program.StandardError.ReadToEndAsync());
        await program.StandardInput.WriteAsync(input);
        program.StandardInput.Close();
        await program.WaitForExitAsync().WithinAsync(TimeSpan.FromMinutes(2), $"the end of {start.FileName}");
        return (program.ExitCode, await output + await errors);
    }

    private static string Sample(string file) => Path.Combine(SolutionFolder.Root, "samples/publish-amqp", file);

    [Fact]
    public async Task A_publisher_with_MassTransits_defaults_delivers()
    {
        var member = await _edge.JoinAsync("1001");
        await using var services = new ServiceCollection()
            .AddMassTransit(bus => bus.UsingRabbitMq((_, rabbit) => rabbit.Host(_vhost.Address)))
            .BuildServiceProvider();
        var control = services.GetRequiredService<IBusControl>();
        await control.StartAsync(TestContext.Current.CancellationToken);
        var target = RoomKey.Room("1001");
        await control.Publish(
            new PushRequested { Id = "goal-1", RoomId = target.Id, Message = JsonSerializer.SerializeToElement(new { scorer = "Müller" }) },
            context =>
            {
                context.Headers.Set(BusNames.TargetHeader, target.ToString());
                context.Headers.Set(BusNames.IdHeader, "goal-1");
                context.Mandatory = true;
            },
            TestContext.Current.CancellationToken);
        await control.Publish(
            new PushRequested { Id = "goal-2", RoomId = "1001", Message = JsonSerializer.SerializeToElement("no headers") },
            TestContext.Current.CancellationToken);
        using var delivered = JsonDocument.Parse(await member.NextAsync("the message in an envelope"));
        Assert.Equal("Müller", delivered.RootElement.GetProperty("scorer").GetString());
        Assert.Equal("no headers", await member.NextAsync("the message in an envelope, without headers"));
        await control.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_body_wins_over_the_header_and_a_header_for_nobody_here_ends_it()
    {
        var one = await _edge.JoinAsync("1");
        var two = await _edge.JoinAsync("2");
        await PublishAsync("""{"roomId":"2","message":"for 2"}""", "room:1");
        await PublishAsync("""{"roomId":"1","message":"never read"}""", "room:nobody");
        await PublishAsync("""{"roomId":"1","message":"for 1"}""", "nonsense");
        Assert.Equal("for 2", await two.NextAsync("the body's room"));
        Assert.Equal("for 1", await one.NextAsync("the body's room under a malformed header"));
    }

    [Fact]
    public async Task A_message_without_an_id_is_delivered_each_time()
    {
        var member = await _edge.JoinAsync("1");
        await PublishAsync("""{"roomId":"1","message":"again"}""");
        await PublishAsync("""{"roomId":"1","message":"again"}""");
        Assert.Equal(["again", "again"], await member.TakeAsync(2, "two without id"));
    }

    [Fact]
    public async Task Poison_is_counted_and_never_holds_up_the_next_message()
    {
        var member = await _edge.JoinAsync("1");
        var malformed = _edge.Services.GetRequiredService<MalformedLog>();
        byte[][] bodies =
        [
            [],
            "not JSON"u8.ToArray(),
            [0xFF, 0xFE, 0x00, 0x01],
            """{"roomId":"1"}"""u8.ToArray(),
            """{"roomId":"1","message":42}"""u8.ToArray(),
            """{"roomId":"1","userId":"u","message":"both"}"""u8.ToArray(),
            """{"roomId":"no such id!","message":"x"}"""u8.ToArray(),
            """{"userId":{},"message":"never a broadcast"}"""u8.ToArray(),
            Encoding.UTF8.GetBytes($$"""{"roomId":"1","message":"{{new string('x', 40_000)}}"}"""),
            new byte[10 << 20],
        ];
        foreach (var body in bodies)
        {
            await PublishAsync(body);
        }

        await PublishAsync("""{"roomId":"1","message":"after the malformed"}""");
        Assert.Equal("after the malformed", await member.NextAsync("the message behind the malformed"));
        Assert.Equal(bodies.Length, malformed.Count);
    }

    private Task PublishAsync(string body, string? target = null) => PublishAsync(Encoding.UTF8.GetBytes(body), target);

    private async Task PublishAsync(byte[] body, string? target = null)
    {
        var properties = new BasicProperties();
        if (target is not null)
        {
            properties.Headers = new Dictionary<string, object?> { [BusNames.TargetHeader] = target };
        }

        await _channel.BasicPublishAsync(BusNames.PushExchange, "", mandatory: true, properties, body);
    }
}
