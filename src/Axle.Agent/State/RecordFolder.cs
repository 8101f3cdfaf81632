using System.Security.Cryptography;
using System.Text.Json;
using Axle.Engines.Sealing;

namespace Axle.Agent.State;

/// <summary>
/// Durable records of one type, a file each, closed by the master key: specs hold secrets. A file that cannot be read is moved
/// aside and named; the rest goes on.
/// </summary>
internal sealed class RecordFolder<T>(string folder, MasterKey key, ILogger logger)
    where T : class
{
    private const string Sealed = ".sealed";

    /// <summary>What agents before wrote in clear.</summary>
    private const string Plain = ".json";

    private const string Aside = ".broken";

    public void Save(string id, T record) => AtomicFile.Write(PathOf(id), key.Seal(JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Options), ContextOf(id)));

    public void Delete(string id) => File.Delete(PathOf(id));

    /// <summary>All that can be read. What is in clear, or closed by a retired key, is closed by the one in use when it returns.</summary>
    public IReadOnlyList<T> LoadAll()
    {
        // Half written when an agent was killed; those of agents before are in clear.
        foreach (var half in Directory.EnumerateFiles(folder, "*.new").ToList())
        {
            File.Delete(half);
        }

        SealPlainOnes();
        var found = new List<T>();
        foreach (var path in Directory.EnumerateFiles(folder, $"*{Sealed}").Order(StringComparer.Ordinal))
        {
            try
            {
                found.Add(Load(path, Path.GetFileNameWithoutExtension(path)));
            }
            catch (Exception e) when (e is JsonException or CryptographicException)
            {
                File.Move(path, path + Aside, overwrite: true);
                logger.LogError("The state file {Path} cannot be read and was moved to {Aside}: {Reason}", path, path + Aside, e.Message);
            }
        }

        return found;
    }

    /// <summary>The first record that was closed by a key that is not there any more; null when all can be opened.</summary>
    public static string? Locked(string folder, MasterKey key) =>
        Directory.EnumerateFiles(folder, $"*{Sealed}").Order(StringComparer.Ordinal).FirstOrDefault(path => key.Misses(File.ReadAllBytes(path)));

    private T Load(string path, string id)
    {
        var envelope = File.ReadAllBytes(path);
        var record = JsonSerializer.Deserialize<T>(key.Unseal(envelope, ContextOf(id)), StateJson.Options) ?? throw new JsonException("it is empty");
        if (!key.IsCurrent(envelope))
        {
            AtomicFile.Write(path, key.Rewrap(envelope, ContextOf(id)));
        }

        return record;
    }

    /// <summary>Closed first, deleted then: a kill in between leaves both, and what is closed is the newer one.</summary>
    private void SealPlainOnes()
    {
        // One that could not be read is kept for whoever looks into it, but not in clear either.
        string[] endings = [Plain, Plain + Aside];
        foreach (var (path, ending) in endings.SelectMany(ending => Directory.EnumerateFiles(folder, $"*{ending}").Select(path => (path, ending))).ToList())
        {
            var id = Path.GetFileName(path)[..^ending.Length];
            var target = PathOf(id);
            if (!File.Exists(target))
            {
                AtomicFile.Write(target, key.Seal(File.ReadAllBytes(path), ContextOf(id)));
            }

            File.Delete(path);
        }
    }

    private string PathOf(string id) => Path.Combine(folder, id + Sealed);

    /// <summary>A record that is put in another one's place does not open.</summary>
    private string ContextOf(string id) => $"agent|{Path.GetFileName(folder)}|{id}";
}
