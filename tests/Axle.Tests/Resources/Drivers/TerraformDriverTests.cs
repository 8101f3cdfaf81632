using System.Text.Json;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Drivers;

namespace Axle.Tests.Resources.Drivers;

/// <summary>With modules of the provider that is built into Terraform, so that nothing is loaded from anywhere.</summary>
[Trait("Speed", "Slow")]
public sealed class TerraformDriverTests : IDisposable
{
    private const string Bucket = """
        - uri: terraform://bucket
          type: s3
          variables: { region: eu-1 }
          secret_variables: { token: CLOUD_TOKEN }
        """;

    private const string Module = """
        variable "size" { default = "small" }
        variable "region" { type = string }
        variable "token" {
          type      = string
          sensitive = true
        }
        variable "environment" { type = string }
        variable "uid" { type = string }
        resource "terraform_data" "bucket" {
          input            = { size = var.size, token = var.token }
          triggers_replace = var.region
        }
        output "bucket" { value = "${var.environment}-${var.region}-${var.size}" }
        output "uid" { value = var.uid }
        output "id" { value = terraform_data.bucket.id }
        output "secret_key" {
          value     = "key-${terraform_data.bucket.id}"
          sensitive = true
        }
        output "link" { value = nonsensitive("https://x/?sig=key-${terraform_data.bucket.id}") }
        """;

    private readonly ScratchPlatform _platform = new();

    public TerraformDriverTests()
    {
        Assert.SkipUnless(
            ProgramRunner.BasicVariables["PATH"].Split(':').Any(folder => File.Exists(Path.Combine(folder, "terraform")) || File.Exists(Path.Combine(folder, "tofu"))) && Directory.Exists("/dev/shm"),
            "Neither terraform nor tofu is installed here, or there is no /dev/shm.");
        _platform.Secrets.Organisation["CLOUD_TOKEN"] = "token-1234";
        _platform.Write("provisioners/modules/bucket/main.tf", Module);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Memory => Path.GetDirectoryName(MemoryFolder.Of(_platform.Options, "x")!)!;

    public void Dispose()
    {
        if (Directory.Exists(Memory))
        {
            Directory.Delete(Memory, recursive: true);
        }

        _platform.Dispose();
    }

    [Fact]
    public async Task A_module_is_applied_its_state_kept_sealed_and_a_second_run_changes_nothing()
    {
        var first = await EnsureAsync(Claim("""{"size":"large","region":"mine","environment":"mine"}"""));

        // What the administrator fixed and who it is cannot be set by params.
        Assert.Equal("staging-eu-1-large", first.Outputs["bucket"].GetString());
        Assert.Equal("s3.default#orders.db", first.Outputs["uid"].GetString());
        var key = first.SecretOutputs["secret_key"];
        Assert.StartsWith("key-", key, StringComparison.Ordinal);
        Assert.Contains("link", first.SecretOutputs.Keys);
        Assert.Empty(_platform.FilesWith(key));
        Assert.Empty(_platform.FilesWith("token-1234"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Memory));
        var changes = _platform.Secrets.Changes;

        var second = await EnsureAsync(Claim("""{"size":"large"}"""));

        Assert.Equal(JsonSerializer.Serialize(first), JsonSerializer.Serialize(second));
        Assert.Equal(changes, _platform.Secrets.Changes);
    }

    [Fact]
    public async Task A_plan_tells_what_is_made_changed_and_made_anew()
    {
        Assert.Equal("create", (await PlanAsync(Claim())).Action);
        await EnsureAsync(Claim());
        Assert.Equal("unchanged", (await PlanAsync(Claim())).Action);

        var change = await PlanAsync(Claim("""{"size":"large"}"""));
        Assert.Equal("change", change.Action);
        Assert.Contains("terraform_data.bucket is changed in place", change.Lines);
        Assert.Contains("output bucket changes", change.Lines);
        Assert.DoesNotContain(change.Lines, line => line.Contains("token-1234", StringComparison.Ordinal));

        var moved = Claim() with { Provisioner = ScratchPlatform.Provisioner(Bucket.Replace("eu-1", "eu-2", StringComparison.Ordinal)) };
        Assert.Contains("terraform_data.bucket is made anew (cannot update); what it holds is lost", (await PlanAsync(moved)).Lines);
    }

    [Fact]
    public async Task The_state_is_taken_back_when_an_apply_fails_halfway()
    {
        _platform.Write("provisioners/modules/bucket/fails.tf", """
            resource "terraform_data" "fails" {
              depends_on = [terraform_data.bucket]
              provisioner "local-exec" { command = "echo it is ${nonsensitive(var.token)}, broken >&2; exit 7" }
            }
            """);
        var failed = (await _platform.Terraform().EnsureAsync(Claim(), Stop)).Error!;

        Assert.Contains("'apply' failed", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("token-1234", failed.Message, StringComparison.Ordinal);
        Assert.Contains("terraform_data", _platform.Secrets.Own(Claim().Ref, "terraform-state").Value!.Value.Reveal(), StringComparison.Ordinal);
        var id = JsonElement.Parse(_platform.Secrets.Own(Claim().Ref, "terraform-state").Value!.Value.Reveal()).GetProperty("outputs");

        File.Delete(Path.Combine(_platform.Options.DataFolder, "provisioners/modules/bucket/fails.tf"));
        var made = await EnsureAsync(Claim());
        Assert.Equal(JsonValueKind.Object, id.ValueKind);
        Assert.NotNull(made.Outputs["id"].GetString());
    }

    [Fact]
    public async Task A_state_that_a_killed_run_left_in_memory_is_found_by_the_next_one()
    {
        var claim = Claim();
        _platform.Secrets.Lives = 1;
        await Assert.ThrowsAsync<KilledException>(() => _platform.Terraform().EnsureAsync(claim, Stop));
        _platform.Secrets.Lives = null;
        await _platform.Secrets.ForgetAsync(claim.Ref, "test", Stop);
        var left = File.ReadAllText(Path.Combine(Memory, ScoreKeeper.GuidOf(claim), "terraform.tfstate"));

        var made = await EnsureAsync(claim);

        Assert.Contains(made.Outputs["id"].GetString()!, left, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Memory));
    }

    [Fact]
    public async Task Destroyed_nothing_is_left_and_destroying_twice_is_no_mistake()
    {
        var first = await EnsureAsync(Claim());

        await _platform.Terraform().DestroyAsync(Claim(), Stop);
        await _platform.Terraform().DestroyAsync(Claim(), Stop);

        Assert.Empty(_platform.Secrets.Versions);
        Assert.NotEqual(first.Outputs["id"].GetString(), (await EnsureAsync(Claim())).Outputs["id"].GetString());
    }

    [Fact]
    public async Task While_a_run_that_outlived_its_platform_goes_on_nothing_is_done()
    {
        _platform.Write("provisioners/modules/bucket/slow.tf", "resource \"terraform_data\" \"slow\" {\n  provisioner \"local-exec\" { command = \"sleep 60\" }\n}\n");
        var folder = MemoryFolder.Of(_platform.Options, ScoreKeeper.GuidOf(Claim()))!;
        var program = ProgramRunner.BasicVariables["PATH"].Split(':').SelectMany(path => new[] { Path.Combine(path, "tofu"), Path.Combine(path, "terraform") }).First(File.Exists);
        var run = new TerraformRun(program, folder, ScratchPlatform.Programs, _platform.Secrets, _platform.Options);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Assert.Null(run.Prepare(Path.Combine(_platform.Options.DataFolder, "provisioners/modules/bucket"), new() { ["region"] = "eu-1", ["token"] = "t", ["environment"] = "e", ["uid"] = "u" }, null));
        Assert.True((await run.CallAsync(TimeSpan.FromMinutes(1), Stop, "init", "-input=false")).Ok);
        var going = run.CallAsync(TimeSpan.FromMinutes(2), end.Token, "apply", "-auto-approve", "-input=false");
        while (!run.IsBusy() && !going.IsCompleted)
        {
            await Task.Delay(20, Stop);
        }

        var made = await EnsureAsync(Claim());

        Assert.Contains("still going on", made.Waiting, StringComparison.Ordinal);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => going);
    }

    [Fact]
    public async Task Runs_of_one_claim_follow_each_other()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await Shared.EnsureAsync(Claim(), Stop), Stop)));

        Assert.Single(all.Select(made => made.Value.Outputs["id"].GetString()).Distinct());
    }

    [Fact]
    public async Task A_module_keeps_its_state_with_Axle_whatever_backend_it_names()
    {
        _platform.Write("provisioners/modules/bucket/backend.tf", "terraform {\n  backend \"http\" {\n    address = \"http://127.0.0.1:1/never\"\n  }\n}\n");

        await EnsureAsync(Claim());

        Assert.NotNull(_platform.Secrets.Own(Claim().Ref, "terraform-state").Value);
    }

    [Theory]
    [InlineData("terraform://none", "there is no module 'none'")]
    [InlineData("terraform://../bin", "contains '..'")]
    public async Task Only_modules_of_the_folder_are_run(string uri, string reason)
    {
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner($"- uri: {uri}\n  type: s3"));

        Assert.Contains(reason, (await _platform.Terraform().EnsureAsync(claim, Stop)).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_that_is_wrong_is_told_in_Terraforms_words()
    {
        _platform.Write("provisioners/modules/bucket/wrong.tf", "output \"x\" { value = var.unknown }\n");

        Assert.Contains("undeclared input variable", (await _platform.Terraform().EnsureAsync(Claim(), Stop)).Error!.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("undeclared input variable", (await _platform.Terraform().PlanAsync(Claim(), Stop)).Error!.Message, StringComparison.OrdinalIgnoreCase);
    }

    private TerraformDriver Shared => field ??= _platform.Terraform();

    private static Claim Claim(string @params = "{}") => ScratchPlatform.Claim(ScratchPlatform.Provisioner(Bucket), @params: @params);

    private async Task<Provisioned> EnsureAsync(Claim claim)
    {
        var made = await _platform.Terraform().EnsureAsync(claim, Stop);
        Assert.True(made.Ok, made.ToString());
        return made.Value;
    }

    private async Task<Foreseen> PlanAsync(Claim claim)
    {
        var plan = await _platform.Terraform().PlanAsync(claim, Stop);
        Assert.True(plan.Ok, plan.ToString());
        return plan.Value;
    }
}
