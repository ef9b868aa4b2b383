using System.Text.RegularExpressions;
using Push.TestKit;
using Xunit;

namespace Push.UnitTests.Architecture;

/// <summary>Unit tests open no socket and start no server: what does stands with the integration tests.</summary>
public sealed partial class SocketTests
{
    private const string ThisFile = "tests/Push.UnitTests/Architecture/SocketTests.cs";

    [Fact]
    public void Unit_tests_open_no_socket() => Assert.All(
        SolutionFolder.Files(".cs").Where(path => path.StartsWith("tests/Push.UnitTests/", StringComparison.Ordinal) && path != ThisFile),
        path => Assert.DoesNotMatch(Opening(), SolutionFolder.Read(path)));

    [GeneratedRegex(@"new (TcpClient|TcpListener|Socket|HttpClient|ClientWebSocket|SslStream|NetworkStream)\b|\b(UseUrls|ListenLocalhost|ListenAnyIP|UseKestrel|ConnectAsync)\b")]
    private static partial Regex Opening();
}
