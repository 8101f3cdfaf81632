using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Platform.Templates.Schema;

/// <summary>The formats of texts that JSON Schema names. Others say nothing about a text.</summary>
internal static partial class SchemaFormats
{
    /// <summary>Null when it fits, or the format is none that is known; else what it should be.</summary>
    public static string? Wrong(string format, string text) => format switch
    {
        "date-time" => DateTimeForm().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : "must be a date and time, as in 2026-11-23T10:00:00Z",
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : "must be a date, as in 2026-11-23",
        "time" => TimeForm().IsMatch(text) ? null : "must be a time, as in 10:00:00Z",
        "email" or "idn-email" => EmailForm().IsMatch(text) ? null : "must be an e-mail address",
        "hostname" or "host-name" => text.Length <= 253 && HostForm().IsMatch(text) ? null : "must be a host name",
        "ipv4" or "ip-address" => IPAddress.TryParse(text, out var four) && four.AddressFamily == AddressFamily.InterNetwork && text.Count(letter => letter == '.') == 3 ? null : "must be an IPv4 address",
        "ipv6" => IPAddress.TryParse(text, out var six) && six.AddressFamily == AddressFamily.InterNetworkV6 && !text.Contains('[', StringComparison.Ordinal) ? null : "must be an IPv6 address",
        "uri" or "url" or "iri" => Uri.TryCreate(text, UriKind.Absolute, out var uri) && text.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase) && !text.Any(char.IsWhiteSpace) ? null : "must be an address with its scheme, as in https://example.com",
        "uri-reference" or "iri-reference" => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _) && !text.Any(char.IsWhiteSpace) ? null : "must be an address, or a part of one",
        "uuid" => Guid.TryParseExact(text, "D", out _) ? null : "must be a UUID",
        "json-pointer" => PointerForm().IsMatch(text) ? null : "must be a JSON pointer, as in /a/0",
        "color" => ColorForm().IsMatch(text) ? null : "must be a colour, as in #ff8800",
        "regex" => IsPattern(text) ? null : "must be a regular expression of JavaScript",
        _ => null,
    };

    private static bool IsPattern(string text)
    {
        try
        {
            _ = JsPattern.Parse(text, "", 0);
            return true;
        }
        catch (TemplateFault)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex DateTimeForm();

    [GeneratedRegex(@"^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimeForm();

    [GeneratedRegex(@"^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex EmailForm();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostForm();

    [GeneratedRegex(@"^(/([^~/]|~[01])*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PointerForm();

    [GeneratedRegex(@"^(#[0-9A-Fa-f]{3}|#[0-9A-Fa-f]{6}|[A-Za-z]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex ColorForm();
}
