using Axle.Contracts;
using Axle.Entities;
using Axle.Entities.Validation;
using Axle.Platform.Ownership;
using Axle.Platform.Workloads;

namespace Axle.Platform.Catalog.Locations;

/// <summary>What one file says.</summary>
/// <param name="File">Its address.</param>
/// <param name="Entities">Those that can be taken.</param>
/// <param name="Broken">Those that are there and cannot be taken.</param>
/// <param name="IsWhole">All of it could be read, though not every entity need be in order.</param>
/// <param name="Known">What to remember of it, so that it need not be read again as long as its host says that it is the same; null when it has to be.</param>
internal sealed record FileContent(Uri File, IReadOnlyList<FileEntity> Entities, IReadOnlyList<EntityRef> Broken, IReadOnlyList<Problem> Problems, bool IsWhole, KnownFile? Known = null);

/// <summary>What a file says of one entity: either what it should be, or that it is so already.</summary>
/// <param name="Wanted">Null when it is stored already.</param>
/// <param name="Stored">Null when it is to be written.</param>
/// <param name="Place">Of its name; null when it was not read again.</param>
/// <param name="Document">What stands for the document that has it and nothing else; null when it has to be read each time.</param>
internal sealed record FileEntity(EntityRef Ref, Entity? Wanted, EntityHead? Stored, Place? Place, UInt128? Document)
{
    public static FileEntity Of(Entity wanted, Place? place, UInt128? document) => new(wanted.Ref, wanted, null, place, document);

    public static FileEntity Of(EntityHead stored, Place? place, UInt128? document) => new(stored.Ref, null, stored, place, document);
}

/// <summary>Reads and checks one file.</summary>
internal sealed class FileContents(IEntityStore entities, TargetReader reader, Substitutions substitutions, EntityKinds kinds, DocumentForm form)
{
    private const string OwnPrefix = "axle.dev/";

    public async Task<FileContent> ReadAsync(Uri file, Entity location, bool decidesIdentity, KnownDocuments.Known known, CancellationToken stop)
    {
        var before = known.FileAt(file);
        var read = await reader.ReadAsync(file, stop, before?.Tag);
        if (read.TryGet(out var same, out _) && same.IsUnchanged)
        {
            if (AsBefore(file, before!, known) is { } content)
            {
                return content;
            }

            // Somebody changed what is stored.
            read = await reader.ReadAsync(file, stop);
        }

        if (!read.TryGet(out var text, out var error))
        {
            // An optional file may be missing; one that cannot be read now is something else.
            return error is TargetUnreadable { Missing: true } && LocationSpec.IsOptional(location)
                ? new FileContent(file, [], [], [], IsWhole: true)
                : new FileContent(file, [], [], [new Problem(error.Message, file.AbsoluteUri)], IsWhole: false);
        }

        // 1. What is the same as the last time is taken as it is stored. What takes in other files may change with them.
        var (problems, taken, broken) = (new List<Problem>(), new List<FileEntity>(), new List<EntityRef>());
        var address = text.Target.AbsoluteUri;
        var isAlone = !Substitutions.MayBeIn(text.Utf8.Span);
        bool IsKnown(DocumentText document)
        {
            if (known.IsEmpty || !isAlone)
            {
                return false;
            }

            var key = KnownDocuments.KeyOf(address, document);
            if (known.Find(key) is not { } stored)
            {
                return false;
            }

            taken.Add(FileEntity.Of(stored, null, key));
            return true;
        }

        // 2. Each is checked before the next is read.
        var change = isAlone ? null : await SubstitutingAsync(text, problems, stop);
        var origin = new Origin(text.Target, location);
        var (mistakes, seen, repeated) = (new List<Problem>(), new HashSet<UInt128>(), new HashSet<UInt128>());
        foreach (var one in Descriptors.ReadEach(text.Utf8, address, problems, change, IsKnown, asBackstage: true))
        {
            var key = KnownDocuments.KeyOf(address, one.Document);
            if (!seen.Add(key))
            {
                repeated.Add(key);
            }

            if (Check(one.Entity, decidesIdentity) is { Count: > 0 } wrong)
            {
                mistakes.AddRange(wrong.Select(one.Placed));
                if (EnvelopeRules.Check(one.Entity).Count == 0)
                {
                    broken.Add(one.Entity.Ref);
                }
            }
            else
            {
                // When nothing is known nearly all may be stored: kept twice, a large catalogue would take twice the memory.
                var entity = origin.On(one.Entity);
                UInt128? document = isAlone ? key : null;
                taken.Add(entities.FindSame(entity) is { } stored ? FileEntity.Of(stored, one.Place, document) : FileEntity.Of(entity, one.Place, document));
            }
        }

        // 3. A document stands for an entity that it alone has.
        var isWhole = problems.Count == 0;
        problems.AddRange(mistakes);
        taken = repeated.Count == 0 ? taken : taken.ConvertAll(one => one.Document is { } key && repeated.Contains(key) ? one with { Document = null } : one);
        return new FileContent(text.Target, taken, broken, problems, isWhole, problems.Count == 0 ? KnownFile.Of(text.Tag, taken) : null);
    }

    /// <summary>Null when not all is stored as it was.</summary>
    private static FileContent? AsBefore(Uri file, KnownFile before, KnownDocuments.Known known)
    {
        var taken = new List<FileEntity>(before.Documents.Length);
        foreach (var document in before.Documents)
        {
            if (known.Find(document) is not { } stored)
            {
                return null;
            }

            taken.Add(FileEntity.Of(stored, null, document));
        }

        return new FileContent(file, taken, [], [], IsWhole: true, before);
    }

    /// <summary>What puts the texts of other files into the documents of this one.</summary>
    private async Task<Func<YamlValue, YamlValue?>> SubstitutingAsync(TargetText text, List<Problem> problems, CancellationToken stop)
    {
        // Read once to see what is needed; mistakes are told by the second time.
        var documents = new List<YamlValue>();
        _ = Descriptors.ReadEach(text.Utf8, text.Target.AbsoluteUri, [], document =>
        {
            documents.Add(document);
            return document;
        }).Count();
        var change = await substitutions.PrepareAsync(text.Target, documents, problems, stop);

        // The same documents come in the same order at every reading of a text, as other instances.
        var next = 0;
        return _ => change(documents[next++]);
    }

    private IReadOnlyList<Problem> Check(Entity entity, bool decidesIdentity)
    {
        if (EnvelopeRules.Check(entity) is { Count: > 0 } envelope)
        {
            return envelope;
        }

        if (kinds.Find(entity.Kind) is not BackstageKind kind)
        {
            return [new Problem($"files describe Backstage's kinds only, not {entity.Kind}", Path: "kind")];
        }

        if (Roles.Decides(entity.Kind) && !decidesIdentity)
        {
            return [new Problem($"{entity.Kind} decides who may do what, so it is taken only from locations that an administrator registered", Path: "kind")];
        }

        if (entity.Kind == Kinds.Location && Discovery.TypeOf(entity) is { } type && !decidesIdentity)
        {
            return [new Problem(new DiscoveryRefused(type).Message.TrimEnd('.'), Path: "spec.type")];
        }

        return entity.Metadata.Annotations.Keys.FirstOrDefault(key => key.StartsWith(OwnPrefix, StringComparison.OrdinalIgnoreCase)) is { } own
            ? [new Problem("is the platform's own annotation, which a file cannot give", Path: $"metadata.annotations.{own}")]
            : kind.Check(entity) is { Count: > 0 } wrong ? wrong
            : form.Check(entity);
    }
}
