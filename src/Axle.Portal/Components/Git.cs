namespace Axle.Portal.Components;

/// <summary>How commits are shown.</summary>
internal static class Git
{
    private const int ShortLength = 8;

    public static string Short(string commit) => commit.Length > ShortLength ? commit[..ShortLength] : commit;
}
