using System.Globalization;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>
/// The resource types that need nobody to provision them: they are read off the workload's surroundings. Only in the
/// default class, so that another class of the same type stays free for provisioners.
/// </summary>
internal sealed class BuiltInResources(ScoreContext context) : IResourceOutputs
{
    IReadOnlyList<string> IResourceOutputs.Types => Types;

    public static IReadOnlyList<string> Types { get; } = ["dns", "endpoint", "environment", "route", "service", "service-port", "volume"];

    /// <summary>Whether a resource of this type and class is one of them. Volumes are folders, whatever their class.</summary>
    public static bool Provide(string type, string? @class) => Types.Contains(type) && (type == "volume" || @class is null or ScoreResource.DefaultClass);

    public Result<ResourceOutputs>? Find(ResourceNeed need)
    {
        if (!Provide(need.Type, need.Class))
        {
            return null;
        }

        return need.Type switch
        {
            "volume" => Of(("source", need.Uid)),
            "environment" => ResourceOutputs.Of(context.Variables),
            "dns" => Of(("host", context.Host), ("url", context.Url ?? $"http://{context.Host}")),
            "service-port" => ServicePort(need),
            "service" or "endpoint" => Service(need),
            _ => Of(),
        };
    }

    private Result<ResourceOutputs> ServicePort(ResourceNeed need)
    {
        if (Param(need, "workload") is not { Length: > 0 } workload || Param(need, "port") is not { Length: > 0 } port)
        {
            return new Error("workloads.params", "needs the params workload and port", null, 422);
        }

        return context.ServicePort(workload, port) is { } found
            ? ResourceOutputs.Of<object>([new("hostname", found.Hostname), new("port", found.Port)])
            : new Error("workloads.no_service", $"the workload '{Field.Shorten(workload)}' has no port '{Field.Shorten(port)}' in this environment", $"axle status {Field.Shorten(workload)}", 422);
    }

    /// <summary>Another component, by the param <c>workload</c>, the id of the resource, or the name that it is given here.</summary>
    private Result<ResourceOutputs> Service(ResourceNeed need)
    {
        var id = need.Uid[(need.Uid.IndexOf('#', StringComparison.Ordinal) + 1)..];
        var workload = Param(need, "workload") is { Length: > 0 } given ? given : id == $"{need.Workload}.{need.Name}" ? need.Name : id;
        return context.ServicePort(workload, Param(need, "port") ?? "web") is { } found
            ? ResourceOutputs.Of<object>([new("name", workload), new("hostname", found.Hostname), new("port", found.Port), new("url", $"http://{found.Hostname}:{found.Port}")])
            : new Error("workloads.no_service", $"the component '{Field.Shorten(workload)}' serves nothing in this environment yet", $"axle status {Field.Shorten(workload)}", 422);
    }

    private static string? Param(ResourceNeed need, string key) =>
        need.Params.ValueKind == JsonValueKind.Object && need.Params.TryGetProperty(key, out var value)
            ? value.ValueKind == JsonValueKind.Number ? value.GetDouble().ToString(CultureInfo.InvariantCulture) : value.ValueKind == JsonValueKind.String ? value.GetString() : null
            : null;

    private static ResourceOutputs Of(params (string Key, string Value)[] values) => ResourceOutputs.Of(values.Select(v => KeyValuePair.Create(v.Key, v.Value)));
}
