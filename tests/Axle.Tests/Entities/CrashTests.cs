using System.Diagnostics;
using System.Globalization;
using Axle.Entities;
using Axle.Entities.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Axle.Tests.Entities;

/// <summary>A real process writes and is killed with -9: what it was told is written must be there.</summary>
[Trait("Speed", "Slow")]
public sealed class CrashTests : IDisposable
{
    private const int Kills = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("axle-crash-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task No_acknowledged_write_is_lost_when_the_process_is_killed()
    {
        var stop = TestContext.Current.CancellationToken;
        var file = Path.Combine(_folder, "axle.db");
        var random = new Random(20261101);
        var acknowledged = new Dictionary<string, long>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await WriteAndKillAsync(file, random.Next(1, 60), acknowledged, stop);
        }

        Assert.Equal(4, acknowledged.Count);
        var kind = new EntityKind<ThingSpec, ThingStatus>("axle.dev/v1", "Counter");
        await using var store = SqliteEntityStore.Open(file, new EntityKinds([kind]), new RelationTypes([]), TimeProvider.System, new EntityStoreOptions(), NullLogger.Instance);
        foreach (var (writer, count) in acknowledged)
        {
            var found = store.Find(kind.Ref($"writer{writer}"))!.Spec.GetProperty("count").GetInt64();

            // At each kill one more may have been written without its answer getting out.
            Assert.InRange(found, count, count + Kills);
        }

        var check = await store.VerifyAsync(stop);
        Assert.True(check.Intact, $"{check.FirstBroken}: {check.Problem}");
        Assert.Equal(store.Revision, check.Rows);
    }

    /// <summary>Reads so many acknowledgements, kills, and reads what was in the pipe still.</summary>
    private static async Task WriteAndKillAsync(string file, int after, Dictionary<string, long> acknowledged, CancellationToken stop)
    {
        var program = AppContext.BaseDirectory.Replace("Axle.Tests", "Axle.Tests.CrashWriter", StringComparison.Ordinal);
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(program, "Axle.Tests.CrashWriter"), [file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync(stop);
        try
        {
            for (var i = 0; await process.StandardOutput.ReadLineAsync(stop) is { } line; i++)
            {
                if (line.Split(' ') is [var writer, var count] && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    acknowledged[writer] = number;
                }

                if (i == after)
                {
                    process.Kill();
                }
            }
        }
        finally
        {
            process.Kill();
        }

        await process.WaitForExitAsync(stop);
        Assert.True(process.ExitCode == 137, $"The writer ended by itself: {await errors}");
    }
}
