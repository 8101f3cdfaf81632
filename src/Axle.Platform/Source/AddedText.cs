using System.Text;
using Axle.Platform.Secrets;

namespace Axle.Platform.Source;

/// <summary>
/// Reads what <c>git log --patch</c> writes, as it comes, and searches the lines that commits add. Of a merge only what is in
/// none of its parents counts as added.
/// </summary>
internal sealed class AddedText(LeakPermits permits, int leaksMax, long bytesMax)
{
    private const int LineMax = 8192;
    private readonly StringBuilder _run = new();
    private string _commit = "";
    private string _path = "";
    private bool _header;
    private bool _skip;
    private int _parents = 1;
    private int _line;
    private int _runFirst;
    private long _fileBytes;

    public List<AddedLeak> Leaks { get; } = [];

    /// <returns>False when there was more than may be looked at.</returns>
    public async Task<bool> ReadAsync(Stream output, CancellationToken stop)
    {
        using var reader = new StreamReader(output, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 64 << 10, leaveOpen: true);
        var buffer = new char[32 << 10];
        var line = new StringBuilder();
        var total = 0L;
        int read;
        while ((read = await reader.ReadAsync(buffer, stop)) > 0)
        {
            if ((total += read) > bytesMax || Leaks.Count >= leaksMax)
            {
                End();
                return false;
            }

            var rest = buffer.AsMemory(0, read);
            int at;
            while ((at = rest.Span.IndexOf('\n')) >= 0)
            {
                Add(line, rest.Span[..at]);
                Take(line.ToString());
                line.Clear();
                rest = rest[(at + 1)..];
            }

            Add(line, rest.Span);
        }

        Take(line.ToString());
        End();
        return true;
    }

    // A line without an end must not fill the memory; what is longer was written by a program.
    private static void Add(StringBuilder line, ReadOnlySpan<char> more) => line.Append(more[..Math.Min(more.Length, Math.Max(0, LineMax - line.Length))]);

    private void Take(string line)
    {
        switch (line)
        {
            case ['\0', .. var commit]:
                End();
                (_commit, _header) = (commit, true);
                break;
            case ['d', 'i', 'f', 'f', ' ', ..]:
                End();
                (_path, _header, _skip, _fileBytes) = ("", true, true, 0);
                break;
            case ['+', '+', '+', ' ', .. var path] when _header:
                _path = path.TrimEnd('\t').Trim('"');
                _skip = _path == "/dev/null" || permits.Allows(_path);
                break;
            case ['@', '@', ..] when HunkAt(line) is { } at:
                End();
                (_header, _line, _parents) = (false, at, line.TakeWhile(c => c == '@').Count() - 1);
                break;
            default:
                if (!_header && line.Length >= _parents)
                {
                    Body(line);
                }

                break;
        }
    }

    private void Body(string line)
    {
        var signs = line.AsSpan(0, _parents);
        if (signs.Contains('-') || signs[0] == '\\')
        {
            return;
        }

        if (signs.ContainsAnyExcept('+'))
        {
            End();
        }
        else if (!_skip)
        {
            if (_run.Length == 0)
            {
                _runFirst = _line;
            }

            // Data, not text: neither is looked at any further.
            _fileBytes += line.Length;
            _skip = _fileBytes > LeakGuard.FileBytesMax || line.Contains('\0', StringComparison.Ordinal);
            _run.Append(line.AsSpan(_parents)).Append('\n');
        }

        _line++;
    }

    /// <summary>Searches the lines that were collected.</summary>
    private void End()
    {
        if (_run.Length > 0)
        {
            Leaks.AddRange(LeakGuard.Scan(_path, _run.ToString(), _runFirst).Take(leaksMax - Leaks.Count).Select(leak => new AddedLeak(_commit, leak)));
            _run.Clear();
        }
    }

    /// <summary>Where a hunk begins in the new file: <c>@@ -1,2 +3,4 @@</c> begins at 3.</summary>
    private static int? HunkAt(string line)
    {
        var plus = line.IndexOf(" +", StringComparison.Ordinal);
        if (plus < 0)
        {
            return null;
        }

        var number = line.AsSpan(plus + 2);
        var end = number.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? number : number[..end], out var at) ? at : null;
    }
}
