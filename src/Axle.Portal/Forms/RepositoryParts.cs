using System.Text.Json.Nodes;
using Axle.Platform.Templates;

namespace Axle.Portal.Forms;

/// <summary>One part of a repository's address, as the form asks for it.</summary>
/// <param name="Allowed">The template allows nothing else.</param>
/// <param name="Offered">Known ones; others may be typed.</param>
/// <param name="Needed">Without it the address is not complete.</param>
public sealed record RepositoryPart(string Name, string Title, string Value, IReadOnlyList<string> Allowed, IReadOnlyList<string> Offered, string? Help, bool Needed);

/// <summary>What a repository's address is made of: every kind of host has its own idea of that. Pure but for the hosts.</summary>
internal static class RepositoryParts
{
    public static IEnumerable<RepositoryPart> Of(JsonObject schema, IReadOnlyDictionary<string, string> parts, IRepositoryHosts hosts)
    {
        var allowed = schema.Option("allowedHosts").Texts();
        var host = parts.GetValueOrDefault("host") is { Length: > 0 } given ? given : allowed is [var only, ..] ? only : hosts.Offered is [var first, ..] ? first : "";
        yield return new RepositoryPart("host", "Host", host, allowed, allowed.Count > 0 ? [] : hosts.Offered, null, Needed: true);
        var kind = hosts.KindOf(host);
        foreach (var (name, title) in kind switch
        {
            "bitbucketCloud" => s_workspace,
            "bitbucketServer" => s_project,
            "azure" => s_organization,
            _ => s_owner,
        })
        {
            var isOwner = name is "owner" or "organization" or "workspace";
            yield return Part(name, isOwner ? schema.Option("ownerLabel").Text() ?? title : title, isOwner ? schema.Option("ownerDescription").Text() : null, needed: kind != "axle");
        }

        yield return Part("repo", schema.Option("repoLabel").Text() ?? "Repository", schema.Option("repoDescription").Text(), needed: true);

        // An answer that the template proposes, or that another host had, is not lost from sight.
        foreach (var (name, title) in s_all.Where(one => parts.GetValueOrDefault(one.Name) is { Length: > 0 } && kind is null && one.Name is not ("owner" or "repo")))
        {
            yield return Part(name, title, null, needed: false);
        }

        RepositoryPart Part(string name, string title, string? help, bool needed)
        {
            var choice = schema.Option(Allowed(name)).Texts();
            return new RepositoryPart(name, title, parts.GetValueOrDefault(name, ""), choice, [], help, needed);
        }
    }

    /// <summary>The option that says what may stand in a part.</summary>
    public static string Allowed(string part) => part switch
    {
        "repo" => "allowedRepos",
        "organization" => "allowedOrganizations",
        "project" => "allowedProjects",
        _ => "allowedOwners",
    };

    private static readonly (string Name, string Title)[] s_owner = [("owner", "Owner")];
    private static readonly (string Name, string Title)[] s_workspace = [("workspace", "Workspace"), ("project", "Project")];
    private static readonly (string Name, string Title)[] s_project = [("project", "Project")];
    private static readonly (string Name, string Title)[] s_organization = [("organization", "Organization"), ("project", "Project")];
    private static readonly (string Name, string Title)[] s_all = [.. s_owner, .. s_workspace, .. s_organization.Take(1)];
}
