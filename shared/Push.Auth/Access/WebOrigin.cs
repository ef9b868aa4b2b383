using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Push.Auth.Access;

/// <summary>A web origin (RFC 6454): scheme, host and port, in normal form.</summary>
internal sealed record WebOrigin(string Scheme, string Host, int Port)
{
    /// <summary>Whether the host always means this machine.</summary>
    public bool IsLoopback => IsLocalName(Host) || (IPAddress.TryParse(Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>
    /// Whether nobody outside can make the host's name point here: an address or a loopback name. Any other name can be re-bound to any address by whoever
    /// answers for it, and then his page is of the same origin as the service.
    /// </summary>
    public bool IsSafeFromRebinding => IsLocalName(Host) || IPAddress.TryParse(Host, out _);

    /// <summary>Reads <c>scheme://host[:port]</c>; false for <c>null</c> and for anything with a path, a query or user information.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WebOrigin? origin)
    {
        origin = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.Host.Length == 0 || uri.UserInfo.Length > 0 || uri.PathAndQuery is not ("/" or "") || uri.Fragment.Length > 0)
        {
            return false;
        }

        try
        {
            // Browsers send a name of other scripts in its ASCII form; a dot at its end names the same host.
            var host = uri.IdnHost.TrimEnd('.').ToLowerInvariant();
            origin = host.Length > 0 ? new WebOrigin(uri.Scheme, host, uri.Port) : null;
        }
        catch (UriFormatException)
        {
            // The name has no ASCII form.
        }

        return origin is not null;
    }

    /// <summary>Reads a <c>Host</c> header, <c>host[:port]</c>.</summary>
    public static bool TryParseHost(string? text, [NotNullWhen(true)] out WebOrigin? host) => TryParse($"http://{text}", out host);

    private static bool IsLocalName(string host) => host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
}
