namespace Push.Api.Pushes;

internal static class JsonSize
{
    /// <summary>Whether valid JSON is longer than <paramref name="limit"/> once the white space between its tokens is gone.</summary>
    public static bool ExceedsCompact(ReadOnlySpan<byte> json, int limit)
    {
        if (json.Length <= limit)
        {
            return false;
        }

        var size = 0;
        var inString = false;
        var isEscaped = false;
        foreach (var b in json)
        {
            if (!inString && b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                continue;
            }

            size++;
            if (isEscaped)
            {
                isEscaped = false;
            }
            else if (b == '"')
            {
                inString = !inString;
            }
            else
            {
                isEscaped = b == '\\';
            }
        }

        return size > limit;
    }
}
