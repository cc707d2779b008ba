using System.Globalization;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The addresses of the editor, one for each language of a template.</summary>
internal static class TemplateAddress
{
    public static string Of(string key, CultureInfo language) =>
        $"{PortalUrls.EmailTemplates}/{key}{(language == Languages.English ? "" : $"?language={language.Name}")}";
}
