using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.Presence;
using Xunit;

namespace Push.UnitTests.Presence;

public sealed class LivenessOptionsTests
{
    [Fact]
    public void The_defaults_are_valid()
    {
        var options = Bind().Value;

        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10)), (options.HeartbeatTimeout, options.SweepInterval));
    }

    [Theory]
    [InlineData("Liveness:HeartbeatTimeout", "00:00:00.999")]
    [InlineData("Liveness:HeartbeatTimeout", "01:00:00.001")]
    [InlineData("Liveness:SweepInterval", "00:00:00")]
    [InlineData("Liveness:SweepInterval", "00:10:01")]
    public void A_bad_setting_is_refused_by_its_path(string path, string value)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Bind((path, value)).Value);

        Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_of_the_wrong_type_is_refused_by_its_path()
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Bind(("Liveness:SweepInterval", "often")).Value);

        Assert.Contains("'Liveness:SweepInterval'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_string_that_cannot_be_read_is_refused_without_being_shown()
    {
        using var services = Build(("ConnectionStrings:Redis", "localhost:6379,password=s3cr,et=1")).BuildServiceProvider();

        var refusal = Assert.Throws<OptionsValidationException>(services.GetRequiredService<PresenceStore>);

        Assert.StartsWith("ConnectionStrings:Redis", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("et=", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_that_share_a_process_may_all_ask_for_presence()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var count = builder.AddPresence().Services.Count;

        Assert.Equal(count, builder.AddPresence().Services.Count);
    }

    private static IOptions<LivenessOptions> Bind(params (string Key, string Value)[] settings) =>
        Build(settings).BuildServiceProvider().GetRequiredService<IOptions<LivenessOptions>>();

    private static IServiceCollection Build(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value));
        builder.AddPresence();
        return builder.Services;
    }
}
