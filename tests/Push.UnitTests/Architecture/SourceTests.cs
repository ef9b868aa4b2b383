using Xunit;

namespace Push.UnitTests.Architecture;

public sealed class SourceTests
{
    private const int LongestFile = 300;

    [Fact]
    public void No_source_file_is_longer_than_one_can_keep_in_mind()
    {
        var tooLong = SolutionFolder.Files(".cs")
            .Select(path => (Path: path, Lines: SolutionFolder.Read(path).AsSpan().Count('\n')))
            .Where(file => file.Lines > LongestFile)
            .Select(file => $"{file.Path}: {file.Lines} lines");

        Assert.Empty(tooLong);
    }
}
