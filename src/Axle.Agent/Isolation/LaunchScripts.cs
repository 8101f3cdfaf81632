using System.Security.Cryptography;

namespace Axle.Agent.Isolation;

/// <summary>
/// Puts the fixed scripts of a launch into the data folder, under a name made of their content: a newer agent must not change a
/// script under a shell that is still reading it.
/// </summary>
internal sealed class LaunchScripts
{
    private LaunchScripts(string folder) => Folder = folder;

    public string Folder { get; }

    public string Shim => Path.Combine(Folder, "shim.sh");

    public string Join => Path.Combine(Folder, "join.sh");

    public string Mounts => Path.Combine(Folder, "mounts.sh");

    public string Enter => Path.Combine(Folder, "enter.sh");

    public static LaunchScripts PlaceIn(string folder)
    {
        string[] names = ["shim.sh", "join.sh", "mounts.sh", "enter.sh"];
        var contents = names.ToDictionary(name => name, Read);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in names)
        {
            hash.AppendData(contents[name]);
        }

        var scripts = new LaunchScripts(Path.Combine(folder, Convert.ToHexStringLower(hash.GetHashAndReset())[..12]));
        Directory.CreateDirectory(scripts.Folder);
        foreach (var name in names)
        {
            var path = Path.Combine(scripts.Folder, name);
            if (!File.Exists(path) || new FileInfo(path).Length != contents[name].Length)
            {
                File.WriteAllBytes(path, contents[name]);
            }
        }

        return scripts;
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(LaunchScripts).Assembly.GetManifestResourceStream($"Axle.Agent.Isolation.Scripts.{name}")
            ?? throw new InvalidOperationException($"The script {name} is not part of this build.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
