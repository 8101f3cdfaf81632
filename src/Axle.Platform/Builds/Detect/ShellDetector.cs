namespace Axle.Platform.Builds;

/// <summary>A start.sh at the top, run by the shell that its first line names.</summary>
internal static class ShellDetector
{
    public const string File = "start.sh";

    public static async Task<Application?> DetectAsync(SourceTree tree, Machine machine, CancellationToken stop)
    {
        if (await tree.ReadAsync(File, stop) is not { } text)
        {
            return null;
        }

        var first = text.Split('\n', 2)[0];
        var shell = first.StartsWith("#!", StringComparison.Ordinal) && first.Contains("bash", StringComparison.Ordinal) && machine.Has("bash") ? "/bin/bash" : "/bin/sh";
        return new Application { Builder = "shell", Title = "Shell script start.sh", Start = [shell, File], StartWords = $"{shell} {File}" };
    }
}
