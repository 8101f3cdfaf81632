using System.Security.Cryptography;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Resources.Backups;

/// <summary>
/// Where copies lie: <c>DATA/backups/CLAIM@NAMESPACE/ID.dump</c> beside <c>ID.json</c>, which says what is in it. A file that has its
/// name is whole and on disk; what is unfinished ends in <c>.part</c>.
/// </summary>
internal sealed class BackupFiles(PlatformOptions platform)
{
    private const UnixFileMode Closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Folder(EntityRef claim) => Make(NameOf(claim));

    /// <summary>Of the physical copies of a server.</summary>
    public string ServerFolder(EntityRef server) => Make("servers", NameOf(server));

    /// <summary>For one restore or import; removed with it.</summary>
    public string WorkFolder(string id) => Make("work", id);

    public string Dump(EntityRef claim, string id) => Path.Combine(Folder(claim), $"{id}.dump");

    public string Base(EntityRef server, string id) => Path.Combine(ServerFolder(server), id);

    /// <summary>Makes a finished file out of an unfinished one, with what is in it; says its size and digest.</summary>
    public static async Task<(long Bytes, string Sha256)> FinishAsync(string part, string file, Contents contents, CancellationToken stop)
    {
        // 1. On disk before it has its name.
        string digest;
        long bytes;
        await using (var stream = new FileStream(part, FileMode.Open, FileAccess.ReadWrite, FileShare.Read))
        {
            stream.Flush(flushToDisk: true);
            (digest, bytes) = (Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, stop)), stream.Length);
        }

        var said = Path.ChangeExtension(file, ".json");
        await using (var stream = new FileStream($"{said}.part", FileMode.Create, FileAccess.Write))
        {
            await JsonSerializer.SerializeAsync(stream, contents, EntityJson.Options, stop);
            stream.Flush(flushToDisk: true);
        }

        // 2. The list first: a dump with its name has its list.
        File.Move($"{said}.part", said, overwrite: true);
        File.Move(part, file, overwrite: true);
        return (bytes, digest);
    }

    /// <summary>What a finished copy holds, after a look whether it is still what was written.</summary>
    public async Task<Result<Contents>> OpenAsync(EntityRef claim, string id, BackupStatus status, CancellationToken stop)
    {
        var file = Dump(claim, id);
        if (!File.Exists(file))
        {
            return new BackupDamaged(id, "its file is gone");
        }

        await using (var stream = File.OpenRead(file))
        {
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, stop)) != status.Sha256)
            {
                return new BackupDamaged(id, "its file has changed since it was written");
            }
        }

        return await ReadAsync(file, stop) is { } contents && contents.Checksum() == status.Checksum
            ? contents
            : new BackupDamaged(id, "the list of what is in it is missing or has changed");
    }

    /// <summary>The list beside a file, or null.</summary>
    public static async Task<Contents?> ReadAsync(string file, CancellationToken stop)
    {
        var said = Path.ChangeExtension(file, ".json");
        if (!File.Exists(said))
        {
            return null;
        }

        await using var stream = File.OpenRead(said);
        try
        {
            return await JsonSerializer.DeserializeAsync<Contents>(stream, EntityJson.Options, stop);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Remove(EntityRef claim, string id)
    {
        foreach (var file in Directory.EnumerateFiles(Folder(claim), $"{id}.*"))
        {
            File.Delete(file);
        }
    }

    public void RemoveWork(string id) => RemoveFolder(Path.Combine(platform.Folder("backups"), "work", id));

    public void RemoveBase(EntityRef server, string id) => RemoveFolder(Base(server, id));

    public static void RemoveFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Bytes of all files below a folder.</summary>
    public static long Size(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private string Make(params ReadOnlySpan<string> parts)
    {
        var path = platform.Folder("backups");
        File.SetUnixFileMode(path, Closed);
        foreach (var part in parts)
        {
            path = Path.Combine(path, part);
            Directory.CreateDirectory(path, Closed);
        }

        return path;
    }

    /// <summary>No name has an @, so that two claims never share a folder; nor is one called as the folders beside them.</summary>
    private static string NameOf(EntityRef claim) => $"{claim.Name}@{claim.Namespace}";
}
