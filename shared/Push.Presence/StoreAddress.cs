using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Push.Presence;

/// <summary>
/// Where the store is: <c>ConnectionStrings:Redis</c>, <c>redis[s]://[user][:password]@host[:port][/db]</c> or StackExchange.Redis's own form
/// (<c>host:6379,password=…,ssl=true</c>).
/// </summary>
internal static class StoreAddress
{
    private const string ConnectionName = "Redis";
    private const string Default = "localhost:6379";
    private const int DefaultPort = 6379;

    /// <exception cref="OptionsValidationException">It is of neither form. The message holds nothing of it: there may be a password in any part.</exception>
    public static ConfigurationOptions Read(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString(ConnectionName);
        text = string.IsNullOrWhiteSpace(text) ? Default : text.Trim();
        var options = text.Contains("://", StringComparison.Ordinal) ? FromUri(text) : FromList(text);
        return options is { EndPoints.Count: > 0 } && options.EndPoints.All(IsUsable)
            ? options
            : throw new OptionsValidationException(
                ConnectionName,
                typeof(ConfigurationOptions),
                [$"ConnectionStrings:{ConnectionName} must be of the form redis[s]://user:password@host:6379/0 or host:6379,password=…,ssl=true"]);
    }

    private static ConfigurationOptions? FromUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss") || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            return null;
        }

        var options = new ConfigurationOptions { Ssl = uri.Scheme == "rediss" };
        if (uri.DnsSafeHost.Length > 0)
        {
            options.EndPoints.Add(uri.DnsSafeHost, uri.Port == -1 ? DefaultPort : uri.Port);
        }

        if (options.Ssl)
        {
            options.SslHost = uri.DnsSafeHost;
        }

        var user = uri.UserInfo.Split(':', 2);
        options.User = user[0].Length > 0 && user.Length > 1 ? Uri.UnescapeDataString(user[0]) : null;

        // One part alone is the password: redis://secret@host is in use as well.
        options.Password = user[^1].Length > 0 ? Uri.UnescapeDataString(user[^1]) : null;
        var database = uri.AbsolutePath.Trim('/');
        if (database.Length > 0)
        {
            if (!int.TryParse(database, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            options.DefaultDatabase = number;
        }

        return options;
    }

    private static ConfigurationOptions? FromList(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static bool IsUsable(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint dns => Uri.CheckHostName(dns.Host) != UriHostNameType.Unknown,
        IPEndPoint or UnixDomainSocketEndPoint => true,
        _ => false,
    };
}
