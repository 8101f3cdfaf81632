using System.Net;
using System.Net.Sockets;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Http;

namespace Axle.Platform.Source;

/// <summary>
/// Where a repository elsewhere is, checked before git gets to see it: http(s) without credentials to a public address,
/// or a folder of this machine.
/// </summary>
/// <param name="Text">As git takes it.</param>
/// <param name="Folder">It is a folder of this machine.</param>
internal sealed record RemoteAddress(string Text, bool Folder)
{
    private Uri Url => new(Text);

    /// <summary>Reads what a person wrote.</summary>
    public static Result<RemoteAddress> Parse(string? source)
    {
        var text = source?.Trim() ?? "";
        if (text.Length is 0 or > 2048 || text.Any(char.IsControl))
        {
            return Errors.SourceRefused("The source to import is missing, or no address.", "axle import <path|git url> --name <name> --owner <team>");
        }

        if (text[0] == '/')
        {
            return new RemoteAddress(Path.GetFullPath(text), Folder: true);
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "file"))
        {
            return Errors.SourceRefused($"'{SafePath.Shown(Bare(text))}' cannot be imported: only http and https addresses and absolute folders can.", "Use the repository's https address.");
        }

        if (url.Scheme == "file")
        {
            return url.Host.Length == 0 ? new RemoteAddress(Path.GetFullPath(url.LocalPath), Folder: true) : Errors.SourceRefused("A file address must name a folder of this machine.", "file:///folder/of/this/machine");
        }

        if (url.UserInfo.Length > 0)
        {
            return Errors.SourceRefused($"The address of {url.Host} contains credentials, which would end up in logs.", "Leave them out; repositories that need them are cloned by you and imported as a folder.");
        }

        return url.Fragment.Length > 0 || url.Query.Length > 0
            ? Errors.SourceRefused("A git address has neither '?' nor '#'.", "Use the address that git clone takes.")
            : new RemoteAddress(url.AbsoluteUri.TrimEnd('/'), Folder: false);
    }

    /// <summary>
    /// The settings with which git connects to the very addresses that were checked, so that a name cannot point
    /// elsewhere a moment later.
    /// </summary>
    public async Task<Result<IReadOnlyList<string>>> PinAsync(bool allowPrivate, CancellationToken stop)
    {
        if (Folder)
        {
            return Array.Empty<string>();
        }

        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(Url.DnsSafeHost, stop);
        }
        catch (SocketException)
        {
            return Errors.Unreachable(Text, $"there is no machine called {Url.DnsSafeHost}.");
        }

        if (!allowPrivate && addresses.FirstOrDefault(address => !PublicAddress.Is(address)) is not null)
        {
            return Errors.SourceRefused($"{Url.Host} is not a public address, and this platform does not reach into its own network.", "Ask an administrator for Source:AllowPrivateAddresses, or push the repository here instead.");
        }

        return IPAddress.TryParse(Url.DnsSafeHost, out _)
            ? Array.Empty<string>()
            : new[] { $"http.curloptResolve={Url.DnsSafeHost}:{Url.Port}:{string.Join(',', addresses.Select(a => a.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{a}]" : a.ToString()))}" };
    }

    /// <summary>Without what may be credentials.</summary>
    private static string Bare(string text) => text[(text.LastIndexOf('@') + 1)..];
}
