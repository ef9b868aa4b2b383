using Microsoft.Extensions.Options;
using Push.Messaging;

namespace Push.Edge.Ingest;

/// <summary>A queue that holds less than two messages would make every client that reads one of them a slow consumer.</summary>
internal sealed class SendQueueCheck(IOptions<PublicationOptions> publications) : IValidateOptions<EdgeOptions>
{
    public ValidateOptionsResult Validate(string? name, EdgeOptions options)
    {
        var needed = 2 * publications.Value.MaxMessageBytes;
        return options.SendQueueBytes >= needed
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{EdgeOptions.Section}:{nameof(EdgeOptions.SendQueueBytes)}: must be at least {needed}, twice {PublicationOptions.Section}:{nameof(PublicationOptions.MaxMessageBytes)}");
    }
}
