using System.Globalization;
using System.Text.Json;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>A table of entities of one kind, with the columns that matter for it.</summary>
internal static class EntityTable
{
    public static void Write(Terminal terminal, IReadOnlyList<Entity> entities, DateTimeOffset now)
    {
        var columns = Columns(entities[0].Kind);
        var spaces = entities.Any(entity => entity.Metadata.Namespace != EntityRef.DefaultNamespace);
        terminal.Table(
            [.. spaces ? (string[])["NAMESPACE"] : [], "NAME", .. columns.Select(column => column.Head), "STATE", "AGE"],
            entities.Select(IReadOnlyList<Cell> (entity) =>
            [
                .. spaces ? (Cell[])[entity.Metadata.Namespace] : [],
                entity.Metadata.Name,
                .. columns.Select(column => (Cell)column.Value(entity)),
                EntityVerbs.StateOf(entity),
                Words.Ago(entity.Metadata.CreatedAt, now),
            ]),
            "");
    }

    private static IReadOnlyList<(string Head, Func<Entity, string?> Value)> Columns(string kind) => kind switch
    {
        Kinds.Component => [("TYPE", Spec("type")), ("LIFECYCLE", Spec("lifecycle")), ("OWNER", Spec("owner")), ("STANDING", Standings.Of)],
        Kinds.Resource or "API" => [("TYPE", Spec("type")), ("OWNER", Spec("owner")), ("STANDING", Standings.Of), ("TITLE", entity => entity.Metadata.Title ?? entity.Metadata.Description)],
        Kinds.Environment => [("ENGINE", Spec("engine")), ("ORDER", Spec("order")), ("AUTO DEPLOY", Spec("autoDeploy")), ("PRODUCTION", Spec("production"))],
        Kinds.Release => [("RELEASE", entity => "v" + Spec("number")(entity)), ("COMMIT", entity => Words.Commit(Spec("commit")(entity))), ("MESSAGE", Spec("message")), ("AUTHOR", Spec("author"))],
        Kinds.Build => [("COMMIT", entity => Words.Commit(Spec("commit")(entity))), ("MESSAGE", Spec("message")), ("AUTHOR", Spec("author"))],
        Kinds.Deployment => [("RELEASE", entity => Short(Spec("release")(entity))), ("SERVING", entity => Short(Value(entity.Status, "serving"))), ("URL", entity => Value(entity.Status, "url"))],
        Kinds.Group or Kinds.User or Kinds.Template => [("TYPE", Spec("type")), ("TITLE", entity => entity.Metadata.Title ?? entity.Metadata.Description)],
        _ => [("OWNER", Spec("owner")), ("TITLE", entity => entity.Metadata.Title ?? entity.Metadata.Description)],
    };

    private static Func<Entity, string?> Spec(string name) => entity => Value(entity.Spec, name);

    private static string? Value(JsonElement part, string name) =>
        part.ValueKind != JsonValueKind.Object || !part.TryGetProperty(name, out var value) ? null : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.True => "yes",
            JsonValueKind.False => "no",
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.Array => value.GetArrayLength().ToString(CultureInfo.InvariantCulture),
            _ => null,
        };

    private static string? Short(string? text) => EntityRef.TryParse(text, null, out var which) ? which.Name : text;
}
