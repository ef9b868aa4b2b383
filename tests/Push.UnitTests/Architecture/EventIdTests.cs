using System.Text.RegularExpressions;
using Push.TestKit;
using Xunit;

namespace Push.UnitTests.Architecture;

/// <summary>The ids of log messages stand in one table a project.</summary>
public sealed partial class EventIdTests
{
    public static TheoryData<string> Projects =>
        [.. SolutionFolder.Files(".cs").Where(path => path.EndsWith("/EventIds.cs", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_id_of_a_project_means_two_things(string table)
    {
        var ids = Ids().Matches(SolutionFolder.Read(table)).Select(match => match.Groups["id"].Value).ToList();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public void Every_log_message_takes_its_id_from_the_table() =>
        Assert.All(
            SolutionFolder.Files(".cs").Where(path => !path.StartsWith("tests/", StringComparison.Ordinal)),
            path => Assert.DoesNotMatch(NumberedMessage(), SolutionFolder.Read(path)));

    [GeneratedRegex(@"const int \w+ = (?<id>\d+);")]
    private static partial Regex Ids();

    [GeneratedRegex(@"LoggerMessage\(\d")]
    private static partial Regex NumberedMessage();
}
