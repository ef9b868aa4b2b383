using System.Text.Json.Nodes;

namespace Push.ComposeTests;

internal static class ContainerInspection
{
    /// <summary>Reads one entry of <c>docker inspect</c>.</summary>
    public static Container Read(JsonNode entry)
    {
        var state = entry["State"]!;
        var status = (string)state["Status"]!;
        return new Container(
            (string)entry["Id"]!,
            (string)entry["Config"]!["Labels"]!["com.docker.compose.service"]!,
            (string)entry["Name"]!,
            // A container that is being restarted still shows the health that it had.
            status == "running" ? (string)state["Health"]!["Status"]! : status,
            (int)state["Pid"]!,
            (int)entry["RestartCount"]!,
            (string)entry["NetworkSettings"]!["Networks"]!.AsObject().First().Value!["IPAddress"]!);
    }
}
