using System.Net;
using Microsoft.AspNetCore.Http;

namespace Push.ServiceDefaults.Hosting;

/// <summary>An address that a service listens on. Those that <see cref="Listening.ListenOn"/> was told are services of the container: known before anything listens.</summary>
/// <param name="Url"><c>http://host:port</c>, the host an IP address, <c>localhost</c> or <c>*</c>.</param>
public sealed record ListenAddress(string Url)
{
    public int Port => BindingAddress.Parse(Url).Port;

    /// <summary>Nobody but this machine reaches it.</summary>
    public bool IsLoopback => BindingAddress.Parse(Url).Host is var host
        && (host is "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip)));
}
