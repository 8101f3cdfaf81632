using System.Collections.Frozen;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>One call of a method.</summary>
internal readonly record struct MethodCall(Value Receiver, Value[] Arguments, Operations Operations, bool Cookiecutter)
{
    public Budget Budget => Operations.Budget;

    /// <summary>An argument, or undefined.</summary>
    public Value this[int index] => index < Arguments.Length ? Arguments[index] : Value.Undefined;

    public string Text(int index) => Operations.ToText(this[index]);

    /// <summary>A whole number, or what stands for an argument that is missing.</summary>
    public double Whole(int index, double otherwise) => this[index].IsUndefined ? otherwise : Operations.ToInteger(this[index]);

    public double? Number(int index) => this[index].IsUndefined ? null : Operations.ToNumber(this[index]);
}

/// <summary>A method that values of one kind have.</summary>
internal sealed record Method(int ArgumentsMin, int ArgumentsMax, Func<MethodCall, Value> Apply)
{
    public Value Invoke(MethodCall call)
    {
        // What a method may have to go through, once, before it starts.
        call.Budget.ChargeText(call.Receiver.IsText ? call.Receiver.Text.Length : 0);
        call.Budget.Charge(call.Receiver.Kind == ValueKind.Array ? call.Receiver.Array.Count : 1);
        Operations.RefuseCallable(call.Receiver);
        return Apply(call);
    }
}

/// <summary>The methods that templates may call; a closed list per kind of value, like everything else they can reach.</summary>
internal static class MethodTable
{
    public static Method? Find(Value receiver, string name, bool cookiecutter) => receiver.Kind switch
    {
        ValueKind.Text or ValueKind.SafeText => TextMethods.All.GetValueOrDefault(name),
        ValueKind.Number => NumberMethods.All.GetValueOrDefault(name),
        ValueKind.Array => ArrayMethods.All.GetValueOrDefault(name) ?? (cookiecutter ? ArrayMethods.Cookiecutter.GetValueOrDefault(name) : null),
        ValueKind.Record when cookiecutter => RecordMethods.Cookiecutter.GetValueOrDefault(name),
        ValueKind.Pattern when name == "test" => s_test,
        _ => null,
    };

    private static readonly Method s_test = new(1, 1, call => Value.Of(call.Receiver.Pattern.Test(call.Text(0), call.Budget)));

    public static FrozenDictionary<string, Method> Of(params (string Name, int Min, int Max, Func<MethodCall, Value> Apply)[] methods) =>
        methods.ToFrozenDictionary(method => method.Name, method => new Method(method.Min, method.Max, method.Apply), StringComparer.Ordinal);
}
