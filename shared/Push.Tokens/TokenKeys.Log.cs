using Microsoft.Extensions.Logging;

namespace Push.Tokens;

internal sealed partial class TokenKeys
{
    [LoggerMessage(1, LogLevel.Warning,
        "Tokens are signed with the published development key, so anybody can make them. Set Tokens:SigningKeys:0:Id and Tokens:SigningKeys:0:Secret before anybody else can reach this service.")]
    private static partial void LogDevelopmentKey(ILogger logger);
}
