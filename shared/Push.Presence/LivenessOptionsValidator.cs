using Microsoft.Extensions.Options;

namespace Push.Presence;

internal sealed class LivenessOptionsValidator : IValidateOptions<LivenessOptions>
{
    public ValidateOptionsResult Validate(string? name, LivenessOptions options)
    {
        var failures = new List<string>();
        if (options.HeartbeatTimeout < TimeSpan.FromSeconds(1) || options.HeartbeatTimeout > TimeSpan.FromHours(1))
        {
            failures.Add($"{LivenessOptions.Section}:{nameof(options.HeartbeatTimeout)} must be between 1 second and 1 hour.");
        }

        if (options.SweepInterval < TimeSpan.FromMilliseconds(100) || options.SweepInterval > TimeSpan.FromMinutes(10))
        {
            failures.Add($"{LivenessOptions.Section}:{nameof(options.SweepInterval)} must be between 100 milliseconds and 10 minutes.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
