using System.Net;
using System.Text;
using Axle.Contracts;
using Axle.Platform.Secrets;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Secrets;

public sealed class PlaintextTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_every_verb_no_file_of_the_platform_holds_a_value_and_a_restart_gives_it_back()
    {
        const string Value = "needle-7Jq2-in-the-haystack";
        var server = new TestServer();
        await server.StartAsync();
        try
        {
            using (var admin = server.Admin())
            {
                await server.Entities.PutAllAsync([TestServer.Json("Group", "shop", """{"type":"team","children":[]}"""), TestServer.Component("orders", "shop"), TestServer.Component("billing", "shop")], "system:test", stop: Stop);
                admin.DefaultRequestHeaders.Add("Idempotency-Key", "k1");
                Assert.True((await SecretsApiTests.SetAsync(admin, "KEY", "component=orders", Value)).IsSuccessStatusCode);
                admin.DefaultRequestHeaders.Remove("Idempotency-Key");
                foreach (var (path, body) in new (string, object)[]
                {
                    ("KEY/read?component=orders", new { }),
                    ("KEY/rotate?component=orders", new SecretRotateRequest(Value + "-2")),
                    ("KEY/rollback?component=orders", new SecretRollbackRequest()),
                    ("KEY/share?component=orders", new SecretShareRequest("billing")),
                    ("KEY/unshare?component=orders", new SecretShareRequest("billing")),
                    ("-/rotate-key", new { }),
                    ("KEY/read?component=orders", new { }),
                    ("KEY/rotate?component=orders", new SecretRotateRequest(Value + "\0")),
                })
                {
                    using var answer = await SecretsApiTests.PostAsync(admin, path, body);
                    Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.UnprocessableEntity, $"{path}: {answer.StatusCode}");
                }

                var link = await (await SecretsApiTests.PostAsync(admin, "KEY/link?component=orders", new SecretLinkRequest())).ReadAsync<SecretLink>();
                using var opened = await admin.PostAsync(new Uri(link.Url).AbsolutePath, null, Stop);
                Assert.Contains(Value, await opened.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
                Assert.Empty(Holding(server.Folder, new Uri(link.Url).AbsolutePath.Split('/')[^1]));
                await server.Services.GetRequiredService<ISecrets>().KeepAsync(EntityRef.Of("ResourceClaim", "db"), "login", 1, new SecretValue(Value), Stop);
                Assert.True((await admin.DeleteAsync("/api/secrets/KEY?component=orders", Stop)).IsSuccessStatusCode);
                Assert.Equal(HttpStatusCode.OK, (await SecretsApiTests.PostAsync(admin, "KEY/restore?component=orders", new { })).StatusCode);
                Assert.Contains("secrets.db", Holding(server.Folder, "rollback"));
                Assert.Empty(Holding(server.Folder, "needle-7Jq2"));
            }

            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server.Folder, "secrets.db")));
            await server.StopAsync();
            await server.StartAsync();
            using var later = server.Admin();
            Assert.Equal(Value, (await SecretsApiTests.ReadAsync(later, "KEY", "component=orders")).Value);
            Assert.Equal(2, server.Services.GetRequiredService<SecretKey>().Master.Count);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_sealed_platform_runs_says_why_and_refuses_every_verb_on_secrets()
    {
        var server = new TestServer();
        await server.StartAsync();
        try
        {
            await server.StopAsync();
            File.Delete(Path.Combine(server.Folder, "keys", "master.key"));
            await server.StartAsync();
            using var admin = server.Admin();
            var platform = await (await admin.GetAsync("/api/platform", Stop)).ReadAsync<PlatformView>();
            Assert.Contains("The master key is missing", platform.SecretsSealed, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/entities", Stop)).StatusCode);
            Assert.Equal("secrets.sealed", (await (await admin.GetAsync("/api/secrets", Stop)).ProblemAsync(HttpStatusCode.ServiceUnavailable)).Code);
            Assert.Equal("secrets.sealed", (await (await SecretsApiTests.SetAsync(admin, "KEY", "organisation=true", "x")).ProblemAsync(HttpStatusCode.ServiceUnavailable)).Code);
            Assert.Equal("secrets.sealed", (await (await SecretsApiTests.PostAsync(admin, "-/rotate-key", new { })).ProblemAsync(HttpStatusCode.ServiceUnavailable)).Code);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static List<string> Holding(string folder, string text)
    {
        var needle = Encoding.UTF8.GetBytes(text);
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Bytes(file).AsSpan().IndexOf(needle) >= 0).Select(file => Path.GetFileName(file).Replace("-wal", "", StringComparison.Ordinal)).Distinct()];
    }

    private static byte[] Bytes(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }
}
