namespace Axle.Cli.Machine;

/// <summary>
/// Keeps a log that another process appends to within bounds. The writer holds the file open, so the content is copied
/// away and the file cut to nothing; since it was opened for appending, the writer goes on at the new end.
/// </summary>
internal static class RotatedLog
{
    public const long BytesMax = 20L * 1024 * 1024;
    private const int Kept = 3;

    /// <summary>Starts a new file when the present one is longer than <paramref name="bytesMax"/>.</summary>
    public static void Rotate(string file, long bytesMax = BytesMax)
    {
        var present = new FileInfo(file);
        if (!present.Exists || present.Length <= bytesMax)
        {
            return;
        }

        for (var i = Kept - 1; i >= 1; i--)
        {
            if (File.Exists($"{file}.{i}"))
            {
                File.Move($"{file}.{i}", $"{file}.{i + 1}", overwrite: true);
            }
        }

        File.Copy(file, $"{file}.1", overwrite: true);
        using var cut = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        cut.SetLength(0);
    }

    /// <summary>The last lines of a file.</summary>
    public static IReadOnlyList<string> Tail(string file, int lines)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(-Math.Min(stream.Length, 256 * 1024 + lines * 512L), SeekOrigin.End);
            using var reader = new StreamReader(stream);
            var last = new Queue<string>();
            while (reader.ReadLine() is { } line)
            {
                last.Enqueue(line);
                if (last.Count > lines)
                {
                    last.Dequeue();
                }
            }

            return [.. last];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
