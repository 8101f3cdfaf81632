using Axle.Contracts;

namespace Axle.Platform.Catalog;

/// <summary>What Backstage demands of documents of a kind that another capability knows better than the catalogue.</summary>
public interface IDocumentForm
{
    string Kind { get; }

    /// <summary>What is wrong, with the path in the document.</summary>
    IReadOnlyList<Problem> Check(Entity entity);
}
