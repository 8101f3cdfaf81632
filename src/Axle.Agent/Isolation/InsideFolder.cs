using Axle.Agent.Machine;
using Axle.Engines;

namespace Axle.Agent.Isolation;

/// <summary>Prepares what a process sees as <c>/run/axle</c>: its variables, made-up accounts, and files to place.</summary>
internal static class InsideFolder
{
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <param name="memory">The run's, as <see cref="RunMemory"/> gives it.</param>
    public static string Of(string memory) => Path.Combine(memory, "inside");

    /// <summary>The name of a placed file in the folder.</summary>
    public static string FileOf(int index) => $"file{index}";

    /// <exception cref="FormatException">A variable, mode or content cannot be used.</exception>
    public static void Prepare(string folder, int? user, IReadOnlyDictionary<string, string> variables, IReadOnlyList<FileSpec> files, LaunchScripts scripts)
    {
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        File.Copy(scripts.Enter, Path.Combine(folder, "enter.sh"), overwrite: true);
        File.SetUnixFileMode(Path.Combine(folder, "enter.sh"), (UnixFileMode)0b100_100_100);
        Write("variables", System.Text.Encoding.UTF8.GetBytes(LaunchPlan.Variables(variables)), (UnixFileMode)0b100_000_000, user);

        // Programs look up who they are, and some (PostgreSQL) do not go on without a name.
        var id = user ?? Native.User;
        var own = id == 0 ? "" : $"app:x:{id}:{id}:app:/tmp:/bin/sh\n";
        var group = id == 0 ? "" : $"app:x:{id}:\n";
        Write("passwd", System.Text.Encoding.UTF8.GetBytes($"root:x:0:0:root:/tmp:/bin/sh\n{own}nobody:x:65534:65534:nobody:/tmp:/bin/sh\n"), (UnixFileMode)0b100_100_100, null);
        Write("group", System.Text.Encoding.UTF8.GetBytes($"root:x:0:\n{group}nogroup:x:65534:\n"), (UnixFileMode)0b100_100_100, null);
        for (var index = 0; index < files.Count; index++)
        {
            Write(FileOf(index), Convert.FromBase64String(files[index].Content), ModeOf(files[index].Mode), user);
        }

        void Write(string name, byte[] content, UnixFileMode mode, int? owner)
        {
            var path = Path.Combine(folder, name);
            File.Delete(path);
            using (var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                stream.Write(content);
            }

            File.SetUnixFileMode(path, mode);
            if (owner is { } number)
            {
                Native.Chown(path, number);
            }
        }
    }

    /// <summary>Reads an octal mode; only permissions count.</summary>
    internal static UnixFileMode ModeOf(string mode)
    {
        if (mode.Length is 0 or > 5 || mode.Any(digit => digit is < '0' or > '7'))
        {
            throw new FormatException($"'{mode}' is not a file mode: use octal digits as in 0644.");
        }

        return (UnixFileMode)(Convert.ToInt32(mode, 8) & 0x1FF);
    }
}
