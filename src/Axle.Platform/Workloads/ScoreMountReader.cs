using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>
/// Reads a container's files or volumes: a mapping by target, or the deprecated list whose items carry <c>target</c>
/// (and, for files, may split <c>content</c> into lines; for volumes, may say <c>read_only</c>).
/// </summary>
internal sealed class ScoreMountReader(Field mounts, ICollection<Problem> problems)
{
    public IReadOnlyDictionary<string, ScoreContainerFile> Files() => Each(File);

    public IReadOnlyDictionary<string, ScoreVolume> Volumes() => Each(Volume);

    private IReadOnlyDictionary<string, T> Each<T>(Func<Field, bool, T?> read)
        where T : class
    {
        if (mounts.Value is not YamlList)
        {
            return mounts.Map()?.Each(ScoreForms.Target(), "target path", (_, field) => read(field, false)) ?? new OrderedDictionary<string, T>();
        }

        var result = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var item in mounts.List() ?? [])
        {
            var value = read(item, true);
            var target = item.Value is YamlMap map && new Fields(map, item, problems).Require("target", out var field) ? field.NotEmpty("the target") : null;
            if (value is null || target is null)
            {
                continue;
            }

            if (!result.TryAdd(target, value))
            {
                item.Report($"the target '{Field.Shorten(target)}' is here twice");
            }
        }

        return result;
    }

    private static ScoreContainerFile? File(Field field, bool listed)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        string[] kinds = ["source", "content", "binaryContent"];
        fields.Only([.. kinds, "mode", "noExpand", .. Listed(listed)]);
        var given = kinds.Where(fields.Has).ToList();
        if (given.Count != 1)
        {
            field.Report(given.Count == 0
                ? "needs one of source, content and binaryContent"
                : $"has {string.Join(" and ", given)}; only one of source, content and binaryContent may be given");
        }

        return new ScoreContainerFile(
            fields.Find("source", out var source) ? source.NotEmpty("the source") : null,
            fields.Find("content", out var content) ? Content(content, listed) : null,
            fields.Find("binaryContent", out var binary) ? Base64(binary) : null,
            fields.Find("mode", out var mode) && mode.Text(ScoreForms.Mode(), ScoreForms.ModeWords) is { } octal ? octal.PadLeft(4, '0') : null,
            fields.Find("noExpand", out var expand) && expand.Boolean() == true);
    }

    private static string? Content(Field field, bool listed)
    {
        if (listed && field.Value is YamlList && field.List() is { } lines)
        {
            return string.Join('\n', lines.Select(l => l.Text() ?? ""));
        }

        return field.Text();
    }

    private static string? Base64(Field field)
    {
        var text = field.Text();
        if (text is not null && !Convert.TryFromBase64String(text, new byte[text.Length], out _))
        {
            field.Report("is not valid base64");
        }

        return text;
    }

    private static ScoreVolume? Volume(Field field, bool listed)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        fields.Only(["source", "path", "readOnly", .. Listed(listed), .. listed ? ["read_only"] : Array.Empty<string>()]);
        var readOnly = fields.Find("readOnly", out var now) ? now.Boolean() : listed && fields.Find("read_only", out var then) ? then.Boolean() : false;
        return new ScoreVolume(
            (fields.Require("source", out var source) ? source.Text() : null) ?? "",
            fields.Find("path", out var path) ? path.Text() : null,
            readOnly == true);
    }

    private static string[] Listed(bool listed) => listed ? ["target"] : [];
}
