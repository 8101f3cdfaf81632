using Axle.Agent.Machine;
using Axle.Agent.State;

namespace Axle.Agent.Volumes;

/// <summary>
/// Volumes that stay when their workload goes: a folder for each, by name, until somebody asks to remove it. What is not finished, or
/// on its way out, has a name that begins with a dot, and is cleared away by the next start.
/// </summary>
internal sealed class LastingVolumes(AgentFolders folders, ILogger<LastingVolumes> logger)
{
    private const string FillingPrefix = ".filling-";
    private const string GonePrefix = ".gone-";
    private const int RandomLength = 10;
    private readonly Lock _lock = new();

    /// <summary>The folder of a volume, made when it is not there, and its user's.</summary>
    /// <param name="name">Of the volume.</param>
    /// <param name="former">Where its files were when it was a folder of its workload alone; taken over as they are.</param>
    /// <param name="user">Who mounts it; null is the agent's own.</param>
    public string Place(string name, string former, int? user)
    {
        var folder = Path.Combine(folders.Lasting, Checked(name));
        lock (_lock)
        {
            if (!Directory.Exists(folder))
            {
                if (new DirectoryInfo(former) is { Exists: true, LinkTarget: null })
                {
                    Directory.Move(former, folder);
                }
                else
                {
                    Directory.CreateDirectory(folder);
                }

                Native.SyncFolder(folders.Lasting);
            }

            // Filled from a backup, or another workload's until now. Its top is given last, so that a kill half-way is noticed.
            if (user is { } owner && Native.OwnerOf(folder) != owner)
            {
                using var open = OpenFolder.Open(folder) ?? throw new IOException($"the volume {name} cannot be opened");
                open.GiveTo(owner);
                Native.Chown(folder, owner);
            }
        }

        return folder;
    }

    /// <summary>The volume, held open; null when nobody has put anything there yet.</summary>
    public OpenFolder? Open(string name) => OpenFolder.Open(Path.Combine(folders.Lasting, Checked(name)));

    /// <summary>Makes a volume of what an archive holds, all of it or nothing.</summary>
    /// <exception cref="FormatException">The archive has something in it that no volume can have; or there is such a volume already.</exception>
    public async Task FillAsync(string name, Stream archive, CancellationToken stop)
    {
        var (folder, filling) = (Path.Combine(folders.Lasting, Checked(name)), Path.Combine(folders.Lasting, FillingPrefix + name));
        Refuse(Directory.Exists(folder), $"There is a volume {name} already; it is not written over.");
        Destroy(filling);
        Directory.CreateDirectory(filling);
        try
        {
            await VolumeUnpack.RunAsync(archive, filling, stop);
            using (var open = OpenFolder.Open(filling))
            {
                open!.Sync();
            }

            Move(filling, folder, name);
        }
        catch
        {
            Destroy(filling);
            throw;
        }
    }

    /// <summary>Gives a volume another name; nothing happens when that was done before.</summary>
    /// <exception cref="FormatException">There is no such volume, or the other name is taken.</exception>
    public void Rename(string from, string to)
    {
        var (old, fresh) = (Path.Combine(folders.Lasting, Checked(from)), Path.Combine(folders.Lasting, Checked(to)));
        lock (_lock)
        {
            if (Directory.Exists(old))
            {
                Refuse(Directory.Exists(fresh), $"There is a volume {to} already; it is not written over.");
                Directory.Move(old, fresh);
                Native.SyncFolder(folders.Lasting);
            }
            else
            {
                Refuse(!Directory.Exists(fresh), $"There is no volume {from}.");
            }
        }
    }

    /// <summary>Destroys a volume. It is gone at once, and its space soon after.</summary>
    public void Remove(string name)
    {
        var (folder, gone) = (Path.Combine(folders.Lasting, Checked(name)), Path.Combine(folders.Lasting, GonePrefix + Names.Random(RandomLength)));
        lock (_lock)
        {
            if (!Directory.Exists(folder))
            {
                return;
            }

            Directory.Move(folder, gone);
            Native.SyncFolder(folders.Lasting);
        }

        Destroy(gone);
    }

    /// <summary>Clears away what a kill left behind. Nothing of it has its name any more when this returns; its space is free when the task has ended.</summary>
    public Task SweepAsync()
    {
        var left = Directory.EnumerateDirectories(folders.Lasting, ".*").ToList().ConvertAll(old =>
        {
            var gone = Path.Combine(folders.Lasting, GonePrefix + Names.Random(RandomLength));
            Directory.Move(old, gone);
            return gone;
        });
        return Task.Run(() => left.ForEach(gone =>
        {
            try
            {
                Destroy(gone);
            }
            catch (IOException e)
            {
                logger.LogWarning("What is left of a volume cannot be removed: {Reason}", e.Message);
            }
        }));
    }

    private void Move(string filling, string folder, string name)
    {
        lock (_lock)
        {
            Refuse(Directory.Exists(folder), $"There is a volume {name} already; it is not written over.");
            Directory.Move(filling, folder);
            Native.SyncFolder(folders.Lasting);
        }
    }

    private static void Destroy(string folder)
    {
        using (var open = OpenFolder.Open(folder))
        {
            if (open is null)
            {
                return;
            }

            open.Clear();
        }

        Directory.Delete(folder);
    }

    private static string Checked(string name) => Names.AreValid(name) ? name : throw new FormatException($"'{name}' cannot be the name of a volume: use letters, digits, - _ and .");

    private static void Refuse(bool when, string why)
    {
        if (when)
        {
            throw new FormatException(why);
        }
    }
}
