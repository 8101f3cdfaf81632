using System.Text.Json.Serialization;
using Axle.Contracts;
using Axle.Platform.Resources.Servers;

namespace Axle.Platform.Resources.Postgres;

/// <summary>What the claim of a database remembers.</summary>
/// <param name="Server">Ref of the server's claim, as text.</param>
/// <param name="Database">Its name, which is also the name of the role that owns everything in it.</param>
internal sealed record PostgresState(string Server, string Database)
{
    [JsonIgnore]
    public EntityRef ServerRef => ServerTenant.RefOf(Server);

    /// <summary>The two users that take turns: odd versions of the credential are <c>a</c>, even ones <c>b</c>.</summary>
    public string User(int version) => new ServerTenant(Server, Database).User(version);

    /// <summary>The same name for the same claim, always; another one for any other.</summary>
    public static string DatabaseOf(EntityRef claim, string environment) => ServerTenant.NameOf(claim, environment);
}
