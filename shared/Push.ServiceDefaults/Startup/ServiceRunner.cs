using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Push.ServiceDefaults.Startup;

public static class ServiceRunner
{
    /// <summary>
    /// Runs the service until it is told to stop. What an operator can put right (a setting, a port in use) ends it with one line
    /// on the standard error stream and exit code 1 instead of a stack trace.
    /// </summary>
    public static async Task<int> RunServiceAsync(this WebApplication app)
    {
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync($"Cannot start: {string.Join(Environment.NewLine, e.Failures)}");
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"Cannot start: {e.Message} Choose another port with Listen:Url (Listen__Url=http://localhost:9090).");
        }

        return 1;
    }
}
