using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Health;

namespace Push.ServiceDefaults.Startup;

public static class ServiceRunner
{
    /// <summary>Runs the service, or with <c>--health</c> asks the one that runs already: see <see cref="HealthProbe"/>.</summary>
    /// <param name="args">The process's arguments.</param>
    /// <param name="defaultPort">The port of the service where no setting names another.</param>
    /// <param name="build">Makes the service.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, int defaultPort, Func<WebApplication> build)
    {
        if (HealthProbe.IsRequestedBy(args))
        {
            return await HealthProbe.RunAsync(ServiceArguments.CreateBuilder([]).Configuration, defaultPort);
        }

        if (ServiceArguments.Check(args) is { } error)
        {
            await Console.Error.WriteLineAsync($"Cannot start: {error}");
            return 1;
        }

        return await RunAsync(build);
    }

    /// <summary>
    /// Builds the service and runs it until it is told to stop. What an operator can put right (a setting, a port in use) ends it
    /// with one line on the standard error stream and exit code 1 instead of a stack trace.
    /// </summary>
    public static Task<int> RunAsync(Func<WebApplication> build) => RunAsync(build, Console.Error);

    internal static async Task<int> RunAsync(Func<WebApplication> build, TextWriter errors)
    {
        try
        {
            await using var app = build();

            // Not among the signals that the host knows: a terminal that is closed, or a supervisor, ends the service like any other stop.
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                app.Lifetime.StopApplication();
            });
            await StartAsync(app);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (OptionsValidationException e)
        {
            await errors.WriteLineAsync($"Cannot start: {string.Join(Environment.NewLine, e.Failures)}");
        }

        return 1;
    }

    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (OptionsValidationException)
        {
            // What has been started already would report its end as a failure of its own.
            try
            {
                await app.StopAsync();
            }
            catch (ArgumentNullException)
            {
                // The host's answer where making its services failed: it has none to stop.
            }

            throw;
        }
    }
}
