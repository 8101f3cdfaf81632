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
            return new KindUnknown(unknown, rights.Known).ToHttp();
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
        await foreach (var change in entities.WatchAsync(after, stop))
        {
            if ((kinds.Count == 0 || kinds.Contains(change.Ref.Kind)) && (refs.Count == 0 || refs.Contains(change.Ref)))
            {
                yield return new ServerEvent("change", change, change.Revision.ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}
