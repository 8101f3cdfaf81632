using System.Text.Json;

namespace Axle.Platform.Resources.Drivers;

/// <summary>Reads what <c>plan -json</c> prints: a JSON object on each line.</summary>
internal static class TerraformPlan
{
    /// <summary>Resources of these providers are values and no things: making them anew loses nothing that people put in.</summary>
    private static readonly string[] s_withoutData = ["terraform_data", "null_resource", "random_", "time_"];

    public static Foreseen Read(string output, bool exists)
    {
        var lines = new List<string>();
        var (changes, loses) = (false, false);
        foreach (var line in Lines(output))
        {
            switch (line.TryGetProperty("type", out var type) ? type.GetString() : null)
            {
                case "planned_change" when Change(line.GetProperty("change")) is var (sentence, loss):
                    lines.Add(sentence);
                    changes = true;
                    loses |= loss;
                    break;
                case "outputs" when line.TryGetProperty("outputs", out var outputs):
                    foreach (var each in outputs.EnumerateObject().Where(o => o.Value.TryGetProperty("action", out var action) && !action.ValueEquals("noop")))
                    {
                        lines.Add($"output {each.Name} changes");
                        changes = true;
                    }

                    break;
            }
        }

        return !exists ? new Foreseen(ForeseenActions.Create, lines)
            : loses ? new Foreseen(ForeseenActions.Replace, lines)
            : changes ? new Foreseen(ForeseenActions.Change, lines)
            : Foreseen.Unchanged;
    }

    /// <summary>The objects; other lines are skipped.</summary>
    public static IEnumerable<JsonElement> Lines(string output)
    {
        foreach (var line in output.Split('\n').Where(line => line.StartsWith('{')))
        {
            JsonElement? read = null;
            try
            {
                read = JsonElement.Parse(line);
            }
            catch (JsonException)
            {
                // A line of the program itself, not of the plan.
            }

            if (read is { } json)
            {
                yield return json;
            }
        }
    }

    private static (string Sentence, bool Loses)? Change(JsonElement change)
    {
        var address = change.GetProperty("resource").GetProperty("addr").GetString();
        var type = change.GetProperty("resource").GetProperty("resource_type").GetString() ?? "";
        var bearsData = !s_withoutData.Any(prefix => type.StartsWith(prefix, StringComparison.Ordinal));
        var reason = change.TryGetProperty("reason", out var why) ? $" ({why.GetString()?.Replace('_', ' ')})" : "";
        return change.GetProperty("action").GetString() switch
        {
            "create" => ($"{address} is made", false),
            "update" => ($"{address} is changed in place", false),
            "replace" => ($"{address} is made anew{reason}; what it holds is lost", bearsData),
            "delete" or "remove" => ($"{address} is taken away{reason}; what it holds is lost", bearsData),
            "move" => ($"{address} gets another name", false),
            _ => null,
        };
    }
}
