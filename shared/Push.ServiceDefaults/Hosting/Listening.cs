using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Http;

namespace Push.ServiceDefaults.Hosting;

/// <summary>Makes Kestrel listen by <see cref="ListenSettings"/>.</summary>
public static class Listening
{
    /// <summary>Adds one endpoint. Call it once for each port of the process, each with a section of its own.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="defaultPort">The port where <see cref="ListenSettings.Url"/> is not set.</param>
    /// <param name="configure">Applied after TLS: what it adds sees decrypted bytes.</param>
    /// <param name="section">The configuration section of the settings.</param>
    public static WebApplicationBuilder ListenOn(
        this WebApplicationBuilder builder,
        int defaultPort,
        Action<ListenOptions>? configure = null,
        string section = ListenSettings.Section)
    {
        var address = builder.AddListener(section, $"http://{(builder.Environment.IsDevelopment() ? "localhost" : "*")}:{defaultPort}", configure);
        builder.Services.AddSingleton(address);

        // Container images of ASP.NET Core set ASPNETCORE_HTTP_PORTS: code wins over it anyway, but not without a warning.
        builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, "");
        return builder;
    }

    /// <summary>Adds an endpoint that <see cref="ListenAddress"/> does not tell of, because the service's own requests are not answered there.</summary>
    internal static ListenAddress AddListener(this IHostApplicationBuilder builder, string section, string defaultUrl, Action<ListenOptions>? configure)
    {
        var settings = builder.Configuration.GetSection(section).Get<ListenSettings>() ?? new ListenSettings();
        var address = Parse(string.IsNullOrEmpty(settings.Url) ? defaultUrl : settings.Url, section);
        var https = address.Scheme == Uri.UriSchemeHttps ? ReadCertificate(settings, section) : null;
        if (builder.Services.Select(service => service.ImplementationInstance).OfType<Listener>().FirstOrDefault(other => other.Port == address.Port && other.Port != 0) is { } other)
        {
            throw Invalid($"{section}:{nameof(ListenSettings.Url)}: port {address.Port} is that of {other.Section}:{nameof(ListenSettings.Url)} as well.");
        }

        ThrowIfTaken(address, section);
        builder.Services.AddSingleton(new Listener(section, address.Port));
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            // A field's bytes may be anything (RFC 9110, section 5.5). Kestrel's own choice, UTF-8, refuses a whole request for a cookie of somebody else.
            // An idempotency key alone is text to us: it must equal the id in the body, which is UTF-8.
            kestrel.RequestHeaderEncodingSelector = static name => name.Equals(PushHeaders.IdempotencyKey, StringComparison.OrdinalIgnoreCase) ? null! : Encoding.Latin1;
            Listen(kestrel, address, options =>
            {
                if (https is not null)
                {
                    options.UseHttps(https);
                }

                configure?.Invoke(options);
            });
        });
        return new ListenAddress(address.ToString());
    }

    private static void Listen(KestrelServerOptions kestrel, BindingAddress address, Action<ListenOptions> configure)
    {
        if (IPAddress.TryParse(address.Host, out var ip))
        {
            kestrel.Listen(ip, address.Port, configure);
        }
        else if (address.Host is "localhost")
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
        else
        {
            kestrel.ListenAnyIP(address.Port, configure);
        }
    }

    private static void ThrowIfTaken(BindingAddress address, string section)
    {
        IPAddress[] addresses = IPAddress.TryParse(address.Host, out var ip) ? [ip]
            : address.Host is "localhost" ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
            : [IPAddress.Any, IPAddress.IPv6Any];
        if (addresses.Any(each => PortProbe.IsTaken(each, address.Port)))
        {
            throw Invalid($"{section}:{nameof(ListenSettings.Url)}: port {address.Port} is in use. Stop what listens there, or choose another address: "
                + $"{section.Replace(":", "__", StringComparison.Ordinal)}__{nameof(ListenSettings.Url)}=http://localhost:9090");
        }
    }

    private static BindingAddress Parse(string url, string section)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            var isUsable = address.Scheme is "http" or "https" && address.PathBase.Length == 0
                && (address.Host is "localhost" or "*" or "+" || IPAddress.TryParse(address.Host, out _));
            return isUsable ? address : throw new FormatException($"'{url}' is not http(s)://<address, localhost or *>:<port>");
        }
        catch (FormatException e)
        {
            // A name and a password before the host have no use here, and are nobody's to read.
            throw Invalid($"{section}:{nameof(ListenSettings.Url)}: {(url.Contains('@', StringComparison.Ordinal) ? "it is not http(s)://<address, localhost or *>:<port>" : e.Message)}");
        }
    }

    private static HttpsConnectionAdapterOptions ReadCertificate(ListenSettings settings, string section)
    {
        var path = settings.CertificatePath
            ?? throw Invalid($"{section}:{nameof(ListenSettings.CertificatePath)}: an https address needs a certificate file");
        try
        {
            return ListenCertificate.Read(path, settings.CertificateKeyPath, settings.CertificatePassword);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Invalid($"{section}:{nameof(ListenSettings.CertificatePath)}: cannot read {path}: {e.Message}");
        }
    }

    private static OptionsValidationException Invalid(string failure) => new(ListenSettings.Section, typeof(ListenSettings), [failure]);
}

/// <summary>A port of this process, by the section of its settings.</summary>
public sealed record Listener(string Section, int Port);
