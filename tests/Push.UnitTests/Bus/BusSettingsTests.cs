using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Bus;
using Xunit;

namespace Push.UnitTests.Bus;

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
    public void An_address_that_is_no_AMQP_URI_is_refused_without_being_shown(string address)
    {
        using var host = Build(new() { ["ConnectionStrings:RabbitMq"] = address });
        var error = Assert.Throws<OptionsValidationException>(host.Services.GetRequiredService<BrokerAddress>);
        Assert.Contains("ConnectionStrings:RabbitMq", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(address, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bus_stays_in_memory_only_where_the_host_asks_for_it_and_no_broker_is_set()
    {
        Assert.Equal(BusTransport.RabbitMq, Transport(broker: null, inMemory: false));
        Assert.Equal(BusTransport.InMemory, Transport(broker: null, inMemory: true));
        Assert.Equal(BusTransport.RabbitMq, Transport(broker: "amqp://localhost", inMemory: true));
    }

    private static BusTransport Transport(string? broker, bool inMemory)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:RabbitMq"] = broker });
        builder.AddPushBus(inMemory);
        return builder.GetBusTransport();
    }

    private static IHost Build(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddPushBus();
        return builder.Build();
    }
}
