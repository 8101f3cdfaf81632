using Axle.Contracts;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>A running server, with the programs that fit it.</summary>
internal sealed record PgPlace(EntityRef Server, int Port, PostgresProgram Program);

/// <summary>Who works on which database.</summary>
internal sealed record PgLogin(int Port, string Database, string User, SecretValue Password);

/// <summary>The database of a claim on its server.</summary>
internal sealed record PgDatabase(PgPlace Place, PostgresState State, PostgresParams Params);
