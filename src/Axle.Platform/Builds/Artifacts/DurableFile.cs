using System.Text;

namespace Axle.Platform.Builds;

/// <summary>Replaces a small file so that after a crash it has either its old or its new content.</summary>
internal static class DurableFile
{
    public static async Task WriteAsync(string path, string text, CancellationToken stop)
    {
        var temporary = $"{path}.{Guid.CreateVersion7():N}";
        try
        {
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                await file.WriteAsync(Encoding.UTF8.GetBytes(text), stop);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
