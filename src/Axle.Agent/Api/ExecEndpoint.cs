using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Axle.Agent.Machine;
using Axle.Agent.Runs;
using Axle.Agent.Workloads;
using Axle.Engines;
using Axle.Engines.Process;
using Microsoft.AspNetCore.Http.Features;

namespace Axle.Agent.Api;

/// <summary>
/// Runs a command inside an instance. The connection is upgraded to JSON lines both ways: first the <see cref="ExecSpec"/>, then input;
/// back comes output, the exit code last. The command ends with the connection.
/// </summary>
internal static class ExecEndpoint
{
    private const int SpecBytesMax = 256 * 1024;

    public static async Task RunAsync(HttpContext context, WorkloadSet workloads, Runner runner)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        context.Response.Headers.Upgrade = "axle-exec";
        await using var both = await upgrade.UpgradeAsync();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using var reader = new StreamReader(both, Encoding.UTF8, leaveOpen: true);
        using var writing = new SemaphoreSlim(1, 1);
        try
        {
            // 1. What, and where?
            var line = await reader.ReadLineAsync(ended.Token);
            if (line is null || line.Length > SpecBytesMax || JsonSerializer.Deserialize(line, AgentJson.Default.ExecSpec) is not { Command.Count: > 0 } spec)
            {
                await WriteAsync(new AgentRefusal("The command is missing."), AgentJson.Default.AgentRefusal);
                return;
            }

            var workload = workloads.Find(spec.WorkloadId);
            if (workload?.RunFor(spec.Instance, spec.Container) is not { } run || Entering.Arguments(run, spec.Command, runner.Scripts) is not { } arguments)
            {
                var why = workload?.WhyNoRun(spec.Instance, spec.Container) ?? $"{spec.WorkloadId} is not deployed here.";
                await WriteAsync(new AgentRefusal(why), AgentJson.Default.AgentRefusal);
                return;
            }

            // 2. Input, output and errors flow at the same time.
            using var process = Commands.Start(arguments, redirect: true);
            try
            {
                var feeding = FeedAsync(process);
                await Task.WhenAll(PassAsync(process.StandardOutput.BaseStream, "out"), PassAsync(process.StandardError.BaseStream, "err"));
                await process.WaitForExitAsync(ended.Token);
                await WriteAsync(new ExecOutput(null, null, process.ExitCode), AgentJson.Default.ExecOutput);
                await ended.CancelAsync();
                await feeding;
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or JsonException)
        {
            // The caller left; the command was killed.
        }

        async Task FeedAsync(Process process)
        {
            try
            {
                while (await reader.ReadLineAsync(ended.Token) is { } line && JsonSerializer.Deserialize(line, AgentJson.Default.ExecInput) is { Data: { } data })
                {
                    await process.StandardInput.BaseStream.WriteAsync(Convert.FromBase64String(data), ended.Token);
                    await process.StandardInput.BaseStream.FlushAsync(ended.Token);
                }

                process.StandardInput.Close();

                // Nothing more is expected; the end of the connection means that the caller has left.
                if (await reader.ReadLineAsync(ended.Token) is null)
                {
                    await ended.CancelAsync();
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or JsonException or FormatException or ObjectDisposedException or InvalidOperationException)
            {
                // The command has closed its input, or has ended.
            }
        }

        async Task PassAsync(Stream from, string stream)
        {
            var buffer = new byte[16 * 1024];
            while (await from.ReadAsync(buffer, ended.Token) is var read and > 0)
            {
                await WriteAsync(new ExecOutput(stream, Convert.ToBase64String(buffer, 0, read)), AgentJson.Default.ExecOutput);
            }
        }

        async Task WriteAsync<T>(T value, JsonTypeInfo<T> type)
        {
            await writing.WaitAsync(ended.Token);
            try
            {
                await both.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type), ended.Token);
                await both.WriteAsync("\n"u8.ToArray(), ended.Token);
                await both.FlushAsync(ended.Token);
            }
            finally
            {
                writing.Release();
            }
        }
    }
}
