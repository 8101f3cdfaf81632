using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Workloads;

namespace Axle.Platform.Catalog;

/// <summary>
/// Reads entities out of descriptor files, as people and Backstage write them: YAML with several documents, or JSON (one
/// entity or a list). Every mistake is reported at its line.
/// </summary>
public static partial class Descriptors
{
    /// <summary>Entities in one file.</summary>
    public const int EntitiesMax = 1000;

    // status and relations are the platform's own: accepted, so that what was read can be sent back, and ignored.
    private static readonly string[] s_rootKeys = ["apiVersion", "kind", "metadata", "spec"];
    private static readonly string[] s_ownKeys = ["status", "relations"];

    /// <summary>All entities of a file, or all its mistakes.</summary>
    /// <param name="file">Its name in the problems, or null.</param>
    public static Result<IReadOnlyList<Described>> Read(string text, string? file = null)
    {
        var problems = new List<Problem>();
        Described[] found = [.. ReadEach(Encoding.UTF8.GetBytes(text), file, problems)];
        return problems.Count > 0 ? new DescriptorsInvalid(problems) : Result<IReadOnlyList<Described>>.Of(found);
    }

    /// <summary>
    /// The entities of a file that can be read, each when it is asked for: what one is read into is many times its text, and can go
    /// before the next is read. What cannot be read is among the problems.
    /// </summary>
    /// <param name="text">In UTF-8.</param>
    /// <param name="file">Its name in the problems, or null.</param>
    /// <param name="problems">Gets the mistakes.</param>
    /// <param name="change">What is put in the place of each value before it is read as an entity; null leaves it out, and the problem has been told.</param>
    /// <param name="isKnown">Documents that need not be read.</param>
    /// <param name="asBackstage">Refuse what Backstage refuses, although it could be understood.</param>
    internal static IEnumerable<Described> ReadEach(ReadOnlyMemory<byte> text, string? file, List<Problem> problems, Func<YamlValue, YamlValue?>? change = null, Predicate<DocumentText>? isKnown = null, bool asBackstage = false)
    {
        var (before, count, leftOut) = (problems.Count, 0, false);
        foreach (var document in DocumentText.In(text))
        {
            if (isKnown?.Invoke(document) == true)
            {
                count++;
                continue;
            }

            if (StrictYaml.Read(document.ToString(), file, problems, document.LinesBefore, anyKeys: true) is not { } root)
            {
                continue;
            }

            foreach (var written in root is YamlList list ? list.Items : [root])
            {
                if ((change is null ? written : change(written)) is not { } value)
                {
                    leftOut = true;
                    continue;
                }

                if (count == EntitiesMax)
                {
                    problems.Add(At(value.Place, $"there are more than {EntitiesMax} entities; put them into several files", ""));
                    yield break;
                }

                if (One(value, asBackstage, problems) is { } entity)
                {
                    count++;
                    yield return new Described(entity, value, document);
                }
            }
        }

        if (problems.Count == before && count == 0 && !leftOut)
        {
            problems.Add(new Problem("there is no entity in it", file));
        }
    }

    private static Entity? One(YamlValue value, bool asBackstage, List<Problem> problems)
    {
        if (value is not YamlMap map)
        {
            problems.Add(At(value.Place, "an entity is a mapping with apiVersion, kind, metadata and spec", ""));
            return null;
        }

        var before = problems.Count;
        foreach (var entry in map.Entries)
        {
            if (!s_rootKeys.Contains(entry.Key) && (asBackstage || !s_ownKeys.Contains(entry.Key)))
            {
                problems.Add(At(entry.Place, $"is unknown; an entity has {string.Join(", ", s_rootKeys)}", entry.Key));
            }
        }

        RequireText(map, "apiVersion", "", problems);
        RequireText(map, "kind", "", problems);
        if (map.Find("metadata")?.Value is YamlMap metadata)
        {
            RequireText(metadata, "name", "metadata.", problems);
            if (asBackstage)
            {
                problems.AddRange(MetadataForm.Check(metadata));
            }
        }
        else
        {
            problems.Add(At(map.Find("metadata")?.Place ?? map.Place, "is missing or no mapping", "metadata"));
        }

        if (map.Find("spec")?.Value is { } spec and not YamlMap)
        {
            problems.Add(At(spec.Place, "must be a mapping", "spec"));
        }

        return problems.Count > before ? null : Bind(map, problems);
    }

    private static Entity? Bind(YamlMap map, List<Problem> problems)
    {
        // What the platform computes is not read back: an older shape of it must not stop an apply. Annotations without any are
        // what people leave behind when they delete them.
        var own = new YamlMap([.. map.Entries.Where(entry => !s_ownKeys.Contains(entry.Key)).Select(WithoutEmptyAnnotations)], map.Place);
        try
        {
            return JsonSerializer.Deserialize<Entity>(own.ToUtf8().Span, DescriptorJson.Options);
        }
        catch (JsonException e)
        {
            var path = (e.Path ?? "$").TrimStart('$').TrimStart('.');
            problems.Add(At(PlaceOf(map, path), "has a value of another type than the field", path));
            return null;
        }
    }

    private static YamlEntry WithoutEmptyAnnotations(YamlEntry entry) =>
        entry is { Key: "metadata", Value: YamlMap metadata } && metadata.Find("annotations")?.Value is YamlScalar { Type: ScalarType.Null }
            ? entry with { Value = new YamlMap([.. metadata.Entries.Where(member => member.Key != "annotations")], metadata.Place) }
            : entry;

    private static void RequireText(YamlMap map, string key, string parent, List<Problem> problems)
    {
        var entry = map.Find(key);
        if (entry?.Value is not YamlScalar { Text.Length: > 0, Type: ScalarType.Text })
        {
            problems.Add(At(entry?.Value.Place ?? map.Place, entry is null ? "is missing" : "must be a text; put it in quotes", parent + key));
        }
    }

    /// <summary>Where a field stands; when it is missing, where its parent does.</summary>
    internal static Place? PlaceOf(YamlValue root, string? path)
    {
        var at = root;
        var place = root.Place;
        var read = 0;
        foreach (Match step in PathStep().Matches(path ?? ""))
        {
            if (step.Index < read)
            {
                continue;
            }

            if (step.Groups["index"] is { Success: true } index && at is YamlList list && int.TryParse(index.ValueSpan, out var i) && i < list.Items.Count)
            {
                at = list.Items[i];
                place = at.Place;
            }
            else if (step.Groups["key"].Success && at is YamlMap map && Longest(map, path!, step.Index) is { } entry)
            {
                at = entry.Value;
                place = entry.Place ?? place;
                read = step.Index + entry.Key.Length;
            }
            else
            {
                break;
            }
        }

        return place;
    }

    /// <summary>Keys of annotations contain dots themselves, so the longest key that fits is meant.</summary>
    private static YamlEntry? Longest(YamlMap map, string path, int start) =>
        map.Entries
            .Where(entry => path.AsSpan(start).StartsWith(entry.Key, StringComparison.Ordinal)
                && (start + entry.Key.Length == path.Length || path[start + entry.Key.Length] is '.' or '['))
            .MaxBy(entry => entry.Key.Length);

    private static Problem At(Place? place, string message, string path) =>
        new(message, place?.File, place?.Line, place?.Column, path.Length == 0 ? null : path);

    [GeneratedRegex(@"(?<key>[^.\[\]]+)|\[(?<index>[0-9]+)\]")]
    private static partial Regex PathStep();
}

/// <summary>An entity as a file has it.</summary>
public sealed class Described
{
    private readonly YamlValue _source;

    internal Described(Entity entity, YamlValue source, DocumentText document) => (Entity, _source, Document) = (entity, source, document);

    /// <summary>The same place in the file, with what the platform adds to the entity.</summary>
    public Described As(Entity entity) => new(entity, _source, Document);

    public Entity Entity { get; }

    /// <summary>The text that it was read from; other entities may be in it too.</summary>
    internal DocumentText Document { get; }

    /// <summary>Where its name stands.</summary>
    internal Place? Place => ((_source as YamlMap)?.Find("metadata")?.Value as YamlMap)?.Find("name")?.Place ?? _source.Place;

    /// <summary>A problem of the entity, put at its place in the file.</summary>
    public Problem Placed(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var place = Descriptors.PlaceOf(_source, problem.Path);
        return problem with { File = place?.File, Line = place?.Line, Column = place?.Column };
    }
}

internal static class DescriptorJson
{
    /// <summary>Like the store's, but a null where a list belongs is a mistake and not a crash later.</summary>
    public static JsonSerializerOptions Options { get; } = new(EntityJson.Options) { RespectNullableAnnotations = true };
}
