using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Form;

/// <summary>One question that applies, given the other answers.</summary>
/// <param name="Path">Names that lead to it.</param>
/// <param name="Schema">Its JSON schema, references resolved.</param>
/// <param name="Inner">For an object whose members can be asked one by one: those.</param>
public sealed record AskedField(IReadOnlyList<string> Path, JsonObject Schema, bool Required, IReadOnlyList<AskedField> Inner)
{
    public string Name => Path[^1];

    /// <summary>For a list of records whose members can be asked one by one: the records that there are.</summary>
    public IReadOnlyList<AskedField> Items { get; init; } = [];

    /// <summary>It is such a list.</summary>
    public bool IsRecords { get; init; }
}

/// <summary>What does not fit in an answer.</summary>
/// <param name="Path">Of the field; empty for the page.</param>
/// <param name="Message">Completes the field's name.</param>
public sealed record AnswerProblem(IReadOnlyList<string> Path, string Message);
