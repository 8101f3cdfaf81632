using Axle.Platform.Secrets;
using CsCheck;

namespace Axle.Tests.Secrets;

/// <summary>Every token here is put together from parts, so that this file holds none.</summary>
public sealed class LeakGuardTests
{
    private const string Mixed = "q7Rt2XvB9mKd4LpZ8wNc6HsY3fGj5TbA1eUo0iVxCyMaSnDz";

    public static TheoryData<string, string, string> Bad => new()
    {
        { "a.js", "const id = '" + "AKI" + "A" + "Q3ZXB7LMN2PDRT5W" + "';", "an AWS access key" },
        { "a.py", "aws_secret_access_key = \"" + Mixed[..40] + "\"", "a secret that is written out" },
        { "a.md", "curl -H 'Authorization: token gh" + "p_" + Mixed[..36] + "'", "a GitHub token" },
        { "a.txt", "github" + "_pat_" + Mixed + Mixed[..20], "a GitHub token" },
        { ".gitlab-ci.yml", "x: gl" + "pat-" + Mixed[..20], "a GitLab token" },
        { "a.rb", "xox" + "b-" + "281734659012-" + Mixed[..24], "a Slack token" },
        { "a.sh", "curl https://hooks.slack" + ".com/services/T0" + "4AB12CD/B0" + "7EF34GH/" + Mixed[..24], "a Slack webhook" },
        { "a.go", "key := \"sk" + "_live_" + Mixed[..24] + "\"", "a Stripe live key" },
        { "a.ts", "'AI" + "za" + Mixed[..35] + "'", "a Google API key" },
        { ".npmrc", "//registry/:_authToken=np" + "m_" + Mixed[..36], "an npm token" },
        { "ci.yml", "AXLE_TOKEN: ax" + "l_pat_" + Mixed[..10] + "_" + Mixed + "Z", "an Axle token" },
        { "a.cs", "AccountKey" + "=" + Mixed + Mixed[..38] + "==", "an Azure storage key" },
        { "a.json", "{\"t\":\"ey" + "Jhbccc1OiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NTY3.SflKxw" + "RJSMeKKF2QT4fwpMeJf36P\"}", "a JSON web token" },
        { "id_rsa", "-----BEGIN RSA PRIV" + "ATE KEY-----\n" + Mixed + Mixed, "a private key" },
        { "key.json", "\"k\": \"-----BEGIN PRIV" + "ATE KEY-----\\n" + Mixed + "\\n\"", "a private key" },
        { "app.yml", "url: postgres://app:" + "V3ry-Hard2Guess" + "@db.shop.internal/orders", "a password in an address" },
        { "Program.cs", "var dbPassword = \"" + Mixed[..20] + "\";", "a secret that is written out" },
        { ".env", "SESSION_SECRET=" + Mixed[..32], "a secret that is written out" },
        { "score.yaml", "      API_KEY: " + Mixed[..24], "a secret that is written out" },
        { "a.toml", "client_secret = '" + "8Q~z." + Mixed[..28] + "'", "a secret that is written out" },
    };

    public static TheoryData<string, string> Good => new()
    {
        { "score.yaml", "      DB_PASSWORD: ${resources.db.password}" },
        { "score.yaml", "      API_KEY: \"${resources.env.API_KEY}\"" },
        { "README.md", "export API_KEY=<your key>" },
        { "README.md", "AWS key: AKI" + "AIOSFODNN7EXAMPLE" },
        { ".env.example", "PASSWORD=changeme123456" },
        { ".env.example", "SESSION_SECRET=replace-with-32-random-characters" },
        { "compose.yml", "DATABASE_URL: postgres://app:app@db:5432/app" },
        { "compose.yml", "DATABASE_URL: postgres://postgres:s3cretive9@localhost:5432/app" },
        { "a.js", "const password = process.env.DB_PASSWORD_V2;" },
        { "a.js", "const token = await fetchToken(user.id, 'oauth2-login');" },
        { "a.cs", "public const string TokenUrl = \"/oauth2/v1/token-exchange\";" },
        { "a.cs", "new Option<string>(\"--token-stdin-v2\")" },
        { "a.ts", "password: string = this.form.controls['password2'].value" },
        { "a.py", "secret_name = \"orders-db-7f9c2d\"" },
        { "package-lock.json", "\"integrity\": \"sha512-" + Mixed + "==\", \"token\": \"" + Mixed + "\"" },
        { "k8s.yaml", "  secretName: orders-tls-2024" },
        { "k8s.yaml", "        key: DATABASE_PASSWORD_1" },
        { "a.pub", "ssh-rsa AAAAB3NzaC1yc2E" + Mixed + Mixed },
        { "cert.pem", "-----BEGIN PUBLIC KEY-----\n" + Mixed + Mixed },
        { "a.go", "if strings.HasPrefix(text, \"-----BEGIN PRIV" + "ATE KEY-----\") {" },
        { "a.sum", "h1:" + Mixed + "=" },
        { "a.js", "tokenId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301'" },
        { "a.js", "secret: '3f2504e0-4f89-41d3-9a0c-0305e82c3301'" },
        { "a.yml", "uses: actions/create-github-app-token@v1.11.0" },
        { "a.md", "The token is valid for 90 days; see https://docs.test/tokens#create2" },
        { "a.html", "<input id=\"password\" name=\"password\" autocomplete=\"current-password\">" },
        { "a.css", "--key-color-1: #a1b2c3d4e5f6" },
    };

    [Theory, MemberData(nameof(Bad))]
    public void A_secret_is_found_at_its_place_and_shown_masked(string path, string text, string rule)
    {
        var leak = Assert.Single(LeakGuard.Scan(path, "first line\n" + text));
        Assert.Equal((path, 2, rule), (leak.Path, leak.Line, leak.Rule));
        Assert.InRange(leak.Column, 1, text.Length);
        Assert.DoesNotContain(Mixed[..16], leak.ToString(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Good))]
    public void What_only_looks_like_one_passes(string path, string text) => Assert.Empty(LeakGuard.Scan(path, text));

    [Fact]
    public void The_line_or_the_one_above_can_permit_it()
    {
        var bad = "password = \"" + Mixed[..20] + "\"";
        Assert.Single(LeakGuard.Scan("a.py", bad));
        Assert.Empty(LeakGuard.Scan("a.py", bad + " # axle:allow-secret, only for tests"));
        Assert.Empty(LeakGuard.Scan("a.py", "# axle:allow-secret\n" + bad));
        Assert.Single(LeakGuard.Scan("a.py", "# axle:allow-secret\n\n" + bad));
    }

    [Theory]
    [InlineData("tests/fixtures/", "tests/fixtures/a/b.pem", true)]
    [InlineData("tests/*.pem", "tests/a.pem", true)]
    [InlineData("tests/*.pem", "tests/a/b.pem", false)]
    [InlineData("**/*.pem", "tests/a/b.pem", true)]
    [InlineData("**.pem", "b.pem", true)]
    [InlineData("a/**/z/*.x", "a/b/c/z/q.x", true)]
    [InlineData("a/**/z/*.x", "a/b/c/z/q/r.x", false)]
    [InlineData("/b.pem", "b.pem", true)]
    [InlineData("b.pem", "a/b.pem", false)]
    [InlineData("# *", "b.pem", false)]
    public void A_repository_permits_paths(string pattern, string path, bool allowed)
    {
        var permits = new LeakPermits();
        permits.Add($"# comment\n\n{pattern}\n");
        Assert.Equal(allowed, permits.Allows(path));
    }

    [Fact]
    public void No_text_makes_it_fail_or_slow()
    {
        Gen.String.Sample(text => LeakGuard.Scan("a.yaml", "password=" + text));
        foreach (var nasty in new[] { new string('a', 4000) + "=", "password" + new string(' ', 4000) + "=", string.Concat(Enumerable.Repeat("token=", 600)), string.Concat(Enumerable.Repeat("a://b:", 600)), string.Concat(Enumerable.Repeat("eyJaaaaaaaaaa.", 280)) })
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            LeakGuard.Scan("a.yaml", nasty);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{watch.Elapsed} for {nasty[..20]}");
        }
    }

    [Fact]
    public void Our_own_sources_pass()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Axle.slnx")))
        {
            root = root.Parent;
        }

        var leaks = new[] { "src", "docs", "templates" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root.FullName, folder), "*", SearchOption.AllDirectories))
            .SelectMany(file => LeakGuard.Scan(Path.GetRelativePath(root.FullName, file), File.ReadAllText(file)));
        Assert.Empty(leaks);
    }
}
