using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using Axle.Cli.Api;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Arguments and options that several verbs share, worded once.</summary>
internal static class Arguments
{
    private static readonly TimeSpan s_completionPatience = TimeSpan.FromMilliseconds(400);

    public static Argument<string> Component(string description = "The component's name")
    {
        var argument = new Argument<string>("component") { Description = description };
        argument.CompletionSources.Add(context => Names(Kinds.Component, context));
        return argument;
    }

    public static Argument<string?> ComponentIfAny(string description)
    {
        var argument = new Argument<string?>("component") { Description = description, Arity = ArgumentArity.ZeroOrOne };
        argument.CompletionSources.Add(context => Names(Kinds.Component, context));
        return argument;
    }

    public static Option<string?> ComponentOption(string description, string? name = null)
    {
        var option = name is null ? new Option<string?>("--component", "-c") : new Option<string?>(name);
        (option.Description, option.HelpName) = (description, "component");
        option.CompletionSources.Add(context => Names(Kinds.Component, context));
        return option;
    }

    public static Option<string?> TeamOption(string description, string name = "--team")
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "team" };
        option.CompletionSources.Add(context => Names(Kinds.Group, context));
        return option;
    }

    public static Option<string?> Environment(string description = "The environment; without it the first in promotion order")
    {
        var option = new Option<string?>("--env", "-e", "--environment") { Description = description, HelpName = "environment" };
        option.CompletionSources.Add(context => Names(Kinds.Environment, context));
        return option;
    }

    public static Option<string?> EnvironmentNamed(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "environment" };
        option.CompletionSources.Add(context => Names(Kinds.Environment, context));
        return option;
    }

    public static Option<string?> Namespace() => new("--namespace", "-n") { Description = "The namespace; 'default' if not given", HelpName = "name" };

    public static Option<bool> NoWait() => new("--no-wait") { Description = "Do not wait for the rollout" };

    public static Option<bool> Watch(string description = "Show changes as they happen, until Ctrl-C") => new("--watch", "-w") { Description = description };

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask" };

    public static Option<string?> Data() => new("--data") { Description = "The data folder (default: $AXLE_DATA, or axle in the user's data home)", HelpName = "DIR" };

    public static Option<int?> Number(string name, string description) => new(name) { Description = description, HelpName = "N" };

    /// <summary>Everything after <c>--</c>.</summary>
    public static Argument<string[]> CommandLine() => new("command") { Description = "The program and its arguments, after --", Arity = ArgumentArity.OneOrMore };

    /// <summary>Reads <c>key=value</c> pairs.</summary>
    public static Dictionary<string, string> Pairs(IEnumerable<string>? given, string option)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in given ?? [])
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw RefusedException.Usage($"'{text}' is not {option} (key=value)");
            }

            pairs[text[..equals]] = text[(equals + 1)..];
        }

        return pairs;
    }

    /// <summary>Reads <c>process=count</c> pairs.</summary>
    public static Dictionary<string, int> Counts(IEnumerable<string> given)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (process, text) in Pairs(given, "a process and its number of instances"))
        {
            counts[process] = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? count
                : throw RefusedException.Usage($"'{text}' is no number of instances for {process}", "axle scale orders web=3 -e staging");
        }

        return counts;
    }

    /// <summary>A ref as people write it: <c>kind:name</c>, <c>kind:namespace/name</c>, or a bare name of the default kind.</summary>
    public static EntityRef Ref(string text, string? space, string defaultKind = Kinds.Component) =>
        EntityRef.TryParse(text, defaultKind, space ?? EntityRef.DefaultNamespace, out var found)
            ? found
            : throw RefusedException.Usage($"'{text}' names no entity (kind:name, or kind:namespace/name)");

    /// <summary>The kind that a word means: plural, short or as it is.</summary>
    public static string Kind(string word) => word.ToLowerInvariant() switch
    {
        "env" or "envs" => "environment",
        "svc" or "service" or "services" => "component",
        "deploy" or "deploys" => "deployment",
        "apis" => "api",
        "team" or "teams" => "group",
        "policies" => "policy",
        "resourceclaim" or "resourceclaims" or "claims" => "resourceclaim",
        var kind when kind.EndsWith('s') && kind.Length > 2 && !kind.EndsWith("ss", StringComparison.Ordinal) => kind[..^1],
        var kind => kind,
    };

    /// <summary>Names from the platform for the shell's completion: quickly, or none.</summary>
    public static IEnumerable<CompletionItem> Names(string kind, CompletionContext context)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_completionPatience);
            using var session = new Session(CliHost.OfThisProcess(), Output.OutputFormat.Table);
            var query = Paths.Query(("kind", kind.ToLowerInvariant()), ("limit", "200"));
            var page = Task.Run(() => session.Client.GetAsync("api/entities" + query, AxleJson.Default.EntityPage, patience.Token)).GetAwaiter().GetResult();
            return [.. page.Items.Select(item => item.Metadata.Name).Where(name => name.StartsWith(context.WordToComplete, StringComparison.OrdinalIgnoreCase)).Select(name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is RefusedException or OperationCanceledException or IOException)
        {
            return [];
        }
    }
}
