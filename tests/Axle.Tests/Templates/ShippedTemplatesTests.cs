using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Axle.Platform.Source;
using Axle.Platform.Templates;
using Axle.Platform.Templates.Tasks;
using Axle.Platform.Workloads;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Templates;

public sealed class ShippedTemplatesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("axle-skeleton-");

    public void Dispose() => _folder.Delete(recursive: true);

    public static TheoryData<string> Names => ["dotnet-web-api", "node-postgres", "node-service", "python-service", "static-site", "worker"];

    [Fact]
    public async Task All_of_them_are_offered_with_their_questions()
    {
        await using var host = new TemplatesHost();

        var views = host.Services.GetRequiredService<TemplateShelf>().All().Select(ListTemplates.View).ToList();

        Assert.Equal(Names.Select(n => n.Data), views.Select(v => v.Name));
        Assert.All(views, v => Assert.True(v.Parameters[0].GetProperty("properties").TryGetProperty("owner", out _)));
    }

    [Theory, MemberData(nameof(Names))]
    public async Task Each_makes_a_whole_component(string name)
    {
        var files = await RenderAsync(name, "Says \"hi\": it's # 1\\2");

        Assert.All(
            (string[])["catalog-info.yaml", "score.yaml", "mkdocs.yml", "docs/index.md", "README.md", ".gitignore"],
            expected => Assert.Contains(files, f => f.Path == expected));
        Assert.DoesNotContain(files, f => Encoding.UTF8.GetString(f.Content.Span).Contains("${{", StringComparison.Ordinal) || f.Path.Contains("${{", StringComparison.Ordinal));
        var score = ScoreFile.Parse(Encoding.UTF8.GetString(files.Single(f => f.Path == "score.yaml").Content.Span)).Value;
        var container = Assert.Single(score.Containers).Value;
        Assert.Equal(".", container.Image);
        Assert.Equal(score.Ports.Count == 0 ? null : "/healthz", container.ReadinessProbe?.HttpGet?.Path);
    }

    [Theory, Trait("Speed", "Slow")]
    [InlineData("node-service", "node", "--test")]
    [InlineData("worker", "node", "--test")]
    [InlineData("static-site", "node", "--test")]
    [InlineData("python-service", "python3", "-m", "unittest")]
    public async Task The_tests_of_a_fresh_component_pass(string template, string program, params string[] arguments)
    {
        Assert.SkipUnless((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, program))), $"{program} is not installed");
        foreach (var file in await RenderAsync(template, "An \"example\""))
        {
            var path = Path.Combine(_folder.FullName, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, file.Content, TestContext.Current.CancellationToken);
        }

        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, await output + await errors);
    }

    private static async Task<IReadOnlyList<SourceFile>> RenderAsync(string template, string description)
    {
        await using var host = await TemplatesHost.StartAsync();
        var found = host.Services.GetRequiredService<TemplateShelf>().Find(template).Value;
        var answers = found.Definition.Filled(new JsonObject { ["name"] = "my-orders", ["owner"] = "group:default/shop", ["description"] = description });
        var ran = await host.Services.GetRequiredService<DryRun>().RunAsync(found.Definition, found.Origin, answers, [], null, host.Jane, TestContext.Current.CancellationToken);
        Assert.True(ran.Ok, ran.ToString());
        Assert.Null(ran.Value.Status.Failure);
        return [.. ran.Value.Files.Select(file => new SourceFile(file.Path, Convert.FromBase64String(file.Base64Content), file.Executable))];
    }
}
