using Axle.Contracts;
using Axle.Platform.Catalog.Index;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>
/// The <c>filter</c> parameter: <c>kind=component,spec.type=service</c> is both, the parameter again is the other, the same
/// path twice in one is either value, and a path alone is "is there".
/// </summary>
internal static class FilterParameter
{
    public static Result<EntityFilter?> Read(IEnumerable<string?> texts)
    {
        var sets = new List<EntityFilter>();
        foreach (var text in texts)
        {
            var conditions = new Dictionary<string, List<string>?>(StringComparer.Ordinal);
            foreach (var statement in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var equals = statement.IndexOf('=', StringComparison.Ordinal);
                var path = (equals < 0 ? statement : statement[..equals]).Trim();
                if (path.Length == 0)
                {
                    return new CatalogInputInvalid($"Invalid filter, '{statement}' is not a valid statement (expected a string on the form a=b or a= or a)");
                }

                var values = conditions.GetValueOrDefault(path);
                if (equals >= 0)
                {
                    (values ??= []).Add(statement[(equals + 1)..].Trim().ToLowerInvariant());
                }

                conditions[path] = values;
            }

            if (conditions.Count > 0)
            {
                sets.Add(EntityFilter.AllOf([.. conditions.Select(one => Condition(one.Key.ToLowerInvariant(), one.Value))]));
            }
        }

        return sets.Count == 0 ? (EntityFilter?)null : EntityFilter.AnyOf(sets);
    }

    private static EntityFilter Condition(string path, List<string>? values) =>
        values is null ? new EntityFilter.Exists(path) : new EntityFilter.In(path, values);
}
