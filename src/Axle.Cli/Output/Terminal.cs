using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Axle.Cli.Output;

/// <summary>How a piece of text is meant; the colour follows from it, and only on a terminal.</summary>
internal enum Tone
{
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
    Busy,
}

/// <summary>A table's cell.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string? text) => new(text ?? "");
}

/// <summary>Writes for people: results to standard output, progress and refusals to standard error.</summary>
internal sealed class Terminal
{
    private readonly CliHost _host;
    private readonly bool _outColour;
    private readonly bool _errorColour;

    public Terminal(CliHost host)
    {
        _host = host;
        var wanted = string.IsNullOrEmpty(host.Variable("NO_COLOR")) && host.Variable("TERM") is not "dumb";
        _outColour = wanted && host.OutIsTerminal;
        _errorColour = wanted && host.ErrorIsTerminal;
    }

    /// <summary>A person can be asked: both ends are a terminal.</summary>
    public bool CanAsk => _host.InIsTerminal && _host.ErrorIsTerminal;

    /// <summary>Lines can be drawn over.</summary>
    public bool Live => _host.ErrorIsTerminal && _host.Variable("TERM") is not "dumb";

    public TimeProvider Clock => _host.Clock;

    public void Line(string text = "", Tone tone = Tone.Plain) => _host.Out.WriteLine(Paint(text, tone, _outColour));

    /// <summary>Several differently toned pieces on one line.</summary>
    public void Line(params ReadOnlySpan<Cell> pieces)
    {
        var line = new StringBuilder();
        foreach (var piece in pieces)
        {
            line.Append(Paint(piece.Text, piece.Tone, _outColour));
        }

        _host.Out.WriteLine(line);
    }

    /// <summary>A remark that is no result.</summary>
    public void Note(string text, Tone tone = Tone.Plain) => _host.Error.WriteLine(Paint(text, tone, _errorColour));

    public void RawError(string text)
    {
        _host.Error.Write(text);
        _host.Error.Flush();
    }

    public string PaintError(string text, Tone tone) => Paint(text, tone, _errorColour);

    public string PaintOut(string text, Tone tone) => Paint(text, tone, _outColour);

    /// <summary>Columns with a head; as wide as it must be when nobody watches, so that programs find whole values.</summary>
    public void Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<Cell>> rows, string whenEmpty)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            Note(whenEmpty, Tone.Dim);
            return;
        }

        if (!_host.OutIsTerminal)
        {
            Plain(head, all);
            return;
        }

        var table = new Table().NoBorder().Collapse();
        foreach (var name in head)
        {
            table.AddColumn(new TableColumn(new Text(name, Style(Tone.Dim))) { Padding = new Padding(0, 0, 2, 0) });
        }

        foreach (var row in all)
        {
            table.AddRow(row.Select(IRenderable (cell) => new Text(Clean(cell.Text), Style(cell.Tone))));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = _outColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = _outColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_host.Out),
        });
        console.Profile.Width = _host.Width;
        console.Write(table);
    }

    /// <summary>A refusal, with all its problems and the next step.</summary>
    public void Refusal(Error error, IReadOnlyList<string> details)
    {
        _host.Error.WriteLine($"{Paint("axle:", Tone.Bad, _errorColour)} {Clean(error.Message)}");
        foreach (var problem in error.Problems)
        {
            _host.Error.WriteLine($"  {Clean(problem.ToString())}");
        }

        foreach (var detail in details)
        {
            _host.Error.WriteLine(Paint($"  {Clean(detail)}", Tone.Dim, _errorColour));
        }

        if (error.Next is { Length: > 0 } next)
        {
            _host.Error.WriteLine($"{Paint("Next:", Tone.Strong, _errorColour)} {Clean(next)}");
        }
    }

    public void RefusalAsJson(Error error) => _host.Error.WriteLine(
        JsonSerializer.Serialize(new ErrorView(error.Code, error.Message, error.Next, error.Problems.Count == 0 ? null : error.Problems), CliJson.Default.ErrorView));

    /// <summary>Asks a yes-or-no question; without a terminal the answer is no.</summary>
    public async Task<bool> AskAsync(string question, CancellationToken stop)
    {
        if (!CanAsk)
        {
            return false;
        }

        RawError($"{question} [y/N] ");
        var answer = await _host.In.ReadLineAsync(stop);
        return answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>Text from elsewhere cannot move the cursor or change colours here.</summary>
    public static string Clean(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 && text.AsSpan().IndexOfAnyInRange('\x7f', '\x9f') < 0
            ? text
            : string.Create(text.Length, text, static (clean, from) =>
            {
                for (var i = 0; i < clean.Length; i++)
                {
                    clean[i] = from[i] is '\n' or '\t' ? from[i] : char.IsControl(from[i]) ? '\uFFFD' : from[i];
                }
            });

    private void Plain(IReadOnlyList<string> head, List<IReadOnlyList<Cell>> rows)
    {
        var widths = head.Select((name, i) => Math.Max(name.Length, rows.Max(row => row[i].Text.Length))).ToArray();
        Write(head);
        foreach (var row in rows)
        {
            Write([.. row.Select(cell => Clean(cell.Text).Replace('\n', ' '))]);
        }

        void Write(IReadOnlyList<string> cells) =>
            _host.Out.WriteLine(string.Concat(cells.Select((cell, i) => cell.PadRight(widths[i] + 2))).TrimEnd());
    }

    private static Style Style(Tone tone) => tone switch
    {
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Dim => new Style(Color.Grey),
        Tone.Good => new Style(Color.Green),
        Tone.Bad => new Style(Color.Red),
        Tone.Busy => new Style(Color.Olive),
        _ => Spectre.Console.Style.Plain,
    };

    private static string Paint(string text, Tone tone, bool colour)
    {
        text = Clean(text);
        var code = tone switch
        {
            Tone.Strong => "1",
            Tone.Dim => "90",
            Tone.Good => "32",
            Tone.Bad => "31",
            Tone.Busy => "33",
            _ => null,
        };
        return colour && code is not null && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
    }
}
