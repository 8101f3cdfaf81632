using System.Globalization;
using Axle.Entities;
using Microsoft.Extensions.DependencyInjection;

// Writes to a store until it is killed, from several writers at once, and says on its standard output what was
// acknowledged: "writer count". Started by CrashTests only.
var services = new ServiceCollection().AddLogging().AddEntities(args[0]);
var counter = new EntityKind<CounterSpec, CounterSpec>("axle.dev/v1", "Counter");
services.AddEntityKind(counter);
await using var provider = services.BuildServiceProvider();
var store = provider.GetRequiredService<IEntityStore>();
var said = new Lock();
using var output = Console.OpenStandardOutput();

await Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
{
    var which = counter.Ref($"writer{writer}");
    for (var count = (store.Find(counter, which)?.Spec.Count ?? 0) + 1; ; count++)
    {
        var put = await store.PutAsync(counter.Make(which, new CounterSpec { Count = count }), "system:crash");
        if (count % 3 == 0)
        {
            put = await store.PutStatusAsync(which, new CounterSpec { Count = count }, "system:crash");
        }

        var line = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{writer} {put.Value.Spec.GetProperty("count").GetInt64()}\n"));
        lock (said)
        {
            output.Write(line);
        }
    }
}));

internal sealed record CounterSpec
{
    public long Count { get; init; }
}
