using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Processes;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Contract;

/// <summary>The three programs in docs/security.md by which another back end mints tokens, as they stand there.</summary>
public sealed class MintingTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private const string Page = "docs/security.md";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public Task Node_js_mints() => AssertMintsAsync("js", "node", code => $"const secret = process.env.SECRET;\n{code}\nconsole.log(token);\n");

    [Fact]
    public Task Python_mints() => AssertMintsAsync("python", "python3", code => $"import os\nsecret = os.environ['SECRET']\n{code}\nprint(token)\n");

    [Fact]
    public async Task CSharp_mints()
    {
        // Compiled here, because a build within a test takes longer than all else in it: the page's lines are this file's, in their order.
        using var lines = File.ReadLines(Path.Combine(SolutionFolder.Root, "tests/Push.EndToEndTests/Contract/MintingTests.cs")).Select(line => line.Trim()).GetEnumerator();
        foreach (var line in CodeIn("csharp").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var isHere = false;
            while (!isHere && lines.MoveNext())
            {
                isHere = lines.Current == line;
            }

            Assert.True(isHere, $"{Page} has a line of C# that is not tested: {line}");
        }

        await AssertAcceptedAsync(MintAsDocumented(TestCredentials.SigningSecret));
    }

#pragma warning disable RS0030 // The page's clock is the system's.
    private static string MintAsDocumented(string secret)
    {
        static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var body = Part(new { alg = "HS256", typ = "JWT" }) + "." + Part(new { iss = "push", aud = "push", jti = Guid.NewGuid().ToString("N"), isLogin = true, userId = "42", iat = now, exp = now + 3600 });
        var token = body + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(body)));
        return token;
    }
#pragma warning restore RS0030

    private async Task AssertMintsAsync(string language, string program, Func<string, string> complete)
    {
        using var folder = new PrivateFolder("mint");
        var file = folder.Write("mint", complete(CodeIn(language)));
        var environment = new Dictionary<string, string?> { ["SECRET"] = TestCredentials.SigningSecret };
        await using var run = ChildProcess.Start($"the {language} of {Page}", program, [file], environment, folder.Path);
        var exitCode = await run.WaitForExitAsync(Limit);

        // What the shell says of a program that is not there.
        Assert.SkipWhen(exitCode == 127, $"{program} is not installed: {run.Log.Tail()}");
        Assert.True(exitCode == 0, run.Log.Tail());
        await AssertAcceptedAsync(Assert.Single(run.Log.Lines));
    }

    private async Task AssertAcceptedAsync(string token)
    {
        var site = await EnterAsync(Entrance.AllInOne);
        foreach (var form in (string[])[token, MintedToken.Wrap(token)])
        {
            Assert.Equal(200, (await site.Calls.GetAsync($"/heartbeat?token={Uri.EscapeDataString(form)}", Cancelled)).Status);
            await site.ConnectSilentlyAsync(form, Site.Unique("room"));
        }
    }

    /// <summary>The page's only block of code in a language.</summary>
    private static string CodeIn(string language)
    {
        var blocks = File.ReadAllText(Path.Combine(SolutionFolder.Root, Page)).Split($"```{language}\n");
        Assert.True(blocks.Length == 2, $"{Page} has {blocks.Length - 1} blocks of {language}");
        return blocks[1][..blocks[1].IndexOf("```", StringComparison.Ordinal)];
    }
}
