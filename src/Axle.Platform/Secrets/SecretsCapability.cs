using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Platform.Secrets;

/// <summary>Secrets: kept closed on disk, given to workloads by scope, read by people through a verb of its own.</summary>
public static class SecretsCapability
{
    public static IServiceCollection AddSecrets(this IServiceCollection services) => services
        .AddEntityKind(SecretKind.Instance)
        .AddRelationType(SecretKind.Of)
        .AddRelationType(SecretKind.SharedWith)
        .AddSingleton<SecretDatabase>()
        .AddSingleton<SecretKey>()
        .AddSingleton<SecretStore>()
        .AddSingleton<SecretEntities>()
        .AddSingleton<Redactor>()
        .AddSingleton<ISecrets, SecretsFace>()
        .AddSingleton<IApplyGuard, ApplyGuard>()
        .AddSingleton<SetSecret>()
        .AddSingleton<ReadSecret>()
        .AddSingleton<ChangeSecret>()
        .AddSingleton<SecretViews>()
        .AddSingleton<ISecretDesk, SecretDesk>()
        .AddSingleton<SecretLinks>()
        .AddSingleton<RotateKey>()
        .AddSingleton<SecretSweep>()
        .AddSingleton<IStoreReader, VaultReader>()
        .AddSingleton<IStoreReader, KubernetesReader>()
        .AddSingleton<LastFetches>()
        .AddSingleton<RemoteStores>()
        .AddSingleton<RemoteSecrets>()
        .AddSingleton<RemoteRefresh>()
        .AddSingleton<ReferSecret>()
        .AddSingleton<StoreVerbs>()
        .AddHostedService<SecretsStart>()
        .AddHostedService(provider => provider.GetRequiredService<SecretSweep>())
        .AddHostedService(provider => provider.GetRequiredService<RemoteRefresh>())
        .AddReconciler<SecretReconciler>();

    public static void MapSecrets(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/secrets").WithTags("Secrets").AddEndpointFilter(Unsealed);
        api.MapGet("/", SecretViews.ListEndpoint).Requires(Verb.Read).Answers<SecretList>().WithSummary("Names, scopes, versions and ages; never values. Of a component also what it is given by others.");
        api.MapPost("/", SetSecret.ImportEndpoint).Requires(Verb.WriteSecrets).Answers<SecretList>().WithMetadata(KeptSecret.InRequest).WithSummary("Sets all secrets of a .env file, or none.");
        api.MapPut("/{name}", SetSecret.Endpoint).Requires(Verb.WriteSecrets).Answers<SecretView>().WithMetadata(KeptSecret.InRequest).WithSummary("Sets a value, or where it is fetched from, as a new version.");
        api.MapDelete("/{name}", ChangeSecret.UnsetEndpoint).Requires(Verb.WriteSecrets).Answers<SecretView>().WithSummary("Unsets a secret; for seven days it can be restored.");
        api.MapPost("/{name}/read", ReadSecret.Endpoint).Requires(Verb.ReadSecrets).Answers<SecretReading>().WithMetadata(KeptSecret.Instance).WithSummary("The value. Who read it is written down first.");
        api.MapGet("/{name}/versions", SecretViews.VersionsEndpoint).Requires(Verb.Read).Answers<SecretVersions>().WithSummary("All versions, without values.");
        api.MapGet("/{name}/log", SecretViews.UsesEndpoint).Requires(Verb.Read).Answers<SecretUses>().WithSummary("Who set, read, shared or handed it on, newest first.");
        api.MapPost("/{name}/rotate", ChangeSecret.RotateEndpoint).Requires(Verb.WriteSecrets).Answers<SecretView>().WithMetadata(KeptSecret.InRequest).WithSummary("A new value: given, or random.");
        api.MapPost("/{name}/rollback", ChangeSecret.RollbackEndpoint).Requires(Verb.WriteSecrets).Answers<SecretView>().WithSummary("Makes an earlier version current again.");
        api.MapPost("/{name}/restore", ChangeSecret.RestoreEndpoint).Requires(Verb.WriteSecrets).Answers<SecretView>().WithSummary("Brings back what was unset.");
        api.MapPost("/{name}/share", ChangeSecret.ShareEndpoint).Requires(Verb.WriteSecrets).Answers<SecretView>().WithSummary("Gives it to another team or component too, by reference.");
        api.MapPost("/{name}/unshare", ChangeSecret.UnshareEndpoint).Requires(Verb.WriteSecrets).Answers<SecretView>().WithSummary("Ends that.");
        api.MapPost("/{name}/link", SecretLinks.MakeEndpoint).Requires(Verb.ReadSecrets).Answers<SecretLink>().WithMetadata(KeptSecret.Instance).WithSummary("A link that shows the value once.");

        api.MapPost("/{name}/refresh", ReferSecret.RefreshEndpoint).Requires(Verb.WriteSecrets).Answers<SecretView>().WithSummary("Fetches its value from the other store now, and not within a minute.");

        // A dash can name no secret.
        api.MapPost("/-/rotate-key", RotateKey.Endpoint).Requires(Verb.Administer).Answers<SecretKeyRotation>().WithSummary("Puts a new master key in use, and closes everything anew with it.");
        api.MapGet("/-/stores", StoreVerbs.ListEndpoint).Requires(Verb.Read).Answers<SecretStoreList>().WithSummary("Other stores that secrets can be fetched from, without their tokens.");
        api.MapPut("/-/stores/{store}", StoreVerbs.PutEndpoint).Requires(Verb.Administer).Answers<SecretStoreView>().WithMetadata(KeptSecret.InRequest).WithSummary("Adds another store or changes it, and tests it.");
        api.MapPost("/-/stores/{store}/test", StoreVerbs.TestEndpoint).Requires(Verb.Administer).Answers<SecretStoreView>().WithSummary("Whether it answers and takes the token.");
        api.MapDelete("/-/stores/{store}", StoreVerbs.RemoveEndpoint).Requires(Verb.Administer).Answers<SecretStoreView>().WithSummary("Takes a store out that no secret refers to, with its token.");

        var links = routes.MapGroup("/secret-links").Requires(Verb.Anonymous).ExcludeFromDescription();
        links.MapGet("/{token}", SecretLinks.LookEndpoint);
        links.MapPost("/{token}", SecretLinks.OpenEndpoint);
    }

    /// <summary>Without the master key no verb on secrets does anything.</summary>
    private static async ValueTask<object?> Unsealed(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.RequestServices.GetRequiredService<ISecrets>().Sealed is { } why ? why.ToHttp() : await next(context);
}
