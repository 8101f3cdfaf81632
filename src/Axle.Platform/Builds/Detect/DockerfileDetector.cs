namespace Axle.Platform.Builds;

/// <summary>A Dockerfile is noticed, so that its absence from the build can be explained; no engine here can use it.</summary>
internal static class DockerfileDetector
{
    public static string? Find(SourceTree tree) =>
        tree.First("Dockerfile", "Containerfile", "dockerfile") ?? tree.Top.FirstOrDefault(f => f.EndsWith(".Dockerfile", StringComparison.Ordinal));
}
