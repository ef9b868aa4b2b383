using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Telemetry;
using Xunit;

namespace Push.UnitTests.ServiceDefaults.Telemetry;

public sealed class TelemetryRegistrationTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317", true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector:4317", true)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://collector:4317", false)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", true)]
    [InlineData("OTEL_METRICS_EXPORTER=otlp", false)]
    [InlineData("OTEL_TRACES_EXPORTER=none;OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317", false)]
    [InlineData("OTEL_SDK_DISABLED=true;OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317", false)]
    public void Traces_are_exported_where_the_standard_variables_say_so(string variables, bool isExported)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(variables
            .Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('='))
            .Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]))).Build();

        Assert.Equal(isExported, TelemetryRegistration.IsExported(configuration, "TRACES"));
    }

    [Fact]
    public void Without_variables_nothing_of_the_sdk_is_there()
    {
        using var app = Build();

        Assert.Null(app.Services.GetService<TracerProvider>());
        Assert.Null(app.Services.GetService<MeterProvider>());
    }

    [Fact]
    public void A_process_has_a_name_of_its_own_unless_it_is_given_one()
    {
        using var unnamed = Build("OTEL_TRACES_EXPORTER=otlp");
        using var named = Build("OTEL_TRACES_EXPORTER=otlp", "OTEL_SERVICE_NAME=edges", "OTEL_RESOURCE_ATTRIBUTES=service.instance.id=edge-7");

        Assert.Equal(("push-test", $"{Environment.MachineName}-{Environment.ProcessId}"), Names(unnamed));
        Assert.Equal(("edges", "edge-7"), Names(named));

        static (object?, object?) Names(IHost app)
        {
            var attributes = app.Services.GetRequiredService<TracerProvider>().GetResource().Attributes.ToDictionary();
            return (attributes["service.name"], attributes["service.instance.id"]);
        }
    }

    private static IHost Build(params string[] variables)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(variables.Select(variable => variable.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])));
        builder.AddServiceDefaults("push-test");
        return builder.Build();
    }
}
