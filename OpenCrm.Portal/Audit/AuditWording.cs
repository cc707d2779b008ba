using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Audit;

/// <summary>
/// Puts events into words. The texts are <c>Audit_KIND</c> and <c>Audit_KIND_Details</c>; a <c>{Property}</c> in them is replaced by the event's
/// value.
/// </summary>
public static partial class AuditWording
{
    /// <summary>The names of all kinds of events.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [.. typeof(AuditEvent).GetNestedTypes().Where(kind => !kind.IsAbstract && kind.IsSubclassOf(typeof(AuditEvent))).Select(kind => kind.Name)];

    public static string Of(string kind) => Text($"Audit_{kind}") ?? kind;

    /// <summary>Returns the details of an event in words; empty where the kind says everything.</summary>
    /// <param name="details">An entry's <see cref="AuditEntry.Details"/>.</param>
    /// <param name="time">Formats a time.</param>
    public static string Details(string kind, string details, Func<DateTimeOffset, string> time)
    {
        using var parsed = JsonDocument.Parse(details);
        var values = parsed.RootElement.EnumerateObject()
            .ToDictionary(property => property.Name, property => Word(property, time), StringComparer.Ordinal);
        // A setting that is one of a few values has words for them, such as Audit_WhoMustUseMfa_Everyone.
        if (parsed.RootElement.TryGetProperty("Setting", out var setting) && setting.GetString() is { } chosen)
        {
            foreach (var side in (string[])["Old", "New"])
            {
                if (parsed.RootElement.TryGetProperty(side, out var value) && value.ValueKind is JsonValueKind.String
                    && Known(chosen, value.GetString()!) is { } word)
                {
                    values[side] = word;
                }
            }
        }
        return Text($"Audit_{kind}_Details") is { } text
            ? Placeholder().Replace(text, found => values.GetValueOrDefault(found.Groups[1].Value, ""))
            : string.Join(", ", values.Select(value => $"{Spaced(value.Key)}: {value.Value}"));
    }

    /// <summary>Returns the name of who did it: a person's as it is, the portal's own words for everybody else in the reader's language.</summary>
    public static string Actor(string stored) => stored is AuditTrail.NotSignedIn or AuditTrail.Console or AuditTrail.Portal
        ? Known("Actor", stored) ?? stored
        : stored;

    /// <summary>Returns who did it and from which address, as a part of a line.</summary>
    /// <param name="address">None where nobody's computer was involved.</param>
    public static string Source(string stored, string? address) => (stored, AddressWording.Of(address)) switch
    {
        (_, null) => Actor(stored),
        (AuditTrail.NotSignedIn, var from) => string.Format(CultureInfo.CurrentCulture, Texts.Audit_NotSignedInFrom, from),
        (_, var from) => string.Format(CultureInfo.CurrentCulture, Texts.Audit_ByFrom, Actor(stored), from),
    };

    private static string Word(JsonProperty property, Func<DateTimeOffset, string> time) => property.Value.ValueKind switch
    {
        JsonValueKind.Null => Text($"Audit_{property.Name}_None") ?? Texts.Audit_None,
        JsonValueKind.True => Text($"Audit_{property.Name}_True") ?? Texts.Controls_Yes,
        JsonValueKind.False => Text($"Audit_{property.Name}_False") ?? Texts.Controls_No,
        JsonValueKind.Number when property.Value.TryGetInt64(out var number) => number.ToString("N0", CultureInfo.CurrentCulture),
        // What people typed stays as it is; all other strings are the portal's own words and have texts.
        JsonValueKind.String when property.Name is "Old" or "New" or "Name" or "Error" or "Server" or "Reason" => Typed(property.Value.GetString()!),
        JsonValueKind.String when property.Value.TryGetDateTimeOffset(out var at) => time(at),
        JsonValueKind.String when property.Name is "Template" => TemplateWording.Name(property.Value.GetString()!),
        JsonValueKind.String when property.Name is "Parts" => Parts(property.Value.GetString()!),
        JsonValueKind.String => Known(property.Name, property.Value.GetString()!) ?? Spaced(property.Value.GetString()!),
        _ => property.Value.ToString(),
    };

    private static string Parts(string parts) => string.Join(", ", parts.Split(", ").Select(part => Known("Parts", part) ?? part));

    /// <summary>Returns the text for one of the portal's own stored words; null if there is none. Its name has <c>_</c> for other signs.</summary>
    private static string? Known(string property, string word) => Text($"Audit_{property}_{Other().Replace(word, "_")}");

    private static string Typed(string value) => value switch
    {
        "True" => Texts.Controls_Yes,
        "False" => Texts.Controls_No,
        "" => Texts.Audit_None,
        _ => value,
    };

    /// <summary>Turns "MinimumLength" into "Minimum length".</summary>
    private static string Spaced(string name)
    {
        if (name.Contains(' ', StringComparison.Ordinal)) return name;
        var words = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            var begins = i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]);
            if (begins) words.Append(' ');
            words.Append(begins ? char.ToLowerInvariant(name[i]) : name[i]);
        }
        return words.ToString();
    }

    private static string? Text(string name) => Texts.ResourceManager.GetString(name, CultureInfo.CurrentUICulture);

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\W")]
    private static partial Regex Other();
}
