using Microsoft.Extensions.Configuration;

namespace Push.DeployTests.Settings;

/// <summary>Environment variables as a service's configuration reads them.</summary>
internal sealed class EnvironmentSettings(IReadOnlyDictionary<string, string?> variables)
{
    public IReadOnlyDictionary<string, string?> Variables => variables;

    public IConfiguration Configuration { get; } = new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value)))
        .Build();

    public TOptions Bind<TOptions>(string section)
        where TOptions : new() => Configuration.GetSection(section).Get<TOptions>() ?? new TOptions();
}
