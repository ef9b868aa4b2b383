namespace Push.Contracts;

/// <summary>The form of a user or device id: 1–128 characters, no control characters, no lone surrogates.</summary>
public static class PrincipalId
{
    public const int MaxLength = 128;

    /// <summary>Whether <paramref name="value"/> is a well-formed user or device id.</summary>
    public static bool IsValid(ReadOnlySpan<char> value)
    {
        if (value.Length is 0 or > MaxLength)
        {
            return false;
        }

        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsControl(value[i]))
            {
                return false;
            }

            if (char.IsSurrogate(value[i]) && (++i == value.Length || !char.IsSurrogatePair(value[i - 1], value[i])))
            {
                return false;
            }
        }

        return true;
    }
}
