using System.Globalization;

namespace Axle.Cli.Output;

/// <summary>
/// Steps with their times, on standard error. On a terminal the step under way turns and counts; elsewhere each step is
/// one line when it ends, so that a log of it reads well.
/// </summary>
internal sealed class Progress(Terminal terminal) : IAsyncDisposable
{
    private const string Turning = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private string? _current;
    private long _since;
    private int _frame;

    /// <summary>A step begins; the one before, if still open, is dropped without a line.</summary>
    public void Begin(string what)
    {
        lock (_lock)
        {
            _current = what;
            _since = terminal.Clock.GetTimestamp();
            if (terminal.Live)
            {
                _timer ??= terminal.Clock.CreateTimer(_ => Draw(), null, TimeSpan.Zero, s_turn);
            }
        }
    }

    /// <summary>Says more about the step under way.</summary>
    public void Now(string what)
    {
        lock (_lock)
        {
            _current = what;
        }
    }

    /// <summary>The step under way ended well.</summary>
    public void Done(string? what = null, double? seconds = null) => End("✓", Tone.Good, what, seconds);

    public void Failed(string? what = null, double? seconds = null) => End("✗", Tone.Bad, what, seconds);

    /// <summary>A line that is no step; what turns goes on below it.</summary>
    public void Say(string text, Tone tone = Tone.Plain)
    {
        lock (_lock)
        {
            Erase();
            terminal.Note(text, tone);
        }
    }

    /// <summary>How a duration is written everywhere: <c>0.84 s</c>, <c>2 m 05 s</c>.</summary>
    public static string Seconds(double seconds) => seconds < 60
        ? seconds.ToString("0.00", CultureInfo.InvariantCulture) + " s"
        : string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60} m {(int)seconds % 60:00} s");

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        lock (_lock)
        {
            _current = null;
            Erase();
        }
    }

    private void End(string sign, Tone tone, string? what, double? seconds)
    {
        lock (_lock)
        {
            var took = seconds ?? (_current is null ? null : terminal.Clock.GetElapsedTime(_since).TotalSeconds);
            Erase();
            var text = what ?? _current ?? "";
            terminal.RawError($"  {terminal.PaintError(sign, tone)} {Terminal.Clean(text)}{(took is { } s ? terminal.PaintError($"  {Seconds(s)}", Tone.Dim) : "")}\n");
            _current = null;
        }
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (_current is null)
            {
                return;
            }

            var turning = Turning[_frame++ % Turning.Length].ToString();
            terminal.RawError($"\r\e[K  {terminal.PaintError(turning, Tone.Busy)} {Terminal.Clean(_current)}{terminal.PaintError($"  {Seconds(terminal.Clock.GetElapsedTime(_since).TotalSeconds)}", Tone.Dim)}");
        }
    }

    private void Erase()
    {
        if (terminal.Live && _timer is not null)
        {
            terminal.RawError("\r\e[K");
        }
    }
}
