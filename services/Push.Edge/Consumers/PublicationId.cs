namespace Push.Edge.Consumers;

/// <summary>The form of a publication's id: 1–128 characters.</summary>
internal static class PublicationId
{
    public const int MaxLength = 128;

    public static bool IsValid(ReadOnlySpan<char> value) => value.Length is > 0 and <= MaxLength;
}
