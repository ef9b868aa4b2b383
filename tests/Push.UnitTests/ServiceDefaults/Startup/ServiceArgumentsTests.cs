using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Startup;
using Push.TestKit;
using Xunit;

namespace Push.UnitTests.ServiceDefaults.Startup;

public sealed class ServiceArgumentsTests
{
    [Theory]
    [InlineData]
    [InlineData("--Listen:Url=http://localhost:9090")]
    [InlineData("--Listen:Url", "http://localhost:9090")]
    [InlineData("--Access:ApiKeys:0=")]
    [InlineData("--environment", "Production", "--config=push.json")]
    [InlineData("--ENVIRONMENT=Development")]
    [InlineData("--OTEL_METRICS_EXPORTER=prometheus")]
    public void What_a_service_reads_is_taken(params string[] args) => Assert.Null(ServiceArguments.Check(args));

    [Theory]
    [InlineData("'-health' ", "-health")]
    [InlineData("'health' ", "health")]
    [InlineData("'-h' ", "-h")]
    [InlineData("'--help' ", "--help")]
    [InlineData("'--' ", "--")]
    [InlineData("'' ", "")]
    [InlineData("'' ", "=x")]
    [InlineData("'--' ", "--=x")]
    [InlineData("'Listen:Url' ", "Listen:Url=http://localhost:9090")]
    [InlineData("'/Listen:Url' ", "/Listen:Url=http://localhost:9090")]
    [InlineData("'--Listen__Url' ", "--Listen__Url=http://localhost:9090")]
    [InlineData("'--confg' ", "--confg", "push.json")]
    [InlineData("'x' ", "--Listen:Url=http://localhost:9090", "x")]
    [InlineData("--health takes no", "--health", "x")]
    [InlineData("--health takes no", "--health", "--Listen:Url=http://localhost:9090")]
    [InlineData("--health takes no", "--Listen:Url=http://localhost:9090", "--health")]
    [InlineData("--health takes no", "--health=true")]
    [InlineData("--health takes no", "--HEALTH")]
    [InlineData("--config has no value", "--config")]
    [InlineData("--Listen:Url has no value", "--Listen:Url", "--Metrics:Url=http://localhost:9090")]
    public void A_mistake_is_named(string start, params string[] args) => Assert.StartsWith(start, ServiceArguments.Check(args), StringComparison.Ordinal);

    [Fact]
    public void A_refusal_does_not_repeat_a_value() => Assert.DoesNotContain("secret", ServiceArguments.Check(["Access:ApiKeys:0=secret"]), StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "The configuration file")]
    [InlineData("{", "")]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("""{"Edge":{"Id":"a"},"edge":{"Id":"b"}}""", "")]
    public void A_file_that_cannot_be_read_is_named(string? content, string reason)
    {
        using var folder = new PrivateFolder("config");
        var path = content is null ? Path.Combine(folder.Subfolder("empty"), "push.json") : folder.Write("push.json", content);

        foreach (var args in (string[][])[["--config", path], [$"--config={path}"], [$"--CONFIG={path}"]])
        {
            var refusal = Assert.Throws<OptionsValidationException>(() => ServiceArguments.CreateBuilder(args));
            Assert.StartsWith($"--config: {path} cannot be read: {reason}", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Arguments_go_before_the_file()
    {
        using var folder = new PrivateFolder("config");
        var path = folder.Write("push.json", """
            {
              // Comments and a comma at the end are fine.
              "Edge": { "Id": "of the file", "Loops": 3 },
            }
            """);

        var configuration = ServiceArguments.CreateBuilder(["--config", path, "--Edge:Id=of the argument"]).Configuration;

        Assert.Equal(("of the argument", "3"), (configuration["Edge:Id"], configuration["Edge:Loops"]));
    }
}
