using System.Globalization;

namespace OpenCrm.Portal.Mail;

/// <summary>The templates in words: the texts <c>Mail_KEY</c>, <c>Mail_KEY_to</c> and <c>Mail_KEY_when</c>, with <c>_</c> for <c>-</c>.</summary>
public static class TemplateWording
{
    /// <summary>
    /// The template's name, such as "MFA disabled"; with the language, such as "MFA disabled (Deutsch)", for a
    /// <see cref="TemplateDefinition.TextName(CultureInfo)"/> of another language than English.
    /// </summary>
    public static string Name(string key) => key.Split('/') switch
    {
        [var template, var language] when Languages.Find(language) is { } spoken =>
            string.Format(CultureInfo.CurrentCulture, Texts.Mail_NameIn, Name(template), spoken.NativeName),
        _ => Text(key, "") ?? key,
    };

    /// <summary>Who gets the mail, such as "System administrators".</summary>
    public static string Recipients(string key) => Text(key, "_to") ?? "";

    /// <summary>When it is sent, such as "Goes to every system administrator when somebody’s MFA is disabled."</summary>
    public static string Occasion(string key) => Text(key, "_when") ?? "";

    private static string? Text(string key, string what) =>
        Texts.ResourceManager.GetString($"Mail_{key.Replace('-', '_')}{what}", CultureInfo.CurrentUICulture);
}
