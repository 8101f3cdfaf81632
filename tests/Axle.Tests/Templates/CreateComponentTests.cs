using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Platform.Source;

namespace Axle.Tests.Templates;

public sealed class CreateComponentTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("axle-own-templates-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_component_has_its_repository_and_its_catalogue_entry()
    {
        await using var host = await TemplatesHost.StartAsync();

        var answer = (await host.Create.RunAsync(new CreateRequest("node-service", "orders", "shop", null, "Takes orders: \"all\""), host.Jane, Stop)).Value;

        Assert.Equal(EntityRef.Of("component", "orders"), answer.Component);
        Assert.Equal("http://axle.test/git/orders.git", answer.CloneUrl);
        Assert.Equal(["Write the files", "Make the repository", "Register it in the catalogue"], answer.Steps);
        var entity = host.Entities.Find(answer.Component)!;
        Assert.Equal("Takes orders: \"all\"", entity.Metadata.Description);
        Assert.Equal("orders", entity.Metadata.Annotations[Annotations.Repository]);
        Assert.Equal("url:http://axle.test/git/orders.git", entity.Metadata.Annotations[Annotations.SourceLocation]);
        Assert.Equal("template:default/node-service", entity.Metadata.Annotations[Annotations.SourceTemplate]);
        Assert.Equal("dir:.", entity.Metadata.Annotations["backstage.io/techdocs-ref"]);
        Assert.Contains(new Relation("ownedBy", EntityRef.Of("group", "shop")), entity.Relations);
        Assert.Equal(answer.Commit, (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit);
        Assert.Contains("name: orders", await host.Repositories.ReadAsync("orders", answer.Commit, "score.yaml", Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node-service", "Orders", "shop", "templates.name", 422)]
    [InlineData("node-service", "o", "shop", "templates.name", 422)]
    [InlineData("node-service", "orders\n", "shop", "templates.name", 422)]
    [InlineData("node-service", "../orders", "shop", "templates.name", 422)]
    [InlineData("nodes", "orders", "shop", "templates.unknown", 404)]
    [InlineData("../templates/worker", "orders", "shop", "templates.unknown", 404)]
    [InlineData("node-service", "orders", "shops", "templates.owner_unknown", 422)]
    [InlineData("node-service", "orders", "component:shop", "templates.owner_unknown", 422)]
    [InlineData("node-service", "orders", "", "templates.owner_unknown", 422)]
    [InlineData("node-service", "orders", "group:other", "templates.not_in_group", 403)]
    public async Task What_cannot_be_created_is_refused(string template, string name, string owner, string code, int status)
    {
        await using var host = await TemplatesHost.StartAsync();

        var error = (await host.Create.RunAsync(new CreateRequest(template, name, owner), host.Jane, Stop)).Error!;

        Assert.Equal((code, status), (error.Code, error.Status));
        Assert.NotNull(error.Next);
        Assert.False(host.Repositories.Exists("orders"));
        Assert.Null(host.Entities.Find(EntityRef.Of("component", "orders")));
    }

    [Fact]
    public async Task An_unknown_owner_is_answered_with_the_groups_there_are()
    {
        await using var host = await TemplatesHost.StartAsync();

        Assert.Contains("groups here: other, shop", (await host.Create.RunAsync(new CreateRequest("worker", "orders", "nobody"), host.Jane, Stop)).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        await using var host = await TemplatesHost.StartAsync();
        Assert.True((await host.Create.RunAsync(new CreateRequest("worker", "orders", "shop"), host.Jane, Stop)).Ok);

        Assert.Equal("templates.exists", (await host.Create.RunAsync(new CreateRequest("worker", "orders", "shop"), host.Jane, Stop)).Error!.Code);
        Assert.Equal("templates.exists", (await host.Create.RunAsync(new CreateRequest("worker", "orders", "other"), host.Jane with { Role = Role.Admin }, Stop)).Error!.Code);
    }

    [Fact]
    public async Task A_repository_that_is_used_otherwise_is_left_alone()
    {
        await using var host = await TemplatesHost.StartAsync();
        await host.Repositories.CreateAsync("orders", Stop);
        var commit = await host.Repositories.CommitAsync("orders", [new SourceFile("a", "b"u8.ToArray())], "first", "test", Stop);

        Assert.Equal("templates.repository_exists", (await host.Create.RunAsync(new CreateRequest("worker", "orders", "shop"), host.Jane, Stop)).Error!.Code);
        Assert.Equal(commit.Value, (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit);
    }

    [Fact]
    public async Task A_failure_half_way_leaves_nothing_and_the_next_try_succeeds()
    {
        Breaking? breaking = null;
        await using var host = await TemplatesHost.StartAsync(repositories: real => breaking = new Breaking(real));

        Assert.Equal("source.full", (await host.Create.RunAsync(new CreateRequest("worker", "orders", "shop"), host.Jane, Stop)).Error!.Code);
        Assert.False(host.Repositories.Exists("orders"));
        Assert.Null(host.Entities.Find(EntityRef.Of("component", "orders")));

        breaking!.Broken = false;
        Assert.True((await host.Create.RunAsync(new CreateRequest("worker", "orders", "shop"), host.Jane, Stop)).Ok);
    }

    public static TheoryData<string, string, string, string> BrokenTemplates => new()
    {
        // what in template.yaml         becomes                       words                                                   place
        { "action: publish:axle",        "action: publish:nowhere",    "there is no action 'publish:nowhere'; there are publish", "own/template.yaml:18:7" },
        { "url: ./skeleton",             "uri: ./skeleton",            "needs the input 'url'",                                 "own/template.yaml:11:7" },
        { "kind: Template",              "kind: Component",            "must be a Template",                                    "own/template.yaml:1:1" },
        { "steps:",                      "stages:",                    "is needed",                                             "own/template.yaml:" },
        { "pattern: \"^[a-z]+$\"",       "pattern: \"(\"",             "is no regular expression",                              "own/template.yaml:7:" },
        { "type: integer",               "type: int",                  "there is no type \"int\"",                              "own/template.yaml:7:" },
        { "spec:",                       "\tspec:",                    "a tab indents",                                         "own/template.yaml:5:1" },
    };

    [Theory, MemberData(nameof(BrokenTemplates))]
    public async Task A_broken_template_makes_nothing_and_says_where(string part, string becomes, string words, string place)
    {
        await using var host = await OwnAsync(template: t => t.Replace(part, becomes, StringComparison.Ordinal));

        var result = await host.Create.RunAsync(new CreateRequest("own", "orders", "shop"), host.Jane, Stop);
        Assert.Equal("templates.invalid", result.Error!.Code);
        Assert.Contains(words, result.Error.Problems[0].Message, StringComparison.Ordinal);
        Assert.StartsWith(place, result.Error.Problems[0].ToString(), StringComparison.Ordinal);
        Assert.False(host.Repositories.Exists("orders"));
    }

    [Theory]
    [InlineData("a.txt", "one\n${{ values.name | nosuch }}", "a.txt:2:")]
    [InlineData("catalog-info.yaml", "kind: Component", "catalog-info.yaml:1:1")]
    [InlineData("catalog-info.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: ${{ values.name }}}\nspec: {type: service, lifecycle: production, owner: other}", "group:other")]
    [InlineData("${{ values.name | replace('orders', '..') }}/x", "x", "..")]
    public async Task A_broken_skeleton_makes_nothing_and_says_where(string file, string content, string words)
    {
        await using var host = await OwnAsync(file: (file, content));

        var error = (await host.Create.RunAsync(new CreateRequest("own", "orders", "shop"), host.Jane, Stop)).Error!;

        Assert.Contains(words, $"{error.Message} {string.Join('\n', error.Problems)}", StringComparison.Ordinal);
        Assert.False(host.Repositories.Exists("orders"));
        Assert.Null(host.Entities.Find(EntityRef.Of("component", "orders")));
    }

    [Fact]
    public async Task A_template_that_makes_no_component_is_not_created_from()
    {
        await using var host = await OwnAsync(template: t => t[..t.IndexOf("    - id: register", StringComparison.Ordinal)]);

        Assert.Equal("templates.makes_no_component", (await host.Create.RunAsync(new CreateRequest("own", "orders", "shop"), host.Jane, Stop)).Error!.Code);
    }

    [Theory]
    [InlineData("size", "7", null)]
    [InlineData("size", "seven", "must be a whole number")]
    [InlineData("colour", "red", null)]
    [InlineData("colour", "mauve", "must be one of red, blue")]
    [InlineData("taste", "sweet", "does not ask for this")]
    [InlineData("code", "abcdef", "at most 4 characters")]
    [InlineData("code", "a1", "must fit the pattern")]
    public async Task Answers_are_checked_against_the_questions(string key, string value, string? words)
    {
        await using var host = await OwnAsync();

        var result = await host.Create.RunAsync(new CreateRequest("own", "orders", "shop", new Dictionary<string, string> { [key] = value }), host.Jane, Stop);

        Assert.Equal(words is null, result.Ok);
        if (words is not null)
        {
            var problem = Assert.Single(result.Error!.Problems);
            Assert.Equal(key, problem.Path);
            Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Binary_files_and_modes_are_kept()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var host = await OwnAsync();
        var skeleton = Path.Combine(_folder.FullName, "own", "skeleton");
        byte[] binary = [0, 1, 0x24, 0x7b, 0x7b, 0xff];
        await File.WriteAllBytesAsync(Path.Combine(skeleton, "logo.png"), binary, Stop);
        File.SetUnixFileMode(Path.Combine(skeleton, "a.txt"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var commit = (await host.Create.RunAsync(new CreateRequest("own", "orders", "shop"), host.Jane, Stop)).Value.Commit;
        var target = Path.Combine(_folder.FullName, "out");
        Directory.CreateDirectory(target);

        await host.Repositories.ExportAsync("orders", commit, target, Stop);

        Assert.Equal(binary, await File.ReadAllBytesAsync(Path.Combine(target, "logo.png"), Stop));
        Assert.True(File.GetUnixFileMode(Path.Combine(target, "a.txt")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal("orders 5 red", await File.ReadAllTextAsync(Path.Combine(target, "a.txt"), Stop));
    }

    private async Task<TemplatesHost> OwnAsync(Func<string, string>? template = null, (string Path, string Content)? file = null)
    {
        const string Text = """
            apiVersion: scaffolder.backstage.io/v1beta3
            kind: Template
            metadata:
              name: own
            spec:
              type: service
              parameters: {required: [name], properties: {name: {type: string}, size: {type: integer, default: 5}, colour: {enum: [red, blue], default: red}, code: {type: string, pattern: "^[a-z]+$", maxLength: 4}}}
              steps:
                - id: fetch
                  action: fetch:template
                  input:
                    url: ./skeleton
                    values:
                      name: ${{ parameters.name }}
                      size: ${{ parameters.size }}
                      colour: ${{ parameters.colour }}
                - id: publish
                  action: publish:axle
                  input: {repository: "${{ parameters.name }}"}
                - id: register
                  action: catalog:register
                  input: {repository: "${{ steps.publish.output.repoContentsUrl }}"}
            """;
        var folder = Path.Combine(_folder.FullName, "own");
        Directory.CreateDirectory(Path.Combine(folder, "skeleton"));
        await File.WriteAllTextAsync(Path.Combine(folder, "template.yaml"), template?.Invoke(Text) ?? Text, Stop);
        var files = new Dictionary<string, string>
        {
            ["a.txt"] = "${{ values.name }} ${{ values.size }} ${{ values.colour }}",
            ["catalog-info.yaml"] = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: ${{ values.name }}}\nspec: {type: service, lifecycle: production, owner: shop}\n",
        };
        if (file is { } more)
        {
            files[more.Path] = more.Content;
        }

        foreach (var (path, content) in files)
        {
            var full = Path.Combine(folder, "skeleton", path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await File.WriteAllTextAsync(full, content, Stop);
        }

        return await TemplatesHost.StartAsync(_folder.FullName);
    }

    /// <summary>Repositories on a disk that is full at the commit.</summary>
    private sealed class Breaking(IRepositories real) : IRepositories
    {
        public bool Broken { get; set; } = true;

        public bool Exists(string name) => real.Exists(name);

        public Task<Result<Repository>> CreateAsync(string name, CancellationToken stop) => real.CreateAsync(name, stop);

        public Repository? Find(string name) => real.Find(name);

        public Task<Result<string>> CommitAsync(string name, IReadOnlyList<SourceFile> files, string message, string author, CancellationToken stop) =>
            Broken ? Task.FromResult<Result<string>>(new Error("source.full", "The disk is full.", "Make room.", 507)) : real.CommitAsync(name, files, message, author, stop);

        public Task<CommitFound?> ResolveAsync(string name, string? revision, CancellationToken stop) => real.ResolveAsync(name, revision, stop);

        public Task<IReadOnlyList<string>> BranchesAsync(string name, CancellationToken stop) => real.BranchesAsync(name, stop);

        public Task<string?> ReadAsync(string name, string commit, string path, CancellationToken stop) => real.ReadAsync(name, commit, path, stop);

        public Task<IReadOnlyList<string>> ListAsync(string name, string commit, CancellationToken stop) => real.ListAsync(name, commit, stop);

        public Task ExportAsync(string name, string commit, string folder, CancellationToken stop) => real.ExportAsync(name, commit, folder, stop);

        public Task DeleteAsync(string name, CancellationToken stop) => real.DeleteAsync(name, stop);
    }
}
