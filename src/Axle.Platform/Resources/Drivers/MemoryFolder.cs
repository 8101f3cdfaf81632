using System.Security.Cryptography;
using System.Text;

namespace Axle.Platform.Resources.Drivers;

/// <summary>A folder in memory that only the platform's user can read, for what must not reach a disk in clear. Gone when the machine restarts.</summary>
internal static class MemoryFolder
{
    private const string Memory = "/dev/shm";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The same folder for the same platform and name; null when this machine has no memory to offer.</summary>
    /// <exception cref="IOException">Somebody else has made a folder of this name.</exception>
    public static string? Of(PlatformOptions options, string name)
    {
        if (!Directory.Exists(Memory))
        {
            return null;
        }

        // Two platforms on one machine do not meet.
        var own = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(options.DataFolder)))[..16];
        return Path.Combine(Own(Path.Combine(Memory, $"axle-{own}")), name);
    }

    private static string Own(string folder)
    {
        Directory.CreateDirectory(folder, Private);
        if (new DirectoryInfo(folder).LinkTarget is not null)
        {
            throw new IOException($"{folder} is a link that Axle did not make. Take it away.");
        }

        try
        {
            // Only its owner may do this: a folder that another user put there is found out.
            File.SetUnixFileMode(folder, Private);
            return folder;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{folder} belongs to another user. Take it away.", e);
        }
    }
}
