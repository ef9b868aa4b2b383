namespace Push.Api.Playground;

/// <summary>The page at <c>/</c>. Section <c>Playground</c>.</summary>
internal sealed class PlaygroundOptions
{
    public const string Section = "Playground";

    /// <summary>Whether the page is there. Default: where access is anonymous, as in Development.</summary>
    public bool? Enabled { get; set; }
}
