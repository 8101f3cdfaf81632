using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>An action of RoadieHQ's collection that works on one file of the workspace.</summary>
internal abstract class RoadieFile : ITemplateAction
{
    private const long BytesMax = 16 << 20;

    public abstract string Id { get; }

    public abstract string Description { get; }

    public abstract JsonObject InputSchema { get; }

    public virtual JsonObject OutputSchema => Schema.Object([], ("path", Schema.Text("The file.")));

    public bool SupportsDryRun => true;

    public virtual IReadOnlyList<ActionExample> Examples => [];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop) =>
        run.Workspace.Resolve(run.Input.Text("path")).TryGet(out var path, out var outside)
            ? path == run.Workspace.Root && !TakesFolders ? ActionErrors.Missing(run.Input.Text("path") ?? "") : await RunAsync(run, path, stop)
            : outside;

    protected virtual bool TakesFolders => false;

    protected abstract Task<Result<ActionResult>> RunAsync(ActionRun run, string path, CancellationToken stop);

    protected static async Task<Result<string>> ReadAsync(ActionRun run, string path, CancellationToken stop) =>
        !File.Exists(path) ? ActionErrors.Missing(run.Workspace.Relative(path))
        : new FileInfo(path).Length > BytesMax ? ActionErrors.TooLarge(run.Workspace.Relative(path), $"{BytesMax >> 20} MB")
        : Encoding.UTF8.GetString(await File.ReadAllBytesAsync(path, stop));

    protected static async Task<ActionResult> WriteAsync(string path, string text, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, Encoding.UTF8.GetBytes(text), stop);
        return new ActionResult(new JsonObject { ["path"] = path });
    }
}

/// <summary>Writes a file.</summary>
internal sealed class RoadieWrite(JsonFormat json) : RoadieFile
{
    public override string Id => "roadiehq:utils:fs:write";

    public override string Description => "Writes a file with this content.";

    public override JsonObject InputSchema => Schema.Closed(
        ["path", "content"],
        ("path", Schema.Text("The file.")),
        ("content", Schema.Text("Its content.")),
        ("preserveFormatting", Schema.Flag("Write JSON with line breaks.")));

    protected override async Task<Result<ActionResult>> RunAsync(ActionRun run, string path, CancellationToken stop)
    {
        var content = run.Input.Text("content") ?? "";
        if (run.Input.Flag("preserveFormatting") && JsonFormat.Read(content, "content").TryGet(out var value, out _) && json.Write(value, 2, stop).TryGet(out var formatted, out _))
        {
            content = formatted;
        }

        return await WriteAsync(path, content, stop);
    }
}

/// <summary>Appends to a file. How long it was is remembered, so that a second run does not append twice.</summary>
internal sealed class RoadieAppend : RoadieFile
{
    private const string LengthBefore = "lengthBefore";

    public override string Id => "roadiehq:utils:fs:append";

    public override string Description => "Appends to a file, which is made when it is missing.";

    public override JsonObject InputSchema => Schema.Closed(["path", "content"], ("path", Schema.Text("The file.")), ("content", Schema.Text("What to append.")));

    protected override async Task<Result<ActionResult>> RunAsync(ActionRun run, string path, CancellationToken stop)
    {
        if (run.State.Number(LengthBefore) is not { } before)
        {
            before = File.Exists(path) ? new FileInfo(path).Length : 0;
            await run.RememberAsync(LengthBefore, (long)before);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
        file.SetLength(Math.Min((long)before, file.Length));
        file.Seek(0, SeekOrigin.End);
        await file.WriteAsync(Encoding.UTF8.GetBytes(run.Input.Text("content") ?? ""), stop);
        return new ActionResult(new JsonObject { ["path"] = path });
    }
}

/// <summary>Reads a file, as text or as data.</summary>
internal sealed class RoadieParse : RoadieFile
{
    public override string Id => "roadiehq:utils:fs:parse";

    public override string Description => "Reads a file of the workspace, and parses it when asked to.";

    public override JsonObject InputSchema => Schema.Closed(["path"], ("path", Schema.Text("The file.")), ("parser", Schema.Choice("What it is.", "yaml", "json", "multiyaml")));

    public override JsonObject OutputSchema => Schema.Object([], ("content", Schema.Any("The text, or the data.")));

    protected override async Task<Result<ActionResult>> RunAsync(ActionRun run, string path, CancellationToken stop)
    {
        if (!(await ReadAsync(run, path, stop)).TryGet(out var text, out var unreadable))
        {
            return unreadable;
        }

        var name = run.Workspace.Relative(path);
        var parser = run.Input.Text("parser");
        if (parser == "json")
        {
            return JsonFormat.Read(text, name).TryGet(out var value, out var wrong) || wrong is null ? Answer(value) : wrong;
        }

        if (parser is null)
        {
            return Answer(text);
        }

        return !YamlFormat.Read(text, name).TryGet(out var documents, out var broken) ? broken
            : parser == "multiyaml" ? Answer(new JsonArray([.. documents]))
            : Answer(documents.Count > 0 ? documents[0] : null);
    }

    private static ActionResult Answer(JsonNode? content) => new(new JsonObject { ["content"] = content });
}

/// <summary>Merges data into a JSON or YAML file.</summary>
/// <param name="id">The general one takes both; the older one makes JSON files that are missing.</param>
internal sealed class RoadieMerge(string id, JsonFormat json) : RoadieFile
{
    private bool IsJson => id == "roadiehq:utils:json:merge";

    public override string Id => id;

    public override string Description => IsJson ? "Merges data into a JSON file, which is made when it is missing." : "Merges data into a JSON or YAML file.";

    public override JsonObject InputSchema => Schema.Closed(
        ["path", "content"],
        [("path", Schema.Text("The file.")),
        ("content", Schema.Either("What to merge into it.", new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "object" })),
        ("mergeArrays", Schema.Flag("Join lists instead of replacing them.")),
        .. IsJson ? [("matchFileIndent", Schema.Flag("Indent as the file does."))] : OfYaml]);

    private static (string, JsonObject)[] OfYaml =>
    [
        YamlStyle.Schema,
        ("preserveYamlComments", Schema.Flag("Keep the comments of a YAML file.")),
        ("useDocumentIncludingField", Schema.Closed(["key", "value"], ("key", Schema.Text("A field.")), ("value", Schema.Text("Its value in the document that is meant, where a YAML file has several.")))),
    ];

    protected override async Task<Result<ActionResult>> RunAsync(ActionRun run, string path, CancellationToken stop)
    {
        var name = run.Workspace.Relative(path);
        var text = IsJson && !File.Exists(path) ? "{}" : null;
        if (text is null && !(await ReadAsync(run, path, stop)).TryGet(out text, out var unreadable))
        {
            return unreadable;
        }

        return IsJson || path.EndsWith(".json", StringComparison.Ordinal) ? await JsonAsync(run, path, name, text, stop)
            : path.EndsWith(".yaml", StringComparison.Ordinal) || path.EndsWith(".yml", StringComparison.Ordinal) ? await YamlAsync(run, path, name, text, stop)
            : ActionErrors.Input($"{name} is neither a .json nor a .yaml file.");
    }

    private async Task<Result<ActionResult>> JsonAsync(ActionRun run, string path, string name, string text, CancellationToken stop)
    {
        var content = run.Input["content"];
        if (content is JsonValue && JsonFormat.Read(run.Input.Text("content")!, "content") is var read)
        {
            if (read.Error is { } wrong)
            {
                return wrong;
            }

            content = read.Value;
        }

        return !JsonFormat.Read(text, name).TryGet(out var there, out var broken) && broken is not null ? broken
            : json.Write(Merging.Merge(there, content, run.Input.Flag("mergeArrays")), run.Input.Flag("matchFileIndent") ? IndentOf(text) : 2, stop).TryGet(out var merged, out var tooLarge) ? await WriteAsync(path, merged, stop)
            : tooLarge;
    }

    /// <summary>The step by which lines are indented most often; two where nothing is.</summary>
    private static int IndentOf(string text)
    {
        var (before, steps) = (0, new Dictionary<int, int>());
        foreach (var line in text.Split('\n').Where(line => line.AsSpan().Trim().Length > 0))
        {
            var indent = line.Length - line.TrimStart(' ', '\t').Length;
            var step = Math.Abs(indent - before);
            if (step > 0)
            {
                steps[step] = steps.GetValueOrDefault(step) + 1;
            }

            before = indent;
        }

        return steps.Count == 0 ? 2 : steps.MaxBy(step => step.Value).Key;
    }

    private static async Task<Result<ActionResult>> YamlAsync(ActionRun run, string path, string name, string text, CancellationToken stop)
    {
        var content = run.Input["content"];
        if (content is JsonValue)
        {
            if (!YamlFormat.Read(run.Input.Text("content")!, "content").TryGet(out var given, out var wrong))
            {
                return wrong;
            }

            content = given.Count > 0 ? given[0] : null;
        }

        if (!YamlFormat.Read(text, name).TryGet(out var documents, out var broken))
        {
            return broken;
        }

        var field = run.Input["useDocumentIncludingField"] as JsonObject;
        if (documents.Count != 1 && field is null)
        {
            return ActionErrors.Input(documents.Count == 0 ? $"{name} has no document." : $"{name} has several documents; say with useDocumentIncludingField which one is meant.");
        }

        // A document that is not asked for is written anew all the same.
        var style = YamlStyle.Of(run.Input);
        var wanted = field?.Text("value");
        if (documents.Count > 1 && documents.Any(document => (document as JsonObject)?[field!.Text("key")!] is not JsonValue value || value.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number)))
        {
            return ActionErrors.Input($"Every document of {name} needs a text or number '{field!.Text("key")}', by which useDocumentIncludingField finds the one that is meant.");
        }

        var join = run.Input.Flag("mergeArrays");
        var merged = documents.Select(document => documents.Count == 1 || (document as JsonObject)?.Text(field!.Text("key")!) == wanted ? Merging.Merge(document, content, join) : document).ToList();
        if (run.Input.Flag("preserveYamlComments"))
        {
            if (Edited(text, name, documents, merged, content, style, join) is { } edited)
            {
                return await WriteAsync(path, edited, stop);
            }

            run.Log($"The comments of {name} are not kept: it has a form that data cannot be put into without writing it anew.");
        }

        return await WriteAsync(path, string.Join("---\n", merged.Select(document => YamlFormat.Write(document, style))), stop);
    }

    /// <summary>The text with only those lines changed that have to be; null when that does not say what the merged documents say.</summary>
    private static string? Edited(string text, string name, IReadOnlyList<JsonNode?> documents, List<JsonNode?> merged, JsonNode? content, YamlStyle style, bool join)
    {
        var parts = YamlFormat.Parts(text);
        var at = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].IsDocument)
            {
                if (!JsonNode.DeepEquals(documents[at], merged[at]))
                {
                    if (YamlEditing.Merged(parts[i].Text, documents[at], content, style, join) is not { } edited)
                    {
                        return null;
                    }

                    parts[i] = parts[i] with { Text = edited };
                }

                at++;
            }
        }

        var whole = string.Concat(parts.Select(part => part.Text));
        return YamlFormat.Read(whole, name).TryGet(out var read, out _) && read.Count == merged.Count && read.Zip(merged).All(pair => JsonNode.DeepEquals(pair.First, pair.Second)) ? whole : null;
    }
}

/// <summary>Replaces text in files.</summary>
internal sealed class RoadieReplace : ITemplateAction
{
    private static readonly TimeSpan s_patternTime = TimeSpan.FromSeconds(1);

    public string Id => "roadiehq:utils:fs:replace";

    public string Description => "Replaces text in files of the workspace.";

    public JsonObject InputSchema => Schema.Closed(["files"], ("files", Schema.List("What to replace where.", Schema.Closed(
        [],
        ("file", Schema.Text("A file or pattern.")),
        ("find", Schema.Text("What to find.")),
        ("replaceWith", Schema.Text("What to put there.")),
        ("matchRegex", Schema.Flag("It is a regular expression.")),
        ("includeDotFiles", Schema.Flag("Patterns match names that begin with a dot."))))));

    public bool SupportsDryRun => true;

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        foreach (var one in run.Input.Objects("files"))
        {
            var (file, find, put) = (one.Text("file")!, one.Text("find")!, one.Text("replaceWith")!);
            if (find.Length == 0)
            {
                return ActionErrors.Input("There is nothing to find.");
            }

            if (!run.Workspace.Resolve(file).TryGet(out var path, out var outside))
            {
                return outside;
            }

            var paths = new List<string>();
            if (File.Exists(path))
            {
                paths.Add(path);
            }
            else if (Glob.IsDynamic(file))
            {
                if (!FolderEntries.Of(run.Workspace.Root, TreeRendering.EntriesMax, long.MaxValue).TryGet(out var entries, out var tooMany))
                {
                    return tooMany;
                }

                var glob = new Glob(run.Workspace.Relative(path));
                var hidden = one.Flag("includeDotFiles");
                paths.AddRange(entries.Where(entry => entry.Kind == FolderEntryKind.File && glob.Matches(entry.Path) && (hidden || !entry.Path.Split('/').Any(part => part.StartsWith('.')))).Select(entry => Path.Combine(run.Workspace.Root, entry.Path)));
            }

            try
            {
                foreach (var found in paths)
                {
                    var text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(found, stop));
                    var replaced = one.Flag("matchRegex") ? Regex.Replace(text, find, put, RegexOptions.ECMAScript, s_patternTime) : text.Replace(find, put, StringComparison.Ordinal);
                    await File.WriteAllBytesAsync(found, Encoding.UTF8.GetBytes(replaced), stop);
                }
            }
            catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
            {
                return ActionErrors.Input($"The pattern '{find}' cannot be used: {e.Message}");
            }
        }

        return ActionResult.Done;
    }
}

/// <summary>Packs a file or folder.</summary>
internal sealed class RoadieZip : RoadieFile
{
    public override string Id => "roadiehq:utils:zip";

    public override string Description => "Packs a file or folder of the workspace into a zip file.";

    public override JsonObject InputSchema => Schema.Closed(["path", "outputPath"], ("path", Schema.Text("The file or folder.")), ("outputPath", Schema.Text("The zip file.")));

    public override JsonObject OutputSchema => Schema.Object(["outputPath"], ("outputPath", Schema.Text("The zip file.")));

    protected override bool TakesFolders => true;

    protected override async Task<Result<ActionResult>> RunAsync(ActionRun run, string path, CancellationToken stop)
    {
        var output = run.Input.Text("outputPath")!;
        if (!run.Workspace.Resolve(output).TryGet(out var target, out var outside))
        {
            return outside;
        }

        if (!Path.Exists(path))
        {
            return ActionErrors.Missing(run.Input.Text("path")!);
        }

        var isFolder = Directory.Exists(path);
        if (!FolderEntries.Of(isFolder ? path : Path.GetDirectoryName(path)!, TreeRendering.EntriesMax, TreeRendering.BytesMax).TryGet(out var entries, out var tooLarge))
        {
            return tooLarge;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await using var stream = new FileStream(target, FileMode.Create, FileAccess.ReadWrite);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create);
        foreach (var entry in entries.Where(entry => entry.Kind == FolderEntryKind.File && (isFolder || entry.Path == Path.GetFileName(path))))
        {
            var source = Path.Combine(isFolder ? path : Path.GetDirectoryName(path)!, entry.Path);
            if (source != target)
            {
                stop.ThrowIfCancellationRequested();
                zip.CreateEntryFromFile(source, entry.Path);
            }
        }

        return new ActionResult(new JsonObject { ["outputPath"] = output });
    }
}
