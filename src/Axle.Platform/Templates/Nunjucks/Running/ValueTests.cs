using System.Collections.Frozen;

namespace Axle.Platform.Templates.Nunjucks;

/// <param name="Arguments">How many it takes; 0 or 1.</param>
internal sealed record ValueTest(int Arguments, Func<Value, Value, Operations, bool> Holds);

/// <summary>What may stand behind <c>is</c>.</summary>
internal static class ValueTests
{
    private static readonly FrozenDictionary<string, ValueTest> s_tests = new Dictionary<string, ValueTest>
    {
        // Functions may be asked about by these alone.
        ["callable"] = new(0, (subject, _, _) => subject.Kind == ValueKind.Callable),
        ["eq"] = new(1, (subject, other, operations) => operations.StrictlyEqual(subject, other)),
        ["equalto"] = new(1, (subject, other, operations) => operations.StrictlyEqual(subject, other)),
        ["sameas"] = new(1, (subject, other, operations) => operations.StrictlyEqual(subject, other)),
        ["ne"] = new(1, (subject, other, operations) => !operations.StrictlyEqual(subject, other)),

        ["defined"] = Data((subject, _) => !subject.IsUndefined),
        ["undefined"] = Data((subject, _) => subject.IsUndefined),
        ["null"] = Data((subject, _) => subject.Kind == ValueKind.Null),
        ["truthy"] = Data((subject, _) => subject.IsTruthy),
        ["falsy"] = Data((subject, _) => !subject.IsTruthy),
        ["number"] = Data((subject, _) => subject.Kind == ValueKind.Number),
        ["string"] = Data((subject, _) => subject.Kind == ValueKind.Text),
        ["escaped"] = Data((subject, _) => subject.Kind == ValueKind.SafeText),
        ["mapping"] = Data((subject, _) => subject.Kind is ValueKind.Record or ValueKind.SafeText or ValueKind.Pattern),
        ["iterable"] = Data((subject, _) => !subject.IsNullish ? subject.IsText || subject.Kind == ValueKind.Array : throw TemplateFault.Evaluation("the test 'iterable' needs a value")),
        ["lower"] = Data((subject, _) => IsInCase(subject, JsText.ToLower)),
        ["upper"] = Data((subject, _) => IsInCase(subject, JsText.ToUpper)),
        ["even"] = Data((subject, operations) => operations.ToNumber(subject) % 2 == 0),
        ["odd"] = Data((subject, operations) => operations.ToNumber(subject) % 2 == 1),

        ["divisibleby"] = Pair((subject, other, operations) => operations.ToNumber(subject) % operations.ToNumber(other) == 0),
        ["ge"] = Pair((subject, other, operations) => operations.Order(subject, other) >= 0),
        ["gt"] = Pair((subject, other, operations) => operations.Order(subject, other) > 0),
        ["greaterthan"] = Pair((subject, other, operations) => operations.Order(subject, other) > 0),
        ["le"] = Pair((subject, other, operations) => operations.Order(subject, other) <= 0),
        ["lt"] = Pair((subject, other, operations) => operations.Order(subject, other) < 0),
        ["lessthan"] = Pair((subject, other, operations) => operations.Order(subject, other) < 0),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Known => s_tests.Keys;

    /// <exception cref="TemplateFault">There is none.</exception>
    public static ValueTest Find(string name) =>
        s_tests.TryGetValue(name, out var test) ? test : throw TemplateFault.Evaluation($"there is no test '{name}'; there are {string.Join(", ", s_tests.Keys.Order(StringComparer.Ordinal))}");

    private static ValueTest Data(Func<Value, Operations, bool> holds) => Pair((subject, _, operations) => holds(subject, operations)) with { Arguments = 0 };

    private static ValueTest Pair(Func<Value, Value, Operations, bool> holds) => new(1, (subject, other, operations) =>
    {
        Operations.RefuseCallable(subject);
        Operations.RefuseCallable(other);
        return holds(subject, other, operations);
    });

    private static bool IsInCase(Value subject, Func<string, string> inCase) => subject.Kind switch
    {
        ValueKind.Text => inCase(subject.Text) == subject.Text,
        ValueKind.SafeText => false,
        _ => throw TemplateFault.Evaluation($"the tests 'lower' and 'upper' are for texts, not for {subject.Described}"),
    };
}
