using Microsoft.Extensions.Hosting;
using Xunit;

namespace Push.IntegrationTests.Api;

/// <summary>One Api in Development for all tests of a class.</summary>
public sealed class DevelopmentApi : IAsyncLifetime
{
    internal ApiHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await ApiHost.StartAsync(Environments.Development);

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
