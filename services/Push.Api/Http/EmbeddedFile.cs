namespace Push.Api.Http;

internal static class EmbeddedFile
{
    /// <summary>Reads a file of this project that is embedded in the assembly.</summary>
    /// <param name="name">Its path, with dots for slashes.</param>
    public static byte[] Read(string name)
    {
        using var stream = typeof(EmbeddedFile).Assembly.GetManifestResourceStream($"{typeof(ApiModule).Namespace}.{name}")
            ?? throw new InvalidOperationException($"The assembly does not hold {name}.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
