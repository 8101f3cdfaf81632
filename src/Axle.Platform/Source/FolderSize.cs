namespace Axle.Platform.Source;

/// <summary>Ends a transfer when what it has written grows too large.</summary>
internal static class FolderSize
{
    private static readonly TimeSpan s_lookAt = TimeSpan.FromMilliseconds(500);

    /// <summary>Looks until <paramref name="tooLarge"/> is cancelled, and cancels it when the folder has more than these bytes.</summary>
    public static async Task WatchAsync(string folder, long bytesMax, TimeProvider clock, CancellationTokenSource tooLarge)
    {
        while (!tooLarge.IsCancellationRequested)
        {
            await Task.Delay(s_lookAt, clock, tooLarge.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Of(folder) > bytesMax)
            {
                await tooLarge.CancelAsync();
            }
        }
    }

    public static long Of(string folder)
    {
        long size = 0;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }))
        {
            try
            {
                size += file.Length;
            }
            catch (FileNotFoundException)
            {
                // A temporary file of git's that has got its name in between.
            }
        }

        return size;
    }
}
