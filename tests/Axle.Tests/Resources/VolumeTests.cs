using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Volumes;
using Axle.Tests.Agent;
using Axle.Tests.Resources.Backups;

namespace Axle.Tests.Resources;

/// <summary>Volumes with a real agent: what a workload wrote outlives it, until its time is up.</summary>
public sealed class VolumeTests(ResourceHouse house) : IClassFixture<ResourceHouse>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_outlive_their_workload_come_back_with_undo_and_go_when_the_removal_is_due()
    {
        await SkipWithoutSandboxAsync();
        var claim = await house.ClaimAsync("volume", "files");
        await RunAsync("shop.staging", "r1", claim.Ref, "echo kept > /data/word; mkdir /data/deep; ln -s ../word /data/deep/link");

        // 1. The workload goes, and with it everything that is its alone.
        await house.Engine.RemoveAsync("shop.staging", Stop);
        Assert.Equal(new VolumeSize(5, 1), await Volumes.ObserveVolumeAsync("files.staging", Stop));

        // 2. Removed, the files are still there; brought back, another workload of the same name reads them.
        await house.ChangeAsync(claim.Ref, now => now! with { Removal = Removal(TimeSpan.FromDays(7)) });
        await house.UntilAsync(claim.Ref, now => now.Status.Phase == ResourcePhases.Removed, "removed");
        Assert.Equal(1, (await Volumes.ObserveVolumeAsync("files.staging", Stop))!.Files);
        await house.ClaimAsync("volume", "files");
        await RunAsync("shop.staging", "r2", claim.Ref, "cat /data/deep/link");
        Assert.Contains("kept", await LogAsync("shop.staging"));

        // 3. Due while somebody works with it: it waits, and says for whom.
        await house.ChangeAsync(claim.Ref, now => now! with { Removal = Removal(TimeSpan.Zero) });
        await RealAgent.UntilAsync(() => Task.FromResult(house.Find(claim.Ref)!.Status.Conditions.Any(said => said.Reason == "resources.in_use" && said.Message.Contains("shop.staging", StringComparison.Ordinal))), "refused");
        Assert.Equal(1, (await Volumes.ObserveVolumeAsync("files.staging", Stop))!.Files);

        // 4. Then it is gone for good, and a new one of this name is empty.
        await house.Engine.RemoveAsync("shop.staging", Stop);
        await house.ChangeAsync(claim.Ref, now => now! with { Retain = true });
        await house.UntilGoneAsync(claim.Ref);
        Assert.Null(await Volumes.ObserveVolumeAsync("files.staging", Stop));
        await house.ClaimAsync("volume", "files");
        await RunAsync("shop.staging", "r3", claim.Ref, "ls /data | wc -l");
        Assert.Contains("0", await LogAsync("shop.staging"));
        await house.Engine.RemoveAsync("shop.staging", Stop);
    }

    [Fact]
    public async Task Files_from_before_volumes_lasted_are_taken_over()
    {
        await SkipWithoutSandboxAsync();
        await RunAsync("old.staging", "r1", null, "echo kept > /data/word");
        await RunAsync("old.staging", "r2", ResourceKinds.Claim.Ref("old.files.staging"), "cat /data/word");
        Assert.Contains("kept", await LogAsync("old.staging"));
        await house.Engine.RemoveAsync("old.staging", Stop);
        Assert.Equal(1, (await Volumes.ObserveVolumeAsync("old.files.staging", Stop))!.Files);
    }

    [Fact]
    public async Task A_volume_is_backed_up_proved_and_restored_beside_its_running_workload_and_mounted_by_another_user()
    {
        await SkipWithoutSandboxAsync();
        var claim = await house.ClaimAsync("volume", "photos");
        await RunAsync(
            "gallery.staging",
            "r1",
            claim.Ref,
            "umask 027; echo one > /data/one; mkdir -p /data/a/b; echo two > '/data/a/b/größe $(x)'; chmod 750 /data/a/b; ln -s /etc/passwd /data/out; truncate -s 300M /data/sparse; echo end >> /data/sparse; mkfifo /data/pipe");

        // 1. Backed up, and proved by unpacking it aside.
        var backup = await house.BackUpAsync(claim.Ref);
        Assert.Contains("files", Conditions.Of(backup.Status.Conditions, "Ready")!.Message, StringComparison.Ordinal);
        Assert.Equal(6, backup.Status.Proof!.Tables);
        Assert.True(backup.Status.SizeBytes < 4 << 20, "holes are stored as nothing");

        // 2. Restored into a new volume; the first one is as it was, and nothing else is left.
        await RunAsync("gallery.staging", "r2", claim.Ref, "rm /data/one");
        var (fresh, restored) = await house.RestoreAsync(claim.Ref, "photos-again");
        Assert.Equal(("photos-again-volume.staging", backup.Status.Checksum), (fresh.Name, restored.Status.Checksum));
        await RunAsync("other.staging", "r1", fresh, "cat /data/one /data/a/b/gr*; readlink /data/out; stat -c '%a' /data/a/b; tail -c 4 /data/sparse; du -m /data/sparse | cut -f1; echo more >> /data/one && echo mine");
        var log = await LogAsync("other.staging");
        Assert.Equal(["one", "two", "/etc/passwd", "750", "end", "1", "mine"], log.Where(line => line.Length > 0));
        Assert.Null(await Volumes.ObserveVolumeAsync($"proof--{BackupKinds.Plain(backup.Metadata.Name)}", Stop));
        await house.Engine.RemoveAsync("gallery.staging", Stop);
        await house.Engine.RemoveAsync("other.staging", Stop);
    }

    private IVolumes Volumes => (IVolumes)house.Engine;

    private static ResourceRemoval Removal(TimeSpan after) => new(TimeProvider.System.GetUtcNow(), "user:test", TimeProvider.System.GetUtcNow() + after);

    private async Task SkipWithoutSandboxAsync() => Assert.SkipUnless((await house.Engine.InfoAsync(Stop)).Isolation == "full", "Volumes need the sandbox.");

    /// <summary>Runs a command with the volume and goes on living; returns when the command has ended.</summary>
    private async Task RunAsync(string workload, string revision, EntityRef? volume, string command)
    {
        var folder = Directory.CreateTempSubdirectory("axle-volume-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0x1ED);
        var done = $"done {Guid.NewGuid():N}";
        var group = Apps.Group("worker", GroupKind.Worker, "/bin/sh", "-c", $"{command}\necho '{done}'; sleep 1000").Change(container => container with
        {
            Volumes = [new VolumeSpec("/data", "data") { Volume = volume is { } claim ? VolumeDriver.NameOf(claim) : null }],
        });
        await house.Engine.ApplyAsync(Apps.Workload(workload, revision, folder, group), Stop);
        await RealAgent.UntilAsync(async () => (await RawLogAsync(workload)).Contains(done), $"done: {command}");
    }

    private async Task<IReadOnlyList<string>> LogAsync(string workload) => [.. (await RawLogAsync(workload)).Where(line => !line.StartsWith("done ", StringComparison.Ordinal))];

    private async Task<IReadOnlyList<string>> RawLogAsync(string workload)
    {
        var lines = new List<string>();
        await foreach (var line in house.Engine.LogsAsync(new LogQuery(workload), Stop))
        {
            if (line.Stream is "out" or "err")
            {
                lines.Add(line.Text);
            }
        }

        return lines;
    }
}
