using System.Runtime.CompilerServices;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Reads the files that a Location names. Nothing is written.</summary>
internal sealed class LocationFiles(TargetReader reader, FileContents contents, KnownDocuments documents, Discovery discovery)
{
    /// <summary>Files that are asked for at once.</summary>
    private const int AtOnce = 8;

    /// <summary>Files that are read while the first of them is waited for, or what it describes is written.</summary>
    private const int Ahead = 4 * AtOnce;

    /// <summary>The entities that can be taken, in the order of the files; each as soon as its file and those before it are read.</summary>
    /// <param name="decidesIdentity">
    /// An administrator answers for it: users and groups are taken from it, which else are refused, since they decide who may do
    /// what; and it may mean all repositories of an organisation.
    /// </param>
    /// <param name="reading">Gets everything else.</param>
    public async IAsyncEnumerable<FileEntity> ReadAsync(Entity location, bool decidesIdentity, LocationReading reading, [EnumeratorCancellation] CancellationToken stop)
    {
        if (Discovery.TypeOf(location) is { } type)
        {
            foreach (var found in await DiscoverAsync(location, type, decidesIdentity, reading, stop))
            {
                yield return found;
            }

            yield break;
        }

        var files = await FilesAsync(location, reading, stop);
        var known = documents.Of(location, decidesIdentity);
        await foreach (var content in InOrderAsync(files, (file, each) => contents.ReadAsync(file, location, decidesIdentity, known, each), stop))
        {
            foreach (var one in reading.Take(content))
            {
                yield return one;
            }
        }
    }

    private static async IAsyncEnumerable<FileContent> InOrderAsync(List<Uri> files, Func<Uri, CancellationToken, Task<FileContent>> read, [EnumeratorCancellation] CancellationToken stop)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var turns = new SemaphoreSlim(AtOnce);
        var started = new Queue<Task<FileContent>>();
        async Task<FileContent> ReadAsync(Uri file)
        {
            await turns.WaitAsync(left.Token);
            try
            {
                return await read(file, left.Token);
            }
            finally
            {
                turns.Release();
            }
        }

        try
        {
            foreach (var file in files)
            {
                started.Enqueue(Task.Run(() => ReadAsync(file), left.Token));
                if (started.Count == Ahead)
                {
                    yield return await started.Dequeue();
                }
            }

            while (started.TryDequeue(out var next))
            {
                yield return await next;
            }
        }
        finally
        {
            // Whoever stops listening leaves none of them behind.
            await left.CancelAsync();
            await Task.WhenAll((IEnumerable<Task>)started).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The addresses of the targets; each of those with a * is as many as match.</summary>
    private async Task<List<Uri>> FilesAsync(Entity location, LocationReading reading, CancellationToken stop)
    {
        var files = new List<Uri>();
        foreach (var target in LocationSpec.TargetsOf(location))
        {
            if (LocationSpec.AddressOf(location, target) is not { } address)
            {
                reading.Problems.Add(new Problem(new TargetInvalid(target).Message));
            }
            else if (!Globs.Has(Uri.UnescapeDataString(address.AbsolutePath)))
            {
                files.Add(address);
            }
            else if ((await reader.MatchingAsync(address, stop)).TryGet(out var matching, out var error))
            {
                files.AddRange(matching);
            }
            else if (error is not TargetUnreadable { Missing: true } || !LocationSpec.IsOptional(location))
            {
                // Which files were meant is not known, so nothing may be taken for gone.
                reading.Problems.Add(new Problem(error.Message, address.AbsoluteUri));
                reading.ListUnknown |= error is not TargetUnreadable { Missing: true };
            }
        }

        return [.. files.Distinct()];
    }

    /// <summary>Each file of each repository becomes a Location; they are optional, since not every repository describes something.</summary>
    private async Task<IReadOnlyList<FileEntity>> DiscoverAsync(Entity location, string type, bool decidesIdentity, LocationReading reading, CancellationToken stop)
    {
        var found = new List<FileEntity>();
        foreach (var target in LocationSpec.TargetsOf(location))
        {
            if (!decidesIdentity)
            {
                reading.Problems.Add(new Problem(new DiscoveryRefused(type).Message, target));
                reading.ListUnknown = true;
            }
            else if ((await discovery.FindAsync(type, target, stop)).TryGet(out var files, out var error))
            {
                foreach (var file in files)
                {
                    var entity = new Origin(Uri.TryCreate(target, UriKind.Absolute, out var page) ? page : file, location).On(LocationSpec.Found(file));
                    if (!reading.Described.Contains(entity.Ref))
                    {
                        found.AddRange(reading.Take(new FileContent(file, [FileEntity.Of(entity, null, null)], [], [], IsWhole: true)));
                    }
                }
            }
            else
            {
                // An API that fails says nothing about what is there.
                reading.Problems.Add(new Problem(error.Message, target));
                reading.ListUnknown = true;
            }
        }

        return found;
    }
}
