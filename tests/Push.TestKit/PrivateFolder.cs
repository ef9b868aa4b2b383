namespace Push.TestKit;

/// <summary>A folder of one test's or one program's own, deleted with it.</summary>
public sealed class PrivateFolder : IDisposable
{
    public PrivateFolder(string purpose) => Path = Directory.CreateTempSubdirectory($"push-{purpose}-").FullName;

    public string Path { get; }

    public string Write(string name, string content)
    {
        var file = System.IO.Path.Combine(Path, name);
        File.WriteAllText(file, content);
        return file;
    }

    public string Write(string name, byte[] content)
    {
        var file = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(file, content);
        return file;
    }

    public string Subfolder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
