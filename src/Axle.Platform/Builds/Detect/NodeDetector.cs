using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Builds;

/// <summary>
/// Node: a package.json at the top, or a server.js and the like without one. Installed with the manager whose lock file
/// lies there; built by <c>heroku-postbuild</c> or <c>build</c>; started by <c>start</c>, <c>main</c> or a well-known file. A build
/// script with no way to start it, or only a development server, is a static site.
/// </summary>
internal static partial class NodeDetector
{
    private static readonly string[] s_entries = ["server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs", "app.mjs", "main.mjs", "server.cjs", "index.cjs"];

    // The last of its line, by npm: corepack would look up the newest and check a signature that not every registry hands on.
    private static readonly string[] s_classicYarn = ["npm", "exec", "--yes", "--", "yarn@1.22.22"];

    // Programs that serve source to a developer's browser; in production their build's result is served.
    private static readonly string[] s_developmentServers =
    [
        "react-scripts start", "vite", "vite dev", "vite serve", "vite preview", "ng serve", "vue-cli-service serve", "webpack serve",
        "webpack-dev-server", "parcel", "gatsby develop", "astro dev", "astro preview", "eleventy --serve", "npx @11ty/eleventy --serve", "ng",
    ];

    public static async Task<Result<Application>?> DetectAsync(SourceTree tree, Machine machine, Procfile procfile, CancellationToken stop)
    {
        if (!tree.Has("package.json"))
        {
            if (tree.First([.. s_entries]) is not { } single || tree.Has("index.html"))
            {
                return null;
            }

            return Need(machine) is { } none ? none : Plain(single);
        }

        if (!Package.TryRead(await tree.ReadAsync("package.json", stop) ?? "", out var package, out var wrong))
        {
            return wrong;
        }

        if (Need(machine) is { } missing)
        {
            return missing;
        }

        // 1. Which package manager, and is it here?
        var manager = Manager(tree, package);
        if (manager.Install[0] == "corepack" && !machine.Has("corepack"))
        {
            return new ToolMissing("corepack", $"{manager.Because} asks for {manager.Name}", "npm install -g corepack, or commit a package-lock.json made by npm instead.");
        }

        if (manager.Name == "bun" && !machine.Has("bun"))
        {
            return new ToolMissing("Bun", $"{manager.Because} asks for Bun", "Commit a package-lock.json made by npm install instead.");
        }

        // 2. What is started?
        var start = Start(tree, package, procfile);
        var build = package.Script("heroku-postbuild") is not null ? "heroku-postbuild" : package.Script("build") is not null ? "build" : null;
        var isStatic = start is null && procfile.Leading is null && build is not null;

        // 3. Steps in order.
        var notes = new List<string>();
        var keepsDevelopment = isStatic || procfile.Lines.Select(l => l.Text).Append(start?.Line ?? "").Any(package.UsesDevelopmentTool);
        var steps = new List<BuildStep>();
        if (package.Dependencies || manager.Locked || package.Workspaces)
        {
            steps.Add(new BuildStep("install", manager.Install));
        }

        if (build is not null)
        {
            steps.Add(new BuildStep("build", [.. manager.Run, build]) { Variables = new Dictionary<string, string> { ["NODE_ENV"] = "production" } });
        }
        else if (package.Workspaces && manager.Name == "npm")
        {
            steps.Add(new BuildStep("build", ["npm", "run", "build", "--workspaces", "--if-present"]));
        }

        if (package.DevelopmentDependencies.Count > 0 && !keepsDevelopment && manager.Prune is { } prune && !(package.Workspaces && manager.Name == "pnpm"))
        {
            steps.Add(new BuildStep("prune", prune));
        }
        else if (package.DevelopmentDependencies.Count > 0 && keepsDevelopment && !isStatic)
        {
            notes.Add("The start command uses a package from devDependencies, so these are kept.");
        }

        if (package.NodeRange is { } range && machine.Major("node") is { } here && !Satisfies(range, here))
        {
            notes.Add($"package.json asks for Node {range}; this machine has {machine.Versions["node"]}, which is used.");
        }

        var name = package.Name ?? "package.json";
        if (isStatic)
        {
            return new Application
            {
                Builder = "static",
                Title = $"Web site {name}, built by npm run {build}",
                Kind = "static",
                StartWords = "the built pages",
                Steps = steps,
                Notes = notes,
                ProgramFolders = ["node_modules/.bin"],
                Outcome = new Outcome(OutcomeKind.NodeOutput),
            };
        }

        return new Application
        {
            Builder = "node",
            Title = $"{package.Framework} app {name}",
            Start = start?.Command ?? [],
            StartWords = start?.Words ?? "",
            Steps = steps,
            Notes = notes,
            Variables = new Dictionary<string, string> { ["NODE_ENV"] = "production" },
            ProgramFolders = ["node_modules/.bin"],
            WithoutStart = start is null
                ? new NoStart($"A package.json ({name})", "Add \"scripts\": {\"start\": \"node server.js\"} to package.json, or a Procfile with 'web: node server.js', and push again.")
                : null,
        };
    }

    /// <summary>What a Node build without start command made: a server of a known framework, or a folder of pages; null when neither is there.</summary>
    public static (string? Server, string? Root) Output(IReadOnlyCollection<string> files)
    {
        string[] servers = [".output/server/index.mjs", "dist/server/entry.mjs", "build/server/index.js"];
        string[] roots = ["dist", "build", "out", "_site", "public", "www", ".output/public"];
        var known = files as IReadOnlySet<string> ?? files.ToHashSet(StringComparer.Ordinal);
        if (servers.FirstOrDefault(known.Contains) is { } server)
        {
            return (server, null);
        }

        // Angular puts its pages one or two folders deeper: dist/<project>/browser.
        var root = roots.FirstOrDefault(r => known.Contains($"{r}/index.html"))
            ?? files.Where(f => AngularPage().IsMatch(f)).Order(StringComparer.Ordinal).Select(f => f[..f.LastIndexOf('/')]).FirstOrDefault();
        return (null, root);
    }

    private static ToolMissing? Need(Machine machine) =>
        machine.Has("node") ? null : new ToolMissing("Node.js", "This is a Node application", "apt-get install nodejs npm");

    private static Application Plain(string file) => new()
    {
        Builder = "node",
        Title = $"Node program {file} without package.json",
        Start = ["node", file],
        StartWords = $"node {file}",
        Variables = new Dictionary<string, string> { ["NODE_ENV"] = "production" },
    };

    private static (string Line, IReadOnlyList<string> Command, string Words)? Start(SourceTree tree, Package package, Procfile procfile)
    {
        if (package.Script("start") is { } script)
        {
            // A development server in 'start' counts only where no build makes something better.
            if (package.Script("build") is not null && s_developmentServers.Any(d => script == d || script.StartsWith(d + " --", StringComparison.Ordinal)))
            {
                return null;
            }

            return package.Script("prestart") is null && !script.Contains("npm_", StringComparison.Ordinal)
                ? (script, ShellLine.Command(script, ["node_modules/.bin"]), $"npm start ({script})")
                : (script, ["npm", "start", "--silent"], $"npm start ({script})");
        }

        if (package.Main is { } main && tree.First(main, main + ".js", main + "/index.js") is { } found)
        {
            return (found, ["node", found], $"node {found}");
        }

        // With a build, a file such as index.js at the top is more often the browser's.
        var file = tree.First([.. s_entries]);
        return file is not null && (package.Script("build") is null || file.StartsWith("server.", StringComparison.Ordinal))
            ? (file, ["node", file], $"node {file}")
            : null;
    }

    private sealed record PackageManager(string Name, string Because, bool Locked, IReadOnlyList<string> Install, IReadOnlyList<string> Run, IReadOnlyList<string>? Prune);

    private static PackageManager Manager(SourceTree tree, Package package)
    {
        string[] quiet = ["--no-audit", "--no-fund"];
        var wanted = package.PackageManager;
        var npm = new PackageManager("npm", "package-lock.json", true, ["npm", "ci", .. quiet], ["npm", "run"], ["npm", "prune", "--omit=dev", .. quiet]);
        var lockFile = tree.First("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb");
        return (lockFile, wanted) switch
        {
            ("package-lock.json" or "npm-shrinkwrap.json", _) => npm,
            ("pnpm-lock.yaml", _) => new("pnpm", lockFile, true, ["corepack", "pnpm", "install", "--frozen-lockfile"], ["corepack", "pnpm", "run"], ["corepack", "pnpm", "prune", "--prod"]),
            ("yarn.lock", _) when tree.Has(".yarnrc.yml") || (wanted is not null && YarnModern().IsMatch(wanted)) =>
                new("yarn", lockFile, true, ["corepack", "yarn", "install", "--immutable"], ["corepack", "yarn", "run"], null),
            ("yarn.lock", _) => new("yarn", lockFile, true, [.. s_classicYarn, "install", "--frozen-lockfile", "--non-interactive"], [.. s_classicYarn, "run"], [.. s_classicYarn, "install", "--production", "--ignore-scripts", "--prefer-offline", "--frozen-lockfile", "--non-interactive"]),
            ("bun.lock" or "bun.lockb", _) => new("bun", lockFile, true, ["bun", "install", "--frozen-lockfile"], ["bun", "run"], null),
            (_, { } p) when p.StartsWith("pnpm@", StringComparison.Ordinal) => new("pnpm", "packageManager in package.json", false, ["corepack", "pnpm", "install", "--no-frozen-lockfile"], ["corepack", "pnpm", "run"], ["corepack", "pnpm", "prune", "--prod"]),
            (_, { } p) when p.StartsWith("yarn@", StringComparison.Ordinal) => new("yarn", "packageManager in package.json", false, ["corepack", "yarn", "install"], ["corepack", "yarn", "run"], null),
            _ => npm with { Because = "package.json", Locked = false, Install = ["npm", "install", .. quiet] },
        };
    }

    /// <summary>Whether a major version lies in a range; a range that is not understood counts as satisfied, because this only decides about a remark.</summary>
    internal static bool Satisfies(string range, int major)
    {
        foreach (var part in range.Split("||", StringSplitOptions.TrimEntries))
        {
            var all = true;
            foreach (Match bound in Bound().Matches(part))
            {
                var wanted = int.Parse(bound.Groups[2].Value, CultureInfo.InvariantCulture);
                all &= bound.Groups[1].Value switch
                {
                    ">=" => major >= wanted,
                    ">" => major >= wanted,
                    "<" => major < wanted || (bound.Groups[3].Value.Any(c => c is >= '1' and <= '9') && major == wanted),
                    "<=" => major <= wanted,
                    _ => major == wanted,
                };
            }

            if (all)
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"(>=|<=|>|<|\^|~|=)?\s*v?([0-9]{1,4})((?:\.[0-9xX*]+)*)", RegexOptions.CultureInvariant)]
    private static partial Regex Bound();

    [GeneratedRegex(@"^yarn@(?:[2-9]|[1-9][0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex YarnModern();

    [GeneratedRegex(@"^dist/[^/]+/(?:browser/)?index\.html\z", RegexOptions.CultureInvariant)]
    private static partial Regex AngularPage();

    /// <summary>The parts of a package.json that matter here.</summary>
    private sealed record Package(JsonElement Json)
    {
        public string? Name => Text("name");

        public string? Main => Text("main") is { Length: > 0 } main && !main.Contains("..", StringComparison.Ordinal) ? main.TrimStart('.', '/') : null;

        public string? PackageManager => Text("packageManager");

        public string? NodeRange => Json.TryGetProperty("engines", out var engines) && engines.ValueKind == JsonValueKind.Object && engines.TryGetProperty("node", out var node) && node.ValueKind == JsonValueKind.String ? node.GetString() : null;

        public bool Workspaces => Json.TryGetProperty("workspaces", out _);

        public bool Dependencies => Names("dependencies").Count + Names("devDependencies").Count + Names("optionalDependencies").Count + Names("peerDependencies").Count > 0;

        public List<string> DevelopmentDependencies => Names("devDependencies");

        public string Framework
        {
            get
            {
                var names = Names("dependencies");
                (string Package, string Name)[] known = [("next", "Next.js"), ("nuxt", "Nuxt"), ("@nestjs/core", "NestJS"), ("@remix-run/node", "Remix"), ("fastify", "Fastify"), ("koa", "Koa"), ("@hapi/hapi", "hapi"), ("express", "Express")];
                return known.FirstOrDefault(k => names.Contains(k.Package)).Name ?? "Node";
            }
        }

        public string? Script(string name) =>
            Json.TryGetProperty("scripts", out var scripts) && scripts.ValueKind == JsonValueKind.Object && scripts.TryGetProperty(name, out var script) && script.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(script.GetString())
                ? script.GetString()!.Trim()
                : null;

        public bool UsesDevelopmentTool(string line)
        {
            var development = DevelopmentDependencies;
            var words = line.Split([' ', '\t', ';', '&', '|'], StringSplitOptions.RemoveEmptyEntries);
            return words.Any(w => development.Contains(w) || (w == "tsc" && development.Contains("typescript")) || (w.StartsWith("ts-node", StringComparison.Ordinal) && development.Contains("ts-node")));
        }

        public static bool TryRead(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Package? package, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out FileInvalid? wrong)
        {
            (package, wrong) = (null, null);
            try
            {
                using var document = JsonDocument.Parse(text.TrimStart('\uFEFF'), new JsonDocumentOptions { MaxDepth = 64 });
                if (document.RootElement.ValueKind == JsonValueKind.Object)
                {
                    package = new Package(document.RootElement.Clone());
                    return true;
                }

                wrong = new FileInvalid("package.json", "it is no JSON object.");
            }
            catch (JsonException e)
            {
                wrong = new FileInvalid("package.json", "it is no JSON.", (int?)e.LineNumber + 1, (int?)e.BytePositionInLine + 1);
            }

            return false;
        }

        private string? Text(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        private List<string> Names(string section) =>
            Json.TryGetProperty(section, out var found) && found.ValueKind == JsonValueKind.Object ? [.. found.EnumerateObject().Select(p => p.Name)] : [];
    }
}
