using Push.LoadTest.Results;
using Xunit;

namespace Push.UnitTests.LoadTest.Results;

public sealed class ResultFileTests
{
    [Fact]
    public void A_result_file_is_read_as_it_was_written()
    {
        var folder = Directory.CreateTempSubdirectory("push-results-").FullName;
        try
        {
            var file = new ResultFile
            {
                StartedAt = new DateTimeOffset(2026, 6, 11, 19, 0, 0, TimeSpan.Zero),
                Arguments = ["run", "F1"],
                Machine = new Machine("a processor", 2, 24L << 30, "6.18", ".NET 10"),
                Results =
                [
                    new CaseResult
                    {
                        Case = "F1",
                        Target = "push",
                        Parameters = new CaseParameters { Connections = 1_000, InFlight = 16 },
                        PrimaryRole = "edge",
                        Delivered = 5_000_000,
                        Latency = new Percentiles { Count = 5_000_000, P50 = 1.5, P99 = 4.5 },
                        Closes = { [4101] = 10 },
                        Roles = { ["edge"] = new RoleUsage { CpuSeconds = 1.2, CpuSecondsPerMillion = 0.24 } },
                        Figures = { ["skipped/s"] = 25_000 },
                        Notes = { "a note" },
                    },
                ],
            };
            var path = Path.Combine(folder, "sub", "result.json");
            file.Write(path);

            var read = ResultFile.Read(path);
            Assert.Equivalent(file, read, strict: true);
            Assert.Equal(0.24, read.Results[0].CpuSecondsPerMillion);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
