using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// The template language of Backstage's scaffolder: the subset of Nunjucks that its engine nunjitsu runs, with the same
/// output for the same template. It has two uses. In files a mistake is an error; in the strings of a template's steps a
/// mistake leaves the string as it is, which Backstage's users rely on.
/// </summary>
internal sealed class TemplateLanguage(Capabilities capabilities, RenderLimits? limits = null)
{
    private readonly RenderLimits _limits = limits ?? RenderLimits.Default;

    /// <summary>The same with more functions that templates may call.</summary>
    public TemplateLanguage With(IEnumerable<KeyValuePair<string, Capability>> globals) => new(capabilities.WithGlobals(globals), _limits);

    /// <summary>Renders the text of a file, or its name.</summary>
    /// <param name="file">What to call it in the error.</param>
    public Result<string> RenderFile(string text, TemplateContext context, SyntaxOptions options, string? file = null, CancellationToken stop = default)
    {
        var run = new Run(this, text, options, stop);
        return run.TryDo(() => run.Prepare(context).Render(), file);
    }

    /// <summary>
    /// Renders every string in this JSON. A string that is one <c>${{ expression }}</c> and nothing else becomes the
    /// expression's value, whatever its type; one that fails stays. A member whose value is undefined disappears; an
    /// element becomes null, as does the whole.
    /// </summary>
    public JsonNode? RenderValue(JsonNode? node, TemplateContext context, CancellationToken stop = default) => Rendered(node, context, stop).Node;

    private (JsonNode? Node, bool IsUndefined) Rendered(JsonNode? node, TemplateContext context, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        switch (node)
        {
            case JsonObject record:
                var members = from member in InJavaScriptOrder(record)
                              let value = Rendered(member.Value, context, stop)
                              where !value.IsUndefined
                              select KeyValuePair.Create(member.Key, value.Node);
                return (new JsonObject(members), false);
            case JsonArray array:
                return (new JsonArray([.. array.Select(item => Rendered(item, context, stop).Node)]), false);
            case not null when node.GetValueKind() == JsonValueKind.String:
                return RenderString(node.GetValue<string>(), context, stop).TryGet(out var rendered, out _) ? rendered : (node.DeepClone(), false);
            default:
                return (node?.DeepClone(), false);
        }
    }

    private Result<(JsonNode? Node, bool IsUndefined)> RenderString(string text, TemplateContext context, CancellationToken stop)
    {
        var run = new Run(this, text, SyntaxOptions.Default, stop);
        return run.TryDo<(JsonNode?, bool)>(() =>
        {
            var interpreter = run.Prepare(context);
            if (run.Template is not { Body.Statements: [Output only] })
            {
                return (JsonValue.Create(interpreter.Render()), false);
            }

            var value = interpreter.Evaluate(only);
            return (ValueJson.ToJson(value, run.Budget), value.IsUndefined);
        }, null);
    }

    /// <summary>Names that are numbers come first, by number.</summary>
    private static IEnumerable<KeyValuePair<string, JsonNode?>> InJavaScriptOrder(JsonObject record) =>
        record.Any(member => RecordValue.IsArrayIndex(member.Key))
            ? record.OrderBy(member => RecordValue.IsArrayIndex(member.Key) ? uint.Parse(member.Key, CultureInfo.InvariantCulture) : uint.MaxValue)
            : record;

    /// <summary>One rendering, and where its faults become errors.</summary>
    private sealed class Run(TemplateLanguage language, string source, SyntaxOptions options, CancellationToken stop)
    {
        private Interpreter? _interpreter;

        public Budget Budget { get; } = new(language._limits, stop);

        public Template? Template { get; private set; }

        public Interpreter Prepare(TemplateContext context)
        {
            Template = new NameBinder(language._limits).Bind(TemplateParser.Parse(source, options, language._limits));
            return _interpreter = new Interpreter(Template, context.Values, language.Capabilities, options.Cookiecutter, Budget);
        }

        public Result<T> TryDo<T>(Func<T> render, string? file)
        {
            try
            {
                return Result<T>.Of(render());
            }
            catch (TemplateFault fault)
            {
                return Failed(fault, file);
            }
            catch (InsufficientExecutionStackException)
            {
                return Failed(TemplateFault.Limit("the template nests deeper than the stack allows"), file);
            }
        }

        private Error Failed(TemplateFault fault, string? file)
        {
            var (line, column) = SourceText.Place(source, fault.Position ?? _interpreter?.Position ?? 0);
            return NunjucksErrors.Failed(fault, line, column, file);
        }
    }

    private Capabilities Capabilities => capabilities;
}
