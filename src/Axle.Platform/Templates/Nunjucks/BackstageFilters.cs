using Axle.Contracts;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// The filters that Backstage's scaffolder adds to the language: <c>parseRepoUrl</c>, <c>projectSlug</c>,
/// <c>parseEntityRef</c> and <c>pick</c>.
/// </summary>
internal static class BackstageFilters
{
    private const string DefaultNamespace = "default";

    /// <summary>The parts of a repository's address that can be asked for, in the order of the answer.</summary>
    private static readonly string[] s_repositoryParts = ["owner", "repo", "organization", "workspace", "project"];

    /// <param name="kindOfHost">
    /// What runs at a host, in Backstage's words (github, gitlab, gitea, bitbucketCloud, bitbucketServer, azure, gerrit);
    /// null for hosts nobody configured.
    /// </param>
    public static IEnumerable<KeyValuePair<string, Capability>> All(Func<string, string?> kindOfHost) =>
    [
        new("parseRepoUrl", arguments => ParseRepoUrl(arguments, kindOfHost)),
        new("projectSlug", arguments => ProjectSlug(arguments, kindOfHost)),
        new("parseEntityRef", ParseEntityRef),
        new("pick", Pick),
    ];

    private static Result<Value> ParseRepoUrl(IReadOnlyList<Value> arguments, Func<string, string?> kindOfHost)
    {
        if (!RepositoryAddress.Parse(arguments[0], kindOfHost).TryGet(out var address, out var error))
        {
            return error;
        }

        var parts = s_repositoryParts.Select(name => KeyValuePair.Create(name, address.Parts.TryGetValue(name, out var part) ? Value.Of(part) : Value.Undefined));
        return Value.Of(new RecordValue([new("host", Value.Of(address.Host)), .. parts]));
    }

    private static Result<Value> ProjectSlug(IReadOnlyList<Value> arguments, Func<string, string?> kindOfHost) =>
        RepositoryAddress.Parse(arguments[0], kindOfHost).TryGet(out var address, out var error)
            ? Value.Of($"{Part(address, "owner")}/{Part(address, "repo")}")
            : error;

    /// <summary>A part that is absent reads as JavaScript writes it.</summary>
    private static string Part(RepositoryAddress address, string name) => address.Parts.GetValueOrDefault(name, "undefined");

    private static Result<Value> ParseEntityRef(IReadOnlyList<Value> arguments)
    {
        var defaults = arguments.Count > 1 ? arguments[1] : Value.Undefined;
        var (kind, @namespace, name) = (Value.Undefined, Value.Undefined, Value.Undefined);
        switch (arguments[0])
        {
            case { Kind: ValueKind.Record, Record: var record }:
                (kind, @namespace, name) = (record["kind"], record["namespace"], record["name"]);
                break;

            case { IsText: true, Text: { Length: > 0 } text }:
                var slash = text.IndexOf('/', StringComparison.Ordinal);
                var colon = text.IndexOf(':', StringComparison.Ordinal) is var at && slash >= 0 && slash < at ? -1 : text.IndexOf(':', StringComparison.Ordinal);
                kind = colon < 0 ? kind : Value.Of(text[..colon]);
                @namespace = slash < 0 ? @namespace : Value.Of(text[(colon + 1)..slash]);
                name = Value.Of(text[(Math.Max(colon, slash) + 1)..]);
                if (kind is { IsText: true, Text: "" } || @namespace is { IsText: true, Text: "" } || name.Text.Length == 0)
                {
                    return Refused($"The entity reference '{text}' is not of the form [kind:][namespace/]name.");
                }

                break;

            default:
                return Refused("An entity reference is a text or a record, and not empty.");
        }

        kind = kind.IsNullish ? Operations.Member(defaults, "defaultKind") : kind;
        @namespace = @namespace.IsNullish ? Operations.Member(defaults, "defaultNamespace") is { IsTruthy: true } given ? given : Value.Of(DefaultNamespace) : @namespace;
        return kind.IsTruthy && @namespace.IsTruthy && name.IsTruthy
            ? Value.Of(new RecordValue([new("kind", kind), new("namespace", @namespace), new("name", name)]))
            : Refused("The entity reference has no kind, or an empty part; write it as kind:namespace/name.");
    }

    /// <summary>A member of a member, by a path as in <c>spec.links[0].url</c>; a whole name with dots in it comes first.</summary>
    private static Result<Value> Pick(IReadOnlyList<Value> arguments)
    {
        if (arguments.Count < 2)
        {
            return Value.Undefined;
        }

        var value = arguments[0];
        var path = arguments[1].Kind switch
        {
            ValueKind.Array => [.. arguments[1].Array.Items.Select(Named)],
            _ when Operations.HasMember(value, Named(arguments[1])) => [Named(arguments[1])],
            _ => MemberPath.Parse(Named(arguments[1])),
        };
        foreach (var name in path)
        {
            value = Operations.Member(value, name);
        }

        return value.IsUndefined && arguments.Count > 2 ? arguments[2] : value;
    }

    private static string Named(Value value) => value.Kind switch
    {
        ValueKind.Text or ValueKind.SafeText => value.Text,
        ValueKind.Number => JsNumber.ToText(value.Number),
        ValueKind.Boolean => value.Boolean ? "true" : "false",
        ValueKind.Null => "null",
        _ => "undefined",
    };

    private static Error Refused(string message) => new("templates.filter", message, "Correct the value that is passed to the filter.", 422);
}
