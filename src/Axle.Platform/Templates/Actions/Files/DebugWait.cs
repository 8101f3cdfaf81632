using System.Globalization;
using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Waits. The time of its end is remembered, so a restart neither shortens nor prolongs it.</summary>
internal sealed class DebugWait(TimeProvider clock) : ITemplateAction
{
    private const string Until = "until";

    /// <summary>Backstage's; whoever wants longer waits wants an approval.</summary>
    private static readonly TimeSpan s_max = TimeSpan.FromMinutes(10);

    public string Id => "debug:wait";

    public string Description => "Waits for some time, ten minutes at most.";

    public JsonObject InputSchema => Schema.Closed(
        [],
        ("minutes", Schema.Number("Minutes to wait.")),
        ("seconds", Schema.Number("Seconds to wait.")),
        ("milliseconds", Schema.Number("Milliseconds to wait.")));

    public IReadOnlyList<ActionExample> Examples => [new("Waits for half a minute.", """
        steps:
          - action: debug:wait
            id: wait
            name: Wait
            input:
              seconds: 30
        """)];

    public Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop) => UntilAsync(
        run,
        ((run.Input.Number("minutes") ?? 0) * 60) + (run.Input.Number("seconds") ?? 0) + ((run.Input.Number("milliseconds") ?? 0) / 1000),
        clock);

    /// <summary>Waits for so many seconds from the step's first run on.</summary>
    public static async Task<Result<ActionResult>> UntilAsync(ActionRun run, double seconds, TimeProvider clock)
    {
        if (!(seconds <= s_max.TotalSeconds))
        {
            return ActionErrors.Input($"A wait of {seconds:0} s is longer than the most that there is, {s_max.TotalMinutes:0} minutes.");
        }

        var now = clock.GetUtcNow();
        if (!DateTimeOffset.TryParse(run.State.Text(Until), CultureInfo.InvariantCulture, out var until))
        {
            until = now + TimeSpan.FromSeconds(Math.Max(0, seconds));
            await run.RememberAsync(Until, until.ToString("O", CultureInfo.InvariantCulture));
        }

        return until <= now ? ActionResult.Done : new ActionResult(new JsonObject(), until - now, $"Waits until {until:HH:mm:ss} UTC.");
    }
}
