using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Axle.Platform.Templates.Actions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Templates.Actions;

/// <summary>
/// RoadieHQ's actions of JSONata. What jsonata.json expects was written by tests/peers/jsonata/run, with the npm packages that
/// RoadieHQ's own actions use.
/// </summary>
public sealed class JsonataTests
{
    private static readonly JsonObject s_file = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(), "jsonata.json")))!.AsObject();

    public static TheoryData<string> Cases => [.. s_file["cases"]!.AsArray().Select(one => one!["expression"]!.GetValue<string>())];

    [Theory, MemberData(nameof(Cases))]
    public async Task An_expression_means_what_it_means_in_backstage(string expression)
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("data.json", s_file["data"]!.ToJsonString());
        var expected = s_file["cases"]!.AsArray().Single(one => one!["expression"]!.GetValue<string>() == expression)!.AsObject();
        foreach (var (action, given, answer) in new (string, JsonObject, string)[]
        {
            ("roadiehq:utils:jsonata", new() { ["data"] = s_file["data"]!.DeepClone() }, "value"),
            ("roadiehq:utils:jsonata:json:transform", new() { ["path"] = "data.json", ["as"] = "object" }, "value"),
            ("roadiehq:utils:jsonata:json:transform", new() { ["path"] = "data.json" }, "text"),
            ("roadiehq:utils:jsonata:json:transform", new() { ["path"] = "data.json", ["as"] = "string", ["replacer"] = new JsonArray("name", "n", "b"), ["space"] = "  " }, "kept"),
            ("roadiehq:utils:jsonata:yaml:transform", new() { ["path"] = "data.json" }, "yaml"),
        })
        {
            given["expression"] = expression;
            if (expected["message"] is { } message)
            {
                var place = expected["position"] is { } position ? $" at character {position}" : "";
                Assert.Equal($"JSONata failed to evaluate the expression: {message} ({expected["code"]}{place}).", (await host.RefusedAsync(action, given.ToJsonString())).Message);
                continue;
            }

            var output = await host.MustAsync(action, given.ToJsonString());
            Assert.Equal(expected.ContainsKey(answer), output.ContainsKey("result"));
            if (answer == "value")
            {
                // As text, so that the order of members counts.
                Assert.Equal(expected["value"]?.ToJsonString(), output["result"]?.ToJsonString());
            }
            else
            {
                Assert.Equal(expected[answer]?.GetValue<string>(), output["result"]?.GetValue<string>());
            }
        }
    }

    [Fact]
    public async Task Files_are_read_and_stay_as_they_are()
    {
        await using var host = await ActionsHost.StartAsync();
        const string Two = "a: 1 # one\n---\na: 2\n";
        host.InWorkspace("two.yaml", Two);
        Assert.Equal("[1,2]", (await host.MustAsync("roadiehq:utils:jsonata:yaml:transform", """{ "path": "two.yaml", "expression": "a", "loadAll": true, "as": "object" }"""))["result"]!.ToJsonString());
        Assert.Contains("loadAll", (await host.RefusedAsync("roadiehq:utils:jsonata:yaml:transform", """{ "path": "two.yaml", "expression": "a" }""")).Message, StringComparison.Ordinal);
        Assert.Equal(Two, host.Read("two.yaml"));

        host.InWorkspace("one.yaml", "list: [x]\n");
        Assert.Equal("list:\n    - x\nmore: 'a: b'\n", (await host.MustAsync("roadiehq:utils:jsonata:yaml:transform", """{ "path": "one.yaml", "expression": "$ ~> |$|{'more': 'a: b'}|", "options": { "indent": 4, "singleQuote": true } }"""))["result"]!.GetValue<string>());

        host.InWorkspace("empty.yaml", "");
        Assert.Equal("\"null\"", (await host.MustAsync("roadiehq:utils:jsonata:yaml:transform", """{ "path": "empty.yaml", "expression": "$type($)", "as": "object" }"""))["result"]!.ToJsonString());

        host.InWorkspace("broken.json", "{\n  x");
        Assert.Contains("broken.json is no JSON: line 2", (await host.RefusedAsync("roadiehq:utils:jsonata:json:transform", """{ "path": "broken.json", "expression": "a" }""")).Message, StringComparison.Ordinal);
        foreach (var outside in new[] { "../x", "/etc/passwd", ".", "nosuch.json" })
        {
            Assert.False((await host.RunAsync("roadiehq:utils:jsonata:json:transform", $$"""{ "path": "{{outside}}", "expression": "$" }""")).Ok);
            Assert.False((await host.RunAsync("roadiehq:utils:jsonata:yaml:transform", $$"""{ "path": "{{outside}}", "expression": "$" }""")).Ok);
        }
    }

    [Fact]
    public async Task Data_need_not_be_there()
    {
        await using var host = await ActionsHost.StartAsync();
        Assert.False((await host.MustAsync("roadiehq:utils:jsonata", """{ "expression": "$" }""")).ContainsKey("result"));
        Assert.Equal("null", (await host.MustAsync("roadiehq:utils:jsonata", """{ "expression": "$type($)", "data": null }"""))["result"]!.GetValue<string>());
        Assert.Equal(3, (await host.MustAsync("roadiehq:utils:jsonata", """{ "expression": "1+2" }"""))["result"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_time_is_the_platforms()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero));
        await using var host = await ActionsHost.StartAsync(more: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        Assert.Equal("2031-02-03T04:05:06.000Z", (await host.MustAsync("roadiehq:utils:jsonata", """{ "expression": "$now()" }"""))["result"]!.GetValue<string>());
    }

    public static TheoryData<string, string> Hostile => new()
    {
        // expression                                                             part of the refusal
        { "($f := function(){$f()}; $f())",                                         "more than 256 MB" },
        { "($f := function($n){1 + $f($n)}; $f(1))",                                "more than 256 MB" },
        { "[1..10000000]",                                                          "more than 256 MB" },
        { "$count([1..1000000].[1..1000000])",                                      "more than 256 MB" },
        { "$pad('', 900000, $pad('', 900000, 'x'))",                                "longer than 16777216 characters" },
        { "$join([1..1000].$pad('', 900000, 'x'))",                                 "more than" },
        { "($f := function($s,$n){ $n = 0 ? $s : $f($s & $s, $n-1)}; $f('xx', 60))",  "more than" },
        { "($f := function($s,$n){ $n = 0 ? $s : $f({'a':$s,'b':$s}, $n-1)}; $f('x', 60))", "nested deeper than 48" },
        { "($f := function($s,$n){ $n = 0 ? $s : $f({'a':$s,'b':$s}, $n-1)}; $f('x', 40))", "more than" },
        { "($f := function($s,$n){ $n = 0 ? $s : $f({'a':$s,'b':$s}, $n-1)}; $string($f('x', 60)))", "more than" },
        { "$string($reduce([1..3000], function($a,$b){ {'x': $a} }))",                "nested deeper than 400" },
        { "$match($pad('', 60, 'a') & '!', /^(a+)+$/)",                             "takes more than 1 second" },
        { "$eval($pad('', 100000, '('))",                                           "call stack" },
        { "$eval('/' & $pad('', 50000, '(') & 'a' & $pad('', 50000, ')') & '/')",   "JSONata failed" },
        { "$replace($pad('', 900000, 'x'), 'x', $pad('', 10000, 'y'))",             "more than 256 MB" },
        { "function($x){$x}",                                                       "holds a function" },
        { "{'a': [1, $sum]}",                                                       "holds a function" },
    };

    [Theory, MemberData(nameof(Hostile)), Trait("Speed", "Slow")]
    public async Task What_would_never_end_is_refused(string expression, string refusal)
    {
        await using var host = await ActionsHost.StartAsync();
        var refused = await host.RefusedAsync("roadiehq:utils:jsonata", new JsonObject { ["expression"] = expression, ["data"] = "x" }.ToJsonString());

        // On a busy machine the time is over first.
        Assert.True(refused.Message.Contains(refusal, StringComparison.Ordinal) || refused.Message.Contains("not done after 10 seconds", StringComparison.Ordinal), refused.Message);
    }

    [Theory]
    [InlineData("$type(jsonata)")]
    [InlineData("$type(System)")]
    [InlineData("$type(globalThis)")]
    [InlineData("$type($$.constructor)")]
    [InlineData("$type($lookup($sum, 'constructor'))")]
    [InlineData("$type($lookup($sum, 'implementation'))")]
    public async Task Nothing_of_the_process_can_be_reached(string expression)
    {
        await using var host = await ActionsHost.StartAsync();
        Assert.Empty(await host.MustAsync("roadiehq:utils:jsonata", new JsonObject { ["expression"] = expression, ["data"] = new JsonObject() }.ToJsonString()));
    }

    [Fact]
    public async Task One_expression_leaves_nothing_for_the_next()
    {
        await using var host = await ActionsHost.StartAsync();
        await host.MustAsync("roadiehq:utils:jsonata", """{ "expression": "($sum := 3; $x := 1; $ ~> |$|{'__proto__': {'polluted': true}, 'constructor': 1}|)", "data": {} }""");
        Assert.Empty(await host.MustAsync("roadiehq:utils:jsonata", """{ "expression": "$x", "data": {} }"""));
        Assert.Empty(await host.MustAsync("roadiehq:utils:jsonata", """{ "expression": "polluted", "data": {} }"""));
        var many = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => host.MustAsync("roadiehq:utils:jsonata", $$"""{ "expression": "$sum([1..200].($ * $$.n))", "data": { "n": {{i}} } }""")));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => 20100 * i), many.Select(output => output["result"]!.GetValue<int>()));
    }

    [Fact]
    public async Task It_ends_with_its_task()
    {
        using var stop = new CancellationTokenSource();
        using var jsonata = new Jsonata(TimeProvider.System);
        var running = jsonata.EvaluateAsync("($f := function(){$f()}; $f())", null, null, null, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
