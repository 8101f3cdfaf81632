using System.Collections.Frozen;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>The methods of lists. Some change their list, as in JavaScript.</summary>
internal static class ArrayMethods
{
    private static readonly FrozenSet<string> s_changing = FrozenSet.Create(
        StringComparer.Ordinal, "append", "copyWithin", "fill", "insert", "pop", "push", "remove", "reverse", "shift", "sort", "splice", "unshift");

    public static FrozenDictionary<string, Method> All { get; } = MethodTable.Of(
        ("at", 1, 1, call => call.Whole(0, 0) is var at && at < 0 ? At(call, at + Items(call).Count) : At(call, at)),
        ("concat", 0, int.MaxValue, Concat),
        ("copyWithin", 1, 3, CopyWithin),
        ("fill", 1, 3, Fill),
        ("flat", 0, 1, call => List(Flattened(Items(call), call.Whole(0, 1), [], call.Budget))),
        ("includes", 1, 2, call => Value.Of(Find(call, (item, sought) => SameValue(item, sought, call.Operations)) >= 0)),
        ("indexOf", 1, 2, call => Value.Of(Find(call, call.Operations.StrictlyEqual))),
        ("join", 0, 1, call => Value.Of(call.Operations.Joined(call.Receiver.Array, call[0].IsUndefined ? "," : call.Text(0)))),
        ("lastIndexOf", 1, 2, call => Value.Of(FindLast(call))),
        ("pop", 0, 1, Pop),
        ("push", 0, int.MaxValue, Push),
        ("reverse", 0, 0, call => Change(call, items => items.Reverse())),
        ("shift", 0, 0, call => RemoveAt(call, 0)),
        ("slice", 0, 2, Slice),
        ("sort", 0, 0, Sort),
        ("splice", 0, int.MaxValue, Splice),
        ("unshift", 0, int.MaxValue, Unshift));

    /// <summary>What cookiecutter's templates may call besides.</summary>
    public static FrozenDictionary<string, Method> Cookiecutter { get; } = MethodTable.Of(
        ("append", 1, 1, Push),
        ("count", 1, 1, call => Value.Of(Items(call).Count(item => call.Operations.StrictlyEqual(item, call[0])))),
        ("find", 1, 1, call => Value.Of(Find(call, call.Operations.StrictlyEqual))),
        ("index", 1, 1, call => Value.Of(Find(call, call.Operations.StrictlyEqual))),
        ("insert", 2, 2, call => Removed(call, TextPlace.Relative(call.Whole(0, 0), Items(call).Count), 0, [call[1]])),
        ("remove", 1, 1, call => Find(call, call.Operations.StrictlyEqual) is >= 0 and var at ? Removed(call, at, 1, []) : List([])));

    /// <summary>Whether a method of this name changes its list.</summary>
    public static bool Changes(string name) => s_changing.Contains(name);

    private static IReadOnlyList<Value> Items(MethodCall call) => call.Receiver.Array.Items;

    private static Value List(List<Value> items) => Value.Of(new ArrayValue(items));

    private static Value At(MethodCall call, double index) => index >= 0 && index < Items(call).Count ? Items(call)[(int)index] : Value.Undefined;

    /// <param name="added">What the change may put into the list.</param>
    private static Value Change(MethodCall call, Action<List<Value>> change, params IEnumerable<Value> added)
    {
        List<Value> items = [.. Items(call)];
        change(items);
        call.Receiver.Array.Replace(items, added, call.Budget);
        return call.Receiver;
    }

    private static Value Concat(MethodCall call)
    {
        List<Value> items = [.. Items(call)];
        foreach (var argument in call.Arguments)
        {
            var more = argument.Kind == ValueKind.Array ? argument.Array.Items : [argument];
            call.Budget.CheckElements(items.Count + more.Count);
            call.Budget.Charge(more.Count);
            items.AddRange(more);
        }

        return List(items);
    }

    private static Value CopyWithin(MethodCall call) => Change(call, items =>
    {
        var target = TextPlace.Relative(call.Whole(0, 0), items.Count);
        var start = TextPlace.Relative(call.Whole(1, 0), items.Count);
        var end = TextPlace.Relative(call.Whole(2, items.Count), items.Count);
        var copied = items[start..Math.Max(start, end)];
        for (var i = 0; i < copied.Count && target + i < items.Count; i++)
        {
            items[target + i] = copied[i];
        }
    });

    private static Value Fill(MethodCall call) => Change(call, items =>
    {
        var end = TextPlace.Relative(call.Whole(2, items.Count), items.Count);
        for (var i = TextPlace.Relative(call.Whole(1, 0), items.Count); i < end; i++)
        {
            items[i] = call[0];
        }
    }, call[0]);

    private static List<Value> Flattened(IReadOnlyList<Value> items, double depth, List<Value> output, Budget budget)
    {
        budget.Enter();
        foreach (var item in items)
        {
            budget.Charge();
            budget.CheckElements(output.Count + 1);
            if (depth > 0 && item.Kind == ValueKind.Array)
            {
                Flattened(item.Array.Items, depth - 1, output, budget);
            }
            else
            {
                output.Add(item);
            }
        }

        budget.Leave();
        return output;
    }

    private static int Find(MethodCall call, Func<Value, Value, bool> equal)
    {
        var items = Items(call);
        for (var i = TextPlace.Relative(call.Whole(1, 0), items.Count); i < items.Count; i++)
        {
            if (equal(items[i], call[0]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>As strictly equal, but a NaN equals itself.</summary>
    private static bool SameValue(Value left, Value right, Operations operations) =>
        operations.StrictlyEqual(left, right) || (left.Kind == ValueKind.Number && right.Kind == ValueKind.Number && double.IsNaN(left.Number) && double.IsNaN(right.Number));

    private static int FindLast(MethodCall call)
    {
        var items = Items(call);
        var from = call.Whole(1, items.Count - 1);
        for (var i = (int)Math.Max(-1, Math.Min(from < 0 ? items.Count + from : from, items.Count - 1)); i >= 0; i--)
        {
            if (call.Operations.StrictlyEqual(items[i], call[0]))
            {
                return i;
            }
        }

        return -1;
    }

    private static Value Push(MethodCall call)
    {
        Change(call, items => items.AddRange(call.Arguments), call.Arguments);
        return Value.Of(Items(call).Count);
    }

    private static Value Unshift(MethodCall call)
    {
        Change(call, items => items.InsertRange(0, call.Arguments), call.Arguments);
        return Value.Of(Items(call).Count);
    }

    /// <summary>The last element; cookiecutter's templates may name another.</summary>
    private static Value Pop(MethodCall call)
    {
        if (call.Arguments.Length > 0 && !call.Cookiecutter)
        {
            throw TemplateFault.Evaluation("'pop' takes no arguments");
        }

        var index = call.Whole(0, -1);
        return RemoveAt(call, index < 0 ? Items(call).Count + index : index);
    }

    private static Value RemoveAt(MethodCall call, double index)
    {
        var removed = At(call, index);
        if (index >= 0 && index < Items(call).Count)
        {
            Change(call, items => items.RemoveAt((int)index));
        }

        return removed;
    }

    private static Value Slice(MethodCall call)
    {
        var start = TextPlace.Relative(call.Whole(0, 0), Items(call).Count);
        var end = TextPlace.Relative(call.Whole(1, double.PositiveInfinity), Items(call).Count);
        return List([.. Items(call).Skip(start).Take(Math.Max(0, end - start))]);
    }

    /// <summary>By their texts, as JavaScript does where it is given no other order.</summary>
    private static Value Sort(MethodCall call)
    {
        var operations = call.Operations;
        return Change(call, items =>
        {
            var texts = items.ConvertAll(item => (Item: item, Text: item.IsUndefined ? "" : operations.ToText(item)));
            var sorted = JsSort.Sorted(texts, pair => pair.Item.IsUndefined, (left, right) =>
            {
                call.Budget.ChargeText(Math.Min(left.Text.Length, right.Text.Length));
                return string.CompareOrdinal(left.Text, right.Text);
            });
            items.Clear();
            items.AddRange(sorted.Select(pair => pair.Item));
        });
    }

    /// <summary>Replaces a part by the further arguments; the answer is what was there.</summary>
    private static Value Splice(MethodCall call)
    {
        if (call[0].IsUndefined)
        {
            return List([]);
        }

        var count = Items(call).Count;
        var start = TextPlace.Relative(call.Whole(0, 0), count);
        var removed = (int)Math.Clamp(call.Whole(1, double.PositiveInfinity), 0, count - start);
        return Removed(call, start, removed, call[1].IsUndefined ? [] : call.Arguments.Skip(2));
    }

    private static Value Removed(MethodCall call, int start, int count, IEnumerable<Value> replacement)
    {
        List<Value> removed = [];
        Change(call, items =>
        {
            removed = items.GetRange(start, count);
            items.RemoveRange(start, count);
            items.InsertRange(start, replacement);
        }, replacement);
        return List(removed);
    }
}
