using Microsoft.Extensions.Logging;

namespace Push.ServiceDefaults.Access;

internal sealed partial class CredentialGuard
{
    [LoggerMessage(100, LogLevel.Warning, "Everybody who reaches this service may publish and mint tokens for any user: {Reason}")]
    private partial void LogOpen(string reason);
}
