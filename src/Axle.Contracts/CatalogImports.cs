namespace Axle.Contracts;

/// <summary>A part of a catalogue that comes from elsewhere. Each entity of it is taken or not by itself.</summary>
/// <param name="Source">Where it comes from. What was imported from there before is updated; nothing else is ever written over.</param>
/// <param name="Seen">Entities of the same import that were sent before; described again they are refused.</param>
/// <param name="DryRun">Only says what would happen.</param>
public sealed record CatalogImportRequest(string Source, IReadOnlyList<CatalogImportFile> Files, IReadOnlyList<EntityRef>? Seen = null, bool DryRun = false);

/// <param name="Name">The file's name, or the entity's where no file is known.</param>
/// <param name="Text">YAML with one or more documents, or JSON.</param>
public sealed record CatalogImportFile(string Name, string Text);

public sealed record CatalogImportAnswer(IReadOnlyList<CatalogImportItem> Items);

/// <summary>What came of one entity, or of a document that is none.</summary>
/// <param name="Ref">Null where the file could not be read as an entity.</param>
/// <param name="Outcome"><c>created</c>, <c>updated</c>, <c>unchanged</c>, <c>rejected</c>, <c>held</c> (it exists here already and is somebody else's) or <c>left</c> (it is no entity to take, as a Location).</param>
/// <param name="Reason">One sentence, unless it was taken.</param>
public sealed record CatalogImportItem(EntityRef? Ref, string Outcome, string File, string? Reason = null, string? Next = null)
{
    /// <summary>Each single mistake, with its place.</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];

    /// <summary>Where the one that is held has another value here.</summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>A Location's addresses that could be registered.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];
}
