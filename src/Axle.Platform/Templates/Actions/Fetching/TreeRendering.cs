using System.Text;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Platform.Templates.Actions;

/// <summary>How a tree is rendered, from a step's input.</summary>
/// <param name="CopyOnly">Patterns of files whose content is copied; their names are templates nevertheless.</param>
/// <param name="Extension">Only files with it are templates, and lose it; null renders all.</param>
internal sealed record RenderWish(JsonNode? Values, SyntaxOptions Syntax, IReadOnlyList<string> CopyOnly, string? Extension, bool Replace)
{
    public static Result<RenderWish> Of(JsonObject input, Action<string> log)
    {
        if (input["copyWithoutRender"] is not null)
        {
            log("copyWithoutRender means nothing any more, as in Backstage: files are templates. Write copyWithoutTemplating.");
        }

        var copyOnly = input.Texts("copyWithoutTemplating");
        var extension = input["templateFileExtension"] is null || input.Text("templateFileExtension") is "false" or "" ? null
            : input.Flag("templateFileExtension") ? ".njk"
            : input.Text("templateFileExtension");
        if (extension is not null && (copyOnly is not null || input.Flag("cookiecutterCompat")))
        {
            return ActionErrors.Input("templateFileExtension goes neither with copyWithoutTemplating nor with cookiecutterCompat.");
        }

        var syntax = new SyntaxOptions(input.Flag("cookiecutterCompat"), input.Flag("trimBlocks"), input.Flag("lstripBlocks"));
        return new RenderWish(input["values"], syntax, copyOnly ?? [], extension is null || extension.StartsWith('.') ? extension : "." + extension, input.Flag("replace"));
    }

    /// <summary>What the templates see: <c>values</c>, or <c>cookiecutter</c>.</summary>
    public Result<TemplateContext> Context() =>
        TemplateContext.From(Values is null ? [] : new JsonObject { [Syntax.Cookiecutter ? "cookiecutter" : "values"] = Values.DeepClone() });
}

/// <summary>
/// Renders a folder into the workspace, as Backstage does byte for byte: names and text files are templates, a name that
/// becomes empty leaves its file out, binary files and symbolic links are copied, and what exists already stays unless told
/// otherwise.
/// </summary>
internal sealed class TreeRendering(TemplateLanguage language)
{
    public const int EntriesMax = 20_000;
    public const long BytesMax = 512L * 1024 * 1024;

    /// <summary>Longer texts are over the language's own limit anyway.</summary>
    private const long TextBytesMax = 32L * 1024 * 1024;

    public async Task<Error?> RunAsync(string from, string? targetPath, RenderWish wish, ActionRun run, CancellationToken stop)
    {
        // 1. From where, to where?
        if (!run.Workspace.Resolve(targetPath).TryGet(out var target, out var refused))
        {
            return refused;
        }

        if (target == from || target.StartsWith(from + "/", StringComparison.Ordinal))
        {
            return ActionErrors.Input("The targetPath lies within the folder that is rendered.");
        }

        if (!wish.Context().TryGet(out var context, out var wrong))
        {
            return wrong;
        }

        if (!FolderEntries.Of(from, EntriesMax, BytesMax).TryGet(out var entries, out var tooLarge))
        {
            return tooLarge;
        }

        // 2. One after the other; the first mistake ends it.
        run.Log($"Processing {entries.Count} files and folders.");
        var copyOnly = new GlobList(wish.CopyOnly, from);
        var folder = run.Workspace.Relative(target);
        foreach (var entry in entries)
        {
            stop.ThrowIfCancellationRequested();
            if (await OneAsync(from, folder, entry, copyOnly, wish, context, run, stop) is { } failed)
            {
                return failed;
            }
        }

        run.Log($"Written to {(folder.Length == 0 ? "the workspace" : folder)}.");
        return null;
    }

    private async Task<Error?> OneAsync(string from, string folder, FolderEntry entry, GlobList copyOnly, RenderWish wish, TemplateContext context, ActionRun run, CancellationToken stop)
    {
        // 1. What is it called?
        var isTemplate = wish.Extension is { } extension ? ExtensionOf(entry.Path) == extension : !copyOnly.Matches(entry.Path);
        var name = wish.Extension is not null && isTemplate ? entry.Path[..^wish.Extension.Length] : entry.Path;
        if (!language.RenderFile(name, context, wish.Syntax, entry.Path, stop).TryGet(out var path, out var wrong))
        {
            return wrong;
        }

        if (path.Length == 0 || path.StartsWith('/') || path.Contains("//", StringComparison.Ordinal))
        {
            return null;
        }

        if (!run.Workspace.Resolve(folder.Length == 0 ? path : $"{folder}/{path}").TryGet(out var output, out var refused))
        {
            return refused;
        }

        // 2. What exists stays, unless told otherwise.
        if (Path.Exists(output) && !wish.Replace)
        {
            return null;
        }

        if (path.EndsWith('/') || entry.Kind == FolderEntryKind.Folder)
        {
            Directory.CreateDirectory(output);
            return null;
        }

        // 3. Its content.
        var source = Path.Combine(from, entry.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        if (entry.Kind == FolderEntryKind.Link)
        {
            TreeCopying.Link(source, output, run);
            return null;
        }

        if (await BinaryFile.IsAsync(source, stop))
        {
            File.Copy(source, output, overwrite: true);
            return null;
        }

        if (entry.Length > TextBytesMax)
        {
            return ActionErrors.TooLarge(entry.Path, $"a text file has at most {TextBytesMax / 1024 / 1024} MB");
        }

        // As Backstage reads text: what is no UTF-8 is replaced, and a byte order mark stays.
        var text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(source, stop));
        if (isTemplate && !language.RenderFile(text, context, wish.Syntax, entry.Path, stop).TryGet(out text, out wrong))
        {
            return wrong;
        }

        await WriteAsync(output, text, File.GetUnixFileMode(source), stop);
        return null;
    }

    /// <summary>Renders one file, unless its place is taken.</summary>
    public async Task<Error?> FileAsync(string source, string name, string targetPath, RenderWish wish, ActionRun run, CancellationToken stop)
    {
        if (!run.Workspace.Resolve(targetPath).TryGet(out var output, out var refused))
        {
            return refused;
        }

        if (!wish.Context().TryGet(out var context, out var wrong))
        {
            return wrong;
        }

        if (new FileInfo(source).Length > TextBytesMax)
        {
            return ActionErrors.TooLarge(name, $"a text file has at most {TextBytesMax / 1024 / 1024} MB");
        }

        var text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(source, stop));
        if (!language.RenderFile(text, context, wish.Syntax, name, stop).TryGet(out var rendered, out wrong))
        {
            return wrong;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        await WriteAsync(output, rendered, mode: null, stop);
        run.Log($"Written to {run.Workspace.Relative(output)}.");
        return null;
    }

    /// <summary>Whether the target of a file exists and is to stay.</summary>
    public static Result<bool> Stays(string targetPath, ActionRun run)
    {
        if (!run.Workspace.Resolve(targetPath).TryGet(out var output, out var refused))
        {
            return refused;
        }

        var stays = Path.Exists(output) && !run.Input.Flag("replace");
        if (stays)
        {
            run.Log($"{targetPath} exists already and is not replaced.");
        }

        return stays;
    }

    private static async Task WriteAsync(string path, string text, UnixFileMode? mode, CancellationToken stop)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (mode is { } given && !File.Exists(path))
        {
            // A folder of a template may hold files that nobody can write; the task must be able to.
            options.UnixCreateMode = given | UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(path, options);
        await file.WriteAsync(Encoding.UTF8.GetBytes(text), stop);
    }

    /// <summary>As Node's <c>path.extname</c> has it: with its dot, none for names that begin with their only dot.</summary>
    private static string ExtensionOf(string path)
    {
        var name = path.TrimEnd('/');
        name = name[(name.LastIndexOf('/') + 1)..];
        return name.LastIndexOf('.') is > 0 and var dot && name != ".." ? name[dot..] : "";
    }
}
