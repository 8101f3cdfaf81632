using System.Text.Json;
using Axle.Agent.Isolation;

namespace Axle.Agent.State;

/// <summary>Gives each workload and each owner of jobs a number as a user of the machine, for ever.</summary>
internal sealed class Users(AgentFolders folders, MachineIsolation isolation, ILogger<Users> logger)
{
    private readonly Lock _lock = new();
    private readonly string _path = Path.Combine(folders.Agent, "users.json");
    private Dictionary<string, int>? _known;

    /// <summary>Null when processes run as the agent's own user here.</summary>
    public int? For(string owner)
    {
        if (!isolation.Users)
        {
            return null;
        }

        lock (_lock)
        {
            _known ??= Load();
            if (!_known.TryGetValue(owner, out var user))
            {
                user = _known.Count == 0 ? IsolationProbe.TrialUser + 1 : _known.Values.Max() + 1;
                _known[owner] = user;
                AtomicFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(_known, StateJson.Options));
            }

            return user;
        }
    }

    private Dictionary<string, int> Load()
    {
        if (!File.Exists(_path))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(_path), StateJson.Options) ?? [];
        }
        catch (JsonException e)
        {
            File.Move(_path, $"{_path}.broken", overwrite: true);
            logger.LogError("The state file {Path} cannot be read and was moved aside: {Reason}", _path, e.Message);

            // The numbers given before are unknown now; new ones begin far from them, so that nobody gets another one's files.
            return new Dictionary<string, int> { ["-"] = IsolationProbe.TrialUser + 100_000 };
        }
    }
}
