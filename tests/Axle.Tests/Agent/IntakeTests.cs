using System.Text;
using Axle.Agent.Logs;
using Axle.Agent.Runs;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Agent;

public sealed class IntakeTests : IDisposable
{
    private static readonly Gen<string> s_line = Gen.Frequency(
        (6, Gen.String[Gen.Char['a', 'z'], 0, 80]),
        (1, Gen.String[Gen.Char['a', 'z'], 5_000, LineSplitter.LineBytesMax - 1]));

    // How much each read takes, and what an agent does with it before it ends.
    private static readonly Gen<(int Read, int Reached)> s_read = Gen.Select(Gen.OneOf(Gen.Int[1, 200], Gen.Int[1, 64 * 1024]), Gen.Frequency((5, Gen.Const(2)), (1, Gen.Const(1)), (1, Gen.Const(0))));

    private readonly string _folder = Directory.CreateTempSubdirectory("axle-intake-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_agent_that_ends_at_any_step_leaves_every_byte_to_its_successor()
    {
        var files = 0;
        Gen.Select(s_line.List[0, 60], s_read.List[1, 80]).Sample(
            given =>
            {
                var (lines, reads) = given;
                var path = Path.Combine(_folder, $"{Interlocked.Increment(ref files)}.taken");
                ReadOnlyMemory<byte> pipe = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
                List<string> log = [];
                var agent = new OneAgent(path, log);
                foreach (var (read, reached) in reads.Append((int.MaxValue, 2)).Append((int.MaxValue, 2)).Append((int.MaxValue, 2)))
                {
                    pipe = agent.Take(pipe, read, written: reached > 0 ? log : [], done: reached > 1);
                    if (reached < 2)
                    {
                        // What it wrote without saying so is written again: never less than once.
                        agent.Dispose();
                        agent = new OneAgent(path, reached > 0 ? [] : log);
                    }
                }

                while (pipe.Length > 0)
                {
                    pipe = agent.Take(pipe, int.MaxValue, log, done: true);
                }

                agent.Dispose();
                File.Delete(path);
                Assert.Equal(lines, log);
            },
            iter: 300);
    }

    [Fact]
    public void Without_a_place_for_the_file_it_is_memory()
    {
        using var intake = new Intake(Path.Combine(_folder, "not", "there"));
        Assert.Equal(0, intake.Left.Length);
        intake.Room.Span.Fill((byte)'x');
        intake.Done(intake.Room.Length, []);
    }

    [Fact]
    public void What_is_in_the_file_that_no_agent_wrote_stops_none()
    {
        var path = Path.Combine(_folder, "odd.taken");
        foreach (var length in (int[])[1, 12, 4096, 5000, 300_000])
        {
            var odd = new byte[length];
            odd.AsSpan().Fill(0xFF);
            File.WriteAllBytes(path, odd);
            using var intake = new Intake(path);
            intake.LeftDone([]);
            "new"u8.CopyTo(intake.Room.Span);
            using var next = new Intake(path);
            Assert.Equal("new", Encoding.UTF8.GetString(next.Left.Span));
        }
    }

    /// <summary>As the pump, with a pipe in memory.</summary>
    private sealed class OneAgent : IDisposable
    {
        private readonly LineSplitter _splitter = new(new FakeTimeProvider());
        private readonly Intake _intake;

        public OneAgent(string path, List<string> log)
        {
            _intake = new Intake(path);
            Write(_intake.Left, log);
            _intake.LeftDone(_splitter.Rest);
        }

        /// <returns>What is left in the pipe.</returns>
        public ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> pipe, int most, List<string> written, bool done)
        {
            var read = Math.Min(Math.Min(most, pipe.Length), _intake.Room.Length);
            pipe[..read].CopyTo(_intake.Room);
            if (read > 0)
            {
                Write(_intake.Room[..read], written);
                if (done)
                {
                    _intake.Done(read, _splitter.Rest);
                }
            }

            return pipe[read..];
        }

        public void Dispose() => _intake.Dispose();

        private void Write(ReadOnlyMemory<byte> data, List<string> log) => log.AddRange(_splitter.Add(data).Select(line => line.Text));
    }
}
