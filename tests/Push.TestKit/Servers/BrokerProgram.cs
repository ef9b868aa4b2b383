using System.Globalization;
using Push.TestKit.Network;
using Push.TestKit.Processes;

namespace Push.TestKit.Servers;

/// <summary>RabbitMQ as a program of this machine, with data, ports, cookie and name daemon of its own.</summary>
internal static class BrokerProgram
{
    // Debian's wrapper in /usr/sbin insists on the user rabbitmq; the script that it calls does not.
    private static readonly string[] Folders = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin"];

    public static string? Find() => ProgramPath.Find("rabbitmq-server", Folders);

    public static (IServerHost Host, Uri Management) Create(string program)
    {
        var folder = new PrivateFolder("rabbitmq");
        var (amqp, management, distribution, names) = (FreePort.Take(), FreePort.Take(), FreePort.Take(), FreePort.Take());
        var environment = Environment(folder, amqp, management, distribution, names);
        var address = ServerAddress.Loopback(amqp);
        var host = new ProgramHost(
            address,
            folder,
            () => ChildProcess.Start("rabbitmq-server", program, [], environment),
            token => TcpProbe.AnswersAsync(address, TcpProbe.Amqp, token),
            StartNameDaemon(names));
        return (host, new Uri($"http://{ServerAddress.Loopback(management)}"));
    }

    // Left to itself, Erlang starts one that outlives the broker.
    private static ChildProcess[] StartNameDaemon(int port) =>
        ProgramPath.Find("epmd") is { } epmd
            ? [ChildProcess.Start("epmd", epmd, ["-port", Text(port), "-address", "127.0.0.1"], new Dictionary<string, string?>())]
            : [];

    private static Dictionary<string, string?> Environment(PrivateFolder folder, int amqp, int management, int distribution, int names) => new()
    {
        ["HOME"] = folder.Subfolder("home"),
        ["RABBITMQ_NODENAME"] = $"push-{amqp}@localhost",
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = Text(amqp),
        ["RABBITMQ_DIST_PORT"] = Text(distribution),
        ["ERL_EPMD_PORT"] = Text(names),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_MNESIA_BASE"] = folder.Subfolder("data"),
        ["RABBITMQ_LOG_BASE"] = folder.Subfolder("logs"),
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_PID_FILE"] = Path.Combine(folder.Path, "pid"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = folder.Write("plugins", "[rabbitmq_management].\n"),
        ["RABBITMQ_CONF_ENV_FILE"] = folder.Write("environment.conf", ""),
        ["RABBITMQ_CONFIG_FILE"] = folder.Write("rabbitmq.conf", Configuration(management)),
        // Schedulers that spin while idle would take the tests' processor time.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+sbwt none +sbwtdcpu none +sbwtdio none",
        // The script then becomes the broker instead of watching over it: signals reach the right process.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
        ["NOTIFY_SOCKET"] = null,
    };

    private static string Configuration(int management) =>
        $"""
        management.tcp.ip = 127.0.0.1
        management.tcp.port = {management}
        disk_free_limit.absolute = 100MB
        log.console.level = info

        """;

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
