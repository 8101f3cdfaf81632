namespace Axle.Platform.Catalog;

/// <summary>Told when a repository has new commits, so that what is described there is read again at once.</summary>
public interface ISourceChanges
{
    /// <param name="repository">Its address, without a file. Cheap; repetitions do no harm.</param>
    void Changed(Uri repository);
}
