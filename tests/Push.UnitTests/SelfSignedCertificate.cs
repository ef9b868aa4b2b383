using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Push.UnitTests;

/// <summary>A certificate for this machine's loopback, good for a day, as files in a folder of its own.</summary>
internal sealed class SelfSignedCertificate : IDisposable
{
    public const string Password = "open sesame";

    private readonly string _hash;
    private readonly string _folder = Directory.CreateTempSubdirectory("push-certificate-").FullName;

    public SelfSignedCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        _hash = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        File.WriteAllText(PemPath, certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllBytes(PfxPath, certificate.Export(X509ContentType.Pfx, Password));
    }

    public string PemPath => Path.Combine(_folder, "tls.crt");

    public string KeyPath => Path.Combine(_folder, "tls.key");

    public string PfxPath => Path.Combine(_folder, "tls.pfx");

    /// <summary>Whether a server has shown this certificate.</summary>
    public bool IsThis(X509Certificate? shown) => shown?.GetCertHashString(HashAlgorithmName.SHA256) == _hash;

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
