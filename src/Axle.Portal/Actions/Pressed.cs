using Axle.Contracts;
using Microsoft.AspNetCore.Http;

namespace Axle.Portal.Actions;

/// <summary>What came of a button: a sentence about what was done, or the refusal.</summary>
internal sealed record Pressed(string? Done, Error? Error)
{
    public static Pressed Of<T>(Result<T> result, Func<T, string> done) => result.TryGet(out var value, out var error) ? new Pressed(done(value), null) : new Pressed(null, error);

    /// <summary>The form of a request. A button always sends one; whatever else comes gets the verb's own refusal, and no exception.</summary>
    public static async Task<IFormCollection> FormAsync(HttpRequest http, CancellationToken stop)
    {
        try
        {
            return http.HasFormContentType ? await http.ReadFormAsync(stop) : FormCollection.Empty;
        }
        catch (InvalidDataException)
        {
            // Zero bytes, or more fields or bytes than any form of ours has.
            return FormCollection.Empty;
        }
    }

    /// <summary>Back to a page, which shows what was said.</summary>
    /// <param name="page">Its path, escaped; it may have a query.</param>
    public IResult To(string page)
    {
        var query = Error is { } error
            ? QueryString.Create("error", error.Message).Add("next", error.Next ?? "")
            : QueryString.Create("done", Done ?? "Done");
        return TypedResults.LocalRedirect($"~{page}{(page.Contains('?', StringComparison.Ordinal) ? $"&{query.Value![1..]}" : query)}");
    }
}
