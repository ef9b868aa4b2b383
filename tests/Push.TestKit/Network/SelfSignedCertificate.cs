using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Push.TestKit.Network;

/// <summary>A certificate for this machine's own names, in PEM files.</summary>
public sealed class SelfSignedCertificate : IDisposable
{
    private readonly PrivateFolder _folder = new("certificate");

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
        Path = _folder.Write("certificate.pem", certificate.ExportCertificatePem());
        KeyPath = _folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem());
    }

    public string Path { get; }

    public string KeyPath { get; }

    public void Dispose() => _folder.Dispose();
}
