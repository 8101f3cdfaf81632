using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Source;

namespace Axle.Tests.Source;

public sealed class ImportTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_is_proposed_then_accepted_built_and_pushed_to()
    {
        await using var host = await SourceHost.StartAsync();
        var source = await NodeFolderAsync(host);

        var (first, proposal) = await ImportAsync(host, new ImportRequest(source, "orders", "shop"), "admin");
        Assert.Equal(HttpStatusCode.OK, first);
        Assert.False(proposal!.Accepted);
        Assert.Equal(["catalog-info.yaml", "score.yaml"], proposal.Proposed.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("Node service", proposal.Found, StringComparison.Ordinal);
        Assert.Null(host.Entities.Find(proposal.Component));
        Assert.False(host.Repositories.Exists("orders"));

        for (var time = 0; time < 2; time++)
        {
            var (status, answer) = await ImportAsync(host, new ImportRequest(source, "orders", "shop", Accept: true), "admin");
            Assert.Equal(HttpStatusCode.Created, status);
            Assert.True(answer!.Accepted);
            await SourceHost.UntilAsync(() => host.Listener.Finished.Any(p => p.Commit == answer.Commit), "the import is built");
        }

        var component = host.Entities.Find(proposal.Component)!;
        Assert.Equal("group:default/shop", component.Spec.GetProperty("owner").GetString());
        Assert.Equal("orders", component.Metadata.Annotations[Annotations.Repository]);
        Assert.Single(host.Listener.Finished);
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy);
        await host.MustAsync(copy, "push", "origin", "HEAD:main");
        Assert.Equal(2, host.Listener.Finished.Count);
    }

    [Fact]
    public async Task What_is_imported_again_after_its_component_was_deleted_is_built_again()
    {
        await using var host = await SourceHost.StartAsync();
        var source = await NodeFolderAsync(host);
        await host.CommitAsync(source, "catalog-info.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: orders\nspec:\n  type: service\n  owner: group:shop\n");
        await host.CommitAsync(source, "score.yaml", "apiVersion: score.dev/v1b1\n");

        // Nothing is proposed, so the head is the same both times.
        var request = new ImportRequest(source, "orders", "shop", Accept: true);
        var (_, first) = await ImportAsync(host, request, "admin");
        await SourceHost.UntilAsync(() => host.Listener.Finished.Count == 1 && File.Exists(Path.Combine(host.Data, "repositories/orders.git/axle/told")), "the import is built");
        Assert.True((await host.Entities.DeleteAsync(first!.Component, "user:default/admin", force: true, stop: Stop)).Ok);

        var (status, again) = await ImportAsync(host, request, "admin");

        Assert.Equal((HttpStatusCode.Created, first.Commit), (status, again!.Commit));
        await SourceHost.UntilAsync(() => host.Listener.Finished.Count == 2, "the second import is built");
        Assert.All(host.Listener.Finished, push => Assert.Equal(first.Commit, push.Commit));
    }

    [Fact]
    public async Task What_was_pushed_here_survives_another_import_of_the_folder_after_its_component_was_deleted()
    {
        await using var host = await SourceHost.StartAsync();
        var source = await NodeFolderAsync(host);
        var request = new ImportRequest(source, "orders", "shop", Accept: true);
        var (_, first) = await ImportAsync(host, request, "admin");
        var pushed = (await host.Repositories.CommitAsync("orders", [new SourceFile("pushed.txt", "kept"u8.ToArray())], "Pushed here", "user:default/admin", Stop)).Value;
        Assert.True((await host.Entities.DeleteAsync(first!.Component, "user:default/admin", force: true, stop: Stop)).Ok);

        var (_, again) = await ImportAsync(host, request, "admin");

        Assert.Equal("kept", await host.Repositories.ReadAsync("orders", again!.Commit!, "pushed.txt", Stop));
        Assert.Equal(pushed, (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit);
    }

    [Fact]
    public async Task A_catalog_info_that_is_there_is_taken_with_the_owner_of_the_request()
    {
        await using var host = await SourceHost.StartAsync();
        var source = await NodeFolderAsync(host);
        await host.CommitAsync(source, "catalog-info.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: else\n  description: Takes orders\n  tags: [node]\nspec:\n  type: website\n  owner: group:other\n");
        await host.CommitAsync(source, "score.yaml", "apiVersion: score.dev/v1b1\n");

        var (_, answer) = await ImportAsync(host, new ImportRequest(source, "orders", "group:default/shop", Accept: true), "admin");

        Assert.Empty(answer!.Proposed);
        var component = host.Entities.Find(answer.Component)!;
        Assert.Equal(("orders", "Takes orders", "website", "group:default/shop"),
            (component.Metadata.Name, component.Metadata.Description, component.Spec.GetProperty("type").GetString(), component.Spec.GetProperty("owner").GetString()));
    }

    [Fact]
    public async Task A_url_is_mirrored_and_follows_upstream_by_webhook_with_what_was_accepted_on_top()
    {
        await using var host = await SourceHost.StartAsync(o => o.AllowPrivateAddresses = true);
        await host.AddAsync("public-lib");
        var upstream = await host.CopyAsync("public-lib");
        await host.CommitAsync(upstream, "package.json", "{}");
        await host.MustAsync(upstream, "push", "origin", "main", "main:topic");
        var url = host.CloneUrl("public-lib", user: null);

        // 1. Accepted files stand on top of upstream's head; pushes belong upstream.
        var (status, answer) = await ImportAsync(host, new ImportRequest(url, "orders", "shop", Accept: true));
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(url, host.Repositories.Find("orders")!.Upstream);
        Assert.NotNull(await host.Repositories.ReadAsync("orders", answer!.Commit!, "score.yaml", Stop));
        Assert.NotNull(await host.Repositories.ResolveAsync("orders", "topic", Stop));
        var (code, text) = await host.GitAsync(await host.CopyAsync("orders"), "push", "origin", "HEAD:x");
        Assert.NotEqual(0, code);
        Assert.Contains("mirrors", text, StringComparison.Ordinal);

        // 2. The secret is shown once, to the owner.
        Assert.Equal(HttpStatusCode.Forbidden, (await HookAsync(host, "mallory", HttpMethod.Get)).Status);
        var hook = (await HookAsync(host, "jane", HttpMethod.Get)).View!;
        Assert.NotNull(hook.Secret);
        Assert.Null((await HookAsync(host, "jane", HttpMethod.Get)).View!.Secret);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(host.Data, "repositories/orders.git/axle/hook-secret")));

        // 3. A new head upstream, by each sender's signature; then one where upstream has a score.yaml of its own.
        var body = Encoding.UTF8.GetBytes("{\"ref\":\"refs/heads/main\"}");
        var hash = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(hook.Secret!), body));
        await host.MustAsync(upstream, "push", "origin", ":topic");
        (string Name, string Value)[] senders = [("X-Hub-Signature-256", "sha256=" + hash), ("X-Gitlab-Token", hook.Secret!), ("X-Gitea-Signature", hash)];
        foreach (var (header, value) in senders)
        {
            await host.CommitAsync(upstream, "version", header);
            if (header == "X-Gitea-Signature")
            {
                await host.CommitAsync(upstream, "score.yaml", "upstream's own\n");
            }

            await host.MustAsync(upstream, "push", "origin", "main");
            Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, body, (header, value), ("X-GitHub-Delivery", header)));
            await UntilVersionAsync(host, header);
        }

        var head = (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit;
        Assert.Equal("upstream's own\n", await host.Repositories.ReadAsync("orders", head, "score.yaml", Stop));
        Assert.NotNull(await host.Repositories.ReadAsync("orders", head, "catalog-info.yaml", Stop));
        Assert.Null(await host.Repositories.ResolveAsync("orders", "topic", Stop));
        await SourceHost.UntilAsync(() => host.Listener.Finished.Any(p => p.Commit == head && p.Repository == "orders"), "the new head is told");

        // 4. Repeated, forged, for others.
        Assert.Equal(HttpStatusCode.OK, await SendAsync(host, body, senders[0], ("X-GitHub-Delivery", senders[0].Name)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, [.. body, 32], senders[0]));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, body, ("X-Gitlab-Token", "wrong")));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, body));
        Assert.NotEqual(hook.Secret, (await HookAsync(host, "jane", HttpMethod.Post)).View!.Secret);
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, body, senders[0]));
    }

    private static readonly (string Source, string User, string Code)[] s_refusals =
    [
        // source                              user     code
        ("ext::sh -c id", "admin", "source.import_refused"),
        ("--upload-pack=id", "admin", "source.import_refused"),
        ("git@example.test:a/b.git", "jane", "source.import_refused"),
        ("https://user:secret@example.test/a.git", "jane", "source.import_refused"),
        ("/etc", "jane", "source.import_local"),
        ("file:///etc", "jane", "source.import_local"),
        ("/etc", "admin", "source.not_a_repository"),
        ("/no/such/folder", "admin", "source.not_a_repository"),
        ("http://127.0.0.1:1/x.git", "admin", "source.import_refused"),
        ("http://[::1]/x.git", "admin", "source.import_refused"),
        ("http://169.254.169.254/latest", "admin", "source.import_refused"),
        ("http://localhost/x.git", "admin", "source.import_refused"),
        ("https://no-such-machine.invalid/x.git", "admin", "source.unreachable"),
    ];

    [Fact]
    public async Task A_source_that_cannot_or_must_not_be_reached_is_refused()
    {
        await using var host = await SourceHost.StartAsync();
        foreach (var (source, user, code) in s_refusals)
        {
            Assert.Equal((source, code), (source, await RefusalAsync(host, new ImportRequest(source, "orders", "shop"), user)));
        }

        Assert.False(host.Repositories.Exists("orders"));
    }

    [Fact]
    public async Task Closed_empty_missing_and_huge_repositories_are_told_apart()
    {
        await using var host = await SourceHost.StartAsync(o => (o.AllowPrivateAddresses, o.ImportBytesMax) = (true, 1024));
        await host.AddAsync("public-empty");
        await host.AddAsync("private");

        Assert.Equal("source.empty", await RefusalAsync(host, new ImportRequest(host.CloneUrl("public-empty", null), "orders", "shop")));
        Assert.Equal("source.needs_sign_in", await RefusalAsync(host, new ImportRequest(host.CloneUrl("private", null), "orders", "shop")));
        Assert.Equal("source.not_a_repository", await RefusalAsync(host, new ImportRequest(host.CloneUrl("public-none", null), "orders", "shop")));
        Assert.Equal("source.unreachable", await RefusalAsync(host, new ImportRequest("http://127.0.0.1:1/x.git", "orders", "shop")));
        Assert.Equal("source.exists", await RefusalAsync(host, new ImportRequest(host.CloneUrl("public-empty", null), "private", "shop")));
        Assert.Equal("source.owner_unknown", await RefusalAsync(host, new ImportRequest("https://example.test/a.git", "orders", "nobody")));
        Assert.Equal("source.not_in_group", await RefusalAsync(host, new ImportRequest("https://example.test/a.git", "orders", "other")));
        Assert.Equal("source.name", await RefusalAsync(host, new ImportRequest("https://example.test/a.git", "Or/ders", "shop")));
    }

    [Fact]
    public async Task What_cannot_be_built_is_refused_and_leaves_nothing_behind()
    {
        await using var host = await SourceHost.StartAsync();
        var source = host.Folder();
        await host.MustAsync(source, "init", "--quiet", "-b", "trunk");
        await host.CommitAsync(source, "notes.txt");

        foreach (var accept in (bool[])[false, true])
        {
            Assert.Equal("builds.unknown", await RefusalAsync(host, new ImportRequest(source, "orders", "shop", accept), "admin"));
            Assert.False(host.Repositories.Exists("orders"));
            Assert.Null(host.Entities.Find(EntityRef.Of(Kinds.Component, "orders")));
        }

        // The name is free, and what was mended is imported with its own default branch.
        await host.CommitAsync(source, "package.json", "{}");
        Assert.True((await ImportAsync(host, new ImportRequest(source, "orders", "shop", Accept: true), "admin")).Answer!.Accepted);
        Assert.Equal("trunk", host.Repositories.Find("orders")!.DefaultBranch);
    }

    [Fact]
    public async Task What_a_crash_left_of_an_import_is_replaced_and_what_was_imported_is_kept()
    {
        await using var host = await SourceHost.StartAsync();
        var (first, other) = (await NodeFolderAsync(host), await NodeFolderAsync(host));
        await ImportAsync(host, new ImportRequest(first, "orders", "shop", Accept: true), "admin");
        var marker = Path.Combine(host.Data, "repositories/orders.git/axle/proposed");
        Assert.False(File.Exists(marker));

        // 1. Killed after the component was registered, before the marker went: it stays imported, from there and nowhere else.
        await File.WriteAllTextAsync(marker, first, Stop);
        Assert.Equal("source.exists", await RefusalAsync(host, new ImportRequest(other, "orders", "shop"), "admin"));
        Assert.False(File.Exists(marker));
        Assert.True(host.Repositories.Exists("orders"));

        // 2. Killed before: another import takes the name.
        var left = Path.Combine(host.Data, "repositories/bills.git");
        await host.MustAsync(first, "clone", "--quiet", "--bare", first, left);
        Directory.CreateDirectory(Path.Combine(left, "axle"));
        await File.WriteAllTextAsync(Path.Combine(left, "axle/source"), first, Stop);
        await File.WriteAllTextAsync(Path.Combine(left, "axle/proposed"), first, Stop);
        Assert.True((await ImportAsync(host, new ImportRequest(other, "bills", "shop", Accept: true), "admin")).Answer!.Accepted);
        Assert.Equal(other, (await File.ReadAllTextAsync(Path.Combine(left, "axle/source"), Stop)).Trim());
    }

    [Theory]
    [InlineData("kind: Component\nmetadata: {name: a\n", 3)]
    [InlineData("kind: API\nmetadata:\n  name: a\n", null)]
    [InlineData("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\nkind: Component\ne: [*d,*d,*d]\n", 4)]
    public void A_descriptor_that_cannot_be_read_names_the_place(string text, int? lineMax)
    {
        var error = CatalogInfo.Read(text, "orders", new EntityRef("group", "default", "shop"), null).Error;
        Assert.Equal("source.catalog_info", error?.Code);
        Assert.True((error!.Problems[0].Line ?? 0) <= (lineMax ?? 0) || lineMax is null);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    public void Only_public_addresses_are_public(string address, bool expected) => Assert.Equal(expected, PublicAddress.Is(IPAddress.Parse(address)));

    private static async Task<string> NodeFolderAsync(SourceHost host)
    {
        var source = host.Folder();
        await host.MustAsync(source, "init", "--quiet");
        await host.CommitAsync(source, "package.json", "{}");
        return source;
    }

    private static async Task<(HttpStatusCode Status, ImportAnswer? Answer)> ImportAsync(SourceHost host, ImportRequest request, string user = "jane")
    {
        using var client = host.Client(user);
        using var answer = await client.PostAsJsonAsync(new Uri("/api/import", UriKind.Relative), request, AxleJson.Default.ImportRequest, Stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync(AxleJson.Default.ImportAnswer, Stop));
    }

    private static async Task<string> RefusalAsync(SourceHost host, ImportRequest request, string user = "jane")
    {
        using var client = host.Client(user);
        using var answer = await client.PostAsJsonAsync(new Uri("/api/import", UriKind.Relative), request, AxleJson.Default.ImportRequest, Stop);
        var problem = await answer.Content.ReadFromJsonAsync(AxleJson.Default.ProblemDetails, Stop);
        Assert.DoesNotContain("secret", problem!.Title, StringComparison.Ordinal);
        return problem.Code;
    }

    private static async Task<(HttpStatusCode Status, HookView? View)> HookAsync(SourceHost host, string user, HttpMethod method)
    {
        using var client = host.Client(user);
        using var request = new HttpRequestMessage(method, "/api/repositories/orders/hook");
        using var answer = await client.SendAsync(request, Stop);
        return (answer.StatusCode, answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<HookView>(JsonSerializerOptions.Web, Stop) : null);
    }

    private static async Task<HttpStatusCode> SendAsync(SourceHost host, byte[] body, params (string Name, string Value)[] headers)
    {
        using var client = host.Client(user: null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/hooks/orders") { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await client.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private static async Task UntilVersionAsync(SourceHost host, string version)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await host.Repositories.ReadAsync("orders", (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit, "version", Stop) != version)
        {
            Assert.False(deadline.IsCancellationRequested, $"Upstream's {version} did not arrive.");
            await Task.Delay(20, Stop);
        }
    }
}
