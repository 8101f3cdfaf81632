using Axle.Platform.Secrets;

namespace Axle.Platform;

/// <summary>What every capability may need to know of the running platform. Set by the host at start.</summary>
public sealed class PlatformOptions
{
    /// <summary>Everything Axle keeps; absolute.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Base of the API and portal as users reach it, without a slash at the end.</summary>
    public required string PublicUrl { get; set; }

    /// <summary>Port of the ingress on this machine.</summary>
    public required int IngressPort { get; set; }

    /// <summary>The master key, where a variable gives it instead of a file.</summary>
    public SecretValue? MasterKey { get; init; }

    /// <summary>A folder below the data folder, made when missing.</summary>
    public string Folder(params ReadOnlySpan<string> parts)
    {
        var path = Path.Combine([DataFolder, .. parts]);
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Where a component answers in an environment.</summary>
    public string ServiceUrl(string component, string environment) => $"http://{ServiceHost(component, environment)}:{IngressPort}";

    /// <summary>The host name of a component in an environment.</summary>
    public static string ServiceHost(string component, string environment) => $"{component}.{environment}.localhost";
}
