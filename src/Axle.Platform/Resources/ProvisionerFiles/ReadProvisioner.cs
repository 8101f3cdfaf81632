using Axle.Contracts;
using Axle.Platform.Resources.GoTemplates;

namespace Axle.Platform.Resources.ProvisionerFiles;

/// <summary>One entry of a provisioner file.</summary>
/// <param name="Name">What its entity is called; the same for the same uri, type, class and id.</param>
/// <param name="Line">Where it begins in the file.</param>
internal sealed record ReadProvisioner(string Name, ProvisionerSpec Spec, Runnable Runnable, int Line);

/// <summary>Whether a provisioner can make something here. One that cannot is read all the same, so that a person sees why.</summary>
/// <param name="Needs">What it makes its resources of, beyond what Axle has.</param>
/// <param name="Why">Null when it runs.</param>
internal sealed record Runnable(Needs Needs, string? Why)
{
    private const string Advice = "Use a built-in provisioner of the type, a command, a Terraform module or an existing server.";

    public bool Runs => Why is null;

    public static Runnable Of(ProvisionerSpec spec)
    {
        if (spec.Uri.StartsWith("local-env://", StringComparison.Ordinal))
        {
            return new Runnable(Needs.Shell, "It reads the variables of the shell that score-compose is called from, and a platform has no such shell. Axle answers type 'environment' itself.");
        }

        if (!spec.Uri.StartsWith("template://", StringComparison.Ordinal))
        {
            return new Runnable(Needs.Nothing, null);
        }

        var parts = TemplateParts.Of(spec.Config);
        return TemplateParts.OfContainers.FirstOrDefault(parts.ContainsKey) is { } part ? new Runnable(Needs.Containers, $"It makes containers ('{part}' of Docker Compose), and this engine runs processes. {Advice}")
            : parts.ContainsKey(TemplateParts.Manifests) ? new Runnable(Needs.Kubernetes, $"It makes Kubernetes objects ('{TemplateParts.Manifests}'), and this engine runs processes. {Advice}")
            : parts.Any(p => GoTemplate.Parse(p.Key, p.Value) is { Ok: true, Value: { } template } && template.Calls.Contains(CodingFunctions.SecretReference)) ? new Runnable(Needs.Kubernetes, $"Its outputs refer to Kubernetes secrets ({CodingFunctions.SecretReference}), and this engine runs processes. Give the value itself as an output and list it under secret_outputs.")
            : new Runnable(Needs.Nothing, null);
    }
}

/// <summary>What a provisioner cannot do without.</summary>
internal enum Needs
{
    Nothing,

    /// <summary>Services, volumes, networks or models of Docker Compose.</summary>
    Containers,

    /// <summary>Manifests, or Kubernetes secrets that outputs refer to.</summary>
    Kubernetes,

    /// <summary>The variables of the shell that score-compose is called from.</summary>
    Shell,
}

/// <summary>A provisioner file with mistakes; every one of them.</summary>
internal sealed record ProvisionerFileWrong : Error
{
    public ProvisionerFileWrong(string file, IReadOnlyList<Problem> problems)
        : base("resources.provisioner_file_wrong", $"{file} is no provisioner file that can be used: {problems[0]}{(problems.Count > 1 ? $" (and {problems.Count - 1} more)" : "")}.", "Correct it and register it again; docs/provisioners.md has one of each kind.", 422) =>
        Problems = problems;
}
