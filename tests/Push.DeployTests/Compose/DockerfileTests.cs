using Push.TestKit;
using Xunit;

namespace Push.DeployTests.Compose;

public sealed class DockerfileTests
{
    [Fact]
    public void There_is_an_image_for_each_service() =>
        Assert.Equal(["all-in-one", "api", "edge", "gateway", "sweeper"], Dockerfile.Targets.Keys.Order());

    [Fact]
    public void Every_image_starts_its_service_directly_and_asks_it_for_its_health() =>
        Assert.All(Dockerfile.Targets.Values, instructions =>
        {
            var start = Assert.Single(instructions, line => line.StartsWith("ENTRYPOINT [\"dotnet\", ", StringComparison.Ordinal));
            var program = start["ENTRYPOINT ".Length..].TrimEnd(']');
            Assert.Single(instructions, line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal) && line.EndsWith($"CMD {program}, \"--health\"]", StringComparison.Ordinal));
        });

    [Fact]
    public void Images_run_without_root() => Assert.Contains("USER $APP_UID", Dockerfile.InstructionsOf("runtime"));

    [Fact]
    public void Packages_are_restored_from_the_lock_files_before_the_sources_are_there()
    {
        var build = Dockerfile.InstructionsOf("build");
        var beforeRestore = build.TakeWhile(line => !line.StartsWith("RUN dotnet restore", StringComparison.Ordinal)).ToList();

        Assert.All(Projects(), project => Assert.Contains($"COPY {project}/*.csproj {project}/packages.lock.json {project}/", beforeRestore));
        Assert.DoesNotContain("COPY shared shared", beforeRestore);
        Assert.All(build[beforeRestore.Count].Split("&&"), restore => Assert.Contains("--locked-mode", restore, StringComparison.Ordinal));
    }

    [Fact]
    public void It_builds_without_BuildKit() =>
        Assert.All(Dockerfile.Instructions, line =>
        {
            Assert.DoesNotContain("--mount", line, StringComparison.Ordinal);
            Assert.DoesNotContain("<<", line, StringComparison.Ordinal);
        });

    private static IEnumerable<string> Projects() =>
        from folder in (string[])["shared", "services", "gateway"]
        from file in Directory.EnumerateFiles(SolutionFolder.PathOf(folder), "*.csproj", SearchOption.AllDirectories)
        select Path.GetRelativePath(SolutionFolder.Root, Path.GetDirectoryName(file)!);
}
