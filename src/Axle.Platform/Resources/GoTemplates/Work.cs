namespace Axle.Platform.Resources.GoTemplates;

/// <summary>
/// What one run of a template may cost. Everything that takes time or memory spends from it: a template, which may come
/// from anywhere, ends by itself or is ended here.
/// </summary>
internal sealed class Work
{
    /// <summary>Characters of a template.</summary>
    public const int SourceMax = 256 * 1024;

    /// <summary>How deep actions, parentheses and values may stand inside each other.</summary>
    public const int DepthMax = 100;

    /// <summary>The same while running, through all templates that call each other.</summary>
    public const int RunDepthMax = 250;

    /// <summary>Characters of the output, and of any text made on the way.</summary>
    public const int TextMax = 1024 * 1024;

    /// <summary>Items of a list or a mapping made on the way.</summary>
    public const int ItemsMax = 10_000;

    /// <summary>Steps: one for each operand, and one for each 64 characters or item that a function looks at.</summary>
    public const int StepsMax = 1_000_000;

    private const int CharactersPerStep = 64;

    private long _steps;

    public void Spend(long steps = 1)
    {
        _steps += steps;
        if (_steps > StepsMax)
        {
            throw new TemplateException($"the template takes more than {StepsMax} steps; does it repeat something without end?");
        }
    }

    /// <summary>Pays for a text, or refuses one that is too long; called with its length before it is made.</summary>
    public void SpendText(long length)
    {
        if (length > TextMax)
        {
            throw new TemplateException($"a text would be longer than {TextMax} characters");
        }

        Spend(1 + (length / CharactersPerStep));
    }

    /// <summary>Pays for a list or a mapping, or refuses one that is too big.</summary>
    public void SpendItems(long count)
    {
        if (count is > ItemsMax or < 0)
        {
            throw new TemplateException($"a list or mapping would have more than {ItemsMax} items");
        }

        Spend(1 + count);
    }

    /// <summary>Pays for one value inside another, at a depth.</summary>
    public void Enter(int depth)
    {
        Spend();
        if (depth > DepthMax)
        {
            throw new TemplateException($"values are nested deeper than {DepthMax}");
        }
    }
}
