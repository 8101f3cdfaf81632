using System.CommandLine;
using Axle.Cli.Api;
using Axle.Cli.Configuration;
using Axle.Cli.Machine;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>How a component begins: create, import, clone.</summary>
internal static class CreateVerbs
{
    public static IEnumerable<Command> All(AxleCli cli) => [Create(cli), Import(cli), Clone(cli)];

    private static Verb Create(AxleCli cli)
    {
        var template = new Argument<string>("template") { Description = "A template's name: axle template list" };
        var name = new Argument<string>("name") { Description = "The new component's name" };
        var owner = new Option<string>("--owner") { Description = "The team that owns it: a group's name, or a ref", HelpName = "group", Required = true };
        var set = new Option<string[]>("--set", "-s") { Description = "An answer to one of the template's parameters", HelpName = "key=value" };
        var description = new Option<string?>("--description") { Description = "What it is for", HelpName = "text" };
        var clone = new Option<bool>("--clone") { Description = "Clone the new repository into a folder of its name" };
        return new Verb("create", "Make a new component from a template: repository, catalogue entry, first deploy", "axle create node-service orders --owner team-shop", "axle create dotnet-web-api billing --owner team-money --set port=8080 --clone")
        {
            template, name, owner, set, description, clone,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var component = parsed.GetRequiredValue(name);
            if (parsed.GetValue(clone))
            {
                RefuseUsedFolder(component);
            }

            var request = new CreateRequest(
                parsed.GetRequiredValue(template), component, parsed.GetRequiredValue(owner), Arguments.Pairs(parsed.GetValue(set), "an answer to a parameter"), parsed.GetValue(description));
            var answer = await session.Client.SendAsync(HttpMethod.Post, "api/create", request, AxleJson.Default.CreateRequest, AxleJson.Default.CreateAnswer, stop);
            if (parsed.GetValue(clone))
            {
                await CloneAsync(session, answer.CloneUrl, component, stop);
            }

            return session.Show(answer, AxleJson.Default.CreateAnswer, terminal =>
            {
                foreach (var step in answer.Steps)
                {
                    terminal.Line(new Cell("  ✓ ", Tone.Good), step);
                }

                terminal.Line();
                terminal.Line(new Cell(answer.Component.Name, Tone.Strong), $" is created; it is being built and deployed now.");
                Next(terminal, [$"axle status {answer.Component.Name} --watch", parsed.GetValue(clone) ? $"cd {component}, edit, git push" : $"axle clone {answer.Component.Name}"]);
            });
        });
    }

    private static Verb Import(AxleCli cli)
    {
        var source = new Argument<string>("source") { Description = "A git URL, or a folder of this machine" };
        var name = new Option<string?>("--name") { Description = "The component's name; without it the repository's", HelpName = "name" };
        var owner = new Option<string>("--owner") { Description = "The team that owns it: a group's name, or a ref", HelpName = "group", Required = true };
        var accept = new Option<bool>("--accept", "-y") { Description = "Commit the proposed files without asking" };
        return new Verb("import", "Take over an existing repository; what it lacks is proposed, and committed when you accept", "axle import https://github.com/acme/orders --owner team-shop", "axle import ./orders --name orders --owner team-shop --accept")
        {
            source, name, owner, accept, ImportBackstageVerb.Of(cli),
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var from = parsed.GetRequiredValue(source);
            if (Directory.Exists(from))
            {
                from = Path.GetFullPath(from).TrimEnd('/');
            }

            var request = new ImportRequest(from, parsed.GetValue(name) ?? NameOf(from), parsed.GetRequiredValue(owner), parsed.GetValue(accept));
            var answer = await ImportAsync(session, request, stop);
            if (!answer.Accepted && session.Format == OutputFormat.Table)
            {
                Propose(session.Terminal, answer);
                if (await session.Terminal.AskAsync($"Commit {(answer.Proposed.Count == 1 ? "this file" : $"these {answer.Proposed.Count} files")} and import?", stop))
                {
                    answer = await ImportAsync(session, request with { Accept = true }, stop);
                }
                else
                {
                    session.Terminal.Note($"Nothing was imported. To accept the proposal: axle import {parsed.GetRequiredValue(source)} --name {request.Name} --owner {request.Owner} --accept");
                    return session.Terminal.CanAsk ? ExitCodes.Ok : ExitCodes.Failed;
                }
            }

            return session.Show(answer, AxleJson.Default.ImportAnswer, terminal =>
            {
                terminal.Line(answer.Found, Tone.Dim);
                terminal.Line(new Cell(answer.Component.Name, Tone.Strong), $" is imported{(answer.Commit is null ? "" : $" at {Words.Commit(answer.Commit)}")}; it is being built and deployed now.");
                Next(terminal, [$"axle status {answer.Component.Name} --watch", $"git remote add axle {answer.CloneUrl}"]);
            });
        });
    }

    private static Task<ImportAnswer> ImportAsync(Session session, ImportRequest request, CancellationToken stop) =>
        session.Client.SendAsync(HttpMethod.Post, "api/import", request, AxleJson.Default.ImportRequest, AxleJson.Default.ImportAnswer, stop);

    private static void Propose(Terminal terminal, ImportAnswer answer)
    {
        terminal.Note(answer.Found);
        foreach (var (path, content) in answer.Proposed.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            terminal.Note("");
            terminal.Note($"+++ {path}", Tone.Strong);
            foreach (var line in content.TrimEnd('\n').Split('\n'))
            {
                terminal.Note("+ " + line, Tone.Good);
            }
        }

        terminal.Note("");
    }

    private static Verb Clone(AxleCli cli)
    {
        var component = Arguments.Component();
        var folder = new Argument<string?>("folder") { Description = "Where to; without it a folder of the component's name", Arity = ArgumentArity.ZeroOrOne };
        var space = Arguments.Namespace();
        return new Verb("clone", "Clone a component's repository, with a password helper so that plain git push works", "axle clone orders", "axle clone orders ~/src/orders") { component, folder, space }.Runs(cli, async (session, parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(component);
            var view = await session.Client.GetAsync(Paths.Component(name, parsed.GetValue(space)), AxleJson.Default.ComponentView, stop);
            if (view.CloneUrl is null)
            {
                throw RefusedException.Because("no_repository", $"{name} has no repository", $"axle describe {name}");
            }

            var into = parsed.GetValue(folder) ?? name;
            RefuseUsedFolder(into);
            await CloneAsync(session, view.CloneUrl, into, stop);
            session.Terminal.Note($"Cloned into {into}. A git push builds and deploys.");
            return ExitCodes.Ok;
        });
    }

    private static void RefuseUsedFolder(string folder)
    {
        if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw RefusedException.Because("folder_used", $"the folder {folder} is there already, and not empty", "go to another folder, or: axle clone COMPONENT FOLDER");
        }
    }

    private static async Task CloneAsync(Session session, string url, string folder, CancellationToken stop)
    {
        // What git is given as a URL could as well be an option, or a transport that runs a program.
        if (!Uri.TryCreate(url, UriKind.Absolute, out var remote) || remote.Scheme is not ("http" or "https"))
        {
            throw RefusedException.Because("clone_url", $"'{url}' is not a URL that can be cloned", "axle version");
        }

        var exit = await Programs.RunHereAsync("git", [.. GitHelper.Options(remote, session.Host.Program), "clone", "--quiet", "--", url, folder], stop);
        if (exit != 0)
        {
            throw RefusedException.Because("clone_failed", $"git could not clone {url} (exit code {exit}; its words are above)", "axle whoami, then axle clone COMPONENT");
        }

        await GitHelper.InstallAsync(remote, session.Host, folder, stop);
    }

    /// <summary>The name that a repository's URL or folder suggests.</summary>
    internal static string NameOf(string source)
    {
        var last = source.TrimEnd('/').Split('/', ':')[^1];
        return (last.EndsWith(".git", StringComparison.Ordinal) ? last[..^4] : last).ToLowerInvariant();
    }

    private static void Next(Terminal terminal, IEnumerable<string> commands)
    {
        foreach (var command in commands)
        {
            terminal.Line(new Cell("Next: ", Tone.Strong), command);
        }
    }
}
