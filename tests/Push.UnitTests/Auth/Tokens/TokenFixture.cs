using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Push.Auth.Tokens;

namespace Push.UnitTests.Auth.Tokens;

/// <summary>An issuer and a reader as the services get them, at a time of the test's own.</summary>
internal sealed class TokenFixture : IDisposable
{
    public const string KeyId = "k1";
    public const string Secret = "a secret of more than thirty-two bytes, for tests";

    private readonly IHost _host;

    public TokenFixture(params (string Key, string Value)[] settings)
        : this(Environments.Production, settings)
    {
    }

    public TokenFixture(string environment, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        if (settings.Length == 0 && environment == Environments.Production)
        {
            settings = [("Tokens:SigningKeys:0:Id", KeyId), ("Tokens:SigningKeys:0:Secret", Secret)];
        }

        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value));
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.AddTokens();
        _host = builder.Build();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 6, 11, 18, 0, 0, TimeSpan.Zero));

    public TokenIssuer Issuer => _host.Services.GetRequiredService<TokenIssuer>();

    public TokenReader Reader => _host.Services.GetRequiredService<TokenReader>();

    public Task StartAsync(CancellationToken cancellationToken) => _host.StartAsync(cancellationToken);

    public void Dispose() => _host.Dispose();
}
