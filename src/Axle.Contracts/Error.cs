namespace Axle.Contracts;

/// <summary>
/// A refusal, as a value: what is wrong, and what to do next. A code never changes once released.
/// </summary>
/// <param name="Code">For programs: <c>capability.what</c>.</param>
/// <param name="Message">One sentence that names the thing.</param>
/// <param name="Next">The next step, usually an <c>axle</c> command; null when there is none.</param>
/// <param name="Status">The HTTP status.</param>
public record Error(string Code, string Message, string? Next, int Status)
{
    /// <summary>Each single problem, where the refusal has several places (a file with many mistakes).</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];
}

/// <summary>One mistake at one place.</summary>
/// <param name="Message">What is wrong and what was expected.</param>
/// <param name="File">The file, relative to its repository.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Path">The field, as in <c>containers.web.variables.PORT</c>.</param>
public sealed record Problem(string Message, string? File = null, int? Line = null, int? Column = null, string? Path = null)
{
    public override string ToString() =>
        string.Concat(File, Line is null ? "" : $"{(File is null ? "line " : ":")}{Line}:{Column}", File is null && Line is null ? "" : ": ", Path is null ? "" : $"{Path}: ", Message);
}

/// <summary>Problem Details (RFC 9457) with Axle's extensions; the body of every failed request.</summary>
public sealed record ProblemDetails
{
    /// <summary><c>https://axle.dev/errors/&lt;code&gt;</c>.</summary>
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    public string? Detail { get; init; }

    public required string Code { get; init; }

    public string? Next { get; init; }

    public IReadOnlyList<Problem> Errors { get; init; } = [];

    public string? TraceId { get; init; }
}

/// <summary>Either a value or the reason why there is none.</summary>
public readonly struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, Error? error) => (_value, Error) = (value, error);

    public Error? Error { get; }

    public bool Ok => Error is null;

    /// <exception cref="InvalidOperationException">There is an error instead.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"{Error.Code}: {Error.Message}");

    /// <summary>For values known by an interface only, where the language has no implicit conversion.</summary>
    public static Result<T> Of(T value) => new(value, null);

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Error error) => new(default, error);

    public bool TryGet([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T value, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Error? error)
    {
        (value, error) = (_value, Error);
        return error is null;
    }

    public override string ToString() => Error is null ? $"{_value}" : $"{Error.Code}: {Error.Message}";
}
