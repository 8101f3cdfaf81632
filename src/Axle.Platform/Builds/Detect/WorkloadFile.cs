using Axle.Contracts;
using Axle.Platform.Workloads;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Axle.Platform.Builds;

/// <summary>What a build has to know of a repository's score.yaml: which containers there are, what they run, and whether anything listens.</summary>
internal sealed record WorkloadFile(Score Score, IReadOnlyList<WorkloadFile.Container> Containers)
{
    public const string FileName = "score.yaml";

    /// <summary>A port that the ingress could send traffic to.</summary>
    public bool Listens => Score.Ports.Values.Any(p => p.Protocol == "TCP");

    /// <summary>The container that the process is about: the first one built from source, else the first.</summary>
    public Container Main => Containers.FirstOrDefault(c => c.IsSource) ?? Containers[0];

    /// <param name="Line">Where the image is written, for messages.</param>
    public sealed record Container(string Name, ScoreContainer Spec, int? Line, int? Column)
    {
        /// <summary>Stands for what the repository itself is built into.</summary>
        public bool IsSource => Spec.Image == ".";

        /// <summary>An image that holds nothing but a shell and small programs, as this machine has them itself.</summary>
        public bool IsShell => Repository(Spec.Image) is "busybox" or "alpine" or "debian" or "ubuntu" or "bash";

        /// <summary>Command and arguments as written; empty when the image's own are meant.</summary>
        public IReadOnlyList<string> Words => [.. Spec.Command ?? [], .. Spec.Args ?? []];
    }

    public static Result<WorkloadFile> Parse(string yaml)
    {
        if (!ScoreFile.Parse(yaml, FileName).TryGet(out var score, out var error))
        {
            return error;
        }

        return new WorkloadFile(score, [.. score.Containers.Select(c => Place(yaml, c.Key) is { } at ? new Container(c.Key, c.Value, (int)at.Line, (int)at.Column) : new Container(c.Key, c.Value, null, null))]);
    }

    private static string Repository(string image)
    {
        var name = image.Split('@')[0];
        var colon = name.LastIndexOf(':');
        name = colon > name.LastIndexOf('/') ? name[..colon] : name;
        foreach (var prefix in (string[])["docker.io/", "index.docker.io/", "library/"])
        {
            name = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
        }

        return name;
    }

    private static Mark? Place(string yaml, string container)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            var node = stream.Documents[0].RootNode;
            foreach (var key in (string[])["containers", container, "image"])
            {
                if (node is not YamlMappingNode map || !map.Children.TryGetValue(new YamlScalarNode(key), out var next))
                {
                    return null;
                }

                node = next;
            }

            return node.Start;
        }
        catch (YamlException)
        {
            // The file was read already, so at most its place is not known.
            return null;
        }
    }
}
