using System.Globalization;
using System.IO.Compression;
using Axle.Contracts;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Servers;

namespace Axle.Platform.Resources.Backups.MariaDb;

/// <summary>Runs MariaDB's own programs against our servers. A password is passed as a variable, never as an argument.</summary>
internal sealed class MariaPrograms(ProgramRunner runner)
{
    private const int LinesMax = 3;

    /// <summary>A dump or restore that takes longer has gone wrong.</summary>
    private static readonly TimeSpan s_timeMax = TimeSpan.FromHours(6);

    /// <summary>The first of these words comes after the dump's transaction began, and before anything of the database.</summary>
    private static ReadOnlySpan<byte> Mark => "DROP "u8;

    /// <summary>Writes a dump to a file, compressed.</summary>
    /// <param name="begun">Completed when the dump's own transaction has begun.</param>
    public Task<Error?> DumpAsync(int port, MariaLogin login, string database, string file, TaskCompletionSource begun, CancellationToken stop) => DumpAsync(
        port,
        login,
        database,
        async (written, end) =>
        {
            await using var output = new FileStream(file, FileMode.Create, FileAccess.Write);
            await using var compressed = new GZipStream(output, CompressionLevel.Fastest);
            var (buffer, kept) = (new byte[128 * 1024], 0);
            while (await written.ReadAsync(buffer.AsMemory(kept), end) is var read and > 0)
            {
                await compressed.WriteAsync(buffer.AsMemory(kept, read), end);
                if (begun.Task.IsCompleted)
                {
                    continue;
                }

                // The mark may be cut by the end of a piece.
                var seen = buffer.AsSpan(0, kept + read);
                if (seen.IndexOf(Mark) >= 0)
                {
                    begun.TrySetResult();
                    kept = 0;
                    continue;
                }

                kept = Math.Min(Mark.Length - 1, seen.Length);
                seen[^kept..].CopyTo(buffer);
            }

            begun.TrySetResult();
        },
        stop);

    /// <summary>Streams a dump to whoever takes it out.</summary>
    public Task<Error?> DumpAsync(int port, MariaLogin login, string database, Stream output, CancellationToken stop) =>
        DumpAsync(port, login, database, (written, end) => written.CopyToAsync(output, end), stop);

    /// <summary>Brings a dump in. The client obeys no commands of its own that may be in it: what people wrote is only ever SQL.</summary>
    public Task<Error?> LoadAsync(int port, MariaLogin login, string database, Stream dump, CancellationToken stop) => RunAsync(
        new ProgramCall("/usr/bin/mariadb", [.. Common(port, login), "--binary-mode", "--batch", "--max-allowed-packet=1G", database])
        {
            Variables = Variables(login),
            Input = (input, end) => MariaDump.CopyAsync(dump, input, database, end),
            TimeMax = s_timeMax,
        },
        stop);

    private Task<Error?> DumpAsync(int port, MariaLogin login, string database, Func<Stream, CancellationToken, Task> output, CancellationToken stop) => RunAsync(
        new ProgramCall(
            "/usr/bin/mariadb-dump",
            [
                .. Common(port, login), "--single-transaction", "--quick", "--skip-lock-tables", "--routines", "--triggers", "--events", "--hex-blob",
                "--no-tablespaces", "--skip-comments", "--max-allowed-packet=1G", database,
            ])
        {
            Variables = Variables(login),
            Output = output,
            TimeMax = s_timeMax,
        },
        stop);

    private async Task<Error?> RunAsync(ProgramCall call, CancellationToken stop)
    {
        var end = await runner.RunAsync(call, stop);
        return end.ExitCode == 0 ? null : new MariaFailed(Path.GetFileName(call.Program), string.Join("; ", end.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(LinesMax)).TrimEnd('.'));
    }

    private static string[] Common(int port, MariaLogin login) =>
    [
        "--no-defaults", "--protocol=tcp", $"--host={ServerWorkloads.Host}", string.Create(CultureInfo.InvariantCulture, $"--port={port}"), $"--user={login.User}", "--default-character-set=utf8mb4",
    ];

    private static Dictionary<string, string> Variables(MariaLogin login) => new(ProgramRunner.BasicVariables) { ["MYSQL_PWD"] = login.Password.Reveal() };
}

/// <summary>A program of MariaDB gave up.</summary>
internal sealed record MariaFailed(string Program, string Reason)
    : Error("resources.backup_program", $"{Program} failed: {Reason}.", null, 500);
