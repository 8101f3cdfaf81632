using System.CommandLine;
using System.Globalization;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary><c>axle secret store</c>: other stores that secrets are fetched from. The token of one is never an argument.</summary>
internal static class SecretStoreVerbs
{
    public static Verb Store(AxleCli cli) =>
        new("store", "Other stores that secrets are fetched from: Vault, OpenBao, Kubernetes", "axle secret store list", "axle secret store add vault --address https://vault.example.com:8200")
        {
            Add(cli), List(cli), Test(cli), Remove(cli),
        };

    private static Verb Add(AxleCli cli)
    {
        var name = NameArgument();
        var kind = new Option<string?>("--kind") { Description = "vault (also OpenBao) or kubernetes; the name, if it is one of them", HelpName = "KIND" };
        var address = new Option<string>("--address") { Description = "Where it is, with https", HelpName = "URL", Required = true };
        var space = new Option<string?>("--namespace") { Description = "Namespace of Vault Enterprise or OpenBao", HelpName = "name" };
        var ca = new Option<string?>("--ca") { Description = "Certificates that the store's own must come from", HelpName = "FILE" };
        var allow = new Option<string[]>("--allow") { Description = "A path that others than administrators may refer to; {team} is the name of the secret's team. Again for more", HelpName = "PATH" };
        var keep = new Option<bool>("--keep-token") { Description = "Keep the token that Axle has, when address and certificates stay" };
        return new Verb(
            "add",
            "Add a store, or change one; asks for the token, or reads it from standard input (administrators)",
            "axle secret store add vault --address https://vault.example.com:8200 --allow 'kv/{team}' < token.txt",
            "axle secret store add kubernetes --address https://10.0.0.1:6443 --ca ca.crt < token.txt")
        {
            name, kind, address, space, ca, allow, keep,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var which = parsed.GetRequiredValue(name);
            var request = new SecretStoreRequest(
                parsed.GetValue(kind) ?? (which == "openbao" ? "vault" : which),
                parsed.GetRequiredValue(address),
                parsed.GetValue(keep) ? null : await SecretVerbs.ValueAsync(session, $"Token with which Axle reads in {which}: ", stop),
                parsed.GetValue(space),
                parsed.GetValue(ca) is { } file ? await File.ReadAllTextAsync(file, stop) : null,
                parsed.GetValue(allow) ?? []);
            var view = await session.Client.SendAsync(HttpMethod.Put, PathOf(which), request, AxleJson.Default.SecretStoreRequest, AxleJson.Default.SecretStoreView, stop);
            return session.Show(view, AxleJson.Default.SecretStoreView, terminal =>
            {
                terminal.Line($"{view.Name} is added ({view.Kind}, {view.Address}).");
                terminal.Note(view.Problem ?? $"Use it: axle secret set NAME -c COMPONENT --from {view.Name}:PATH#FIELD", view.Problem is null ? Tone.Dim : Tone.Bad);
            });
        });
    }

    private static Verb List(AxleCli cli) =>
        new Verb("list", "List the stores, without their tokens", "axle secret store list").Runs(cli, async (session, _, stop) =>
        {
            var list = await session.Client.GetAsync("api/secrets/-/stores", AxleJson.Default.SecretStoreList, stop);
            return session.Show(list, AxleJson.Default.SecretStoreList, terminal => terminal.Table(
                ["NAME", "KIND", "ADDRESS", "SECRETS", "OPEN TO TEAMS", ""],
                list.Items.Select(IReadOnlyList<Cell> (one) =>
                    [one.Name, one.Kind, one.Address, one.References.ToString(CultureInfo.InvariantCulture), string.Join(", ", one.Allow), one.Problem is { } problem ? new Cell(problem, Tone.Bad) : ""]),
                "No stores: axle secret store add vault --address https://…"));
        });

    private static Verb Test(AxleCli cli)
    {
        var name = NameArgument();
        return new Verb("test", "Check that a store answers and takes Axle's token (administrators)", "axle secret store test vault") { name }.Runs(cli, async (session, parsed, stop) =>
        {
            var view = await session.Client.SendAsync(HttpMethod.Post, PathOf(parsed.GetRequiredValue(name), "test"), [], "application/json", AxleJson.Default.SecretStoreView, stop);
            return session.Show(view, AxleJson.Default.SecretStoreView, terminal => terminal.Line($"{view.Name} answers at {view.Address}, and takes Axle's token."));
        });
    }

    private static Verb Remove(AxleCli cli)
    {
        var name = NameArgument();
        return new Verb("remove", "Take out a store that no secret comes from, with its token (administrators)", "axle secret store remove vault") { name }.Runs(cli, async (session, parsed, stop) =>
        {
            await session.Client.DeleteAsync(PathOf(parsed.GetRequiredValue(name)), stop);
            session.Terminal.Note($"{parsed.GetRequiredValue(name)} is removed, and Axle's token for it destroyed.");
            return ExitCodes.Ok;
        });
    }

    private static Argument<string> NameArgument() => new("store") { Description = "The store's name, as references begin with it" };

    private static string PathOf(string name, string? verb = null) => $"api/secrets/-/stores/{Uri.EscapeDataString(name)}{(verb is null ? "" : "/" + verb)}";
}
