using System.Net;
using System.Text;
using System.Text.Json;
using Axle.Agent.Logs;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Agent;

public sealed class RedactionTests
{
    private const string Secret = "pa\"ss/w örd+1&2";

    public static TheoryData<string> Written =>
    [
        Secret,
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)).TrimEnd('='),
        Uri.EscapeDataString(Secret),
        Uri.EscapeDataString(Secret).ToLowerInvariant(),
        WebUtility.UrlEncode(Secret),
        JsonSerializer.Serialize(Secret).Trim('"'),
        "pa\\\"ss/w \\u00f6rd+1&2",
        "pa\\\"ss\\/w \\u00f6rd+1&2",
    ];

    [Theory]
    [MemberData(nameof(Written))]
    public void A_value_is_hidden_however_it_is_written(string written)
    {
        var shown = Redaction.Of([Secret]).Hide($"connected with {written}, twice: {written}.");
        Assert.Matches(@"^connected with \[redacted\]=*, twice: \[redacted\]=*\.$", shown);
    }

    [Theory]
    [InlineData("a:")]
    [InlineData("me:")]
    [InlineData("you:")]
    public void A_value_is_hidden_inside_of_a_longer_text_in_Base64(string before)
    {
        const string Value = "correct-horse-battery";
        var shown = Redaction.Of([Value]).Hide($"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(before + Value))}");
        Assert.Contains(Redaction.Mask, shown, StringComparison.Ordinal);
        var left = shown["Authorization: Basic ".Length..].Replace(Redaction.Mask, "", StringComparison.Ordinal);
        Assert.InRange(left.Length, 0, 9);
    }

    [Fact]
    public void Values_that_overlap_or_touch_are_hidden_as_one_and_short_ones_are_left()
    {
        var redaction = Redaction.Of(["abcdefgh", "ghijklmn", "short", "abcdefghXX"]);
        Assert.Equal("x[redacted]y short", redaction.Hide("xabcdefghijklmny short"));
        Assert.Equal("x[redacted]y", redaction.Hide("xabcdefghXXabcdefghy"));
        Assert.Equal("[redacted]", redaction.Hide("abcdefgh"));
        Assert.Same(Redaction.None, Redaction.Of(["short", ""]));
        var plain = "nothing here";
        Assert.Same(plain, redaction.Hide(plain));
    }

    [Fact]
    public void A_key_of_many_lines_is_hidden_line_by_line_and_a_very_long_one_as_a_whole()
    {
        const string Key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n";
        var redaction = Redaction.Of([Key]);
        Assert.All(Key.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal(Redaction.Mask, redaction.Hide(line)));
        var huge = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{number:x} "));
        Assert.Equal("<[redacted]>", Redaction.Of([huge]).Hide($"<{huge}>"));
    }

    [Fact]
    public void What_was_cut_off_in_the_middle_of_a_value_does_not_show_the_half_that_is_left()
    {
        var redaction = Redaction.Of(["correct-horse-battery"]);
        Assert.Equal("it was [redacted]", redaction.HideCut("it was correct-horse-bat"));
        Assert.Equal("it was correct-horse-bat", redaction.Hide("it was correct-horse-bat"));
        Assert.Equal("[redacted]", redaction.HideCut("correct-horse-batterycorrect-ho"));
    }

    [Fact]
    public void A_line_without_end_shows_no_half_wherever_it_is_cut()
    {
        string[] values = ["correct-horse-battery", "batteryStaple", "ünïcödé-pässwörd", "aaaaaaa"];
        var redaction = Redaction.Of(values);
        Gen.Select(Gen.Int[0, 3], Gen.Int[-60, 60], Gen.Int[1, 70_000], Gen.Int[0, 3], Gen.Bool).Sample(
            (which, place, chunk, next, twice) =>
            {
                // The value begins or ends around the bound, alone or overlapping with another.
                var before = new string('.', LineSplitter.LineBytesMax + place - Encoding.UTF8.GetByteCount(values[which]) / 2);
                var line = before + values[which] + (twice ? values[next] : "") + "Staple" + new string('.', 500) + "\n";
                var splitter = new LineSplitter(new FakeTimeProvider(), () => redaction);
                var shown = new List<string>();
                var bytes = Encoding.UTF8.GetBytes(line);
                for (var at = 0; at < bytes.Length; at += chunk)
                {
                    shown.AddRange(splitter.Add(bytes.AsMemory(at, Math.Min(chunk, bytes.Length - at))).Select(piece => redaction.Hide(piece.Text)));
                }

                Assert.Equal(redaction.Hide(line.TrimEnd('\n')), string.Concat(shown).Replace(Redaction.Mask + Redaction.Mask, Redaction.Mask, StringComparison.Ordinal));
            },
            iter: 300);
    }

    [Fact]
    public void A_line_of_nothing_but_values_is_passed_on()
    {
        var redaction = Redaction.Of(["aaaaaaa"]);
        var splitter = new LineSplitter(new FakeTimeProvider(), () => redaction);
        var shown = splitter.Add(Encoding.UTF8.GetBytes(new string('a', 3 * LineSplitter.LineBytesMax) + "\n")).Select(line => redaction.Hide(line.Text)).ToList();
        Assert.All(shown, line => Assert.Equal(Redaction.Mask, line));
        Assert.InRange(shown.Count, 3, 4);
    }

    [Fact]
    public void After_a_flood_the_end_of_a_line_whose_beginning_was_dropped_is_not_shown()
    {
        var clock = new FakeTimeProvider();
        var splitter = new LineSplitter(clock);
        var flood = Encoding.UTF8.GetBytes(new string('x', 60_000) + "\n");
        while (!splitter.Flooded)
        {
            _ = splitter.Add(flood).Count();
        }

        _ = splitter.Add(Encoding.UTF8.GetBytes("the password is correct-horse-")).Count();
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["next"], splitter.Add(Encoding.UTF8.GetBytes("battery\nnext\n")).Where(line => !line.Dropped).Select(line => line.Text));
    }

    [Fact]
    public void What_is_logged_is_hidden_before_it_is_on_the_disk()
    {
        var folder = Directory.CreateTempSubdirectory("axle-log-").FullName;
        var log = new LogStore(folder) { Hidden = Redaction.Of([Secret]) };
        log.Append([new(default, "web-1", "out", $"using {Secret}"), new(default, "web-1", "axle", "nothing")]);
        log.Close();
        Assert.Equal(["using [redacted]", "nothing"], log.Last(_ => true, 9).Select(line => line.Text));
        Directory.Delete(folder, recursive: true);
    }
}
