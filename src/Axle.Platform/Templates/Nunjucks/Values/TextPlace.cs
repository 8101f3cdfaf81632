namespace Axle.Platform.Templates.Nunjucks;

/// <summary>How JavaScript reads a number as a place in a text or list.</summary>
internal static class TextPlace
{
    /// <summary>Below zero is the beginning, beyond the end is the end.</summary>
    public static int Clamped(double place, int length) => (int)Math.Clamp(JsNumber.ToInteger(place), 0, length);

    /// <summary>Negative places count from the end.</summary>
    public static int Relative(double place, int length)
    {
        var whole = JsNumber.ToInteger(place);
        return (int)(whole < 0 ? Math.Max(0, length + whole) : Math.Min(whole, length));
    }
}
