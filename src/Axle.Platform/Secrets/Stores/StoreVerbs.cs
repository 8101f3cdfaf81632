using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Secrets.Stores;

/// <summary>What administrators do with other stores: add, list, test, remove.</summary>
internal sealed class StoreVerbs(RemoteStores stores, RemoteSecrets remote, LastFetches fetches)
{
    private const int TokenMax = 8 << 10;
    private const int CaMax = 256 << 10;
    private const int AllowMax = 100;

    public static IResult ListEndpoint(StoreVerbs self) => TypedResults.Ok(new SecretStoreList([.. self.All()]));

    public static async Task<IResult> PutEndpoint(string store, SecretStoreRequest request, Caller caller, StoreVerbs self, CancellationToken stop) =>
        (await self.PutAsync(store, request, caller, stop)).ToHttp(TypedResults.Ok);

    public static async Task<IResult> TestEndpoint(string store, StoreVerbs self, CancellationToken stop) =>
        (await self.TestAsync(store, stop)).ToHttp(TypedResults.Ok);

    public static async Task<IResult> RemoveEndpoint(string store, Caller caller, StoreVerbs self, CancellationToken stop) =>
        (await self.RemoveAsync(store, caller, stop)).ToHttp(TypedResults.Ok);

    private IEnumerable<SecretStoreView> All() => stores.All.Select(store => View(store, fetches.Outage(store.Name)));

    private async Task<Result<SecretStoreView>> PutAsync(string name, SecretStoreRequest request, Caller caller, CancellationToken stop)
    {
        // 1. Is it one that can be asked?
        if (!Read(name, request).TryGet(out var store, out var error))
        {
            return error;
        }

        var token = request.Token?.Trim();
        if (token is not null ? token.Length is 0 or > TokenMax || !token.All(c => c is > ' ' and < '\u007f') : !stores.HasToken(store))
        {
            return new StoreRefused(token is null ? "Axle has no token for this address" : "what was given as its token is none", $"axle secret store add {name} … < FILE, with the token in FILE");
        }

        // 2. Kept also when it does not answer now: that may be what is being mended.
        await stores.PutAsync(store, token is null ? null : new SecretValue(token), caller.Actor, stop);
        var problem = await ProblemAsync(store.Name, stop);
        if (problem is null)
        {
            await remote.RefreshAllAsync(stop);
        }

        return View(store, problem);
    }

    private async Task<Result<SecretStoreView>> TestAsync(string name, CancellationToken stop) =>
        stores.Find(name) is not { } store ? new StoreUnknown(name)
        : await ProblemAsync(name, stop) is { } problem ? problem
        : View(store, null);

    private async Task<Result<SecretStoreView>> RemoveAsync(string name, Caller caller, CancellationToken stop)
    {
        if (stores.Find(name) is not { } store)
        {
            return new StoreUnknown(name);
        }

        if (stores.References(name) is [var first, ..] used)
        {
            return new StoreInUse(name, used.Count, $"{first.Name} of {first.Scope.Words}");
        }

        await stores.RemoveAsync(name, caller.Actor, stop);
        return View(store, null);
    }

    private async Task<Error?> ProblemAsync(string name, CancellationToken stop) =>
        stores.Open(name).TryGet(out var open, out var error) ? await open.Reader.TestAsync(open.Store, open.Token, open.Http, stop) : error;

    private SecretStoreView View(RemoteStore store, Error? problem) =>
        new(store.Name, store.Kind, store.Address.ToString(), store.Settings.Namespace, store.Settings.Ca is not null, store.Settings.Allow, stores.References(store.Name).Count, problem?.Message);

    private Result<RemoteStore> Read(string name, SecretStoreRequest request)
    {
        if (!RemoteReference.IsStoreName(name))
        {
            return new StoreRefused("its name is not 1 to 32 lower case letters, digits and dashes", "axle secret store add vault --address https://…");
        }

        if (!stores.Kinds.Contains(request.Kind))
        {
            return new StoreRefused("its kind is not known", $"--kind is one of {string.Join(", ", stores.Kinds)}");
        }

        if (!Uri.TryCreate(request.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length + address.Query.Length + address.Fragment.Length > 0)
        {
            return new StoreRefused("its address is none with https, and nothing behind the path", "--address https://vault.example.com:8200");
        }

        // The token, and every secret, would travel in the clear.
        if (address.Scheme == "http" && !address.IsLoopback)
        {
            return new StoreRefused("its address is not https", "Plain http is for a store on this machine itself. --ca FILE takes a certificate authority of your own.");
        }

        if (request.Ca is { } ca && !IsCertificates(ca))
        {
            return new StoreRefused("what was given as certificates is no PEM file of them", "--ca ca.crt, without any private key");
        }

        var allow = request.Allow ?? [];
        if (allow.Count > AllowMax || allow.Any(prefix => !IsPrefix(prefix)))
        {
            return new StoreRefused("a permitted path is none", "--allow 'kv/{team}', --allow kv/shared");
        }

        if (request.Namespace is { } space && (space.Length is 0 or > 256 || !space.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '/' or '.')))
        {
            return new StoreRefused("its namespace is none", "--namespace admin/shop");
        }

        var slashed = new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
        return new RemoteStore(name, request.Kind, slashed, new RemoteSettings(request.Namespace, request.Ca, allow));
    }

    private static bool IsPrefix(string prefix) =>
        RemoteReference.TryParse($"x:{prefix.Replace(RemoteSettings.Team, "team", StringComparison.Ordinal).TrimEnd('/')}/x#x", out _);

    private static bool IsCertificates(string pem)
    {
        if (pem.Length > CaMax || pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            return certificates.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
