using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Http;

/// <summary>Lines of a log as server-sent events: <c>log</c> for each, <c>end</c> when no more will come.</summary>
public static class LogEvents
{
    /// <param name="lines">The log.</param>
    /// <param name="about">Whose log it is, for an event <c>about</c> before the first line; null when whoever asked knows.</param>
    /// <param name="stop">Ends it.</param>
    public static async IAsyncEnumerable<SseItem<string>> Of(IAsyncEnumerable<LogLine> lines, ServerLog? about, [EnumeratorCancellation] CancellationToken stop)
    {
        // Strings, because an event's data are otherwise all of one type.
        if (about is not null)
        {
            yield return new SseItem<string>(JsonSerializer.Serialize(about, AxleJson.Default.ServerLog), "about");
        }

        await foreach (var line in lines.WithCancellation(stop))
        {
            yield return new SseItem<string>(JsonSerializer.Serialize(line, AxleJson.Default.LogLine), "log");
        }

        yield return new SseItem<string>("{}", "end");
    }
}
