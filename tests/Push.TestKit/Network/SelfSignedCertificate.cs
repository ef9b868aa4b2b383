using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Push.TestKit.Network;

/// <summary>A certificate for this machine's own names, good for a day, in PEM and PFX files.</summary>
public sealed class SelfSignedCertificate : IDisposable
{
    public const string Password = "open sesame";

    private readonly PrivateFolder _folder = new("certificate");
    private readonly string _hash;

    public SelfSignedCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        _hash = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        PfxPath = _folder.Write("certificate.pfx", certificate.Export(X509ContentType.Pfx, Password));
        PemPath = _folder.Write("certificate.pem", certificate.ExportCertificatePem());
        KeyPath = _folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem());
    }

    public string PemPath { get; }

    public string KeyPath { get; }

    public string PfxPath { get; }

    /// <summary>Whether a server has shown this certificate.</summary>
    public bool IsThis(X509Certificate? shown) => shown?.GetCertHashString(HashAlgorithmName.SHA256) == _hash;

    public void Dispose() => _folder.Dispose();
}
