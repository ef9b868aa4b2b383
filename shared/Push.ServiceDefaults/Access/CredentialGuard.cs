using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Push.ServiceDefaults.Access;

/// <summary>
/// Ends the process where publishing and minting would be open to a network although nobody asked for that. The listeners
/// themselves are looked at, once they are bound: a setting read beforehand could be overruled by another one.
/// </summary>
internal sealed partial class CredentialGuard(AccessPolicy access, IOptions<AccessOptions> options, IServer server, ILogger<CredentialGuard> logger)
    : IHostedLifecycleService
{
    private const string Advice =
        "set Access:ApiKeys:0 (Access__ApiKeys__0) to a key of at least 16 characters that publishers send as 'Authorization: Bearer <key>', "
        + "or Access:AllowAnonymous=true (Access__AllowAnonymous) to let everybody publish and mint tokens";

    public Task StartingAsync(CancellationToken cancellationToken) =>
        access.IsAnonymous || access.HasKeys ? Task.CompletedTask : throw Refusal($"No credentials are configured: {Advice}.");

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!access.IsAnonymous)
        {
            return Task.CompletedTask;
        }

        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (!options.Value.AllowAnonymous && addresses.FirstOrDefault(address => !IsLoopback(address)) is { } open)
        {
            throw Refusal($"No credentials are configured and {open} is not a loopback address: {Advice}.");
        }

        LogOpen(options.Value.AllowAnonymous ? "Access:AllowAnonymous is set" : "Development on a loopback address");
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static OptionsValidationException Refusal(string message) => new(AccessOptions.Section, typeof(AccessOptions), [message]);

    private static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address).Host;
        return host is "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
