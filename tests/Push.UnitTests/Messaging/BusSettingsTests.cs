using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.Messaging;
using Push.Messaging.InMemory;
using Push.Messaging.RabbitMq;
using RabbitMQ.Client;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class BusSettingsTests
{
    [Fact]
    public void An_empty_configuration_is_valid()
    {
        using var host = Build([]);
        var options = host.Services.GetRequiredService<IOptions<BusOptions>>().Value;
        Assert.Equal(TimeSpan.FromSeconds(5), options.ConfirmTimeout);
        Assert.Equal(TimeSpan.FromMinutes(5), options.DuplicateWindow);
        Assert.Equal("amqp://localhost:5672/", host.Services.GetRequiredService<BrokerAddress>().ToString());
    }

    [Theory]
    [InlineData("Bus:ConfirmTimeout", "00:00:00")]
    [InlineData("Bus:RetentionAge", "00:00:01")]
    [InlineData("Bus:RetentionBytes", "10")]
    [InlineData("Bus:SegmentBytes", "9000000000")]
    [InlineData("Bus:DuplicateWindow", "02:00:00")]
    [InlineData("Bus:DuplicateCapacity", "0")]
    [InlineData("Bus:Heartbeat", "00:00:00")]
    public void A_setting_out_of_range_is_named_by_its_path(string path, string value)
    {
        using var host = Build(new() { [path] = value });
        var error = Assert.Throws<OptionsValidationException>(() => host.Services.GetRequiredService<IOptions<BusOptions>>().Value);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_segment_is_not_larger_than_the_retention()
    {
        using var host = Build(new() { ["Bus:RetentionBytes"] = "2000000" });
        var error = Assert.Throws<OptionsValidationException>(() => host.Services.GetRequiredService<IOptions<BusOptions>>().Value);
        Assert.Contains("Bus:SegmentBytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_is_shown_without_its_password()
    {
        using var host = Build(new() { ["ConnectionStrings:RabbitMq"] = "amqps://push:s3cret@broker.example:5671/live" });
        Assert.Equal("amqps://broker.example:5671/live", host.Services.GetRequiredService<BrokerAddress>().ToString());
    }

    [Theory]
    [InlineData("localhost:5672")]
    [InlineData("http://localhost")]
    [InlineData("rabbitmq://localhost")]
    [InlineData("amqp://a:5672,b:5673/")]
    [InlineData("amqp://guest:secret@/vhost")]
    [InlineData("amqp://localhost:0/")]
    [InlineData("amqp://localhost:70000/")]
    [InlineData("amqp://local host/")]
    [InlineData("amqp://localhost/vhost/more")]
    [InlineData("amqp://localhost/?heartbeat=5")]
    public void An_address_that_is_no_AMQP_URI_is_refused_without_being_shown(string address)
    {
        using var host = Build(new() { ["ConnectionStrings:RabbitMq"] = address });
        var error = Assert.Throws<OptionsValidationException>(host.Services.GetRequiredService<BrokerAddress>);
        Assert.Contains("ConnectionStrings:RabbitMq", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(address, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://127.0.0.1/", "127.0.0.1", 5672, false, "guest", "guest", "/")]
    [InlineData("amqps://127.0.0.1", "127.0.0.1", 5671, true, "guest", "guest", "/")]
    [InlineData("amqps://push:a%40b%3A@127.0.0.1:5999/live%2Fone", "127.0.0.1", 5999, true, "push", "a@b:", "live/one")]
    [InlineData("amqp://push:secret@127.0.0.1:5671/live", "127.0.0.1", 5671, false, "push", "secret", "live")]
    public async Task Both_clients_read_the_address_alike(string uri, string host, int port, bool tls, string user, string password, string vhost)
    {
        var factory = new ConnectionFactory();
        await new BrokerAddress(new Uri(uri)).ApplyAsync(factory, TestContext.Current.CancellationToken);
        using var socket = Assert.IsType<BrokerSocket>(factory.SocketFactory(AddressFamily.InterNetwork));
        Assert.Equal((host, port, user, password, vhost), (factory.HostName, factory.Port, factory.UserName, factory.Password, factory.VirtualHost));
        Assert.Equal(tls ? host : null, socket.TlsHost);
    }

    [Fact]
    public async Task Each_address_of_a_name_is_tried()
    {
        var factory = new ConnectionFactory();
        await new BrokerAddress(new Uri("amqps://localhost:5999")).ApplyAsync(factory, TestContext.Current.CancellationToken);
        var addresses = await Dns.GetHostAddressesAsync("localhost", TestContext.Current.CancellationToken);
        var endpoints = factory.EndpointResolverFactory([]).All().ToArray();
        Assert.Equal(addresses.Select(address => address.ToString()), endpoints.Select(endpoint => endpoint.HostName));
        using var socket = Assert.IsType<BrokerSocket>(factory.SocketFactory(AddressFamily.InterNetwork));
        Assert.Equal("localhost", socket.TlsHost);
        Assert.All(endpoints, endpoint => Assert.Equal((5999, false), (endpoint.Port, endpoint.Ssl.Enabled)));
    }

    [Fact]
    public void The_bus_stays_in_memory_only_where_the_host_asks_for_it_and_no_broker_is_set()
    {
        Assert.False(IsInMemory(broker: null, inMemory: false));
        Assert.True(IsInMemory(broker: null, inMemory: true));
        Assert.False(IsInMemory(broker: "amqp://localhost", inMemory: true));
    }

    private static bool IsInMemory(string? broker, bool inMemory)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:RabbitMq"] = broker });
        builder.AddMessaging(inMemory);
        return builder.Services.Any(service => service.ServiceType == typeof(InMemoryPublicationStream));
    }

    private static IHost Build(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddMessaging();
        return builder.Build();
    }
}
