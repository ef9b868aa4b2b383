using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Push.ServiceDefaults.Hosting;

/// <summary>Reads a server certificate with its chain, as PEM (certificate and key in one file or two) or as PFX.</summary>
internal static class ListenCertificate
{
    public static HttpsConnectionAdapterOptions Read(string path, string? keyPath, string? password)
    {
        var chain = new X509Certificate2Collection();
        X509Certificate2 certificate;
        if (X509Certificate2.GetCertContentType(path) == X509ContentType.Pfx)
        {
            chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, password);
            certificate = chain.FirstOrDefault(candidate => candidate.HasPrivateKey) ?? throw new CryptographicException("it holds no private key");
        }
        else
        {
            chain.ImportFromPemFile(path);
            certificate = password is null
                ? X509Certificate2.CreateFromPemFile(path, keyPath)
                : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath);
        }

        return new HttpsConnectionAdapterOptions { ServerCertificate = certificate, ServerCertificateChain = chain };
    }
}
