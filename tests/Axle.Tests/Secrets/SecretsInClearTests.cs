using System.Net;
using System.Text;
using Axle.Contracts;
using Axle.Tests.Server;

namespace Axle.Tests.Secrets;

/// <summary>What looks like a secret does not get into the catalogue, through whichever file.</summary>
public sealed class SecretsInClearTests(TestServer server) : IClassFixture<TestServer>
{
    // Put together here, so that no search for secrets takes this file for a leak.
    private static readonly string s_token = "ghp" + "_" + "q8Zr2LtX9vKc4WnB7yHd1MfS6pJg3TaE5uRi";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_to_apply_is_refused_with_the_place_and_the_way_to_do_it_right()
    {
        using var admin = server.Admin();
        var file = $"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: leaky\n  annotations:\n    example.com/ci: {s_token}\nspec: {{ type: service, lifecycle: production, owner: platform }}\n";

        foreach (var query in new[] { "", "?dryRun=true" })
        {
            var problem = await (await admin.PostAsync("/api/apply" + query, Yaml(file), Stop)).ProblemAsync(HttpStatusCode.UnprocessableEntity);
            Assert.Equal("secrets.in_clear", problem.Code);
            Assert.StartsWith("axle secret set NAME", problem.Next, StringComparison.Ordinal);
            var place = Assert.Single(problem.Errors!);
            Assert.Equal((6, 21, "looks like a GitHub token (ghp_••••)"), (place.Line, place.Column, place.Message));
        }

        Assert.Null(server.Entities.Find(EntityRef.Of(Kinds.Component, "leaky")));

        // Whoever knows better says so in the line.
        var permitted = await admin.PostAsync("/api/apply?dryRun=true", Yaml(file.Replace(s_token, $"{s_token} # axle:allow-secret", StringComparison.Ordinal)), Stop);
        Assert.DoesNotContain("secrets.in_clear", await permitted.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail.provisioners.yaml")]
    [InlineData("yarn.lock")]
    public async Task A_provisioner_is_refused_whatever_its_file_is_called(string name)
    {
        using var admin = server.Admin();
        var file = $"- uri: template://leaky-mail\n  type: smtp\n  outputs: |\n    host: mail.internal\n    password: {s_token}\n";

        var problem = await (await admin.PostAsync($"/api/provisioners?file={name}", Yaml(file), Stop)).ProblemAsync(HttpStatusCode.UnprocessableEntity);

        Assert.Equal("secrets.in_clear", problem.Code);
        var place = Assert.Single(problem.Errors!);
        Assert.Equal((name, 5, 15), (place.File, place.Line, place.Column));
        Assert.DoesNotContain(s_token, place.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Entities.Query(new() { Kinds = [Kinds.Provisioner], All = true }).Items, one => one.Spec.GetRawText().Contains("leaky-mail", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_provisioner_that_makes_its_passwords_is_taken()
    {
        using var admin = server.Admin();
        const string File = "- uri: template://quiet-mail\n  type: smtp\n  state: |\n    password: {{ dig \"password\" (randAlphaNum 16) .State }}\n  outputs: |\n    host: mail.internal\n    password: {{ .State.password }}\n";

        var answer = await admin.PostAsync("/api/provisioners?dryRun=true", Yaml(File), Stop);

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private static StringContent Yaml(string text) => new(text, Encoding.UTF8, "application/yaml");
}
