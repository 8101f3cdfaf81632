using Microsoft.Data.Sqlite;

namespace Axle.Platform.Files;

/// <summary>A SQLite file beside the store that only the platform's user can read, for what is no entity.</summary>
public sealed class PrivateDatabase
{
    private const int BusySeconds = 5;

    private readonly string _connection;

    /// <summary>Opens the file, makes it if it is missing, and runs the schema.</summary>
    /// <param name="options">The platform's, for its data folder.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="schema">Statements that may run again on a file that has it already.</param>
    /// <exception cref="SqliteException">The file cannot be opened or is no database.</exception>
    public PrivateDatabase(PlatformOptions options, string name, string schema)
    {
        ArgumentNullException.ThrowIfNull(options);
        var file = Path.Combine(options.Folder(), name);
        if (!File.Exists(file) && !OperatingSystem.IsWindows())
        {
            // SQLite gives the journal files the mode of the main file.
            using var _ = new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }

        _connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = BusySeconds }.ToString();
        using var connection = Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of the caller.
        command.CommandText = $"PRAGMA journal_mode = WAL;\n{schema}";
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>A pooled connection.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        return connection;
    }
}
