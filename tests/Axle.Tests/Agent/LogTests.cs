using System.Text;
using Axle.Agent.Logs;
using Axle.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Agent;

public sealed class LogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lines_are_put_together_from_pieces_and_long_ones_are_cut()
    {
        var splitter = new LineSplitter(new FakeTimeProvider());
        Assert.Equal(["one"], Add(splitter, "one\r\ntw"));
        Assert.Equal(["two", ""], Add(splitter, "o\n\n"));
        Assert.Equal([LineSplitter.LineBytesMax, 10], Add(splitter, new string('x', LineSplitter.LineBytesMax + 10) + "\n").Select(line => line.Length));
        Add(splitter, "rest");
        Assert.Equal(["rest"], splitter.End().Select(line => line.Text));
    }

    [Fact]
    public void A_flood_is_cut_down_and_the_log_says_so()
    {
        var clock = new FakeTimeProvider();
        var splitter = new LineSplitter(clock);
        var chunk = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("flood\n", 10_000)));
        var kept = 0;
        for (var second = 0; second < 60; second++)
        {
            for (var part = 0; part < 100; part++)
            {
                kept += splitter.Add(chunk).Count(line => !line.Dropped);
            }

            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(splitter.Flooded);
        Assert.InRange(kept, 100_000, 80 * LineSplitter.BytesPerSecondMax / 100);
        var remark = Assert.Single(splitter.End(), line => line.Dropped);
        Assert.Contains("lines", remark.Text, StringComparison.Ordinal);
        Assert.Contains("were left out here", remark.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follower_sees_history_and_live_lines_once_and_in_order_and_old_segments_go()
    {
        var log = new LogStore(_folder);
        var padding = new string('x', 4000);
        void Write(int from, int count) => log.Append(Enumerable.Range(from, count).Select(number => new LogLine(default, "web-1", "out", $"{number} {padding}")));
        Write(0, 100);
        var seen = new List<int>();
        var begun = new TaskCompletionSource();
        var following = Task.Run(
            async () =>
            {
                await foreach (var line in log.ReadAsync(_ => true, 10, follow: true, null, TestContext.Current.CancellationToken))
                {
                    seen.Add(int.Parse(line.Text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
                    begun.TrySetResult();
                }
            },
            TestContext.Current.CancellationToken);
        await begun.Task;
        for (var number = 100; number < 6000; number += 100)
        {
            Write(number, 100);
        }

        log.Close();
        await following;
        Assert.Equal(Enumerable.Range(90, 5910), seen);

        var more = new LogStore(_folder);
        for (var number = 6000; number < 20_000; number += 100)
        {
            more.Append(Enumerable.Range(number, 100).Select(index => new LogLine(default, "web-1", "out", $"{index} {padding}")));
        }

        Assert.Equal(5, Directory.GetFiles(_folder).Length);
        Assert.StartsWith("19999 ", more.Last(_ => true, 1).Single().Text, StringComparison.Ordinal);
    }

    private static List<string> Add(LineSplitter splitter, string text) => [.. splitter.Add(Encoding.UTF8.GetBytes(text)).Select(line => line.Text)];
}
