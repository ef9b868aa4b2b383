namespace Push.LoadTest.Subscribing;

/// <summary>A line on a subscriber's standard input, after the plan.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Value">Of <see cref="SubscriberVerb.Churn"/> and <see cref="SubscriberVerb.Reset"/>: connections a second.</param>
internal sealed record SubscriberCommand(SubscriberVerb Verb, double Value = 0);

internal enum SubscriberVerb
{
    /// <summary>Send all counts and latencies.</summary>
    Report,

    /// <summary>The stalling connections stop reading.</summary>
    Stall,

    /// <summary>They read again.</summary>
    Resume,

    /// <summary>Replace so many connections a second by new ones.</summary>
    Churn,

    /// <summary>Reset so many connections a second, at whatever moment that is, and replace them by new ones.</summary>
    Reset,

    /// <summary>Close everything and exit.</summary>
    Quit,
}
