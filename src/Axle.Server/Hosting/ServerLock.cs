using System.Globalization;
using Axle.Contracts;

namespace Axle.Server.Hosting;

/// <summary>
/// Only one server works on a data folder. The operating system holds the lock, so it ends with the process however that
/// ends; the file beside it only says who it is.
/// </summary>
internal sealed class ServerLock : IDisposable
{
    private readonly FileStream _file;

    private ServerLock(FileStream file) => _file = file;

    public static Result<ServerLock> Take(string dataFolder)
    {
        var folder = Path.Combine(dataFolder, "run");
        var owner = Path.Combine(folder, "server.pid");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Error("server.data_folder", $"The data folder {dataFolder} cannot be used: {e.Message}", "Choose another one with --data, or correct its permissions.", 500);
        }

        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(folder, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            return new Error("server.data_folder", $"The data folder {dataFolder} cannot be used: {e.Message}", "Choose another one with --data, or correct its permissions.", 500);
        }
        catch (IOException)
        {
            var who = File.Exists(owner) ? $"process {File.ReadAllText(owner).Trim()}" : "another process";
            return new Error("server.already_running", $"A server already works on {dataFolder}: {who}.", "Stop it (axle down), or choose another folder with --data.", 409);
        }

        File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new ServerLock(file);
    }

    public void Dispose() => _file.Dispose();
}
