using System.CommandLine;
using Axle.Cli.Api;

namespace Axle.Cli.Verbs;

/// <summary>The options that say whose secret is meant; every verb of <see cref="SecretVerbs"/> has a set of its own.</summary>
internal sealed class SecretOptions
{
    private readonly Option<string?> _component = Arguments.ComponentOption("Of this component");
    private readonly Option<string?> _environment = Arguments.Environment("Only in this environment (with --component)");
    private readonly Option<string?> _team = Arguments.TeamOption("Of this team: all of its components get it");
    private readonly Option<bool> _organisation = new("--organisation") { Description = "Of everybody: all components get it (administrators)" };
    private readonly Option<string?> _namespace = Arguments.Namespace();

    /// <summary>Adds the options to a verb.</summary>
    public Verb AddTo(Verb verb)
    {
        verb.Add(_component);
        verb.Add(_environment);
        verb.Add(_team);
        verb.Add(_organisation);
        verb.Add(_namespace);
        return verb;
    }

    /// <summary>The query that names the scope.</summary>
    /// <param name="anywhere">Naming none is all of them.</param>
    public string Query(ParseResult parsed, bool anywhere = false, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        var (component, team, organisation) = (parsed.GetValue(_component), parsed.GetValue(_team), parsed.GetValue(_organisation));
        var named = (component is null ? 0 : 1) + (team is null ? 0 : 1) + (organisation ? 1 : 0);
        if (named > 1 || (named == 0 && !anywhere))
        {
            throw RefusedException.Usage(named == 0 ? "it is not clear whose secret is meant" : "only one of --component, --team and --organisation can be meant", "-c COMPONENT (and -e ENVIRONMENT), --team TEAM, or --organisation");
        }

        if (parsed.GetValue(_environment) is not null && component is null)
        {
            throw RefusedException.Usage("--environment needs --component", "-c COMPONENT -e ENVIRONMENT");
        }

        return Paths.Query([("component", component), ("environment", parsed.GetValue(_environment)), ("team", team), ("organisation", organisation ? "true" : null), ("namespace", parsed.GetValue(_namespace)), .. more]);
    }
}
