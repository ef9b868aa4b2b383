using System.Text.RegularExpressions;
using Push.TestKit;
using Xunit;

namespace Push.UnitTests.Architecture;

/// <summary>Unit tests open no socket and start no server or program: tests that do are integration tests.</summary>
public sealed partial class SocketTests
{
    private const string Folder = "tests/Push.UnitTests/";
    private const string ThisFile = Folder + "Architecture/SocketTests.cs";

    [Fact]
    public void Unit_tests_open_no_socket() => Assert.Empty(
        from path in SolutionFolder.Files(".cs")
        where path.StartsWith(Folder, StringComparison.Ordinal) && path != ThisFile
        from Match opening in Opening().Matches(SolutionFolder.Read(path))
        select $"{path}: {opening.Value}");

    /// <summary>However it is written: a field's type with <c>new(…)</c> opens a socket too.</summary>
    [Theory]
    [InlineData("private readonly Socket _broker = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);")]
    [InlineData("using var listener = new TcpListener(IPAddress.Loopback, 0);")]
    [InlineData("using var client = new HttpClient();")]
    [InlineData("options.Listen(IPAddress.Loopback, 0)")]
    [InlineData("options.ListenLocalhost(0)")]
    [InlineData("builder.WebHost.UseUrls(\"http://127.0.0.1:0\");")]
    [InlineData("var builder = WebApplication.CreateSlimBuilder();")]
    [InlineData("await RawClient.ConnectAsync(address)")]
    [InlineData("using Push.TestKit.Servers;")]
    public void What_opens_a_socket_is_found(string code) => Assert.Matches(Opening(), code);

    [GeneratedRegex(
        """
        \b(Socket|TcpClient|TcpListener|UdpClient|NetworkStream|SslStream|HttpListener|HttpClient|SocketsHttpHandler|ClientWebSocket|WebApplication|RawClient|PlainClient|PushCalls)\b
        |\b(UseUrls|UseKestrel|ConfigureKestrel|ConnectAsync|ListenAnyIP|ListenLocalhost|ListenUnixSocket|ListenHandle)\b
        |\.Listen\(
        |\bPush\.TestKit\.(Network|Processes|Servers|Services)\b
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Opening();
}
