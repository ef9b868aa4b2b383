using Push.LoadTest.Native;
using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;
using Push.LoadTest.Subscribing;
using Push.TestKit;

namespace Push.LoadTest.Cases;

/// <summary>Subscribers and a publisher for one run of a case, and what came of it.</summary>
internal sealed class LoadSession : IAsyncDisposable
{
    // A process may open 20,000 files on many systems, and its sockets to one address are bounded by the range of port numbers.
    private const int MaxConnectionsPerProcess = 18_000;
    private const long SilenceDeadline = 5 * MonotonicClock.Second;

    // Of a receiving thread's time.
    private const double BusyShare = 0.9;

    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(120);

    private readonly CaseContext _context;
    private readonly SessionLayout _layout;
    private readonly SubscriberFleet _fleet;
    private readonly PublisherHandle _publisher = new();
    private readonly PrivateFolder _folder = new("load");
    private TokenSupply? _tokens;
    private long _expected;

    private LoadSession(CaseContext context, SessionLayout layout)
    {
        _context = context;
        _layout = layout;
        var connections = layout.Rooms.Sum(r => r.Members + r.Stalling);
        _fleet = new SubscriberFleet(Math.Max(context.SubscriberProcesses, (connections + MaxConnectionsPerProcess - 1) / MaxConnectionsPerProcess));
    }

    public SubscriberFleet Fleet => _fleet;

    /// <summary>Every part at the moment when the subscribers began to connect.</summary>
    public SystemSample Connecting { get; private set; } = null!;

    /// <summary>Of the sessions; none where the target has no API.</summary>
    public IReadOnlyList<string> Tokens => _tokens?.Tokens ?? [];

    public PublishRoom[] Rooms => [.. _layout.Rooms.Select(r => new PublishRoom(r.Name, r.Number, r.Members))];

    /// <summary>All parts of the target, and the generator's own.</summary>
    public SystemSample Sample() => SystemSample.Take([.. _context.Target.Roles, _fleet.Role, _publisher.Role]);

    /// <summary>Starts the processes and connects all subscribers.</summary>
    public static async Task<LoadSession> OpenAsync(CaseContext context, SessionLayout layout)
    {
        var session = new LoadSession(context, layout);
        try
        {
            await session.ConnectAsync();
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Publishes as planned; the deliveries may still be on their way.</summary>
    public async Task<PublishReport> PublishAsync(string phase, PublishPlan plan)
    {
        _context.Progress.Phase(plan.Count > 0 ? $"{phase}, {plan.Count:N0} messages" : $"{phase}, {plan.Seconds:0} s");
        var report = await _publisher.RunAsync(plan, _context.CancellationToken);
        _expected += report.Expected;
        return report;
    }

    /// <summary>Waits until everything published has arrived, or nothing has come for some seconds.</summary>
    public async Task DeliveredAsync()
    {
        var last = (Count: -1L, At: MonotonicClock.Now);
        await _fleet.WhenAsync(
            all =>
            {
                var delivered = all.Sum(r => r.Delivered);
                if (delivered != last.Count)
                {
                    last = (delivered, MonotonicClock.Now);
                }

                return delivered >= _expected || MonotonicClock.Now - last.At > SilenceDeadline;
            },
            _context.Progress.Counts,
            _context.CancellationToken);
    }

    /// <summary>What every case reports, between two samples.</summary>
    public async Task<CaseResult> ResultAsync(SystemSample start, SystemSample end, PublishReport published)
    {
        var report = await _fleet.ReportAsync(_context.CancellationToken);
        var result = new CaseResult
        {
            Case = _context.CaseName,
            Target = _context.Target.Name,
            Parameters = _context.Parameters,
            Connections = report.Open,
            Published = published.Confirmed,
            PublishFailures = published.Failed,
            Delivered = report.Measured,
            Lost = Math.Max(0, _expected - report.Delivered),
            PassedOver = report.Missing,
            Duplicates = report.Duplicates,
            Reordered = report.Reordered,
            Misdelivered = report.Misdelivered,
            Seconds = end.SecondsSince(start),
            Latency = report.Latencies is null ? null : Percentiles.Of(report.Latencies),
            Confirm = published.ConfirmTimes.Length == 0 ? null : Percentiles.Of(published.ConfirmTimes),
            Connect = report.ConnectTimes is null ? null : Percentiles.Of(report.ConnectTimes),
            ConnectsPerSecond = report.ConnectSeconds == 0 ? null : report.Open / report.ConnectSeconds,
            Closes = report.Closes,
            PrimaryRole = _context.Target.PrimaryRole,
            Roles = start.Until(end, report.Measured),
        };
        AddNotes(result, report, published);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await _fleet.DisposeAsync();
        if (_tokens is not null)
        {
            await _tokens.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task ConnectAsync()
    {
        var feedback = _layout.Feedback ? Path.Combine(_folder.Path, "feedback") : null;
        var processes = _layout.Split(_fleet.Count);
        await _publisher.StartAsync(
            _context.Target.Publisher with { FeedbackPath = feedback, SubscriberProcesses = processes.Count }, _context.CancellationToken);

        var total = _layout.Rooms.Sum(r => r.Members + r.Stalling);
        if (_context.Target.Api is not null && total > 0)
        {
            var tokens = (total + _layout.ConnectionsPerToken - 1) / _layout.ConnectionsPerToken;
            _context.Progress.Phase($"getting {tokens:N0} tokens");
            _tokens = await TokenSupply.CreateAsync(_context.Target, tokens, _folder.Path, _context.CancellationToken);
            await Task.Delay(_layout.Pause, _context.CancellationToken);
        }

        var offset = 0;
        var plans = new List<SubscriberPlan>();
        foreach (var rooms in processes)
        {
            plans.Add(new SubscriberPlan
            {
                EndPoints = _context.Target.EndPoints,
                Path = _context.Target.Path,
                Form = _context.Target.Form,
                Rooms = rooms,
                TokenFile = _tokens?.File,
                TokenOffset = offset,
                Lanes = _layout.Lanes,
                SourceAddress = processes.Count > 1 && IsLoopback() ? $"127.0.0.{plans.Count + 2}" : null,
                FeedbackPath = feedback,
            });
            offset += rooms.Sum(r => r.Members + r.Stalling);
        }

        _context.Progress.Phase($"connecting {total:N0} subscribers from {processes.Count} process(es)");
        Connecting = Sample();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_context.CancellationToken);
        deadline.CancelAfter(ConnectDeadline);
        var connected = await _fleet.ConnectAsync(plans, _context.Progress.Counts, deadline.Token);
        if (connected.Refused > 0)
        {
            throw new InvalidOperationException($"{connected.Refused:N0} of {total:N0} connections were refused, the first with: {connected.FirstRefusal}");
        }
    }

    private bool IsLoopback() => _context.Target.EndPoints.All(e => e.StartsWith("127.", StringComparison.Ordinal));

    private void AddNotes(CaseResult result, SubscriberReport report, PublishReport published)
    {
        if (result.Roles[_fleet.Role.Name].CpuSeconds > BusyShare * _fleet.Count * result.Seconds)
        {
            result.Notes.Add("the subscribers were at their limit: see --subscribers");
        }

        if (published.FirstFailure is { } failure)
        {
            result.Notes.Add($"{published.Failed} publishes failed, the first with: {failure}");
        }

        if (report.Foreign > 0)
        {
            result.Notes.Add($"{report.Foreign} messages of somebody else's arrived");
        }

        if (_tokens is { FailedHeartbeats: > 0 })
        {
            result.Notes.Add($"{_tokens.FailedHeartbeats} heartbeats failed");
        }
    }
}
