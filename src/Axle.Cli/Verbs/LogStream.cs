using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Prints log lines as they come.</summary>
internal sealed class LogStream(Session session)
{
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(500);

    /// <summary>A build's log.</summary>
    public Task BuildAsync(string build, bool follow, TextWriter to, CancellationToken stop) =>
        PrintAsync($"api/builds/{Uri.EscapeDataString(build)}/log" + Paths.Query(("follow", follow ? "true" : null)), withSource: false, follow: false, to, stop);

    /// <param name="follow">Connect again when the control plane goes away.</param>
    public async Task PrintAsync(string path, bool withSource, bool follow, TextWriter to, CancellationToken stop)
    {
        var lastAt = DateTimeOffset.MinValue;
        while (true)
        {
            try
            {
                await foreach (var item in session.Client.EventsAsync(HttpMethod.Get, path, null, null, null, stop))
                {
                    if (item.EventType == "end")
                    {
                        return;
                    }

                    if (item.EventType == "about" && lastAt == DateTimeOffset.MinValue && session.Format == OutputFormat.Table && JsonSerializer.Deserialize(item.Data, AxleJson.Default.ServerLog) is { } about)
                    {
                        session.Terminal.Note(about.Message, Tone.Dim);
                    }

                    // After a new connection the platform begins some lines back.
                    if (item.EventType == "log" && JsonSerializer.Deserialize(item.Data, AxleJson.Default.LogLine) is { } line && line.At >= lastAt)
                    {
                        lastAt = line.At;
                        Write(line, withSource, to);
                    }
                }

                if (!follow)
                {
                    return;
                }
            }
            catch (RefusedException e) when (follow && e.ExitCode == ExitCodes.Unreachable && lastAt > DateTimeOffset.MinValue)
            {
                // The control plane is replaced; the application and its log go on.
            }

            await Task.Delay(s_again, session.Host.Clock, stop);
        }
    }

    private void Write(LogLine line, bool withSource, TextWriter to)
    {
        if (session.Format != OutputFormat.Table && ReferenceEquals(to, session.Host.Out))
        {
            to.WriteLine(JsonSerializer.Serialize(line, AxleJson.Default.LogLine));
            return;
        }

        var onOut = ReferenceEquals(to, session.Host.Out);
        string Paint(string text, Tone tone) => onOut ? session.Terminal.PaintOut(text, tone) : session.Terminal.PaintError(text, tone);
        var source = withSource && line.Source.Length > 0 ? Paint(line.Source, Tone.Dim) + " " : "";
        to.WriteLine(source + line.Stream switch
        {
            "axle" => Paint("axle: " + line.Text, Tone.Strong),
            _ when onOut && !session.Host.OutIsTerminal => line.Text,
            _ => Coloured(line.Text),
        });
    }

    /// <summary>An application may colour its lines, and do nothing else to the terminal.</summary>
    internal static string Coloured(string text)
    {
        if (!text.Contains('\e', StringComparison.Ordinal))
        {
            return Terminal.Clean(text);
        }

        var clean = new System.Text.StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\e' && ColourEnd(text, i) is { } end)
            {
                clean.Append(text, i, end - i + 1);
                i = end;
            }
            else
            {
                clean.Append(char.IsControl(text[i]) && text[i] != '\t' ? '\uFFFD' : text[i]);
            }
        }

        return clean.Append("\e[0m").ToString();
    }

    /// <summary>The index of the <c>m</c> that ends a colour sequence beginning here.</summary>
    private static int? ColourEnd(string text, int start)
    {
        if (start + 1 >= text.Length || text[start + 1] != '[')
        {
            return null;
        }

        var i = start + 2;
        while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] is ';' or ':'))
        {
            i++;
        }

        return i < text.Length && text[i] == 'm' ? i : null;
    }
}
