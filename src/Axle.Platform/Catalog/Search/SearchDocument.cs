using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Search;

/// <summary>Where in an entity a word stands.</summary>
[Flags]
internal enum SearchFields
{
    None = 0,
    Description = 1,
    Kind = 2,
    Owner = 4,
    Type = 8,
    Tags = 16,
    Title = 32,
    Name = 64,
}

/// <summary>What an entity is found by: its texts by field, the most telling first.</summary>
internal static class SearchDocument
{
    /// <summary>Words of one entity; a description of a thousand pages finds nothing better than its beginning.</summary>
    private const int WordsMax = 400;

    public static IEnumerable<(SearchFields Field, string Text)> Texts(Entity entity)
    {
        var metadata = entity.Metadata;
        yield return (SearchFields.Name, metadata.Name);
        if (metadata.Title is { Length: > 0 } title)
        {
            yield return (SearchFields.Title, title);
        }

        if (DisplayName(entity) is { Length: > 0 } display)
        {
            yield return (SearchFields.Title, display);
        }

        foreach (var tag in metadata.Tags)
        {
            yield return (SearchFields.Tags, tag);
        }

        if (Text(entity.Spec, "type") is { Length: > 0 } type)
        {
            yield return (SearchFields.Type, type);
        }

        foreach (var relation in entity.Relations)
        {
            if (relation.Type == "ownedBy")
            {
                yield return (SearchFields.Owner, relation.TargetRef.Name);
            }
        }

        yield return (SearchFields.Kind, entity.Kind);
        if (metadata.Namespace != EntityRef.DefaultNamespace)
        {
            yield return (SearchFields.Description, metadata.Namespace);
        }

        if (metadata.Description is { Length: > 0 } description)
        {
            yield return (SearchFields.Description, description);
        }
    }

    /// <summary>Puts the entity's words, each with the fields that it stands in, in the place of what is there.</summary>
    public static void Words(Entity entity, Dictionary<string, SearchFields> words)
    {
        words.Clear();
        foreach (var (field, text) in Texts(entity))
        {
            foreach (var (word, _, _) in SearchWords.Of(text))
            {
                if (words.TryGetValue(word, out var known) || words.Count < WordsMax)
                {
                    words[word] = known | field;
                }
            }
        }
    }

    /// <summary>What people call it.</summary>
    public static string? Title(Entity entity) => entity.Metadata.Title is { Length: > 0 } title ? title : DisplayName(entity);

    public static string? Text(JsonElement spec, string name) =>
        spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? DisplayName(Entity entity) =>
        entity.Spec.ValueKind == JsonValueKind.Object && entity.Spec.TryGetProperty("profile", out var profile) ? Text(profile, "displayName") : null;
}
