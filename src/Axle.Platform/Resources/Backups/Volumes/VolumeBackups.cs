using System.IO.Compression;
using System.IO.Pipelines;
using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Volumes;

namespace Axle.Platform.Resources.Backups.Volumes;

/// <summary>
/// Copies of volumes, as compressed tar archives that the engine makes while the workload goes on working. What is restored becomes a new
/// volume, complete, before anybody mounts it.
/// </summary>
internal sealed class VolumeBackups(IEngine engine, TimeProvider clock) : IBackups
{
    public string Uri => $"axle://{VolumeDriver.Type}";

    public bool Imports => false;

    public async Task<Result<Contents>> DumpAsync(Claim claim, string file, CancellationToken stop)
    {
        if (engine is not IVolumes volumes)
        {
            return new VolumesElsewhere(claim.Ref, engine.Name);
        }

        var at = clock.GetUtcNow();
        await using (var output = new FileStream(file, FileMode.Create, FileAccess.Write))
        await using (var compressed = new GZipStream(output, CompressionLevel.Fastest))
        {
            await volumes.ReadVolumeAsync(VolumeDriver.NameOf(claim.Ref), compressed, stop);
        }

        await using var archive = Open(file);
        return await VolumeContents.ReadAsync(archive, at, stop);
    }

    public async Task<Result<Contents>> ProveAsync(Claim claim, string id, string file, Contents expected, CancellationToken stop)
    {
        if (engine is not IVolumes volumes)
        {
            return new VolumesElsewhere(claim.Ref, engine.Name);
        }

        try
        {
            return await UnpackedAsync(volumes, Proof(id), file, stop);
        }
        finally
        {
            // Also when the platform stops; what a kill leaves, the next attempt takes away.
            await TidyAsync(claim, id, CancellationToken.None);
        }
    }

    public bool IsPlaced(Claim target) => engine is IVolumes;

    public async Task<Result<Filled>> FillAsync(Claim target, string id, string file, Contents expected, IReadOnlyList<MaskRule> mask, CancellationToken stop)
    {
        if (mask.Count > 0)
        {
            return new NoMasking(target.Ref, target.Spec.Type);
        }

        return engine is IVolumes volumes
            ? new Filled(await UnpackedAsync(volumes, Fill(id), file, stop), 0)
            : new VolumesElsewhere(target.Ref, engine.Name);
    }

    public Task TakeOverAsync(Claim target, string id, CancellationToken stop) => ((IVolumes)engine).RenameVolumeAsync(Fill(id), VolumeDriver.NameOf(target.Ref), stop);

    public async Task TidyAsync(Claim claim, string id, CancellationToken stop)
    {
        if (engine is IVolumes volumes)
        {
            await volumes.RemoveVolumeAsync(Proof(id), stop);
            await volumes.RemoveVolumeAsync(Fill(id), stop);
        }
    }

    public async Task<Error?> ExportAsync(Claim claim, bool plain, Stream output, CancellationToken stop)
    {
        if (engine is not IVolumes volumes)
        {
            return new VolumesElsewhere(claim.Ref, engine.Name);
        }

        if (plain)
        {
            await volumes.ReadVolumeAsync(VolumeDriver.NameOf(claim.Ref), output, stop);
            return null;
        }

        await using var compressed = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        await volumes.ReadVolumeAsync(VolumeDriver.NameOf(claim.Ref), compressed, stop);
        return null;
    }

    public Task<Error?> ImportAsync(Claim claim, string id, string folder, string name, CancellationToken stop) => Task.FromResult<Error?>(new NoImport(claim.Ref, claim.Spec.Type));

    // No claim's name has two dashes in a row where these have them.
    private static string Proof(string id) => $"proof--{BackupKinds.Plain(id)}";

    private static string Fill(string id) => $"fill--{BackupKinds.Plain(id)}";

    private static GZipStream Open(string file) => new(File.OpenRead(file), CompressionMode.Decompress);

    /// <summary>Brings an archive into a volume of this name, and reads that one again from the disk.</summary>
    private async Task<Contents> UnpackedAsync(IVolumes volumes, string name, string file, CancellationToken stop)
    {
        await volumes.RemoveVolumeAsync(name, stop);
        await using (var archive = Open(file))
        {
            await volumes.FillVolumeAsync(name, archive, stop);
        }

        var pipe = new Pipe();
        var reading = ReadAsync();
        try
        {
            await using var archive = pipe.Reader.AsStream();
            var seen = await VolumeContents.ReadAsync(archive, clock.GetUtcNow(), stop);
            await archive.CopyToAsync(Stream.Null, stop);
            return seen;
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await reading;
        }

        async Task ReadAsync()
        {
            try
            {
                await volumes.ReadVolumeAsync(name, pipe.Writer.AsStream(leaveOpen: true), stop);
                await pipe.Writer.CompleteAsync();
            }
            catch (Exception e)
            {
                // The reader throws it.
                await pipe.Writer.CompleteAsync(e);
            }
        }
    }
}

/// <summary>The engine keeps its volumes where nobody of us can read them.</summary>
internal sealed record VolumesElsewhere(EntityRef Claim, string Engine)
    : Error("resources.volumes_elsewhere", $"{Claim.Name} cannot be backed up here: the engine {Engine} does not give the contents of its volumes.", "Use the snapshots of its storage.", 422);
