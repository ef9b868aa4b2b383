using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Push.ServiceDefaults.Logging;

/// <summary>
/// Closes the log categories that write request addresses with their query, where tokens are, for good: every rule, wherever it
/// comes from and however specific it is, gets the condition, so no configuration can open them again.
/// </summary>
internal sealed class TokenBearingCategories : IPostConfigureOptions<LoggerFilterOptions>
{
    // "Request starting …" and "Request finished …" give the whole address. What is wrong with a host is logged above that level.
    private const string Hosting = "Microsoft.AspNetCore.Hosting.Diagnostics";

    // "Proxying to …"; failures are logged above that level, without the address.
    private const string Forwarder = "Yarp.ReverseProxy.Forwarder.HttpForwarder";

    // Quotes the request line that it could not read.
    private const string BadRequests = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    // Raw bytes of connections, and whole requests: on only where somebody adds that middleware.
    private static readonly string[] Verbatim =
    [
        BadRequests,
        "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.LoggingConnectionMiddleware",
        "Microsoft.AspNetCore.HttpLogging",
        "System.Net.Http.HttpClient",
    ];

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        // For categories that no other rule names.
        options.Rules.Insert(0, new LoggerFilterRule(providerName: null, categoryName: null, logLevel: options.MinLevel, filter: null));
        for (var i = 0; i < options.Rules.Count; i++)
        {
            var rule = options.Rules[i];
            options.Rules[i] = new LoggerFilterRule(
                rule.ProviderName,
                rule.CategoryName,
                rule.LogLevel,
                (provider, category, level) => !IsClosed(category, level) && rule.Filter?.Invoke(provider, category, level) is null or true);
        }
    }

    internal static bool IsClosed(string? category, LogLevel level) => category switch
    {
        null => false,
        Hosting or Forwarder => level < LogLevel.Warning,
        _ => Array.Exists(Verbatim, closed => category.StartsWith(closed, StringComparison.Ordinal)),
    };
}
