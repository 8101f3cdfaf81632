namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// Sorts as V8 does, also by comparisons that contradict each other, as those of texts with numbers do: what comes out
/// then depends on which elements are compared. Short lists take the very same steps; longer ones are merged from them.
/// </summary>
internal static class JsSort
{
    private const int RunMax = 32;

    /// <summary>Stable; undefined elements go to the end without being compared.</summary>
    public static List<T> Sorted<T>(IReadOnlyList<T> items, Func<T, bool> isUndefined, Comparison<T> compare)
    {
        var defined = items.Where(item => !isUndefined(item)).ToArray();
        Sort(defined, 0, defined.Length, compare);
        return [.. defined, .. items.Where(isUndefined)];
    }

    private static void Sort<T>(T[] items, int start, int end, Comparison<T> compare)
    {
        if (end - start <= RunMax || items.Length < 2 * RunMax)
        {
            Insert(items, start, end, compare);
            return;
        }

        var middle = start + ((end - start) / 2);
        Sort(items, start, middle, compare);
        Sort(items, middle, end, compare);
        Merge(items, start, middle, end, compare);
    }

    /// <summary>Takes the run that the items begin with, then puts each further one into its place by halving.</summary>
    private static void Insert<T>(T[] items, int start, int end, Comparison<T> compare)
    {
        for (var next = EndOfRun(items, start, end, compare); next < end; next++)
        {
            var pivot = items[next];
            var (low, high) = (start, next);
            while (low < high)
            {
                var middle = low + ((high - low) / 2);
                (low, high) = compare(pivot, items[middle]) < 0 ? (low, middle) : (middle + 1, high);
            }

            Array.Copy(items, low, items, low + 1, next - low);
            items[low] = pivot;
        }
    }

    /// <summary>A run that goes strictly down is turned round.</summary>
    private static int EndOfRun<T>(T[] items, int start, int end, Comparison<T> compare)
    {
        if (end - start < 2)
        {
            return end;
        }

        var next = start + 2;
        var falls = compare(items[start + 1], items[start]) < 0;
        while (next < end && compare(items[next], items[next - 1]) < 0 == falls)
        {
            next++;
        }

        if (falls)
        {
            Array.Reverse(items, start, next - start);
        }

        return next;
    }

    private static void Merge<T>(T[] items, int start, int middle, int end, Comparison<T> compare)
    {
        var left = items[start..middle];
        var (i, j) = (0, middle);
        for (var at = start; i < left.Length; at++)
        {
            items[at] = j < end && compare(items[j], left[i]) < 0 ? items[j++] : left[i++];
        }
    }
}
