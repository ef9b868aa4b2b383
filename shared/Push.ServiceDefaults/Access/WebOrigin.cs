using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Push.ServiceDefaults.Access;

/// <summary>A web origin (RFC 6454): scheme, host and port, in normal form.</summary>
internal sealed record WebOrigin(string Scheme, string Host, int Port)
{
    /// <summary>Whether the host always means this machine.</summary>
    public bool IsLoopback => IsLocalName(Host) || (IPAddress.TryParse(Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>
    /// Whether nobody outside can make the host's name point here: an address, a loopback name or a single label.
    /// An attacker's own domain can be re-bound to any address, and then his page is of the same origin as the service.
    /// </summary>
    public bool IsSafeFromRebinding => IsLocalName(Host) || !Host.Contains('.', StringComparison.Ordinal) || IPAddress.TryParse(Host, out _);

    /// <summary>Reads <c>scheme://host[:port]</c>; false for <c>null</c> and for anything with a path, a query or user information.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WebOrigin? origin)
    {
        origin = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.PathAndQuery is "/" or ""
                && uri.Fragment.Length == 0
            ? new WebOrigin(uri.Scheme, uri.Host, uri.Port)
            : null;
        return origin is not null;
    }

    private static bool IsLocalName(string host) => host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
}
