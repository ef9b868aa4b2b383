using System.Globalization;
using Push.TestKit.Network;
using Push.TestKit.Processes;

namespace Push.TestKit.Servers;

/// <summary>Redis as a program of this machine, in memory alone.</summary>
internal static class StoreProgram
{
    public static string? Find() => ProgramPath.Find("redis-server", "/opt/homebrew/bin", "/usr/local/bin");

    public static IServerHost Create(string program)
    {
        var folder = new PrivateFolder("redis");
        var port = FreePort.Take();
        var address = ServerAddress.Loopback(port);
        string[] arguments =
        [
            "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", folder.Path,
            "--save", "", "--appendonly", "no", "--daemonize", "no",
        ];
        return new ProgramHost(
            address,
            folder,
            () => ChildProcess.Start("redis-server", program, arguments, new Dictionary<string, string?>()),
            token => TcpProbe.AnswersAsync(address, TcpProbe.Redis, token));
    }
}
