using System.Globalization;
using System.Runtime.CompilerServices;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog;

/// <summary>Changes as they happen, as server-sent events. A client that comes back goes on where it stopped.</summary>
internal static class Watch
{
    public static IResult Endpoint(HttpRequest request, IEntityStore entities, Rights rights, string[]? kind = null, string[]? @ref = null, long? after = null)
    {
        var kinds = (kind ?? []).SelectMany(one => one.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (kinds.FirstOrDefault(one => rights.Kind(one) is null) is { } unknown)
        {
            return rights.Unknown(unknown).ToHttp();
        }

        var refs = new HashSet<EntityRef>();
        foreach (var text in @ref ?? [])
        {
            if (!EntityRef.TryParse(text, null, out var which))
            {
                return new QueryInvalid($"ref is '{text}', which is no entity ref.", "Write kind:namespace/name.").ToHttp();
            }

            refs.Add(which);
        }

        // The header is newer than the address: a browser sends it when it connects again.
        var last = long.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : after ?? entities.Revision;
        return new ServerSentEvents(stop => EventsAsync(entities, last, kinds, refs, stop));
    }

    private static async IAsyncEnumerable<ServerEvent> EventsAsync(
        IEntityStore entities,
        long after,
        HashSet<string> kinds,
        HashSet<EntityRef> refs,
        [EnumeratorCancellation] CancellationToken stop)
    {
        var changes = entities.WatchAsync(after, stop).GetAsyncEnumerator(stop);
        try
        {
            while (true)
            {
                ServerEvent? gone = null;
                try
                {
                    if (!await changes.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (RevisionGoneException e)
                {
                    gone = new ServerEvent("gone", new EventsGone(e.Message));
                }

                if (gone is not null)
                {
                    yield return gone;
                    yield break;
                }

                var change = changes.Current;
                if ((kinds.Count == 0 || kinds.Contains(change.Ref.Kind)) && (refs.Count == 0 || refs.Contains(change.Ref)))
                {
                    yield return new ServerEvent("change", change, change.Revision.ToString(CultureInfo.InvariantCulture));
                }
            }
        }
        finally
        {
            await changes.DisposeAsync();
        }
    }

    /// <summary>The client was away for longer than the log reaches: it must read everything anew.</summary>
    private sealed record EventsGone(string Message);
}
