using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Builds;

/// <summary>
/// Remembers which input led to which artifact, so that the same input is not built twice. One small file per input,
/// replaced atomically; a file that cannot be read counts as absent.
/// </summary>
internal sealed class ArtifactIndex(PlatformOptions platform, ArtifactStore artifacts)
{
    /// <summary>Raised whenever the same plan would lead to other files.</summary>
    private const string BuilderVersion = "1";

    private readonly string _root = platform.Folder("artifacts", "index");

    public sealed record Entry(string Digest, RunPlan Plan);

    /// <summary>
    /// Names an input: the tree, the plan, the tools, and whose it is. The component is part of it because a build may
    /// use the component's own caches, which its owners can fill as they like.
    /// </summary>
    public static string Key(EntityRef component, string tree, BuildPlan plan, Machine machine)
    {
        var parts = JsonSerializer.Serialize(
            new
            {
                BuilderVersion,
                Component = component.ToString(),
                tree,
                plan.Workload,
                plan.Processes,
                plan.Application.Steps,
                Overlay = plan.Application.Overlay.OrderBy(o => o.Key, StringComparer.Ordinal),
                plan.Application.Outcome,
                Tools = machine.Versions.OrderBy(v => v.Key, StringComparer.Ordinal),
            },
            EntityJson.Options);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts)));
    }

    /// <summary>The artifact of an input, if it was made and is still here.</summary>
    public async Task<Entry?> FindAsync(string key, CancellationToken stop)
    {
        try
        {
            var entry = JsonSerializer.Deserialize<Entry>(await File.ReadAllTextAsync(Path.Combine(_root, key), stop), EntityJson.Options);
            return entry is not null && artifacts.Folder(entry.Digest) is not null ? entry : null;
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    public async Task PutAsync(string key, Entry entry, CancellationToken stop) =>
        await DurableFile.WriteAsync(Path.Combine(_root, key), JsonSerializer.Serialize(entry, EntityJson.Options), stop);
}
