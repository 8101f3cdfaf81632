namespace Axle.Cli.Configuration;

/// <summary>Writes files whole or not at all, with their mode from the first byte on.</summary>
internal static class SafeFile
{
    public static void Write(string file, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var fresh = $"{file}.{Environment.ProcessId}.new";
        using (var stream = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, file, overwrite: true);
    }
}
