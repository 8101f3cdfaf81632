using System.Text.RegularExpressions;

namespace Axle.Platform.Workloads;

/// <summary>
/// The schema's patterns. All end with <c>\z</c> (.NET's <c>$</c> also matches before a trailing newline) and spell out
/// <c>[0-9]</c> (.NET's <c>\d</c> also matches other scripts' digits).
/// </summary>
internal static partial class ScoreForms
{
    public const string LabelWords = "name: 2 to 63 characters of a-z, 0-9 and '-', not starting or ending with '-'";
    public const string TypeWords = "type or class: 2 to 63 characters of A-Z, a-z, 0-9 and '-', not starting or ending with '-'";
    public const string IdWords = "id: up to 63 characters, labels of a-z, 0-9 and '-' separated by dots";
    public const string AnnotationWords = "annotation key: an optional host name and '/', then letters, digits, '-', '_' and '.'";
    public const string CpuWords = "CPU quantity; examples: \"0.5\", \"2\", \"250m\"";
    public const string MemoryWords = "memory quantity; examples: \"128Mi\", \"1.5G\"";
    public const string ModeWords = "file mode; examples: \"0644\", \"755\"";

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]\z")]
    public static partial Regex Label();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]\z")]
    public static partial Regex Type();

    [GeneratedRegex(@"^(?=.{2,63}\z)[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*\z")]
    public static partial Regex Id();

    [GeneratedRegex(@"^(?=.{2,316}\z)(([a-z0-9][a-z0-9-]{0,61}[a-z0-9])(\.[a-z0-9][a-z0-9-]{0,61}[a-z0-9])*/)?[A-Za-z0-9][A-Za-z0-9._-]{0,61}[A-Za-z0-9]\z")]
    public static partial Regex Annotation();

    [GeneratedRegex(@"^[^=\0]+\z")]
    public static partial Regex Variable();

    [GeneratedRegex(@"^0?[0-7]{3}\z")]
    public static partial Regex Mode();

    [GeneratedRegex(@"^[A-Za-z0-9_-]+\z")]
    public static partial Regex Header();

    [GeneratedRegex(@"^[^\0]+\z")]
    public static partial Regex Target();

    [GeneratedRegex(@"^score\.dev/v1b1\z")]
    public static partial Regex Version();
}
