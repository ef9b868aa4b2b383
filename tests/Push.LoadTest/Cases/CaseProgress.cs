using Push.LoadTest.Subscribing;
using Spectre.Console;

namespace Push.LoadTest.Cases;

/// <summary>Says on the terminal what is going on: a line that changes on a terminal, a line a phase elsewhere.</summary>
internal sealed class CaseProgress(string title, StatusContext? status)
{
    private string _phase = "";

    /// <summary>Runs <paramref name="work"/> under a progress line.</summary>
    public static Task<T> ShowAsync<T>(string title, Func<CaseProgress, Task<T>> work) => AnsiConsole.Profile is { Out.IsTerminal: true, Capabilities.Interactive: true }
        ? AnsiConsole.Status().StartAsync(Markup.Escape(title), status => work(new CaseProgress(title, status)))
        : work(new CaseProgress(title, status: null));

    public void Phase(string phase)
    {
        _phase = phase;
        if (status is null)
        {
            AnsiConsole.WriteLine($"{title}: {phase}");
        }
        else
        {
            status.Status(Markup.Escape($"{title}: {phase}"));
        }
    }

    /// <summary>The latest counts, where there is a line to change.</summary>
    public void Counts(SubscriberReport totals) =>
        status?.Status(Markup.Escape($"{title}: {_phase} · {totals.Open:N0} connected · {totals.Delivered:N0} delivered"));
}
