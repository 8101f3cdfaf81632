using System.Collections.Frozen;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>The methods of numbers.</summary>
internal static class NumberMethods
{
    public static FrozenDictionary<string, Method> All { get; } = MethodTable.Of(
        ("toExponential", 0, 1, call => Value.Of(JsNumber.ToExponential(call.Receiver.Number, call.Number(0)))),
        ("toFixed", 0, 1, call => Value.Of(JsNumber.ToFixed(call.Receiver.Number, call.Number(0) ?? 0))),
        ("toPrecision", 0, 1, call => Value.Of(JsNumber.ToPrecision(call.Receiver.Number, call.Number(0)))),
        ("toString", 0, 1, call => Value.Of(JsNumber.ToRadix(call.Receiver.Number, call.Number(0) ?? 10))));
}
