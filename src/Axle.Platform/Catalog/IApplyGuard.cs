using Axle.Contracts;

namespace Axle.Platform.Catalog;

/// <summary>Looks at a file before it is applied. For capabilities that stand above the catalogue, which does not know them.</summary>
public interface IApplyGuard
{
    /// <summary>Why the file is not taken, with places in it; null when nothing speaks against it.</summary>
    Error? Refuse(string text);
}
