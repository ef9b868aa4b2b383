namespace Push.ServiceDefaults.Hosting;

/// <summary>Where a service listens. Section <c>Listen</c>.</summary>
public sealed class ListenSettings
{
    public const string Section = "Listen";

    /// <summary>
    /// <c>http://host:port</c> or <c>https://host:port</c>; the host <c>localhost</c> is loopback, <c>*</c> every address.
    /// Default: the service's port on <c>localhost</c> in Development, on <c>*</c> elsewhere.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>PEM or PFX file of the certificate; needed for <c>https</c>.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>PEM file of the private key, where the certificate file does not hold it.</summary>
    public string? CertificateKeyPath { get; set; }

    /// <summary>Password of the PFX file.</summary>
    public string? CertificatePassword { get; set; }
}
