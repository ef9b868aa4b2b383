using Microsoft.AspNetCore.Http;

namespace Push.Auth.Access;

/// <summary>
/// Which web pages may use the service, by the <c>Origin</c> header that browsers set and pages cannot forge.
/// A request without one does not come from a web page and is not this rule's business. See docs/adr/0008.
/// </summary>
public sealed class OriginRule
{
    private readonly bool _anonymous;
    private readonly bool _allowsNull;
    private readonly HashSet<WebOrigin> _allowed = [];
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="anonymous">Whether publishing and minting need no credentials: then a page's mere reach would be its permission.</param>
    /// <param name="options">Its lists of origins and hosts.</param>
    public OriginRule(bool anonymous, AccessOptions options)
    {
        _anonymous = anonymous;
        foreach (var text in options.AllowedOrigins)
        {
            _allowsNull |= text is AccessOptions.NullOrigin;
            if (WebOrigin.TryParse(text, out var origin))
            {
                _allowed.Add(origin);
            }
        }

        foreach (var text in options.AllowedHosts)
        {
            if (WebOrigin.TryParseHost(text, out var host))
            {
                _hosts.Add(host.Host);
            }
        }
    }

    /// <summary>Whether a request's page, where it comes from one, may send it. It is decided once: CORS and authorization both ask.</summary>
    public bool Allows(HttpContext context, PageRole role)
    {
        if (context.Request.Headers.Origin.Count == 0)
        {
            return true;
        }

        if (context.Features.Get<Decision>() is not { } decision || decision.Role != role)
        {
            var (origin, host) = (context.Request.Headers.Origin.ToString(), context.Request.Headers.Host.ToString());
            decision = new Decision(role, role == PageRole.BackEnd ? AllowsPublisher(origin, host) : AllowsClient(origin, host));
            context.Features.Set(decision);
        }

        return decision.IsAllowed;
    }

    /// <summary>Whether a page of <paramref name="origin"/> may connect, get a token and send heartbeats.</summary>
    /// <param name="origin">The <c>Origin</c> header; null or empty where there is none.</param>
    /// <param name="host">The <c>Host</c> header.</param>
    public bool AllowsClient(string? origin, string? host)
    {
        if (string.IsNullOrEmpty(origin) || (!_anonymous && _allowed.Count == 0 && !_allowsNull))
        {
            // Tokens travel in the query, never by themselves as cookies do: with a guarded mint a foreign page has none to use.
            return true;
        }

        if (!WebOrigin.TryParse(origin, out var page))
        {
            // "null" is what a page opened from a file has, and so has a sandboxed frame of a hostile page.
            return _allowsNull && origin is AccessOptions.NullOrigin;
        }

        // The WebSocket has a port of its own, so a page of the same host counts whatever its port is.
        return _allowed.Contains(page) || (_anonymous && page.IsLoopback) || IsOwn(page, host, anyPort: true);
    }

    /// <summary>Whether a page of <paramref name="origin"/> may publish.</summary>
    /// <param name="origin">The <c>Origin</c> header; null or empty where there is none.</param>
    /// <param name="host">The <c>Host</c> header.</param>
    public bool AllowsPublisher(string? origin, string? host) =>
        string.IsNullOrEmpty(origin)
        || (WebOrigin.TryParse(origin, out var page)
            ? _allowed.Contains(page) || IsOwn(page, host, anyPort: false)
            : _allowsNull && origin is AccessOptions.NullOrigin);

    private bool IsOwn(WebOrigin page, string? host, bool anyPort) =>
        // The page's scheme: behind a proxy that ends TLS the request itself says http.
        WebOrigin.TryParse($"{page.Scheme}://{host}", out var own)
        && own.Host == page.Host
        && (anyPort || own.Port == page.Port)
        && (!_anonymous || page.IsSafeFromRebinding || _hosts.Contains(page.Host));

    private sealed record Decision(PageRole Role, bool IsAllowed);
}

/// <summary>What a web page wants from the service.</summary>
public enum PageRole
{
    /// <summary>To connect, to get a token, to send heartbeats.</summary>
    Client,

    /// <summary>What back ends do: to publish, to ask who is connected.</summary>
    BackEnd,
}
