using Microsoft.Extensions.Configuration;
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
}
