using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Telemetry;

namespace Push.Auth.Access;

/// <summary>
/// Ends the process where it would be open to a network although nobody asked for that: without credentials, or with a signing key that everybody can read.
/// It looks at the configured addresses before anything listens, and once more at the listeners themselves, since a setting of the server's could have
/// added one. Until then <see cref="OpenAccess"/> serves nothing.
/// </summary>
internal sealed partial class CredentialGuard(
    AccessPolicy access,
    OpenAccess open,
    IOptions<AccessOptions> options,
    IConfiguration configuration,
    IEnumerable<CredentialsNeeded> needed,
    IEnumerable<ListenAddress> configured,
    IEnumerable<Listener> listeners,
    IServer server,
    ILogger<CredentialGuard> logger)
    : IHostedLifecycleService
{
    private const string Advice =
        "set Access:ApiKeys:0 (Access__ApiKeys__0) to a key of at least 16 characters that publishers send as 'Authorization: Bearer <key>', "
        + "or Access:AllowAnonymous=true (Access__AllowAnonymous) to let everybody publish and mint tokens";

    private const string KeysPath = "Tokens:SigningKeys";

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (needed.Any() && !access.IsAnonymous && !access.HasKeys)
        {
            throw Refusal($"No credentials are configured: {Advice}.");
        }

        Check(configured);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Check((server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            .Select(address => new ListenAddress(address))
            .Where(address => !listeners.Any(listener => listener.Section == MetricsListener.Section && listener.Port == address.Port)));
        open.Decide();
        if (access.IsAnonymous && needed.Any())
        {
            LogOpen(options.Value.AllowAnonymous ? "Access:AllowAnonymous is set" : "Development on a loopback address");
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Check(IEnumerable<ListenAddress> addresses)
    {
        // Whoever lets everybody mint tokens for any user has nothing left to protect by a key.
        if (options.Value.AllowAnonymous || addresses.FirstOrDefault(address => !address.IsLoopback)?.Url is not { } reachable)
        {
            return;
        }

        if (access.IsAnonymous && needed.Any())
        {
            throw Refusal($"No credentials are configured and {reachable} is not a loopback address: {Advice}.");
        }

        if (PublishedKey() is { } key)
        {
            throw Refusal($"{key} and {reachable} is not a loopback address: set {KeysPath}:0:Id and {KeysPath}:0:Secret (Tokens__SigningKeys__0__Secret) to a secret of your own.");
        }
    }

    private string? PublishedKey()
    {
        var keys = configuration.GetSection(KeysPath).GetChildren().ToArray();
        var published = Array.Find(keys, key => PublishedSecrets.Contains(key["Secret"]));
        return published is not null ? $"{published.Path}:Secret is a published key"
            : keys.Length == 0 ? $"{KeysPath} is empty, so that tokens are signed with the published development key,"
            : null;
    }

    private static OptionsValidationException Refusal(string message) => new(AccessOptions.Section, typeof(AccessOptions), [message]);

    [LoggerMessage(EventIds.OpenAccess, LogLevel.Warning, "Everybody who reaches this service may publish and mint tokens for any user: {Reason}")]
    private partial void LogOpen(string reason);
}

/// <summary>A module of this process publishes or mints: it must have credentials, or be open on purpose.</summary>
internal sealed record CredentialsNeeded;
