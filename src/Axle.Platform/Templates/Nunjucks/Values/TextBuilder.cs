using System.Text;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Makes a text piece by piece, and never a longer one than the budget allows.</summary>
internal sealed class TextBuilder(Budget budget)
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public TextBuilder Append(ReadOnlySpan<char> part)
    {
        Reserve(part.Length);
        _text.Append(part);
        return this;
    }

    public TextBuilder Append(char character)
    {
        Reserve(1);
        _text.Append(character);
        return this;
    }

    public TextBuilder Append(char character, int count)
    {
        Reserve(count);
        _text.Append(character, count);
        return this;
    }

    public override string ToString() => _text.ToString();

    private void Reserve(int characters)
    {
        if (_text.Length + (long)characters > budget.Limits.TextMax)
        {
            throw TemplateFault.Limit($"a text on the way has more than {budget.Limits.TextMax} characters");
        }

        budget.ChargeText(characters);
    }
}
