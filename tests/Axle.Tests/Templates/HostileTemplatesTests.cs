using System.Text.Json.Nodes;
using Axle.Platform.Templates.Nunjucks;
using Axle.Platform.Templates.Schema;
using Axle.Tests.Server;
using Axle.Tests.Templates.Nunjucks;
using CsCheck;

namespace Axle.Tests.Templates;

/// <summary>Templates, questions and patterns that somebody wrote to do harm: each is rendered, checked or refused, and never hangs.</summary>
public sealed class HostileTemplatesTests(TestServer server) : IClassFixture<TestServer>
{
    /// <summary>Far beyond all limits of the language together; whoever needs longer hangs.</summary>
    private static readonly TimeSpan s_hangs = TimeSpan.FromMinutes(2);

    private static readonly TemplateContext s_context = TemplateContext.From(JsonNode.Parse("""{"values": {"name": "orders", "list": [1, "two", {"three": null}]}, "parameters": {"a": "b"}}""")!.AsObject()).Value;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Templates => [.. Hostile.Names("templates")];

    public static TheoryData<string> Schemas => [.. Hostile.Names("schemas")];

    [Theory, MemberData(nameof(Templates))]
    public async Task A_hostile_template_is_rendered_or_refused(string name)
    {
        var source = Hostile.Text("templates", name);
        foreach (var syntax in (SyntaxOptions[])[SyntaxOptions.Default, new(Cookiecutter: true, TrimBlocks: true, LstripBlocks: true)])
        {
            var rendered = await Task.Run(() => new TemplateLanguage(Capabilities.None).RenderFile(source, s_context, syntax, name, Stop), Stop).WaitAsync(s_hangs, Stop);
            Assert.True(rendered.Ok ? rendered.Value.Length <= 16 << 20 : rendered.Error!.Code.StartsWith("templates.", StringComparison.Ordinal) && rendered.Error.Message.Length < 5000, rendered.ToString());
            Assert.DoesNotContain("root:", rendered.Ok ? rendered.Value : rendered.Error!.Message, StringComparison.Ordinal);
        }

        // The string of a step stays as it is, or becomes a value.
        await Task.Run(() => new TemplateLanguage(Capabilities.None).RenderJson(JsonValue.Create(source), s_context), Stop).WaitAsync(s_hangs, Stop);
    }

    [Theory, MemberData(nameof(Templates))]
    public async Task A_hostile_template_that_is_run_fails_its_task_at_most(string name)
    {
        var source = Hostile.Text("templates", name);
        if (source.Length > 1 << 20)
        {
            // Over what a request may hold.
            source = source[..(1 << 20)];
        }

        using var client = server.Admin();
        var body = new JsonObject
        {
            ["template"] = new JsonObject
            {
                ["apiVersion"] = "scaffolder.backstage.io/v1beta3",
                ["kind"] = "Template",
                ["metadata"] = new JsonObject { ["name"] = "sent" },
                ["spec"] = new JsonObject
                {
                    ["type"] = "service",
                    ["steps"] = new JsonArray(
                        new JsonObject { ["action"] = "debug:log", ["if"] = source, ["input"] = new JsonObject { ["message"] = source } },
                        new JsonObject { ["action"] = "roadiehq:utils:serialize:json", ["input"] = new JsonObject { ["data"] = new JsonObject { ["deep"] = new JsonArray(source) } } },
                        new JsonObject { ["action"] = "fetch:template", ["input"] = new JsonObject { ["url"] = "./skeleton", ["values"] = new JsonObject { ["name"] = "x" } } }),
                    ["output"] = new JsonObject { ["it"] = source },
                },
            },
            ["values"] = new JsonObject { ["name"] = "x" },
            ["directoryContents"] = new JsonArray(new JsonObject { ["path"] = "skeleton/a.txt", ["base64Content"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(source)) }),
        };

        using var answer = await client.PostAsync("/api/scaffolder/v2/dry-run", HostileServer.Json(body.ToJsonString()), Stop).WaitAsync(s_hangs, Stop);

        Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
        Assert.Equal("[]", await client.GetStringAsync("/api/scaffolder/v2/actions", Stop) is { Length: > 10 } ? "[]" : "no actions");
    }

    [Theory, MemberData(nameof(Schemas))]
    public async Task A_hostile_schema_is_checked_or_refused(string name)
    {
        var lines = Hostile.Text("schemas", name).Split('\n');
        foreach (var (schema, value) in ((string, string)[])[(lines[0], lines[1]), (lines[0], "{}")])
        {
            // What is too deep for JSON's reader never comes so far.
            if (Parsed(schema) is not JsonObject parsed || Parsed(value) is not JsonObject given)
            {
                continue;
            }

            var problems = await Task.Run(() => JsonSchema.Check(given, parsed), Stop).WaitAsync(s_hangs, Stop);
            Assert.All(problems, problem => Assert.True(problem.Message.Length is > 0 and < 20_000));
            await Task.Run(() => SchemaDefaults.Fill(given, parsed), Stop).WaitAsync(s_hangs, Stop);
        }
    }

    /// <summary>As the questions of a template: its check, its form, and an answer to it.</summary>
    [Theory, MemberData(nameof(Schemas))]
    public async Task A_template_with_a_hostile_schema_is_answered_or_refused(string name)
    {
        var lines = Hostile.Text("schemas", name).Split('\n');
        using var client = server.Admin();
        var template = $$$"""{"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "{{{Path.GetFileNameWithoutExtension(name)}}}"}, "spec": {"type": "service", "parameters": [{{{lines[0]}}}], "steps": [{"action": "debug:log", "input": {"message": "x"}}]}}""";
        var dryRun = $$"""{"template": {{template}}, "values": {{lines[1]}}, "directoryContents": []}""";
        foreach (var (path, text) in ((string, string)[])[("/api/templates/check", template), ("/api/scaffolder/v2/dry-run", dryRun), ("/api/apply", template)])
        {
            using var answer = await client.PostAsync(path, HostileServer.Json(text), Stop).WaitAsync(s_hangs, Stop);
            Assert.True((int)answer.StatusCode < 500, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
        }

        foreach (var path in (string[])[$"/api/scaffolder/v2/templates/default/template/{Path.GetFileNameWithoutExtension(name)}/parameter-schema", $"/templates/{Path.GetFileNameWithoutExtension(name)}", "/templates"])
        {
            using var answer = await client.GetAsync(path, Stop).WaitAsync(s_hangs, Stop);
            Assert.True((int)answer.StatusCode < 500, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
        }

        using var begun = await client.PostAsync("/api/scaffolder/v2/tasks", HostileServer.Json($$"""{"templateRef": "template:default/{{Path.GetFileNameWithoutExtension(name)}}", "values": {{lines[1]}}}"""), Stop).WaitAsync(s_hangs, Stop);
        Assert.True((int)begun.StatusCode < 500, $"{(int)begun.StatusCode} {await begun.Content.ReadAsStringAsync(Stop)}");
    }

    /// <summary>Templates of the corpus put together anew.</summary>
    [Fact]
    public void Pieces_of_hostile_templates_are_rendered_or_refused()
    {
        var pieces = Hostile.Names("templates").Select(name => Hostile.Text("templates", name)).Where(text => text.Length < 400).ToArray();
        var language = new TemplateLanguage(Capabilities.None, new RenderLimits { WorkMax = 20_000, TextTotalMax = 4_000_000, PatternTimeMax = TimeSpan.FromMilliseconds(200) });
        var piece = Gen.Select(Gen.Int[0, pieces.Length - 1], Gen.Int[0, 200], Gen.Int[0, 200], (which, from, to) =>
        {
            var text = pieces[which];
            return from < to ? text[Math.Min(from, text.Length)..Math.Min(to, text.Length)] : text;
        });
        piece.Array[1, 5].Select(string.Concat).Sample(
            source =>
            {
                var rendered = Task.Run(() => language.RenderFile(source, s_context, SyntaxOptions.Default)).WaitAsync(s_hangs).GetAwaiter().GetResult();
                Assert.True(rendered.Ok || rendered.Error!.Problems.Count > 0);
            },
            iter: 3000);
    }

    private static JsonNode? Parsed(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false });
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
