using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Axle.Tests.Catalog;

/// <summary>Answers with a file as hosts of sources do: with an entity tag, and without the text when it is asked for only if that is another one.</summary>
internal static class TaggedFile
{
    /// <summary>Whether the file was the same, and its text was not sent.</summary>
    public static async Task<bool> AnswerAsync(HttpContext context, string text)
    {
        var tag = $"\"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}\"";
        context.Response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return true;
        }

        await context.Response.WriteAsync(text);
        return false;
    }
}
