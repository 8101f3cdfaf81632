using Axle.Contracts;

namespace Axle.Platform.Builds;

/// <summary>Where a build works: one folder per build in the data folder, of which only the log outlives the build.</summary>
internal sealed class BuildPaths(PlatformOptions platform)
{
    /// <summary>The name of a build's folder and jobs: letters, digits and <c>-_.</c> as in entity names.</summary>
    public static string Name(EntityRef build) => build.Namespace == EntityRef.DefaultNamespace ? build.Name : $"{build.Namespace}.{build.Name}";

    /// <summary>Owner of a component's jobs and caches.</summary>
    public static string Owner(EntityRef component) => component.Namespace == EntityRef.DefaultNamespace ? component.Name : $"{component.Namespace}.{component.Name}";

    public string Log(EntityRef build) => Path.Combine(Folder(build), "build.log");

    public string Progress(EntityRef build) => Path.Combine(Folder(build), "progress.json");

    /// <summary>The exported tree; the folder that steps work in.</summary>
    public string Source(EntityRef build) => Path.Combine(Folder(build), "src");

    /// <summary>What a step publishes.</summary>
    public string Out(EntityRef build) => Path.Combine(Folder(build), "out");

    /// <summary>The steps' home folder.</summary>
    public string Home(EntityRef build) => Path.Combine(Folder(build), "home");

    /// <summary>Caches of one component, reached by its own jobs only.</summary>
    public string Cache(EntityRef component) => Path.Combine(platform.DataFolder, "cache", Owner(component));

    public string Folder(EntityRef build) => Path.Combine(platform.DataFolder, "builds", Name(build));

    public bool Exists(EntityRef build) => Directory.Exists(Folder(build));

    /// <summary>Removes everything but the log.</summary>
    public void Tidy(EntityRef build)
    {
        foreach (var folder in (string[])[Source(build), Source(build) + ".new", Out(build), Home(build), Home(build) + ".new"])
        {
            Remove(folder);
        }

        File.Delete(Progress(build));
    }

    public void Remove(EntityRef build) => Remove(Folder(build));

    /// <summary>Empties a component's cache when it grew too large; packages then come from the registry again.</summary>
    public void TrimCache(EntityRef component, long bytesMax)
    {
        var cache = new DirectoryInfo(Cache(component));
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        if (cache.Exists && cache.EnumerateFiles("*", options).Sum(f => f.Length) > bytesMax)
        {
            Remove(cache.FullName);
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
