using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Platform.Templates.Schema;

/// <summary>
/// The formats of texts that JSON Schema names, as wide as Backstage takes them (the npm package jsonschema), so that an answer is
/// right in both or in none. Others say nothing about a text.
/// </summary>
internal static partial class SchemaFormats
{
    /// <summary>Null when it fits, or the format is none that is known; else what it should be.</summary>
    public static string? Wrong(string format, string text) => format switch
    {
        "date-time" => DateTimeForm().IsMatch(text) ? null : "must be a date and time, as in 2026-11-23T10:00:00Z",
        "date" => DateForm().IsMatch(text) ? null : "must be a date, as in 2026-11-23",
        "time" => TimeForm().IsMatch(text) ? null : "must be a time, as in 10:00:00",
        "email" => EmailForm().IsMatch(text) ? null : "must be an e-mail address",
        "hostname" or "host-name" => text.Length <= 255 && HostForm().IsMatch(text) ? null : "must be a host name",
        "ipv4" or "ip-address" => AddressForm().IsMatch(text) ? null : "must be an IPv4 address",
        "ipv6" => IPAddress.TryParse(text, out var six) && six.AddressFamily == AddressFamily.InterNetworkV6 && !text.Contains('[', StringComparison.Ordinal) ? null : "must be an IPv6 address",
        "uri" or "iri" => UriForm().IsMatch(text) ? null : "must be an address with its scheme, as in https://example.com",
        "uri-reference" or "iri-reference" => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _) && !text.Any(char.IsWhiteSpace) ? null : "must be an address, or a part of one",
        "uuid" => Guid.TryParseExact(text, "D", out _) ? null : "must be a UUID",
        "json-pointer" => PointerForm().IsMatch(text) ? null : "must be a JSON pointer, as in /a/0",
        "color" => ColorForm().IsMatch(text) ? null : "must be a colour, as in #ff8800",
        "phone" => PhoneForm().IsMatch(text) ? null : "must be a telephone number, as in +49 30 123456",
        "alpha" => text.Length > 0 && text.All(char.IsAsciiLetter) ? null : "must be letters only",
        "alphanumeric" => text.Length > 0 && text.All(char.IsAsciiLetterOrDigit) ? null : "must be letters and digits only",
        "regex" or "regexp" or "pattern" => IsPattern(text) ? null : "must be a regular expression of JavaScript",
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

    [GeneratedRegex(@"^[0-9]{4}-(0[0-9]|1[0-2])-(3[01]|0[1-9]|[12][0-9])[tT ](2[0-4]|[01][0-9]):[0-5][0-9]:(60|[0-5][0-9])(\.[0-9]+)?([zZ]|[+-][0-5][0-9]:(60|[0-5][0-9]))\z", RegexOptions.CultureInvariant)]
    private static partial Regex DateTimeForm();

    [GeneratedRegex(@"^[0-9]{4}-(0[0-9]|1[0-2])-(3[01]|0[1-9]|[12][0-9])\z", RegexOptions.CultureInvariant)]
    private static partial Regex DateForm();

    [GeneratedRegex(@"^(2[0-4]|[01][0-9]):[0-5][0-9]:(60|[0-5][0-9])\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimeForm();

    /// <summary>The host has a dot in it, or is an address in brackets.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+(\.[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+)*@(([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?|\[(([01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5])\.){3}([01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5])\])\z", RegexOptions.CultureInvariant)]
    private static partial Regex EmailForm();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostForm();

    [GeneratedRegex(@"^((25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\.){3}(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex AddressForm();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.-]*:\S*\z", RegexOptions.CultureInvariant)]
    private static partial Regex UriForm();

    [GeneratedRegex(@"^\+([0-9] ?){6,14}[0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex PhoneForm();

    [GeneratedRegex(@"^(/([^~/]|~[01])*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PointerForm();

    [GeneratedRegex(@"^(#[0-9A-Fa-f]{3}|#[0-9A-Fa-f]{6}|[A-Za-z]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex ColorForm();
}
