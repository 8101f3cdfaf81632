namespace Axle.Platform.Templates.Actions;

/// <summary>A folder or file that was fetched; what was made for it is taken away afterwards.</summary>
/// <param name="path">The folder, or the file.</param>
/// <param name="scratch">The folder to take away; null for what lies there anyway.</param>
internal sealed class FetchedTree(string path, string? scratch) : IDisposable
{
    public string Path => path;

    public void Dispose()
    {
        if (scratch is not null && Directory.Exists(scratch))
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
