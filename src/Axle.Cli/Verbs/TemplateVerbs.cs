using System.CommandLine;
using System.Text;
using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Templates: what there is, what one asks and does, whether a file is one, and running it.</summary>
internal static class TemplateVerbs
{
    private const int DefaultWidthMax = 40;

    public static IEnumerable<Command> All(AxleCli cli)
    {
        var verb = new Verb("template", "Templates: what they ask, what they do, and running them", "axle template list", "axle template show node-service") { List(cli), Show(cli), Actions(cli), Check(cli), DryRun(cli), Run(cli), TemplateDriftVerbs.Drift(cli), TemplateDriftVerbs.Update(cli) };

        // Who has many of them says so.
        verb.Aliases.Add("templates");
        return [verb];
    }

    private static Verb List(AxleCli cli) =>
        new Verb("list", "List the templates", "axle template list", "axle template list --output json").Runs(cli, async (session, _, stop) =>
        {
            var templates = await session.Client.GetAsync("api/templates", AxleJson.Default.ListTemplateView, stop);
            return session.Show(templates, AxleJson.Default.ListTemplateView, terminal => terminal.Table(
                ["NAME", "TYPE", "TITLE", "PARAMETERS", "DESCRIPTION"],
                templates.Select(IReadOnlyList<Cell> (template) => [new Cell(template.Name, Tone.Strong), template.Type, template.Title, string.Join(", ", Questions(template.Parameters).Select(question => question.Name)), template.Description]),
                "No templates."));
        });

    private static Verb Show(AxleCli cli)
    {
        var (name, space) = (Name(), Arguments.Namespace());
        return new Verb("show", "Show what a template asks, and its steps", "axle template show node-service") { name, space }.Runs(cli, async (session, parsed, stop) =>
        {
            var template = await session.Client.GetAsync($"api/templates/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}{Paths.Query(("namespace", parsed.GetValue(space)))}", AxleJson.Default.TemplateDetail, stop);
            return session.Show(template, AxleJson.Default.TemplateDetail, terminal =>
            {
                terminal.Line(new Cell(template.Title, Tone.Strong), $"  {template.Type}{(template.Owner is null ? "" : $", of {template.Owner}")}{(template.Origin is null ? "" : $", {template.Origin}")}");
                terminal.Line(template.Description ?? "", Tone.Dim);
                terminal.Line();
                terminal.Table(
                    ["PARAMETER", "TYPE", "NEEDED", "DEFAULT", "TITLE"],
                    Questions(template.Parameters).Select(IReadOnlyList<Cell> (question) => [new Cell(question.Name, Tone.Strong), question.Type, question.Needed ? "yes" : "", Shortened(question.Default), question.Title]),
                    "It asks for nothing.");
                terminal.Line();
                terminal.Table(
                    ["STEP", "ACTION", "NAME"],
                    template.Steps.Select(IReadOnlyList<Cell> (step) => [Text(step, "id"), Text(step, "action"), Text(step, "name")]),
                    "It has no steps.");
            });
        });
    }

    private static Verb Actions(AxleCli cli) =>
        new Verb("actions", "List everything that a step can do", "axle template actions", "axle template actions --output json").Runs(cli, async (session, _, stop) =>
        {
            var actions = await session.Client.GetAsync("api/template-actions", AxleJson.Default.ListTemplateActionView, stop);
            return session.Show(actions, AxleJson.Default.ListTemplateActionView, terminal => terminal.Table(
                ["ACTION", "DRY RUN", "INPUT", "DESCRIPTION"],
                actions.Select(IReadOnlyList<Cell> (action) => [new Cell(action.Id, Tone.Strong), action.DryRun ? "yes" : "", string.Join(", ", Questions(action.Input).Select(input => input.Needed ? input.Name + "*" : input.Name)), action.Description]),
                "No actions."));
        });

    private static Verb Check(AxleCli cli)
    {
        var file = new Argument<string>("file") { Description = "A template's file, as template.yaml" };
        return new Verb("check", "Say what is wrong with a template's file, before anybody runs it", "axle template check template.yaml") { file }.Runs(cli, async (session, parsed, stop) =>
        {
            var path = parsed.GetRequiredValue(file);
            var check = await session.Client.SendAsync(HttpMethod.Post, $"api/templates/check{Paths.Query(("file", Path.GetFileName(path)))}", await File.ReadAllBytesAsync(path, stop), "application/yaml", AxleJson.Default.TemplateCheck, stop);
            session.Show(check, AxleJson.Default.TemplateCheck, terminal =>
            {
                foreach (var problem in check.Problems)
                {
                    terminal.Line(new Cell("✗ ", Tone.Bad), problem.ToString());
                }

                terminal.Line(check.Problems.Count > 0 ? new Cell($"{check.Problems.Count} problem{(check.Problems.Count == 1 ? "" : "s")}.", Tone.Bad) : new Cell($"✓ {check.Template} can be used: {check.Steps} steps.", Tone.Good));
            });
            return check.Problems.Count > 0 ? ExitCodes.Failed : ExitCodes.Ok;
        });
    }

    private static Verb DryRun(AxleCli cli)
    {
        var (name, set, secret, values) = (Name(), Set(), TaskVerbs.Secret(), Values());
        var into = new Option<string?>("--into") { Description = "Write the files into this folder, which must be empty or not there", HelpName = "DIR" };
        return new Verb("dry-run", "Show what a template would make, without making it", "axle template dry-run node-service -s name=orders -s owner=group:default/shop", "axle template dry-run node-service --values answers.json --into out") { name, set, secret, values, into }.Runs(cli, async (session, parsed, stop) =>
        {
            var request = await RequestAsync(parsed.GetRequiredValue(name), parsed.GetValue(set), parsed.GetValue(secret), parsed.GetValue(values), stop);
            var answer = await session.Client.SendAsync(HttpMethod.Post, "api/templates/dry-run", request, AxleJson.Default.TemplateRequest, AxleJson.Default.DryRunAnswer, stop);
            if (parsed.GetValue(into) is { } folder)
            {
                await WriteAsync(folder, answer.Files, stop);
            }

            session.Show(answer, AxleJson.Default.DryRunAnswer, terminal =>
            {
                foreach (var line in answer.Log)
                {
                    TaskVerbs.Write(session, line);
                }

                terminal.Line();
                terminal.Table(
                    ["FILE", "SIZE"],
                    answer.Files.Select(IReadOnlyList<Cell> (one) => [one.Path + (one.Executable ? " (executable)" : ""), Words.Bytes(Convert.FromBase64String(one.Base64Content).Length)]),
                    "It leaves no files.");
                if (answer.Output is { } output)
                {
                    terminal.Line();
                    terminal.Line($"Output: {output.GetRawText()}");
                }
            });
            return answer.Failure is null ? ExitCodes.Ok : throw RefusedException.Because("dry_run_failed", answer.Failure, answer.Next);
        });
    }

    private static Verb Run(AxleCli cli)
    {
        var (name, set, secret, values) = (Name(), Set(), TaskVerbs.Secret(), Values());
        var noWait = new Option<bool>("--no-wait") { Description = "Do not wait for its end" };
        return new Verb("run", "Run a template as a task, and follow it", "axle template run node-service -s name=orders -s owner=group:default/shop", "axle template run shop-database --values answers.json --no-wait") { name, set, secret, values, noWait }.Runs(cli, async (session, parsed, stop) =>
        {
            var request = await RequestAsync(parsed.GetRequiredValue(name), parsed.GetValue(set), parsed.GetValue(secret), parsed.GetValue(values), stop);
            var task = await session.Client.SendAsync(HttpMethod.Post, "api/tasks", request, AxleJson.Default.TemplateRequest, AxleJson.Default.TaskView, stop);
            if (parsed.GetValue(noWait))
            {
                return session.Show(task, AxleJson.Default.TaskView, terminal => terminal.Line($"{task.Id} is begun: axle task logs {task.Id} --follow"));
            }

            return await TaskVerbs.FollowAsync(session, task, stop);
        });
    }

    private static async Task<TemplateRequest> RequestAsync(string template, string[]? set, string[]? secrets, string? values, CancellationToken stop)
    {
        JsonElement? typed = null;
        if (values is not null)
        {
            try
            {
                typed = JsonElement.Parse(await File.ReadAllTextAsync(values, stop));
            }
            catch (JsonException e)
            {
                throw RefusedException.Usage($"{values} is no JSON: {e.Message}");
            }
        }

        return new TemplateRequest(template, typed, Arguments.Pairs(set, "an answer to a parameter"), Arguments.Pairs(secrets, "a secret"));
    }

    private static async Task WriteAsync(string folder, IReadOnlyList<DryRunFile> files, CancellationToken stop)
    {
        var root = Path.GetFullPath(folder);
        if (File.Exists(root) || (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any()))
        {
            throw RefusedException.Because("folder_used", $"{folder} is there already, and not empty", "give another folder with --into");
        }

        foreach (var file in files)
        {
            var path = Path.GetFullPath(Path.Combine(root, file.Path));
            if (!path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw RefusedException.Because("outside", $"the file {file.Path} would lie outside of {folder}", null);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, Convert.FromBase64String(file.Base64Content), stop);
            if (file.Executable && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
            }
        }
    }

    private static Argument<string> Name() => new("template") { Description = "A template's name: axle template list" };

    private static Option<string[]> Set() => new("--set", "-s") { Description = "An answer to one of the template's parameters", HelpName = "key=value" };

    private static Option<string?> Values() => new("--values") { Description = "A file of JSON with answers", HelpName = "FILE" };

    /// <summary>What a schema asks: it is one object, or a list of pages.</summary>
    private static IEnumerable<Question> Questions(JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.Array => schema.EnumerateArray().SelectMany(Questions),
        JsonValueKind.Object when schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object =>
            properties.EnumerateObject().Select(property => new Question(property.Name, Text(property.Value, "type"), Needed(schema, property.Name), Raw(property.Value, "default"), Text(property.Value, "title"))),
        _ => [],
    };

    private static bool Needed(JsonElement schema, string name) =>
        schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array && required.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == name);

    private static string? Text(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText() : null;

    private static string? Raw(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static string? Shortened(string? text) => text is { Length: > DefaultWidthMax } ? new StringBuilder(text, 0, DefaultWidthMax, DefaultWidthMax + 1).Append('…').ToString() : text;

    private sealed record Question(string Name, string? Type, bool Needed, string? Default, string? Title);
}
