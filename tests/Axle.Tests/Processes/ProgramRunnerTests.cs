using System.Diagnostics;
using System.Globalization;
using Axle.Platform.Processes;

namespace Axle.Tests.Processes;

public sealed class ProgramRunnerTests
{
    private readonly ProgramRunner _programs = new(TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Arguments_reach_the_program_as_they_are()
    {
        var end = await _programs.RunAsync(new ProgramCall("printf", ["%s|", "a b", "$(id)", ";", "'\""]), Stop);
        Assert.Equal("a b|$(id)|;|'\"|", end.Output);
    }

    [Fact]
    public async Task A_program_sees_only_the_variables_it_is_given()
    {
        var end = await _programs.RunAsync(new ProgramCall("env", []) { Variables = new Dictionary<string, string> { ["ONE"] = "1" } }, Stop);
        Assert.Equal("ONE=1\n", end.Output);
    }

    [Fact]
    public async Task Input_streams_in_and_output_streams_out()
    {
        long count = 0;
        var end = await _programs.RunAsync(
            new ProgramCall("cat", [])
            {
                Input = async (input, stop) =>
                {
                    for (var i = 0; i < 64; i++)
                    {
                        await input.WriteAsync(new byte[64 * 1024], stop);
                    }
                },
                Output = async (output, stop) =>
                {
                    var buffer = new byte[8192];
                    int read;
                    while ((read = await output.ReadAsync(buffer, stop)) > 0)
                    {
                        count += read;
                    }
                },
            },
            Stop);
        Assert.True(end.Ok);
        Assert.Equal(4 * 1024 * 1024, count);
    }

    [Fact]
    public async Task What_is_captured_is_bounded_and_the_rest_blocks_nobody()
    {
        var end = await _programs.RunAsync(new ProgramCall("head", ["-c", "1000000", "/dev/zero"]) { OutputMax = 1000 }, Stop);
        Assert.True(end.Ok);
        Assert.True(end.Truncated);
        Assert.Equal(1000, end.Output.Length);
    }

    [Fact]
    public async Task A_program_that_ends_early_does_not_mind_the_input_it_left()
    {
        var end = await _programs.RunAsync(new ProgramCall("true", []) { Input = async (input, stop) => await input.WriteAsync(new byte[10_000_000], stop) }, Stop);
        Assert.Equal(0, end.ExitCode);
    }

    [Fact]
    public async Task A_program_that_ends_is_not_held_up_by_a_source_that_still_waits()
    {
        var end = await _programs.RunAsync(new ProgramCall("true", []) { Input = (_, stop) => Task.Delay(Timeout.InfiniteTimeSpan, stop) }, Stop);
        Assert.True(end.Ok);
    }

    [Fact]
    public async Task Time_up_and_cancelling_kill_the_program_and_its_children()
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var child = new TaskCompletionSource<int>();
        var call = new ProgramCall("sh", ["-c", "sleep 600 & echo $!; wait"])
        {
            Output = async (output, stop) =>
            {
                using var lines = new StreamReader(output);
                child.SetResult(int.Parse((await lines.ReadLineAsync(stop))!, CultureInfo.InvariantCulture));
                await lines.ReadToEndAsync(stop);
            },
        };

        var running = _programs.RunAsync(call, cancelled.Token);
        var pid = await child.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await GoneAsync(pid);
        await Assert.ThrowsAsync<TimeoutException>(() => _programs.RunAsync(new ProgramCall("sleep", ["600"]) { TimeMax = TimeSpan.FromMilliseconds(50) }, Stop));
    }

    [Fact]
    public async Task A_reader_that_fails_kills_the_program()
    {
        var call = new ProgramCall("yes", []) { Output = (_, _) => throw new InvalidDataException("No more.") };
        await Assert.ThrowsAsync<InvalidDataException>(() => _programs.RunAsync(call, Stop).WaitAsync(TimeSpan.FromSeconds(10), Stop));
    }

    [Fact]
    public async Task A_source_that_fails_kills_the_program()
    {
        var call = new ProgramCall("cat", []) { Input = (_, _) => Task.FromException(new ProgramInputException("Too much.")) };
        await Assert.ThrowsAsync<ProgramInputException>(() => _programs.RunAsync(call, Stop));
    }

    [Fact]
    public async Task A_missing_program_is_named()
    {
        var e = await Assert.ThrowsAsync<ProgramMissingException>(() => _programs.RunAsync(new ProgramCall("axle-no-such-program", []), Stop));
        Assert.Contains("axle-no-such-program", e.Message, StringComparison.Ordinal);
    }

    private static async Task GoneAsync(int pid)
    {
        var clock = Stopwatch.StartNew();
        while (File.Exists($"/proc/{pid}/stat") && !(await File.ReadAllTextAsync($"/proc/{pid}/stat", Stop)).Contains(") Z", StringComparison.Ordinal))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"Process {pid} is still there.");
            await Task.Delay(10, Stop);
        }
    }
}
