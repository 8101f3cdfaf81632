using System.Text.Json;

namespace Axle.Agent.State;

/// <summary>Durable records of one type, a JSON file each. A file that cannot be read is moved aside and named; the rest goes on.</summary>
internal sealed class RecordFolder<T>(string folder, ILogger logger)
    where T : class
{
    public void Save(string id, T record) => AtomicFile.Write(PathOf(id), JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Options));

    public void Delete(string id) => File.Delete(PathOf(id));

    public IReadOnlyList<T> LoadAll()
    {
        var found = new List<T>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            try
            {
                found.Add(JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), StateJson.Options) ?? throw new JsonException("it is empty"));
            }
            catch (JsonException e)
            {
                var aside = $"{path}.broken";
                File.Move(path, aside, overwrite: true);
                logger.LogError("The state file {Path} cannot be read and was moved to {Aside}: {Reason}", path, aside, e.Message);
            }
        }

        return found;
    }

    private string PathOf(string id) => Path.Combine(folder, $"{id}.json");
}
