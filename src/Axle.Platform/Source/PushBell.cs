using System.Threading.Channels;

namespace Axle.Platform.Source;

/// <summary>Tells <see cref="PushTeller"/> that a repository's default branch may have moved. Cheap; the teller looks for itself.</summary>
internal sealed class PushBell
{
    private readonly Channel<string> _names = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });

    public void Ring(string repository) => _names.Writer.TryWrite(repository);

    public IAsyncEnumerable<string> RingsAsync(CancellationToken stop) => _names.Reader.ReadAllAsync(stop);
}
