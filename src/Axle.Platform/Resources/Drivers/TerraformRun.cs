using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Processes;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// A module, its variables and its state, together in a folder in memory for as long as Terraform runs. The state that
/// Terraform leaves is always taken back, also when it failed or was killed: it says what exists.
/// </summary>
internal sealed class TerraformRun(string program, string folder, ProgramRunner programs, ISecrets secrets, PlatformOptions options)
{
    private const string StateFile = "terraform.tfstate";
    private const string VariablesFile = "zz-axle.auto.tfvars.json";

    /// <summary>Whatever backend the module names, its state is kept by Axle.</summary>
    private const string BackendFile = "axle_override.tf";
    private const string Backend = "terraform {\n  backend \"local\" {}\n}\n";
    private const int FilesMax = 1000;
    private const long BytesMax = 20 * 1024 * 1024;
    private const int OutputMax = 8 * 1024 * 1024;
    private const int ErrorCharactersMax = 2000;

    /// <summary>What Terraform left in the folder; null when there is none.</summary>
    public string? State => File.Exists(StatePath) && File.ReadAllText(StatePath) is { Length: > 0 } state ? state : null;

    private string StatePath => Path.Combine(folder, StateFile);

    /// <summary>Whether a run that outlived the process which started it still goes on: it holds a lock on its state.</summary>
    public bool IsBusy()
    {
        if (!File.Exists(StatePath))
        {
            return false;
        }

        try
        {
            using var state = new FileStream(StatePath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
#pragma warning disable CA1416 // Terraform is run on Linux only, where this is the kind of lock that it takes.
            state.Lock(0, long.MaxValue);
            state.Unlock(0, long.MaxValue);
#pragma warning restore CA1416
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Lays everything out. Nothing of an earlier run stays.</summary>
    public Error? Prepare(string module, JsonObject variables, string? state)
    {
        Clear();
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (CopyModule(module) is { } error)
        {
            return error;
        }

        File.WriteAllText(Path.Combine(folder, BackendFile), Backend);
        File.WriteAllText(Path.Combine(folder, VariablesFile), variables.ToJsonString());
        if (state is not null)
        {
            File.WriteAllText(StatePath, state);
        }

        return null;
    }

    public void Clear()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs a verb of Terraform; what it printed, or why it failed.</summary>
    public async Task<Result<string>> CallAsync(TimeSpan timeMax, CancellationToken stop, params string[] arguments)
    {
        ProgramEnd end;
        try
        {
            end = await programs.RunAsync(
                new ProgramCall(program, arguments) { Folder = folder, Variables = Variables(), OutputMax = OutputMax, TimeMax = timeMax },
                stop);
        }
        catch (TimeoutException)
        {
            return Failed($"'{arguments[0]}' took longer than {timeMax.TotalMinutes:0} minutes and was stopped");
        }

        if (end.Ok && !end.Truncated)
        {
            return end.Output;
        }

        return Failed(end.Ok ? $"'{arguments[0]}' printed more than {OutputMax} bytes" : $"'{arguments[0]}' failed: {Reason(arguments.Contains("-json") ? Diagnostics(end.Output) + end.Errors : end.Errors)}");
    }

    private Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(ProgramRunner.BasicVariables)
        {
            ["HOME"] = folder,
            ["TMPDIR"] = folder,
            ["TF_IN_AUTOMATION"] = "1",
            ["TF_INPUT"] = "0",
            ["CHECKPOINT_DISABLE"] = "1",

            // Providers are large and no secret: they stay on disk, and are loaded once.
            ["TF_PLUGIN_CACHE_DIR"] = options.Folder("provisioners", "terraform-plugins"),
            ["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1",
        };
        if (Path.Combine(options.Folder("provisioners"), "terraform.rc") is var settings && File.Exists(settings))
        {
            variables["TF_CLI_CONFIG_FILE"] = settings;
        }

        return variables;
    }

    private ProvisionerFailed? CopyModule(string module)
    {
        var (files, bytes) = (0, 0L);
        var waiting = new Stack<string>([module]);
        while (waiting.TryPop(out var from))
        {
            var to = Path.Combine(folder, Path.GetRelativePath(module, from));
            Directory.CreateDirectory(to);
            foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
            {
                if (entry.LinkTarget is not null)
                {
                    return Failed($"the module has a symbolic link ({SafePath.Shown(entry.Name)})");
                }

                // What Terraform makes, should somebody have run it there by hand.
                if (entry.Name is ".terraform" or ".git" || entry.Name.Contains(".tfstate", StringComparison.Ordinal))
                {
                    continue;
                }

                if (entry is DirectoryInfo)
                {
                    waiting.Push(entry.FullName);
                    continue;
                }

                files++;
                bytes += ((FileInfo)entry).Length;
                if (files > FilesMax || bytes > BytesMax)
                {
                    return Failed($"the module has more than {FilesMax} files or {BytesMax / 1024 / 1024} MB");
                }

                File.Copy(entry.FullName, Path.Combine(to, entry.Name));
            }
        }

        return files == 0 ? Failed("the module is an empty folder") : null;
    }

    // The last diagnostics of -json output, which names them itself.
    private static string Diagnostics(string output) => string.Join('\n', TerraformPlan.Lines(output)
        .Where(line => line.TryGetProperty("type", out var type) && type.ValueEquals("diagnostic") && line.TryGetProperty("@level", out var level) && level.ValueEquals("error"))
        .Select(line => line.GetProperty("@message").GetString())) + "\n";

    private string Reason(string errors)
    {
        var text = string.Join(' ', secrets.Redact(errors).Split('\n').Select(line => line.Trim(' ', '│', '╷', '╵', '\r')).Where(line => line.Length > 0));
        return text.Length == 0 ? "it said nothing on standard error" : text.Length <= ErrorCharactersMax ? text : text[..ErrorCharactersMax] + "…";
    }

    private ProvisionerFailed Failed(string what) => new(Path.GetFileName(program), $"{what}.", "Correct the module or its params; it is tried again by itself.");
}
