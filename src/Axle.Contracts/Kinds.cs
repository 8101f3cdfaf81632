namespace Axle.Contracts;

/// <summary>The kinds that the golden path uses, spelled once.</summary>
public static class Kinds
{
    public const string Component = "Component";
    public const string Group = "Group";
    public const string User = "User";
    public const string Template = "Template";
    public const string Location = "Location";
    public const string Environment = "Environment";
    public const string Build = "Build";
    public const string Release = "Release";
    public const string Deployment = "Deployment";
    public const string Resource = "Resource";
    public const string ResourceClaim = "ResourceClaim";
    public const string Provisioner = "Provisioner";
    public const string Secret = "Secret";
    public const string Backup = "Backup";
    public const string BaseBackup = "BaseBackup";
    public const string Restore = "Restore";
    public const string Task = "Task";

    /// <summary>The apiVersion of Backstage's own kinds.</summary>
    public const string BackstageApi = "backstage.io/v1alpha1";

    /// <summary>The apiVersion of Backstage's software templates.</summary>
    public const string ScaffolderApi = "scaffolder.backstage.io/v1beta3";

    /// <summary>The apiVersion of Axle's kinds.</summary>
    public const string AxleApi = "axle.dev/v1";
}

/// <summary>Annotations that Axle reads or writes.</summary>
public static class Annotations
{
    /// <summary>Backstage's: <c>url:…</c> of the source.</summary>
    public const string SourceLocation = "backstage.io/source-location";

    /// <summary>Name of the repository hosted or mirrored by Axle that a component is built from.</summary>
    public const string Repository = "axle.dev/repository";

    /// <summary>The file of a repository here that describes an entity, and the commit up to which it was taken: <c>NAME/PATH@COMMIT</c>.</summary>
    public const string DescribedAt = "axle.dev/described-at";

    /// <summary>Why the newest commit of that file is not taken, with its place; on the component of the repository.</summary>
    public const string DescriptorProblem = "axle.dev/descriptor-problem";

    /// <summary>The claim that a provisioned <c>Resource</c> is shown for.</summary>
    public const string ResourceClaim = "axle.dev/resource-claim";

    /// <summary>The template a component was made from.</summary>
    public const string SourceTemplate = "backstage.io/source-template";
}
