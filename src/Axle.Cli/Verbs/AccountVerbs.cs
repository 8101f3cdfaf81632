using System.CommandLine;
using Axle.Cli.Configuration;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Who you are: login, whoami, token, and git's helper.</summary>
internal static class AccountVerbs
{
    public static IEnumerable<Command> All(AxleCli cli) => [Login(cli), WhoAmI(cli), Tokens(cli), GitCredential(cli)];

    private static Verb Login(AxleCli cli)
    {
        var url = new Option<string>("--url") { Description = "The platform's URL", HelpName = "URL", Required = true };
        var tokenStdin = new Option<bool>("--token-stdin") { Description = "Read the token from standard input" };
        var name = new Option<string?>("--name") { Description = "What to call this platform; without it its host name", HelpName = "name" };
        var noGit = new Option<bool>("--no-git") { Description = "Leave git's settings as they are" };
        return new Verb("login", "Connect to a platform, and use it from now on", "axle login --url https://axle.example.com --token-stdin < token.txt") { url, tokenStdin, name, noGit }.Runs(cli, async (session, parsed, stop) =>
        {
            var text = parsed.GetRequiredValue(url).TrimEnd('/');
            if (!Uri.TryCreate(text + "/", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
            {
                throw RefusedException.Usage($"'{text}' is not the URL of a platform", "axle login --url https://axle.example.com --token-stdin");
            }

            // A token as an argument would be seen by every process of this machine: it comes on standard input, or by hand.
            if (!parsed.GetValue(tokenStdin) && !session.Terminal.CanAsk)
            {
                throw RefusedException.Usage("a token is needed", "axle login --url URL --token-stdin < FILE");
            }

            if (!parsed.GetValue(tokenStdin))
            {
                session.Terminal.RawError("Token: ");
            }

            var token = parsed.GetValue(tokenStdin) ? (await session.Host.In.ReadLineAsync(stop))?.Trim() : SecretPrompt.Read(session.Host);
            if (string.IsNullOrEmpty(token))
            {
                throw RefusedException.Usage("the token is empty", "axle token create NAME, on a machine that is signed in");
            }

            session.Connect(new Connection(uri, token, null));
            var me = await session.Client.GetAsync("api/me", AxleJson.Default.Me, stop);
            session.Config.Use(parsed.GetValue(name) ?? uri.Authority, new KnownPlatform(text, token));
            session.Terminal.Note($"Signed in to {text} as {me.User} ({me.Role}).");
            if (!parsed.GetValue(noGit))
            {
                await TellGitAsync(session, uri, stop);
            }

            return ExitCodes.Ok;
        });
    }

    /// <summary>Configures git for a platform's URL, and says so; does nothing where it is done.</summary>
    public static async Task TellGitAsync(Session session, Uri platform, CancellationToken stop)
    {
        if (!await GitHelper.IsInstalledAsync(platform, session.Host, stop) && await GitHelper.InstallAsync(platform, session.Host, null, stop))
        {
            session.Terminal.Note($"git now asks axle for the password of {platform.GetLeftPart(UriPartial.Authority)}, and for no other (git config --global credential.{platform.GetLeftPart(UriPartial.Authority)}.helper).", Tone.Dim);
        }
    }

    private static Verb WhoAmI(AxleCli cli) =>
        new Verb("whoami", "Say who you are, where, and what you may do", "axle whoami").Runs(cli, async (session, _, stop) =>
        {
            var me = await session.Client.GetAsync("api/me", AxleJson.Default.Me, stop);
            return session.Show(me, AxleJson.Default.Me, terminal =>
            {
                terminal.Line(new Cell(me.User, Tone.Strong), me.DisplayName is null ? "" : $"  {me.DisplayName}");
                terminal.Line($"platform  {session.Client.Url.GetLeftPart(UriPartial.Authority)}");
                terminal.Line($"role      {me.Role}");
                terminal.Line($"groups    {(me.Groups.Count == 0 ? "none" : string.Join(", ", me.Groups))}");
                terminal.Line($"token may {string.Join(", ", me.Scopes)}");
            });
        });

    private static Verb Tokens(AxleCli cli)
    {
        var name = new Argument<string>("name") { Description = "What it is for, for instance ci" };
        var days = new Option<int>("--days") { Description = "How long it is valid", HelpName = "N", DefaultValueFactory = _ => 90 };
        var scope = new Option<string[]>("--scope") { Description = "A verb that it may be used for, for instance component.deploy or source.push; may be given several times; without it all that you may", HelpName = "verb" };
        var user = new Option<string?>("--user") { Description = "For this user (administrators only)", HelpName = "ref" };
        var create = new Verb("create", "Make a token; it is shown once", "axle token create ci --days 30 --scope component.deploy", "axle token create laptop --output json") { name, days, scope, user }.Runs(cli, async (session, parsed, stop) =>
        {
            var request = new TokenRequest(parsed.GetRequiredValue(name), parsed.GetValue(days), parsed.GetValue(scope) is { Length: > 0 } scopes ? scopes : null, parsed.GetValue(user));
            var token = await session.Client.SendAsync(HttpMethod.Post, "api/tokens", request, AxleJson.Default.TokenRequest, AxleJson.Default.TokenCreated, stop);
            return session.Show(token, AxleJson.Default.TokenCreated, terminal =>
            {
                terminal.Line(token.Token);
                terminal.Note($"Shown only now. Id {token.Id}, valid until {Words.Local(token.ExpiresAt, session.Host.Clock)}.", Tone.Dim);
            });
        });

        var list = new Verb("list", "List your tokens", "axle token list").Runs(cli, async (session, _, stop) =>
        {
            var tokens = await session.Client.GetAsync("api/tokens", AxleJson.Default.ListTokenView, stop);
            return session.Show(tokens, AxleJson.Default.ListTokenView, terminal => terminal.Table(
                ["ID", "NAME", "USER", "MAY", "EXPIRES", "LAST USED"],
                tokens.Select(IReadOnlyList<Cell> (token) =>
                    [token.Id, token.Name, token.User, string.Join(",", token.Scopes), new Cell(Words.Local(token.ExpiresAt, session.Host.Clock), token.ExpiresAt < session.Now ? Tone.Bad : Tone.Plain), token.LastUsedAt is { } at ? Words.Local(at, session.Host.Clock) : "never"]),
                "No tokens: axle token create NAME"));
        });

        var id = new Argument<string>("id") { Description = "As axle token list shows it" };
        var revoke = new Verb("revoke", "Make a token worthless at once", "axle token revoke 01J9ZK3V") { id }.Runs(cli, async (session, parsed, stop) =>
        {
            await session.Client.DeleteAsync("api/tokens/" + Uri.EscapeDataString(parsed.GetRequiredValue(id)), stop);
            session.Terminal.Note($"Token {parsed.GetRequiredValue(id)} is revoked.");
            return ExitCodes.Ok;
        });

        return new Verb("token", "Make, list and revoke access tokens", "axle token create ci --days 30", "axle token list") { create, list, revoke };
    }

    /// <summary>git's side of <see cref="GitHelper"/>: answers for the platforms that we know, and is silent about all others.</summary>
    private static Verb GitCredential(AxleCli cli)
    {
        var operation = new Argument<string>("operation") { Description = "get, store or erase" };
        return new Verb("git-credential", "Answer git's question for a password") { Hidden = true, Arguments = { operation } }.Runs(cli, async (session, parsed, stop) =>
        {
            var asked = new Dictionary<string, string>(StringComparer.Ordinal);
            while (await session.Host.In.ReadLineAsync(stop) is { Length: > 0 } line)
            {
                if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                {
                    asked[line[..equals]] = line[(equals + 1)..];
                }
            }

            if (parsed.GetRequiredValue(operation) != "get" || !Uri.TryCreate($"{asked.GetValueOrDefault("protocol")}://{asked.GetValueOrDefault("host")}/", UriKind.Absolute, out var remote))
            {
                return ExitCodes.Ok;
            }

            var connection = session.Config.Connection();
            var token = ConfigFile.SameHost(connection.Url.ToString(), remote)
                ? connection.Token
                : session.Config.Read().Platforms.Values.FirstOrDefault(platform => ConfigFile.SameHost(platform.Url, remote))?.Token;
            if (token is not null)
            {
                session.Host.Out.Write($"username=axle\npassword={token}\n");
            }

            return ExitCodes.Ok;
        });
    }
}
