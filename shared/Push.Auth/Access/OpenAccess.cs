using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Http;

namespace Push.Auth.Access;

/// <summary>
/// Keeps open access to those whom it is meant for, on every request, whether or not it has an <c>Origin</c>. A page whose own name has been re-bound to this
/// machine (DNS rebinding) sends none with a GET, but its name stands in <c>Host</c>. And a gateway that listens on a network must not open a service
/// that is open only because it is a developer's own (docs/adr/0008).
/// </summary>
public sealed class OpenAccess
{
    private readonly bool _isOpen;
    private readonly bool _isOpenToLoopbackAlone;
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private volatile bool _isDecided;

    public OpenAccess(AccessPolicy access, IOptions<AccessOptions> options)
    {
        _isOpen = access.IsAnonymous;
        _isOpenToLoopbackAlone = access.IsAnonymous && !options.Value.AllowAnonymous;
        foreach (var text in options.Value.AllowedHosts)
        {
            if (WebOrigin.TryParseHost(text, out var host))
            {
                _hosts.Add(host.Host);
            }
        }

        foreach (var text in options.Value.AllowedOrigins)
        {
            if (WebOrigin.TryParse(text, out var origin))
            {
                _hosts.Add(origin.Host);
            }
        }
    }

    /// <summary>Whether <see cref="CredentialGuard"/> has looked at the listeners. Nothing is served before.</summary>
    public bool IsDecided => _isDecided;

    /// <summary>Whether a request may be served.</summary>
    /// <param name="host">The <c>Host</c> header.</param>
    /// <param name="throughNetworkGateway">The request has <see cref="PushHeaders.NetworkGateway"/>.</param>
    public bool Admits(string? host, bool throughNetworkGateway) =>
        _isDecided && (!_isOpen || (!(throughNetworkGateway && _isOpenToLoopbackAlone) && IsOwn(host)));

    /// <summary>Why <see cref="Admits"/> says no.</summary>
    internal string Refusal(bool throughNetworkGateway) => !_isDecided ? "Starting"
        : throughNetworkGateway && _isOpenToLoopbackAlone
            ? "Access is open in Development, and the gateway listens on more than loopback: set Access:ApiKeys or Access:AllowAnonymous here, or Listen:Url=http://localhost:8080 there"
            : "Access is open, and this host is not known: add it to Access:AllowedHosts";

    internal void Decide() => _isDecided = true;

    /// <summary>An address can't be re-bound; a name that is neither loopback nor configured can.</summary>
    private bool IsOwn(string? host) =>
        WebOrigin.TryParseHost(host, out var own) && (own.IsSafeFromRebinding || _hosts.Contains(own.Host));
}
