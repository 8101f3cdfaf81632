using System.Xml.Linq;

namespace Axle.Platform.Builds;

/// <summary>The variables and home folder of a build's steps: made from nothing, so that nothing of the platform's own is in them.</summary>
internal static class BuildEnvironment
{
    /// <param name="home">A folder of this build alone.</param>
    /// <param name="cache">The component's cache.</param>
    public static IReadOnlyDictionary<string, string> Variables(BuildSettings settings, string home, string cache)
    {
        var variables = new Dictionary<string, string>(settings.Variables)
        {
            ["PATH"] = MachineProbe.Path,
            ["HOME"] = home,
            ["CI"] = "true",
            ["LANG"] = "C.UTF-8",
            ["NO_COLOR"] = "1",
            ["TERM"] = "dumb",
            ["NPM_CONFIG_CACHE"] = $"{cache}/npm",
            ["NPM_CONFIG_UPDATE_NOTIFIER"] = "false",
            ["NPM_CONFIG_FUND"] = "false",
            ["NPM_CONFIG_AUDIT"] = "false",
            ["COREPACK_HOME"] = $"{cache}/corepack",
            ["COREPACK_ENABLE_DOWNLOAD_PROMPT"] = "0",
            ["YARN_CACHE_FOLDER"] = $"{cache}/yarn",
            ["YARN_ENABLE_TELEMETRY"] = "0",
            ["NEXT_TELEMETRY_DISABLED"] = "1",
            ["ASTRO_TELEMETRY_DISABLED"] = "1",
            ["NUGET_PACKAGES"] = $"{cache}/nuget",
            ["DOTNET_CLI_HOME"] = home,
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
            ["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1",
            ["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false",
            ["DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["PIP_CACHE_DIR"] = $"{cache}/pip",
            ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1",
            ["PIP_ROOT_USER_ACTION"] = "ignore",
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        };
        return variables;
    }

    /// <summary>Writes the files that tools look for in their home folder.</summary>
    public static void PrepareHome(BuildSettings settings, string home)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, ".nuget", "NuGet")).FullName;
        if (settings.Feeds.Count > 0)
        {
            new XElement(
                "configuration",
                new XElement("packageSources", new XElement("clear"), settings.Feeds.Select((feed, i) => new XElement("add", new XAttribute("key", $"machine-{i + 1}"), new XAttribute("value", feed)))))
                .Save(Path.Combine(folder, "NuGet.Config"));
        }
    }
}
