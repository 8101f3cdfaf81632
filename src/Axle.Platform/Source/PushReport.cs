using System.Text;

namespace Axle.Platform.Source;

/// <summary>What became of each ref of a push, as git reports it to the client.</summary>
internal sealed class PushReport
{
    private readonly List<string> _moved = [];
    private readonly List<(string Ref, string Reason)> _refused = [];

    /// <summary>Refs that moved, came or went.</summary>
    public IReadOnlyList<string> Moved => _moved;

    public IReadOnlyList<(string Ref, string Reason)> Refused => _refused;

    /// <summary>What was wrong with the pack as a whole.</summary>
    public string? Failure { get; private set; }

    /// <summary>Reads the report that travels in the data band.</summary>
    public static async Task<PushReport> ReadAsync(Stream data, CancellationToken stop)
    {
        var report = new PushReport();
        try
        {
            while (await PacketLines.ReadAsync(data, stop) is { } packet)
            {
                report.Take(Encoding.UTF8.GetString(packet).TrimEnd('\n'));
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            // Cut short; the refs themselves tell what happened.
        }

        return report;
    }

    private void Take(string line)
    {
        var words = line.Split(' ', 3);
        switch (words[0])
        {
            case "unpack" when line != "unpack ok":
                Failure = line["unpack".Length..].Trim();
                break;
            case "ok" when words.Length > 1:
                _moved.Add(words[1]);
                break;
            case "ng" when words.Length > 2:
                _refused.Add((words[1], words[2]));
                break;
        }
    }
}
