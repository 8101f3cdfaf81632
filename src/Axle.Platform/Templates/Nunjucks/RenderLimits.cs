namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// How much one rendering may cost. Templates come from people who are not trusted with the platform's memory or time, so
/// every dimension has a bound, and reaching one is an error with the place in it, never a slow page or a crash.
/// </summary>
internal sealed record RenderLimits
{
    public static RenderLimits Default { get; } = new();

    /// <summary>Characters (UTF-16 units) of the template itself.</summary>
    public int SourceMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Nodes of the parsed template.</summary>
    public int NodesMax { get; init; } = 1_000_000;

    /// <summary>Steps: every evaluated node and every visited element of a list or record.</summary>
    public int WorkMax { get; init; } = 1_000_000;

    /// <summary>How deep expressions, blocks and macro calls may nest.</summary>
    public int DepthMax { get; init; } = 512;

    /// <summary>Characters written, captured blocks included.</summary>
    public int OutputMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Characters of one text made on the way.</summary>
    public int TextMax { get; init; } = 32 * 1024 * 1024;

    /// <summary>Characters read and made by all operations on texts together.</summary>
    public long TextTotalMax { get; init; } = 256 * 1024 * 1024;

    /// <summary>Elements of one list or record.</summary>
    public int ElementsMax { get; init; } = 100_000;

    /// <summary>How deep lists and records may contain each other.</summary>
    public int NestingMax { get; init; } = 256;

    /// <summary>Calls of filters and globals that the platform adds to the language.</summary>
    public int CapabilityCallsMax { get; init; } = 4096;

    /// <summary>Time spent in regular expressions.</summary>
    public TimeSpan PatternTimeMax { get; init; } = TimeSpan.FromSeconds(1);
}
