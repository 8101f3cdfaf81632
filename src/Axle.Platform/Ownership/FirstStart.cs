using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Ownership;

/// <summary>
/// Leaves no platform without a way in: the first start makes the administrator, their group and their token; later
/// starts bring the administrator back when nobody has that role any more.
/// </summary>
internal sealed class FirstStart(IEntityStore entities, IdentityDatabase database, AdminToken token, ILogger<FirstStart> log) : IHostedService
{
    private const string Actor = "system:first-start";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!HasAdministrator())
        {
            var put = await entities.PutAllAsync([Group(), User()], Actor, "There was no administrator.", cancellationToken);
            if (!put.Ok)
            {
                throw new InvalidOperationException($"The administrator cannot be made: {put.Error!.Message}");
            }
        }

        // A fact and not the file's absence: who deletes the file on purpose does not get it back.
        if (database.Run("INSERT INTO facts (name, value) VALUES ('first_start', 'done') ON CONFLICT DO NOTHING") > 0)
        {
            log.LogInformation("First start: the administrator's token is in {File}", token.Renew());
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool HasAdministrator()
    {
        var callers = new Callers(entities);

        // Usually it is the first one, of which we know.
        return entities.Heads(new EntityQuery { Kinds = [Kinds.User] }).Select(user => user.Ref).Prepend(AdminToken.User)
            .Any(user => callers.Of(new Credential("", user, ["*"]))?.Role == Role.Admin);
    }

    private static Entity Group() => Make(Kinds.Group, "platform", "Platform", """{"type":"team","children":[]}""");

    private static Entity User() => Make(Kinds.User, AdminToken.User.Name, "Administrator", """{"profile":{"displayName":"Administrator"},"memberOf":["platform"]}""");

    private static Entity Make(string kind, string name, string title, string spec) => new()
    {
        ApiVersion = Kinds.BackstageApi,
        Kind = kind,
        Metadata = new Metadata
        {
            Name = name,
            Title = title,
            Annotations = new Dictionary<string, string> { [Roles.Annotation] = "admin" },
        },
        Spec = JsonSerializer.Deserialize<JsonElement>(spec),
    };
}
