namespace Axle.Portal.Definitions;

/// <summary>What a definition says, in the form that is shown; OpenAPI and AsyncAPI alike.</summary>
/// <param name="Format">For instance <c>OpenAPI 3.1.0</c>.</param>
/// <param name="Left">Operations that are not shown because there are too many.</param>
public sealed record ApiDocument(string Format, string? Title, string? Version, string? About, IReadOnlyList<string> Servers, IReadOnlyList<ApiGroup> Groups, IReadOnlyList<(string Name, ApiSchema Schema)> Schemas, int Left)
{
    /// <summary>References that lead nowhere, or outside of the document; they are never followed there.</summary>
    public IReadOnlyList<string> Unresolved { get; init; } = [];
}

/// <summary>Operations of a tag, or those of a channel.</summary>
public sealed record ApiGroup(string Name, string? About, IReadOnlyList<ApiOperation> Operations);

/// <param name="Verb"><c>GET</c>, <c>POST</c>, …; <c>send</c> or <c>receive</c>.</param>
public sealed record ApiOperation(string Verb, string Path, string? Summary, string? About, bool Deprecated, IReadOnlyList<ApiParameter> Parameters, IReadOnlyList<ApiBody> Bodies, IReadOnlyList<ApiResponse> Responses);

public sealed record ApiParameter(string Name, string In, bool Required, string? About, ApiSchema Schema);

/// <param name="Name">The media type, or the message's name.</param>
public sealed record ApiBody(string Name, string? About, ApiSchema Schema);

public sealed record ApiResponse(string Code, string? About, IReadOnlyList<ApiBody> Bodies);

/// <param name="Type">In a few words: <c>string (uuid)</c>, <c>list of Pet</c>.</param>
/// <param name="Link">The name of the schema that it refers to, which stands below; its fields are not repeated.</param>
public sealed record ApiSchema(string Type, string? Link, string? About, IReadOnlyList<string> Facts, IReadOnlyList<(string Name, bool Required, ApiSchema Schema)> Fields);
