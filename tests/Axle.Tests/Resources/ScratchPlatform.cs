using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.ProvisionerFiles;

namespace Axle.Tests.Resources;

/// <summary>A data folder, secrets and claims for tests of drivers.</summary>
internal sealed class ScratchPlatform : IDisposable, IWorkloadServices
{
    public static readonly EntityRef Staging = new("Environment", "default", "staging");

    private readonly string _folder = Directory.CreateTempSubdirectory("axle-resources-").FullName;

    public ScratchPlatform()
    {
        Options = new PlatformOptions { DataFolder = _folder, PublicUrl = "http://localhost", IngressPort = 8080 };
        Keeper = new ScoreKeeper(Secrets, Options);
    }

    public FakeSecrets Secrets { get; } = new();

    public PlatformOptions Options { get; }

    public ScoreKeeper Keeper { get; }

    public Dictionary<string, WorkloadService> Services { get; } = [];

    public static ProgramRunner Programs { get; } = new(TimeProvider.System);

    public TemplateDriver Templates() => new(Keeper, this);

    public CommandDriver Commands() => new(Keeper, Programs, Secrets, this, Options);

    public TerraformDriver Terraform() => new(Programs, Secrets, Options);

    public ExternalDriver External() => new(Secrets);

    public Task<IReadOnlyDictionary<string, WorkloadService>> InAsync(EntityRef environment, CancellationToken stop) =>
        Task.FromResult<IReadOnlyDictionary<string, WorkloadService>>(Services);

    /// <summary>The first provisioner of a file.</summary>
    public static ProvisionerSpec Provisioner(string yaml) => ProvisionerFile.Read(yaml, "test.provisioners.yaml") switch
    {
        { Ok: true, Value: var all } => all[0].Spec,
        var wrong => throw new InvalidOperationException(string.Join("\n", wrong.Error!.Problems)),
    };

    public static Claim Claim(ProvisionerSpec provisioner, string id = "orders.db", string @params = "{}", ResourceClaimStatus? status = null)
    {
        var name = $"{provisioner.Type}-{id.Replace('.', '-')}";
        var raw = new Entity { ApiVersion = "axle.dev/v1", Kind = "ResourceClaim", Metadata = new Metadata { Name = name, Uid = $"uid-{name}", Annotations = new Dictionary<string, string> { ["team/tier"] = "gold" } } };
        var spec = new ResourceClaimSpec
        {
            Uid = $"{provisioner.Type}.default#{id}",
            Type = provisioner.Type,
            Environment = Staging,
            Params = JsonElement.Parse(@params),
            Consumers = [new EntityRef("Component", "default", "orders")],
        };
        return new Claim(new Entity<ResourceClaimSpec, ResourceClaimStatus>(raw, spec, status ?? new ResourceClaimStatus()), provisioner);
    }

    /// <summary>The claim as it is once something was made.</summary>
    public static Claim After(Claim claim, Provisioned made, string? @params = null) => claim with
    {
        Entity = claim.Entity with
        {
            Spec = @params is null ? claim.Spec : claim.Spec with { Params = JsonElement.Parse(@params) },
            Status = claim.Status with { Outputs = made.Outputs, SecretOutputs = [.. made.SecretOutputs.Keys], State = made.State, Params = claim.Spec.Params, ReadyAt = DateTimeOffset.UnixEpoch },
        },
    };

    /// <summary>Writes a file below the data folder; a script that begins with <c>#!</c> may be run.</summary>
    public void Write(string path, string content)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        if (content.StartsWith("#!", StringComparison.Ordinal))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Every file of the data folder that has a text in it.</summary>
    public IReadOnlyList<string> FilesWith(string text) => [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(file => File.ReadAllText(file).Contains(text, StringComparison.Ordinal))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
