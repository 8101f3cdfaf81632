using System.Diagnostics;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Resources.Drivers;

namespace Axle.Platform.Resources.Backups;

/// <summary>Data that a person takes out, or brings in. Each leaves a record in the log: who, of what, when.</summary>
internal sealed class BackupStreams(BackupVerbs verbs, BackupLedger ledger, BackupFiles files, IEntityStore entities, TimeProvider clock)
{
    private const string FileName = "data";

    /// <summary>An export that may begin; it runs when it is given where to write.</summary>
    public async Task<Result<Func<Stream, CancellationToken, Task>>> ExportAsync(string name, bool plain, Caller caller, CancellationToken stop)
    {
        if (!Ready(name, caller, Verb.ConnectResource).TryGet(out var claim, out var error))
        {
            return error;
        }

        if (!ledger.DriverOf(claim.Entity)!.Exports)
        {
            return new NoExport(claim.Ref, claim.Spec.Type);
        }

        if (!(await RecordAsync(claim, BackupTriggers.Export, caller, $"took all data of {claim.Ref.Name} out", stop)).TryGet(out var record, out error))
        {
            return error;
        }

        return (Func<Stream, CancellationToken, Task>)(async (output, end) =>
        {
            try
            {
                if (await ledger.DriverOf(claim.Entity)!.ExportAsync(claim, plain, output, end) is { } failed)
                {
                    // The answer has begun, so it can only be broken off.
                    throw new IOException(failed.Message);
                }
            }
            finally
            {
                await entities.RemoveAsync(record, caller.Actor, CancellationToken.None);
            }
        });
    }

    /// <summary>Brings a file in, all of it or nothing.</summary>
    public async Task<Result<ImportedAnswer>> ImportAsync(string name, Stream input, Caller caller, CancellationToken stop)
    {
        if (!Ready(name, caller, Verb.ManageResources).TryGet(out var claim, out var error))
        {
            return error;
        }

        if (!ledger.DriverOf(claim.Entity)!.Imports)
        {
            return new NoImport(claim.Ref, claim.Spec.Type);
        }

        if (!(await RecordAsync(claim, BackupTriggers.Import, caller, $"brought data into {claim.Ref.Name}", stop)).TryGet(out var record, out error))
        {
            return error;
        }

        var (began, folder) = (Stopwatch.GetTimestamp(), files.WorkFolder(record.Name));
        try
        {
            long bytes;
            var head = new byte[5];
            await using (var file = new FileStream(Path.Combine(folder, FileName), FileMode.Create, FileAccess.ReadWrite))
            {
                await input.CopyToAsync(file, stop);
                bytes = file.Length;
                file.Position = 0;
                await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, stop);
            }

            var format = head.AsSpan().SequenceEqual("PGDMP"u8) ? "custom" : "plain";
            return await ledger.DriverOf(claim.Entity)!.ImportAsync(claim, record.Name, folder, FileName, stop) is { } failed
                ? failed
                : new ImportedAnswer(claim.Ref.Name, bytes, format, Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 2));
        }
        finally
        {
            files.RemoveWork(record.Name);
            await entities.RemoveAsync(record, caller.Actor, CancellationToken.None);
        }
    }

    private Result<Claim> Ready(string name, Caller caller, Verb verb) =>
        !verbs.Mine(name, caller, verb).TryGet(out var found, out var error) ? error
        : found is { Status.Phase: ResourcePhases.Ready, Spec.Removal: null } && ledger.Find(found.Ref) is { } claim ? claim
        : new NotReady(found.Ref, found.Status.Phase);

    private Task<Result<EntityRef>> RecordAsync(Claim claim, string trigger, Caller caller, string message, CancellationToken stop) =>
        ledger.AskAsync(claim.Entity, $"{BackupKinds.Id(claim.Ref, clock.GetUtcNow(), trigger)}{Random.Shared.Next(0x10000):x4}", trigger, clock.GetUtcNow(), caller.Actor, message, stop);
}
