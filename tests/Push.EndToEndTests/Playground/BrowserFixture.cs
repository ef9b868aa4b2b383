using Microsoft.Playwright;
using Xunit;

namespace Push.EndToEndTests.Playground;

/// <summary>A real browser: the one that <c>CHROMIUM_PATH</c> names, the system's chromium, or else Playwright's own, which is then downloaded.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] SystemPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var path = Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } named ? named : SystemPaths.FirstOrDefault(File.Exists);
        if (path is null && Microsoft.Playwright.Program.Main(["install", "chromium"]) != 0)
        {
            throw new InvalidOperationException("The playground's test needs Chromium: install it (apt-get install chromium) or set CHROMIUM_PATH.");
        }

        _playwright = await Microsoft.Playwright.Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            // In containers: no user namespaces for a sandbox, and little shared memory.
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
