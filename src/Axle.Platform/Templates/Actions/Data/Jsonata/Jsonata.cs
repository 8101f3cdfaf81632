using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Acornima.Ast;
using Axle.Contracts;
using Jint;
using Jint.Native;
using Jint.Runtime;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Evaluates JSONata: the npm package jsonata, unmodified, in an interpreter of JavaScript that has nothing of this process in
/// it and is thrown away after each expression. Texts go in, JSON comes out; time, memory and depth are bounded.
/// </summary>
internal sealed class Jsonata(TimeProvider clock) : IDisposable
{
    /// <summary>Longer ones are no expressions that somebody wrote.</summary>
    private const int ExpressionMax = 256 << 10;

    /// <summary>Everything that an expression makes, also what it has let go of; about 4 KB for each step of an expression.</summary>
    private const long BytesMax = 256 << 20;

    private const int ListMax = 1_000_000;

    /// <summary>As deep as the data may be that it is given; far more than what a template or file may have.</summary>
    private const int DepthMax = 128;

    /// <summary>Of the thread, which the depth of recursion is measured by.</summary>
    private const int StackBytes = 16 << 20;

    /// <summary>More at a time wait: each may fill its memory.</summary>
    private const int AtOnceMax = 2;

    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_patternTime = TimeSpan.FromSeconds(1);

    /// <summary>Read when the first expression comes, and for all of them: it may be run by many engines at a time.</summary>
    private static readonly Lazy<IReadOnlyList<Prepared<Script>>> s_scripts = new(() => [Prepare("around.js"), Prepare("jsonata.min.js")]);

    private readonly SemaphoreSlim _places = new(AtOnceMax);

    /// <param name="data">JSON, or null for none at all, which is not the same as JSON's null.</param>
    /// <param name="replacer">The members that the text keeps, a JSON list; null for all.</param>
    /// <param name="space">What the text is indented with; null for all in one line.</param>
    public async Task<Result<JsonataResult>> EvaluateAsync(string expression, string? data, string? replacer, string? space, CancellationToken stop)
    {
        if (expression.Length > ExpressionMax)
        {
            return Wrong($"it is longer than {ExpressionMax >> 10} KB");
        }

        await _places.WaitAsync(stop);
        try
        {
            // A thread of its own: the depth of recursion depends on its stack, and what it makes is counted by thread.
            var answer = new TaskCompletionSource<Result<JsonataResult>>(TaskCreationOptions.RunContinuationsAsynchronously);
            var thread = new Thread(() => Run(answer, expression, data, replacer, space, stop), StackBytes) { IsBackground = true, Name = "jsonata" };
            thread.Start();
            return await answer.Task;
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "It goes to whoever waits; on this thread nobody could catch it.")]
    private void Run(TaskCompletionSource<Result<JsonataResult>> answer, string expression, string? data, string? replacer, string? space, CancellationToken stop)
    {
        try
        {
            answer.SetResult(Evaluate([expression, Value(data), Value(replacer), Value(space)], stop));
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            answer.SetCanceled(stop);
        }
        catch (Exception e)
        {
            answer.SetException(e);
        }
    }

    private Result<JsonataResult> Evaluate(JsValue[] arguments, CancellationToken stop)
    {
        try
        {
            using var engine = new Engine(options => Bound(options, stop));
            foreach (var script in s_scripts.Value)
            {
                engine.Execute(script);
            }

            // Its promises wait for nothing outside, so that they are all settled when the call returns.
            return Read(engine.Call("evaluateJsonata", arguments).UnwrapIfPromise(stop).AsString());
        }
        catch (RegexMatchTimeoutException e)
        {
            return Wrong($"the regular expression /{e.Pattern}/ takes more than {s_patternTime.TotalSeconds} second for one text", "Write the pattern so that it has only one way to match.");
        }
        catch (TimeoutException)
        {
            return Wrong($"it was not done after {s_time.TotalSeconds} seconds", "Check it for recursion without an end, or give it less data.");
        }
        catch (MemoryLimitExceededException)
        {
            return Wrong($"it needs more than {BytesMax >> 20} MB, or a list of more than {ListMax} elements", "Check it for recursion without an end, or give it less data.");
        }
        catch (JintException e) when (!stop.IsCancellationRequested)
        {
            return Wrong(e.Message);
        }
    }

    private void Bound(Options options, CancellationToken stop)
    {
        options.CancellationToken(stop).TimeoutInterval(s_time).LimitMemory(BytesMax).DisableStringCompilation();
        options.Constraints.StackOverflowGuard = true;
        options.Constraints.MaxArraySize = ListMax;
        options.Constraints.RegexTimeout = s_patternTime;
        options.Json.MaxParseDepth = DepthMax;
        options.Culture = CultureInfo.InvariantCulture;
        options.TimeSystem = new EngineTime(clock);
    }

    private static Result<JsonataResult> Read(string json)
    {
        var answer = (JsonObject)JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = DepthMax })!;
        if (answer["error"] is not JsonObject error)
        {
            return new JsonataResult(answer.ContainsKey("value"), answer["value"]?.DeepClone(), answer.Text("text"));
        }

        var place = error.Text("position") is { } position ? $" at character {position}" : "";
        var code = error.Text("code") is { } named ? $" ({named}{place})" : place;
        return Wrong($"{error.Text("message")}{code}");
    }

    private static Error Wrong(string why, string next = "Correct the expression of the step in the template.") =>
        ActionErrors.Input($"JSONata failed to evaluate the expression: {why}.", next);

    private static JsValue Value(string? text) => text is null ? JsValue.Undefined : text;

    private static Prepared<Script> Prepare(string name)
    {
        using var stream = typeof(Jsonata).Assembly.GetManifestResourceStream($"Jsonata.{name}") ?? throw new InvalidOperationException($"The resource Jsonata.{name} is missing.");
        using var reader = new StreamReader(stream);
        return Engine.PrepareScript(reader.ReadToEnd(), name);
    }

    private sealed class EngineTime(TimeProvider clock) : ITimeSystem
    {
        private readonly DefaultTimeSystem _usual = new(TimeZoneInfo.Utc, CultureInfo.InvariantCulture);

        public TimeZoneInfo DefaultTimeZone => TimeZoneInfo.Utc;

        public DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public bool TryParse(string date, out long epochMilliseconds) => _usual.TryParse(date, out epochMilliseconds);

        public TimeSpan GetUtcOffset(long epochMilliseconds) => TimeSpan.Zero;
    }
}

/// <param name="Exists">Whether there is a result; an expression that finds nothing has none.</param>
/// <param name="Text">The result as JavaScript writes JSON; null when there is none.</param>
internal sealed record JsonataResult(bool Exists, JsonNode? Value, string? Text);
