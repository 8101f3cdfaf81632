using Axle.Contracts;
using Axle.Platform.Builds;

namespace Axle.Tests.Builds;

/// <summary>What a source tree is taken for, in the shapes that public samples have (dokku, railpack, paketo, Score).</summary>
public sealed class DetectionTests
{
    private const string WebProject = """<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""";
    private const string OldWebProject = """<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>""";
    private const string Library = """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""";
    private const string Tests = """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup><ItemGroup><PackageReference Include="xunit.v3" /></ItemGroup></Project>""";

    private static readonly Machine s_machine = new(new Dictionary<string, string>
    {
        ["node"] = "20.20.2",
        ["npm"] = "11.19.1",
        ["corepack"] = "0.34.0",
        ["dotnet"] = "10.0.401",
        ["python3"] = "3.11.7",
        ["pip"] = "23.0.1",
        ["bash"] = "5.2.15",
    });

    public static TheoryData<string, string[], string, string, string, string> Trees => new()
    {
        // what, files (path, text, path, text…), builder, process kinds, start of the main process, steps
        { "Express with start script", ["package.json", """{"name":"x","scripts":{"start":"node web.js"},"dependencies":{"express":"5.2.x"}}""", "web.js", ""], "node", "web=web", "exec node web.js", "npm install --no-audit --no-fund" },
        { "Express with a lock file", ["package.json", """{"scripts":{"start":"node index.js"},"dependencies":{"express":"5"}}""", "package-lock.json", "{}", "index.js", ""], "node", "web=web", "exec node index.js", "npm ci --no-audit --no-fund" },
        { "Express with main only", ["package.json", """{"main":"./lib/app","dependencies":{"express":"5"}}""", "lib/app.js", ""], "node", "web=web", "node lib/app.js", "npm install --no-audit --no-fund" },
        { "Express with Procfile", ["package.json", """{"dependencies":{"express":"5"}}""", "Procfile", "# x\nweb: node web.js # inline\nworker: node worker.js\nrelease: node m.js\ncron.night: 0 3 * * * node c.js\n", "web.js", ""], "node", "web=web worker=worker release=release cron.night=cron", "exec node web.js # inline", "npm install --no-audit --no-fund" },
        { "Worker only", ["package.json", """{"dependencies":{"express":"5"}}""", "Procfile", "worker: node worker.js", "worker.js", ""], "node", "worker=worker", "exec node worker.js", "npm install --no-audit --no-fund" },
        { "Start script with two commands", ["package.json", """{"scripts":{"start":"echo \"start\" && node server.js"}}""", "server.js", ""], "node", "web=web", "; echo \"start\" && node server.js", "" },
        { "Start script with a hook", ["package.json", """{"scripts":{"prestart":"node prepare","start":"node server.js"}}""", "server.js", ""], "node", "web=web", "npm start --silent", "" },
        { "TypeScript, built and pruned", ["package.json", """{"scripts":{"build":"tsc","start":"node dist/index.js"},"devDependencies":{"typescript":"5"}}""", "package-lock.json", ""], "node", "web=web", "exec node dist/index.js", "npm ci --no-audit --no-fund|npm run build|npm prune --omit=dev --no-audit --no-fund" },
        { "A start tool from devDependencies", ["package.json", """{"scripts":{"start":"tsx src/main.ts"},"devDependencies":{"tsx":"4"}}"""], "node", "web=web", "exec tsx src/main.ts", "npm install --no-audit --no-fund" },
        { "npm workspaces", ["package.json", """{"scripts":{"start":"node packages/api/index.js"},"workspaces":["packages/*"]}""", "package-lock.json", "{}"], "node", "web=web", "exec node packages/api/index.js", "npm ci --no-audit --no-fund|npm run build --workspaces --if-present" },
        { "pnpm", ["package.json", """{"scripts":{"start":"node main.js"},"dependencies":{"a":"1"}}""", "pnpm-lock.yaml", ""], "node", "web=web", "exec node main.js", "corepack pnpm install --frozen-lockfile" },
        { "Yarn 1", ["package.json", """{"scripts":{"start":"node main.js"},"dependencies":{"a":"1"}}""", "yarn.lock", ""], "node", "web=web", "exec node main.js", "npm exec --yes -- yarn@1.22.22 install --frozen-lockfile --non-interactive" },
        { "Procfile that starts a committed program of another language", ["Procfile", "web: ./bin/shop --listen", "bin/shop", "", "go.mod", ""], "procfile", "web=web", "exec ./bin/shop --listen", "" },
        { "Yarn 4", ["package.json", """{"scripts":{"start":"node main.js"},"packageManager":"yarn@4.5.3"}""", "yarn.lock", ""], "node", "web=web", "exec node main.js", "corepack yarn install --immutable" },
        { "Vite: a build and no start", ["package.json", """{"scripts":{"dev":"vite","build":"vite build"},"devDependencies":{"vite":"7"}}""", "package-lock.json", "{}", "index.html", ""], "static", "web=static", "", "npm ci --no-audit --no-fund|npm run build" },
        { "Create React App: start is a development server", ["package.json", """{"scripts":{"start":"react-scripts start","build":"react-scripts build"},"dependencies":{"react-scripts":"5"}}""", "package-lock.json", "{}"], "static", "web=static", "", "npm ci --no-audit --no-fund|npm run build" },
        { "Node without package.json", ["server.js", ""], "node", "web=web", "node server.js", "" },
        { "ASP.NET Core", ["Shop.csproj", WebProject, "Program.cs", ""], "dotnet", "web=web", "dotnet Shop.dll", "dotnet publish Shop.csproj -c Release -o out --nologo --disable-build-servers -p:UseSharedCompilation=false" },
        { "A solution with library and tests", ["Shop.slnx", "", "src/Shop.Web/Shop.Web.csproj", WebProject, "src/Shop/Shop.csproj", Library, "tests/Shop.Tests/Shop.Tests.csproj", Tests, "package.json", "{}"], "dotnet", "web=web", "dotnet Shop.Web.dll", "dotnet publish src/Shop.Web/Shop.Web.csproj -c Release -o out --nologo --disable-build-servers -p:UseSharedCompilation=false" },
        { "Two web projects, one called by the Procfile", ["a/A.csproj", WebProject, "b/B.csproj", WebProject, "Procfile", "web: dotnet B.dll"], "dotnet", "web=web", "exec dotnet B.dll", "dotnet publish b/B.csproj -c Release -o out --nologo --disable-build-servers -p:UseSharedCompilation=false" },
        { "Single file", ["app.cs", "#:sdk Microsoft.NET.Sdk.Web\n"], "dotnet", "web=web", "dotnet app.dll", "dotnet publish app.cs -c Release -o out --nologo --disable-build-servers -p:UseSharedCompilation=false -p:PublishAot=false" },
        { "Python program", ["main.py", ""], "python", "web=web", "python3 main.py", "" },
        { "Python by Procfile", ["web.py", "", "Procfile", "web: python3 -u web.py"], "python", "web=web", "exec python3 -u web.py", "" },
        { "Python with packages", ["hello.py", "", "requirements.txt", "Flask==3.1.3\n", "Procfile", "web: gunicorn hello:app"], "python", "web=web", "export PATH=\"$PWD/.axle/python/bin:$PATH\"; exec gunicorn hello:app", "python3 -m pip install --target .axle/python --no-compile --no-input --progress-bar off -r requirements.txt" },
        { "Python by the name that Debian does not have", ["server.py", "", "Procfile", "web: python server.py --like python\nworker: A=1 python w.py && python x.py\n"], "python", "web=web worker=worker", "exec python3 server.py --like python", "" },
        { "Empty requirements", ["app.py", "", "requirements.txt", "# none\n\n"], "python", "web=web", "python3 app.py", "" },
        { "Empty pyproject dependencies", ["main.py", "", "pyproject.toml", "[project]\ndependencies = []\n"], "python", "web=web", "python3 main.py", "" },
        { "A bot", ["bot.py", ""], "python", "worker=worker", "python3 bot.py", "" },
        { "Static site", ["index.html", "<p>", ".static", ""], "static", "web=static", "", "" },
        { "Static site in public", ["public/index.html", "<p>", "README.md", ""], "static", "web=static", "", "" },
        { "Staticfile", ["Staticfile", "root: hello\n", "hello/index.html", ""], "static", "web=static", "", "" },
        { "Shell script", ["start.sh", "echo"], "shell", "web=web", "/bin/sh start.sh", "" },
        { "Bash script", ["start.sh", "#!/bin/bash\n"], "shell", "web=web", "/bin/bash start.sh", "" },
        { "Procfile alone", ["Procfile", "web: ./server\nclock: ./clock", "server", ""], "procfile", "web=web clock=worker", "exec ./server", "" },
        { "Dockerfile beside Node", ["Dockerfile", "FROM x", "package.json", """{"scripts":{"start":"node index.js"}}"""], "node", "web=web", "exec node index.js", "" },
        { "Score with busybox", ["score.yaml", Score("busybox", "command: [\"/bin/sh\"]", "args: [\"-c\", \"while true; do sleep 5; done\"]"), "package.json", "{"], "shell", "worker=worker", "/bin/sh -c while true; do sleep 5; done", "" },
        { "Score with a source container", ["score.yaml", Score(".") + "service:\n  ports:\n    web:\n      port: 80\n", "main.py", ""], "python", "web=web", "python3 main.py", "" },
        { "Score with its own command", ["score.yaml", Score(".", "command: [\"python3\", \"other.py\"]"), "main.py", ""], "python", "worker=worker", "python3 other.py", "" },
        { "Score with further arguments", ["score.yaml", Score(".", "args: [\"--fast\"]"), "main.py", ""], "python", "worker=worker", "python3 main.py", "" },
        { "Score with arguments for a script", ["score.yaml", Score(".", "args: [\"--fast\"]"), "package.json", """{"scripts":{"start":"node a.js"}}"""], "node", "worker=worker", "exec node a.js \"$@\" sh", "" },
    };

    [Theory, MemberData(nameof(Trees))]
    public async Task A_source_tree_is_recognised(string what, string[] files, string builder, string processes, string start, string steps)
    {
        var found = await DetectAsync(files);

        Assert.True(found.Ok, $"{what}: {found}");
        var plan = found.Value;
        Assert.Equal(builder, plan.Builder);
        Assert.Equal(processes, string.Join(' ', plan.Processes.Select(p => $"{p.Name}={p.Kind}")));
        Assert.EndsWith(start, string.Join(' ', plan.Processes[0].Command), StringComparison.Ordinal);
        Assert.Equal(steps, string.Join('|', plan.Application.Steps.Select(s => s.Words)));
    }

    public static TheoryData<string, string[], string, string> Refusals => new()
    {
        // what, files, code, words that must be in the message
        { "nothing", ["README.md", ""], "builds.nothing_detected", "README.md" },
        { "empty", [], "builds.nothing_detected", "empty" },
        { "Dockerfile only", ["Dockerfile", "FROM alpine", "main.go", ""], "builds.needs_container_engine", "Dockerfile" },
        { "a real image", ["score.yaml", Score("ghcr.io/finos/traderx/account-service:latest")], "builds.needs_container_engine", "line 6" },
        { "an image that only begins like a shell", ["score.yaml", Score("alpine/git", "command: [git]")], "builds.needs_container_engine", "alpine/git" },
        { "a shell without command", ["score.yaml", Score("busybox:1.36")], "builds.no_command", "busybox:1.36" },
        { "a broken score.yaml", ["score.yaml", "apiVersion: score.dev/v1b1\n"], "workloads.invalid", "score.yaml" },
        { "two web projects", ["a/A.csproj", WebProject, "b/B.csproj", WebProject], "builds.several_projects", "a/A.csproj, b/B.csproj" },
        { "libraries only", ["a/A.csproj", Library], "builds.no_start", "a/A.csproj" },
        { "no start in package.json", ["package.json", """{"name":"x"}"""], "builds.no_start", "package.json" },
        { "no JSON", ["package.json", "{\n  \"a\": }"], "builds.file_invalid", "package.json" },
        { "Bun", ["package.json", """{"scripts":{"start":"bun x"}}""", "bun.lock", ""], "builds.tool_missing", "Bun" },
        { "uv", ["main.py", "", "pyproject.toml", "[project]\ndependencies = [\n    \"fastapi\",\n]\n"], "builds.python_dependencies", "pyproject.toml" },
        { "Pipenv", ["main.py", "", "Pipfile", "[packages]\nflask = \"*\"\n"], "builds.python_dependencies", "Pipfile" },
        { "another language", ["pom.xml", "<project/>"], "builds.language_not_built", "pom.xml says that this is Java" },
        { "another language with a Procfile", ["Procfile", "web: bundle exec ruby web.rb", "Gemfile", "", "web.rb", ""], "builds.language_not_built", "Gemfile says that this is Ruby" },
        { "another language by its files", ["Procfile", "web: web", "web.go", ""], "builds.language_not_built", "web.go says that this is Go" },
        { "pages further down", ["app/public/index.html", "", "app/alternate/index.html", ""], "builds.nothing_detected", "'root: app/public'" },
        { "a broken Procfile", ["Procfile", "web: ./x\nnot a process\ncron.x: * * * node y"], "builds.procfile_invalid", "2 lines" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task What_cannot_be_built_is_refused_with_a_way_on(string what, string[] files, string code, string words)
    {
        var found = await DetectAsync(files);

        Assert.False(found.Ok, what);
        Assert.Equal(code, found.Error!.Code);
        Assert.NotNull(found.Error.Next);
        Assert.Contains(words, $"{found.Error.Message} {found.Error.Next}", StringComparison.Ordinal);
    }

    public static TheoryData<string, string[], string, string?> Procfiles => new()
    {
        // what                                      files                                                                                                          wait                 said
        { "beside web, only web runs at first",      ["Procfile", "web: ./s\nworker: ./w\nclock: ./c\nrelease: ./r\ncron.n: 0 3 * * * ./n\n", "s", ""],           "worker clock",      "Only web runs at first; to start the others: axle scale demo worker=1 clock=1" },
        { "beside the language's own web process",   ["server.py", "", "Procfile", "release: ./r\n"],                                                               "",                  null },
        { "beside a port of score.yaml",             ["score.yaml", Score(".") + "service:\n  ports:\n    web: {port: 80}\n", "server.py", "", "Procfile", "worker: ./w"], "worker",       "Only web runs at first; to start worker: axle scale demo worker=1" },
        { "beside a site",                           ["index.html", "", "Procfile", "worker: ./w"],                                                                  "worker",            "Only web runs at first; to start worker: axle scale demo worker=1" },
        { "without web, every one is the app",       ["package.json", "{}", "worker.js", "", "Procfile", "worker: node worker.js\nclock: node clock.js"],            "",                  null },
        { "without web, in a score.yaml without one", ["score.yaml", Score("."), "package.json", "{}", "Procfile", "worker: node w.js\ncron.r: */15 * * * * node r.js"], "",               null },
        { "score.yaml's own command is the app",     ["score.yaml", Score(".", "command: [\"node\", \"a.js\"]"), "package.json", "{}", "Procfile", "clock: node c.js"], "clock",         "Only worker runs at first; to start clock: axle scale demo clock=1" },
    };

    [Theory]
    [MemberData(nameof(Procfiles), DisableDiscoveryEnumeration = true)]
    public async Task Of_a_Procfile_only_the_main_process_runs_until_others_are_scaled(string what, string[] files, string waiting, string? said)
    {
        var plan = (await DetectAsync(files)).Value;

        Assert.Equal((what, waiting), (what, string.Join(' ', plan.Processes.Where(p => p.Waits).Select(p => p.Name))));
        Assert.Equal(said, plan.Waiting("demo"));
    }

    [Fact]
    public async Task A_likely_secret_in_score_yaml_is_said_with_its_place_and_stops_nothing()
    {
        // axle:allow-secret, here and in the next lines: made up for this test.
        const string Secret = "ghp_" + "wJalrXUtnFEMIK7MDENGbPxRfiCYzz012345";
        var score = $"apiVersion: score.dev/v1b1\nmetadata:\n  name: shop\ncontainers:\n  web:\n    image: .\n    variables:\n      API_TOKEN: {Secret}\n";
        string[] files = ["package.json", """{"scripts":{"start":"node web.js"}}""", "score.yaml", score];
        var note = Assert.Single((await DetectAsync(files)).Value.Notes);
        Assert.StartsWith("Warning: score.yaml:8:", note, StringComparison.Ordinal);
        Assert.Contains("axle secret set NAME", note, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, note, StringComparison.Ordinal);
        Assert.Empty((await DetectAsync([.. files, ".axle-allow-secrets", "score.yaml\n"])).Value.Notes);
    }

    [Fact]
    public async Task The_proposal_is_a_valid_score_file_that_leads_to_the_same_plan()
    {
        string[] files = ["package.json", """{"name":"x","scripts":{"start":"node web.js"}}"""];
        var plan = (await DetectAsync(files)).Value;
        var again = (await DetectAsync([.. files, "score.yaml", plan.ProposedScore])).Value;

        Assert.Equal(plan.Processes[0].Command, again.Processes[0].Command);
        Assert.Equal(plan.Processes[0].Kind, again.Processes[0].Kind);
        Assert.Equal(plan.Workload.GetRawText(), again.Workload.GetRawText());
    }

    [Fact]
    public async Task An_older_target_and_a_pinned_sdk_are_bridged_and_said()
    {
        var plan = (await DetectAsync(["x.csproj", OldWebProject, "global.json", """{"sdk":{"version":"8.0.404"}}"""])).Value;

        Assert.Equal("Major", plan.Processes[0].Variables["DOTNET_ROLL_FORWARD"]);
        Assert.Contains("latestMajor", plan.Application.Overlay["global.json"], StringComparison.Ordinal);
        Assert.Equal(2, plan.Notes.Count);
    }

    [Fact]
    public async Task The_annotation_chooses_among_projects()
    {
        var score = Score(".").Replace("  name: demo\n", "  name: demo\n  annotations:\n    axle.dev/project: b/B.csproj\n", StringComparison.Ordinal);
        var plan = (await DetectAsync(["a/A.csproj", WebProject, "b/B.csproj", WebProject, "score.yaml", score])).Value;

        Assert.Contains("b/B.csproj", plan.Application.Steps[0].Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("18.x.x", 18, true)]
    [InlineData("18.x.x", 20, false)]
    [InlineData(">=18", 20, true)]
    [InlineData(">=18 <20", 20, false)]
    [InlineData("^18 || ^20", 20, true)]
    [InlineData("23.5.0", 20, false)]
    [InlineData("*", 20, true)]
    [InlineData("lts/*", 20, true)]
    public void A_node_range_is_compared_by_its_major_version(string range, int major, bool expected) =>
        Assert.Equal(expected, NodeDetector.Satisfies(range, major));

    [Theory]
    [InlineData("dist/index.html", null, "dist")]
    [InlineData("build/index.html out/index.html", null, "build")]
    [InlineData("dist/shop/browser/index.html", null, "dist/shop/browser")]
    [InlineData(".output/server/index.mjs .output/public/index.html", ".output/server/index.mjs", null)]
    [InlineData("src/index.html", null, null)]
    public void The_result_of_a_node_build_decides_what_it_was(string files, string? server, string? root) =>
        Assert.Equal((server, root), NodeDetector.Output(files.Split(' ')));

    internal static Task<Result<BuildPlan>> DetectAsync(params string[] files) =>
        Detector.DetectAsync(
            new SourceTree(files.Chunk(2).ToDictionary(f => f[0], f => f[1])),
            s_machine,
            "demo",
            null,
            TestContext.Current.CancellationToken);

    private static string Score(string image, params string[] more) =>
        $"apiVersion: score.dev/v1b1\nmetadata:\n  name: demo\ncontainers:\n  main:\n    image: {image}\n" + string.Concat(more.Select(m => $"    {m}\n"));
}
