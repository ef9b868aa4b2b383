using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Push.Messaging.RabbitMq;
using Push.TestKit.Network;
using Xunit;

namespace Push.IntegrationTests.Messaging;

/// <summary>The client of the broker never reports a connection as lost that ends within a frame, unless reading fails.</summary>
public sealed class BrokerSocketTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_end_is_an_exception_also_where_TLS_was_closed_properly(bool withTls)
    {
        using var certificate = new SelfSignedCertificate();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = SendAndEndAsync(listener, stream => withTls ? SecureAsync(stream, certificate) : Task.FromResult(stream));
        var tls = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, remote, _, _) => certificate.IsThis(remote),
        };
        using var socket = new BrokerSocket(AddressFamily.InterNetwork, withTls ? tls : null);
        await socket.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port, Cancelled);
        var stream = socket.GetStream();

        var buffer = new byte[3];
        await stream.ReadExactlyAsync(buffer, Cancelled);
        Assert.Equal([1, 2, 3], buffer);
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, Cancelled));
        await serving;
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_refused()
    {
        using var certificate = new SelfSignedCertificate();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = SendAndEndAsync(listener, stream => SecureAsync(stream, certificate));
        using var socket = new BrokerSocket(AddressFamily.InterNetwork, new SslClientAuthenticationOptions { TargetHost = "localhost" });
        await Assert.ThrowsAsync<AuthenticationException>(
            () => socket.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port, Cancelled));
        await serving.ContinueWith(_ => { }, Cancelled, TaskContinuationOptions.None, TaskScheduler.Default); // either side may notice first
    }

    private static async Task SendAndEndAsync(TcpListener listener, Func<Stream, Task<Stream>> secure)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancelled);
        await using var stream = await secure(client.GetStream());
        await stream.WriteAsync(new byte[] { 1, 2, 3 }, Cancelled);
        if (stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }
    }

    private static async Task<Stream> SecureAsync(Stream stream, SelfSignedCertificate files)
    {
        using var certificate = X509CertificateLoader.LoadPkcs12FromFile(files.PfxPath, SelfSignedCertificate.Password);
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Cancelled);
        return tls;
    }
}
