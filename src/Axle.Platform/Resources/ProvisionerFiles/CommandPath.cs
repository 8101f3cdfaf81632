using Axle.Contracts;

namespace Axle.Platform.Resources.ProvisionerFiles;

/// <summary>Which program a <c>cmd://</c> uri means.</summary>
internal static class CommandPath
{
    private const string Scheme = "cmd://";

    /// <summary>The program's path below the folder of allowed programs; what follows a <c>#</c> only tells provisioners apart.</summary>
    public static Result<string> Of(string uri)
    {
        var path = uri.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? uri[Scheme.Length..].Split('#')[0] : "";
        path = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        return path.Length == 0 || path.StartsWith('/') || path.StartsWith('~') || path.AsSpan().ContainsAny('?', '@', ':') || path.Split('/').Contains("..")
            ? new Error("resources.command_path", $"'{Workloads.Field.Shorten(uri)}' names no allowed program: programs are named below the folder 'provisioners/bin' of Axle's data, as cmd://make-bucket or cmd://./storage/make-bucket.sh", "Place the program there and name it so.", 422)
            : path;
    }
}

/// <summary>What a command is asked to do.</summary>
internal static class CommandActions
{
    /// <summary>Make it, or bring it to what is asked. All that Score knows.</summary>
    public const string Ensure = "ensure";

    /// <summary>Take it away for good. Asked only of commands that say they know it.</summary>
    public const string Destroy = "destroy";

    /// <summary>Make it unusable and keep its data. Likewise.</summary>
    public const string Suspend = "suspend";

    public static string[] All { get; } = [Ensure, Destroy, Suspend];
}
