using System.Buffers;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Axle.Platform.Source;

/// <summary>
/// The answer to a push while it is open. git's own output passes through, but its last flush packet is held back: the
/// answer stays open in git's own protocol, and what the platform does with the push is said there line by line, as a
/// post-receive hook's output would be, without a hook that had to find its way back to this process.
/// </summary>
internal sealed class PushAnswer(Stream response, TimeSpan keepAlive, TimeProvider clock)
{
    private const int LinesMax = 1000;
    private const int ReportBytesMax = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _report = new();
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(LinesMax) { FullMode = BoundedChannelFullMode.DropWrite });
    private bool _gone;
    private bool? _bands;
    private bool _flushHeld;

    /// <summary>Copies git's answer, and keeps what it reports.</summary>
    public async Task PassAsync(Stream output, CancellationToken stop)
    {
        while (await PacketLines.ReadAsync(output, stop) is { } packet)
        {
            if (_flushHeld)
            {
                await WriteAsync("0000"u8.ToArray(), stop);
                _flushHeld = false;
            }

            if (packet.Length == 0)
            {
                _flushHeld = true;
                continue;
            }

            _bands ??= packet[0] is >= 1 and <= 3;
            if (_bands is true && packet[0] == PacketLines.DataBand && _report.WrittenCount < ReportBytesMax)
            {
                _report.Write(packet.AsSpan(1));
            }

            await WriteAsync([.. Encoding.ASCII.GetBytes((packet.Length + 4).ToString("x4", CultureInfo.InvariantCulture)), .. packet], stop);
        }
    }

    public async Task<PushReport> ReportAsync(CancellationToken stop)
    {
        using var data = new MemoryStream(_report.WrittenMemory.ToArray());
        return await PushReport.ReadAsync(data, stop);
    }

    /// <summary>Queues a line for the person; never waits. Lines that a slow connection cannot take in time are left out.</summary>
    public void Say(string line) => _lines.Writer.TryWrite(line);

    /// <summary>Sends queued lines until the work ends or the person has gone; then closes the answer as git does.</summary>
    /// <param name="work">Says lines; its end is the answer's end.</param>
    /// <param name="goodbye">The last line when <paramref name="gone"/> comes before the work ends.</param>
    /// <param name="gone">The person, or the platform, goes.</param>
    public async Task SendUntilAsync(Task work, string goodbye, CancellationToken gone)
    {
        _ = work.ContinueWith(_ => _lines.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            while (!_gone)
            {
                using var quiet = CancellationTokenSource.CreateLinkedTokenSource(gone);
                var more = _lines.Reader.WaitToReadAsync(quiet.Token).AsTask();
                if (await Task.WhenAny(more, Task.Delay(keepAlive, clock, quiet.Token)) != more)
                {
                    gone.ThrowIfCancellationRequested();
                    await quiet.CancelAsync();
                    await WriteBandAsync(PacketLines.KeepAlive(), gone);
                    continue;
                }

                if (!await more)
                {
                    break;
                }

                while (_lines.Reader.TryRead(out var line))
                {
                    await WriteBandAsync(PacketLines.Words(line), gone);
                }

                await quiet.CancelAsync();
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The work has its own way on.
        }

        if (gone.IsCancellationRequested)
        {
            // If it is only the platform that goes, the person still hears.
            while (_lines.Reader.TryRead(out var line))
            {
                await WriteBandAsync(PacketLines.Words(line), CancellationToken.None);
            }

            await WriteBandAsync(PacketLines.Words(goodbye), CancellationToken.None);
        }

        if (_flushHeld)
        {
            await WriteAsync("0000"u8.ToArray(), CancellationToken.None);
        }
    }

    private Task WriteBandAsync(byte[] packet, CancellationToken stop) => _bands is true && _flushHeld ? WriteAsync(packet, stop) : Task.CompletedTask;

    private async Task WriteAsync(byte[] bytes, CancellationToken stop)
    {
        if (_gone)
        {
            return;
        }

        try
        {
            await response.WriteAsync(bytes, stop);
            await response.FlushAsync(stop);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            _gone = true;
        }
    }
}
