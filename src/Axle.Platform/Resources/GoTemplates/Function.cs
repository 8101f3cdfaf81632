namespace Axle.Platform.Resources.GoTemplates;

/// <summary>A function that templates may call.</summary>
/// <param name="Least">How many arguments it needs.</param>
/// <param name="Most">How many it takes at most; <see cref="Any"/> is no bound.</param>
/// <param name="Run">What it does.</param>
internal sealed record Function(string Name, int Least, int Most, Func<Arguments, object?> Run)
{
    public const int Any = int.MaxValue;

    /// <summary>Set for <c>and</c> and <c>or</c>: the first argument with this truth is the result, and later ones are not evaluated.</summary>
    public bool? StopsAt { get; init; }

    /// <summary>How many arguments it takes, in words.</summary>
    public string Takes => (Least, Most) switch
    {
        (_, Any) => $"at least {Least} argument{(Least == 1 ? "" : "s")}",
        _ when Least == Most => Least switch { 0 => "no arguments", 1 => "one argument", _ => $"{Least} arguments" },
        _ => $"{Least} to {Most} arguments",
    };

    public object? Call(IReadOnlyList<object?> arguments, Work work)
    {
        var given = new Arguments(this, arguments, work);
        foreach (var argument in arguments)
        {
            given.Pay(argument);
        }

        var result = Run(given);
        given.Pay(result);
        return result;
    }
}

/// <summary>What a function was called with.</summary>
internal sealed class Arguments(Function function, IReadOnlyList<object?> all, Work work)
{
    public Work Work => work;

    public IReadOnlyList<object?> All => all;

    public int Count => all.Count;

    public object? this[int i] => all[i];

    public object? Last => all[^1];

    /// <summary>Text and nothing else, as Go's typed functions ask for it.</summary>
    public string Text(int i) => all[i] as string ?? throw Wrong(i, "text");

    public int Integer(int i) => all[i] is long number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : throw Wrong(i, "a whole number");

    public GoMap Map(int i) => all[i] as GoMap ?? throw Wrong(i, "a mapping");

    public GoList List(int i) => all[i] as GoList ?? throw Wrong(i, "a list");

    /// <summary>Any value as text, as sprig's loosely typed functions read it.</summary>
    public string Loose(int i) => GoFormat.Text(all[i], work);

    public long Number(int i) => GoValues.ToInteger(all[i]);

    public TemplateException Wrong(string why) => new($"{function.Name}: {why}");

    public void Pay(object? value)
    {
        switch (value)
        {
            case string text:
                work.SpendText(text.Length);
                break;
            case GoList list:
                work.SpendItems(list.Count);
                break;
            case GoMap map:
                work.SpendItems(map.Count);
                break;
        }
    }

    private TemplateException Wrong(int i, string expected) =>
        Wrong($"argument {i + 1} must be {expected}, and is {(all[i] is null ? "nothing (is a key missing?)" : $"a {GoValues.TypeOf(all[i])}")}");
}
