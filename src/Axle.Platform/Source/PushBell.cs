using System.Threading.Channels;
using Axle.Platform.Catalog;

namespace Axle.Platform.Source;

/// <summary>
/// Tells <see cref="PushTeller"/> that a repository's default branch may have moved, and the catalogue that any branch has.
/// Cheap; both look for themselves.
/// </summary>
internal sealed class PushBell(PlatformOptions platform, IEnumerable<ISourceChanges> listeners)
{
    private readonly Channel<string> _names = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });

    /// <param name="repository">Its name.</param>
    /// <param name="upstream">The address elsewhere that it was fetched from; what is described there has changed as well.</param>
    public void Ring(string repository, string? upstream = null)
    {
        _names.Writer.TryWrite(repository);
        TellListeners(repository, upstream);
    }

    /// <summary>Some branch has moved, and somebody else tells of it if it was the default one.</summary>
    public void TellListeners(string repository, string? upstream = null)
    {
        foreach (var listener in listeners)
        {
            listener.Changed(new Uri($"{platform.PublicUrl}/git/{repository}.git"));
            if (Uri.TryCreate(upstream, UriKind.Absolute, out var elsewhere))
            {
                listener.Changed(elsewhere);
            }
        }
    }

    public IAsyncEnumerable<string> RingsAsync(CancellationToken stop) => _names.Reader.ReadAllAsync(stop);
}
