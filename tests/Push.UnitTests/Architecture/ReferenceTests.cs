using Push.TestKit;
using Xunit;

namespace Push.UnitTests.Architecture;

/// <summary>References point one way: Contracts ← ServiceDefaults ← infrastructure ← services ← AllInOne. See docs/architecture.md.</summary>
public sealed class ReferenceTests
{
    private const string Contracts = "Push.Contracts";
    private const string ServiceDefaults = "Push.ServiceDefaults";
    private const string AllInOne = "Push.AllInOne";
    private const string Gateway = "Push.Gateway";

    private static readonly string[] Infrastructure = [Contracts, ServiceDefaults, "Push.Messaging", "Push.Auth", "Push.Presence"];
    private static readonly string[] Services = ["Push.Api", "Push.Edge", "Push.Sweeper"];

    public static TheoryData<string> Projects => [.. SolutionFolder.Files(".csproj")];

    public static TheoryData<string> ProjectsOfTheProduct => [.. SolutionFolder.Files(".csproj").Where(project => !project.StartsWith("tests/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(ProjectsOfTheProduct))]
    public void A_project_references_only_what_lies_below_it(string project)
    {
        var references = SolutionFolder.References(project, "ProjectReference");

        Assert.Empty(references.Except(MayReference(Name(project))));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_project_is_in_the_solution(string project) =>
        Assert.Contains(project, SolutionFolder.Read(SolutionFolder.SolutionName).Replace('\\', '/'), StringComparison.Ordinal);

    [Fact]
    public void A_publisher_that_takes_the_contracts_takes_no_package_with_them() =>
        Assert.Empty(SolutionFolder.References("shared/Push.Contracts/Push.Contracts.csproj", "PackageReference"));

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_embedded_store_stays_in_the_all_in_one(string project)
    {
        if (Name(project) != AllInOne)
        {
            Assert.DoesNotContain("Microsoft.Garnet", SolutionFolder.References(project, "PackageReference"));
        }
    }

    [Fact]
    public void Neither_broker_nor_store_reaches_the_gateway() =>
        Assert.Empty(
            from project in (string[])["gateway/Push.Gateway/Push.Gateway.csproj", "shared/Push.ServiceDefaults/Push.ServiceDefaults.csproj", "shared/Push.Contracts/Push.Contracts.csproj"]
            from package in SolutionFolder.References(project, "PackageReference")
            where package.StartsWith("MassTransit", StringComparison.Ordinal) || package is "RabbitMQ.Client" or "StackExchange.Redis"
            select $"{project}: {package}");

    [Fact]
    public void Only_the_control_bus_knows_of_MassTransit() =>
        Assert.All(
            SolutionFolder.Files(".cs").Where(path => !path.StartsWith("tests/", StringComparison.Ordinal) && !path.StartsWith("shared/Push.Messaging/ControlBus/", StringComparison.Ordinal)),
            path => Assert.DoesNotContain("using MassTransit", SolutionFolder.Read(path), StringComparison.Ordinal));

    private static string[] MayReference(string project) => project switch
    {
        Contracts => [],
        AllInOne => [.. Infrastructure, .. Services],
        Gateway => [ServiceDefaults],
        ServiceDefaults => [Contracts],
        _ when Infrastructure.Contains(project) => [Contracts, ServiceDefaults],
        _ when Services.Contains(project) => Infrastructure,
        // Samples are outsiders: what they use of Push, they use over its protocol.
        _ => [],
    };

    private static string Name(string project) => Path.GetFileNameWithoutExtension(project);
}
