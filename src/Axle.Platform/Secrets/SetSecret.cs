using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets.Stores;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Secrets;

/// <summary>Writes values: one, or all of a <c>.env</c> file. Each becomes a new version that is current at once.</summary>
internal sealed class SetSecret(SecretStore store, SecretEntities projection, ReferSecret refer, IEntityStore entities)
{
    /// <summary>How many one file may have.</summary>
    private const int ImportMax = 500;

    public static async Task<IResult> Endpoint(string name, [AsParameters] SecretAddress address, SecretSetRequest request, Caller caller, SetSecret self, SecretViews views, CancellationToken stop) =>
        (await self.RunAsync(name, address, request, caller, stop)).ToHttp(secret => TypedResults.Ok(views.Of(secret)));

    public static async Task<IResult> ImportEndpoint([AsParameters] SecretAddress address, SecretImportRequest request, Caller caller, SetSecret self, SecretViews views, CancellationToken stop) =>
        (await self.ImportAsync(address, request, caller, stop)).ToHttp(secrets => TypedResults.Ok(new SecretList([.. secrets.Select(secret => views.Of(secret))])));

    public async Task<Result<StoredSecret>> RunAsync(string name, SecretAddress address, SecretSetRequest request, Caller caller, CancellationToken stop)
    {
        // 1. Whose, and may they?
        if (!address.For(caller, Verb.WriteSecrets, entities).TryGet(out var scope, out var error))
        {
            return error;
        }

        // 2. Is it one, and is it clear which?
        if (RefuseName(scope, name) is { } badName)
        {
            return badName;
        }

        if (request.From is { } from)
        {
            return request.Value is null ? await refer.SetAsync(scope, name, from, caller, stop) : new ValueAndReference(name);
        }

        var value = request.Value ?? "";
        if (SecretNames.RefuseValue(name, value) is { } refusal)
        {
            return refusal;
        }

        // 3. Durable first; the catalogue follows, also after a crash in between.
        var secret = store.Set(scope, name, new SecretValue(value), caller.Actor);
        await projection.WriteAsync(scope, name, caller.Actor, $"version {secret.Current!.Number}", stop);
        return secret;
    }

    public async Task<Result<IReadOnlyList<StoredSecret>>> ImportAsync(SecretAddress address, SecretImportRequest request, Caller caller, CancellationToken stop)
    {
        if (!address.For(caller, Verb.WriteSecrets, entities).TryGet(out var scope, out var error))
        {
            return error;
        }

        // All or none: half a file would be a state that nobody wrote.
        var (entries, problems) = EnvFile.Parse(request.Text);
        problems = [.. problems, .. entries.Where(entry => Refuse(scope, entry.Name, entry.Value) is not null).Select(entry => new Problem(Refuse(scope, entry.Name, entry.Value)!.Message, Line: entry.Line, Column: 1))];
        problems = [.. problems, .. Repeated(entries)];
        if (problems.Count > 0 || entries.Count is 0 or > ImportMax)
        {
            return new ImportRefused(entries.Count, ImportMax) { Problems = [.. problems.OrderBy(problem => problem.Line)] };
        }

        var set = store.SetAll(scope, [.. entries.Select(entry => (entry.Name, new SecretValue(entry.Value)))], caller.Actor);
        foreach (var secret in set)
        {
            await projection.WriteAsync(scope, secret.Name, caller.Actor, $"version {secret.Current!.Number}, imported", stop);
        }

        return Result<IReadOnlyList<StoredSecret>>.Of(set);
    }

    private static IEnumerable<Problem> Repeated(IReadOnlyList<EnvFile.Entry> entries) => entries
        .GroupBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase)
        .SelectMany(group => group.Skip(1).Select(again => new Problem($"{again.Name} stands in line {group.First().Line} already", Line: again.Line, Column: 1)));

    private Error? Refuse(SecretScope scope, string name, string value) => RefuseName(scope, name) ?? SecretNames.RefuseValue(name, value);

    private Error? RefuseName(SecretScope scope, string name)
    {
        if (SecretNames.Refuse(name) is { } refusal)
        {
            return refusal;
        }

        // Entity names know no upper case, and two that differ by it only are mistaken for each other.
        if (store.In(scope).FirstOrDefault(other => other.Name != name && other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } twin)
        {
            return new CaseClash(name, twin.Name, scope);
        }

        return null;
    }
}
