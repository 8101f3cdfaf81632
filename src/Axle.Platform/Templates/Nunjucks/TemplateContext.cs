using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>The values that templates see, read once and used for any number of renderings, also at the same time.</summary>
internal sealed class TemplateContext
{
    private TemplateContext(RecordValue values) => Values = values;

    public RecordValue Values { get; }

    public static TemplateContext Empty { get; } = new(new RecordValue([]));

    public static Result<TemplateContext> From(JsonObject values) => Read(values, value => new TemplateContext(value.Record));

    /// <summary>These values with another one under this name.</summary>
    public Result<TemplateContext> With(string name, JsonNode? value) => Read(value, read => new TemplateContext(Values.With(name, read)));

    private static Result<TemplateContext> Read(JsonNode? node, Func<Value, TemplateContext> context)
    {
        try
        {
            return context(ValueJson.FromJson(node, RenderLimits.Default));
        }
        catch (TemplateFault fault)
        {
            return NunjucksErrors.Values(fault);
        }
    }
}
